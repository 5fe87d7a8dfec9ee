"""Pictures of a car: power over a drive, where its energy goes, charge curves, range by temperature."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.errors import InputError, shown
from ionstone.plotting import theme
from ionstone.plotting.chart import Chart, Panel, Series
from ionstone.plotting.figures import thinned
from ionstone.study.car.tables import drive_columns, flow_of

if TYPE_CHECKING:
    import plotly.graph_objects

    from ionstone.study.car.charge import ChargeResult
    from ionstone.study.car.doors import RangeCurve
    from ionstone.study.car.drive import Drive
    from ionstone.study.car.drive_batch import Drives
    from ionstone.study.car.energy_flow import EnergyFlow

KINDS = ("cycle", "energy")
LIMIT_WORDS = {
    "charger": "charger",
    "current": "current of the cell",
    "voltage": "upper cut-off",
    "plating": "plating",
    "critical_current": "critical current",
    "temperature": "temperature",
    "depletion": "depletion of the electrolyte",
}
_POINTS = 6000
_NAMED = 12  # bars that fit beside one another with their names


def drive_figure(found: Drive, kind: str) -> plotly.graph_objects.Figure:
    """Return a plotly figure of a drive. InputError for an unknown kind."""
    if kind not in KINDS:
        raise InputError(f"plot: kind is {shown(kind)}: give one of {', '.join(KINDS)}")
    if kind == "energy":
        import plotly.graph_objects as graph

        return graph.Figure(sankey(found))
    from ionstone.plotting.interactive import plotly_figure

    return plotly_figure(drive_chart(found))


#: rows of the picture of a drive: title of the axis, what is added [K] and the scale, columns
_ROWS: tuple[tuple[str, float, float, tuple[str, ...]], ...] = (
    ("Speed / km/h", 0.0, 3.6, ("speed",)),
    ("Power / kW", 0.0, 1e-3, ("power",)),
    ("Voltage / V", 0.0, 1.0, ("voltage",)),
    ("State of charge / %", 0.0, 100.0, ("soc",)),
)
#: a row more where the cells of the pack differ
_CELLS = ("Cells / °C", -273.15, 1.0, ("temperature_lowest", "temperature", "temperature_highest"))


def drive_chart(found: Drive) -> Chart:
    """Return speed, and power, voltage and charge of the pack, over the whole drive, by distance.

    Where its cells differ, also the temperature of the coolest, the mean and the warmest.
    """
    columns = drive_columns(found)
    distance = columns["distance"][0] / 1000
    rows = (*_ROWS, _CELLS) if "temperature_lowest" in columns else _ROWS
    drawn = []
    for index, (title, added, scale, names) in enumerate(rows):
        lines = []
        for name in names:
            values = (columns[name][0] + added) * scale
            keep = thinned(distance, [values], _POINTS)
            lines.append(Series(name.replace("_", ", "), distance[keep].tolist(), values[keep].tolist(),
                                in_legend=False, colour=theme.series_colour(index),
                                dash="dot" if "_" in name else "solid"))  # fmt: skip
        last = index == len(rows) - 1
        drawn.append(Panel(tuple(lines), x_title="Distance / km" if last else "", y_title=title))
    title = f"{found.cell} in {found.vehicle}, {found.cycle}, {found.ambient - 273.15:.0f} °C:"
    height = 190 * len(rows)
    return Chart(tuple(drawn), title=f"{title} {found.range / 1000:.0f} km", legend=False, height=height)


def sankey(found: Drive) -> dict[str, Any]:
    """Return the energy of a drive from cells to road as plotly's dictionary, in kWh/100 km."""
    title = f"{found.cell} in {found.vehicle}, {found.cycle}, {found.ambient - 273.15:.0f} °C: kWh/100 km"
    layout = sankey_layout(460) | {"title": {"text": title, "x": 0.01, "font": {"size": 15}}}
    return {"data": [sankey_trace(flow_of(found))], "layout": layout}


