"""``ionstone drive`` and ``ionstone charge``: a cell in a car, on a cycle and at a charger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ionstone.cli import console
from ionstone.cli.options import (
    DRIVE_MODELS,
    MODELS,
    PLOT_KINDS,
    CellName,
    DriveModel,
    Json,
    Model,
    Plot,
    choice,
    fraction,
    temperature,
)
from ionstone.core.errors import InputError, SimulationError

if TYPE_CHECKING:
    from ionstone.study.car.charge import ChargeResult
    from ionstone.study.car.drive import Drive
    from ionstone.study.car.drive_batch import Drives

PackOf = Annotated[
    Path | None,
    typer.Option("--pack", metavar="FILE", help="A pack's YAML file: each of its cells is computed."),
]
Car = Annotated[str, typer.Option("--vehicle", metavar="NAME", help="A car's name or YAML file.")]


def drive(
    cells: Annotated[
        list[str], typer.Argument(metavar="CELL...", help="Names, YAML files or BPX files of cells.")
    ],
    vehicle: Car = "tesla-model-3-lr",
    cycle: Annotated[
        str, typer.Option("--cycle", metavar="NAME", help='A cycle, a CSV, or a speed, as in "120 km/h".')
    ] = "wltc_3b",
    ambient: Annotated[
        list[str] | None,
        typer.Option("--temperature", metavar="T", help='Ambient, as in "-10 degC"; may be given again.'),
    ] = None,
    same: Annotated[
        str, typer.Option("--same", metavar="WHAT", help="Pack of the same mass, volume or range.")
    ] = "mass",
    pack: PackOf = None,
    model: DriveModel = "P2D",
    weather: Annotated[
        bool, typer.Option("--weather", help="Range at ambients from -30 to 45 degC instead.")
    ] = False,
    plot: Plot = None,
    energy: Annotated[
        Path | None, typer.Option("--energy", metavar="FILE", help="Draw where the energy goes, .html.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Drive a car with packs of this cell until it is empty, and print the range.

    The pack has the mass (or the volume, or the range) of the car's own, or comes from a file. Several cells
    or temperatures are driven as a batch, every cell at every temperature. The model "map" takes voltage and
    resistance from pulses of P2D: some tens of times quicker, within about half a percent where the pack
    gives all the power.
    """
    from ionstone.results.files import check_writable

    same, model = choice(same, "--same", ("mass", "volume", "range")), choice(model, "--model", DRIVE_MODELS)
    places = [temperature(text) for text in ambient or ["25 degC"]]
    if plot is not None:
        check_writable(plot, PLOT_KINDS, "--plot")
    if energy is not None:
        check_writable(energy, (".html",), "--energy")
    from ionstone.simulation import COARSE
    from ionstone.study.car import doors

    settings: dict[str, Any] = {"same": same, "model": model, "grid": COARSE}
    if pack is not None:
        settings = _pack_of(pack, same, model)
    if weather and len(cells) == 1:
        curve = doors.range_over_temperature(cells[0], vehicle, cycle, **settings)
        _draw(curve, plot)
        return _weather(curve, as_json)
    places = list(doors.WEATHER) if weather else places
    if len(cells) * len(places) > 1:
        if energy is not None:
            raise InputError("--energy: draws one drive: give one cell and one temperature")
        lanes = [(cell, at) for cell in cells for at in places]
        many = doors.drive([cell for cell, _ in lanes], vehicle, cycle, [at for _, at in lanes], **settings)
        _draw(many, plot)
        return print_drives(many, as_json)
    if pack is None:
        found = doors.drive(cells[0], vehicle, cycle, places[0], **settings)
    else:  # each of its cells is computed: that may take minutes
        with console.progress_bar(1, "drives") as report:

            def told(used: float) -> None:
                report(cells[0], f"{100 * used:.0f} % of the charge", min(used, 0.99))

            found = doors.drive(cells[0], vehicle, cycle, places[0], progress=told, **settings)
    _draw(found, plot)
    if energy is not None:
        _draw_energy(found, energy)
    if as_json:
        console.print_json(found.to_json_dict())
    else:
        print_drive(found)
    return 0


def print_drives(found: Drives, as_json: bool) -> int:
    """Drives side by side, one a row, and what went wrong; status 1 where one was not computed."""
    failed = int(bool(found.code.any()))
    if as_json:
        console.print_json(found.to_json_dict())
        return failed
    headings = ("Cell", "°C", "km", "kWh/100 km", "kWh", "Charge left / %", "Ended because")

    def ended(lane: int) -> str:
        if found.code[lane]:
            return "not computed"
        words = found.end_reason[lane]
        return "too little power" if words.startswith("ended with") else words

    rows = [
        [found.cell[i], f"{found.ambient[i] - 273.15:.0f}", f"{found.range[i] / 1000:.0f}",
         f"{found.consumption[i] / 36:.1f}", f"{found.energy[i] / 3.6e6:.1f}",
         f"{100 * found.soc_left[i]:.1f}", ended(i)]
        for i in range(len(found))
    ]  # fmt: skip
    title = f"{found.vehicle[0]}, {found.cycle[0]}"
    console.print_table(headings, rows, title=title, right=range(1, 6))
    for i in range(len(found)):
        at = f"{found.cell[i]} at {found.ambient[i] - 273.15:.0f} °C"
        reason = () if found.end_reason[i] in ("", "empty") else (found.end_reason[i],)
        for text in (*((found.message[i],) if found.code[i] else ()), *reason, *found.notes[i]):
            console.message(f"{at}: {text}")
    return failed


