"""Summary metrics of many runs at once, from the kernel's rows; equal to ``ionstone.results.summary``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.numerics.points import cut, fill
from ionstone.results.summary import SUMMARY_UNITS

FloatArray = NDArray[np.float64]
#: outputs that metrics are made of, the voltage first
_READ = (
    "voltage",
    "current",
    "discharge_capacity",
    "temperature",
    "soc",
    "plating_potential",
    "minimum_electrolyte_concentration",
    "critical_current_ratio",
    "void_current_ratio",
)
EXTREMES = (
    ("min_voltage", "voltage", np.minimum),
    ("max_voltage", "voltage", np.maximum),
    ("min_temperature", "temperature", np.minimum),
    ("max_temperature", "temperature", np.maximum),
    ("min_plating_potential", "plating_potential", np.minimum),
    ("min_electrolyte_concentration", "minimum_electrolyte_concentration", np.minimum),
    ("max_critical_current_ratio", "critical_current_ratio", np.maximum),
    ("max_void_current_ratio", "void_current_ratio", np.maximum),
)
FINAL = (("final_voltage", "voltage"), ("final_temperature", "temperature"), ("final_soc", "soc"))


def read_by(columns: Mapping[str, int], shown: Mapping[str, Any]) -> list[str]:
    """Outputs that metrics are made of, of cells that have the outputs ``shown``."""
    return [n for n in _READ if n in columns and n in shown]


def points_of(rows: Sequence[FloatArray], columns: Mapping[str, int], shown: Mapping[str, Any]) -> Points:
    """The points of runs with ``rows`` (time, step, outputs). ``shown``: outputs that the cells have."""
    names = read_by(columns, shown)
    read = [0, 1, *(2 + columns[n] for n in names)]
    flat = np.concatenate([r[:, read] for r in rows] or [np.empty((0, len(read)))])
    parts, total = cut(flat)
    time, *values = fill(flat, parts, total, [0, *range(2, len(read))])
    lane = np.repeat(np.arange(len(rows)), [len(r) for r in rows])
    count = np.bincount(np.repeat(lane, parts), minlength=len(rows))
    return Points(count, time, dict(zip(names, values, strict=True)))


class Points:
    """The points of many runs, one lane after the other, between which straight lines are accurate."""

    def __init__(self, count: NDArray[np.int64], time: FloatArray, columns: Mapping[str, FloatArray]) -> None:
        """``count``: points of each lane. ``columns``: outputs that metrics are made of (``read_by``)."""
        self.count, self.lanes, self.time = count, len(count), time
        self.columns = dict(columns)
        #: lanes with any points, and where their points begin and end
        self.some = np.flatnonzero(self.count)
        ends = np.cumsum(self.count)
        self.first, self.last = (ends - self.count)[self.some], ends[self.some] - 1

    def spread(self, values: FloatArray) -> FloatArray:
        """One value of each lane that has points; not a number elsewhere."""
        out = np.full(self.lanes, np.nan)
        out[self.some] = values
        return out

    def total(self, segments: FloatArray) -> FloatArray:
        """Sum over the segments of each lane; ``segments`` are between all neighbours."""
        inside = np.append(segments, 0.0)
        inside[self.last] = 0.0
        return self.spread(np.add.reduceat(inside, self.first)) if len(self.some) else self.spread(inside[:0])

    def metrics(self) -> dict[str, FloatArray]:
        """Each metric, one value a lane; not a number where the lane has none."""
        if not len(self.some):
            return {name: np.full(self.lanes, np.nan) for name in SUMMARY_UNITS if name != "end_reason"}
        t, v, i = self.time, self.columns["voltage"], self.columns["current"]
        charge = np.diff(self.columns["discharge_capacity"])
        delivered, taken = self._energy(np.diff(t), v, i, charge)
        out = {
            "points": self.count.astype(float),
            "duration": self.spread(t[self.last] - t[self.first]),
            "discharge_capacity": self.total(np.maximum(charge, 0.0)),
            "charge_capacity": self.total(np.maximum(-charge, 0.0)),
            "discharge_energy": delivered,
            "charge_energy": taken,
        }
        with np.errstate(divide="ignore", invalid="ignore"):
            for side in ("discharge", "charge"):
                capacity = out[f"{side}_capacity"]
                out[f"mean_{side}_voltage"] = np.where(capacity > 0, out[f"{side}_energy"] / capacity, np.nan)
        for name, column, pick in EXTREMES:
            if column in self.columns:
                out[name] = self.spread(pick.reduceat(self.columns[column], self.first))
        for name, column in FINAL:
            out[name] = self.spread(self.columns[column][self.last])
        return {
            name: np.where(np.isfinite(out[name]), out[name], np.nan) for name in SUMMARY_UNITS if name in out
        }

    def _energy(
        self, h: FloatArray, v: FloatArray, i: FloatArray, charge: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Energy [J] delivered and taken; see ``results.summary.energy_passed``."""
        segment = charge * (v[:-1] + v[1:]) / 2 + h * np.diff(v) * np.diff(i) / 12
        crossing = i[:-1] * i[1:] < 0
        given = np.where(crossing, 0.0, np.maximum(segment, 0.0))
        taken = np.where(crossing, 0.0, np.maximum(-segment, 0.0))
        power, k = v * i, np.flatnonzero(crossing)
        high, low = np.maximum(power[k], power[k + 1]), np.minimum(power[k], power[k + 1])
        half = h[k] / (2 * (high - low))
        given[k], taken[k] = half * high**2, half * low**2
        return self.total(given), self.total(taken)

    def curves(self, name: str, along: str, points: int) -> FloatArray:
        """An output of each lane at points even over its time, or over the charge passed: [lane, points]."""
        out = np.full((self.lanes, points), np.nan)
        grid = np.linspace(0.0, 1.0, points)
        if along == "time":
            x = self.time
        else:
            passed = np.abs(np.diff(self.columns["discharge_capacity"], prepend=0.0))
            passed[self.first] = 0.0
            x = np.cumsum(passed)
        for lane, a, b in zip(self.some, self.first, self.last, strict=True):
            span = x[b] - x[a]
            if span > 0:
                out[lane] = np.interp(grid, (x[a : b + 1] - x[a]) / span, self.columns[name][a : b + 1])
        return out
