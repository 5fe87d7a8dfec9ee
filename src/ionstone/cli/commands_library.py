"""``ionstone cells | materials | vehicles | cycles | show | init``: what is built in, and a file to start
from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from ionstone.cli import console
from ionstone.cli.options import Json

if TYPE_CHECKING:
    from ionstone.cli.records import Line, Sheet

_PATH, _VALUE, _RANGE = 38, 17, 15
"""Columns of a sheet of ``show``; evidence and source take the rest."""


def cells(as_json: Json = False) -> int:
    """List the built-in cells."""
    from ionstone.cell_design import cell_names, load_cell

    return _list([(name, load_cell(name).title) for name in cell_names()], as_json)


def materials(as_json: Json = False) -> int:
    """List the built-in materials."""
    from ionstone.materials import load_material, material_names

    return _list([(name, load_material(name).title) for name in material_names()], as_json)


def vehicles(as_json: Json = False) -> int:
    """List the built-in cars."""
    from ionstone.vehicle import list_vehicles, load_vehicle

    return _list([(name, load_vehicle(name).title) for name in list_vehicles()], as_json)


def cycles(as_json: Json = False) -> int:
    """List the built-in drive cycles."""
    from ionstone.vehicle import list_cycles, load_cycle

    return _list([(name, load_cycle(name).title) for name in list_cycles()], as_json)


def _list(items: Sequence[tuple[str, str]], as_json: bool) -> int:
    if as_json:
        console.print_json([{"name": name, "title": title} for name, title in items])
    else:
        console.print_table(("Name", "What it is"), items, fold=(1,))
    return 0


def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A cell (name or file), material, vehicle or cycle.")
    ],
    as_json: Json = False,
) -> int:
    """Show every number of something, with its source.

    NAME is a cell (or its file), a material, a vehicle or a cycle; each number has unit, range, source
    and evidence.
    """
    from ionstone.cli.records import sheet

    found = sheet(name)
    if as_json:
        console.print_json(found.to_json_dict())
        return 0
    _print_sheet(found)
    return 0


def _print_sheet(found: Sheet) -> None:
    from rich.text import Text

    out = console.output()
    headings = _columns("Parameter", "Value", "Range", "Evidence, known by [source]")
    out.print(Text(f"{found.name}: {found.title}\n"))
    out.print(Text(headings, style="bold"), soft_wrap=True)
    keys: dict[str, int] = {}
    for line in found.lines:
        number = f" [{keys.setdefault(line.source, len(keys) + 1)}]" if line.source else ""
        grade = ", ".join(part for part in (line.evidence, line.known_by) if part)
        for text in _record(line, grade + number):
            out.print(Text(text), soft_wrap=True)
    out.print()
    for source, key in keys.items():
        for text in wrap(f"[{key}] {source}", out.width, subsequent_indent="     "):
            out.print(Text(text), soft_wrap=True)


def _record(line: Line, grade: str) -> Iterator[str]:
    """The lines of one parameter; a path too long for its column stands alone, what else is stands below."""
    unit = line.shown.partition(" ")[2]
    path, shown = line.path, line.shown
    span = line.range.removesuffix(f" {unit}") if unit else line.range
    below = []
    if len(shown) >= _VALUE:
        below.append(shown)
        shown = "(below)"
    if len(span) >= _RANGE:
        below.append(f"range {line.range}")
        span = ""
    if len(path) >= _PATH:
        yield path
        path = ""
    yield _columns(path, shown, span, grade)
    for text in below:
        yield from wrap(text, console.WIDTH, initial_indent="    ", subsequent_indent="    ")


def _columns(path: str, shown: str, span: str, grade: str) -> str:
    return f"{path:<{_PATH}}{shown:<{_VALUE}}{span:<{_RANGE}}{grade}".rstrip()


def init(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The .yaml file to write; it must not exist yet.")
    ],
    as_json: Json = False,
) -> int:
    """Write a complete, commented cell file to start from."""
    from ionstone.cell_design.template import write_template

    written = write_template(file)
    if as_json:
        console.print_json({"file": str(written)})
    else:
        console.message(f"wrote {written}; next: ionstone show {written}")
    return 0
