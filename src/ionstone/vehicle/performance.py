r"""Acceleration, hills, trailers and steady speeds of a car.

The force at the wheels is the least of the power over the speed and the grip of the driven wheels:

$$ F = \min\left(\frac{P}{v},\ \mu\, s\, m g \right), \qquad
   \frac{dv}{dt} = \frac{F - F_{road}(v)}{k\, m}, \qquad
   \frac{m_t}{m} = \frac{F / (m g) - F_{road}/(m g) - \sin\alpha}{\sin\alpha + c_t \cos\alpha} $$

with the share $s$ of the weight on driven wheels, the inertia factor $k$ and the rolling resistance $c_t$ of
a trailer. $P$ is the least of the motors' power and what the battery gives times the drivetrain's efficiency.
Validity: no torque limit at the start, no shift of weight, no slip control: estimates, within about 20 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, inf, sqrt

import numpy as np

from ionstone.core.errors import InputError
from ionstone.vehicle.config import Motor, Vehicle
from ionstone.vehicle.cycle import steady
from ionstone.vehicle.demand import battery_demand
from ionstone.vehicle.road_load import GRAVITY, REFERENCE_TEMPERATURE

#: rolling resistance of a trailer [-], estimated (0.008-0.015)
TRAILER_ROLLING = 0.012
#: grade on which a trailer must start [-]: 12 %, recalled of EU 1230/2012 (starts on a hill)
START_GRADE = 0.12
_POINTS = 400


@dataclass(frozen=True)
class Performance:
    """`time_to_100` from rest to 100 km/h [s]; `grade` steepest start [-]; `grade_at_80` at 80 km/h [-];
    `trailer` heaviest that starts on 12 % [kg]; `power` at the wheels [W]."""

    time_to_100: float
    grade: float
    grade_at_80: float
    trailer: float
    power: float


def performance(vehicle: Vehicle, battery_power: float = inf, extra_mass: float = 0.0) -> Performance:
    """Return what a car can do with a battery that gives so much power [W] and extra mass [kg].

    InputError where the car's file has no `motor`.
    """
    mass = vehicle.mass.value + extra_mass
    power = wheel_power(vehicle, battery_power)
    grip = _motor(vehicle).grip.value * _motor(vehicle).driven_weight.value
    load = vehicle.build_road_load(mass)
    weight = mass * GRAVITY
    speed = np.linspace(0.0, 100 / 3.6, _POINTS + 1)
    middle = (speed[1:] + speed[:-1]) / 2
    net = np.minimum(power / middle, grip * weight) - load.force(middle)
    inertia = load.rotating_mass_factor * mass
    time = float(np.sum(np.diff(speed) * inertia / net)) if np.all(net > 0) else inf
    standing = float(min(grip, 1.0) - load.constant / weight)
    at_80 = (power / (80 / 3.6) - float(load.force(80 / 3.6))) / weight
    slope = START_GRADE / sqrt(1 + START_GRADE**2)
    pull = min(grip, 1.0) - load.constant / weight - slope
    trailer = mass * max(0.0, pull) / (slope + TRAILER_ROLLING)
    return Performance(time, grade_of(standing), grade_of(min(at_80, standing)), trailer, power)


def wheel_power(vehicle: Vehicle, battery_power: float = inf) -> float:
    """Return the power at the wheels [W]: of the motors, or of the battery behind the drivetrain."""
    return min(_motor(vehicle).power.value, battery_power * vehicle.drivetrain.efficiency.value)


def grade_of(sine: float) -> float:
    """Return the rise over run [-] of a slope with this sine."""
    inside = min(max(sine, -0.999), 0.999)
    return float(np.tan(asin(inside)))


def steady_consumption(
    vehicle: Vehicle, speed: float, ambient: float = REFERENCE_TEMPERATURE, extra_mass: float = 0.0
) -> float:
    """Return the energy out of the battery per distance [J/m] at a constant speed [m/s], cabin warm."""
    return battery_demand(vehicle, steady(speed), ambient, extra_mass=extra_mass).consumption


def _motor(vehicle: Vehicle) -> Motor:
    if vehicle.motor is None:
        raise InputError(f"{vehicle.name}: motor is missing: add power, driven_weight and grip")
    return vehicle.motor
