"""``ionstone export``: a cell in a format that other programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ionstone.cli import console
from ionstone.cli.options import Json
from ionstone.core.errors import InputError


def export(
    cell: Annotated[str, typer.Argument(metavar="CELL", help="A built-in cell, or the path of a cell file.")],
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="The format; only bpx so far.")
    ] = "bpx",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The file to write (default: CELL.json).")
    ] = None,
    as_json: Json = False,
) -> int:
    """Write a cell as a BPX file and say what BPX cannot hold."""
    from ionstone.cell_design import load_cell
    from ionstone.cell_design.bpx_export import to_bpx

    if form != "bpx":
        raise InputError(f"--format: {form!r} is unknown: use bpx")
    found = load_cell(cell)
    content, lost = to_bpx(found)
    path = out or Path(f"{found.name}.json")
    if path.suffix != ".json":
        raise InputError(f"--out: {str(path)!r} is no JSON file: let its name end in .json")
    try:
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"--out: cannot write {str(path)!r} ({error.strerror}): name another file") from None
    if as_json:
        console.print_json({"file": str(path), "lost": lost})
        return 0
    console.message(f"wrote {path}; BPX does not hold:")
    for line in lost:
        console.message(f"- {line}")
    return 0
