r"""Many cells as maps, each through its own power over time, worked together.

Within an interval of about 40 s the open-circuit voltage is a straight line in time between that of its start
and that of its end, and the resistance is that at its middle; the current of each step follows in closed form
(`cell_map`). Charge and temperature at the end of the interval are those that its currents give:

$$ Q \frac{\mathrm{d} z}{\mathrm{d} t} = -I, \qquad
   C \frac{\mathrm{d} T}{\mathrm{d} t} = (U - V) I - G (T - T_a) $$

which is solved by sweeps until another would change nothing (`SETTLED`). It is of second order in the
interval; halving it changes ranges by less than 1e-4. Several intervals may be swept at once, which changes
nothing but speed; a block of them that does not settle is halved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ionstone.study.cell_map import COUNT, LOW, RESISTANCES, STEP, VOLTAGES, CellMap, FloatArray

INTERVAL = 40.0  # s
#: what one more sweep may change the charge of a block by, as a share of the cell's capacity
SETTLED = 3e-8
SWEEPS = 30
#: share of a temperature that is left after a block, above which its fading is summed in closed form
FADED = 1e-3
#: numbers worked at once, which fit a processor's cache, and intervals
TOGETHER, INTERVALS = 16_384, 45


@dataclass(frozen=True, eq=False)
class Loads:
    """Lanes: `power` of a cell [W] (steps, lanes) on even steps of `spacing` [s], `steps` of them in each.

    What stands beyond the steps of a lane does not count; best it goes on with its last power.

    `maps` and which of them each lane is (`of`); `soc` at the start, `temperature` at the start and
    `around` [K], `conductance` [W/K] and `heat_capacity` [J/K] of a cell.
    """

    maps: Sequence[CellMap]
    of: np.ndarray
    power: FloatArray
    spacing: float
    steps: np.ndarray
    soc: FloatArray
    temperature: FloatArray
    around: FloatArray
    conductance: FloatArray
    heat_capacity: FloatArray


@dataclass(frozen=True, eq=False)
class Followed:
    """What lanes did; columns as in `Loads`, at the middles of the steps where recorded.

    `last`: the first step at which a lane is below its lower cut-off or empty, its number of steps where
    there is none; figures up to the step before it: `soc`, `temperature` [K], `energy` [J] out,
    `heat` [J], and `highest` voltage [V].
    """

    last: np.ndarray
    soc: FloatArray
    temperature: FloatArray
    energy: FloatArray
    heat: FloatArray
    highest: FloatArray
    voltage: FloatArray | None = None
    current: FloatArray | None = None
    warmth: FloatArray | None = None


class Tables:
    """The tables of several maps, read for many lanes at once."""

    def __init__(self, maps: Sequence[CellMap]) -> None:
        self.voltage = np.concatenate([m.voltage for m in maps])
        self.laws = np.concatenate([m.laws.reshape(-1, 3) for m in maps])

    def open_voltage(self, of: np.ndarray, soc: FloatArray) -> FloatArray:
        """Open-circuit voltage [V]."""
        at = np.sqrt(np.clip(soc, 0.0, 1.0)) * (VOLTAGES - 1)
        left = np.minimum(at.astype(np.intp), VOLTAGES - 2)
        at -= left
        left += of * VOLTAGES
        low = self.voltage[left]
        left += 1
        found: FloatArray = low + at * (self.voltage[left] - low)
        return found

    def resistance(self, of: np.ndarray, soc: FloatArray, temperature: FloatArray) -> FloatArray:
        """Floor [ohm], gain [ohm] and inverse knee [1/A], along the last axis."""
        x = np.sqrt(np.clip(soc, 0.0, 1.0)) * (RESISTANCES - 1)
        y = np.clip((temperature - LOW) / STEP, 0.0, COUNT - 1.0)
        i, k = np.minimum(x.astype(np.intp), RESISTANCES - 2), np.minimum(y.astype(np.intp), COUNT - 2)
        x, y = (x - i)[..., None], (y - k)[..., None]
        first = (of * COUNT + k) * RESISTANCES + i
        cold, hot = self.laws[first], self.laws[first + RESISTANCES]
        cold += x * (self.laws[first + 1] - cold)
        hot += x * (self.laws[first + RESISTANCES + 1] - hot)
        found: FloatArray = cold + y * (hot - cold)
        return found


def follow(loads: Loads, *, record: bool = False) -> Followed:
    """Take each lane through its power until its lower cut-off, or to the end of its steps."""
    return _March(loads, record).run()


class _March:
    """Lanes on their way, in blocks of intervals."""

    def __init__(self, loads: Loads, record: bool) -> None:
        self.loads, self.tables = loads, Tables(loads.maps)
        self.stride = max(1, round(INTERVAL / loads.spacing))
        count = loads.of.size
        self.alive = np.arange(count)
        self.capacity = np.array([m.capacity for m in loads.maps])[loads.of]
        self.lower = np.array([m.lower for m in loads.maps])[loads.of]
        self.soc, self.warm = loads.soc.astype(float), loads.temperature.astype(float)
        self.slope = np.zeros(count)  # K/s, of the temperature in the block before
        self.last = loads.steps.astype(np.intp).copy()
        self.energy, self.heat, self.highest = np.zeros(count), np.zeros(count), np.full(count, -np.inf)
        shape = loads.power.shape
        self.kept = [np.zeros(shape) for _ in range(3)] if record else None

    def run(self) -> Followed:
        """March to the end of all lanes."""
        first, most = 0, int(self.loads.steps.max(initial=0))
        while first < most and self.alive.size:
            intervals = min(INTERVALS, max(1, TOGETHER // (self.alive.size * self.stride)))
            intervals = min(intervals, -(-(most - first) // self.stride))
            first += self._block(first, intervals * self.stride)
        kept = self.kept or (None, None, None)
        return Followed(self.last, self.soc, self.warm, self.energy, self.heat, self.highest, *kept)

    def _block(self, first: int, steps: int) -> int:
        """Solve one block, or half of it where it does not settle, and let go of lanes that end in it.

        Returns the number of steps that are done.
        """
        lanes, loads = self.alive, self.loads
        part = loads.power[first : first + steps]
        given, wide = len(part), self.stride
        power = part if lanes.size == loads.of.size else part[:, lanes]
        if given < steps:
            power = np.concatenate([power, np.repeat(power[-1:], steps - given, axis=0)])
        power = np.ascontiguousarray(power).reshape(-1, wide, lanes.size)
        settled, (soc, warm, voltage, current, opened) = _Sweep(self, lanes, power).solve()
        if not settled and steps > wide:
            return self._block(first, max(wide, steps // 2 // wide * wide))
        self.slope[lanes] = (warm[-1] - warm[0]) / (steps * loads.spacing)
        flat = (steps, lanes.size)
        v, i = voltage.reshape(flat), current.reshape(flat)
        heat = ((opened - voltage) * current).reshape(flat)
        spent = v < self.lower[lanes]
        if soc.min() < 0:
            spent |= _between(soc, wide).reshape(flat) < 0
        ends = self._ends(first, spent, lanes)
        if self.kept is not None:
            for kept, values in zip(self.kept, (v, i, _between(warm, wide).reshape(flat)), strict=True):
                kept[first : first + given, lanes] = values[:given]
        if not np.any(ends < first + steps):
            self.energy[lanes] += loads.spacing * power.sum(axis=(0, 1))
            self.heat[lanes] += loads.spacing * heat.sum(axis=0)
            self.highest[lanes] = np.maximum(self.highest[lanes], v.max(axis=0))
            self.soc[lanes], self.warm[lanes] = soc[-1], warm[-1]
            return steps
        before = (first + np.arange(steps))[:, None] < ends
        self.energy[lanes] += loads.spacing * (power.reshape(flat) * before).sum(axis=0)
        self.heat[lanes] += loads.spacing * (heat * before).sum(axis=0)
        self.highest[lanes] = np.maximum(self.highest[lanes], np.where(before, v, -np.inf).max(axis=0))
        self.soc[lanes] = soc[0] - loads.spacing / self.capacity[lanes] * (i * before).sum(axis=0)
        where = (np.minimum(ends - first, steps)) / wide
        left = np.minimum(where.astype(np.intp), len(warm) - 2)
        column = np.arange(lanes.size)
        low = warm[left, column]
        self.warm[lanes] = low + (where - left) * (warm[left + 1, column] - low)
        self.last[lanes] = ends
        self.alive = lanes[ends >= first + steps]
        return steps

    def _ends(self, first: int, spent: np.ndarray, lanes: np.ndarray) -> np.ndarray:
        """The step at which each lane ends: the first at which it is spent, or its last."""
        ends: np.ndarray = np.where(spent.any(axis=0), first + spent.argmax(axis=0), np.iinfo(np.intp).max)
        return np.minimum(ends, self.loads.steps[lanes])


def _between(nodes: FloatArray, wide: int) -> FloatArray:
    """Values at the middles of the steps, on straight lines between the nodes: (interval, step, lane)."""
    share = ((np.arange(wide) + 0.5) / wide)[:, None]
    found: FloatArray = nodes[:-1, None] + share * (nodes[1:, None] - nodes[:-1, None])
    return found


class _Sweep:
    """A block of intervals, swept until it is settled; arrays are (interval, step, lane) or (node, lane)."""

    def __init__(self, march: _March, lanes: np.ndarray, power: FloatArray) -> None:
        loads, self.tables = march.loads, march.tables
        self.of, self.power, self.spacing = loads.of[lanes], power, loads.spacing
        self.per = loads.spacing / march.capacity[lanes]
        self.start, self.warm = march.soc[lanes], march.warm[lanes]
        self.around, capacity = loads.around[lanes], loads.heat_capacity[lanes]
        self.rate, self.cool = loads.spacing / capacity, loads.conductance[lanes] / capacity
        self.length = loads.spacing * power.shape[1]
        self.slope = march.slope[lanes]
        self.double, self.absolute = 2 * power, np.abs(power)

    def solve(self) -> tuple[bool, tuple[FloatArray, ...]]:
        """Whether the block settled; charge, temperature at the nodes; voltage, current, open voltage."""
        nodes = np.arange(len(self.power) + 1)[:, None]
        opened = self.tables.open_voltage(self.of, self.start)
        soc = self._summed(self.start, -self.per * self.power.sum(axis=1) / opened)
        warm = self.warm + self.slope * self.length * nodes
        rest = self.tables.open_voltage(self.of, soc)
        for _ in range(SWEEPS):
            voltage, current, line = self._currents(soc, warm, rest)
            passed = current.sum(axis=1)
            heat = np.einsum("ikl,ikl->il", line, current) - self.power.sum(axis=1)
            hotter = self._cooled(self.rate * heat)
            new = self._summed(self.start, -self.per * passed)
            after = self.tables.open_voltage(self.of, new)
            # currents go with 1 / U, but for losses (a tenth), and change a little with the temperature
            off = (after - rest) / rest
            off = (off[1:] + off[:-1]) / 2
            new = self._summed(self.start, -self.per * passed * (1 - off))
            left = 0.1 * np.abs(off) + off * off + 0.002 * np.abs(hotter - warm)[1:]
            change = float(np.max(left * np.abs(new[0] - new[1:]), initial=0.0))
            soc, warm, rest = new, hotter, after
            if change < SETTLED:
                break
        return change < SETTLED, (soc, warm, voltage, current, line)

    def _currents(
        self, soc: FloatArray, warm: FloatArray, rest: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Voltage, current and open voltage of the steps, for charge and temperature at the nodes."""
        laws = self.tables.resistance(self.of, (soc[1:] + soc[:-1]) / 2, (warm[1:] + warm[:-1]) / 2)
        floor, gain, knee = laws[:, None, :, 0], laws[:, None, :, 1], laws[:, None, :, 2]
        start, end = rest[:-1, None], rest[1:, None]
        line = _between(rest, self.power.shape[1])
        r = self.absolute * (2 * knee / (start + end))
        r += 1.0
        np.divide(gain, r, out=r)
        r += floor
        r *= self.double
        r *= 2.0
        root = line * line
        root -= r
        np.maximum(root, 0.0, out=root)
        np.sqrt(root, out=root)
        root += line
        current = self.double / root
        root *= 0.5
        return root, current, line

    def _cooled(self, rise: FloatArray) -> FloatArray:
        """Temperature at the nodes [K] for the rise that the heat of each interval would give [K]."""
        half = self.length * self.cool / 2
        keep, share = (1 - half) / (1 + half), 1 / (1 + half)
        gain = rise * share
        count = len(rise) + 1
        if float(np.min(keep, initial=1.0)) > FADED ** (
            1 / count
        ):  # the sum in closed form, where it is exact
            powers = np.multiply.accumulate(np.broadcast_to(keep, (count - 1, keep.size)), axis=0)
            closed = powers * ((self.warm - self.around) + np.cumsum(gain / powers, axis=0))
            return np.concatenate([self.warm[None], closed + self.around])
        above = [self.warm - self.around]
        for one in gain:
            above.append(above[-1] * keep + one)
        return np.array(above) + self.around

    def _summed(self, start: FloatArray, steps: FloatArray) -> FloatArray:
        """Values at the nodes, from that of the first and the changes over the intervals."""
        return np.concatenate([start[None], start + np.cumsum(steps, axis=0)])
