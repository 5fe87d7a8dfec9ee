r"""Gradients of what a car gets from its cell: range and minutes at the charger.

A drive ends at an acceleration, so that its range is a staircase over any parameter and has no useful
derivative. What is differentiated is the smooth range

$$ R = \frac{n\, E(I^*)}{c(m)}, \qquad I^* = \frac{\overline{I^2}}{\overline{I}}, \qquad
   I(t) = \frac{P(t)}{n\, U_0} $$

with n cells in the pack, the energy E of a cell discharged at the constant current I*, whose ohmic losses per
charge are those of the cycle, the nominal voltage U0 of the cell, and the consumption c of the car with the
mass m of its pack. A charge is differentiated as it is run, limits and all.

Derivatives of the run are those of the stepper itself (`ionstone.simulation.gradient`): exact for the steps
it takes. Those of the pack and the car (number of cells, mass, consumption) are differences of fourth order
of closed forms, those along I* and along the power of the charger of the run (steps of 1e-3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.errors import InputError
from ionstone.simulation.gradient import gradient as cell_gradient
from ionstone.study.car.charge_limits import ChargeLimits, charge_limits, charger_ceilings
from ionstone.study.car.charge_protocol import charge_protocol
from ionstone.study.car.charger import Charger, read_charger
from ionstone.study.car.drive import operating_temperature, pack_of_car, with_conductance
from ionstone.vehicle import Cycle, Vehicle, battery_demand, load_cycle, load_vehicle

if TYPE_CHECKING:
    from ionstone.cell_design import Cell
    from ionstone.pack import UniformPack

_STEP = 1e-3
_CONDUCTANCE = "thermal.heat_transfer_coefficient"
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Drive:
    """What `ion.gradient` differentiates: a drive of a car with packs of the cell. `temperature` [K]."""

    vehicle: Vehicle | str = "tesla-model-3-lr"
    cycle: Cycle | str = "wltc_3b"
    temperature: float = 298.15
    same: str = "mass"
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Charge:
    """What `ion.gradient` differentiates: a charge of a car with packs of the cell. `temperature` [K]."""

    vehicle: Vehicle | str = "tesla-model-3-lr"
    charger: Charger | str | float | None = None
    start: float = 0.1
    stop: float = 0.8
    temperature: float = 298.15
    same: str = "mass"
    settings: dict[str, Any] = field(default_factory=dict)


def gradient(
    cell: Cell | str | Path,
    protocol: Any,
    *,
    of: Any,
    to: str | Sequence[str],
    method: str | None = None,
    **settings: Any,
) -> dict[str, float]:
    """Derivatives of a figure to parameters of the cell, SI: path -> d(of)/d(parameter).

    protocol: steps of a cell, as in `simulate`, with `of` a figure of the run; or `ion.Drive(...)` with
    of="range" [m]; or `ion.Charge(...)` with of="minutes". of: a name in ``run.summary``, or a function of
    a run. to: paths of numbers of the cell. method: "tangents", "adjoint", or None for the cheaper one.
    settings: model, temperature, heat, ambient, soc, grid, tolerance, laws, allow_laws as in `simulate`. The
    modules `ionstone.simulation.gradient` and `ionstone.study.car.gradients` say what is exact. InputError
    for an unknown figure, path or setting, SimulationError for a run that fails.
    """
    if not isinstance(protocol, (Drive, Charge)):
        return cell_gradient(cell, protocol, of=of, to=to, method=method, **settings)
    from ionstone.cell_design import load_cell

    chosen = load_cell(cell) if isinstance(cell, (str, Path)) else cell
    paths = [to] if isinstance(to, str) else list(to)
    known = "range" if isinstance(protocol, Drive) else "minutes"
    if of != known:
        raise InputError(f"of: {of!r} is no figure of ion.{type(protocol).__name__}: use {known!r}")
    given = {**protocol.settings, **settings}
    given.setdefault("tolerance", TOLERANCE)
    if isinstance(protocol, Drive):
        return _of_range(chosen, protocol, paths, given, method)
    return _of_minutes(chosen, protocol, paths, given, method)


# -- range


@dataclass(frozen=True)
class _Car:
    """What pack and car give without a run: cells, consumption [J/m], current of the cell [A]."""

    cells: float
    consumption: float
    current: float


def _car(cell: Any, task: Drive, car: Vehicle) -> _Car:
    pack = pack_of_car(cell, car, task.same)
    demand = battery_demand(car, load_cycle(task.cycle), task.temperature,
                            extra_mass=pack.mass - car.pack.mass.value)  # fmt: skip
    own = cell.parameters().scalars
    voltage = float(cell.open_circuit_energy) / own["nominal_capacity"]
    means = demand.power[1:-1] / (pack.n_cells * voltage)
    return _Car(pack.n_cells, demand.consumption, float(np.mean(means**2) / np.mean(means)))


def _discharge(cell: Any, current: float) -> str:
    lower = float(cell.parameters().scalars["voltage.lower_cutoff"])
    return f"Discharge at {current:.12g} A until {lower:.12g} V"


def smooth_range(cell: Any, task: Drive, **settings: Any) -> float:
    """Return the smooth range of a drive [m]: what `gradient` differentiates."""
    from ionstone.simulation import simulate

    given = {"tolerance": TOLERANCE, **task.settings, **settings}
    car = _car(cell, task, load_vehicle(task.vehicle))
    run = simulate(
        cell, _discharge(cell, car.current), soc=1.0, temperature=_at(cell, task.temperature), **given
    )
    return car.cells * float(run.summary["discharge_energy"]) / car.consumption


def _at(cell: Any, temperature: float) -> float:
    held = operating_temperature(cell)
    return temperature if held is None else max(temperature, held)


def _of_range(
    cell: Any, task: Drive, paths: list[str], given: dict[str, Any], method: str | None
) -> dict[str, float]:
    from ionstone.simulation import simulate

    vehicle = load_vehicle(task.vehicle)
    car = _car(cell, task, vehicle)
    at: dict[str, Any] = {"soc": 1.0, "temperature": _at(cell, task.temperature)}

    def energy(current: float) -> float:
        run = simulate(cell, _discharge(cell, current), **at, **given)
        return float(run.summary["discharge_energy"])

    inside = cell_gradient(
        cell, _discharge(cell, car.current), of="discharge_energy", to=paths, method=method, **at, **given
    )
    whole = energy(car.current)
    along = _slope(lambda s: energy(car.current * s), 1.0) / car.current
    found = {}
    for path in paths:

        def moved(value: float, path: str = path) -> np.ndarray:
            other = _car(cell.replace({path: value}), task, vehicle)
            return np.array([other.cells, other.consumption, other.current])

        cells, consumption, current = _slopes(moved, float(cell[path]))
        per = cells * whole + car.cells * (inside[path] + along * current)
        range_of_it = car.cells * whole / car.consumption
        found[path] = float((per - range_of_it * consumption) / car.consumption)
    return found


# -- minutes


@dataclass(frozen=True)
class _Plug:
    """One charge made ready: the cell with its cooling, the protocol and the conditions of the run."""

    cell: Any
    text: Any
    conditions: dict[str, Any]


def _plug(cell: Any, task: Charge, limits: ChargeLimits, pack: UniformPack) -> _Plug:
    own = with_conductance(cell, pack.cooling_conductance / pack.n_cells)
    protocol, _ = charge_protocol(limits, task.stop)
    warm = _at(cell, task.temperature)
    return _Plug(own, protocol, {"temperature": warm, "ambient": warm, "heat": "lumped", "soc": task.start})


def _limits(cell: Any, task: Charge, pack: UniformPack, car: Vehicle) -> ChargeLimits:
    limits = charge_limits(cell, pack, **charger_ceilings(car, read_charger(task.charger)))
    return limits.at_least(_at(cell, task.temperature))


def _of_minutes(
    cell: Any, task: Charge, paths: list[str], given: dict[str, Any], method: str | None
) -> dict[str, float]:
    from dataclasses import replace

    from ionstone.simulation import simulate

    car = load_vehicle(task.vehicle)
    pack = pack_of_car(cell, car, task.same)
    limits = _limits(cell, task, pack, car)
    plug = _plug(cell, task, limits, pack)
    inside = cell_gradient(plug.cell, plug.text, of="duration", to=[*paths, _CONDUCTANCE], method=method,
                           **plug.conditions, **given)  # fmt: skip

    def time(scale: float) -> float:
        power = None if limits.charger_power is None else limits.charger_power * scale
        amps = None if limits.charger_current is None else limits.charger_current * scale
        other = replace(limits, charger_power=power, charger_current=amps)
        run = simulate(plug.cell, charge_protocol(other, task.stop)[0], **plug.conditions, **given)
        return float(run.time[-1])

    along = _slope(time, 1.0)  # seconds per relative change of the charger's share of a cell
    found = {}
    for path in paths:

        def moved(value: float, path: str = path) -> np.ndarray:
            other = cell.replace({path: value})
            many = pack_of_car(other, car, task.same).n_cells
            area = float(other["thermal.cooling_area"])
            return np.array([np.log(many), pack.cooling_conductance / many / area])

        cells, conductance = _slopes(moved, float(cell[path]))
        seconds = inside[path] - along * cells + inside[_CONDUCTANCE] * conductance
        found[path] = float(seconds) / 60
    return found


def _slope(function: Callable[[float], float], at: float) -> float:
    """Return a derivative by differences of fourth order."""
    return float(_slopes(lambda value: np.array([function(value)]), at)[0])


def _slopes(function: Callable[[float], np.ndarray], at: float) -> np.ndarray:
    """Return derivatives of an array by differences of fourth order with steps of 1e-3 of the value."""
    h = _STEP * (abs(at) or 1.0)
    near, far = function(at + h) - function(at - h), function(at + 2 * h) - function(at - 2 * h)
    return np.asarray((8 * near - far) / (12 * h))
