"""A pack of cell models in series and parallel: ``ionstone.Pack``."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionstone.cell_design import Cell, load_cell
from ionstone.core.errors import InputError, shown
from ionstone.core.quantities import to_si
from ionstone.pack.arguments import cooling_of, count_of, load_asked, resistance_of
from ionstone.pack.assemble import assemble, resistance_at_once
from ionstone.pack.bms import watched_of
from ionstone.pack.config import PackDesign
from ionstone.pack.hardware import KINDS, PressureHardware, pressure_hardware
from ionstone.pack.live import LivePack, Surroundings
from ionstone.pack.spread import Aged, Drawn, Spread, draw
from ionstone.pack.step import PackStep, power_limits, reading
from ionstone.pack.voltage_class import check_voltage, voltage_class
from ionstone.simulation.arguments import DEFAULT_TOLERANCE, plan_of

if TYPE_CHECKING:
    from ionstone.pack.result import PackRun
    from ionstone.simulation.grid import Grid

MOST_CELLS = 20_000
#: [K] highest temperature of cells where none is given (estimated: usual in cars, 328 to 338)
HIGHEST_TEMPERATURE = 333.15
#: [K] over the operating temperature of a cell that must be warm (estimated)
ABOVE_OPERATING = 20.0


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
        self.series: int = count_of(series, "series")
        self.parallel: int = count_of(parallel, "parallel")
        if self.series * self.parallel > MOST_CELLS:
            raise InputError(f"{series} x {parallel} cells are too many: give at most {MOST_CELLS}")
        self.modules = count_of(modules, "modules")
        if self.modules > self.series:
            raise InputError(f"modules is {modules}, with {series} groups in series: give at most {series}")
        if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
            raise InputError(f"seed is {shown(seed)}: give a whole number of 0 or more")
        self.spread, self.aged, self.seed = Spread.read(spread), Aged.read(aged), seed
        self.cooling = cooling_of(cooling)
        self.busbar, self.joint = resistance_of(busbar, "busbar"), resistance_of(joint, "joint")
        self.watched = watched_of(bms)
        self.highest_temperature = self._highest(highest_temperature)
        self.differ: bool = not self.spread.none or self.aged is not None
        self.lanes = lanes if lanes is not None else (self.parallel if self.differ else 1)
        if not isinstance(self.lanes, int) or self.lanes < 1 or self.parallel % self.lanes:
            raise InputError(f"lanes is {shown(lanes)}: give a whole number that divides {self.parallel}")
        self.plan = plan_of(model, "lumped", grid, tolerance)
        self.design = design or PackDesign()
        if pressure not in KINDS:
            raise InputError(f"pressure is {shown(pressure)}: give one of {', '.join(KINDS)}")
        self._pressure = pressure
        self.threads = threads or os.cpu_count() or 1
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
        return voltage_class(self.voltage_range[1])

    def check_voltage(self, lowest: float, highest: float, of: str = "the car") -> None:
        """InputError where a car that takes ``lowest`` to ``highest`` [V] cannot take this pack."""
        check_voltage(self.series, self.voltage_range, lowest, highest, of)

    @property
    def cells_mass(self) -> float:
        """Mass of the cells [kg]."""
        return self.n_cells * float(self.cell.mass)

    @property
    def mass(self) -> float:
        """Mass of the pack [kg], from the ratio of the format and the hardware of the stack pressure."""
        kind = str(self.cell.config.format.kind)
        energy = self.nominal_energy / self.cells_mass
        return self.cells_mass * self.design.mass_per_cells(kind, energy, self.hardware)

    @property
    def volume(self) -> float:
        """Volume of the pack [m^3]."""
        kind = str(self.cell.config.format.kind)
        return self.n_cells * float(self.cell.volume) * self.design.volume_per_cells(kind, self.hardware)

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
    def resistance_at_once(self) -> float:
        """Resistance of the cell [ohm] at once after a change of current, half charged, 25 degC."""
        return resistance_at_once(self)

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
        control, number = self.load_of(
            *load_asked(rest, power=power, current=current, c_rate=c_rate, voltage=voltage,
                        resistance=resistance)
        )  # fmt: skip
        live = self._live or self.start()
        around = self.around(live)
        live.advance(dt, control, number, number, around)
        return reading(live)

    def power_limits(self, seconds: float | str = 2.0) -> tuple[float, float]:
        """Power [W] that the pack can take (negative) and give, each held for ``seconds`` from now.

        From the limits of its cells, tried on the cells themselves, to 1 % of the range between the power at
        once and the power after a time at the limit; nothing changes.
        """
        return power_limits(self, self._live or self.start(), to_si(seconds, "s", "seconds"))

    def load_of(self, control: str, value: float) -> tuple[str, float]:
        """A load of the pack in the terms of its circuit."""
        if control == "c_rate":
            return "current", value * self.nominal_capacity / 3600.0
        return control, value

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
        pumping = c.cool_above is None or live.hottest > c.cool_above.value
        heater = 0.0
        if c.heater.value > 0:
            target = self.heated_to
            if target is None:
                raise InputError("cooling.heat_below is missing: the heater needs it: add e.g. 45 degC")
            heater = c.heater.value * min(1.0, max(0.0, (target - live.temperature) / 2.0))
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

    def alive(self, *, soc: Any = 1.0, temperature: Any = None, ambient: Any = None) -> LivePack:
        """A pack at rest, ready to be advanced."""
        return assemble(self, soc=soc, temperature=temperature, ambient=ambient)
