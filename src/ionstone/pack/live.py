r"""A pack that lives: its cells in the kernel, the currents between them, the heat around them.

A step of time holds a demand that is linear over it. The currents of the cells are linear too, continuous
where the demand is, and solved for so that at its end parallel cells have one voltage and the demand is met
(``ionstone.pack.circuit``); a jump of the demand is entered at once, at unchanged concentrations. The
currents sum to that of the string at every instant, since lines that sum to a line do; the voltages of
parallel cells agree at the ends of steps, and between them to second order. Heat between the cells: half a
step before and half a step after (``ionstone.pack.heat``).

A heater hangs beside the load, on the terminals: the cells carry both. Its power is a line over the step,
from what it was to what the cooling asks. Where a limit of the cells binds, the load gets less first, to
nothing, and then the heater; a charger feeds it beside the cells, up to what the charger was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.core.errors import SimulationError
from ionstone.pack.bms import CellLimits
from ionstone.pack.circuit import Layout, Lines, bounded, demanded, exact, lines
from ionstone.pack.heat import HeatNetwork
from ionstone.simulation.lanes import Lanes, LanesState

FloatArray = NDArray[np.float64]
#: of the demanded power, and of a hundredth of the power at 1C where less is demanded
POWER_TOLERANCE = 2e-5
#: [V] between parallel cells at the end of a step
VOLTAGE_TOLERANCE = 2e-5
_PASSES = 12
#: parts of a step of time in which a power changes fast
_MOST_PARTS = 12
#: of the tolerance that the lines may use up, since voltages bend
_SAFETY = 0.6
#: least and largest ratio of one estimate of a resistance to the next
_CHANGE = 4.0
#: [V] least change of the voltage of a cell with its current, at 1C
_FLATTEST = 1e-4
#: limits that have no place among those of the cells
PEAK = "peak power"

ENERGIES = (
    "terminal", "heater", "cells", "joints", "busbars", "heat", "to_ambient", "to_coolant", "stored_heat",
)  # fmt: skip


@dataclass(frozen=True)
class Surroundings:
    """What is around the pack in a step: ambient and coolant [K], whether coolant flows.

    ``heater`` [W] is the power that the heater is to have at the end of the step.
    """

    ambient: float
    coolant: float
    pumping: bool
    heater: float


@dataclass(frozen=True, eq=False)
class PackState:
    """A point to return to, from ``LivePack.save``."""

    lanes: LanesState
    plates: FloatArray
    currents: FloatArray
    current: float
    voltage: float
    drift: FloatArray
    slopes: tuple[FloatArray, FloatArray, FloatArray]
    held: tuple[str, float]
    limit: str
    heater: float
    energies: dict[str, float] = field(default_factory=dict)


class LivePack:
    """The pack between steps; made by ``ionstone.Pack``."""

    def __init__(
        self, lanes: Lanes, layout: Layout, limits: CellLimits, network: HeatNetwork, ambient: float
    ) -> None:
        #: temperature of what is around [K]; may be changed between steps
        self.ambient = ambient
        self.lanes, self.layout, self.limits, self.network = lanes, layout, limits, network
        n = lanes.count
        #: current of the string [A]: that of the load and of the heater
        self.current = 0.0
        self.currents, self.voltage, self.heater = np.zeros(n), 0.0, 0.0
        self.limit = ""
        self.energies = dict.fromkeys(ENERGIES, 0.0)
        self._held = ("current", 0.0)
        self._drift = np.zeros(n)
        self._one_c = limits.nominal
        if not lanes.enter(self.currents):
            raise SimulationError("no consistent state at rest was found at the start: change soc")
        self._slope, self._plating_slope = self._first_slopes()
        self._step_slope = 1.1 * self._slope
        self.settle("current", 0.0)
        self._stored_first = self._stored()
        self.passes = 0  # passes of the cells over all steps, for the tests of cost

    # -- reading

    @property
    def time(self) -> float:
        """Time since the start [s]."""
        return self.lanes.time

    @property
    def voltages(self) -> FloatArray:
        """Terminal voltage of one cell of each lane [V]."""
        return self.lanes.output("voltage")

    @property
    def string_power(self) -> float:
        """Power that the string gives to load and heater [W]."""
        return self.voltage * self.current

    @property
    def power(self) -> float:
        """Power at the terminals of the pack [W], positive on discharge: what the load gets."""
        return self.string_power - self.heater

    @property
    def load_current(self) -> float:
        """Current at the terminals of the pack [A]: that of the string less that of the heater."""
        return self.current - self.heater / self.voltage if self.heater else self.current

    @property
    def soc(self) -> float:
        """Mean state of charge."""
        w = self.layout.weight
        return float(np.sum(w * self.lanes.output("soc")) / np.sum(w))

    @property
    def temperature(self) -> float:
        """Mean temperature of the cells [K]."""
        return float(np.average(self.lanes.output("temperature"), weights=self.layout.weight))

    @property
    def hottest(self) -> float:
        """Temperature of the warmest cell [K]."""
        return float(np.max(self.lanes.output("temperature")))

    def parts_of(self, start: float, end: float, follow: float) -> int:
        """Parts into which a step from one power to another [W] is cut so that V I follows it to ``follow``.

        Current and voltage that are lines differ from a line of power by R (dI)^2 / 4 in the middle; the
        share is of the larger power of both ends, and of a hundredth of the power at 1C.
        """
        resistance = self._line(self.voltages, self.currents, self._step_slope).resistance
        change = (end - start) / self.voltage
        one_c = float(np.mean(self._one_c)) * float(np.mean(self.layout.weight_in_group))
        off = resistance * change * change / 4 / max(abs(start), abs(end), 1e-2 * self.voltage * one_c)
        return int(min(_MOST_PARTS, np.ceil(np.sqrt(max(off / (_SAFETY * follow), 1e-12)))))

    def terminal(self, currents: FloatArray, current: float) -> float:
        """Voltage of the pack [V] at the cells' present voltages."""
        return self._line(self.voltages, currents, self._slope).voltage(current)

    def mismatch(self) -> float:
        """Largest difference [V] of a cell's branch from the voltage of its group, now."""
        line = self._line(self.voltages, self.currents, self._slope)
        group = line.group_voltage - line.group_resistance * self.current
        branch = self.voltages - self.layout.joint * self.currents
        return float(np.max(np.abs(branch - group[self.layout.group])))

    # -- acting

    def advance(
        self, dt: float, control: str, start: float, end: float, around: Surroundings
    ) -> tuple[float, str]:
        """Hold a demand that runs from ``start`` to ``end`` over ``dt`` [s].

        Returns the worst correction of a current that the last pass asked for, over the nominal current, as
        a measure for the step of time, and the limit that bound, empty where the demand was met.
        SimulationError where the cells cannot follow; then nothing has changed.
        """
        jump = self._held[0] != control or abs(self._held[1] - start) > 1e-9 * max(abs(start), 1.0)
        origin = self.save()
        try:
            if jump:
                self.settle(control, start)
        except SimulationError:
            self.restore(origin)
            raise
        before = self.save()
        for parts in (1, 2, 4, 8, 16):
            ends = [start + (end - start) * (i + 1) / parts for i in range(parts)]
            try:
                worst = max(self._part(dt / parts, control, value, around) for value in ends)
            except SimulationError:
                self.restore(before)
                continue
            self._held = (control, end)
            return worst, self.limit
        self.restore(origin)
        raise SimulationError(
            f"a step of {dt:g} s at {control} = {end:g} failed: the cells cannot follow; give less"
        )

    def settle(self, control: str, value: float) -> None:
        """Enter a demand at once: Newton on the currents at unchanged concentrations."""
        scale = float(np.max(self._one_c))
        held = (self._slope.copy(), self.currents.copy(), self.current)
        for i in range(3 * _PASSES):
            line = self._line(self.voltages, self.currents, self._slope)
            got, limit = self._wanted(line, control, value, self._slope, self.heater)
            new = exact(self.layout, line.currents(got), got)
            if i and float(np.max(np.abs(new - self.currents))) < 1e-7 * scale:
                break
            if not self._enter(new):
                step = new - self.currents
                for share in (0.5, 0.25, 0.1):
                    if self._enter(self.currents + share * step):
                        got = self.current + share * (got - self.current)
                        break
                else:
                    self._slope, self.currents, self.current = held
                    raise SimulationError(f"{control} = {value:g}: no state of the cells was found")
            self.current = got
            self.limit = limit
        line = self._line(self.voltages, self.currents, self._slope)
        self.voltage = line.voltage(self.current)
        self.heater = self._fed(control, value, self.heater)
        self._held = (control, value)
        self._drift[:] = 0.0

    def save(self) -> PackState:
        """The present point."""
        slopes = (self._slope.copy(), self._step_slope.copy(), self._plating_slope.copy())
        return PackState(
            self.lanes.save(), self.network.plates.copy(), self.currents.copy(), self.current, self.voltage,
            self._drift.copy(), slopes, self._held, self.limit, self.heater, dict(self.energies),
        )  # fmt: skip

    def restore(self, point: PackState) -> None:
        """Go back to a point."""
        self.lanes.restore(point.lanes)
        self.network.plates = point.plates.copy()
        self.currents, self.current, self.voltage = point.currents.copy(), point.current, point.voltage
        self._drift, self._held, self.limit = point.drift.copy(), point.held, point.limit
        self.heater = point.heater
        self._slope, self._step_slope, self._plating_slope = (s.copy() for s in point.slopes)
        self.energies = dict(point.energies)

    # -- inside

    def _line(self, voltage: FloatArray, current: FloatArray, slope: FloatArray) -> Lines:
        return lines(self.layout, voltage, current, slope)

    def _first_slopes(self) -> tuple[FloatArray, FloatArray]:
        """Resistance of each cell at once after a change of current, and that of its plating potential."""
        lanes, point = self.lanes, self.lanes.save()
        rest, plating = self.voltages.copy(), lanes.output("plating_potential").copy()
        for rate in (0.1, 1e-2, 1e-3, 1e-4):  # [1/h]; a cold polymer carries little
            probe = rate * self._one_c
            if lanes.enter(probe):
                break
        else:
            raise SimulationError("no consistent state under load was found at the start: change soc")
        slope = (rest - self.voltages) / probe
        potential = (lanes.output("plating_potential") - plating) / probe
        lanes.restore(point)
        return np.maximum(slope, 1e-9), np.maximum(potential, 0.05 * slope)

    def _wanted(
        self, line: Lines, control: str, value: float, slope: FloatArray, heater: float
    ) -> tuple[float, str]:
        """Current that meets the demand and the heater [W] within the limits, and the limit that binds."""
        want = demanded(line, control, value, heater)
        lanes = self.lanes
        bounds = self.limits.bounds(
            self.currents, self.voltages, slope, lanes.output("temperature"),
            lanes.output("plating_potential"), self._plating_slope,
        )  # fmt: skip
        got, limit = bounded(line, want, bounds)
        beyond = line.open_voltage**2 < 4 * line.resistance * (value + heater)
        return got, limit or (PEAK if control == "power" and beyond else "")

    def _fed(self, control: str, value: float, heater: float) -> float:
        """Power of the heater [W] where a limit may leave less for it than was planned."""
        if not (self.limit and heater) or control == "voltage":
            return heater
        asked = {"power": value, "current": value * self.voltage, "resistance": 0.0}[control]
        return min(heater, max(self.string_power - min(asked, 0.0), 0.0))

    def _enter(self, new: FloatArray) -> bool:
        """Enter currents of the lanes, and learn the slopes from what they change."""
        before, plating = self.voltages.copy(), self.lanes.output("plating_potential").copy()
        if not self.lanes.enter(new):
            return False
        change = new - self.currents
        self._slope = _learned(self._slope, before - self.voltages, change, self._one_c)
        risen = self.lanes.output("plating_potential") - plating
        self._plating_slope = _learned(self._plating_slope, risen, change, self._one_c)
        self.currents = new
        return True

    def _part(self, dt: float, control: str, end: float, around: Surroundings) -> float:
        """One step of time; the worst correction that its first pass needed, over the nominal current."""
        lanes, layout = self.lanes, self.layout
        first_voltage, first_current, first = self.voltages.copy(), self.currents.copy(), self._sums()
        lost, cooled = self._exchange(0.5 * dt, around)
        warm = lanes.temperature
        point = lanes.save()
        line = self._line(self.voltages + self._drift * dt, self.currents, self._step_slope)
        heater = around.heater
        got, limit = self._wanted(line, control, end, self._step_slope, heater)
        new = exact(layout, line.currents(got), got)
        worst, previous = 0.0, None
        for attempt in range(_PASSES):
            self.passes += 1
            if not lanes.advance(dt, first_current, new):
                raise SimulationError("the cells cannot follow")
            if previous is not None:
                drop, change = previous[0] - self.voltages, new - previous[1]
                self._step_slope = _learned(self._step_slope, drop, change, self._one_c)
                risen = lanes.output("plating_potential") - previous[2]
                self._plating_slope = _learned(self._plating_slope, risen, change, self._one_c)
            self.currents, self.current = new, got
            line = self._line(self.voltages, new, self._step_slope)
            better, limit = self._wanted(line, control, end, self._step_slope, heater)
            corrected = exact(layout, line.currents(better), better)
            if attempt == 0:
                worst = float(np.max(np.abs(corrected - new) / self._one_c))
            if self._good(line, better, limit):
                break
            previous = (self.voltages.copy(), new, lanes.output("plating_potential").copy())
            lanes.restore(point)
            new, got = corrected, better
        else:
            raise SimulationError("the currents did not settle")
        self.voltage, self.limit = line.voltage(self.current), limit
        self.heater = self._fed(control, end, heater)
        self._drift = (
            self.voltages - first_voltage + self._step_slope * (self.currents - first_current)
        ) / dt
        self._book(dt, first, warm, lost, cooled, around)
        return worst

    def _good(self, line: Lines, better: float, limit: str) -> bool:
        """Whether the demand, or the limit that binds, and the voltages of parallel cells are met."""
        group = line.group_voltage - line.group_resistance * self.current
        branch = self.voltages - self.layout.joint * self.currents
        if float(np.max(np.abs(branch - group[self.layout.group]))) > VOLTAGE_TOLERANCE:
            return False
        off = abs(better - self.current)
        one_c = float(np.mean(self._one_c)) * float(np.mean(self.layout.weight_in_group))
        if limit:
            return off <= 1e-4 * one_c
        return off <= POWER_TOLERANCE * max(abs(self.current), 1e-2 * one_c)

    def _sums(self) -> tuple[float, float, float, float, float]:
        """Power at the terminals, of heater and all cells, losses of joints and of busbars, now [W]."""
        w, i = self.layout.weight, self.currents
        cells = float(np.sum(w * i * self.voltages))
        joints = float(np.sum(w * self.layout.joint * i * i))
        return self.power, self.heater, cells, joints, self.layout.busbar * self.current**2

    def _exchange(self, dt: float, around: Surroundings) -> tuple[float, float]:
        """Let heat flow for a time; heat [J] to ambient and coolant."""
        network = self.network
        heater = np.zeros(len(network.stored))
        wet = network.layout.cells < len(network.stored)
        target = slice(network.layout.cells, None) if wet else slice(None)
        share = network.stored[target] / np.sum(network.stored[target])
        heater[target] = self.heater * share
        after, lost, cooled = network.advance(
            dt, self.lanes.temperature, around.ambient, around.coolant, around.pumping, heater
        )
        self.lanes.set_temperature(after)
        return lost, cooled

    def _stored(self) -> float:
        """Heat in cells and structure [J], from 0 K."""
        nodes = np.concatenate([self.lanes.temperature, self.network.plates])
        return float(np.sum(self.network.stored * nodes))

    def _book(
        self, dt: float, first: Any, warm: FloatArray, lost: float, cooled: float, around: Surroundings
    ) -> None:
        """Add up energies [J]: electrical by the trapezoidal rule, heat as what the cells stored."""
        last, capacity = self._sums(), self.network.stored[: self.lanes.count]
        made = float(np.sum(capacity * (self.lanes.temperature - warm)))
        more = self._exchange(0.5 * dt, around)
        e = self.energies
        for name, a, b in zip(ENERGIES[:5], first, last, strict=True):
            e[name] += 0.5 * dt * (a + b)
        e["heat"] += made
        e["to_ambient"] += lost + more[0]
        e["to_coolant"] += cooled + more[1]
        e["stored_heat"] = self._stored() - self._stored_first


def _learned(slope: FloatArray, rise: FloatArray, change: FloatArray, one_c: FloatArray) -> FloatArray:
    """Slopes from a change, kept where it is too small or they would leap.

    Where the voltage of a cell does not follow its current (a plateau), slopes end at `_FLATTEST`.
    """
    enough = np.abs(change) > 1e-5 * one_c
    found = np.divide(rise, change, out=slope.copy(), where=enough)
    return np.maximum(np.clip(found, slope / _CHANGE, slope * _CHANGE), _FLATTEST / one_c)
