"""The cars of the library: every number has a source, and their ranges meet what is published."""

from __future__ import annotations

from pathlib import Path

import pytest

from ionstone.core.errors import InputError
from ionstone.vehicle import list_vehicles, load_vehicle
from ionstone.vehicle.config import LIBRARY
from ionstone.vehicle.validation import RangeCheck, range_checks


@pytest.mark.parametrize("name", list_vehicles())
def test_each_number_of_a_car_has_source_and_grade(name: str) -> None:
    vehicle = load_vehicle(name)
    assert vehicle.name == name
    for path, number, _unit in vehicle.numbers():
        assert len(number.source) > 8, path
        assert number.evidence is not None, path
        assert number.known_by is not None, path


def test_the_library_has_cars_of_every_kind() -> None:
    cars = [load_vehicle(name) for name in list_vehicles()]
    assert len(cars) >= 25
    assert {car.body for car in cars} == {"city car", "hatchback", "sedan", "suv", "van", "truck"}
    assert all(car.pack.usable_energy.value <= car.pack.gross_energy.value for car in cars)


def test_the_default_car_comes_first() -> None:
    assert list_vehicles()[0] == load_vehicle().name == "tesla-model-3-lr"


@pytest.mark.parametrize("check", range_checks(), ids=lambda check: f"{check.vehicle}-{check.cycle}")
def test_a_required_range_is_met_without_tuning(check: RangeCheck) -> None:
    assert check.passed or not check.required, check.describe()
    assert abs(check.error) < 0.15, check.describe()


def test_the_classes_of_the_acceptance_are_required() -> None:
    assert {check.vehicle for check in range_checks() if check.required} == {
        "tesla-model-3-lr",
        "nio-et7-100",
    }


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("mass: {value: 1927.8 kg", "mass: {value: -5 kg", "mass"),
        ("mass: {value: 1927.8 kg", "mass: {value: 1927.8 kWh", "wrong kind"),
        ("efficiency: {value: 0.898", "efficiency: {value: 1.2", "efficiency"),
        ("  kind: coast_down", "  kind: coastdown", "coast_down"),
        ("auxiliary_power:", "auxilliary_power:", "auxiliary_power"),
        ("heater: heat_pump", "heater: stove", "heater"),
        ("value: 478 kg, low: 470 kg", "value: 2478 kg, low: 470 kg", "high"),
        ("value: 478 kg, low: 470 kg, high: 490 kg", "value: 2478 kg", "pack.mass"),
        ("source: packmass}", "source: packmas}", "packmass"),
        ("ionstone: 1", "ionstone: 2", "ionstone"),
    ],
)
def test_a_faulty_car_file_names_the_field(tmp_path: Path, old: str, new: str, word: str) -> None:
    text = (LIBRARY / "tesla-model-3-lr.yaml").read_text()
    assert old in text
    path = tmp_path / "car.yaml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=word) as caught:
        load_vehicle(path)
    assert "\n" not in str(caught.value)


def test_an_unknown_car_gets_a_hint() -> None:
    with pytest.raises(InputError, match="tesla-model-3-lr"):
        load_vehicle("tesla-model-3")
