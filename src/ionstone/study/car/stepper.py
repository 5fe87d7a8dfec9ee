"""A car under an outside controller: ask for a speed, advance, read what was reached, save and go back.

Drivetrain and consumers make the mean power at the wheels (``ionstone.vehicle.motion``) that of the battery,
which the cells give over the step (``ionstone.study.car.power_source``). What they cannot give or take comes
back: the car gains less speed, or brakes with friction.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionstone.cell_design import Cell, load_cell
from ionstone.core.errors import InputError, shown
from ionstone.core.quantities import to_si
from ionstone.pack import UniformPack
from ionstone.simulation.arguments import DEFAULT_TOLERANCE
from ionstone.simulation.stepper import stepper as cell_stepper
from ionstone.study.car.drive import FULL_BATTERY, operating_temperature, pack_of_car, with_conductance
from ionstone.study.car.power_source import CellSource, PackSource, network_of
from ionstone.study.car.sizes import Temperature, kelvin
from ionstone.vehicle import Vehicle, load_vehicle
from ionstone.vehicle.cycle import MAX_SPEED
from ionstone.vehicle.demand import WARM_UP_TIME
from ionstone.vehicle.motion import Motion, Move

if TYPE_CHECKING:
    from ionstone.pack.live import LivePack
    from ionstone.pack.network import Pack
    from ionstone.simulation.grid import Grid
    from ionstone.simulation.stepper import Stepper

#: what is asked of a car in a step, and its units
ASKED = {"speed": "m/s", "acceleration": "m/s^2", "wheel_power": "W"}
#: energies that a car adds up [J]: at the battery, and at the wheels
ENERGIES = (
    "battery", "traction", "regeneration", "auxiliary", "cabin", "battery_heating",
    "wheel_out", "wheel_in", "friction", "rolling", "drag", "climb", "kinetic",
)  # fmt: skip
LONGEST = 60.0  # s
STEEPEST = 1.0


@dataclass(frozen=True)
class CarStep:
    """What a step of a car gave, SI, at its end; powers are means over the step.

    ``time``, ``speed`` reached, ``distance`` since the start; ``battery_power`` out of the terminals of the
    pack, ``wheel_power`` at the wheels (below 0: braking, friction included); ``soc``, ``voltage`` of the
    pack, ``temperature`` of its cells. ``limit`` is what held the car back, empty where nothing did:
    "voltage" or another output of the cell with a limit, "cell" where it finds no state, a limit of an
    ``ion.Pack``, "motor", "grip", or "full battery" where braking gave nothing back.
    """

    time: float
    speed: float
    distance: float
    battery_power: float
    wheel_power: float
    soc: float
    voltage: float
    temperature: float
    limit: str


@dataclass(frozen=True)
class CarState:
    """A point to return to, from ``CarStepper.save``; good for any stepper of the same car, pack and cell."""

    key: tuple[object, ...]
    cell: Any
    speed: float
    distance: float
    energies: tuple[float, ...]


class CarStepper:
    """A car with a pack of a cell, advanced step by step. Made by ``ionstone.car_stepper``.

    ``car.step(1.0, speed="50 km/h")`` returns a ``CarStep``. ``car.cell`` is the stepper of one cell: read
    its outputs, or narrow its limits with ``car.cell.set_limits``; with an ``ion.Pack`` it is the live pack.
    """

    def __init__(
        self, source: CellSource | PackSource, vehicle: Vehicle, *, ambient: float, speed: float
    ) -> None:
        self.source, self.vehicle = source, vehicle
        #: speed [m/s] and distance since the start [m]
        self.speed, self.distance = speed, 0.0
        self.motion = Motion.of(vehicle, ambient, source.pack.mass - vehicle.pack.mass.value)
        self._drivetrain, auxiliaries = vehicle.build_drivetrain(), vehicle.build_auxiliaries()
        self._auxiliary, self._cabin = auxiliaries.power, auxiliaries.cabin_power(ambient)
        self._warm_up = auxiliaries.warm_up_energy(ambient) / WARM_UP_TIME
        self._sums = dict.fromkeys(ENERGIES, 0.0)
        self._start = source.time
        self._key = (*source.key, vehicle.name, self.motion, ambient)

    # -- reading

    @property
    def cell(self) -> Stepper | LivePack:
        """The stepper of one cell, or the live ``ion.Pack``."""
        return self.source.cell

    @property
    def pack(self) -> UniformPack | Pack:
        """The pack of the car."""
        return self.source.pack

    @property
    def time(self) -> float:
        """Time since the start [s]."""
        return self.source.time

    @property
    def energies(self) -> dict[str, float]:
        """Energies since the start [J]; what comes back (wheel_in, regeneration) is below 0.

        battery = traction + regeneration + auxiliary + cabin + battery_heating, and
        wheel_out + wheel_in = rolling + drag + climb + kinetic; friction is the part of wheel_in that the
        brakes turn into heat.
        """
        return dict(self._sums)

    # -- acting

    def step(
        self,
        dt: float | str = 1.0,
        *,
        speed: float | str | None = None,
        acceleration: float | str | None = None,
        wheel_power: float | str | None = None,
        grade: float | str = 0.0,
    ) -> CarStep:
        """Advance by ``dt`` [s] and return what was reached.

        Give one of ``speed`` at the end of the step [m/s], linear in between, mean ``acceleration`` [m/s^2],
        or mean ``wheel_power`` [W], below 0 for braking; the car does not drive backwards. ``grade`` is rise
        over run. Where a limit binds, the car falls short of what is asked, and ``limit`` says why.

        InputError for a bad argument. SimulationError where the cell finds no state even without load; a
        step that raises changes nothing.
        """
        dt = _number("dt", dt, "s", 1e-3, LONGEST)
        given = {"speed": speed, "acceleration": acceleration, "wheel_power": wheel_power}
        asked = [(name, value) for name, value in given.items() if value is not None]
        if len(asked) != 1:
            named = ", ".join(name for name, _ in asked) or "none"
            raise InputError(f"step needs one demand, {named} given: give one of {', '.join(ASKED)}")
        ((name, value),) = asked
        slope = _number("grade", grade, "1", -STEEPEST, STEEPEST)
        move = Move(self.speed, self.speed, dt, slope)
        if name == "wheel_power":
            move = self.motion.reached(move, _number(name, value, "W", -1e8, 1e8))
        elif name == "speed":
            move = Move(self.speed, _number(name, value, "m/s", 0.0, MAX_SPEED), dt, slope)
        else:
            end = self.speed + dt * _number(name, value, "m/s^2", -100.0, 100.0)
            move = Move(self.speed, min(max(end, 0.0), MAX_SPEED), dt, slope)
        return self._advance(dt, self.motion.within(move))

    # -- returning

    def save(self) -> CarState:
        """The present state, to come back to with ``restore``; it can be pickled."""
        sums = tuple(self._sums.values())
        return CarState(self._key, self.source.save(), self.speed, self.distance, sums)

    def restore(self, state: CarState) -> None:
        """Go back to a saved state; the same steps from there give the same numbers to the last bit."""
        if not isinstance(state, CarState):
            raise InputError(f"restore: {shown(state)} is not a state of a car: give what save() returned")
        if state.key != self._key:
            raise InputError("restore: the state is of another car, pack or cell: save it from this one")
        self.source.restore(state.cell)
        self.speed, self.distance = state.speed, state.distance
        self._sums = dict(zip(ENERGIES, state.energies, strict=True))

    # -- inside

    def _advance(self, dt: float, move: Move) -> CarStep:
        """Give the cells the power of a move, take back what they cannot give or take, and book the step."""
        source, limit = self.source, move.limit
        origin, passed = source.save(), source.time - self._start
        warm_up = self._warm_up * min(1.0, max(0.0, (WARM_UP_TIME - passed) / dt))
        consumers = {
            "auxiliary": self._auxiliary, "cabin": self._cabin + warm_up, "battery_heating": source.heater,
        }  # fmt: skip
        constant = sum(consumers.values())
        traction = self._traction(dt, move)
        want = traction + constant
        full = want < 0 and source.soc > FULL_BATTERY
        got, bound = source.give(dt, 0.0 if full else want)
        limit = bound or ("full battery" if full else limit)
        if traction > 0 and got < want:
            move = self.motion.reached(move, self._drivetrain.efficiency * max(0.0, got - constant))
            if move.duration < dt:  # it stops: no power is left over for the wheels
                source.restore(origin)
                move = self.motion.reached(Move(move.start, move.start, dt, move.grade), 0.0)
                got, _ = source.give(dt, constant)
            traction = self._traction(dt, move)
        elif traction <= 0 and got > want:
            traction = got - constant
        served = min(1.0, max(0.0, (got - traction) / constant)) if constant > 0 else 1.0
        consumed = {name: served * power for name, power in consumers.items()}
        wheel = self._book(dt, move, got, traction, consumed)
        return CarStep(self.time, self.speed, self.distance, got, wheel, source.soc, source.voltage,
                       source.temperature, limit)  # fmt: skip

    def _traction(self, dt: float, move: Move) -> float:
        """Power of a move at the battery [W], as a mean over the step."""
        share = move.duration / dt
        power = self.motion.wheel_energy(move) / move.duration if share > 0 else 0.0
        return share * float(self._drivetrain.battery_power(power))

    def _book(
        self, dt: float, move: Move, power: float, traction: float, consumed: dict[str, float]
    ) -> float:
        """Add up the energies, go on to the end of the move, and return the mean power at the wheels [W]."""
        sums, wheel = self._sums, self.motion.wheel_energy(move)
        rolling, drag = self.motion.resistance(move)
        found = {name: dt * value for name, value in consumed.items()} | {
            "battery": dt * power, "rolling": rolling, "drag": drag,
            "climb": self.motion.climb(move), "kinetic": self.motion.kinetic(move),
        }  # fmt: skip
        out = traction > 0
        found |= {
            "traction" if out else "regeneration": dt * traction,
            "wheel_out" if out else "wheel_in": wheel,
        }
        if not out:
            found["friction"] = dt * traction / self._drivetrain.regeneration - wheel
        for name, value in found.items():
            sums[name] += value
        self.speed, self.distance = move.end, self.distance + move.distance
        return wheel / dt


def _number(name: str, value: float | str, unit: str, low: float, high: float) -> float:
    """A number in SI within a range; InputError otherwise."""
    found = value if type(value) is float else to_si(value, unit, name)
    if not low <= found <= high:
        example = {"m/s": ', for example "50 km/h"', "s": ", for example 1.0"}.get(unit, "")
        raise InputError(f"{name} is {found:g} {unit}: give {low:g} to {high:g} {unit}{example}")
    return found


def car_stepper(
    cell: Cell | str | Path,
    vehicle: Vehicle | str = "tesla-model-3-lr",
    temperature: Temperature = 298.15,
    *,
    soc: float | str = 1.0,
    speed: float | str = 0.0,
    same: str = "mass",
    pack: UniformPack | Pack | None = None,
    model: str = "P2D",
    grid: Grid | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
) -> CarStepper:
    """Return a car with a pack of a cell, to be advanced by an outside controller.

    ``car = ion.car_stepper("lg-m50", vehicle="kia-ev6-rwd"); car.step(1.0, speed="50 km/h")``. Arguments as
    in ``drive``; ``soc`` and ``speed`` [m/s] are those at the start. A cell with an operating temperature
    starts at it, warmed before, and is held at it by a heater out of the pack. An ``ion.Pack`` has a model,
    a grid and a heater of its own, and starts at the ambient temperature. InputError for bad input.
    """
    loaded = cell if isinstance(cell, Cell) else load_cell(cell)
    car, ambient = load_vehicle(vehicle), kelvin(temperature)
    start = _number("speed", speed, "m/s", 0.0, MAX_SPEED)
    network = network_of(pack, loaded)
    if network is not None:
        live = network.start(soc=soc, temperature=ambient, ambient=ambient)
        return CarStepper(PackSource(network, live), car, ambient=ambient, speed=start)
    chosen = pack if isinstance(pack, UniformPack) else pack_of_car(loaded, car, same)
    target = operating_temperature(loaded)
    held = ambient if target is None else max(target, ambient)
    conductance = chosen.cooling_conductance if held > ambient else chosen.conductance
    own = with_conductance(loaded, conductance / chosen.n_cells)
    found = cell_stepper(own, model=model, temperature=held, heat="lumped", ambient=held, soc=soc,
                         grid=grid, tolerance=tolerance)  # fmt: skip
    lost = chosen.conductance * max(0.0, held - ambient)
    return CarStepper(CellSource(found, chosen, lost), car, ambient=ambient, speed=start)
