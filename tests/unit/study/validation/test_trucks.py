"""Heavy trucks drive, charge and step like cars, only heavier."""

from __future__ import annotations

import pytest

import ionstone as ion
from ionstone.simulation import COARSE
from ionstone.study.car.drive import pack_of_car


@pytest.mark.parametrize("truck", ["mercedes-eactros-600", "tesla-semi"])
def test_a_truck_drives_its_pack_empty_at_a_steady_speed(truck: str) -> None:
    found = ion.drive("lfp-graphite", truck, "80 km/h", grid=COARSE, model="SPM")
    assert found.end_reason == "empty"
    assert found.range == pytest.approx(found.energy / found.consumption, rel=1e-3)
    assert found.energy == pytest.approx(found.pack.nominal_energy, rel=0.03)
    assert found.pack.mass == pytest.approx(ion.load_vehicle(truck).pack.mass.value)


def test_its_pack_has_the_voltage_of_its_class_and_a_charger_below_is_refused() -> None:
    truck = ion.load_vehicle("mercedes-eactros-600")
    pack = pack_of_car(ion.load_cell("lfp-graphite"), truck)
    assert pack.voltage == pytest.approx(800.0, rel=0.01)
    with pytest.raises(ion.InputError, match="above the 850 V that it takes"):
        ion.charge("lfp-graphite", truck, "400 kW, 850 V", grid=COARSE)


def test_a_truck_climbs_six_percent_at_eighty_as_its_motors_allow() -> None:
    truck = ion.car_stepper("lfp-graphite", "mercedes-eactros-600", soc=0.6, speed="80 km/h", model="SPM")
    held = [truck.step(1.0, speed="80 km/h", grade=0.05) for _ in range(20)]
    assert {step.limit for step in held} == {""}
    slowed = [truck.step(1.0, speed="80 km/h", grade=0.08) for _ in range(20)]
    assert {step.limit for step in slowed} == {"motor"}
    assert slowed[-1].speed < slowed[0].speed < 80 / 3.6
