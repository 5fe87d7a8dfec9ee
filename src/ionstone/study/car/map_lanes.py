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

from ionstone.study.car.cell_map import CellMap, FloatArray, Tables

INTERVAL = 40.0  # s
#: what one more sweep may change the charge of a block by, as a share of the cell's capacity
SETTLED = 3e-8
SWEEPS = 30
#: share of a temperature that is left after a block, above which its fading is summed in closed form
FADED = 1e-3
#: numbers and intervals swept at once, and numbers worked at once, which fit a processor's cache
TOGETHER, INTERVALS, CACHED = 16_384, 45, 20_000


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
        floor, gain, _ = self.tables.resistance(loads.of, self.soc, self.warm)
        opened = self.tables.open_voltage(loads.of, self.soc)
        self.lossy = (floor + gain / 2) / opened**2  # heat per square of the power [1/W], of the block before
        self.last = loads.steps.astype(np.intp).copy()
        self.energy, self.heat, self.highest = np.zeros(count), np.zeros(count), np.full(count, -np.inf)
        shape = loads.power.shape
        self.kept = [np.zeros(shape) for _ in range(3)] if record else None
        self._rooms = np.empty((2, max(TOGETHER, count * self.stride)))  # fresh memory costs time

    def run(self) -> Followed:
        """March to the end of all lanes."""
        first, most = 0, int(self.loads.steps.max(initial=0))
        while first < most and self.alive.size:
            intervals = min(INTERVALS, max(1, TOGETHER // (self.alive.size * self.stride)))
            intervals = min(intervals, -(-(most - first) // self.stride))
            first += self._block(first, intervals * self.stride)
        kept = self.kept or (None, None, None)
        return Followed(self.last, self.soc, self.warm, self.energy, self.heat, self.highest, *kept)

    def rooms(self, shape: tuple[int, ...]) -> list[FloatArray]:
        """Room for two arrays of a block."""
        size = int(np.prod(shape))
        return [room[:size].reshape(shape) for room in self._rooms]

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
        block = _Sweep(self, lanes, power)
        if not block.solve() and steps > wide:
            return self._block(first, max(wide, steps // 2 // wide * wide))
        self.lossy[lanes] = block.heat.sum(axis=0) / np.maximum(block.squares.sum(axis=0), 1e-30)
        if self.kept is not None:
            values = (block.root / 2, block.current, _between(block.warm, wide))
            for kept, of_block in zip(self.kept, values, strict=True):
                kept[first : first + given, lanes] = of_block.reshape(-1, lanes.size)[:given]
        low = block.root.min(axis=(0, 1)) < 2 * self.lower[lanes]
        if low.any() or block.soc.min() < 0 or np.any(loads.steps[lanes] < first + steps):
            self._end(first, steps, lanes, block)
            return steps
        self.energy[lanes] += loads.spacing * block.out.sum(axis=0)
        self.heat[lanes] += loads.spacing * block.heat.sum(axis=0)
        self.highest[lanes] = np.maximum(self.highest[lanes], block.root.max(axis=(0, 1)) / 2)
        self.soc[lanes], self.warm[lanes] = block.soc[-1], block.warm[-1]
        return steps

    def _end(self, first: int, steps: int, lanes: np.ndarray, block: _Sweep) -> None:
        """Take the figures of a block up to where each lane ends, and let go of those that do."""
        wide, spacing = self.stride, self.loads.spacing
        flat = (steps, lanes.size)
        v, i, power = (x.reshape(flat) for x in (block.root / 2, block.current, block.power))
        heat = _between(block.rest, wide).reshape(flat) * i - power
        spent = (v < self.lower[lanes]) | (_between(block.soc, wide).reshape(flat) < 0)
        ends = self._ends(first, spent, lanes)
        before = (first + np.arange(steps))[:, None] < ends
        self.energy[lanes] += spacing * (power * before).sum(axis=0)
        self.heat[lanes] += spacing * (heat * before).sum(axis=0)
        self.highest[lanes] = np.maximum(self.highest[lanes], np.where(before, v, -np.inf).max(axis=0))
        self.soc[lanes] -= spacing / self.capacity[lanes] * (i * before).sum(axis=0)
        where = np.minimum(ends - first, steps) / wide
        left = np.minimum(where.astype(np.intp), len(block.warm) - 2)
        column = np.arange(lanes.size)
        cold, hot = block.warm[left, column], block.warm[left + 1, column]
        self.warm[lanes] = cold + (where - left) * (hot - cold)
        self.last[lanes] = np.minimum(ends, self.loads.steps[lanes])
        self.alive = lanes[ends >= first + steps]

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
    """A block of intervals, swept until it is settled; arrays are (interval, step, lane) or (node, lane).

    `root` is twice the voltage [V], `rest` the open-circuit voltage at the nodes as it was for the currents,
    `out`, `heat` and `squares` the sums of power, heat [W] and squares of the power of each interval.
    """

    def __init__(self, march: _March, lanes: np.ndarray, power: FloatArray) -> None:
        loads, self.tables = march.loads, march.tables
        self.of, self.power = loads.of[lanes], power
        self.per = loads.spacing / march.capacity[lanes]
        self.around, capacity = loads.around[lanes], loads.heat_capacity[lanes]
        self.rate, self.cool = loads.spacing / capacity, loads.conductance[lanes] / capacity
        self.length = loads.spacing * power.shape[1]
        self.out, self.squares = power.sum(axis=1), np.einsum("ikl,ikl->il", power, power)
        self.left = self._fading()
        # a guess: the heat of the block before, in proportion to the square of the power
        self.heat = march.lossy[lanes] * self.squares
        start, self.warm = march.soc[lanes], march.warm[lanes][None]
        drawn = (self.out + self.heat) / self.tables.open_voltage(self.of, start)
        self.soc = self._summed(start, -self.per * drawn)
        self.warm = self._cooled(self.rate * self.heat)
        self.rest = self.tables.open_voltage(self.of, self.soc)
        self.root, self.current = march.rooms(power.shape)

    def solve(self) -> bool:
        """Sweep until another sweep would change nothing; whether that came to be."""
        for _ in range(SWEEPS):
            passed, given = self._enter()
            self.heat = given - self.out
            warm = self._cooled(self.rate * self.heat)
            rest = self.tables.open_voltage(self.of, self._summed(self.soc[0], -self.per * passed))
            # currents go with 1 / U, but for losses (a tenth), and change a little with the temperature
            off = (rest - self.rest) / self.rest
            off = (off[1:] + off[:-1]) / 2
            soc = self._summed(self.soc[0], -self.per * passed * (1 - off))
            left = 0.1 * np.abs(off) + off * off + 0.001 * np.abs(warm - self.warm)[1:]
            change = float(np.max(left * np.abs(soc[0] - soc[1:]), initial=0.0))
            self.soc, self.warm = soc, warm
            if change < SETTLED:
                return True
            self.rest = rest
        return False

    def _enter(self) -> tuple[FloatArray, FloatArray]:
        """Voltage and current of the steps, for charge and temperature at the nodes.

        Returns the sums over the steps of each interval of current [A] and of current times open voltage [W].
        """
        middles = [(x[1:] + x[:-1]) / 2 for x in (self.soc, self.warm)]
        floor, gain, knee = self.tables.resistance(self.of, *middles)[:, :, None]
        start, end = self.rest[:-1, None], self.rest[1:, None]
        scale, gain, floor, rise = 2 * knee / (start + end), 2 * gain, 2 * floor, end - start
        wide = self.power.shape[1]
        share = ((np.arange(wide) + 0.5) / wide)[:, None]
        passed, given = np.zeros_like(self.out), np.zeros_like(self.out)
        rows = max(1, CACHED // self.out.size)
        for at in range(0, wide, rows):
            part = slice(at, at + rows)
            double = 2 * self.power[:, part]
            line = share[part] * rise
            line += start
            r = np.abs(self.power[:, part])
            r *= scale
            r += 1.0
            np.divide(gain, r, out=r)
            r += floor
            r *= double
            root = np.multiply(line, line, out=self.root[:, part])
            root -= r
            np.maximum(root, 0.0, out=root)
            np.sqrt(root, out=root)
            root += line
            current = np.divide(double, root, out=self.current[:, part])
            passed += current.sum(axis=1)
            given += np.einsum("ikl,ikl->il", line, current)
        return passed, given

    def _fading(self) -> FloatArray | None:
        """Shares of the first temperature left at the later nodes, None where they all but vanish."""
        half = self.length * self.cool / 2
        self.keep, self.share, count = (1 - half) / (1 + half), 1 / (1 + half), len(self.power)
        if count == 1 or float(np.min(self.keep)) <= FADED ** (1 / count):
            return None
        found: FloatArray = self.keep ** np.arange(1, count + 1)[:, None]
        return found

    def _cooled(self, rise: FloatArray) -> FloatArray:
        """Temperature at the nodes [K] for the rise that the heat of each interval would give [K]."""
        start, gain = self.warm[0] - self.around, rise * self.share
        if self.left is not None:  # in closed form
            above = self.left * (start + np.cumsum(gain / self.left, axis=0))
            return np.concatenate([self.warm[:1], above + self.around])
        nodes = [start]
        for one in gain:
            nodes.append(nodes[-1] * self.keep + one)
        return np.array(nodes) + self.around

    def _summed(self, start: FloatArray, steps: FloatArray) -> FloatArray:
        """Values at the nodes, from that of the first and the changes over the intervals."""
        return np.concatenate([start[None], start + np.cumsum(steps, axis=0)])
