"""Figures of the car in the report: a pass of the cycle, every weather, energy, cells that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ionstone.plotting import theme
from ionstone.plotting.chart import Chart, Panel, Series
from ionstone.plotting.interactive import figure_dict
from ionstone.study.car.charts import sankey_layout, sankey_trace
from ionstone.study.comparison.curves import PackPass
from ionstone.study.comparison.rows import Comparison, Row

ZERO = 273.15
_GREY = "#7a858f"
_TEMPERATURES = {
    "hottest cell": theme.series_colour(4),
    "mean of the cells": _GREY,
    "coldest cell": theme.series_colour(0),
}
_SANKEY_HEIGHT = 330
_EACH = 4  # of the points of what changes slowly every fourth is drawn


def cycle_chart(comparison: Comparison) -> Chart | None:
    """Speed, power of each pack, and its state of charge over one pass of the cycle."""
    rows = [(k, row, row.cycle) for k, row in enumerate(comparison.rows) if row.cycle is not None]
    if not rows:
        return None
    longest = max((one for _, _, one in rows if one), key=lambda one: len(one.time))
    speed = Series(
        "speed",
        _minutes(longest.time),
        _short([3.6 * v for v in longest.speed], 1),
        colour=_GREY,
        in_legend=False,
    )
    power, soc = [], []
    for index, row, one in rows:
        look: dict[str, Any] = {"colour": theme.series_colour(index), "group": row.name}
        power.append(Series(row.name, _minutes(one.time), _short([p / 1000 for p in one.power], 2), **look))
        few = slice(None, None, _EACH)
        charge = _short([100 * s for s in one.soc[few]], 2)
        soc.append(Series(row.name, _minutes(one.time[few]), charge, dash=theme.series_dash(index), **look))
    panels = (
        Panel((speed,), y_title="Speed / km/h", weight=0.6),
        Panel(tuple(power), y_title="Power of the pack / kW"),
        Panel(tuple(soc), x_title="Time / min", y_title="State of charge / %"),
    )
    return Chart(panels, height=700)


def _minutes(time: Sequence[float]) -> list[float]:
    return _short([t / 60 for t in time], 3)


def _short(values: Sequence[float], digits: int) -> list[float]:
    """Values with the decimals that a screen shows: the page stays small."""
    return [round(value, digits) for value in values]


def weather_chart(comparison: Comparison) -> Chart | None:
    """Range over the ambient temperature; open where the car fell behind before the cell was empty."""
    series: list[Series] = []
    for index, row in enumerate(comparison.rows):
        if row.weather is None or not row.weather.ranges:
            continue
        x = [round(t - ZERO, 6) for t in row.weather.ambients]
        y = [r / 1000 for r in row.weather.ranges]
        colour, marker = theme.series_colour(index), theme.series_marker(index)
        look: dict[str, Any] = {"colour": colour, "group": row.name}
        series.append(Series(row.name, x, y, dash=theme.series_dash(index), **look))
        for empty, shape in ((True, marker), (False, f"{marker}-open")):
            at = [k for k, done in enumerate(row.weather.empty) if done == empty]
            if at:
                dots = [x[k] for k in at], [y[k] for k in at]
                series.append(Series(row.name, *dots, "points", marker=shape, in_legend=False, **look))
    if not series:
        return None
    top = 1.06 * max(max(line.y) for line in series)  # type: ignore[operator]
    panel = Panel(tuple(series), "Ambient / °C", f"Range, {comparison.cycle} / km", y_range=(0.0, top))
    return Chart((panel,), height=560)


def energy_figure(row: Row) -> dict[str, Any] | None:
    """From the cells to the road: a Sankey diagram for each ambient, in kWh/100 km, under one another."""
    if not row.flows:
        return None
    count = len(row.flows)
    layout = sankey_layout(50 + _SANKEY_HEIGHT * count)
    data, captions = [], []
    for k, (ambient, flow) in enumerate(row.flows.items()):
        top = 1 - k / count
        part = {"x": [0.0, 1.0], "y": [top - 0.86 / count, top - 0.06 / count]}
        data.append(sankey_trace(flow) | {"domain": part})
        captions.append(_caption(f"Ambient {ambient}", top))
    return {"data": data, "layout": layout | {"annotations": captions}}


def _caption(text: str, top: float) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left", "yanchor": "bottom"}
    return {"text": f"<b>{text}</b>", "showarrow": False, **place}


def spread_figure(row: Row) -> dict[str, Any] | None:
    """Hottest, mean and coldest cell, and how far voltages and charges lie apart, over one pass."""
    return None if row.spread is None else figure_dict(spread_chart(row.spread, row.name))


def spread_chart(found: PackPass, name: str) -> Chart:
    """What `spread_figure` draws, as a renderer-free chart; its legend belongs to this cell alone."""
    every, few = slice(None), slice(None, None, _EACH)

    def line(what: str, values: Sequence[float], at: slice = few, colour: str = _GREY) -> Series:
        x, y = _minutes(found.time[at]), _short(values[at], 3)
        return Series(what, x, y, colour=colour, group=f"{name} {what}", in_legend=what in _TEMPERATURES)

    temperatures = tuple(
        line(what, [t - ZERO for t in values], colour=colour)
        for (what, colour), values in zip(
            _TEMPERATURES.items(), (found.hottest, found.mean, found.coldest), strict=True
        )
    )
    voltage = line("voltages apart", [1000 * v for v in found.voltage_apart], every)
    soc = line("charge apart", [100 * s for s in found.soc_apart])
    panels = (
        Panel(temperatures, y_title="Temperature / °C", weight=1.4),
        Panel((voltage,), y_title="Voltages apart / mV"),
        Panel((soc,), x_title="Time / min", y_title="Charge apart / %"),
    )
    return Chart(panels, height=720)
