"""Laws of the demand: energy from wheel to battery, a standing car, mass, cold."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from ionstone.core.errors import InputError
from ionstone.study.validation.measured import cars
from ionstone.vehicle import Cycle, battery_demand, list_cycles, list_vehicles, load_cycle, load_vehicle
from ionstone.vehicle.drivetrain import Drivetrain
from ionstone.vehicle.road_load import RoadLoad

#: with a trailer and full load, where rolling outweighs the rest
TRUCKS = ("mercedes-eactros-600", "tesla-semi")


def standing(duration: float = 600.0) -> Cycle:
    time = np.arange(duration + 1)
    return Cycle("standing", "standing", time, np.zeros_like(time))


@pytest.mark.parametrize("cycle", list_cycles())
def test_energy_at_the_battery_is_that_of_its_parts(cycle: str) -> None:
    demand = battery_demand("tesla-model-3-lr", cycle, ambient=273.15, battery_heating=300.0)
    parts = demand.parts
    rest = sum(parts[name] for name in ("auxiliary", "cabin", "battery_heating"))
    assert demand.energy == pytest.approx(parts["traction"] + parts["regeneration"] + rest, rel=1e-12)
    assert parts["traction"] == pytest.approx(parts["wheel_out"] / 0.898, rel=1e-12)
    assert 0 >= parts["regeneration"] >= 0.743 * parts["wheel_in"] - 1e-6


@pytest.mark.parametrize("cycle", list_cycles())
def test_wheel_energy_is_what_the_road_takes(cycle: str) -> None:
    trace = load_cycle(cycle)
    load = load_vehicle("tesla-model-3-lr").build_road_load()
    v0, v1, h = trace.speed[:-1], trace.speed[1:], np.diff(trace.time)
    speed = v0[:, None] * (1 - QUADRATURE) + v1[:, None] * QUADRATURE
    road = np.sum((load.force(speed) * speed * WEIGHTS).sum(axis=1) * h)
    parts = battery_demand("tesla-model-3-lr", cycle).parts
    ends = load.rotating_mass_factor * load.mass * (trace.speed[-1] ** 2 - trace.speed[0] ** 2) / 2
    assert parts["wheel_out"] + parts["wheel_in"] == pytest.approx(road + ends, rel=1e-9)


QUADRATURE = np.array([0.5 - np.sqrt(0.15), 0.5, 0.5 + np.sqrt(0.15)])  # Gauss, exact to the fifth power
WEIGHTS = np.array([5, 8, 5]) / 18


def test_a_standing_car_needs_its_auxiliaries_only() -> None:
    vehicle = load_vehicle("tesla-model-3-lr")
    assert np.allclose(battery_demand(vehicle, standing()).power, 250.0)
    cold = battery_demand(vehicle, standing(), ambient=263.15)
    assert np.allclose(cold.power, 250.0 + 58.0 * 30.0)


def test_the_distance_driven_is_that_of_the_cycle() -> None:
    demand = battery_demand("tesla-model-3-lr", "wltc_3b")
    assert demand.length == pytest.approx(23266, rel=1e-4)
    assert np.all(np.diff(demand.distance) >= 0)


@pytest.mark.parametrize("spacing", [0.5, 2.0, 5.0])
def test_another_spacing_keeps_the_energy_within_two_percent(spacing: float) -> None:
    fine, other = (battery_demand("tesla-model-3-lr", "wltc_3b", spacing=s) for s in (1.0, spacing))
    assert other.energy == pytest.approx(fine.energy, rel=0.02)


@pytest.mark.parametrize("vehicle", ["tesla-model-3-lr", "hyundai-ioniq-5-lr-awd", "nio-et7-100"])
def test_a_hundred_kilograms_more_cost_two_to_four_percent(vehicle: str) -> None:
    plain, heavy = (battery_demand(vehicle, "wltc_3b", extra_mass=m).consumption for m in (0.0, 100.0))
    assert 0.018 <= heavy / plain - 1 <= 0.038


@pytest.mark.parametrize("vehicle", [name for name in list_vehicles() if name not in TRUCKS])
def test_of_a_percent_of_mass_a_third_to_two_thirds_go_into_the_energy(vehicle: str) -> None:
    more = 0.05 * load_vehicle(vehicle).mass.value
    plain, heavy = (battery_demand(vehicle, "wltc_3b", extra_mass=m).consumption for m in (0.0, more))
    assert 0.33 <= (heavy / plain - 1) / 0.05 <= 0.67


@pytest.mark.parametrize("truck", TRUCKS)
def test_of_a_percent_of_mass_the_share_of_rolling_goes_into_a_steady_drive(truck: str) -> None:
    car = load_vehicle(truck)
    assert car.mass.value > 30e3
    more = 0.01 * car.mass.value
    plain, heavy = (battery_demand(car, "80 km/h", extra_mass=m) for m in (0.0, more))
    rolling = plain.parts["rolling"] / car.drivetrain.efficiency.value / plain.length
    assert heavy.consumption - plain.consumption == pytest.approx(0.01 * rolling, rel=1e-9)
    assert 0.4 < rolling / plain.consumption < 0.7


def test_what_the_battery_may_not_take_goes_into_the_brakes() -> None:
    drivetrain = Drivetrain(0.9, 0.7, maximum_regeneration=50e3)
    assert drivetrain.battery_power(np.array([-200e3, -10e3, 0.0, 9e3])) == pytest.approx(
        [-50e3, -7e3, 0.0, 10e3]
    )


def test_the_cold_costs_more_than_the_cabin() -> None:
    warm, cold = (battery_demand("tesla-model-3-lr", "wltc_3b", ambient=t) for t in (293.15, 263.15))
    assert cold.energy - warm.energy > cold.parts["cabin"]
    assert cold.warm_up_energy == pytest.approx(150e3 * 30)
    assert warm.warm_up_energy == 0


@pytest.mark.parametrize(("ambient", "mass"), [(200.0, 0.0), (400.0, 0.0), (293.15, -5000.0)])
def test_impossible_conditions_are_refused(ambient: float, mass: float) -> None:
    with pytest.raises(InputError, match=r"ambient|extra_mass"):
        battery_demand("tesla-model-3-lr", "wltc_3b", ambient=ambient, extra_mass=mass)


def test_one_universal_drivetrain_meets_the_tests_of_the_epa() -> None:
    """The mean error of the combined energy is at most 6 % (0.88: from the wall to the battery)."""
    drivetrain, errors = Drivetrain(0.898, 0.743), []
    cycles = {name: load_cycle(name) for name in ("udds", "hwfet")}
    with (Path(cars.__file__).parent / "epa2022.csv").open(newline="") as handle:
        for row in csv.DictReader(handle):
            if row["usable_for_validation"] != "True":
                continue
            names = ("A_N", "B_N_per_mps", "C_N_per_mps2", "test_mass_kg")
            load = RoadLoad(*(float(row[name]) for name in names))
            computed = measured = 0.0
            for name, share in (("udds", 0.55), ("hwfet", 0.45)):
                cycle = cycles[name]
                wheel = load.mean_wheel_power(cycle.speed[:-1], cycle.speed[1:], np.diff(cycle.time))
                energy = np.sum((drivetrain.battery_power(wheel) + 250.0) * np.diff(cycle.time))
                computed += share * energy / cycle.distance / 3.6 / 0.88
                measured += share * float(row[f"{name}_Wh_per_km_AC"])
            errors.append(abs(computed / measured - 1))
    assert len(errors) >= 45
    assert np.mean(errors) <= 0.06
