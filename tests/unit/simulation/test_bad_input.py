"""Bad input to simulate: one line with argument and remedy; failures keep what was computed."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import ionstone as ion
from ionstone.numerics import kernel as core
from ionstone.simulation.codes import MESSAGES

NAN = float("nan")


@pytest.mark.parametrize(
    ("argument", "value", "remedy"),
    [
        ("model", "DFN", "P2D, SPMe, SPM"),
        ("temperature", 20.0, "25 degC"),
        ("temperature", NAN, "25 degC"),
        ("temperature", "5 V", "25 degC"),
        ("temperature", "-300 degC", "25 degC"),
        ("heat", "hot", "lumped"),
        ("tolerance", 0.0, "1e-4"),
        ("tolerance", NAN, "1e-4"),
        ("tolerance", 10.0, "1e-4"),
        ("period", 0.0, "10 s"),
        ("period", -1.0, "10 s"),
        ("period", "5 V", "10"),
        ("soc", 1.5, "50%"),
        ("soc", "150%", "50%"),
        ("soc", NAN, "50%"),
        ("soc", "half", "0.3"),
        ("ambient", 1e9, "25 degC"),
        ("tolerance", "tight", "1e-4"),
        ("grid", 5, "Grid"),
    ],
)
def test_arguments_out_of_range_are_refused_in_one_line(argument: str, value: Any, remedy: str) -> None:
    with pytest.raises(ion.InputError) as caught:
        ion.simulate("lg-m50", "Discharge at 1C for 10 s", **{argument: value})
    text = str(caught.value)
    assert "\n" not in text
    assert argument in text
    assert remedy in text


@pytest.mark.parametrize(
    ("count", "protocol", "settings", "words"),
    [
        (0, "Rest for 1 s", {}, "at least one cell"),
        (2, ["Rest for 1 s"], {}, "1 protocols for 2 cells"),
        (2, "Rest for 1 s", {"soc": [0.5]}, "1 values of soc for 2 cells"),
        (2, "Rest for 1 s", {"temperature": [300.0, 310.0, 320.0]}, "3 values of temperature for 2 cells"),
    ],
)
def test_batches_whose_parts_do_not_match_are_refused(
    count: int, protocol: Any, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(ion.InputError, match=words):
        ion.simulate_batch([ion.load_cell("lg-m50")] * count, protocol, **settings)


def test_porous_and_planar_cells_do_not_share_a_batch() -> None:
    cells = [ion.load_cell("lg-m50"), ion.load_cell("sulfide-li")]
    with pytest.raises(ion.InputError, match="two batches"):
        ion.simulate_batch(cells, "Rest for 1 s")


def test_a_batch_takes_names_of_cells_as_a_single_run_does() -> None:
    assert len(ion.simulate_batch(["lg-m50", "lfp-graphite"], "Rest for 1 s")) == 2


def test_a_profile_of_resistance_is_refused_in_words() -> None:
    with pytest.raises(ion.InputError, match="resistance"):
        ion.simulate("lg-m50", [ion.Step("resistance", ion.Profile((0.0, 10.0), (1.0, 2.0)))])


def test_a_cut_off_that_the_potentials_cannot_reach_is_refused() -> None:
    with pytest.raises(ion.InputError, match="lg-m50"):
        ion.simulate("lg-m50", "Charge at 1C until 9 V")


def test_a_load_beyond_the_cell_is_an_error_that_says_why() -> None:
    with pytest.raises(ion.SimulationError, match="lower it") as caught:
        ion.simulate("lg-m50", "Discharge at 100 kW for 10 s")
    assert caught.value.run.code == core.NO_INITIAL_STATE


def test_a_run_that_fails_keeps_what_was_computed() -> None:
    protocol = ["Discharge at 1C for 100 s", "Discharge at 100 kW for 10 s"]
    with pytest.raises(ion.SimulationError) as caught:
        ion.simulate("lg-m50", protocol)
    run = caught.value.run
    assert run.time[-1] == pytest.approx(100.0)
    assert not run.succeeded
    assert np.all(np.isfinite(run.voltage))


def test_too_many_steps_are_an_error_that_says_what_to_do() -> None:
    with pytest.raises(ion.SimulationError, match="largest number of steps"):
        ion.simulate("lg-m50", "Discharge at 1C", max_steps=5)


def test_a_failed_lane_of_a_batch_has_a_code_and_a_message_and_no_metrics() -> None:
    cells = [ion.load_cell("lg-m50")] * 2
    batch = ion.simulate_batch(cells, ["Discharge at 1C for 60 s", "Discharge at 100 kW for 60 s"])
    assert list(batch.code) == [0, core.NO_INITIAL_STATE]
    assert batch.message(0) == ""
    assert "lower it" in batch.message(1)
    assert np.isnan(batch.summary["discharge_capacity"][1])
    assert batch.summary["discharge_capacity"][0] > 0


def test_every_code_of_the_kernel_that_is_a_failure_has_a_message() -> None:
    codes = {
        value
        for name, value in vars(core).items()
        if re.fullmatch("[A-Z][A-Z_]+", name) and isinstance(value, int) and value >= core.STEP_TOO_SMALL
    }
    assert set(MESSAGES) == codes
    for text in MESSAGES.values():
        assert "\n" not in text
        assert len(text) > 10
