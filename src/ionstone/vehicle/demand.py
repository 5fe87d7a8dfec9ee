r"""What a car asks of its battery while it drives a cycle.

$$ P(t) = P_{drivetrain}(P_{wheel}(t)) + P_{aux} + P_{cabin} + P_{battery\,heating} $$

Each interval of the cycle has its exact mean power. As a profile that is linear between its samples, the
means stand at the middles of the intervals: on even steps the energy of the profile is then exactly that of
the intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ionstone.core.errors import InputError
from ionstone.vehicle.config import Vehicle, load_vehicle
from ionstone.vehicle.cycle import Cycle, load_cycle
from ionstone.vehicle.road_load import REFERENCE_TEMPERATURE

WARM_UP_TIME = 1500.0  # s, in which a cold cabin is warmed up


@dataclass(frozen=True, eq=False)
class Demand:
    """Power out of the battery [W] at times [s], linear between them, and the distance driven by then [m].

    `parts` holds the energies of one pass [J]: rolling, drag, wheel_out, wheel_in, traction, regeneration,
    friction, auxiliary, cabin, battery_heating. `warm_up_energy` [J] is what the cabin takes once, at the
    first start, in `warm_up_time` [s].
    """

    time: np.ndarray
    power: np.ndarray
    distance: np.ndarray
    parts: dict[str, float]
    warm_up_energy: float = 0.0
    warm_up_time: float = WARM_UP_TIME

    @property
    def energy(self) -> float:
        """Energy out of the battery in one pass [J], the warm-up of the cabin left out."""
        return float(np.sum((self.power[1:] + self.power[:-1]) / 2 * np.diff(self.time)))

    @property
    def length(self) -> float:
        """Distance of one pass [m]."""
        return float(self.distance[-1])

    @property
    def consumption(self) -> float:
        """Energy per distance [J/m]; 1 J/m is 1/36 kWh/100 km."""
        return self.energy / self.length


def battery_demand(
    vehicle: Vehicle | str,
    cycle: Cycle | str = "wltc_3b",
    ambient: float = REFERENCE_TEMPERATURE,
    extra_mass: float = 0.0,
    battery_heating: float = 0.0,
    spacing: float = 1.0,
) -> Demand:
    """Return the demand of a car on a cycle at an ambient temperature [K].

    `extra_mass` [kg] is added to the mass of the car's test (another pack: its mass less that of the own
    pack); `battery_heating` [W] is a constant heater power out of the pack; `spacing` [s] is the step of
    the profile. InputError where the ambient is outside -50 to 60 degC or the mass that remains is not
    positive.
    """
    vehicle, cycle = load_vehicle(vehicle), load_cycle(cycle)
    if not 223.15 <= ambient <= 333.15:
        raise InputError(f"ambient: {ambient - 273.15:.4g} degC is outside -50 degC to 60 degC: change it")
    mass = vehicle.mass.value + extra_mass
    if mass <= 0:
        raise InputError(f"extra_mass: {extra_mass:g} kg leaves a car of {mass:g} kg: use a heavier pack")
    trace = cycle.resampled(spacing)
    step = np.diff(trace.time)
    load = vehicle.build_road_load(mass).at_temperature(ambient)
    wheel = load.mean_wheel_power(trace.speed[:-1], trace.speed[1:], step)
    drivetrain, auxiliaries = vehicle.build_drivetrain(), vehicle.build_auxiliaries()
    traction = drivetrain.battery_power(wheel)
    constant = auxiliaries.battery_power(ambient) + battery_heating
    rolling, drag = load.mean_resistance(trace.speed[:-1], trace.speed[1:])
    parts = {
        "rolling": float(np.sum(rolling * step)),
        "drag": float(np.sum(drag * step)),
        "wheel_out": float(np.sum(np.maximum(wheel, 0.0) * step)),
        "wheel_in": float(np.sum(np.minimum(wheel, 0.0) * step)),
        "traction": float(np.sum(np.maximum(traction, 0.0) * step)),
        "regeneration": float(np.sum(np.minimum(traction, 0.0) * step)),
        "friction": drivetrain.friction(wheel, step),
        "auxiliary": auxiliaries.power * trace.duration,
        "cabin": auxiliaries.cabin_power(ambient) * trace.duration,
        "battery_heating": battery_heating * trace.duration,
    }
    ahead = np.concatenate([[0.0], np.cumsum((trace.speed[1:] + trace.speed[:-1]) / 2 * step)])
    time, power = at_middles(trace.time, traction + constant)
    distance = np.interp(time, trace.time, ahead)
    return Demand(time, power, distance, parts, auxiliaries.warm_up_energy(ambient))


def at_middles(edges: Any, means: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return (time, value) of a profile with the means at the middles of the intervals, flat at both ends."""
    middles = (edges[1:] + edges[:-1]) / 2
    time = np.concatenate([edges[:1], middles, edges[-1:]])
    return time, np.concatenate([means[:1], means, means[-1:]])
