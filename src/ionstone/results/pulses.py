"""What pulse, titration, rate and open-circuit tests are done for, read from the points of a run.

A step of a run is a stretch of points with one number of step; a step "after a rest" begins where the current
was zero. All tables are mappings of columns to arrays, SI; ``COLUMNS`` has their units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ionstone.core.errors import InputError
from ionstone.core.quantities import to_si

if TYPE_CHECKING:
    from ionstone.results.run import Run

FloatArray = NDArray[np.float64]
Table = dict[str, FloatArray]
#: units of the columns
COLUMNS = {
    "time": "s",
    "soc": "1",
    "current": "A",
    "rate": "1/h",
    "voltage": "V",
    "rest_voltage": "V",
    "end_voltage": "V",
    "relaxed_voltage": "V",
    "instant_resistance": "ohm",
    "end_resistance": "ohm",
    "relaxation": "V",
    "diffusion_rate": "1/s",
    "capacity": "A s",
    "energy": "J",
    "mean_voltage": "V",
    "discharge_voltage": "V",
    "charge_voltage": "V",
    "open_circuit_voltage": "V",
}
#: share of the largest current of a run below which it rests
_REST = 1e-6
#: current of a step that counts as constant varies by less than this share
_CONSTANT = 1e-3


@dataclass(frozen=True, eq=False)
class _Part:
    """The points of one step of a run."""

    number: int
    time: FloatArray
    voltage: FloatArray
    current: FloatArray
    soc: FloatArray
    charge: FloatArray
    energy: float

    @property
    def length(self) -> float:
        return float(self.time[-1] - self.time[0])

    @property
    def mean(self) -> float:
        """Mean current [A]."""
        return float(np.mean(self.current))

    def constant(self) -> bool:
        return bool(np.ptp(self.current) <= _CONSTANT * abs(self.mean))

    def at(self, time: float) -> float:
        """Voltage at a time since the step began."""
        return float(np.interp(time, self.time - self.time[0], self.voltage))


def _parts(run: Run) -> tuple[list[_Part], float]:
    """The steps of a run in order, and the current below which it rests."""
    current = run.current
    quiet = _REST * float(np.max(np.abs(current), initial=0.0))
    ends = np.flatnonzero(np.diff(run.step)) + 1
    soc = run.outputs.get("soc", np.full(current.shape, np.nan))
    charge = run.outputs.get("discharge_capacity")
    if charge is None:
        h = np.diff(run.time, prepend=run.time[:1])
        charge = np.cumsum(h * (current + np.concatenate([current[:1], current[:-1]])) / 2)
    parts = []
    for index in np.split(np.arange(len(current)), ends):
        v, q = run.voltage[index], charge[index]
        energy = float(np.sum(np.diff(q) * (v[1:] + v[:-1]) / 2))
        number = int(run.step[index[0]])
        parts.append(_Part(number, run.time[index], v, current[index], soc[index], q, energy))
    return parts, quiet


def _after_rest(run: Run) -> list[tuple[_Part, _Part]]:
    """Steps of constant current that follow a rest, each with that rest."""
    parts, quiet = _parts(run)
    return [
        (rest, part)
        for rest, part in pairwise(parts)
        if np.max(np.abs(rest.current)) <= quiet < abs(part.mean) and part.constant() and part.length > 0
    ]


def _needed(rows: Sequence[object], what: str) -> None:
    if not rows:
        raise InputError(f"this run has no {what}: use the protocol that is meant for it (docs: protocols)")


def pulse_resistances(run: Run, times: Sequence[float | str] = (0.0, 10.0, 30.0)) -> Table:
    """Resistance [ohm] of each pulse after a rest, at times [s] since the pulse began.

    R(t) = (V_rest - V(t)) / I, I positive on discharge; not a number where a pulse was over by then. Columns:
    time and soc at the start of the pulse, current, rest_voltage, and ``resistance_10s`` for each time.
    """
    seconds = [to_si(t, "s", "times") for t in times]
    if not seconds or min(seconds) < 0:
        raise InputError("times: give at least one time, none below 0 s, for example (10, 30)")
    rows = _after_rest(run)
    _needed(rows, "pulse after a rest")
    table: Table = {
        "time": np.array([p.time[0] for _, p in rows]),
        "soc": np.array([r.soc[-1] for r, _ in rows]),
        "current": np.array([p.mean for _, p in rows]),
        "rest_voltage": np.array([r.voltage[-1] for r, _ in rows]),
    }
    for t in seconds:
        table[f"resistance_{t:g}s"] = np.array(
            [(r.voltage[-1] - p.at(t)) / p.mean if t <= p.length * (1 + 1e-9) else np.nan for r, p in rows]
        )
    return table


def titration(run: Run) -> Table:
    r"""Of each pulse between two rests: drop, relaxation, and how fast diffusion is.

    Columns: time and soc at its start, current, rest_voltage before it, instant_resistance (first point) and
    end_resistance (last point), relaxed_voltage at the end of the rest that follows, relaxation from the end
    of the pulse to there [V], and ``diffusion_rate`` D/L^2 [1/s] after Weppner & Huggins 1977, J.
    Electrochem. Soc. 124: $\frac{4}{\pi \tau} (\Delta E_s / \Delta E_t)^2$, where L is the volume of the
    particles over their surface (a third of the radius of spheres); valid for pulses much shorter than L^2/D
    and where one electrode dominates.
    """
    parts, quiet = _parts(run)
    rows = [
        (a, p, b)
        for a, p, b in zip(parts, parts[1:], parts[2:], strict=False)
        if max(np.max(np.abs(a.current)), np.max(np.abs(b.current))) <= quiet < abs(p.mean) and p.constant()
    ]
    _needed(rows, "pulse between two rests")
    before, pulse, after = zip(*rows, strict=True)
    current = np.array([p.mean for p in pulse])
    rest = np.array([a.voltage[-1] for a in before])
    first, last = np.array([p.voltage[0] for p in pulse]), np.array([p.voltage[-1] for p in pulse])
    relaxed = np.array([b.voltage[-1] for b in after])
    length = np.array([p.length for p in pulse])
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = 4 / (np.pi * length) * ((relaxed - rest) / (last - first)) ** 2
    return {
        "time": np.array([p.time[0] for p in pulse]),
        "soc": np.array([a.soc[-1] for a in before]),
        "current": current,
        "rest_voltage": rest,
        "instant_resistance": (rest - first) / current,
        "end_resistance": (rest - last) / current,
        "end_voltage": last,
        "relaxed_voltage": relaxed,
        "relaxation": relaxed - last,
        "diffusion_rate": np.asarray(rate),
    }


def rate_capability(run: Run) -> Table:
    """Of each discharge at constant current after a rest: current, C-rate, capacity, energy, mean voltage."""
    rows = [p for _, p in _after_rest(run) if p.mean > 0]
    _needed(rows, "discharge after a rest")
    rate = run.outputs.get("c_rate")
    capacity = np.array([p.charge[-1] - p.charge[0] for p in rows])
    energy = np.array([p.energy for p in rows])
    current = np.array([p.mean for p in rows])
    one_c = np.nan
    if rate is not None and np.any(rate > 0):
        at = int(np.argmax(rate))
        one_c = float(run.current[at] / rate[at])
    return {
        "current": current,
        "rate": current / one_c,
        "capacity": capacity,
        "energy": energy,
        "mean_voltage": energy / capacity,
    }


def open_circuit(run: Run, points: int = 101) -> Table:
    """The average of the longest discharge and the longest charge at constant current, over state of charge.

    Columns: soc, discharge_voltage, charge_voltage, open_circuit_voltage, where both branches are known. Half
    the difference of the branches bounds what is left of polarisation and hysteresis.
    """
    if not 2 <= points <= 100_000:
        raise InputError(f"points is {points!r}: give 2 to 100000")
    steady = [p for p in _parts(run)[0] if p.mean and p.constant() and p.length > 0]
    branches = []
    for sign, word in ((1.0, "discharge"), (-1.0, "charge")):
        found = [p for p in steady if sign * p.mean > 0]
        _needed(found, f"{word} at constant current")
        part = max(found, key=lambda p: p.length)
        order = np.argsort(part.soc, kind="stable")
        branches.append((part.soc[order], part.voltage[order]))
    low, high = max(b[0][0] for b in branches), min(b[0][-1] for b in branches)
    if not low < high:
        raise InputError("this run's discharge and charge share no state of charge: use the protocol ocv")
    soc = np.linspace(low, high, points)
    discharge, charge = (np.interp(soc, *b) for b in branches)
    return {
        "soc": soc,
        "discharge_voltage": discharge,
        "charge_voltage": charge,
        "open_circuit_voltage": (discharge + charge) / 2,
    }


#: what a named protocol is done for
TABLES = {"hppc": pulse_resistances, "gitt": titration, "rate_test": rate_capability, "ocv": open_circuit}


def column_unit(name: str) -> str:
    """Unit of a column of a table."""
    return "ohm" if name.startswith("resistance_") else COLUMNS[name]
