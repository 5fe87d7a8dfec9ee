"""``ionstone compare``: cells side by side in the same car."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ionstone.cli import console
from ionstone.cli.options import Json, choice, temperature

if TYPE_CHECKING:
    from ionstone.study.comparison.rows import Comparison, Row


def compare(
    cells: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CELL]...", help="Names, YAML or BPX files; without any, the reference cells."
        ),
    ] = None,
    vehicle: Annotated[str, typer.Option("--vehicle", metavar="NAME", help="The car.")] = "tesla-model-3-lr",
    cycle: Annotated[str, typer.Option("--cycle", metavar="NAME", help="The drive cycle.")] = "wltc_3b",
    ambient: Annotated[
        str,
        typer.Option(
            "--temperature", metavar="T", help="Ambient of the first range; the second is at -10 degC."
        ),
    ] = "25 degC",
    same: Annotated[
        str, typer.Option("--same", metavar="WHAT", help="Packs of the same mass, volume or range.")
    ] = "mass",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the report, one self-contained .html page."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Put cells into the same car, side by side.

    Prints the energy of each cell and of its pack, the range at two ambients, the time to charge from 10
    to 80 %, and what limits the charge.
    """
    from ionstone.results.files import check_writable
    from ionstone.study.car.sizes import SIZES

    same, warm = choice(same, "--same", SIZES), temperature(ambient)
    if out is not None:
        check_writable(out, (".html",))
    from ionstone.study.comparison.compare import REFERENCE_CELLS
    from ionstone.study.comparison.compare import compare as compare_cells

    wanted = cells or list(REFERENCE_CELLS)
    with console.progress_bar(len(wanted), "cells") as progress:
        comparison = compare_cells(
            wanted,
            vehicle=vehicle,
            cycle=cycle,
            temperature=warm,
            same=same,
            pictures=out is not None,
            progress=progress,
        )
    if as_json:
        console.print_json(comparison.to_json_dict())
    else:
        print_comparison(comparison)
    for row in comparison.failed:
        console.error_line(f"{row.name}: {row.message}")
    if out is not None and comparison.rows:
        _write_report(comparison, out)
    if comparison.interrupted:
        console.message(f"{len(comparison.rows)} of {len(wanted)} cells are done")
        return 130
    return 1 if comparison.failed else 0


def _write_report(comparison: Comparison, out: Path) -> None:
    from ionstone.results.files import write_atomically
    from ionstone.study.comparison.report import render

    written = write_atomically(out, render(comparison))
    size = written.stat().st_size / 1e6
    console.message(f"report: {written.resolve()} ({size:.1f} MB, one page, no network needed)")


def print_comparison(comparison: Comparison) -> None:
    """The table, and what each cell has to say about itself."""
    warm, cold = comparison.temperature - 273.15, comparison.cold - 273.15
    sized = comparison.same == "range"
    headings = (
        "Cell",
        *(
            ("Wh/\nkg", "Wh/\nL", "Pack\nkWh", "Pack\nkg", "Pack\nL")
            if sized
            else ("Wh/kg", "Wh/L", "Pack\nkWh")
        ),
        *(() if sized else (f"km at\n{warm:g} °C",)),
        f"km at\n{cold:g} °C",
        "10-80 %\nmin",
        "Charge\nlimited by",
    )
    car = comparison.vehicle_title or comparison.vehicle
    title = f"{car}, {comparison.cycle}, {comparison.packs}"
    rows = [_cells(row, sized) for row in comparison.rows]
    styles = ["red" if row.code else "" for row in comparison.rows]
    console.print_table(headings, rows, title=title, right=range(1, len(headings) - 1), styles=styles)
    for row in comparison.rows:
        for note in row.notes:
            console.message(f"{row.name}: {note}")


def _cells(row: Row, sized: bool) -> list[str]:
    return [
        row.name,
        _figure(row.specific_energy, 1 / 3600, 0),
        _figure(row.energy_density, 1 / 3.6e6, 0),
        _figure(row.pack_energy, 1 / 3.6e6, 1),
        *((_figure(row.pack_mass, 1, 0), _figure(row.pack_volume, 1e3, 0)) if sized else ()),
        *(() if sized else (_figure(row.range, 1e-3, 0),)),
        _figure(row.range_cold, 1e-3, 0),
        _figure(row.charge_time, 1 / 60, 1),
        row.charge_limit or "-",
    ]


def _figure(value: float | None, scale: float, digits: int) -> str:
    return "-" if value is None or value != value else f"{value * scale:.{digits}f}"
