r"""A car moved step by step: the speed that motors, tyres and a power at the wheels allow, on a grade.

Over a step the speed is linear in time, so that the power at the wheels has the exact mean

$$ \bar P = \frac1{\Delta t} \int_0^{\Delta t} v \left( F(v) + m g \sin\alpha + k m \dot v \right) dt $$

The motors bound it from above, the grip of the driven tyres by $\mu s m g \bar v$, that of all tyres on
braking by $-\mu m g \bar v$. Validity: straight road, no wind, no shift of weight; the car does not roll
back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import hypot, inf

from ionstone.core.errors import InputError
from ionstone.vehicle.config import Vehicle
from ionstone.vehicle.cycle import MAX_SPEED
from ionstone.vehicle.road_load import GRAVITY, RoadLoad

_HALVINGS = 60
_SLACK = 1e-6  # W


@dataclass(frozen=True)
class Move:
    """From one speed to another [m/s], evenly in a duration [s], on a grade [-], and what held it back.

    A car that comes to rest before the end of a step has a duration below that of the step.
    """

    start: float
    end: float
    duration: float
    grade: float
    limit: str = ""

    @property
    def distance(self) -> float:
        """Distance [m]."""
        return (self.start + self.end) / 2 * self.duration


@dataclass(frozen=True)
class Motion:
    """Road load of a car, the power of its motors [W], and the force of driven and of all tyres [N]."""

    load: RoadLoad
    motor: float = inf
    pull: float = inf
    brake: float = inf

    @classmethod
    def of(cls, vehicle: Vehicle, ambient: float, extra_mass: float = 0.0) -> Motion:
        """Return the motion of a car at an ambient temperature [K]; one without `motor` has no such bounds.

        InputError where the mass that remains is not positive.
        """
        mass = vehicle.mass.value + extra_mass
        if mass <= 0:
            raise InputError(f"extra_mass: {extra_mass:g} kg leaves a car of {mass:g} kg: use a heavier pack")
        load = vehicle.build_road_load(mass).at_temperature(ambient)
        if vehicle.motor is None:
            return cls(load)
        grip = vehicle.motor.grip.value * mass * GRAVITY
        return cls(load, vehicle.motor.power.value, grip * vehicle.motor.driven_weight.value, grip)

    def climb(self, move: Move) -> float:
        """Energy that goes into height [J]."""
        return self.load.mass * GRAVITY * move.grade / hypot(1.0, move.grade) * move.distance

    def kinetic(self, move: Move) -> float:
        """Energy that goes into speed, that of turning parts included [J]."""
        return self.load.rotating_mass_factor * self.load.mass * (move.end**2 - move.start**2) / 2

    def resistance(self, move: Move) -> tuple[float, float]:
        """Energies of rolling and of drag [J]."""
        rolling, drag = self.load.mean_resistance(move.start, move.end)
        return float(rolling) * move.duration, float(drag) * move.duration

    def wheel_energy(self, move: Move) -> float:
        """Energy at the wheels [J], below 0 where the car brakes."""
        return sum(self.resistance(move)) + self.climb(move) + self.kinetic(move)

    def within(self, move: Move) -> Move:
        """Return the move, or what motors and tyres make of it in the same time."""
        mean, power = (move.start + move.end) / 2, self.wheel_energy(move) / move.duration
        if -self.brake * mean - _SLACK <= power <= min(self.motor, self.pull * mean) + _SLACK:
            return move
        force = self.pull if power > 0 else -self.brake

        def held(end: float) -> bool:
            tried = replace(move, end=end)
            return self.wheel_energy(tried) <= force * tried.distance

        if not -self.brake * mean - _SLACK <= power <= self.pull * mean + _SLACK:
            move = replace(move, end=_last(held, 0.0, MAX_SPEED), limit="grip")
        if self.wheel_energy(move) > self.motor * move.duration:
            return replace(self.reached(move, self.motor), limit="motor")
        return move

    def reached(self, move: Move, power: float) -> Move:
        """Return the move from the same start that a mean power at the wheels [W] gives in the same time.

        A car that such a power stops before the end has a shorter duration, over which the power holds.
        """

        def slow(end: float) -> bool:
            return self.wheel_energy(replace(move, end=end)) <= power * move.duration

        if slow(0.0):
            return replace(move, end=_last(slow, 0.0, MAX_SPEED))

        def early(duration: float) -> bool:
            return self.wheel_energy(replace(move, end=0.0, duration=duration)) <= power * duration

        return replace(move, end=0.0, duration=_last(early, 0.0, move.duration))


def _last(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Return by halving the last value up to which a condition holds that is true at `low`."""
    if holds(high):
        return high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
