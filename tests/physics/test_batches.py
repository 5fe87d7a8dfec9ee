"""A batch is a loop: lanes, widths and threads change nothing; a lane fails alone; nothing is retraced."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design import load_cell
from ionstone.cell_model.build import Builder, Conditions
from ionstone.numerics import kernel as core
from ionstone.numerics.kernel import Batch, Lanes
from ionstone.simulation import simulate

AWAY = "Discharge at 1C for 25 minutes"  # from depletion and full particles
CHANGES: tuple[dict[str, float], ...] = (
    {},
    {"positive.thickness": 1.15},
    {"positive.particle_radius": 0.7},
    {"separator.thickness": 1.4, "positive.thickness": 0.95},
    {"positive.porosity": 0.9},
)


def designs(name: str, count: int) -> list[Any]:
    """Cells with changed parameters, by factors."""
    cell = load_cell(name)
    return [
        cell.replace({k: v * cell[k] for k, v in CHANGES[i % len(CHANGES)].items()}) for i in range(count)
    ]


def outcome_of(case: Any, name: str, level: str, heat: str, count: int, **settings: Any) -> Any:
    """A batch of designs and protocols, each lane its own."""
    base = case(name, level, heat=heat)
    parameters = [c.parameters() for c in designs(name, count)]
    at = float(base.lanes.globals[0][0])
    conditions = [Conditions(at + i, at, 0.9) for i in range(count)]
    lanes = Builder(base.kernel.form, base.options, parameters, base.mesh).build(conditions)
    protocols = [base.steps([AWAY]), base.steps([AWAY, "Rest for 2 minutes", "Charge at 0.5C for 5 minutes"])]
    steps = [protocols[i % 2] for i in range(count)]
    together = Batch(base.kernel, base.mesh, lanes, steps).run(**settings)
    alone = []
    for i in range(count):
        one = Lanes(
            *(getattr(lanes, n)[i : i + 1] for n in ("globals", "nodes", "faces", "particles")),
            [lanes.tables[i]],
            lanes.lumped_weight[i : i + 1],
            lanes.state[i : i + 1],
        )
        alone.append(Batch(base.kernel, base.mesh, one, [steps[i]]).run(lanes_per_vector=1))
    return together, alone


@pytest.mark.parametrize(("count", "wide", "threads"), [(9, 4, 2), (3, 4, 1), (5, 1, 2)])
def test_a_batch_equals_a_loop(
    library_cell: str, level: str, heat: str, count: int, wide: int, threads: int, case: Any
) -> None:
    together, alone = outcome_of(
        case, library_cell, level, heat, count, lanes_per_vector=wide, threads=threads
    )
    for i, one in enumerate(alone):
        ours, theirs = together.rows[i], one.rows[0]
        assert together.status[i] == one.status[0] < 10
        assert ours.shape == theirs.shape
        assert np.max(np.abs(ours - theirs) / (1 + np.abs(theirs))) < 1e-9
        assert np.max(np.abs(together.state[i] - one.state[0]) / (1 + np.abs(one.state[0]))) < 1e-9


def test_rows_that_do_not_fit_are_fetched_and_the_run_goes_on(
    library_cell: str, level: str, case: Any
) -> None:
    c = case(library_cell, level)
    whole = c.batch([AWAY]).run(capacity=2000)
    parts = c.batch([AWAY]).run(capacity=12)
    assert whole.status[0] == parts.status[0]
    assert whole.rows[0].shape == parts.rows[0].shape
    assert np.max(np.abs(whole.rows[0] - parts.rows[0]) / (1 + np.abs(whole.rows[0]))) < 1e-9


def test_a_run_of_many_fetches_ends_where_it_should(case: Any) -> None:
    c = case("lg-m50")
    whole = c.batch([AWAY]).run(capacity=2000).rows[0]
    parts = c.batch([AWAY]).run(capacity=12).rows[0]
    assert np.all(np.diff(parts[:, 0]) >= 0.0)
    assert parts[-1, 0] == whole[-1, 0]
    assert parts[-1, 2] == pytest.approx(whole[-1, 2], abs=1e-4)


@pytest.mark.parametrize("wide", [1, 4])
def test_a_lane_that_fails_leaves_the_others_alone(wide: int, case: Any) -> None:
    c = case("lg-m50")
    count = 4
    lanes = Lanes(
        *(np.repeat(getattr(c.lanes, n), count, axis=0) for n in ("globals", "nodes", "faces", "particles")),
        [c.lanes.tables[0]] * count,
        np.repeat(c.lanes.lumped_weight, count, axis=0),
        np.repeat(c.lanes.state, count, axis=0),
    )
    lanes.particles[2, 0, 1] = np.nan
    outcome = Batch(c.kernel, c.mesh, lanes, [c.steps([AWAY])] * count).run(lanes_per_vector=wide)
    assert outcome.status[2] >= 10
    good = c.batch([AWAY]).run().rows[0]
    for i in (0, 1, 3):
        assert outcome.status[i] < 10
        assert np.max(np.abs(outcome.rows[i] - good) / (1 + np.abs(good))) < 1e-9


def test_simulating_many_equals_simulating_each() -> None:
    cells = designs("qse5", 5)
    batch = ion.simulate_batch(cells, AWAY, threads=2)
    for i, cell in enumerate(cells):
        one = simulate(cell, AWAY)
        assert np.allclose(batch[i].time, one.time, rtol=1e-9, atol=0.0)
        assert np.allclose(batch[i].voltage, one.voltage, rtol=1e-9, atol=0.0)


def test_cells_with_the_same_options_are_traced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    traced: list[str] = []
    pack = core.pack

    def counted(form: Any) -> Any:
        traced.append(form.name)
        return pack(form)

    monkeypatch.setattr(core, "pack", counted)
    forget_kernels()
    for cell in (*designs("lg-m50", 4), load_cell("lfp-graphite")):
        for temperature in (288.15, 298.15):
            simulate(cell, "Discharge at 1C for 10 s", temperature=temperature)
    ion.simulate_batch(designs("lg-m50", 6), "Discharge at 1C for 10 s")
    assert traced == ["P2D"]
    simulate("lg-m50", "Discharge at 1C for 10 s", heat="lumped")
    assert traced == ["P2D", "P2D"]


def forget_kernels() -> None:
    """As in a fresh process."""
    prepare = importlib.import_module("ionstone.simulation.prepare")
    prepare._kernel.cache_clear()
    prepare._cache.clear()
