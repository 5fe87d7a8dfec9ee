"""The metrics of `verify` on discharges whose differences are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ionstone.study.verification.check import Check
from ionstone.study.verification.metrics import Trace, compare, order_of_grid, order_of_steps


def ramp(end: float = 1000.0, shift: float = 0.0) -> Trace:
    time = np.linspace(0.0, end, 101)
    return Trace(time, 4.0 - 1e-3 * time + shift)


def test_equal_discharges_do_not_differ() -> None:
    difference = compare(ramp(), ramp())
    assert difference.rmse == 0.0
    assert difference.largest == 0.0
    assert difference.end == 0.0


def test_a_constant_shift_is_both_rmse_and_largest_difference() -> None:
    difference = compare(ramp(shift=2e-3), ramp())
    assert difference.rmse == pytest.approx(2e-3)
    assert difference.largest == pytest.approx(2e-3)
    assert difference.signed > 0.0


def test_a_spike_counts_fully_in_the_largest_difference_and_little_in_the_rmse() -> None:
    time = np.linspace(0.0, 1000.0, 100001)
    spike = 1e-2 * np.exp(-(((time - 500.0) / 2.0) ** 2))
    difference = compare(Trace(time, 4.0 - 1e-3 * time + spike), ramp())
    assert difference.largest == pytest.approx(1e-2, rel=1e-3)
    assert difference.at == pytest.approx(500.0, abs=1.0)
    # the mean square of the spike is 1e-4 * 2 s * sqrt(pi/2) / 990 s
    assert difference.rmse == pytest.approx(
        math.sqrt(1e-4 * 2.0 * math.sqrt(math.pi / 2.0) / 989.0), rel=1e-3
    )


def test_what_happens_before_the_start_and_after_the_window_does_not_count() -> None:
    time = np.array([0.0, 0.5, 0.9, 989.9, 995.0, 1000.0])
    wrong = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 0.0])
    voltage = 4.0 - 1e-3 * time + wrong
    clean = compare(Trace(time, voltage), ramp())
    assert clean.largest < 0.02  # the window ends at 990 s, on the foot of the second spike
    assert compare(Trace(time, voltage), ramp(), start=0.1).largest > 0.9


def test_a_short_start_is_resolved() -> None:
    time = np.concatenate([[0.0], np.geomspace(1e-4, 1000.0, 2000)])
    fast = 5e-3 * np.exp(-time / 0.02)
    difference = compare(Trace(time, 4.0 - 1e-3 * time + fast), ramp(), start=0.01)
    assert difference.largest == pytest.approx(5e-3 * math.exp(-0.5), rel=0.02)
    assert difference.at == pytest.approx(0.01, rel=0.05)


def test_the_end_time_is_relative_to_the_second() -> None:
    assert compare(ramp(1001.0), ramp(1000.0)).end == pytest.approx(1e-3)
    assert compare(ramp(999.0), ramp(1000.0)).end == pytest.approx(1e-3)


def test_the_value_after_a_jump_counts() -> None:
    trace = Trace(np.array([0.0, 1.0, 1.0, 2.0]), np.array([4.0, 4.0, 3.0, 3.0]))
    assert trace.at(np.array([1.0]))[0] == 3.0


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        compare(ramp(0.5), ramp(0.5))


def test_orders_of_model_errors_are_found() -> None:
    x = np.linspace(0.0, 1.0, 50)
    solutions = [np.sin(x) + 0.3 * (1.0 + x) * h**2 for h in (0.1, 0.05, 0.025, 0.0125)]
    assert order_of_grid(solutions) == pytest.approx([2.0, 2.0])
    assert order_of_steps([10, 20, 40], [1e-3 * 2.0 ** (-4 * k) for k in range(3)]) == pytest.approx(4.0)


def test_a_figure_that_is_not_finite_never_passes() -> None:
    assert Check.at_most("a", "laws", math.nan, 1.0, "V").passed is False
    assert Check.at_least("a", "laws", math.inf, 1.0, "1").passed is False
    assert Check.at_most("a", "laws", 1.0, 1.0, "V").passed is True
    assert Check.skipped("a", "pybamm", "absent").passed is None
    assert Check.failed("a", "laws", "broke").to_json_dict()["value"] is None
