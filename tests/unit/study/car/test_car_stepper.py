"""A car stepped by a controller drives as `drive` does, closes its energy, and falls short at limits."""

from __future__ import annotations

import pickle
import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import ionstone as ion
from ionstone.core.errors import InputError
from ionstone.simulation import Grid
from ionstone.study.car.stepper import CarStep, CarStepper
from ionstone.vehicle import battery_demand

GRID = Grid(5, 3, 5, 8)
CITY = ion.load_cycle("udds").speed.tolist()


def made(**choices: Any) -> CarStepper:
    return ion.car_stepper(
        "lg-m50", **({"vehicle": "kia-ev6-rwd", "grid": GRID, "model": "SPM", "soc": 0.8} | choices)
    )


def flat_out(car: CarStepper, steps: int, **demand: Any) -> list[CarStep]:
    return [car.step(1.0, **demand) for _ in range(steps)]


def closed(car: CarStepper) -> None:
    """The energy is that of its parts, from the terminals to the road."""
    e = car.energies
    parts = ("traction", "regeneration", "auxiliary", "cabin", "battery_heating")
    size = abs(e["battery"]) + e["wheel_out"] + 1.0
    assert e["battery"] == pytest.approx(sum(e[name] for name in parts), abs=1e-9 * size)
    road = sum(e[name] for name in ("rolling", "drag", "climb", "kinetic"))
    assert e["wheel_out"] + e["wheel_in"] == pytest.approx(road, abs=1e-9 * size)
    wheels = e["traction"] * car.vehicle.drivetrain.efficiency.value
    assert wheels == pytest.approx(e["wheel_out"], abs=1e-9 * size)
    braked = e["regeneration"] / car.vehicle.drivetrain.regeneration.value
    assert braked - e["friction"] == pytest.approx(e["wheel_in"], abs=1e-9 * size)


@pytest.mark.parametrize("ambient", [263.15, 298.15])
def test_a_cycle_in_steps_takes_the_energy_of_the_cycle(ambient: float) -> None:
    car = made(temperature=ambient)
    got = [car.step(1.0, speed=speed) for speed in CITY[1:]]
    extra = car.pack.mass - car.vehicle.pack.mass.value
    demand = battery_demand(car.vehicle, "udds", ambient, extra_mass=extra)
    warm_up = demand.warm_up_energy * min(1.0, car.time / demand.warm_up_time)
    assert not any(step.limit for step in got)
    assert car.energies["battery"] == pytest.approx(demand.energy + warm_up, rel=1e-9)
    assert got[-1].distance == pytest.approx(demand.length, rel=1e-9)
    for name in ("traction", "regeneration", "wheel_out", "wheel_in", "rolling", "drag"):
        assert car.energies[name] == pytest.approx(demand.parts[name], rel=1e-9)
    closed(car)


def test_the_cells_give_at_every_step_what_the_pack_is_booked_to_give() -> None:
    car = made()
    for speed in CITY[1:400]:
        got = car.step(1.0, speed=speed)
        assert car.pack.n_cells * car.cell["power"] == pytest.approx(got.battery_power, rel=1e-7)
        assert got.voltage == car.pack.series * car.cell["voltage"]


def test_a_cycle_over_and_over_in_steps_has_the_range_of_a_drive() -> None:
    small = {"vehicle": "mitsubishi-i-miev", "model": "SPM", "grid": GRID}
    whole = ion.drive("lg-m50", cycle="100 km/h", **small)
    car = ion.car_stepper("lg-m50", speed="100 km/h", **small)
    while not (got := car.step(1.0, speed="100 km/h")).limit:
        pass
    assert got.limit == "voltage"
    assert got.distance == pytest.approx(whole.range, rel=2e-4)
    assert car.energies["battery"] == pytest.approx(whole.energy, rel=2e-4)


def test_a_pack_that_cannot_give_the_power_holds_its_cut_off_and_the_car_gains_less_speed() -> None:
    car = made(soc=0.05, temperature="-10 degC", model="P2D")
    low = car.cell.limits["voltage"][0] * car.pack.series
    got = flat_out(car, 12, speed="150 km/h")
    bound = [step for step in got if step.limit == "voltage"]
    assert len(bound) > 5
    assert all(step.voltage == pytest.approx(low, rel=1e-9) for step in bound)
    assert all(step.speed < 150 / 3.6 for step in bound)
    assert [step.battery_power for step in bound] == sorted((s.battery_power for s in bound), reverse=True)
    assert all(after.speed >= before.speed for before, after in pairwise(got))
    closed(car)


def test_the_mean_power_at_the_cut_off_is_that_of_the_charge_given() -> None:
    car = made(soc=0.05, temperature="-10 degC", model="P2D")
    flat_out(car, 6, speed="150 km/h")
    charge = car.cell["discharge_capacity"]
    got = car.step(1.0, speed="150 km/h")
    given = (car.cell["discharge_capacity"] - charge) * car.cell["voltage"] * car.pack.n_cells
    assert got.battery_power == pytest.approx(given, rel=1e-9)


