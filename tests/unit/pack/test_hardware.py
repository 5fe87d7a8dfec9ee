"""Hardware of a stack pressure against formulas of a textbook, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.cell_design import load_cell
from ionstone.core.errors import InputError
from ionstone.pack.hardware import PLATE_MODULUS, PLATE_STRENGTH, plate_thickness, pressure_hardware


@pytest.fixture(scope="module")
def sulfide():
    return load_cell("sulfide-li")


def test_a_plate_of_that_thickness_bends_as_far_as_allowed_or_less() -> None:
    for pressure in (1e4, 1e6, 1e7):
        t = plate_thickness(pressure, 0.1)
        stress = (pressure * 0.1**2 / 8) * 6 / t**2
        deflection = 5 * pressure * 0.1**4 / (384 * PLATE_MODULUS.value * t**3 / 12)
        assert stress <= PLATE_STRENGTH.value * (1 + 1e-12)
        assert deflection <= 0.1 / 250 * (1 + 1e-12)
        tight = max(stress / PLATE_STRENGTH.value, deflection / (0.1 / 250))
        assert tight == pytest.approx(1.0, rel=1e-9)


def test_straps_carry_the_highest_force(sulfide) -> None:
    found = pressure_hardware(sulfide, cells=20)
    assert found.strap_section * 200e6 == pytest.approx(float(found.force(1.0)), rel=1e-9)
    assert found.force(0.0) == pytest.approx(7e6 * found.face, rel=1e-12)


@pytest.mark.parametrize("kind", ["gas", "springs"])
def test_the_pressure_swings_as_far_as_allowed(sulfide, kind: str) -> None:
    for swing in (0.1, 0.5):
        found = pressure_hardware(sulfide, cells=20, kind=kind, swing=swing)
        assert found.pressure_full / found.pressure_empty == pytest.approx(1 + swing, rel=1e-9)
        assert found.pressure(np.array([0.0, 0.5]))[1] == pytest.approx(7e6 * (1 + swing / 2))


def test_a_longer_row_breathes_more_and_needs_no_thicker_plates(sulfide) -> None:
    short, long = (pressure_hardware(sulfide, cells=n) for n in (10, 40))
    assert long.breathing == pytest.approx(4 * short.breathing)
    assert long.plate_thickness == pytest.approx(short.plate_thickness)
    assert long.mass_fraction < short.mass_fraction + 1e-9


def test_breathing_is_that_of_all_electrode_pairs(sulfide) -> None:
    found = pressure_hardware(sulfide, cells=10)
    assert found.breathing == pytest.approx(10 * 44 * sulfide.pressure().breathing, rel=1e-12)


def test_springs_for_lithium_weigh_more_than_gas(sulfide) -> None:
    gas, springs = (pressure_hardware(sulfide, kind=kind).mass for kind in ("gas", "springs"))
    assert springs > 5 * gas


def test_a_cell_without_stack_pressure_needs_none() -> None:
    assert pressure_hardware(load_cell("lfp-graphite")) is None


def test_a_cell_without_layers_in_its_file_has_the_shape_of_others() -> None:
    cell = load_cell("factorial-77")
    assert "format.layers" not in cell
    found = pressure_hardware(cell)
    assert 0.005 < found.face < 0.05
    assert 0.005 < found.row_length / found.cells < 0.05


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "rigid"}, "which would raise the pressure to"),
        ({"kind": "foam"}, "foam holds: use springs"),
        ({"kind": "rubber"}, "is unknown: use one of gas"),
        ({"swing": 0.0}, "swing is 0"),
    ],
)
def test_what_cannot_hold_is_one_clear_line(sulfide, changes: dict, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        pressure_hardware(sulfide, **changes)
    assert "\n" not in str(caught.value)
