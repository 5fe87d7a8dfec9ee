"""Dense output: points between which straight lines are accurate, and points at a period."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import ionstone as ion
from ionstone.simulation.dense import LINEAR_ERROR, refine, sample, split

VOLTAGE = 2


def rows_of(function, ends: np.ndarray, step: int = 0) -> np.ndarray:
    """Rows as the kernel leaves them: ends of steps of time, and two inner points of each."""
    rows = [(ends[0], step, function(ends[0]))]
    for a, b in itertools.pairwise(ends):
        for s in (1 / 3, 2 / 3):
            rows.append((a + s * (b - a), step + 0.5, function(a + s * (b - a))))
        rows.append((b, step, function(b)))
    return np.array(rows)


def cubic(t):
    return 3.7 - 2e-3 * t + 3e-5 * t**2 - 4e-7 * t**3


ENDS = np.array([0.0, 1.0, 5.0, 20.0, 60.0])


def test_steps_are_taken_apart() -> None:
    points, pieces, ends = split(rows_of(cubic, ENDS))
    assert np.array_equal(points[:, 0], ENDS)
    assert pieces.shape == (4, 4, 3)
    assert list(ends) == [1, 2, 3, 4]


def test_straight_lines_between_refined_points_err_little() -> None:
    rows = refine(rows_of(cubic, ENDS), VOLTAGE)
    t = np.linspace(0.0, 60.0, 20_001)
    assert np.max(np.abs(np.interp(t, rows[:, 0], rows[:, VOLTAGE]) - cubic(t))) < LINEAR_ERROR


def test_refined_points_lie_on_the_curve_in_order() -> None:
    rows = refine(rows_of(cubic, ENDS), VOLTAGE)
    assert np.all(np.diff(rows[:, 0]) > 0)
    assert np.allclose(rows[:, VOLTAGE], cubic(rows[:, 0]), rtol=0, atol=1e-13)
    assert set(ENDS) <= set(rows[:, 0])


def test_a_straight_line_gets_no_points() -> None:
    assert len(refine(rows_of(lambda t: 4.0 - 0.01 * t, ENDS), VOLTAGE)) == len(ENDS)


def test_finer_where_it_bends_more() -> None:
    def bend(t):
        return 4.0 - 1e-2 * np.maximum(t - 20.0, 0.0) ** 2 / 40.0

    rows = refine(rows_of(bend, ENDS), VOLTAGE)
    counts = np.histogram(rows[:, 0], ENDS)[0]
    assert counts[3] > 5 * counts[2]


def test_a_switch_stays_two_points() -> None:
    first, second = rows_of(cubic, ENDS), rows_of(lambda t: cubic(t) + 0.1, 60.0 + ENDS, step=1)
    for rows in (refine(np.vstack([first, second]), VOLTAGE), sample(np.vstack([first, second]), 7.0)):
        at = np.flatnonzero(rows[:, 0] == 60.0)
        assert list(rows[at, 1]) == [0.0, 1.0]
        assert np.all(np.diff(rows[:, 1]) >= 0)
        assert np.all(rows[:, 1] % 1 == 0)


@pytest.mark.parametrize("period", [0.5, 7.0, 13.0, 60.0, 1000.0])
def test_points_at_a_period_and_at_the_end(period: float) -> None:
    rows = sample(rows_of(cubic, ENDS), period)
    wanted = np.union1d(np.arange(0.0, 60.0, period), [60.0])
    assert np.allclose(rows[:, 0], wanted, atol=1e-9)
    assert np.allclose(rows[:, VOLTAGE], cubic(rows[:, 0]), atol=1e-12)


def test_a_period_counts_from_the_start_of_each_step() -> None:
    first, second = rows_of(cubic, np.array([0.0, 2.5, 10.0])), rows_of(cubic, np.array([10.0, 30.0]), 1)
    rows = sample(np.vstack([first, second]), 4.0)
    assert np.allclose(rows[:, 0], [0, 4, 8, 10, 10, 14, 18, 22, 26, 30])


def test_rows_without_inner_points_pass_through() -> None:
    rows = rows_of(cubic, ENDS)
    plain = rows[rows[:, 1] % 1 == 0]
    assert np.array_equal(refine(plain, VOLTAGE), plain)


@pytest.mark.parametrize("period", ["10 s", 10.0, 60.0])
def test_a_run_has_its_points_at_the_period(period: float | str) -> None:
    run = ion.simulate("lg-m50", ["Discharge at 1C for 95 s", "Rest for 30 s"], model="SPM", period=period)
    spacing = 10.0 if period == "10 s" else float(period)
    first = run.time[run.step == 0]
    assert np.allclose(first, np.union1d(np.arange(0.0, 95.0, spacing), [95.0]), atol=1e-9)
    assert run.time[run.step == 1][0] == pytest.approx(95.0)
    assert run.time[-1] == pytest.approx(125.0)


def test_the_period_does_not_change_the_solution() -> None:
    dense = ion.simulate("lg-m50", "Discharge at 1C for 600 s")
    spaced = ion.simulate("lg-m50", "Discharge at 1C for 600 s", period=50.0)
    assert np.max(np.abs(np.interp(spaced.time, dense.time, dense.voltage) - spaced.voltage)) < 1e-4


@pytest.mark.parametrize("model", ["P2D", "SPMe", "SPM"])
def test_straight_lines_follow_the_cubics_of_a_run(model: str) -> None:
    dense = ion.simulate("lg-m50", "Discharge at 1C", model=model)
    spaced = ion.simulate("lg-m50", "Discharge at 1C", model=model, period=1.0)
    error = np.interp(spaced.time, dense.time, dense.voltage) - spaced.voltage
    assert np.max(np.abs(error)) < 1.05 * LINEAR_ERROR
