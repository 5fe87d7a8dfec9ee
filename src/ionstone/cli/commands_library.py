"""``ionstone cells | materials | vehicles | cycles | show | init``: what is built in, and a file to start
from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ionstone.cli import console
from ionstone.cli.options import Json

_WIDE = 140
"""Columns of the sheets of ``show`` where they go into a file or a pipe."""


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
    keys: dict[str, int] = {}
    rows = []
    for line in found.lines:
        number = f" [{keys.setdefault(line.source, len(keys) + 1)}]" if line.source else ""
        grade = ", ".join(part for part in (line.evidence, line.known_by) if part)
        rows.append([line.path, line.shown, line.range, grade + number])
    headings = ("Parameter", "Value", "Range", "Evidence, known by [source]")
    title = f"{found.name}: {found.title}"
    console.print_table(headings, rows, title=title, fold=(1, 2, 3), width=_WIDE)
    for source, key in keys.items():
        console.output(_WIDE).print(f"[{key}] {source}")
    return 0


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
