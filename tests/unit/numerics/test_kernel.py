"""The door to the kernel: sizes are checked before anything runs, and what is given is not changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ionstone.cell_design import load_cell
from ionstone.cell_model.build import Builder, Conditions
from ionstone.cell_model.levels import LEVELS
from ionstone.cell_model.options import options_of
from ionstone.numerics import kernel as core
from ionstone.numerics.kernel import Batch, Event, Kernel, KernelStep
from ionstone.numerics.radial import graded
from ionstone.simulation import Grid


class Setup:
    """Two lanes of a small model."""

    def __init__(self) -> None:
        parameters = [load_cell("lg-m50").parameters()] * 2
        self.options = options_of(parameters, False)
        self.kernel = Kernel(LEVELS["P2D"].form(self.options))
        self.grid = LEVELS["P2D"].mesh(Grid(2, 2, 2, 3), self.options)
        builder = Builder(self.kernel.form, self.options, parameters, self.grid)
        self.lanes = builder.build([Conditions(298.15, 298.15)] * 2)
        self.weights = np.zeros(len(self.kernel.form.outputs))
        self.weights[self.kernel.form.outputs.index("current")] = 1.0

    def step(self, value: float = 2.0, duration: float = 100.0, events: tuple[Event, ...] = ()) -> KernelStep:
        return KernelStep(self.weights, np.array([[0.0, value]]), duration, events)

    def batch(self, steps: Any = None) -> Batch:
        return Batch(self.kernel, self.grid, self.lanes, steps or [[self.step()], [self.step()]])


@pytest.fixture
def setup() -> Setup:
    return Setup()


@pytest.mark.parametrize("name", ["globals", "nodes", "faces", "particles", "lumped_weight", "state"])
def test_arrays_of_a_wrong_shape_are_refused_by_name(name: str, setup: Setup) -> None:
    setattr(setup.lanes, name, getattr(setup.lanes, name)[..., :-1])
    with pytest.raises(ValueError, match=name):
        setup.batch()


def test_lanes_and_protocols_must_be_as_many(setup: Setup) -> None:
    with pytest.raises(ValueError, match="2 protocols"):
        Batch(setup.kernel, setup.grid, setup.lanes, [[setup.step()]])


def test_a_set_of_tables_is_needed_for_each_lane(setup: Setup) -> None:
    setup.lanes.tables = setup.lanes.tables[:1]
    with pytest.raises(ValueError, match="tables"):
        setup.batch()


def test_particles_need_a_radial_grid(setup: Setup) -> None:
    setup.grid = core.Grid(setup.grid.cells, (None, None, graded(3)))
    with pytest.raises(ValueError, match=r"state|radial grid missing"):
        setup.batch()


def test_a_separator_has_no_radial_grid(setup: Setup) -> None:
    setup.grid = core.Grid(setup.grid.cells, (graded(3), graded(3), graded(3)))
    with pytest.raises(ValueError, match="separator"):
        setup.batch()


def test_the_number_of_states_is_known(setup: Setup) -> None:
    nodes, shells = 6, 3
    assert setup.kernel.states(setup.grid) == 3 * nodes + 2 * (2 * shells + 2) + 2


def test_data_are_not_changed_by_a_run(setup: Setup) -> None:
    names = ("globals", "nodes", "faces", "particles", "state")
    before = {n: getattr(setup.lanes, n).copy() for n in names}
    setup.batch().run()
    assert all(np.array_equal(before[n], getattr(setup.lanes, n)) for n in names)


def test_a_batch_can_be_run_again_with_the_same_outcome(setup: Setup) -> None:
    batch = setup.batch()
    first, second = batch.run(), batch.run()
    assert np.array_equal(first.rows[0], second.rows[0])
    assert np.array_equal(first.state, second.state)


def test_lanes_that_differ_only_in_their_protocol_end_apart(setup: Setup) -> None:
    outcome = setup.batch([[setup.step()], [setup.step(1.0, 50.0), setup.step(0.0, 20.0)]]).run()
    assert [rows[-1, 0] for rows in outcome.rows] == [100.0, 70.0]
    assert list(outcome.status) == [core.FINISHED, core.FINISHED]


def test_rows_carry_time_step_and_outputs(setup: Setup) -> None:
    rows = setup.batch().run().rows[0]
    assert rows.shape[1] == 2 + len(setup.kernel.form.all_outputs)
    assert rows[0, 0] == 0.0
    assert np.all(np.diff(rows[:, 0]) > 0)
    inner = rows[:, 1] % 1 != 0
    assert np.sum(inner) == 2 * (np.sum(~inner) - 1)


def test_states_are_kept_where_asked_for(setup: Setup) -> None:
    outcome = setup.batch().run(inner_rows=False, keep_states=True)
    assert len(outcome.states) == 2
    assert outcome.states[0].shape == (len(outcome.rows[0]), setup.lanes.state.shape[1])
    assert np.array_equal(outcome.states[0][-1], outcome.state[0])


def test_too_many_attempts_are_a_code(setup: Setup) -> None:
    outcome = setup.batch().run(max_attempts=3)
    assert list(outcome.status) == [core.TOO_MANY_STEPS] * 2
    assert list(outcome.attempts) == [3, 3]


def test_a_load_that_no_state_meets_is_a_code(setup: Setup) -> None:
    weights = np.zeros_like(setup.weights)
    weights[setup.kernel.form.outputs.index("power")] = 1.0
    step = KernelStep(weights, np.array([[0.0, 1e5]]), 100.0)
    outcome = setup.batch([[step], [setup.step()]]).run()
    assert outcome.status[0] == core.NO_INITIAL_STATE
    assert outcome.status[1] == core.FINISHED


def test_not_a_number_in_a_state_is_a_code_without_a_row_of_it(setup: Setup) -> None:
    setup.lanes.state[0, 0] = np.nan
    outcome = setup.batch().run()
    assert outcome.status[0] >= core.STEP_TOO_SMALL
    assert outcome.status[1] == core.FINISHED
    assert np.all(np.isfinite(outcome.rows[1]))


def test_an_event_to_the_end_of_the_run_ends_it(setup: Setup) -> None:
    event = Event(setup.kernel.form.outputs.index("discharge_capacity"), 1, 30.0, core.END_OF_RUN)
    outcome = setup.batch([[setup.step(events=(event,)), setup.step()]] * 2).run()
    assert list(outcome.status) == [core.ENDED_BY_EVENT] * 2
    assert outcome.event[0] is event
    assert outcome.rows[0][-1, 0] == pytest.approx(15.0, rel=1e-9)


def test_progress_is_told(setup: Setup) -> None:
    seen: list[float] = []
    setup.batch().run(progress=seen.append, capacity=10)
    assert seen[-1] == 1.0
    assert seen == sorted(seen)


def test_an_interrupt_stops_the_workers_and_is_raised_again(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lanes that would run for minutes end in a moment."""

    class Interrupted(core.Thread):
        def join(self, timeout: float | None = None) -> None:
            if timeout is not None:
                raise KeyboardInterrupt
            super().join()

    monkeypatch.setattr(core, "Thread", Interrupted)
    batch = setup.batch([[setup.step(0.0, 1.0)] * 200_000] * 2)
    with pytest.raises(KeyboardInterrupt):
        batch.run(capacity=500_000)


def test_a_kernel_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch, setup: Setup) -> None:
    monkeypatch.setattr(core, "ABI", core.ABI + 1)
    with pytest.raises(ImportError, match="reinstall"):
        Kernel(setup.kernel.form)
