"""``ionstone run``: one cell under one protocol."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ionstone.cli import console, tables
from ionstone.cli.options import (
    HEAT,
    MODELS,
    PLOT_KINDS,
    AllowLaws,
    CellName,
    Heat,
    Json,
    Laws,
    Model,
    Plot,
    choice,
    duration,
    fraction,
    temperature,
)

if TYPE_CHECKING:
    from ionstone.results import Run

RUN_KINDS = (".csv", ".parquet", ".nc")


def run(
    cell: CellName,
    protocol: Annotated[
        list[str],
        typer.Option(
            "--protocol",
            metavar="TEXT",
            help='As in "Discharge at 1C until 2.5 V"; repeat it, or name a file. Or one of hppc, gitt, '
            'rate_test, ocv, cc_cv_charge, as in "hppc(pulse=10 s)".',
        ),
    ],
    model: Model = "P2D",
    ambient: Annotated[
        str | None,
        typer.Option(
            "--temperature",
            metavar="T",
            help='As in "25 degC", the default (but a cell that must be warm is warm).',
        ),
    ] = None,
    heat: Heat = "isothermal",
    soc: Annotated[
        str | None, typer.Option("--soc", metavar="PART", help='Initial state of charge, as in "50%".')
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", metavar="TIME", help='Fixed output spacing, as in "10 s".')
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write a .csv, .parquet or .nc file.")
    ] = None,
    plot: Plot = None,
    laws: Laws = None,
    allow_laws: AllowLaws = False,
    as_json: Json = False,
) -> int:
    """Run a protocol on a cell and print its summary."""
    model, heat = choice(model, "--model", MODELS), choice(heat, "--heat", HEAT)
    options: dict[str, Any] = {}
    if ambient is not None:
        options["temperature"] = temperature(ambient)
    if soc is not None:
        options["soc"] = fraction(soc, "--soc")
    if period is not None:
        options["period"] = duration(period, "--period")
    if laws is not None:
        options["laws"] = laws
    from ionstone.results.files import check_writable

    if out is not None:
        check_writable(out, RUN_KINDS)
    if plot is not None:
        check_writable(plot, PLOT_KINDS, "--plot")
    from ionstone import load_cell, simulate
    from ionstone.core.errors import SimulationError
    from ionstone.experiment import protocol_name

    steps = protocol[0] if len(protocol) == 1 else protocol
    name = protocol_name(steps)
    try:
        result = simulate(load_cell(cell), steps, model=model, heat=heat, allow_laws=allow_laws, **options)
    except SimulationError as error:
        console.error_line(str(error))
        if error.run is not None:
            _deliver(error.run, out, plot, as_json, name)
        return 1
    _deliver(result, out, plot, as_json, name)
    return 0 if result.code == 0 else 1


def _deliver(
    result: Run, out: Path | None, plot: Path | None, as_json: bool, name: str | None = None
) -> None:
    if out is not None:
        result.write(out)
        signs = "discharge" if out.suffix.lower() == ".nc" else "charge (Battery Data Format)"
        console.message(f"wrote {out}: {result.time.size} points, current positive on {signs}")
    if plot is not None:
        draw(result, plot)
        console.message(f"drew {plot}")
    table = tables.table_of(name, result) if name else None
    if as_json:
        numbers = {key: _finite(values) for key, values in table.items()} if table else None
        console.print_json(result.to_json_dict() | ({"table": numbers} if numbers else {}))
    else:
        print_summary(result)
        if table:
            tables.print_named(table)


def _finite(values: Any) -> list[float | None]:
    return [value if value == value else None for value in values.tolist()]


def draw(result: Run, path: Path) -> None:
    """Draw a run into a .html, .svg or .png file."""
    write_chart(result.chart(), path)


def write_chart(chart: Any, path: Path) -> None:
    """Write a chart as a .html, .svg or .png file."""
    from ionstone.results.files import write_atomically

    kind = path.suffix.lower()
    if kind == ".html":
        from ionstone.plotting.interactive import chart_html

        write_atomically(path, chart_html(chart), "--plot")
    else:
        from ionstone.plotting.static import chart_image

        write_atomically(path, chart_image(chart, kind[1:]), "--plot")


_SHOWN = (
    ("duration", "Duration", "min", 1 / 60, 0.0),
    ("discharge_capacity", "Discharged", "A h", 1 / 3600, 0.0),
    ("discharge_energy", "Energy delivered", "W h", 1 / 3600, 0.0),
    ("mean_discharge_voltage", "Mean voltage on discharge", "V", 1.0, 0.0),
    ("charge_capacity", "Charged", "A h", 1 / 3600, 0.0),
    ("charge_energy", "Energy taken", "W h", 1 / 3600, 0.0),
    ("mean_charge_voltage", "Mean voltage on charge", "V", 1.0, 0.0),
    ("min_voltage", "Lowest voltage", "V", 1.0, 0.0),
    ("max_voltage", "Highest voltage", "V", 1.0, 0.0),
    ("max_temperature", "Highest temperature", "°C", 1.0, -273.15),
    ("final_soc", "State of charge at the end", "%", 100.0, 0.0),
    ("min_plating_potential", "Lowest plating potential", "V", 1.0, 0.0),
    ("max_critical_current_ratio", "Highest current over critical current", "", 1.0, 0.0),
    ("max_void_current_ratio", "Highest current over void limit", "", 1.0, 0.0),
)


def print_summary(result: Run) -> None:
    """The summary of a run, one figure a line."""
    rows = [("Cell, model", f"{result.cell}, {result.model}"), ("Protocol", result.protocol)]
    for key, title, unit, scale, offset in _SHOWN:
        value = result.summary.get(key)
        if isinstance(value, float) and not (value == 0 and "charge" in key):
            rows.append((title, f"{value * scale + offset:.5g} {unit}".rstrip()))
    end = str(result.summary.get("end_reason") or result.message)
    if end:
        rows.append(("Ended because", ending(end)))
    outside = result.summary.get("left_data_range")
    if outside:
        rows.append(("Potentials beyond their data", str(outside)))
    rows += [(f"Limit: {limit.name}", margin(limit)) for limit in result.limits()]
    console.print_pairs(rows)


_LIMIT_UNITS = {"A/m2": ("mA/cm²", 0.1), "s": ("h", 1 / 3600)}


def margin(limit: Any) -> str:
    """A limit on one line: "0.4 of 1 mA/cm² (given), margin 60 %"."""
    unit, scale = _LIMIT_UNITS.get(limit.unit, (limit.unit, 1.0))
    against = "against at least" if limit.least else "of"
    figure = f"{limit.value * scale:.3g} {against} {limit.threshold * scale:.3g} {unit}"
    left = f"{limit.margin:.2g} V" if limit.unit == "V" else f"{100 * limit.margin:.0f} %"
    beyond = ", extrapolated" if limit.extrapolated else ""
    return f"{figure} ({limit.law}{beyond}), margin {left}"


def ending(reason: str) -> str:
    """The end of a run in words: "voltage < 2.5" is "voltage fell to 2.5 V"."""
    from ionstone.results.outputs import output

    found = re.fullmatch(r"(\w+) ([<>]) (\S+)", reason)
    if found is None:
        return "the protocol is done" if reason == "duration" else reason
    name, sign, value = found.groups()
    verb = "fell to" if sign == "<" else "rose to"
    if name in ("abs_c_rate", "c_rate"):
        return f"current {verb} {value} C"
    if name == "temperature":
        return f"temperature {verb} {float(value) - 273.15:g} °C"
    known = output(name.removeprefix("abs_"))
    unit = "" if known.unit == "1" else f" {known.unit}"
    return f"{known.title.lower()} {verb} {value}{unit}"
