"""Laws of the road load: a coasting car, the kinetic energy, mass and cold."""

from __future__ import annotations

from math import atan, log, sqrt

import numpy as np
import pytest

from ionstone.vehicle.road_load import GRAVITY, RoadLoad


def coast_down(load: RoadLoad, start: float, end: float, steps: int = 20000) -> float:
    """Time [s] from one speed [m/s] to a lower one without power at the wheels, by the mean wheel power."""
    speeds = np.linspace(start, end, steps + 1)
    kinetic = load.rotating_mass_factor * load.mass * (speeds[:-1] ** 2 - speeds[1:] ** 2) / 2
    steady = load.mean_wheel_power(speeds[:-1], speeds[1:], 1e30)
    return float(np.sum(kinetic / steady))


def test_a_car_with_rolling_resistance_and_drag_coasts_down_as_the_tangent() -> None:
    load = RoadLoad(constant=200.0, linear=0.0, quadratic=0.4, mass=2000.0, rotating_mass_factor=1.0)
    root = sqrt(200.0 * 0.4)
    exact = 2000.0 / root * (atan(30.0 * sqrt(0.4 / 200.0)) - atan(5.0 * sqrt(0.4 / 200.0)))
    assert coast_down(load, 30.0, 5.0) == pytest.approx(exact, rel=1e-6)


def test_a_car_with_a_linear_term_coasts_down_as_the_logarithm() -> None:
    load = RoadLoad(constant=100.0, linear=10.0, quadratic=0.0, mass=1500.0, rotating_mass_factor=1.0)
    exact = 1500.0 / 10.0 * log((100.0 + 10.0 * 25.0) / (100.0 + 10.0 * 3.0))
    assert coast_down(load, 25.0, 3.0) == pytest.approx(exact, rel=1e-6)


def test_speeding_up_and_slowing_down_costs_no_kinetic_energy() -> None:
    load = RoadLoad(0.0, 0.0, 0.0, 1800.0)
    up, down = load.mean_wheel_power(0.0, 20.0, 8.0), load.mean_wheel_power(20.0, 0.0, 5.0)
    assert up * 8.0 + down * 5.0 == pytest.approx(0.0, abs=1e-9)
    assert up * 8.0 == pytest.approx(1.03 * 1800.0 * 200.0)


def test_mean_power_is_the_integral_over_a_ramp() -> None:
    load = RoadLoad(150.0, 3.0, 0.35, 2000.0)
    t = np.linspace(0.0, 4.0, 400001)
    v = 7.0 + 11.0 * t / 4.0
    power = load.force(v) * v + load.rotating_mass_factor * load.mass * (11.0 / 4.0) * v
    exact = np.sum((power[1:] + power[:-1]) / 2) / (t.size - 1)
    assert load.mean_wheel_power(7.0, 18.0, 4.0) == pytest.approx(exact, rel=1e-9)


def test_a_standing_car_needs_no_force() -> None:
    load = RoadLoad(150.0, 3.0, 0.35, 2000.0)
    assert load.force(0.0) == 0.0
    assert load.mean_wheel_power(0.0, 0.0, 1.0) == 0.0


def test_rolling_resistance_grows_with_weight_and_drag_does_not() -> None:
    light = RoadLoad.from_shape(1500.0, 0.5, 0.008)
    heavy = light.with_mass(3000.0)
    assert heavy.constant == pytest.approx(3000.0 * GRAVITY * 0.008)
    assert heavy.quadratic == light.quadratic


def test_cold_air_is_denser_and_cold_tyres_are_stiffer() -> None:
    load = RoadLoad.from_shape(1500.0, 0.5, 0.008)
    cold = load.at_temperature(263.15)
    assert cold.quadratic / load.quadratic == pytest.approx(293.15 / 263.15)
    assert cold.constant / load.constant == pytest.approx(1 + 8.6e-3 * 30)
    assert load.at_temperature(293.15) == load
