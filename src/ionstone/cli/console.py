"""What goes where: results to stdout, progress and messages to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100
"""Columns of a table where the output is no terminal that says how wide it is."""

Progress = Callable[[str, str, float], None]


def error_line(message: str, prefix: str = "error: ") -> None:
    """One line on stderr."""
    print(f"{prefix}{message}", file=sys.stderr)


def message(text: str) -> None:
    """A message beside the result, on stderr."""
    print(text, file=sys.stderr)


def print_json(value: Any) -> None:
    """A result as JSON on stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def output(width: int = WIDTH) -> Console:
    """The console that results are printed to; ``width`` counts where it is no terminal."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout, width=None if terminal else width, highlight=False, markup=False, emoji=False
    )


def print_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    right: Sequence[int] = (),
    fold: Sequence[int] = (),
    styles: Sequence[str] = (),
    width: int = WIDTH,
) -> None:
    """A table on stdout. ``right`` and ``fold`` are the columns to align right and to wrap instead of
    cutting."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for index, heading in enumerate(headings):
        overflow = "fold" if index in fold else "ellipsis"
        justify = "right" if index in right else "left"
        table.add_column(Text(heading), justify=justify, overflow=overflow, no_wrap=index not in fold)  # type: ignore[arg-type]
    for index, row in enumerate(rows):
        table.add_row(*(Text(cell) for cell in row), style=styles[index] if styles else None)
    console = output(width)
    if title:
        console.print(title, soft_wrap=True)
    console.print(table)


def print_pairs(pairs: Sequence[tuple[str, str]], width: int = WIDTH) -> None:
    """Names and values on stdout, in two columns; long values go on below."""
    from textwrap import wrap

    first = max(len(name) for name, _ in pairs) + 2
    for name, value in pairs:
        lines = wrap(value, width - first) or [""]
        print(f"{name:<{first}}{lines[0]}")
        for line in lines[1:]:
            print(" " * first + line)


@contextmanager
def progress_bar(total: int, unit: str) -> Iterator[Progress]:
    """A bar on stderr for ``total`` items, each of which reports (name, what, part done); plain lines in
    a log."""
    if not sys.stderr.isatty():
        yield _log(total, unit)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(40),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"0 of {total} {unit}", total=total, state="")
        parts: dict[str, float] = {}

        def report(name: str, what: str, part: float) -> None:
            parts[name] = part
            done = sum(value >= 1 for value in parts.values())
            text = f"{done} of {total} {unit}"
            bar.update(task, completed=sum(parts.values()), description=text, state=f"{name}: {what}"[:50])

        yield report


@contextmanager
def counter(unit: str) -> Iterator[Callable[[int, int, str], None]]:
    """Tells (done, total, next one) on stderr: one line that changes, or plain lines in a log."""
    if not sys.stderr.isatty():
        yield lambda done, total, name: message(f"{done} of {total} {unit}: {name}")
        return
    from rich.console import Console

    with Console(stderr=True).status("") as line:
        yield lambda done, total, name: line.update(f"{done} of {total} {unit}: {name}")


def _log(total: int, unit: str) -> Progress:
    finished: set[str] = set()

    def report(name: str, what: str, part: float) -> None:
        if part >= 1 and name not in finished:
            finished.add(name)
            message(f"{len(finished)} of {total} {unit}: {name} {what}")

    return report