def test_an_empty_pack_lets_the_car_roll_to_a_stop() -> None:
    car = made(soc=0.001, temperature="-10 degC")
    got = flat_out(car, 400, speed="50 km/h")
    assert got[-1].limit == "voltage"
    assert got[-1].speed < 1.0
    closed(car)


def test_braking_power_that_the_cells_do_not_take_goes_to_friction() -> None:
    warm, cold = (made(temperature=t, speed="120 km/h", soc=0.97) for t in ("25 degC", "-20 degC"))
    for car in (warm, cold):
        got = flat_out(car, 8, acceleration=-3.0)
        assert got[-1].speed == pytest.approx(120 / 3.6 - 24.0)
        closed(car)
    assert got[3].limit == "voltage"
    assert got[3].voltage == pytest.approx(car.cell.limits["voltage"][1] * car.pack.series, rel=1e-9)
    assert cold.energies["friction"] > warm.energies["friction"]
    assert cold.energies["wheel_in"] < 0 > cold.energies["regeneration"] > warm.energies["regeneration"]


def test_a_full_battery_takes_nothing_back() -> None:
    car = made(soc=1.0, speed="100 km/h")
    got = car.step(1.0, acceleration=-1.0)
    assert (got.limit, got.battery_power) == ("full battery", 0.0)
    assert car.energies["friction"] > 0
    closed(car)


def test_a_limit_that_the_user_narrows_comes_back_to_the_car() -> None:
    car = made(speed="30 km/h")
    car.cell.set_limits(abs_c_rate=(None, 1.0))
    got = car.step(1.0, speed="80 km/h")
    assert got.limit == "abs_c_rate"
    assert car.cell["abs_c_rate"] == pytest.approx(1.0, rel=0.05)
    assert car.cell["abs_c_rate"] <= 1.0
    assert 30 / 3.6 < got.speed < 80 / 3.6
    closed(car)


def test_a_hill_takes_the_energy_of_its_height() -> None:
    car = made(speed="60 km/h")
    got = flat_out(car, 30, speed="60 km/h", grade="6 %")
    mass = car.motion.load.mass
    height = got[-1].distance * 0.06 / np.hypot(1.0, 0.06)
    assert car.energies["climb"] == pytest.approx(mass * 9.80665 * height, rel=1e-9)
    closed(car)


def test_power_at_the_wheels_and_the_speed_that_it_gives_are_one_demand() -> None:
    by_power, by_speed = made(speed=10.0), made(speed=10.0)
    first = by_power.step(1.0, wheel_power="40 kW")
    second = by_speed.step(1.0, speed=first.speed)
    assert second.wheel_power == pytest.approx(40e3, rel=1e-9)
    assert second.battery_power == pytest.approx(first.battery_power, rel=1e-9)


def test_a_cell_that_needs_warmth_starts_warm_and_is_held_warm() -> None:
    car = ion.car_stepper("polymer-lfp", temperature="0 degC", grid=GRID, soc=0.8)
    got = flat_out(car, 20, speed=0.0)
    warm = car.cell.cell.parameters().scalars["operating_temperature"]
    assert got[-1].temperature == pytest.approx(warm, abs=0.1)
    assert car.energies["battery_heating"] > 0
    closed(car)


def test_the_same_steps_from_a_saved_state_give_the_same_numbers() -> None:
    car = made()
    flat_out(car, 5, speed="40 km/h")
    state = pickle.loads(pickle.dumps(car.save()))
    first = flat_out(car, 5, speed="90 km/h")
    energies = car.energies
    car.restore(state)
    assert flat_out(car, 5, speed="90 km/h") == first
    assert car.energies == energies
    with pytest.raises(InputError, match="another car"):
        made(vehicle="tesla-model-3-lr").restore(state)


@pytest.mark.parametrize(
    ("demand", "words"),
    [
        ({}, "one demand, none given"),
        ({"speed": 10.0, "acceleration": 1.0}, "one demand, speed, acceleration given"),
        ({"speed": "-5 km/h"}, "speed is -1.38889 m/s: give 0 to 115 m/s"),
        ({"speed": float("nan")}, "speed is nan"),
        ({"speed": 10.0, "grade": 2.0}, "grade is 2"),
        ({"dt": 0.0, "speed": 10.0}, "dt is 0 s"),
        ({"dt": 1e3, "speed": 10.0}, "dt is 1000 s"),
    ],
)
def test_a_bad_demand_is_one_line_and_changes_nothing(demand: dict[str, Any], words: str) -> None:
    car = made()
    with pytest.raises(InputError, match=words):
        car.step(**demand)
    assert (car.time, car.speed, car.distance) == (0.0, 0.0, 0.0)


def test_a_step_of_one_second_takes_under_a_millisecond() -> None:
    car = ion.car_stepper("lg-m50", soc=0.9)
    speeds, best = CITY[20:320], np.inf
    for k in range(0, 300, 20):
        start = time.perf_counter()
        for speed in speeds[k : k + 20]:
            car.step(1.0, speed=speed)
        best = min(best, (time.perf_counter() - start) / 20)
    assert best < 1e-3