def _pack_of(file: Path, same: str, model: str) -> dict[str, Any]:
    """The pack of a file, for a drive or a charge. InputError where a size is asked for too."""
    from ionstone.pack.file import load_pack
    from ionstone.simulation import COARSE

    if same != "mass":
        raise InputError(f"--same {same}: the pack of --pack has its own size: leave one of them out")
    return {"pack": load_pack(file, model=model, grid=COARSE)}


def _draw(found: Any, plot: Path | None) -> None:
    if plot is not None:
        from ionstone.cli.commands_run import write_chart

        write_chart(found.chart(), plot)
        console.message(f"drew {plot}")


def _draw_energy(found: Drive, path: Path) -> None:
    from plotly.offline import get_plotlyjs

    from ionstone.plotting.page import page
    from ionstone.results.files import write_atomically
    from ionstone.study.car.charts import sankey

    write_atomically(path, page("energy", [sankey(found)], get_plotlyjs()), "--energy")
    console.message(f"drew {path}")


def _weather(curve: Any, as_json: bool) -> int:
    from ionstone.study.car.tables import plain

    columns = (curve.temperatures, curve.ranges, curve.consumptions)
    rows = list(zip(*(values.tolist() for values in columns), strict=True))
    if as_json:
        names = ("temperature", "range", "consumption")
        about = {"cell": curve.cell, "vehicle": curve.vehicle, "cycle": curve.cycle}
        points = [dict(zip(names, map(plain, row), strict=True)) for row in rows]
        console.print_json({**about, "points": points, "notes": list(curve.notes)})
        return 0
    shown = [[f"{t - 273.15:.0f}", f"{reach / 1000:.0f}", f"{use / 36:.1f}"] for t, reach, use in rows]
    title = f"{curve.cell} in {curve.vehicle}, {curve.cycle}"
    console.print_table(("Ambient / °C", "Range / km", "kWh/100 km"), shown, title=title, right=(0, 1, 2))
    for note in curve.notes:
        console.message(note)
    return 0


def print_drive(found: Drive) -> None:
    """The figures of a drive, one a line, and where its energy goes."""
    from ionstone.study.car.tables import flow_of

    flow, pack = flow_of(found), found.pack
    own = found.plan.vehicle.pack
    spent = f"{found.energy / 3.6e6:.1f} kWh, {found.energy / max(found.range, 1) / 36:.2f} kWh/100 km"
    warmest = f"{found.min_temperature - 273.15:.0f} to {found.max_temperature - 273.15:.0f} °C"
    rows = [
        ("Cell, car, cycle", f"{found.cell}, {found.vehicle}, {found.cycle}, {found.ambient - 273.15:g} °C"),
        ("Range", f"{found.range / 1000:.0f} km in {found.duration / 3600:.1f} h"),
        ("Energy out of the pack", spent),
        ("Pack", f"{pack.nominal_energy / 3.6e6:.1f} kWh, {pack.mass:.0f} kg, {pack.series} in series,"
                 f" {pack.strings:.1f} strings (the car's own: {own.gross_energy.value / 3.6e6:.1f} kWh,"
                 f" {own.mass.value:.0f} kg)"),
        ("Ended because", f"{found.end_reason}, {100 * found.soc_left:.1f} % of the charge left"),
        ("Cells", warmest),
    ]  # fmt: skip
    if found.warm_up_energy:
        rows.append(("Heating before", f"{found.warm_up_energy / 3.6e6:.1f} kWh out of the pack"))
    parts = (
        ("rolling", flow.rolling), ("drag", flow.drag), ("friction brakes", flow.brakes),
        ("drivetrain", flow.drivetrain), ("electronics", flow.auxiliary),
        ("cabin", flow.cabin + flow.warm_up),
        ("heating of the pack", flow.battery_heating), ("losses in the cells", flow.cells),
    )  # fmt: skip
    words = [f"{name} {value / 36:.2f}" for name, value in parts if value > 0.05]
    rows.append(("kWh/100 km go into", ", ".join(words)))
    rows += [("Note", note) for note in found.notes]
    console.print_pairs(rows)


