"""A cell under an outside controller: set a load, advance, read, save and go back. Nothing is rebuilt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ionstone.cell_design import Cell, load_cell
from ionstone.cell_model import names
from ionstone.cell_model.law_files import LawsInput, laws_of
from ionstone.core.errors import InputError, SimulationError, nearest, shown
from ionstone.core.quantities import to_si
from ionstone.numerics.kernel import Prepared
from ionstone.simulation.arguments import DEFAULT_TOLERANCE, conditions_of, plan_of, voltage_range
from ionstone.simulation.codes import MESSAGES
from ionstone.simulation.lane import FloatArray, Lane, LaneState, Level
from ionstone.simulation.outputs import named_outputs
from ionstone.simulation.prepare import Plan, prepare

if TYPE_CHECKING:
    from pathlib import Path

    from ionstone.simulation.grid import Grid

#: controls of a step and their units
CONTROLS = {"current": "A", "c_rate": "1/h", "voltage": "V", "power": "W", "resistance": "ohm"}
#: outputs that a control fixes: their limits are checked on the set point, not along the step
_FIXED_BY_CURRENT = ("current", "abs_current", "c_rate", "abs_c_rate", "current_density")


@dataclass(frozen=True)
class StepperState:
    """A point to return to, from ``Stepper.save``; good for any stepper of the same cell, model and grid."""

    key: tuple[object, ...]
    lane: LaneState
    ended: bool
    end_reason: str


class Stepper:
    """One cell, advanced step by step under loads that the caller chooses.

    ``s.step(1.0, current=5.0)`` holds a load for one second; ``s["voltage"]`` reads an output; ``s.time`` [s]
    is the time since the start. A step stops early at a limit: then ``s.ended`` is true and ``s.end_reason``
    says which. Made by ``ionstone.stepper``.
    """

    def __init__(
        self,
        cell: Cell,
        lane: Lane,
        key: tuple[object, ...],
        *,
        plan: Plan,
        planar: bool,
        thermal: bool,
        units: Mapping[str, str],
    ) -> None:
        self.cell, self._lane, self._key, self.plan = cell, lane, key, plan
        #: whether the last step met a limit before its time was over, and which
        self.ended, self.end_reason = False, ""
        scalars = cell.parameters().scalars
        self._area, self._one_c = scalars["electrode_area"], scalars["nominal_capacity"] / 3600.0
        self._columns, known = named_outputs(lane.columns, planar, thermal)
        #: unit of each output
        self.units = {**known, **units}
        own = (scalars["voltage.lower_cutoff"], scalars["voltage.upper_cutoff"])
        self._own: dict[str, tuple[float, float]] = {"voltage": own}
        if planar:
            metals = ("lithium_thickness", *names.METAL_OUTPUTS)
            self._own |= {n: (0.0, math.inf) for n in metals if n in lane.columns}
        self._limits: dict[str, tuple[float, float]] = dict(self._own)
        self._lay_out()
        lane.start()

    # -- reading

    @property
    def time(self) -> float:
        """Time since the start [s]."""
        return self._lane.time

    def __getitem__(self, name: str) -> float:
        """An output now, in SI; InputError for an unknown name."""
        try:
            return self._lane.outputs[self._columns[name]]
        except (KeyError, TypeError):
            raise InputError(f"unknown output {shown(name)}: {nearest(str(name), self._columns)}") from None

    @property
    def outputs(self) -> dict[str, float]:
        """All outputs now, in SI (units in ``units``)."""
        return {name: self[name] for name in self._columns}

    @property
    def limits(self) -> dict[str, tuple[float, float]]:
        """Lower and upper limit of each output that has one."""
        return dict(self._limits)

    # -- acting

    def step(
        self,
        dt: float | str,
        *,
        current: float | str | None = None,
        c_rate: float | str | None = None,
        voltage: float | str | None = None,
        power: float | str | None = None,
        resistance: float | str | None = None,
        rest: bool = False,
    ) -> float:
        """Advance by ``dt`` [s] under one load and return the time advanced [s].

        The load is held over the step: current [A], c_rate [1/h], voltage [V], power [W], resistance [ohm],
        or ``rest=True``; current and power are positive on discharge. The time advanced is ``dt``, or less
        where a limit was met first.

        InputError for a bad argument. SimulationError where no solution is found; a step that raises changes
        nothing, so that another load can be tried.
        """
        if type(dt) is not float:
            dt = to_si(dt, "s", "dt")
        if not 1e-6 <= dt <= 1e8:
            raise InputError(f"dt is {dt:g} s: give 1e-6 s to 1e8 s, for example 1.0")
        given = {"current": current, "c_rate": c_rate, "voltage": voltage, "power": power}
        given["resistance"] = resistance
        loads = [(name, value) for name, value in given.items() if value is not None]
        if len(loads) + bool(rest) != 1:
            named = ", ".join([*(n for n, _ in loads), *(["rest"] if rest else [])]) or "none"
            raise InputError(f"step needs one load, {named} given: give one of {', '.join(CONTROLS)}, rest")
        control, value = loads[0] if loads else ("current", 0.0)
        if type(value) is not float:
            value = to_si(value, CONTROLS[control], control)
        elif not math.isfinite(value):
            raise InputError(f"{control} is {value}: give a finite number")
        if control == "resistance" and value <= 0:
            raise InputError(f"resistance is {value:g} ohm: give a number above 0")
        return self._advance(dt, control, value)

    def set_limits(self, **limits: tuple[float | None, float | None] | None) -> None:
        """Change limits at which steps stop: ``set_limits(temperature=(None, 333.15), soc=(0.1, None))``.

        Each is (lower, upper) of an output in SI, None where there is none; ``name=None`` takes a limit away.
        The voltage always has limits: by default, and after ``voltage=None``, the cell's cut-offs.
        """
        changed = dict(self._limits)
        for name, pair in limits.items():
            if name not in self._columns:
                raise InputError(f"set_limits: unknown output {shown(name)}: {nearest(name, self._columns)}")
            own = self._own.get(name)
            if pair is None:
                changed.pop(name, None)
                if own is not None:
                    changed[name] = own
            else:
                changed[name] = self._pair(name, pair, own)
        self._limits = changed
        self._lay_out()

    def _pair(self, name: str, pair: Any, own: tuple[float, float] | None) -> tuple[float, float]:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise InputError(f"set_limits: {name} is {shown(pair)}: give (lower, upper), None where none is")
        unit = self.units[name] if self.units[name] != "1" else ""
        low, high = (
            (none if v is None else to_si(v, unit, name))
            for v, none in zip(pair, own or (-math.inf, math.inf), strict=True)
        )
        if not low < high:
            raise InputError(f"set_limits: {name} from {low:g} to {high:g} is empty: give (lower, upper)")
        if name == "voltage":
            a, b = voltage_range(self.cell)
            if low < a or high > b:
                raise InputError(
                    f"set_limits: voltage from {low:g} to {high:g} V is outside {a:.4g} to {b:.4g} V, where "
                    "the potentials of the electrodes are known: narrow it"
                )
        return low, high

    # -- returning

    def save(self) -> StepperState:
        """The present state, to come back to with ``restore``; it can be pickled."""
        return StepperState(self._key, self._lane.save(), self.ended, self.end_reason)

    def restore(self, state: StepperState) -> None:
        """Go back to a saved state, of this stepper or of another one of the same cell, model and grid.

        The same steps from there give the same numbers to the last bit. Limits are not part of a state.
        """
        if not isinstance(state, StepperState):
            raise InputError(f"restore: {shown(state)} is not a state: give what save() returned")
        if state.key != self._key:
            raise InputError("restore: the state is of another cell, model or grid: save it from this one")
        self._lane.restore(state.lane)
        self.ended, self.end_reason = state.ended, state.end_reason

    # -- inside

    def equations(self) -> tuple[Prepared, FloatArray]:
        """The layout of the cell's equations and a copy of the present state, for ``ionstone.impedance``."""
        return self._lane.prepared, self._lane.save().state

    def _lay_out(self) -> None:
        """Events of each control and sign: those on what the control fixes are left out.

        An upper limit of the voltage stops charging, a lower one discharging; at rest neither does.
        """
        columns = self._lane.columns
        density = {"current": 1 / self._area, "c_rate": self._one_c / self._area}
        self._scale = {name: density.get(name, 1.0) for name in CONTROLS}
        events: dict[tuple[str, int], list[Level]] = {}
        for control in CONTROLS:
            fixed = _FIXED_BY_CURRENT if control in density else (control,)
            for load in (-1, 0, 1):
                found = events.setdefault((control, load), [])
                for name, limits in self._limits.items():
                    for sign, level in zip((-1, 1), limits, strict=True):
                        idle = name == "voltage" and control != "voltage" and load != -sign
                        if name not in fixed and not idle and not math.isinf(level):
                            found.append((self._columns[name], sign, level))
        held = {
            name: columns["current_density" if name in density else name]
            for name in ("current", "c_rate", "voltage", "power")
        }
        self._lane.lay_out(events, held | {"resistance": columns["voltage"]})

    def _refused(self, control: str, value: float) -> str:
        """The limit that the set point itself breaks, in words; empty where it breaks none."""
        if control in ("current", "c_rate"):
            amperes = value if control == "current" else value * self._one_c
            rate = amperes / self._one_c
            values = (amperes, abs(amperes), rate, abs(rate), amperes / self._area)
            pairs = zip(_FIXED_BY_CURRENT, values, strict=True)
        else:
            pairs = zip((control,), (value,), strict=True)
        for name, fixed in pairs:
            low, high = self._limits.get(name, (-math.inf, math.inf))
            if not low <= fixed <= high:
                return _words(name, -1 if fixed < low else 1, low if fixed < low else high)
        return ""

    def _advance(self, dt: float, control: str, value: float) -> float:
        self.ended, self.end_reason = False, ""
        if self._limits and (reason := self._refused(control, value)):
            self.ended, self.end_reason = True, reason
            return 0.0
        lane, start = self._lane, self._lane.time
        code, event = lane.advance(dt, control, value * self._scale[control])
        if code:
            unit = (
                ""
                if control == "current" and value == 0
                else f" at {control} = {value:g} {CONTROLS[control]}"
            )
            raise SimulationError(
                f"{self.cell.name}: step of {dt:g} s{unit} from {start:g} s failed: {MESSAGES[code]}; the "
                "stepper is where it was before the step"
            )
        if event is None:
            return dt
        self.ended, self.end_reason = True, _words(lane.names[event[0]], *event[1:])
        return lane.time - start


