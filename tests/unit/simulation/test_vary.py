"""Designs are cheap, equal to changed cells, and run as a loop over them would, whatever the chunks."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

import numpy as np
import pytest

import ionstone as ion
from ionstone.numerics import kernel as core
from ionstone.simulation import Batch, Designs, Grid, chunks
from ionstone.simulation.chunks import Streamed
from ionstone.simulation.codes import explained

COARSE = Grid(5, 3, 5, 8)
GAIN = ion.parameter("10 1/V", "1/V", lower=0.1, upper=100.0)
ONE_C = "Discharge at 1C until 2.5 V"


def designs(count: int = 6, seed: int = 0) -> Designs:
    rng = np.random.default_rng(seed)
    cell = ion.load_cell("lg-m50")
    paths = ("positive.thickness", "negative.particle_radius", "positive.diffusivity")
    return ion.vary(cell, {p: cell[p] * rng.uniform(0.9, 1.1, count) for p in paths})


def run(cells: Any, protocol: Any = ONE_C, **settings: Any) -> Batch:
    batch = ion.simulate(cells, protocol, **({"grid": COARSE} | settings))
    assert isinstance(batch, Batch)
    return batch


def assert_same_summary(batch: Batch, i: int, one: ion.Run) -> None:
    for name, value in one.summary.items():
        if name in batch.summary:
            found = batch.summary[name][i]
            assert found == (value if isinstance(value, str) else pytest.approx(value, rel=1e-9)), name


def test_a_design_is_the_cell_with_its_values() -> None:
    cell = ion.load_cell("lg-m50")
    many = ion.vary("lg-m50", {"positive.thickness": ["70 um", 8e-5], "separator.porosity": 0.5})
    assert len(many) == 2
    assert many.paths == ["positive.thickness", "separator.porosity"]
    assert many.values["positive.thickness"].tolist() == [7e-5, 8e-5]
    expected = cell.replace({"positive.thickness": 8e-5, "separator.porosity": 0.5})
    assert many[-1].parameters() == expected.parameters()
    assert many[1:][0]["positive.thickness"] == 8e-5
    assert len(list(many)) == 2


def test_one_value_for_all_and_no_change_make_one_lane() -> None:
    assert len(ion.vary("lg-m50", {"electrode_area": "0.2 m^2"})) == 1
    assert len(ion.vary("lg-m50", {})) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"positive.thicknes": [1e-4]}, "did you mean 'positive.thickness'"),
        ({"positive.thickness": [7e-5, 8e-5], "positive.porosity": [0.3]}, "porosity has 1 values"),
        ({"positive.thickness": []}, "one value"),
        ({"positive.thickness": [7e-5, -1.0]}, "lane 1: positive.thickness"),
        ({"positive.thickness": np.array([7e-5, np.nan])}, "lane 1: positive.thickness"),
        ({"positive.thickness": ["70 um", "80 V"]}, "lane 1: positive.thickness"),
        ({"positive.thickness": ["70 um", None]}, "lane 1: positive.thickness"),
        ({"positive.thickness": np.ones((2, 2))}, r"shape \(2, 2\)"),
        ({"positive.thickness": "70 V"}, "positive.thickness"),
    ],
)
def test_bad_changes_are_refused_with_lane_and_path(changes: Any, words: str) -> None:
    with pytest.raises(ion.InputError, match=words) as caught:
        ion.vary("lg-m50", changes)
    assert "\n" not in str(caught.value)


def test_a_design_that_is_no_cell_is_named_with_its_lane_and_values() -> None:
    values = np.full(2500, 0.3)
    values[2345] = 0.9
    with pytest.raises(ion.InputError, match=r"lane 2345: with positive\.porosity = 0\.9: .*at most 1"):
        run(ion.vary("lg-m50", {"positive.porosity": values}))


def test_a_batch_of_designs_is_the_loop_over_their_cells() -> None:
    many = designs()
    batch = run(many)
    for i, cell in enumerate(many):
        one = ion.simulate(cell, ONE_C, grid=COARSE)
        assert_same_summary(batch, i, one)
        assert np.allclose(batch[i].voltage, one.voltage, rtol=1e-9, atol=0)
        assert batch[i].summary["end_reason"] == one.summary["end_reason"]


@pytest.mark.parametrize("model", ["SPM", "SPMe", "P2D"])
def test_designs_that_differ_in_functions_or_electrolytes_run_too(model: str) -> None:
    many = ion.vary(
        "lg-m50",
        {
            "positive.electrolyte.initial_concentration": [900.0, 1000.0, 1100.0],
            "negative.diffusivity": ["3e-14", "2e-14*exp(x)", "4e-14"],
        },
    )
    assert many.columns is None
    batch = run(many, "Discharge at 1C for 10 minutes", model=model)
    for i, cell in enumerate(many):
        assert_same_summary(
            batch, i, ion.simulate(cell, "Discharge at 1C for 10 minutes", model=model, grid=COARSE)
        )


def test_metals_and_conditions_vary_with_the_lanes() -> None:
    cell = ion.load_cell("sulfide-li")
    many = ion.vary(cell, {"positive.thickness": cell["positive.thickness"] * np.array([0.9, 1.0, 1.1])})
    temperatures = [320.0, 333.15, 345.0]
    batch = run(many, "Discharge at C/2 for 20 minutes", temperature=temperatures, soc=0.9, heat="lumped")
    for i, one in enumerate(many):
        single = ion.simulate(
            one,
            "Discharge at C/2 for 20 minutes",
            temperature=temperatures[i],
            soc=0.9,
            heat="lumped",
            grid=COARSE,
        )
        assert_same_summary(batch, i, single)


def test_each_lane_has_its_own_protocol_and_fails_alone() -> None:
    protocols = ["Discharge at 1C for 60 s", "Discharge at 100 kW for 60 s", "Charge at C/2 for 30 s"]
    batch = run(designs(3), protocols, soc=0.5)
    assert batch.code.tolist() == [0, core.NO_INITIAL_STATE, 0]
    assert batch.summary["duration"][[0, 2]].tolist() == [60.0, 30.0]
    assert np.isnan(batch.summary["duration"][1])
    assert batch.summary["charge_capacity"][2] > 0
    message = batch.message(1)
    assert message.startswith("at 0 s in step 1 ('Discharge at 100 kW for 60 s'): no state meets the load")
    assert message.endswith("lower it")
    assert [batch.message(0), batch.message(2)] == ["", ""]


def test_a_failure_names_what_is_exhausted_at_its_last_point() -> None:
    last = {
        "minimum_electrolyte_concentration": 2.0,
        "negative_surface_stoichiometry_min": 0.001,
        "positive_surface_stoichiometry_max": 0.999,
    }
    text = explained(core.STEP_TOO_SMALL, last, 12.0, 0, "Discharge at 9C")
    assert "at 12 s in step 1 ('Discharge at 9C')" in text
    assert "electrolyte is depleted (2 mol/m3 left)" in text
    assert "particles of the negative electrode are empty" in text
    assert "particles of the positive electrode are full" in text
    assert "at that point" not in explained(core.STEP_TOO_SMALL, {}, 12.0, 0, "")


def test_a_batch_gives_a_dataset_over_its_lanes() -> None:
    pytest.importorskip("xarray")
    many = designs(3)
    data = run(many).to_xarray()
    assert dict(data.sizes) == {"lane": 3}
    assert data["positive.thickness"].attrs["units"] == "m"
    assert data["discharge_capacity"].attrs["units"] == "A s"
    assert data["end_reason"].values.tolist() == ["voltage < 2.5"] * 3
    assert data["positive.thickness"].values.tolist() == many.values["positive.thickness"].tolist()


def test_sampled_batches_have_the_metrics_of_their_sampled_runs() -> None:
    batch = run(designs(2), period=60.0)
    assert batch.summary["points"].tolist() == [batch[0].time.size, batch[1].time.size]
    assert_same_summary(batch, 1, batch[1])


def test_chunks_give_the_numbers_of_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    many = designs(30)
    whole = run(many, soc=np.linspace(0.7, 1.0, 30))
    monkeypatch.setattr(chunks, "KEPT", 4)
    monkeypatch.setattr(chunks, "_FIRST", 8)
    told: list[float] = []
    parts = run(many, soc=np.linspace(0.7, 1.0, 30), progress=told.append)
    assert isinstance(parts, Streamed)
    for name, values in whole.summary.items():
        same = parts.summary[name]
        assert (
            list(values) == list(same)
            if name == "end_reason"
            else np.allclose(values, same, rtol=1e-9, equal_nan=True)
        )
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert np.allclose(parts[17].voltage, whole[17].voltage, rtol=1e-9, atol=0)


def linear(overpotential: Any, exchange_current_density: Any, gain: Any = GAIN) -> Any:
    return gain * exchange_current_density * overpotential


def test_chunks_of_designs_with_own_laws_have_their_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    many, gains = designs(12), np.linspace(5.0, 40.0, 12)
    monkeypatch.setattr(chunks, "KEPT", 4)
    monkeypatch.setattr(chunks, "_FIRST", 8)
    laws = {"positive.kinetics": linear}
    batch = run(many, "Discharge at 1C for 60 s", laws=laws | {"positive.gain": gains})
    for i in (0, 7, 8, 11):
        one = ion.simulate(
            many[i], "Discharge at 1C for 60 s", grid=COARSE, laws=laws | {"positive.gain": float(gains[i])}
        )
        assert_same_summary(batch, i, one)


def test_ctrl_c_ends_a_batch_and_keeps_what_is_done() -> None:
    many = designs(400)

    def interrupt() -> None:
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    protocol = ["Discharge at C/2 until 2.5 V", "Charge at C/2 until 4.2 V"] * 25
    with pytest.warns(UserWarning, match="stopped by Ctrl-C: .* of 400 lanes are done"):
        batch = run(many, ion.parse_protocol(protocol))
    thread.join()
    assert batch.stopped
    stopped = batch.code == core.STOPPED
    assert np.any(stopped)
    assert np.all(np.isnan(batch.summary["duration"][stopped]))
    assert np.all(np.isfinite(batch.summary["duration"][~stopped]))
    assert "stopped by the user" in batch.message(int(np.argmax(stopped)))


def test_a_setting_of_batches_is_refused_for_one_cell() -> None:
    with pytest.raises(ion.InputError, match="threads is a setting of batches"):
        ion.simulate("lg-m50", ONE_C, threads=2)
    with pytest.raises(ion.InputError, match="2 protocols for 3 cells"):
        run(designs(3), [ONE_C, ONE_C])


def test_many_designs_are_laid_out_without_a_cell_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    many = designs(4000)

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a changed cell was built")

    monkeypatch.setattr(ion.Cell, "replace", refuse)
    assert many.columns is not None
    assert all(len(column) == 4000 for column in many.columns.values())