def sankey_layout(height: int) -> dict[str, Any]:
    """Return the layout of a figure of Sankey diagrams."""
    return {"height": height, "font": {"family": theme.FONT, "size": 13, "color": theme.TEXT},
            "modebar": dict(theme.MODEBAR), "paper_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 20, "r": 20, "t": 50, "b": 20}}  # fmt: skip


def sankey_trace(f: EnergyFlow) -> dict[str, Any]:
    """Return an energy balance from cells to road as plotly's trace, in kWh/100 km."""
    names = ["cells", "losses in the cells", "terminals", "warm-up", "motor and gears", "cabin",
             "electronics", "heating of the pack", "wheels", "drivetrain loss", "rolling", "drag",
             "braking", "friction brakes", "recovery loss", "motion at the end"]  # fmt: skip
    at = {name: index for index, name in enumerate(names)}
    net = f.pack + f.warm_up
    wheel = f.rolling + f.drag + f.braking + f.kinetic
    lost_out, lost_in = f.motor - wheel, f.braking - f.brakes - f.recovered
    flows = (
        ("cells", "terminals", net), ("cells", "losses in the cells", f.cells),
        ("terminals", "warm-up", f.warm_up), ("terminals", "motor and gears", f.motor - f.recovered),
        ("terminals", "cabin", f.cabin), ("terminals", "electronics", f.auxiliary),
        ("terminals", "heating of the pack", f.battery_heating), ("motor and gears", "wheels", wheel),
        ("motor and gears", "drivetrain loss", lost_out), ("wheels", "rolling", f.rolling),
        ("wheels", "drag", f.drag), ("wheels", "braking", f.braking),
        ("wheels", "motion at the end", f.kinetic),
        ("braking", "motor and gears", f.recovered), ("braking", "friction brakes", f.brakes),
        ("braking", "recovery loss", lost_in),
    )  # fmt: skip
    kept = [(a, b, value / 36) for a, b, value in flows if value > 1e-3]
    used = {name for a, b, _ in kept for name in (a, b)}
    sums = {name: max(sum(v for a, _, v in kept if a == name), sum(v for _, b, v in kept if b == name))
            for name in used}  # fmt: skip
    labels = [f"{name} {sums[name]:.1f}" if name in used else "" for name in names]
    colours = [theme.PART_COLOURS[i % len(theme.PART_COLOURS)] for i in range(len(names))]
    return {
        "type": "sankey", "arrangement": "snap", "valuesuffix": " kWh/100 km",
        "node": {"label": labels, "color": colours, "pad": 18, "thickness": 14},
        "link": {"source": [at[a] for a, _, _ in kept], "target": [at[b] for _, b, _ in kept],
                 "value": [v for *_, v in kept], "color": "rgba(128, 136, 144, 0.35)"},
    }  # fmt: skip


def charge_chart(found: Sequence[ChargeResult]) -> Chart:
    """Return power over the state of charge, coloured by the limit, and the temperature below it."""
    powers: list[Series] = []
    heats: list[Series] = []
    seen: set[str] = set()
    for index, one in enumerate(found):
        label = f"{one.ambient - 273.15:.0f} °C"
        soc, power, limits = 100 * one.soc, one.power / 1000, one.limits
        for start, end in _pieces(limits):
            limit, upto = limits[end - 1], min(end + 1, len(limits))
            part = slice(max(0, start - 1) if start else 0, upto)
            powers.append(Series(LIMIT_WORDS.get(limit, limit), soc[part].tolist(), power[part].tolist(),
                                 colour=theme.LIMIT_COLOURS.get(limit, "#888888"), group=limit,
                                 in_legend=limit not in seen))  # fmt: skip
            seen.add(limit)
        colour, dash = theme.series_colour(index), theme.series_dash(index)
        warm = (one.temperature - 273.15).tolist()
        heats.append(Series(label, soc.tolist(), warm, colour=colour, dash=dash,
                            in_legend=len(found) > 1))  # fmt: skip
        if len(found) > 1:
            middle = int(np.argmin(np.abs(soc - 50)))
            powers.append(Series(f"at {label}", [float(soc[middle])], [float(power[middle])], kind="points",
                                 text=[label], colour=colour, in_legend=False))  # fmt: skip
    first = found[0]
    times = ", ".join(f"{one.minutes:.1f} min" if one.reached else "not reached" for one in found)
    title = f"{first.cell} in {first.vehicle}, {100 * first.soc[0]:.0f}-{100 * first.soc[-1]:.0f} %: {times}"
    upper = Panel(tuple(powers), y_title="Power / kW", weight=1.6)
    lower = Panel(tuple(heats), x_title="State of charge / %", y_title="Cells / °C")
    return Chart((upper, lower), title=title, height=620)


def _pieces(limits: Sequence[str]) -> list[tuple[int, int]]:
    """Return (start, end) of the stretches that one limit holds."""
    edges = [0, *(k for k in range(1, len(limits)) if limits[k] != limits[k - 1]), len(limits)]
    return list(pairwise(edges))


def range_chart(curve: RangeCurve) -> Chart:
    """Return the range, and the energy per distance, over the ambient temperature."""
    x = (np.asarray(curve.temperatures) - 273.15).tolist()
    reach = Series("range", x, (curve.ranges / 1000).tolist(), in_legend=False)
    dots = Series("range", x, (curve.ranges / 1000).tolist(), kind="points", in_legend=False)
    use = Series("use", x, (curve.consumptions / 36).tolist(), colour=theme.series_colour(1), in_legend=False)
    top = float(np.max(curve.ranges)) / 1000 * 1.08
    panels = (
        Panel((reach, dots), y_title="Range / km", y_range=(0.0, top)),
        Panel((use,), x_title="Ambient / °C", y_title="kWh/100 km"),
    )
    title = f"{curve.cell} in {curve.vehicle}, {curve.cycle}"
    return Chart(panels, title=title, legend=False, height=560)


def drives_chart(found: Drives) -> Chart:
    """Return range and energy per distance of many drives: a line for each car, cell and cycle over the
    ambient temperature, or, where there is one temperature, bars in the order of the lanes."""
    columns = [words for words in (found.cell, found.vehicle, found.cycle) if len(set(words)) > 1]
    names = [", ".join(words) for words in zip(*columns, strict=True)] if columns else [""] * len(found)
    groups = {name: [i for i, other in enumerate(names) if other == name] for name in names}
    bars = len({*found.ambient.tolist()}) == 1
    few = len(groups) == len(found) <= _NAMED
    figures = ((found.range / 1000, "Range / km"), (found.consumption / 36, "kWh/100 km"))
    panels: list[Panel] = []
    for row, (values, title) in enumerate(figures):
        drawn: list[Series] = []
        if bars:
            places = names if few else [str(i) for i in range(len(found))]
            drawn.append(Series(title, places, values.tolist(), kind="bars", in_legend=False,
                                colour=theme.series_colour(row)))  # fmt: skip
        for index, (name, lanes) in enumerate(groups.items() if not bars else ()):
            order = sorted(lanes, key=lambda i: float(found.ambient[i]))
            x, y = ([float(v[i]) for i in order] for v in (found.ambient - 273.15, values))
            drawn.append(Series(name, x, y, colour=theme.series_colour(index), group=name,
                                dash=theme.series_dash(index), in_legend=row == 0))  # fmt: skip
        axis = ("" if few else "Lane") if bars else "Ambient / °C"
        top = float(np.nanmax(values, initial=0.0)) * 1.08
        panels.append(Panel(tuple(drawn), x_title=axis if row else "", y_title=title,
                            y_range=(0.0, top or 1.0)))  # fmt: skip
    shared = [words[0] for words in (found.cell, found.vehicle, found.cycle) if len(set(words)) == 1]
    title = ", ".join([*shared, *([f"{found.ambient[0] - 273.15:.0f} °C"] if bars else [])])
    return Chart(tuple(panels), title=title, legend=not bars and len(groups) > 1, height=560)
