"""The compiled kernel and the reference stepper give the same states, for every cell and level."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

FAR = 1e-9


def scale_of(trace: Any) -> np.ndarray:
    """Largest value of each state over the run, or the largest of its kind where that is more."""
    largest = np.max(np.abs(trace.states), axis=0)
    scale = np.ones_like(largest)
    reference = trace.case.reference()
    for (c, local), (big_c, big_local) in zip(
        reference.split(scale)[0], reference.split(largest)[0], strict=True
    ):
        if c is not None:
            c[:] = np.max(big_c)
        local[:] = max(float(np.max(big_local)), 1e-3)
    reference.split(scale)[1][:] = np.max(reference.split(largest)[1], axis=1, keepdims=True)
    reference.split(scale)[2][:] = reference.split(largest)[2]
    return np.maximum(scale, 1e-3)


def replay(trace: Any, weights: np.ndarray, value: float, slope: float = 0.0, most: int = 10**9) -> float:
    """The kernel's accepted steps taken again by the reference: the largest difference of the states."""
    reference, scale = trace.case.reference(), scale_of(trace)
    y, worst, taken = trace.states[0], 0.0, 0
    for before, after, state in zip(trace.time[:-1], trace.time[1:], trace.states[1:], strict=True):
        if taken == most:
            break
        y, _ = reference.step(y, after - before, weights, value + slope * before, slope)
        worst = max(worst, float(np.max(np.abs(y - state) / scale)))
        taken += 1
    assert taken > 3
    return worst


def test_steps_of_constant_current(cell: str, level: str, heat: str, case: Any, tiny: Any) -> None:
    c = case(cell, level, heat=heat, grid=tiny)
    trace = c.run(["Discharge at C/2 for 60 s"], inner_rows=False)
    assert replay(trace, c.holding(c_rate=1.0), 0.5, most=8) < FAR


def test_steps_of_constant_power(library_cell: str, level: str, case: Any, tiny: Any) -> None:
    c = case(library_cell, level, grid=tiny)
    watts = c.one_c * c.scalars["voltage.lower_cutoff"] / 3
    trace = c.run([f"Discharge at {watts!r} W for 60 s"], inner_rows=False)
    assert replay(trace, c.holding(power=1.0), watts, most=8) < FAR


def test_steps_of_a_ramp(library_cell: str, level: str, case: Any, tiny: Any) -> None:
    from ionstone.experiment import Profile, Step

    c = case(library_cell, level, grid=tiny)
    trace = c.run([Step("current", Profile((0.0, 60.0), (0.0, c.one_c)))], inner_rows=False)
    assert replay(trace, c.holding(current=1.0), 0.0, c.one_c / 60, most=8) < FAR


def test_residual_and_linear_solution(library_cell: str, level: str, heat: str, case: Any, tiny: Any) -> None:
    """F(y) and the solution of (a M - dF/dy) u = r at a state out of equilibrium."""
    c = case(library_cell, level, heat=heat, grid=tiny)
    trace = c.run(["Discharge at C/2 for 200 s"])
    rng = np.random.default_rng(3)
    reference, batch = c.reference(), c.batch(["Rest for 1 s"])
    free = free_states(c, reference)
    y = trace.states[-1] * (1 + 1e-4 * rng.standard_normal(trace.states.shape[1]) * free)
    for weights, value in ((c.holding(c_rate=1.0), 0.5), (c.holding(voltage=1.0), 3.0)):
        ours, theirs = batch.residual(weights, value, y), reference.residual(y, weights, value)
        assert np.max(np.abs(ours - theirs) / (1 + np.abs(theirs))) < 1e-9
        right = rng.standard_normal(len(y)) * free
        for a in (1.0, 1e3):
            ours = batch.solve(weights, a, y, right)
            theirs = np.linalg.solve(
                a * np.diag(reference.mass) - reference.jacobian(y, weights, value), right
            )
            assert np.max(np.abs(ours - theirs)) < 1e-7 * np.max(np.abs(theirs))


def free_states(c: Any, reference: Any) -> np.ndarray:
    """1 for a state that exists, 0 for an unknown that is absent from its region."""
    free = np.ones(c.lanes.state.shape[1])
    x = reference.split(free)[1]
    for region in c.kernel.form.regions:
        for name in region.absent:
            x[c.kernel.form.unknowns.index(name), reference.first[region.name]] = 0.0
    return free


@pytest.mark.slow
def test_a_whole_discharge(library_cell: str, level: str, heat: str, case: Any, tiny: Any) -> None:
    c = case(library_cell, level, heat=heat, grid=tiny)
    trace = c.run(["Discharge at C/2 for 30 minutes"], inner_rows=False)
    assert replay(trace, c.holding(c_rate=1.0), 0.5) < FAR
