"""Breathing, stiffness and hardware of a stack."""

import pytest

import ionstone as ion
from ionstone.cell_design.pressure import fixed_gap, fixed_pressure, spring
from ionstone.cell_design.pressure.breathing import composite_thickness, lithium_thickness
from ionstone.cell_design.pressure.stiffness import series_stiffness


def test_lithium_grows_by_4_85_um_per_mAh_per_square_centimetre():
    assert lithium_thickness(36.0 * 1e0 * 1e3 / 1e3 * 1.0, 534.0) == pytest.approx(4.849e-9, rel=1e-3)
    assert lithium_thickness(36_000.0, 534.0) == pytest.approx(4.85e-6, rel=1e-3)


def test_layers_in_series_yield_together():
    assert series_stiffness([1e-4], [5e9]) == pytest.approx(5e13)
    assert series_stiffness([1e-4, 1e-4], [5e9, 5e9]) == pytest.approx(2.5e13)
    assert series_stiffness([], []) == float("inf")


def test_a_stiff_spring_is_a_fixed_gap_and_a_soft_one_a_fixed_pressure():
    at = (5e6, 20e-6, 1e12)
    assert spring.pressure(*at, 1e22) == pytest.approx(fixed_gap.pressure(*at, 0.0))
    assert spring.pressure(*at, 0.0) == fixed_pressure.pressure(*at, 0.0) == 5e6
    assert 5e6 < spring.pressure(*at, 1e11) < spring.pressure(*at, 1e12) < fixed_gap.pressure(*at, 0.0)


def test_hardware_only_pushes():
    assert fixed_gap.pressure(1e6, -1e-4, 1e12, 0.0) == 0.0
    assert spring.pressure(1e6, -1e-4, 1e12, 1e12) == 0.0


def test_an_anode_free_cell_of_5_mAh_breathes_24_um():
    cell = ion.load_cell("qse5")
    pressure = cell.pressure()
    assert pressure.breathing == pytest.approx(4.85e-6 * cell.areal_capacity / 36_000, rel=1e-3)
    assert pressure.breathing == pytest.approx(24e-6, rel=0.05)
    assert pressure.full == pressure.empty == cell["stack_pressure"]


def test_an_active_material_breathes_with_its_filling():
    assert composite_thickness(1e-4, 0.5, 0.1, 0.6) == pytest.approx(3e-6)
    assert composite_thickness(1e-4, 0.5, 0.1, -0.6) == pytest.approx(-3e-6)


def test_a_gap_needs_a_stiffness_and_a_spring_its_own(tmp_path):
    from importlib.resources import files

    text = files("ionstone.cell_design").joinpath("library/qse5.yaml").read_text(encoding="utf-8")
    file = tmp_path / "cell.yaml"
    file.write_text(text.replace("stack_pressure:", "pressure: {kind: fixed_gap}\nstack_pressure:", 1))
    held = ion.load_cell(file).pressure()  # the ceramic separator alone yields: an upper bound
    assert held.soft == ("separator",)
    assert held.full == pytest.approx(held.empty + 150e9 / 25e-6 * held.breathing)
    file.write_text(text.replace("stack_pressure:", "pressure: {kind: spring}\nstack_pressure:", 1))
    with pytest.raises(ion.InputError, match="spring_stiffness is missing"):
        ion.load_cell(file).pressure()
    spring = "pressure: {kind: spring, spring_stiffness: 1e9 Pa/m}\nstack_pressure:"
    file.write_text(text.replace("stack_pressure:", spring, 1))
    soft = ion.load_cell(file).pressure()
    assert soft.full == pytest.approx(soft.empty + 24 * 1e9 * soft.breathing, rel=1e-3)


def test_without_a_pressure_there_is_none():
    with pytest.raises(ion.InputError, match="stack_pressure is missing"):
        ion.load_cell("lg-m50").pressure()
