"""Cuts the text of a protocol into step texts and repeats.

Steps are parted by new lines, ; or commas; `Repeat 3 times: [...]` may be nested; # begins a comment; a step
or a file name in quotes stays whole. One pass over the text, no backtracking.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ionstone.core.errors import shown
from ionstone.experiment.messages import bad_protocol

MAX_TEXT = 1_000_000  # characters
MAX_DEPTH = 20  # lists and repeats inside each other
MAX_COUNT = 100_000  # of one repeat
EXAMPLE = 'write for example "Repeat 3 times: [Discharge at 1C until 2.5 V; Rest for 1 hour]"'

_TOKEN = re.compile(r'"[^"\n]*"|\'[^\'\n]*\'|(?<![^\s;,\[])#[^\n]*|[\n;,\[\]]|[^"\'#\n;,\[\]]+|.')
_REPEAT = re.compile(r"repeat\s+([^\s:]+)(?:\s+times?)?\s*:?", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]+")


@dataclass(frozen=True)
class Repeat:
    """Items, each a step or a repeat, that run `count` times."""

    count: int
    items: tuple[Any, ...]


def read_repeat(head: str) -> int:
    """The count in "Repeat 3 times:"; InputError for anything else."""
    match = _REPEAT.fullmatch(head.strip())
    if not match:
        raise bad_protocol(f"{shown(head, 40)} before a bracket is not understood", EXAMPLE)
    if not re.fullmatch("[0-9]{1,9}", match[1]) or not 1 <= int(match[1]) <= MAX_COUNT:
        raise bad_protocol(
            f"cannot repeat {shown(match[1], 20)} times", f"use a whole number from 1 to {MAX_COUNT}"
        )
    return int(match[1])


def split_text(text: str) -> list[str | Repeat]:
    """Step texts and repeats in a protocol text; InputError where it is too long or badly bracketed."""
    if len(text) > MAX_TEXT:
        raise bad_protocol(
            f"its text has {len(text)} characters, {MAX_TEXT} are allowed", "use Repeat for cycles"
        )
    comma = None if '"' in text or "'" in text else _DECIMAL_COMMA.search(text)
    if comma:
        raise bad_protocol(
            f"comma inside the number {shown(comma[0], 30)}", "write numbers with a point, 1.5"
        )
    open_lists: list[tuple[int | None, list[str | Repeat]]] = [
        (None, [])
    ]  # count (None: a plain list), items
    piece, closed = "", False
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == "[":
            open_lists.append((read_repeat(piece) if piece.strip() else None, []))
            piece = ""
            if len(open_lists) > MAX_DEPTH + 1:
                raise bad_protocol(f"its brackets are nested deeper than {MAX_DEPTH} levels", "flatten it")
        elif token == "]":
            _add(open_lists[-1][1], piece, closed)
            if len(open_lists) == 1:
                raise bad_protocol('a "]" without its "["', EXAMPLE)
            count, items = open_lists.pop()
            if not items:
                raise bad_protocol("empty brackets", EXAMPLE)
            open_lists[-1][1].extend(items if count is None else [Repeat(count, tuple(items))])
            piece, closed = "", True
            continue
        elif token in ("\n", ";", ","):
            if token == "\n" and _waits_for_bracket(piece):
                continue
            _add(open_lists[-1][1], piece, closed)
            piece, closed = "", False
        elif not token.startswith("#"):
            piece += token
        if closed and piece.strip():
            raise bad_protocol(f'{shown(piece, 40)} follows a "]"', "part steps with a new line or ;")
    _add(open_lists[-1][1], piece, closed)
    if len(open_lists) > 1:
        raise bad_protocol('a "[" is not closed', EXAMPLE)
    return open_lists[0][1]


def _waits_for_bracket(piece: str) -> bool:
    """Whether the next line goes on with the bracket of "Repeat 3 times:"."""
    head = piece.strip() if len(piece) < 100 else ""
    return head.lower().startswith("repeat") and head.endswith(":")


def _add(items: list[str | Repeat], piece: str, closed: bool) -> None:
    """Add one step text, without quotes around all of it."""
    step = piece.strip()
    if not step or closed:
        return
    if step[0] in "\"'" and step[-1] == step[0] and len(step) > 1 and step.count(step[0]) == 2:
        step = step[1:-1].strip()
    elif step.count('"') % 2:
        raise bad_protocol(f"a quote in {shown(step, 40)} is not closed", "close it on the same line")
    if step.lower().startswith("repeat"):
        raise bad_protocol(f"{shown(step, 40)} has no brackets", EXAMPLE)
    items.append(step)
