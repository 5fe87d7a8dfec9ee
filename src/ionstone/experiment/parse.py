"""Texts, files, lists and objects -> Protocol.

Everything first becomes a tree of steps and repeats, whose number of steps is known before it is written out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ionstone.core.documents import read_text
from ionstone.core.errors import shown
from ionstone.experiment.checks import MAX_STEPS, check_protocol
from ionstone.experiment.cycle_file import CONTROLS, read_cycle
from ionstone.experiment.for_cell import in_amperes
from ionstone.experiment.grammar import is_verb, parse_step
from ionstone.experiment.messages import bad_protocol
from ionstone.experiment.protocol_yaml import read_list
from ionstone.experiment.steps import Profile, Protocol, Step
from ionstone.experiment.tree import EXAMPLE, MAX_DEPTH, Repeat, read_repeat, split_text

#: protocols of texts that read no file, kept by their text
_texts: OrderedDict[tuple[str, float | str | None], Protocol] = OrderedDict()
_KEPT = 256
SUFFIXES = (".txt", ".yaml", ".yml", ".csv")
Source = str | Path | Step | Protocol | Mapping[str, Any] | Sequence[Any]


def parse_protocol(source: Source, nominal_capacity: float | str | None = None) -> Protocol:
    """The protocol that a text, a file, objects, or a list of all of them describe, checked.

    source: a text ("Discharge at 1C until 2.5 V; Rest for 1 hour"); the path of a text file, of a YAML list
      or of a cycle file (CSV); Step and Protocol objects; lists of these, and {"Repeat 3 times": [...]}.
    nominal_capacity [A s]: where given, C-rates become currents (1C is nominal_capacity / 3600 s).

    Files named in a protocol file are looked for beside it. `Limit.then` in a Protocol counts from the first
    step of that Protocol, in a bare Step from the first step of all.
    Raises InputError, one line with the step, what is wrong and the remedy.
    """
    if not isinstance(source, str) or _as_file(source):
        return _parsed(source, _Reader(), nominal_capacity)
    known = _texts.get((source, nominal_capacity))
    if known is None:
        reader = _Reader()
        known = _parsed(source, reader, nominal_capacity)
        if not reader.cycles:  # a file may change
            _texts[source, nominal_capacity] = known
            while len(_texts) > _KEPT:
                _texts.popitem(last=False)
    return known


def _parsed(source: Source, reader: _Reader, nominal_capacity: float | str | None) -> Protocol:
    nodes = reader.nodes(source)
    count = _count(nodes)
    if count > MAX_STEPS:
        raise bad_protocol(
            f"it has {count if count < 1e9 else float(count)} steps in all, {MAX_STEPS} are allowed",
            "lower the number of repeats",
        )
    steps: list[Step] = []
    _write_out(nodes, steps)
    text = source.text if isinstance(source, Protocol) else _text(nodes)
    protocol = check_protocol(Protocol(tuple(steps), text))
    return protocol if nominal_capacity is None else in_amperes(protocol, nominal_capacity)


Node = Step | Protocol | Repeat


@dataclass
class _Reader:
    """Reads sources into nodes; each text and each cycle file is read once."""

    steps: dict[tuple[str, Path], Step] = field(default_factory=dict)
    cycles: dict[tuple[Path, str | None], tuple[str, Profile]] = field(default_factory=dict)

    def nodes(self, source: Any, folder: Path | None = None, depth: int = 0) -> list[Node]:
        """The nodes in a source; `folder` is that of the protocol file it is in, None outside of files."""
        if depth > MAX_DEPTH:
            raise bad_protocol(f"it is nested deeper than {MAX_DEPTH} levels", "flatten its lists")
        if isinstance(source, (Step, Protocol)):
            return [source]
        if isinstance(source, Path):
            return self._file(source)
        if isinstance(source, str):
            path = None if folder else _as_file(source)
            return self._file(path) if path else self._texts(split_text(source), folder or Path())
        if isinstance(source, Mapping):
            if len(source) != 1:
                raise bad_protocol(
                    f"a mapping with {len(source)} keys", 'use {"Repeat 3 times": ["Rest for 1 hour"]}'
                )
            [(head, items)] = source.items()
            return [Repeat(read_repeat(str(head)), tuple(self._filled(items, folder, depth)))]
        if isinstance(source, (list, tuple)):
            return [node for item in source for node in self.nodes(item, folder, depth + 1)]
        wrong = f"{shown(source)} is a {type(source).__name__}, not a step"
        raise bad_protocol(wrong, "give texts, Step, Protocol or Path objects, or a list of them")

    def _filled(self, items: Any, folder: Path | None, depth: int) -> list[Node]:
        nodes = self.nodes(items, folder, depth + 1)
        if not nodes:
            raise bad_protocol("a repeat without steps", EXAMPLE)
        return nodes

    def _file(self, path: Path) -> list[Node]:
        suffix = path.suffix.lower()
        if suffix == ".csv":
            unit, profile = read_cycle(path)
            return [Step(CONTROLS[unit], profile, text=f'Run "{path}" ({unit})')]
        if suffix in (".yaml", ".yml"):
            return self.nodes(read_list(path), path.parent)
        return self.nodes(read_text(path), path.parent)

    def _texts(self, tree: Sequence[str | Repeat], folder: Path) -> list[Node]:
        nodes: list[Node] = []
        for item in tree:
            if isinstance(item, Repeat):
                nodes.append(Repeat(item.count, tuple(self._texts(item.items, folder))))
                continue
            if (item, folder) not in self.steps:
                self.steps[item, folder] = parse_step(
                    item, lambda name, unit: self._cycle(folder / name, unit)
                )
            nodes.append(self.steps[item, folder])
        return nodes

    def _cycle(self, path: Path, unit: str | None) -> tuple[str, Profile]:
        if (path, unit) not in self.cycles:
            self.cycles[path, unit] = read_cycle(path, unit)
        return self.cycles[path, unit]


def _as_file(text: str) -> Path | None:
    """The path that a text means: it begins with no word of a step and has a known suffix or is a file."""
    line = text.strip()
    if not line or len(line) > 1000 or is_verb(line.split()[0]) or any(mark in line for mark in "\n;["):
        return None
    path = Path(line)
    try:
        return path if path.suffix.lower() in SUFFIXES or path.is_file() else None
    except (OSError, ValueError):
        return None


def _count(nodes: Sequence[Node]) -> int:
    """Number of steps, repeats written out."""
    total = 0
    for node in nodes:
        if isinstance(node, Repeat):
            total += node.count * _count(node.items)
        else:
            total += len(node.steps) if isinstance(node, Protocol) else 1
    return total


def _write_out(nodes: Sequence[Node], steps: list[Step]) -> None:
    """Append the steps of the nodes in order; jumps inside a Protocol move with it."""
    for node in nodes:
        if isinstance(node, Repeat):
            for _ in range(node.count):
                _write_out(node.items, steps)
        elif isinstance(node, Protocol):
            first = len(steps)
            steps.extend(_moved(step, first) for step in node.steps)
        else:
            steps.append(node)


def _moved(step: Step, first: int) -> Step:
    if not first or all(limit.then is None for limit in step.until):
        return step
    until = (limit if limit.then is None else replace(limit, then=limit.then + first) for limit in step.until)
    return replace(step, until=tuple(until))


def _text(nodes: Sequence[Node]) -> str:
    """The nodes as protocol text, repeats kept."""
    parts = []
    for node in nodes:
        plain = node if not isinstance(node, Repeat) else None
        parts.append(plain.text if plain else f"Repeat {node.count} times: [{_text(node.items)}]")  # type: ignore[union-attr]
    return "; ".join(parts)
