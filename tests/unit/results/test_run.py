"""A run holds arrays and metrics that follow from them."""

import numpy as np
import pytest

from ionstone.results import Run


def constant_current_run(**changes):
    time = np.array([0.0, 10.0, 3600.0])
    outputs = {
        "voltage": np.array([4.2, 4.0, 3.0]),
        "current": np.array([2.0, 2.0, 2.0]),
        "temperature": np.array([298.15, 299.0, 300.0]),
    }
    return Run.from_outputs(time, outputs | changes.pop("outputs", {}), cell="x", model="P2D", **changes)


def test_charge_is_current_times_time():
    assert constant_current_run().summary["discharge_capacity"] == pytest.approx(7200, rel=1e-14)
    assert constant_current_run().summary["charge_capacity"] == 0


def test_energy_is_charge_times_mean_voltage():
    summary = constant_current_run().summary
    assert summary["discharge_energy"] == pytest.approx(2 * (4.1 * 10 + 3.5 * 3590), rel=1e-14)
    assert summary["mean_discharge_voltage"] == pytest.approx(summary["discharge_energy"] / 7200)


def test_energy_is_exact_where_voltage_and_current_are_both_lines():
    time = np.linspace(0, 3, 4)
    run = Run.from_outputs(time, {"voltage": 3 + time, "current": 1 + 2 * time})
    assert run.summary["discharge_energy"] == pytest.approx(9 + 7 * 4.5 + 2 * 9, rel=1e-14)


def test_a_change_of_sign_splits_charge_and_discharge():
    run = Run.from_outputs(
        np.array([0.0, 4.0]), {"voltage": np.full(2, 3.0), "current": np.array([3.0, -1.0])}
    )
    assert run.summary["discharge_capacity"] == pytest.approx(4.5)
    assert run.summary["charge_capacity"] == pytest.approx(0.5)
    assert run.summary["discharge_energy"] == pytest.approx(13.5)


def test_the_charge_that_the_solver_integrated_counts_where_the_current_bends():
    time = np.linspace(0.0, 5.0, 6)
    outputs = {"voltage": np.full(6, 4.0), "current": -np.exp(-time), "discharge_capacity": np.exp(-time) - 1}
    summary = Run.from_outputs(time, outputs).summary
    assert summary["charge_capacity"] == pytest.approx(1 - np.exp(-5), rel=1e-12)
    assert summary["charge_energy"] == pytest.approx(4 * (1 - np.exp(-5)), rel=1e-12)
    assert summary["discharge_capacity"] == summary["discharge_energy"] == 0


def test_a_jump_of_the_current_at_one_time_adds_nothing():
    time = np.array([0.0, 1.0, 1.0, 2.0])
    run = Run.from_outputs(time, {"voltage": np.full(4, 3.0), "current": np.array([1.0, 1.0, -1.0, -1.0])})
    assert run.summary["discharge_capacity"] == run.summary["charge_capacity"] == pytest.approx(1)


def test_infinite_outputs_stay_out_of_the_summary():
    run = constant_current_run(outputs={"plating_potential": np.full(3, np.inf)})
    assert "min_plating_potential" not in run.summary
    assert run.to_json_dict()["outputs"]["plating_potential"] == [None] * 3


def test_units_come_from_the_table_and_can_be_overridden():
    run = constant_current_run(outputs={"strain": np.zeros(3)}, units={"strain": "m/m"})
    assert run.units["voltage"] == "V"
    assert run.units["strain"] == "m/m"


def test_an_empty_run_is_a_run():
    run = Run.from_outputs(
        np.array([]), {"voltage": np.array([]), "current": np.array([])}, code=3, message="no start"
    )
    assert run.summary["points"] == 0
    assert not run.succeeded
    assert "no start" in repr(run)


@pytest.mark.parametrize("outputs", [{"voltage": [1.0]}, {"voltage": [1.0], "current": [1.0, 2.0]}])
def test_missing_or_misshapen_outputs_are_refused(outputs):
    with pytest.raises(ValueError, match="output"):
        Run.from_outputs(np.array([0.0]), outputs)
