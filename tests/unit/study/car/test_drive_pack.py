"""A car with a pack of cells that differ: energy closes, limits reach the car, the weakest cell ends it."""

from __future__ import annotations

import json

import numpy as np
import pytest

import ionstone as ion
from ionstone.core.errors import InputError, SimulationError
from ionstone.pack import UniformPack
from ionstone.simulation import Grid
from ionstone.study.car.drive import drive as drive_uniform
from ionstone.study.car.drive import pack_of_car
from ionstone.study.car.drive_pack import BREAK_OFF, TOLERANCE, drive_pack, network_of_car
from ionstone.study.car.stepper import CarStepper
from ionstone.study.car.tables import flow_of
from ionstone.vehicle.demand import WARM_UP_TIME
from ionstone.vehicle.motion import Motion, Move

GRID = Grid(5, 3, 5, 8)
CAR = "tesla-model-3-lr"
#: heat goes to the ambient alone, as it does from a UniformPack
DRY = {"flow": 0.0}


def pack_of(cell: str = "lg-m50", **options: object) -> ion.Pack:
    given = {"series": 96, "parallel": 46, "grid": GRID, "threads": 1, "cooling": DRY}
    return ion.Pack(cell, **{**given, **options})


def alike(pack: ion.Pack) -> UniformPack:
    """The UniformPack of as many cells, as heavy."""
    found = pack_of_car(pack.cell, ion.load_vehicle(CAR))
    return found.scaled_to_energy(pack.nominal_energy).with_mass(pack.mass)


BIG = {"series": 24, "parallel": 8, "lanes": 1}


@pytest.fixture(scope="module")
def spread():
    pack = pack_of("lfp-graphite", **BIG, spread={"capacity": "8 %", "resistance": "15 %"}, seed=3,
                   busbar="50 uohm", joint="20 uohm")  # fmt: skip
    return ion.drive("lfp-graphite", CAR, "udds", "-5 degC", pack=pack, soc="5 %")


def closes(found) -> None:
    """From the cells to the road, within the integrals of the run."""
    e, inside = found.plan.energies, found.run.energies
    size = inside["cells"]
    given = inside["terminal"] + inside["heater"] + inside["joints"] + inside["busbars"]
    assert abs(inside["cells"] - given) < 1e-6 * size
    lead = found.run.time <= found.plan.lead
    before = float(np.trapezoid(found.run.outputs["power"][lead], found.run.time[lead]))
    assert abs(inside["terminal"] - before - e["battery"]) < 1e-6 * size
    parts = ("traction", "regeneration", "auxiliary", "cabin", "battery_heating")
    assert abs(e["battery"] - sum(e[name] for name in parts)) < 1e-6 * size
    road = sum(e[name] for name in ("rolling", "drag", "kinetic"))
    assert abs(e["wheel_out"] + e["wheel_in"] - road) < 1e-6 * size
    assert abs(flow_of(found).closure) < 1e-6


def test_energy_closes_from_the_cells_to_the_road(spread) -> None:
    closes(spread)
    assert spread.run.summary["current_sum_error"] < 1e-9
    extra = spread.pack.mass - ion.load_vehicle(CAR).pack.mass.value
    motion = Motion.of(ion.load_vehicle(CAR), 268.15, extra)
    moving = motion.kinetic(Move(0.0, float(spread.plan.speed[-1]), 1.0, 0.0))
    assert spread.plan.energies["kinetic"] == pytest.approx(moving, rel=1e-6, abs=1.0)


def test_voltage_times_current_follows_the_demanded_power(spread) -> None:
    """On the seconds that no limit cuts short, against the power of a car that has the speed asked for."""
    plan, o = spread.plan, spread.run.outputs
    free = (spread.run.limit == "") & (np.abs(plan.speed - plan.asked) < 1e-12)
    free[1:] &= np.abs(plan.speed - plan.asked)[:-1] < 1e-12
    rows = np.flatnonzero(free[1:]) + 1
    motion = Motion.of(plan.vehicle, plan.ambient, spread.pack.mass - plan.vehicle.pack.mass.value)
    drivetrain, auxiliaries = plan.vehicle.build_drivetrain(), plan.vehicle.build_auxiliaries()
    constant = auxiliaries.battery_power(plan.ambient)
    constant += auxiliaries.warm_up_energy(plan.ambient) / WARM_UP_TIME
    moves = [Move(float(plan.asked[k - 1]), float(plan.asked[k]), 1.0, 0.0) for k in rows]
    asked = np.array([float(drivetrain.battery_power(motion.wheel_energy(m))) + constant for m in moves])
    got = (o["voltage"] * o["current"])[rows]
    least = 0.01 * spread.pack.nominal_energy / 3600
    assert rows.size > 0.8 * plan.speed.size
    assert spread.run.time[-1] < WARM_UP_TIME
    assert np.max(np.abs(got - asked) / np.maximum(np.abs(asked), least)) < 1e-4


