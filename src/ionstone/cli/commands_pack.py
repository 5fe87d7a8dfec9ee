"""``ionstone pack``: a pack of cells in series and parallel, from a file, alone or under a protocol."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ionstone.cli import console
from ionstone.cli.commands_run import write_chart
from ionstone.cli.options import PLOT_KINDS, Json, fraction, temperature

if TYPE_CHECKING:
    from ionstone.pack.network import Pack
    from ionstone.pack.result import PackRun


def pack(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A pack's YAML file.")],
    protocol: Annotated[
        str | None,
        typer.Option(
            "--protocol", metavar="TEXT", help='In the terms of one cell, as in "Discharge at 1C until 3 V".'
        ),
    ] = None,
    soc: Annotated[
        str | None, typer.Option("--soc", metavar="PART", help='State of charge at the start, as in "50%".')
    ] = None,
    ambient: Annotated[
        str | None, typer.Option("--temperature", metavar="T", help='At the start and around: "25 degC".')
    ] = None,
    car: Annotated[
        str | None,
        typer.Option("--car-voltage", metavar="RANGE", help='What the car takes, as in "240 V to 450 V".'),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw a .html, .svg or .png file.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Print what a pack of cells is, and run a protocol on it."""
    from ionstone.pack.file import load_pack
    from ionstone.results.files import check_writable

    if plot is not None:
        check_writable(plot, PLOT_KINDS, "--plot")
    found = load_pack(file)
    if car is not None:
        found.check_voltage(*_range(car))
    options: dict[str, Any] = {}
    if soc is not None:
        options["soc"] = fraction(soc, "--soc")
    if ambient is not None:
        options["temperature"] = temperature(ambient)
    run = found.simulate(protocol, **options) if protocol is not None else None
    if run is not None and plot is not None:
        write_chart(run.chart(), plot)
        console.message(f"drew {plot}")
    figures = found.figures()
    if as_json:
        console.print_json({"pack": figures, "run": run.summary if run is not None else None})
    else:
        console.print_pairs(_design(found, figures) + (_run(run) if run is not None else []))
    return 0


def _range(text: str) -> tuple[float, float]:
    from ionstone.core.errors import InputError
    from ionstone.core.quantities import to_si

    parts = text.split(" to ")
    if len(parts) != 2:
        raise InputError(f'--car-voltage: {text!r} is no range; write it as in "240 V to 450 V"')
    low, high = (to_si(part.strip(), "V", "--car-voltage") for part in parts)
    if not 0 <= low < high:
        raise InputError(f"--car-voltage: {low:g} to {high:g} V is empty; give the lower one first")
    return low, high


def _design(found: Pack, f: dict[str, Any]) -> list[tuple[str, str]]:
    rows = [
        ("Pack", f"{found.series} in series, {found.parallel} in parallel of {found.cell.name}"),
        ("Energy", f"{f['energy'] / 3.6e6:.4g} kW h"),
        ("Voltage", f"{f['voltage']:.4g} V, {f['voltage_lowest']:.4g} to {f['voltage_highest']:.4g} V"),
        ("Class", f"{f['voltage_class']:.0f} V" if f["voltage_class"] else "none of cars"),
        ("Mass", f"{f['mass']:.4g} kg, cells {f['cells_mass']:.4g} kg"),
        ("Volume", f"{1e3 * f['volume']:.4g} L"),
        ("Specific energy", f"{f['energy'] / f['mass'] / 3600:.4g} W h/kg"),
    ]
    held = found.hardware
    if held is not None:
        rows += [
            ("Pressure hardware", f"{held.kind}, {100 * held.mass_fraction:.3g} % of the cells' mass"),
            (
                "Pressure",
                f"{held.pressure_empty / 1e6:.3g} to {held.pressure_full / 1e6:.3g} MPa over charge",
            ),
            ("Force", f"{float(held.force(0.0)) / 1e3:.3g} to {float(held.force(1.0)) / 1e3:.3g} kN"),
            ("Breathing", f"{1e3 * held.breathing:.3g} mm in a row of {held.cells:.0f} cells"),
        ]
    return rows


def _run(run: PackRun) -> list[tuple[str, str]]:
    s: dict[str, Any] = run.summary
    return [
        ("Duration", f"{s['duration'] / 60:.5g} min"),
        ("Energy delivered", f"{s['energy'] / 3.6e6:.5g} kW h"),
        ("Lost in joints and busbars", f"{s['busbar_loss'] / 3600:.4g} W h"),
        (
            "State of charge at the end",
            f"{100 * s['soc_end']:.4g} %, cells {100 * s['soc_spread']:.3g} % apart",
        ),
        ("Highest temperature", f"{s['temperature_highest'] - 273.15:.4g} °C"),
        ("Widest spread of temperature", f"{s['temperature_spread']:.3g} K"),
        ("Limits that bound", s["limits"] or "none"),
        ("Speed", f"{s['cells_per_second']:.3g} cells x cycles a second, {s['lanes']:.0f} lanes"),
        ("Ended because", s["end_reason"]),
    ]
