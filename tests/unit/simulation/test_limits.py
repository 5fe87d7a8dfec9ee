"""Limits of runs: what is compared with what, where the worst point lies, and what is marked."""

from importlib.resources import files

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design.limits import doux2020, kasemchainan2019, no_limit
from ionstone.cell_design.limits.window import pressure_window

SULFIDE = files("ionstone.cell_design").joinpath("library/sulfide-li.yaml").read_text(encoding="utf-8")
LAWS = """  void_law: kasemchainan2019
  short_law: doux2020
  filament_law: fracture
  flaw: {value: 1 um, low: 0.5 um, high: 5 um, evidence: estimated, source: test}
  current_collector: {material: copper"""


def named(run):
    return {limit.name: limit for limit in run.limits()}


@pytest.fixture
def limited(tmp_path):
    """sulfide-li whose limits follow from its pressure and its pellet."""
    path = tmp_path / "cell.yaml"
    path.write_text(SULFIDE.replace("  current_collector: {material: copper", LAWS, 1), encoding="utf-8")
    return ion.load_cell(path)


def test_stripping_is_held_against_voids_and_plating_against_filaments():
    cell = ion.load_cell("sulfide-li")
    down = named(ion.simulate(cell, "Discharge at C/4 for 10 minutes"))
    i = 0.25 * cell["nominal_capacity"] / 3600 / cell["electrode_area"]
    assert down["voids"].value == pytest.approx(i, rel=1e-6)
    assert down["voids"].margin == pytest.approx(1 - i / 10.0, rel=1e-6)
    assert down["filaments"].value == 0.0
    up = named(ion.simulate(cell, "Charge at C/4 for 10 minutes", soc=0.2))
    assert up["voids"].value == 0.0
    assert up["filaments"].margin == pytest.approx(1 - i / 20.0, rel=1e-6)
    assert "Kasemchainan" in up["filaments"].source


def test_a_broken_limit_has_a_negative_margin():
    run = ion.simulate("sulfide-li", "Discharge at 1C for 5 minutes")
    assert named(run)["voids"].broken
    assert named(run)["voids"].margin == pytest.approx(1 - run.summary["max_void_current_ratio"])


def test_laws_by_pressure_act_on_the_limits_and_on_the_outputs_of_the_model(limited):
    low = limited.replace({"stack_pressure": "3 MPa"})
    run = ion.simulate(low, "Discharge at C/10 for 10 minutes")
    found = named(run)
    assert found["voids"].threshold == pytest.approx(2.0)
    assert not found["voids"].extrapolated
    assert run.outputs["void_current_ratio"][-1] == pytest.approx(found["voids"].value / 2.0)
    assert any("stack_pressure 3 MPa" in line for line in found["voids"].inputs)
    far = named(ion.simulate(limited.replace({"stack_pressure": "20 MPa"}), "Rest for 10 minutes"))
    assert far["voids"].extrapolated is True
    assert far["creep short"].extrapolated is False


def test_the_filament_limit_falls_with_the_resistance_of_the_interface(limited):
    def threshold(cell):
        return named(ion.simulate(cell, "Charge at C/10 for 5 minutes", soc=0.3))["filaments"].threshold

    one = threshold(limited)
    assert one == pytest.approx(10.2, rel=0.01)  # 11.5 mV over 11.3 ohm cm2
    double = limited.replace(
        {"negative.interphase_resistance": 2 * limited["negative.interphase_resistance"]}
    )
    assert threshold(double) == pytest.approx(one / 2, rel=1e-6)


def test_time_under_pressure_uses_up_the_time_to_a_creep_short(limited):
    short = doux2020.time_to_short(20e6).value
    run = ion.simulate(limited.replace({"stack_pressure": "20 MPa"}), "Rest for 19 hours")
    found = named(run)["creep short"]
    assert found.value == pytest.approx(19 * 3600)
    assert found.threshold == pytest.approx(short, rel=1e-6)
    assert found.margin == pytest.approx(1 - 19 * 3600 / short, rel=1e-6)


def test_a_sulfide_is_beyond_its_window_at_lithium_and_at_four_volts():
    found = named(ion.simulate("sulfide-li", "Rest for 1 minute"))
    below, above = found["reduction of the electrolyte"], found["oxidation of the electrolyte"]
    assert below.margin == pytest.approx(-1.71)
    assert below.least
    assert above.margin == pytest.approx(2.01 - above.value)
    assert above.broken


def test_a_garnet_is_almost_stable_against_lithium():
    found = named(ion.simulate("qse5", "Rest for 1 minute"))
    assert found["reduction of the electrolyte"].margin == pytest.approx(-0.05)


def test_a_liquid_cell_has_no_limits_of_lithium_metal():
    run = ion.simulate("lg-m50", "Discharge at 1C for 1 minute")
    assert not {"voids", "filaments", "creep short"} & set(named(run))
    assert run.to_json_dict()["limits"] == [limit.to_json_dict() for limit in run.limits()]


def test_the_window_of_pressure_closes_as_the_current_rises():
    laws = kasemchainan2019.void_current_density, doux2020.time_to_short
    window = pressure_window(10.0, 100 * 3600.0, *laws)
    assert window.lower == pytest.approx(7e6)
    assert 20e6 < window.upper < 25e6
    assert not window.empty
    assert (window.lower_extrapolated, window.upper_extrapolated) == (False, False)
    wide = pressure_window(2.0, 100 * 3600.0, *laws)
    assert wide.lower == pytest.approx(3e6)
    assert wide.upper == window.upper
    none = pressure_window(100.0, 1000 * 3600.0, *laws)
    assert none.empty
    assert none.lower_extrapolated


def test_without_laws_every_pressure_will_do():
    window = pressure_window(1e4, 1e9, no_limit.void_current_density, no_limit.time_to_short)
    assert (window.lower, window.upper) == (0.0, np.inf)
