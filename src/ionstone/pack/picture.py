"""The picture of a run of a pack: power, bands of the cells, and each cell at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ionstone.plotting.chart import Chart, Panel, Series
from ionstone.plotting.display import time_unit
from ionstone.plotting.figures import thinned
from ionstone.plotting.theme import series_colour

if TYPE_CHECKING:
    from ionstone.pack.result import PackRun

ZERO = 273.15


def pack_chart(run: PackRun) -> Chart:
    """Power; temperature and voltage of the coolest, mean and hottest cell; each cell at its hottest time."""
    o = run.outputs
    keep = thinned(run.time, [o["power"], o["temperature_highest"], o["cell_voltage_lowest"]])
    clock = time_unit(float(run.time[-1] - run.time[0]))
    x = clock.convert(run.time[keep]).tolist()
    title = clock.label("Time")
    blue, red, grey = series_colour(0), series_colour(1), "#7a858f"

    def line(name: str, values: np.ndarray, colour: str, dash: str = "solid") -> Series:
        return Series(name, x, values[keep].tolist(), colour=colour, dash=dash)

    panels = [
        Panel((line("power", o["power"] / 1e3, grey),), title, "Power / kW"),
        Panel(
            (
                line("warmest cell", o["temperature_highest"] - ZERO, red),
                line("mean", o["temperature"] - ZERO, grey),
                line("coolest cell", o["temperature_lowest"] - ZERO, blue),
                line("plates", o["plate_temperature"] - ZERO, grey, "dot"),
            ),
            title,
            "Temperature / °C",
        ),
        Panel(
            (
                line("highest cell", o["cell_voltage_highest"], red),
                line("lowest cell", o["cell_voltage_lowest"], blue),
            ),
            title,
            "Cell voltage / V",
        ),
    ]
    if len(run.weight) > 1:
        panels.append(_places(run))
    return Chart(tuple(panels), title=f"{run.pack!r}", share_x=False)


def _places(run: PackRun) -> Panel:
    """Each cell at its place in series, at the time of the widest spread of temperature."""
    t = run.cells["temperature"]
    at = int(np.argmax(t.max(axis=1) - t.min(axis=1)))
    minutes = run.cell_time[at] / 60
    place = (run.group + 1).astype(float).tolist()
    dots = Series(
        f"cells at {minutes:.0f} min", place, (t[at] - ZERO).tolist(), "points", series_colour(2), text=()
    )
    return Panel((dots,), "Place in series", "Temperature / °C")