def _words(name: str, sign: int, level: float) -> str:
    if name.startswith("lithium_thickness") and sign < 0 and level == 0.0:
        return "lithium exhausted"
    return f"{name} {'<' if sign < 0 else '>'} {level:.6g}"


def stepper(
    cell: Cell | str | Path,
    *,
    model: str = "P2D",
    temperature: float | str | None = None,
    heat: str = "isothermal",
    ambient: float | str | None = None,
    soc: float | str | None = None,
    grid: Grid | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
    laws: LawsInput | None = None,
    allow_laws: bool = False,
) -> Stepper:
    """Return a cell at rest, to be advanced by an outside controller. Arguments as in ``simulate``.

    ``s = ion.stepper("lg-m50"); s.step(1.0, current=5.0); s["voltage"]``. InputError for bad input.
    """
    loaded = cell if isinstance(cell, Cell) else load_cell(cell)
    plan = plan_of(model, heat, grid, tolerance, own=laws_of([loaded], laws, allow_laws))
    conditions = conditions_of([loaded], temperature, ambient, soc)
    prepared = prepare([loaded], plan, conditions)
    lane = Lane(prepared.lanes, tolerance)
    thermal = heat != "isothermal"
    key = (
        loaded.fingerprint,
        plan.level.name,
        heat,
        plan.grid,
        repr(plan.own.key) if plan.own.laws else "",
        conditions[0],
    )
    units = names.own_units(plan.own.laws)
    return Stepper(loaded, lane, key, plan=plan, planar=prepared.planar, thermal=thermal, units=units)
