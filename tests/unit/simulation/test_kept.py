"""Runs that keep their steps alone have the metrics of runs that keep all points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ionstone as ion
from ionstone.numerics import kernel as core
from ionstone.simulation import Grid, job

COARSE = Grid(3, 2, 3, 5)
CYCLE = [
    "Discharge at 1C until 2.8 V",
    "Rest for 5 minutes",
    "Charge at 0.7C until 4.1 V",
    "Hold at 4.1 V until C/20",
]


def simulate(cell: Any = "lg-m50", protocol: Any = tuple(CYCLE * 3), **settings: Any) -> Any:
    return ion.simulate(
        cell, protocol if isinstance(protocol, str) else list(protocol), grid=COARSE, **settings
    )


def same(one: Any, other: Any) -> None:
    """Two mappings of metrics are equal up to the order of sums."""
    assert set(one) == set(other)
    for name, values in one.items():
        if name in ("end_reason", "left_data_range"):
            assert values == other[name]
        else:
            assert np.allclose(values, other[name], rtol=1e-12, atol=1e-9, equal_nan=True), name


@pytest.mark.parametrize("cell", ["lg-m50", "sulfide-li"])
@pytest.mark.parametrize("heat", ["isothermal", "lumped"])
@pytest.mark.parametrize("dense", [True, False])
def test_metrics_are_those_of_all_points(cell: str, heat: str, dense: bool) -> None:
    protocol = ["Discharge at C/3 for 1 hour", "Rest for 5 minutes", "Charge at C/3 for 20 minutes"]
    whole, kept = (simulate(cell, protocol, heat=heat, dense=dense, keep=k) for k in ("points", "steps"))
    same(whole.summary, kept.summary)
    same(whole.steps, kept.steps)


@pytest.mark.parametrize("rows", [7, 64, 100_000])
def test_it_does_not_matter_in_which_pieces_rows_come(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    run = core.Batch.run
    expected = simulate()
    monkeypatch.setattr(core.Batch, "run", lambda self, **s: run(self, **{**s, "capacity": rows}))
    kept = simulate(keep="steps")
    same(expected.steps, kept.steps)
    same(expected.summary, kept.summary)


def test_first_and_last_point_of_each_step_are_kept() -> None:
    whole, kept = simulate(), simulate(keep="steps")
    assert kept.time.size == 2 * len(kept.steps["step"]) == 2 * 12
    ends = np.flatnonzero(np.diff(whole.step, append=99))
    assert np.array_equal(kept.time[1::2], whole.time[ends])
    for name, values in kept.outputs.items():
        assert np.array_equal(values[1::2], whole.outputs[name][ends]), name


def test_charge_of_the_steps_is_that_of_the_run() -> None:
    steps = simulate(keep="steps").steps
    assert steps["step"].tolist() == list(range(12))
    assert np.allclose(steps["start"][1:], np.cumsum(steps["duration"])[:-1], rtol=1e-12)
    assert np.allclose(steps["charge_capacity"][[0, 1, 4, 5]], 0, atol=1e-9)
    assert np.all(steps["charge_capacity"][[2, 3, 6, 7]] > 100)


def test_steps_that_a_jump_leaves_out_are_no_rows_of_the_table() -> None:
    protocol = ion.Protocol((
        ion.Step("c_rate", 1.0, until=(ion.Limit("voltage", "<", 3.8, then=2),)),
        ion.Step("current", 0.0, duration=60.0),
        ion.Step("c_rate", -0.5, duration=60.0),
    ))  # fmt: skip
    whole, kept = (ion.simulate("lg-m50", protocol, grid=COARSE, keep=k) for k in ("points", "steps"))
    assert kept.steps["step"].tolist() == [0, 2]
    same(whole.steps, kept.steps)


def test_a_batch_keeps_steps_of_each_lane() -> None:
    designs = ion.vary("lg-m50", {"positive.thickness": np.linspace(70e-6, 80e-6, 6)})
    protocols = [ion.parse_protocol(CYCLE if k % 2 else CYCLE[:1]) for k in range(6)]
    protocols[3] = ion.parse_protocol(["Rest for 10 s", "Discharge at 100 kW for 60 s"])
    whole, kept = (ion.simulate(designs, protocols, grid=COARSE, keep=k) for k in ("points", "steps"))
    for name, values in whole.summary.items():
        if name == "end_reason":
            assert values.tolist() == kept.summary[name].tolist()
        else:
            assert np.allclose(values, kept.summary[name], rtol=1e-12, equal_nan=True), name
    assert kept.code.tolist() == whole.code.tolist()
    assert kept.message(3) == whole.message(3) != ""
    assert len(kept[5].steps["step"]) == 4


def test_values_outside_the_data_are_told_though_their_points_are_not_kept() -> None:
    whole, kept = (
        simulate(protocol="Discharge at 3C until 2.5 V", soc=1.0, keep=k) for k in ("points", "steps")
    )
    assert whole.summary.get("left_data_range") == kept.summary.get("left_data_range")


def test_memory_of_a_run_grows_with_its_steps_and_not_with_its_points(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = []
    batch = job.Batch
    monkeypatch.setattr(job, "Batch", lambda *a, **k: held.append(a[3].rows[0].nbytes) or batch(*a, **k))
    simulate(keep="points", tolerance=1e-6)
    simulate(keep="steps", tolerance=1e-6)
    assert held[1] < held[0] / 20


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"keep": "cycles"}, "'points'"),
        ({"keep": "steps", "period": 10}, "period needs the points"),
    ],
)
def test_settings_that_cannot_be_met_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ion.InputError, match=words):
        simulate(**settings)


def test_a_run_without_points_has_no_steps() -> None:
    run = ion.simulate(["lg-m50"] * 2, "Discharge at 1 MW for 1 s", grid=COARSE)[0]
    assert len(run.steps["step"]) == 0
