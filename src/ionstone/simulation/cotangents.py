"""Derivatives of a summary metric to the rows of its run: where an adjoint starts.

The formulas are those of ``ionstone.simulation.metrics``, in reverse: a metric to the points of the run, then
points to rows, whose cubics they are read from.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ionstone.numerics.points import cut, fill
from ionstone.results.summary import energy_passed
from ionstone.simulation.metrics import EXTREMES, FINAL, read_by

FloatArray = NDArray[np.float64]
Bars = dict[str, FloatArray]


def row_cotangents(
    of: str, rows: FloatArray, columns: Mapping[str, int], shown: Mapping[str, object]
) -> FloatArray | None:
    """Derivatives of the metric ``of`` to the rows [row, column] of a run; None for an unknown metric.

    ``columns``: outputs and their places; ``shown``: outputs that the cell has. The points between the rows
    stay at the same shares of the steps, extremes at the same points.
    """
    names = read_by(columns, shown)
    read = [0, *(2 + columns[n] for n in names)]
    parts, total = cut(rows)
    values = dict(zip(("time", *names), fill(rows, parts, total, read), strict=True))
    bars = _metric(of, values)
    if bars is None:
        return None
    place = dict(zip(("time", *names), read, strict=True))
    return _to_rows({place[n]: b for n, b in bars.items()}, rows.shape, parts)


def _to_rows(bars: Mapping[int, FloatArray], shape: tuple[int, ...], parts: NDArray[np.int32]) -> FloatArray:
    """Derivatives to points -> to rows; a row of ``n`` parts gives the points 1/n, 2/n, ... 1 of its step."""
    row = np.repeat(np.arange(len(parts)), parts)
    first = np.repeat(np.cumsum(parts) - parts, parts)
    s = (np.arange(len(row)) - first + 1) / parts[row]
    a, b, c = 3 * s - 1, 3 * s - 2, s - 1
    weights = (-a * b * c / 2, 9 * s * b * c / 2, -9 * s * a * c / 2, s * a * b / 2)
    out = np.zeros(shape)
    for column, bar in bars.items():
        for back, w in zip((3, 2, 1, 0), weights, strict=True):
            out[:, column] += np.bincount(np.maximum(row - back, 0), w * bar, minlength=shape[0])
    return out


def _metric(of: str, values: Mapping[str, FloatArray]) -> Bars | None:
    """Derivatives of one metric to the points."""
    t = values["time"]
    if of == "points":
        return {}
    if of == "duration":
        return {"time": _at(t, -1) - _at(t, 0)}
    if of.endswith("_capacity"):
        return _capacity(of.removesuffix("_capacity"), values)
    if of.endswith("_energy"):
        return _energy(of.removesuffix("_energy"), values)
    if of in ("mean_discharge_voltage", "mean_charge_voltage"):
        return _mean_voltage(of.split("_")[1], values)
    for name, column in FINAL:
        if of == name and column in values:
            return {column: _at(t, -1)}
    for name, column, pick in EXTREMES:
        if of == name and column in values:
            return _extreme(column, values, pick is np.minimum)
    return None


def _at(like: FloatArray, index: int) -> FloatArray:
    out = np.zeros(len(like))
    out[index] = 1.0
    return out


def _difference(segment: FloatArray) -> FloatArray:
    """Derivatives to segments, differences of neighbours -> to points."""
    return np.concatenate([[0.0], segment]) - np.concatenate([segment, [0.0]])


def _mean(segment: FloatArray) -> FloatArray:
    """Derivatives to segments, sums of neighbours -> to points."""
    return np.concatenate([[0.0], segment]) + np.concatenate([segment, [0.0]])


def _sign(side: str) -> float | None:
    return {"discharge": 1.0, "charge": -1.0}.get(side)


def _capacity(side: str, values: Mapping[str, FloatArray]) -> Bars | None:
    sign = _sign(side)
    if sign is None:
        return None
    charge = np.diff(values["discharge_capacity"])
    return {"discharge_capacity": _difference(np.where(sign * charge > 0, sign, 0.0))}


def _energy(side: str, values: Mapping[str, FloatArray]) -> Bars | None:
    """See ``results.summary.energy_passed``: trapezoids with a correction, triangles where power turns."""
    sign = _sign(side)
    if sign is None:
        return None
    t, v, i = values["time"], values["voltage"], values["current"]
    h, dv, di, charge = np.diff(t), np.diff(v), np.diff(i), np.diff(values["discharge_capacity"])
    segment = charge * (v[:-1] + v[1:]) / 2 + h * dv * di / 12
    crossing = i[:-1] * i[1:] < 0
    on = np.where(~crossing & (sign * segment > 0), sign, 0.0)
    bars = {
        "discharge_capacity": _difference(on * (v[:-1] + v[1:]) / 2),
        "time": _difference(on * dv * di / 12),
        "voltage": _mean(on * charge / 2) + _difference(on * h * di / 12),
        "current": _difference(on * h * dv / 12),
    }
    k, power = np.flatnonzero(crossing), v * i
    swap = sign * power[k] < sign * power[k + 1]
    end, other = k + swap, k + ~swap  # where this side's power ends, and the other side's
    p, span = power[end], sign * (power[end] - power[other])
    bars["time"] += _difference(np.bincount(k, p**2 / (2 * span), minlength=len(h)).astype(float))
    whole = sign * h[k] * p**2 / (2 * span**2)
    power_bar = np.bincount(end, h[k] * p / span - whole, minlength=len(t))
    power_bar += np.bincount(other, whole, minlength=len(t))
    bars["voltage"] += power_bar * i
    bars["current"] += power_bar * v
    return bars


def _mean_voltage(side: str, values: Mapping[str, FloatArray]) -> Bars | None:
    """Energy over capacity."""
    energy, capacity = _energy(side, values), _capacity(side, values)
    if energy is None or capacity is None:
        return None
    total = float(np.vdot(capacity["discharge_capacity"], values["discharge_capacity"]))
    if not total > 0:
        return None
    mean = _energy_of(side, values) / total
    out = {n: b / total for n, b in energy.items()}
    out["discharge_capacity"] = out["discharge_capacity"] - mean / total * capacity["discharge_capacity"]
    return out


def _energy_of(side: str, values: Mapping[str, FloatArray]) -> float:
    parts = energy_passed(values["time"], values["voltage"], values["current"], values["discharge_capacity"])
    return parts[0 if side == "discharge" else 1]


def _extreme(column: str, values: Mapping[str, FloatArray], least: bool) -> Bars:
    pick = np.argmin if least else np.argmax
    return {column: _at(values[column], int(pick(values[column])))}