def test_the_drive_ends_where_the_car_was_too_slow_for_four_seconds(spread) -> None:
    behind = spread.plan.asked - spread.plan.speed
    last = behind[-round(BREAK_OFF) :]
    assert np.all(last > TOLERANCE)
    assert spread.end_reason == "empty"
    assert spread.soc_left < 0.1
    assert spread.plan.distance[-1] == spread.range


def test_a_weak_cell_ends_the_drive_of_all(spread) -> None:
    even = ion.drive("lfp-graphite", CAR, "udds", "-5 degC", pack=pack_of("lfp-graphite", **BIG), soc="5 %")
    assert spread.range < even.range
    assert spread.soc_left > even.soc_left
    assert any("apart" in note for note in spread.notes)


def test_braking_power_that_the_cells_do_not_take_goes_into_the_brakes() -> None:
    cold = ion.car_stepper("lg-m50", CAR, "-20 degC", pack=pack_of(parallel=30), soc=0.93)
    for speed in ion.load_cycle("udds").speed[1:340].tolist():
        cold.step(1.0, speed=speed)
    warm = ion.car_stepper("lg-m50", CAR, "25 degC", pack=pack_of(parallel=30), soc=0.93)
    for speed in ion.load_cycle("udds").speed[1:340].tolist():
        warm.step(1.0, speed=speed)
    lost, gained = cold.energies["friction"], -cold.energies["regeneration"]
    assert warm.energies["friction"] == pytest.approx(0.0, abs=1.0)
    assert lost > 0.05 * gained
    braking = cold.vehicle.drivetrain.regeneration.value * (-cold.energies["wheel_in"] - lost)
    assert gained == pytest.approx(braking, rel=1e-9)


def test_a_pack_too_weak_for_the_cycle_says_what_holds_it() -> None:
    found = drive_pack(pack_of(parallel=5), CAR, "wltc_3b", 263.15, soc=0.7)
    assert found.soc_left > 0.1
    assert "voltage" in found.end_reason
    assert "falls behind the cycle" in found.end_reason
    assert 0 < found.range < 24e3
    closes(found)


def test_a_pack_of_cells_alike_drives_as_one_cell_for_all_does() -> None:
    """A WLTC from 90 % on, car and steps of time the same: each cell has what one of them has."""
    found = []
    network = pack_of()
    for pack in (network, alike(network)):
        car = ion.car_stepper("lg-m50", CAR, pack=pack, soc=0.9, grid=GRID)
        for speed in ion.load_cycle("wltc_3b").speed[1:].tolist():
            car.step(1.0, speed=speed)
        inside = car.cell.energies["heat"] if isinstance(car, CarStepper) and pack is network else None
        found.append((car.energies["battery"], 0.9 - car.source.soc, inside))
    (energy, used, _), (energy_one, used_one, _) = found
    assert energy == pytest.approx(energy_one, rel=1e-6)
    assert used == pytest.approx(used_one, rel=5e-3)


@pytest.mark.slow
def test_a_whole_drive_takes_what_that_of_one_cell_for_all_takes() -> None:
    network = pack_of(parallel=8)
    many = ion.drive("lg-m50", CAR, "udds", pack=network)
    one = drive_uniform(network.cell, CAR, "udds", pack=alike(network), grid=GRID)
    assert many.energy / many.range == pytest.approx(one.energy / one.range, rel=5e-3)
    assert many.range == pytest.approx(one.range, rel=0.01)
    closes(many)


