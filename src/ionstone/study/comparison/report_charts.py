"""The figures of the comparison report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ionstone.plotting import theme
from ionstone.plotting.chart import Chart, Panel, Series
from ionstone.study.comparison.curves import ChargeCurve
from ionstone.study.comparison.rows import LIMITS, Comparison, Row

LIMIT_WORDS = {
    "voltage": "voltage",
    "current": "current",
    "plating": "plating of metal",
    "critical_current": "critical current (filaments)",
    "void": "voids",
    "temperature": "temperature",
    "depletion": "depletion",
    "charger": "charger",
}


def range_chart(comparison: Comparison) -> Chart | None:
    """Range over specific energy: filled at the first ambient, open at the cold one, a line between them.

    With packs of the same range, the mass of the pack.
    """
    sized = comparison.same == "range"
    series: list[Series] = []
    for index, row in enumerate(comparison.rows):
        if row.specific_energy is not None:
            series += _mass_point(row, index) if sized else _range_points(row, index)
    if not series:
        return None
    top = 1.12 * max(max(line.y) for line in series)  # type: ignore[operator]
    at = [float(line.x[0]) for line in series]
    room = 0.08 * (max(at) - min(at)) or 20.0  # for the names beside the outer points
    panel = Panel(
        tuple(series),
        "Specific energy of the cell / Wh/kg",
        "Mass of the pack / kg" if sized else f"Range, {comparison.cycle} / km",
        x_range=(min(at) - room, max(at) + room),
        y_range=(0.0, top),
    )
    return Chart((panel,), legend=False, height=460)


def _mass_point(row: Row, index: int) -> list[Series]:
    if row.pack_mass is None or row.specific_energy is None:
        return []
    x, colour, marker = row.specific_energy / 3600, theme.series_colour(index), theme.series_marker(index)
    return [Series(row.name, [x], [row.pack_mass], "points", colour, marker=marker, text=[row.name])]


def _range_points(row: Row, index: int) -> list[Series]:
    colour, marker = theme.series_colour(index), theme.series_marker(index)
    x = (row.specific_energy or 0.0) / 3600
    warm, cold = _scaled(row.range, 1e-3), _scaled(row.range_cold, 1e-3)
    found: list[Series] = []
    same: dict[str, Any] = {"colour": colour, "group": row.name}
    if warm is not None and cold is not None:
        found.append(Series(row.name, [x, x], [cold, warm], dash="dot", in_legend=False, **same))
    if cold is not None:
        name, shape = f"{row.name}, cold", f"{marker}-open"
        found.append(Series(name, [x], [cold], "points", marker=shape, in_legend=False, **same))
    if warm is not None:
        found.append(Series(row.name, [x], [warm], "points", marker=marker, text=[row.name], **same))
    return found


def charge_chart(comparison: Comparison) -> Chart | None:
    """Charging power at the pack over state of charge; below it, what holds each cell back."""
    rows = [(index, row, row.charge_curve) for index, row in enumerate(comparison.rows)]
    curves = [(index, row, curve) for index, row, curve in rows if curve is not None and len(curve.soc) > 1]
    if not curves:
        return None
    lines = tuple(
        Series(
            row.name,
            [100 * soc for soc in curve.soc],
            [power / 1000 for power in curve.power],
            colour=theme.series_colour(index),
            dash=theme.series_dash(index),
        )
        for index, row, curve in curves
    )
    strips = _strips([(row, curve) for _, row, curve in curves])
    used = (min(curve.soc[0] for _, _, curve in curves), max(curve.soc[-1] for _, _, curve in curves))
    x_range = (100 * used[0], 100 * used[1])
    top = 1.06 * max(max(line.y) for line in lines)  # type: ignore[operator]
    power = Panel(lines, y_title="Power into the pack / kW", x_range=x_range, y_range=(0.0, top), weight=1.5)
    limits = Panel(
        strips,
        x_title="State of charge / %",
        title="Held back by",
        x_range=x_range,
        categories=tuple(row.name for _, row, _ in curves),
        weight=0.25 + 0.12 * len(curves),
    )
    return Chart((power, limits), height=680, stacked=False)


def _strips(curves: Sequence[tuple[Row, ChargeCurve]]) -> tuple[Series, ...]:
    """Bars along the state of charge, one series a limit."""
    pieces: dict[str, list[tuple[str, float, float]]] = {}
    for row, curve in curves:
        start = 0
        for k in range(1, len(curve.soc) + 1):
            if k == len(curve.soc) or curve.limit[k] != curve.limit[start]:
                end = curve.soc[min(k, len(curve.soc) - 1)]
                if end > curve.soc[start]:
                    piece = (row.name, 100 * curve.soc[start], 100 * end)
                    pieces.setdefault(curve.limit[start], []).append(piece)
                start = k
    known = [limit for limit in LIMITS if limit in pieces] + [
        limit for limit in pieces if limit not in LIMITS
    ]
    return tuple(
        Series(
            LIMIT_WORDS.get(limit, limit),
            [end - start for _, start, end in pieces[limit]],
            [name for name, _, _ in pieces[limit]],
            "horizontal bars",
            theme.LIMIT_COLOURS.get(limit, "#999999"),
            base=[start for _, start, _ in pieces[limit]],
            group=f"limit {limit}",
        )
        for limit in known
    )


def discharge_chart(comparison: Comparison) -> Chart | None:
    """Voltage over charge per cell mass, one panel a load: the area under a curve is the cell's energy in
    Wh/kg."""
    panels: dict[str, list[Series]] = {}
    for index, row in enumerate(comparison.rows):
        for curve in row.discharge_curves if row.cell_mass else ():
            line = Series(
                row.name,
                [charge / 3600 / (row.cell_mass or 1.0) for charge in curve.charge],
                curve.voltage,
                colour=theme.series_colour(index),
                dash=theme.series_dash(index),
                group=row.name,
            )
            panels.setdefault(curve.label, []).append(line)
    if not panels:
        return None
    last = list(panels)[-1]
    return Chart(
        tuple(
            Panel(
                tuple(lines),
                x_title="Charge per mass of the cell / A h/kg" if label == last else "",
                y_title="Voltage / V",
                title=label,
            )
            for label, lines in panels.items()
        ),
        height=90 + 300 * len(panels),
    )


def breakdown_chart(comparison: Comparison) -> Chart | None:
    """Where the energy of the pack goes, stacked, one panel an ambient."""
    ambients = list(dict.fromkeys(ambient for row in comparison.rows for ambient in row.breakdown))
    parts = list(
        dict.fromkeys(part for row in comparison.rows for where in row.breakdown.values() for part in where)
    )
    if not ambients or not parts:
        return None
    panels = []
    for ambient in ambients:
        rows = [row for row in comparison.rows if ambient in row.breakdown]
        series = tuple(
            Series(
                part,
                [row.name for row in rows],
                [row.breakdown[ambient].get(part, 0.0) / 3.6 for row in rows],
                "bars",
                theme.PART_COLOURS[index % len(theme.PART_COLOURS)],
                group=part,
            )
            for index, part in enumerate(parts)
        )
        panels.append(Panel(series, y_title="Wh/km", title=f"Ambient {ambient}"))
    return Chart(tuple(panels), share_x=False, stacked=True, height=110 + 310 * len(panels))


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
