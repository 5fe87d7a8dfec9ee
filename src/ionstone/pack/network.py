"""A pack of cell models in series and parallel: ``ionstone.Pack``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_design import Cell, load_cell
from ionstone.cell_model.build import Conditions
from ionstone.core.config import load as read_config
from ionstone.core.errors import InputError, shown
from ionstone.core.quantities import to_si
from ionstone.pack.bms import CellLimits, watched_of
from ionstone.pack.circuit import Layout
from ionstone.pack.config import STRUCTURE_HEAT, PackDesign
from ionstone.pack.cooling import (
    CELL_SIDE,
    COOLANT_FLOW,
    Cooling,
    face_area,
    scaled,
    to_ambient,
    to_coolant,
)
from ionstone.pack.hardware import KINDS, PressureHardware, pressure_hardware
from ionstone.pack.heat import HeatLayout, HeatNetwork
from ionstone.pack.live import LivePack, Surroundings
from ionstone.pack.spread import Aged, Drawn, Spread, draw
from ionstone.simulation.arguments import DEFAULT_TOLERANCE, conditions_of, plan_of
from ionstone.simulation.lanes import lanes_of

if TYPE_CHECKING:
    from ionstone.pack.result import PackRun
    from ionstone.simulation.grid import Grid

FloatArray = NDArray[np.float64]
#: [V] highest voltages of a full pack of each class: Porsche Taycan 835 V, Lucid Air 924 V (estimated)
CLASSES = ((500.0, 400), (880.0, 800), (1000.0, 900))
#: [V] of a full pack below which it is of no class of cars
LOWEST = 200.0
MOST_CELLS = 20_000
#: [K] highest temperature of cells where none is given (estimated: usual in cars, 328 to 338)
HIGHEST_TEMPERATURE = 333.15
#: [K] over the operating temperature of a cell that must be warm (estimated)
ABOVE_OPERATING = 20.0
#: controls of a step and their units
CONTROLS = {"power": "W", "current": "A", "c_rate": "1/h", "voltage": "V", "resistance": "ohm"}


@dataclass(frozen=True)
class PackStep:
    """What a step of a pack gave, SI: the end of the step, and the limit that bound, empty where none did."""

    time: float
    voltage: float
    current: float
    power: float
    soc: float
    temperature: float
    hottest: float
    heater: float
    limit: str


class Pack:
    """Cells in series and parallel, each a cell model of its own.

    ``Pack(cell, series=96, parallel=2, spread={"capacity": "1 %", "resistance": "3 %"}, seed=1)`` then
    ``pack.simulate(...)``, or ``pack.step(power=20e3, dt=1.0)`` under an outside controller.

    ``spread``, ``aged``: how cells differ, drawn with ``seed``. ``modules``: groups in series that share a
    cold plate; the coolant passes them in turn. ``busbar`` [ohm]: of each link between two groups.
    ``joint`` [ohm]: of each cell to its group. ``cooling``: a Cooling, a mapping of its fields, "none" for
    no coolant. ``pressure``: what yields in the hardware of a stack pressure: gas, springs, foam, rigid.
    ``bms``: which limits of the cells are kept: "own" all of them, "none", or a list;
    ``highest_temperature`` [K] is one of them (default: 60 degC, or 20 K over the cell's operating one).
    ``lanes``: cells that are computed in each parallel group, the others are like these (default: all that
    differ). Groups that are alike are computed once. InputError for bad input.
    """

    def __init__(
        self,
        cell: Cell | str | Path,
        *,
        series: int,
        parallel: int = 1,
        spread: Any = None,
        aged: Any = None,
        seed: int = 0,
        modules: int = 1,
        cooling: Any = None,
        busbar: float | str = 0.0,
        joint: float | str = 0.0,
        bms: Any = "own",
        highest_temperature: float | str | None = None,
        lanes: int | None = None,
        model: str = "P2D",
        grid: Grid | None = None,
        tolerance: float = DEFAULT_TOLERANCE,
        design: PackDesign | None = None,
        pressure: str = "gas",
        threads: int | None = None,
    ) -> None:
        self.cell: Cell = cell if isinstance(cell, Cell) else load_cell(cell)
        self.series: int = _count(series, "series")
        self.parallel: int = _count(parallel, "parallel")
        if self.series * self.parallel > MOST_CELLS:
            raise InputError(f"{series} x {parallel} cells are too many: give at most {MOST_CELLS}")
        self.modules = _count(modules, "modules")
        if self.modules > self.series:
            raise InputError(f"modules is {modules}, with {series} groups in series: give at most {series}")
        if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
            raise InputError(f"seed is {shown(seed)}: give a whole number of 0 or more")
        self.spread, self.aged, self.seed = Spread.read(spread), Aged.read(aged), seed
        self.cooling = _cooling(cooling)
        self.busbar, self.joint = _resistance(busbar, "busbar"), _resistance(joint, "joint")
        self.watched = watched_of(bms)
        if model == "SPMe":  # it has no potential of the solid, hence none of plating
            if bms not in ("own", True) and "plating" in self.watched:
                raise InputError("bms: SPMe does not tell plating: leave it out, or use the model P2D or SPM")
            self.watched = tuple(name for name in self.watched if name != "plating")
        self.highest_temperature = self._highest(highest_temperature)
        differ = not self.spread.none or self.aged is not None
        self.lanes = lanes if lanes is not None else (self.parallel if differ else 1)
        if not isinstance(self.lanes, int) or self.lanes < 1 or self.parallel % self.lanes:
            raise InputError(f"lanes is {shown(lanes)}: give a whole number that divides {self.parallel}")
        self.plan = plan_of(model, "lumped", grid, tolerance)
        self.design = design or PackDesign()
        if pressure not in KINDS:
            raise InputError(f"pressure is {shown(pressure)}: give one of {', '.join(KINDS)}")
        self._pressure = pressure
        self.threads = threads or os.cpu_count() or 1
        self._differ = differ
        self._live: LivePack | None = None

    @classmethod
    def load(cls, path: str | Path) -> Pack:
        """A pack from a YAML file; see ``ionstone.pack.file``."""
        from ionstone.pack.file import load_pack

        return load_pack(path)

    # -- what the pack is

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return self.series * self.parallel

    @property
    def strings(self) -> float:
        """Cells in parallel, as a number of strings."""
        return float(self.parallel)

    @cached_property
    def nominal_energy(self) -> float:
        """Energy between the cut-offs at rest [J], of cells without spread."""
        return self.n_cells * float(self.cell.open_circuit_energy)

    @property
    def nominal_capacity(self) -> float:
        """Nominal charge of the string [C]."""
        return self.parallel * self.cell.parameters().scalars["nominal_capacity"]

    @property
    def voltage(self) -> float:
        """Nominal voltage [V]: energy over charge."""
        return self.nominal_energy / self.nominal_capacity

    @property
    def voltage_range(self) -> tuple[float, float]:
        """Voltages of the empty and of the full pack [V]."""
        s = self.cell.parameters().scalars
        return self.series * s["voltage.lower_cutoff"], self.series * s["voltage.upper_cutoff"]

    @property
    def voltage_class(self) -> int:
        """400, 800 or 900 [V]; 0 where the full pack is below or above them."""
        full = self.voltage_range[1]
        return 0 if full < LOWEST else next((name for most, name in CLASSES if full <= most), 0)

    def check_voltage(self, lowest: float, highest: float, of: str = "the car") -> None:
        """InputError where a car that takes ``lowest`` to ``highest`` [V] cannot take this pack."""
        low, high = self.voltage_range
        if low < lowest or high > highest:
            least, most = ceil(lowest * self.series / low), int(highest * self.series / high)
            way = f"give {least} to {most} of them" if least <= most else "no number of these cells fits"
            raise InputError(
                f"pack: {self.series} cells in series give {low:.0f} to {high:.0f} V, {of} takes"
                f" {lowest:g} to {highest:g} V: {way}"
            )

    @property
    def cells_mass(self) -> float:
        """Mass of the cells [kg]."""
        return self.n_cells * float(self.cell.mass)

    @property
    def mass(self) -> float:
        """Mass of the pack [kg], from the ratio of the format and the hardware of the stack pressure."""
        kind = str(self.cell.config.format.kind)
        ratio = self.design.mass_ratio(kind, self.nominal_energy / self.cells_mass).value
        held = self.hardware
        return self.cells_mass * (1 / ratio + (held.mass_fraction if held is not None else 0.0))

    @property
    def volume(self) -> float:
        """Volume of the pack [m^3]."""
        ratio, held = self.design.volume_ratio(str(self.cell.config.format.kind)).value, self.hardware
        more = held.volume_fraction if held is not None else 0.0
        return self.n_cells * float(self.cell.volume) * (1 + more) / ratio

    @cached_property
    def hardware(self) -> PressureHardware | None:
        """End plates, straps and what yields between them for each row of cells; None without pressure."""
        return pressure_hardware(self.cell, kind=self._pressure)

    def figures(self) -> dict[str, float]:
        """What the pack is, SI: energy, voltages, class, masses, volume, number of cells."""
        low, high = self.voltage_range
        return {
            "cells": float(self.n_cells), "energy": self.nominal_energy, "voltage": self.voltage,
            "voltage_lowest": low, "voltage_highest": high, "voltage_class": float(self.voltage_class),
            "cells_mass": self.cells_mass, "mass": self.mass, "volume": self.volume,
            "pressure_mass": 0.0 if self.hardware is None else self.hardware.mass_fraction * self.cells_mass,
        }  # fmt: skip

    @cached_property
    def drawn(self) -> Drawn:
        """Factors of each cell, groups one after the other."""
        return draw(self.spread, self.aged, self.n_cells, self.seed)

    def __repr__(self) -> str:
        energy, kind = self.nominal_energy / 3.6e6, f"{self.series}s{self.parallel}p"
        return f"Pack({kind} of {self.cell.name}, {energy:.3g} kWh, {self.voltage:.0f} V)"

    # -- what it does

    def step(
        self,
        dt: float | str = 1.0,
        *,
        power: float | str | None = None,
        current: float | str | None = None,
        c_rate: float | str | None = None,
        voltage: float | str | None = None,
        resistance: float | str | None = None,
        rest: bool = False,
    ) -> PackStep:
        """Advance by ``dt`` [s] under one load of the whole pack, positive on discharge.

        The load is at the terminals; a heater that runs draws on the cells beside it.

        Where a limit of the cells binds, the pack gives what it can: ``power`` of the result is what was
        given at the end of the step and ``limit`` the reason. The first step starts a full pack at 25 degC;
        ``start`` chooses otherwise. SimulationError where no solution is found; then nothing has changed.
        """
        dt = to_si(dt, "s", "dt")
        if not 1e-3 <= dt <= 1e5:
            raise InputError(f"dt is {dt:g} s: give 1e-3 s to 1e5 s, for example 1.0")
        given = {"power": power, "current": current, "c_rate": c_rate, "voltage": voltage}
        given["resistance"] = resistance
        loads = [(name, v) for name, v in given.items() if v is not None]
        if len(loads) + bool(rest) != 1:
            raise InputError(f"step needs one load: give one of {', '.join(CONTROLS)}, rest")
        control, value = loads[0] if loads else ("current", 0.0)
        control, number = self.load_of(control, to_si(value, CONTROLS[control], control))
        live = self._live or self.start()
        around = self.around(live)
        live.advance(dt, control, number, number, around)
        return self.reading(live)

    def power_limits(self, seconds: float | str = 2.0) -> tuple[float, float]:
        """Power [W] that the pack can take (negative) and give, each held for ``seconds`` from now.

        From the limits of its cells, tried on the cells themselves, to 1 % of the range between the power at
        once and the power after a time at the limit; nothing changes.
        """
        seconds = to_si(seconds, "s", "seconds")
        live = self._live or self.start()
        here, around, found = live.save(), self.around(live), []
        for sign in (-1.0, 1.0):
            most = sign * 100.0 * self.nominal_energy / 3600.0
            try:
                live.settle("power", most)
                high = max(sign * live.power, 0.0)
                live.advance(seconds, "power", most, most, around)
                low = min(max(sign * live.power, 0.0), high)
                for _ in range(7):
                    middle = sign * 0.5 * (low + high)
                    live.restore(here)
                    live.advance(seconds, "power", middle, middle, around)
                    low, high = (abs(middle), high) if not live.limit else (low, abs(middle))
            finally:
                live.restore(here)
            found.append(sign * low)
        return found[0], found[1]

    def load_of(self, control: str, value: float) -> tuple[str, float]:
        """A load of the pack in the terms of its circuit."""
        if control == "c_rate":
            return "current", value * self.nominal_capacity / 3600.0
        return control, value

    def reading(self, live: LivePack) -> PackStep:
        """The state of the pack now."""
        temperature = live.lanes.output("temperature")
        mean = float(np.average(temperature, weights=live.layout.weight))
        return PackStep(
            live.time, live.voltage, live.load_current, live.power, live.soc, mean,
            float(np.max(temperature)), live.heater, live.limit,
        )  # fmt: skip

    def start(
        self,
        *,
        soc: float | str = 1.0,
        temperature: float | str | None = None,
        ambient: float | str | None = None,
    ) -> LivePack:
        """Begin again at rest: state of charge, temperature of all cells, and of what is around [K]."""
        self._live = self.alive(soc=soc, temperature=temperature, ambient=ambient)
        return self._live

    def simulate(self, load: Any = None, **options: Any) -> PackRun:
        """Run a protocol or a power trace from the start; see ``ionstone.pack.simulate.simulate_pack``."""
        from ionstone.pack.simulate import simulate_pack

        return simulate_pack(self, load, **options)

    def around(self, live: LivePack) -> Surroundings:
        """Ambient, coolant, pump and heater now, by the rules of the cooling."""
        c = self.cooling
        inlet = c.coolant.value if c.coolant is not None else live.ambient
        temperature = live.lanes.output("temperature")
        pumping = c.cool_above is None or float(np.max(temperature)) > c.cool_above.value
        heater = 0.0
        if c.heater.value > 0:
            target = self.heated_to
            if target is None:
                raise InputError("cooling.heat_below is missing: the heater needs it: add e.g. 45 degC")
            cold = target - float(np.average(temperature, weights=live.layout.weight))
            heater = c.heater.value * min(1.0, max(0.0, cold / 2.0))
        return Surroundings(live.ambient, inlet, pumping and heater == 0.0, heater)

    @property
    def heated_to(self) -> float | None:
        """Temperature that a heater holds [K]: as given, else the operating temperature of the cell."""
        if self.cooling.heat_below is not None:
            return self.cooling.heat_below.value
        own = float(self.cell.parameters().scalars["operating_temperature"])
        return own if own == own else None

    def _highest(self, given: float | str | None) -> float:
        """Highest temperature of the cells [K]: as given, or the default, with room for warm cells."""
        if given is not None:
            return to_si(given, "K", "highest_temperature")
        own = float(self.cell.parameters().scalars["operating_temperature"])
        return HIGHEST_TEMPERATURE if own != own else max(HIGHEST_TEMPERATURE, own + ABOVE_OPERATING)

    # -- how it is laid out

    def alive(self, *, soc: Any = 1.0, temperature: Any = None, ambient: Any = None) -> LivePack:
        """A pack at rest, ready to be advanced."""
        start = conditions_of([self.cell], temperature, ambient, soc)[0]
        drawn = self.drawn.blocked(self.parallel // self.lanes) if self._differ else None
        module, cells, groups, group = self._lanes()
        n = len(group)
        conditions = [start] * n
        if drawn is not None:
            conditions = [
                Conditions(
                    start.temperature + float(t),
                    start.ambient,
                    None if start.soc is None else float(np.clip(start.soc + s, 0.0, 1.0)),
                )
                for t, s in zip(drawn.temperature, drawn.soc, strict=True)
            ]
        capacity = np.ones(n) if drawn is None else drawn.capacity
        extra = np.zeros(n) if drawn is None else self._extra(drawn)
        numbers: dict[str, FloatArray] = {}

        def change(rows: dict[str, FloatArray]) -> None:
            heat = rows["heat_capacity"] * rows["area"]
            rows["area"] *= capacity
            rows["heat_capacity"][:] = heat / rows["area"]
            rows["contact_resistance"] += extra * rows["area"]
            numbers.update({name: values.copy() for name, values in rows.items()})
            numbers["stored"] = heat

        lanes = lanes_of([self.cell] * n, self.plan, conditions, change, self.threads)
        joint = self.joint * (np.ones(n) if drawn is None else drawn.contact)
        layout = Layout(group, cells, groups, joint, self.busbar * self.series)
        heat = self._heat(numbers["stored"], layout, module)
        plates = np.full(self.modules, start.temperature)
        return LivePack(lanes, layout, self._limits(numbers, n), HeatNetwork(heat, plates), start.ambient)

    def _lanes(self) -> tuple[NDArray[np.int64], FloatArray, FloatArray, NDArray[np.int64]]:
        """Module of each group, cells of each lane, groups that each group stands for, group of each lane."""
        module = np.arange(self.series) * self.modules // self.series
        groups = np.ones(self.series)
        if not self._differ and not self.cooling.end_conductance.value:
            groups = np.bincount(module).astype(float)
            module = np.arange(self.modules)
        group = np.repeat(np.arange(len(groups)), self.lanes)
        return module, np.full(len(group), self.parallel / self.lanes), groups, group

    @cached_property
    def _resistance_at_once(self) -> float:
        """Resistance of the cell [ohm] at once after a change of current, half charged, 25 degC."""
        one = lanes_of([self.cell], self.plan, conditions_of([self.cell], 298.15, None, 0.5))
        current = np.array([self.cell.parameters().scalars["nominal_capacity"] / 36000.0])
        one.enter(0 * current)
        rest = float(one.output("voltage")[0])
        one.enter(current)
        return (rest - float(one.output("voltage")[0])) / float(current[0])

    def _extra(self, drawn: Drawn) -> FloatArray:
        """Resistance in series with each cell [ohm] that its factors ask for."""
        if not self.spread.resistance and self.aged is None and not self.spread.capacity:
            return np.zeros(len(drawn.capacity))
        return (drawn.resistance - 1.0 / drawn.capacity) * self._resistance_at_once

    def _heat(self, stored: FloatArray, layout: Layout, module: NDArray[np.int64]) -> HeatLayout:
        """The network of heat: lanes, then the plate of each module, which holds the structure."""
        energy, weight, n = self.nominal_energy, layout.weight, len(layout.group)
        structure = max(self.mass - self.cells_mass, 0.05 * self.cells_mass) * STRUCTURE_HEAT.value
        capacity = np.concatenate([stored * weight, np.full(self.modules, structure / self.modules)])
        whole = to_coolant(self.cooling, energy)
        links = [
            (k, n + int(module[layout.group[k]]), whole / CELL_SIDE * weight[k] / self.n_cells)
            for k in range(n)
        ]
        face = self.cooling.neighbours.value * face_area(float(self.cell.volume))
        for k in range(n - 1):  # cells stand in a row, groups one after the other
            same = module[layout.group[k]] == module[layout.group[k + 1]]
            alone = layout.groups[layout.group[k]] == 1
            if same and alone:
                links.append((k, k + 1, face))
        ambient = np.zeros(n + self.modules)
        ambient[n:] = to_ambient(self.cooling, energy) / self.modules
        ends = self.cooling.end_conductance.value
        if ends:
            edge = np.flatnonzero(np.diff(module[layout.group])) if n > 1 else np.array([], dtype=int)
            for k in {0, n - 1, *edge.tolist(), *(edge + 1).tolist()}:
                ambient[k] += ends
        flow = scaled(self.cooling.flow, COOLANT_FLOW, energy)
        plate = whole / (1.0 - CELL_SIDE) / self.modules
        return HeatLayout(capacity, tuple(links), ambient, n, plate, flow)

    def _limits(self, numbers: Mapping[str, FloatArray], n: int) -> CellLimits:
        s, area = self.cell.parameters().scalars, numbers["area"]
        return CellLimits(
            np.full(n, s["voltage.lower_cutoff"]),
            np.full(n, s["voltage.upper_cutoff"]),
            numbers["nominal_current"] * area,
            _finite(numbers["critical_current"] * area),
            numbers["critical_activation"],
            numbers["reference_temperature"],
            _finite(numbers["void_current"] * area),
            self.cell.parameters().negative_kind != "porous",
            self.highest_temperature,
            self.watched,
        )


def _finite(values: FloatArray) -> FloatArray:
    """Currents that stand for no limit, as infinite."""
    return np.where(values > 1e12, np.inf, values)


def _count(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(f"{name} is {shown(value)}: give a whole number of 1 or more")
    return value


def _resistance(value: Any, name: str) -> float:
    number = to_si(value, "ohm", name)
    if not 0 <= number <= 1:
        raise InputError(f"{name} is {number:g} ohm: give 0 to 1 ohm, for example '50 uohm'")
    return number


def _cooling(value: Any) -> Cooling:
    if value is None or isinstance(value, Cooling):
        return value or Cooling()
    if value == "none":
        return read_config(Cooling, {"flow": 0.0}, "cooling")
    if not isinstance(value, Mapping):
        raise InputError(f"cooling is {shown(value)}: give a mapping, for example {{'coolant': '20 degC'}}")
    return read_config(Cooling, dict(value), "cooling")
