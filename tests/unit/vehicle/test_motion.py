"""A car moved step by step: speed and power at the wheels are inverse, and motors and tyres bound both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ionstone.core.errors import InputError
from ionstone.vehicle import load_vehicle
from ionstone.vehicle.motion import Motion, Move
from ionstone.vehicle.performance import performance
from ionstone.vehicle.road_load import GRAVITY, REFERENCE_TEMPERATURE, RoadLoad

LOAD = RoadLoad(150.0, 1.0, 0.4, 2000.0)
FREE = Motion(LOAD)
CAR = Motion.of(load_vehicle("kia-ev6-rwd"), REFERENCE_TEMPERATURE)


@pytest.mark.parametrize("grade", [-0.1, 0.0, 0.06])
@pytest.mark.parametrize(("start", "end"), [(0.0, 3.0), (20.0, 22.0), (20.0, 15.0), (20.0, 20.0)])
def test_the_power_of_a_move_gives_the_move(start: float, end: float, grade: float) -> None:
    move = Move(start, end, 1.0, grade)
    back = FREE.reached(replace(move, end=start), FREE.wheel_energy(move))
    assert back.end == pytest.approx(end, abs=1e-9)
    assert back.duration == 1.0


def test_a_car_that_coasts_down_a_hill_settles_where_the_hill_bears_its_road_load() -> None:
    speed, grade = 10.0, -0.05
    for _ in range(2000):
        speed = FREE.reached(Move(speed, speed, 1.0, grade), 0.0).end
    pull = LOAD.mass * GRAVITY * 0.05 / (1 + 0.05**2) ** 0.5
    assert LOAD.force(speed) == pytest.approx(pull, rel=1e-9)


def test_a_car_that_a_hill_stops_within_a_step_stands_for_the_rest_of_it() -> None:
    move = FREE.reached(Move(2.0, 2.0, 10.0, 0.1), 0.0)
    assert move.end == 0.0
    assert move.duration == pytest.approx(2.0 * 1.03 / (0.1 / 1.01**0.5 + 0.008) / GRAVITY, rel=0.01)
    assert FREE.wheel_energy(move) == pytest.approx(0.0, abs=1e-6)


def test_motors_and_tyres_bound_an_acceleration_as_they_bound_the_time_to_100() -> None:
    speed, time, limits = 0.0, 0.0, []
    while speed < 100 / 3.6:
        move = CAR.within(Move(speed, speed + 100.0, 0.1, 0.0))
        speed, time = move.end, time + 0.1
        limits.append(move.limit)
    assert time == pytest.approx(performance(load_vehicle("kia-ev6-rwd")).time_to_100, abs=0.15)
    assert limits == sorted(limits)
    assert set(limits) == {"grip", "motor"}


def test_the_tyres_bound_braking_by_the_whole_weight() -> None:
    move = CAR.within(Move(30.0, 0.0, 1.0, 0.0))
    grip = load_vehicle("kia-ev6-rwd").motor.grip.value
    assert move.limit == "grip"
    assert CAR.wheel_energy(move) == pytest.approx(-grip * CAR.load.mass * GRAVITY * move.distance, rel=1e-9)
    assert CAR.within(Move(30.0, 25.0, 1.0, 0.0)).limit == ""


def test_a_car_without_mass_is_refused() -> None:
    with pytest.raises(InputError, match="extra_mass"):
        Motion.of(load_vehicle("kia-ev6-rwd"), 293.15, -1e4)
