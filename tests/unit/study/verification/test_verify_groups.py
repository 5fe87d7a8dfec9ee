"""`ionstone verify` tells ranges and closures with their figures, and for information what is no failure."""

import pytest

from ionstone.study.comparison import evaluate
from ionstone.study.verification import closure
from ionstone.study.verification.run import run_checks


def test_the_ranges_of_both_required_cars_are_within_their_limits():
    required = [check for check in run_checks(only="range") if check.required]
    assert [check.name.split()[0] for check in required] == ["tesla-model-3-lr", "nio-et7-100"]
    assert [check.limit for check in required] == pytest.approx([7.0, 10.0])
    assert all(check.passed for check in required)
    for check in required:
        assert any(line.startswith("auxiliary_power = 250 W") for line in check.inputs)
        assert any("rolling_resistance" in line or "road_load.constant" in line for line in check.inputs)


def test_a_cell_tells_mass_volume_and_energy_against_what_is_published():
    checks = {check.name: check for check in run_checks(only="closure of qse5")}
    assert set(checks) == {
        f"qse5: {q}" for q in ("mass", "volume", "energy", "specific energy", "energy density")
    }
    assert all(check.passed for check in checks.values())
    assert "21.6 Wh published; discharge at C/5, 25 degC" in checks["qse5: energy"].detail


def test_a_figure_that_does_not_close_is_told_with_its_difference_and_is_no_failure(monkeypatch):
    monkeypatch.setattr(evaluate, "CLOSES_WITHIN", 0.001)
    (found,) = [check for check in run_checks(only="closure of lg-m50") if check.name == "lg-m50: mass"]
    assert found.passed is False
    assert not found.failing
    assert found.value == pytest.approx(-0.91, abs=0.01)


def test_a_cell_without_published_figures_says_so():
    (found,) = closure._closure("polymer-lfp")
    assert found.passed is None
    assert "no mass, volume or energy is published" in found.detail


def test_every_reference_cell_is_asked():
    from ionstone.study.comparison.compare import REFERENCE_CELLS

    assert [name for name, _ in closure.jobs()] == [f"closure of {cell}" for cell in REFERENCE_CELLS]