def charge(
    cell: CellName,
    vehicle: Car = "tesla-model-3-lr",
    charger: Annotated[
        str | None,
        typer.Option("--charger", metavar="TEXT", help='As in "350 kW", or "150 kW, 400 A, 920 V".'),
    ] = None,
    start: Annotated[
        str, typer.Option("--from", metavar="PART", help='State of charge, as in "10%".')
    ] = "10%",
    stop: Annotated[str, typer.Option("--to", metavar="PART", help='State of charge, as in "80%".')] = "80%",
    ambient: Annotated[
        str, typer.Option("--temperature", metavar="T", help='Of ambient and pack, as in "0 degC".')
    ] = "25 degC",
    precondition: Annotated[
        str | None,
        typer.Option("--precondition", metavar="T", help="Heat the pack to this before plugging in."),
    ] = None,
    coolant: Annotated[
        str | None,
        typer.Option(
            "--coolant", metavar="T", help="Chill the coolant to this; else as warm as the pack was."
        ),
    ] = None,
    published_curve: Annotated[
        bool, typer.Option("--published-curve", help="Keep to the car's published charging curve too.")
    ] = False,
    same: Annotated[
        str, typer.Option("--same", metavar="WHAT", help="Pack of the same mass or volume.")
    ] = "mass",
    pack: PackOf = None,
    model: Model = "P2D",
    weather: Annotated[
        bool, typer.Option("--weather", help="Compare -20, 0, 25 and 45 degC instead.")
    ] = False,
    plot: Plot = None,
    as_json: Json = False,
) -> int:
    """Charge a pack of this cell as fast as every limit allows, and print time and limits.

    At each moment the current is held at the limit that binds: charger, cell current, upper cut-off, plating,
    critical current, temperature, depletion of the electrolyte.
    """
    from ionstone.results.files import check_writable

    same, model = choice(same, "--same", ("mass", "volume")), choice(model, "--model", MODELS)
    at, low, high = temperature(ambient), fraction(start, "--from"), fraction(stop, "--to")
    warm = None if precondition is None else temperature(precondition, "--precondition")
    cold = None if coolant is None else temperature(coolant, "--coolant")
    if plot is not None:
        check_writable(plot, PLOT_KINDS, "--plot")
    from ionstone.study.car import doors
    from ionstone.study.car.charts import charge_chart

    places = doors.CHARGE_WEATHER if weather else (at,)
    given: dict[str, Any] = {"same": same, "model": model}
    if pack is not None:
        given = _pack_of(pack, same, model)
    given |= {"precondition": warm, "published_curve": published_curve, "coolant": cold}
    many = doors.charge(cell, vehicle, charger, low, high, places, **given)
    found = many.computed
    for place, message in zip(places, many.message, strict=True):
        if message and found:
            console.message(f"at {place - 273.15:.0f} °C: {message}")
        elif message:
            raise SimulationError(message)
    if plot is not None:
        from ionstone.cli.commands_run import write_chart

        write_chart(charge_chart(found), plot)
        console.message(f"drew {plot}")
    if as_json:
        rows = [one.to_json_dict() for one in found]
        console.print_json({"charges": rows} if weather else rows[0])
    elif weather:
        print_charges(found)
    else:
        print_charge(found[0])
    return 0 if len(found) == len(places) and all(one.reached for one in found) else 1


def print_charge(found: ChargeResult) -> None:
    """The figures of a charge, one a line, and its limits in their order."""
    s = found.summary
    peak, mean = float(s["peak_power"]), float(s["mean_power"])
    pack = found.pack
    rows = [("Cell, car, charger", f"{found.cell}, {found.vehicle}, {found.charger}")]
    if pack is not None:
        rows.append(
            ("Pack", f"{pack.nominal_energy / 3.6e6:.1f} kWh, {pack.mass:.0f} kg, {pack.voltage:.0f} V")
        )
    rows += [
        ("Time", f"{found.minutes:.1f} min" if found.reached else "the end is not reached"),
        ("Into the pack", f"{found.energy / 3.6e6:.1f} kWh, {found.range_gained / 1000:.0f} km"
                          f" ({s['km_per_minute']:.1f} km a minute)"),
        ("Power", f"highest {peak / 1000:.0f} kW, mean {mean / 1000:.0f} kW"),
        ("Cells at most", f"{found.max_temperature - 273.15:.0f} °C"),
    ]  # fmt: skip
    if found.preheat_energy:
        rows.append(("Heating before", f"{found.preheat_energy / 3.6e6:.1f} kWh out of the pack"))
    shares = sorted(found.shares.items(), key=lambda item: -item[1])
    rows.append(("Held back by", ", ".join(f"{name} {100 * part:.0f} %" for name, part in shares)))
    rows += [("Note", note) for note in found.notes]
    console.print_pairs(rows)


def print_charges(found: list[ChargeResult]) -> None:
    """Charges side by side, one a row."""
    headings = ("°C", "min", "km a minute", "mean kW", "cells at most / °C", "Held back by")
    rows = [
        [f"{one.ambient - 273.15:.0f}", f"{one.minutes:.1f}" if one.reached else "-",
         f"{one.summary['km_per_minute']:.1f}", f"{float(one.summary['mean_power']) / 1000:.0f}",
         f"{one.max_temperature - 273.15:.0f}", one.limit]
        for one in found
    ]  # fmt: skip
    first = found[0]
    title = f"{first.cell} in {first.vehicle}, {first.charger}"
    console.print_table(headings, rows, title=title, right=range(5))
    for one in found:
        for note in one.notes:
            console.message(f"at {one.ambient - 273.15:.0f} °C: {note}")
