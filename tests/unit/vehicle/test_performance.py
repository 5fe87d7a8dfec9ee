"""Acceleration, hills and trailers follow from power, grip and weight; labels from their cycles."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.core.errors import InputError
from ionstone.vehicle import load_vehicle
from ionstone.vehicle.config import Motor
from ionstone.vehicle.epa_label import epa_label
from ionstone.vehicle.performance import performance, steady_consumption

CAR = load_vehicle("hyundai-ioniq-5-rwd")


def test_a_car_takes_the_time_to_100_that_its_power_and_grip_need() -> None:
    found = performance(CAR)
    load, mass, power = CAR.build_road_load(), CAR.mass.value, found.power
    grip, time, speed = 0.9 * 0.5 * 9.80665 * mass, 0.0, 0.0
    while speed < 100 / 3.6:
        net = min(power / max(speed, 1e-9), grip) - float(load.force(speed))
        speed += 1e-3 * net / (load.rotating_mass_factor * mass)
        time += 1e-3
    assert found.time_to_100 == pytest.approx(time, rel=0.01)


def test_a_weak_battery_makes_a_slow_car_and_a_heavy_pack_too() -> None:
    assert performance(CAR, battery_power=60e3).time_to_100 > 1.5 * performance(CAR).time_to_100
    assert performance(CAR, extra_mass=300.0).time_to_100 > performance(CAR).time_to_100
    assert performance(CAR, extra_mass=300.0).grade_at_80 < performance(CAR).grade_at_80


def test_the_grade_at_80_is_climbed_with_all_the_power() -> None:
    found = performance(CAR, battery_power=50e3)
    sine = np.sin(np.arctan(found.grade_at_80))
    force = CAR.mass.value * 9.80665 * sine + float(CAR.build_road_load().force(80 / 3.6))
    assert force * 80 / 3.6 == pytest.approx(found.power, rel=1e-9)


def test_a_car_without_a_motor_says_what_to_add() -> None:
    with pytest.raises(InputError, match="motor is missing: add"):
        performance(CAR.model_copy(update={"motor": None}))
    assert isinstance(CAR.motor, Motor)


def test_speed_costs_energy_and_so_do_cold_and_heat() -> None:
    at = [steady_consumption(CAR, kmh / 3.6) for kmh in (80, 100, 120, 140)]
    assert at == sorted(at)
    mild, cold, hot = (steady_consumption(CAR, 10.0, t) for t in (297.15, 253.15, 318.15))
    assert cold > 1.5 * mild
    assert hot > 1.2 * mild


def test_the_five_cycles_of_the_label_weigh_about_as_the_factor_of_two_says() -> None:
    label = epa_label(CAR)
    assert 0.6 < label.factor < 0.8
    assert label.highway < label.city
    assert label.two_cycle == pytest.approx(488e3, rel=0.12)