def test_a_pack_near_that_of_the_car_is_made_of_whole_cells() -> None:
    for cell in ("lg-m50", "semi-solid-360"):
        found = network_of_car(cell, CAR, grid=GRID, spread=0.02, lanes=1)
        assert found.mass == pytest.approx(478.0, rel=0.01)
    warm = network_of_car("polymer-lfp", CAR, grid=GRID)
    assert warm.cooling.heater.value == pytest.approx(0.2 * warm.nominal_energy / 3600, rel=0.01)
    assert warm.cooling.ambient_conductance.value == pack_of_car(warm.cell, ion.load_vehicle(CAR)).conductance
    drive = ion.drive("lg-m50", CAR, "udds", network={"grid": GRID, "threads": 1}, soc="1 %")
    assert drive.pack.mass == pytest.approx(478.0, rel=0.01)


def test_a_drive_with_a_network_has_the_figures_of_any_drive(spread) -> None:
    json.dumps(spread.to_json_dict(), allow_nan=False)
    data = spread.to_xarray()
    assert float(data["distance"][-1]) == pytest.approx(spread.summary["range"])
    assert {"temperature_highest", "speed_asked", "cell_voltage_lowest"} <= set(data)
    assert len(spread.plot().data) == 7
    assert len(spread.plot("energy").data) == 1
    assert spread.energy == pytest.approx(
        spread.run.energies["terminal"] + spread.run.energies["heater"], rel=1e-6
    )
    assert spread.breakdown["cell_losses"] > 0
    assert len(spread.run.plot().data) >= 7


def test_cells_that_want_warmth_are_heated_out_of_the_pack_first() -> None:
    heater = {"heater": "20 kW", "cool_above": "85 degC"}
    pack = pack_of("polymer-lfp", parallel=3, cooling=heater)
    found = ion.drive("polymer-lfp", CAR, "udds", "15 degC", pack=pack, soc="25 %")
    lead = found.run.time < found.plan.lead
    assert found.plan.lead > 600
    assert np.all(found.plan.distance[lead] == 0)
    assert found.run.outputs["soc"][lead][-1] < 0.15
    first = found.run.outputs["temperature"][~lead][0]
    assert first == pytest.approx(pack.heated_to, abs=0.5)
    assert found.warm_up_energy == pytest.approx(found.breakdown["battery_warm_up"] * found.range)
    assert found.heater_power > 0
    closes(found)
    plugged = ion.drive("polymer-lfp", CAR, "udds", "15 degC", pack=pack, soc="6 %", preheated=True)
    assert plugged.warm_up_energy == 0
    assert plugged.run.outputs["temperature"][0] == pytest.approx(pack.heated_to)
    assert plugged.plan.lead == 0


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"pack": pack_of(), "network": {}}, "give one of them"),
        ({"pack": pack_of("lfp-graphite")}, "the cell is lg-m50"),
        ({"pack": pack_of(), "grid": GRID}, "grid is no setting with an ion.Pack"),
        ({"network": {}, "same": "range"}, "use mass or volume"),
        ({"pack": pack_of(), "resolution": 60.0}, "give 0.1 to 10 s"),
    ],
)
def test_bad_wishes_are_one_clear_line(wish: dict, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        ion.drive("lg-m50", CAR, **wish)
    assert "\n" not in str(caught.value)


def test_a_pack_whose_voltage_the_car_does_not_take_is_refused() -> None:
    car = ion.load_vehicle("hyundai-ioniq-5-lr-awd")
    least = car.charging.maximum_power.model_copy(update={"value": 450.0})
    low = car.model_copy(update={"charging": car.charging.model_copy(update={"maximum_voltage": least})})
    with pytest.raises(InputError, match="above the 450 V"):
        ion.drive("lg-m50", low, pack=pack_of(series=192, parallel=23))


def test_a_pack_that_cannot_warm_itself_says_so() -> None:
    with pytest.raises(InputError, match="has no heater: add one"):
        ion.drive("polymer-lfp", CAR, pack=pack_of("polymer-lfp"))
    weak = pack_of("polymer-lfp", cooling={"heater": "2 kW"})
    with pytest.raises(SimulationError, match="preheated=True"):
        ion.drive("polymer-lfp", CAR, temperature="0 degC", pack=weak, soc="4 %")
