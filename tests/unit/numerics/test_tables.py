"""Tabulated functions: order of interpolation, knots, continuation."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.numerics.tables import constant_table, natural_slopes, tabulate

KNOTS = (21, 41, 81, 161)


def potential(x: np.ndarray) -> np.ndarray:
    """A smooth function with the look of an open-circuit potential."""
    return 0.2 + np.exp(-6.0 * x) - 0.1 * np.tanh(5.0 * (x - 0.4))


def test_interpolation_is_of_fourth_order() -> None:
    x = np.linspace(0.0, 1.0, 5003)
    errors = [np.max(np.abs(tabulate(potential, 0.0, 1.0, n)(x) - potential(x))) for n in KNOTS]
    order = np.polyfit(np.log([n - 1 for n in KNOTS]), np.log(errors), 1)[0]
    assert -order > 3.7


def test_knots_are_exact() -> None:
    table = tabulate(potential, 0.0, 1.0, 41)
    x = np.linspace(0.0, 1.0, 41)
    assert np.allclose(table(x), potential(x), rtol=0.0, atol=1e-14)


def test_a_cubic_is_reproduced() -> None:
    def cubic(x: np.ndarray) -> np.ndarray:
        return 1.0 - 2.0 * x + 3.0 * x**2 - 0.5 * x**3

    table, x = tabulate(cubic, -0.5, 2.0, 11), np.linspace(-0.5, 2.0, 333)
    assert np.allclose(table(x), cubic(x), rtol=0.0, atol=1e-12)


def test_beyond_the_knots_it_goes_on_as_a_straight_line() -> None:
    table = tabulate(potential, 0.0, 1.0, 41)
    for at, out in ((0.0, -1.0), (1.0, 1.0)):
        h = 1e-7
        inside = (table(np.array([at]))[0] - table(np.array([at - out * h]))[0]) / (out * h)
        near, far = table(np.array([at + 0.1 * out, at + 2.0 * out]))
        slope = (far - near) / (1.9 * out)
        assert slope == pytest.approx(inside, rel=1e-5)
        assert near == pytest.approx(table(np.array([at]))[0] + 0.1 * out * slope, rel=1e-12)


def test_pieces_join_with_two_derivatives() -> None:
    p, h = (t := tabulate(potential, 0.0, 1.0, 21)).pieces, t.step
    inner = slice(1, -2)
    left, right = p[inner], p[2:-1]
    value = ((left[:, 0] * h + left[:, 1]) * h + left[:, 2]) * h + left[:, 3]
    slope = (3 * left[:, 0] * h + 2 * left[:, 1]) * h + left[:, 2]
    curvature = 6 * left[:, 0] * h + 2 * left[:, 1]
    assert np.allclose(value, right[:, 3], atol=1e-13)
    assert np.allclose(slope, right[:, 2], atol=1e-11)
    assert np.allclose(curvature, 2 * right[:, 1], atol=1e-9)


def test_a_constant_is_the_same_everywhere() -> None:
    table = constant_table(3.5)
    assert np.all(table(np.array([-1e6, 0.0, 0.5, 1e6])) == 3.5)


def test_complex_steps_give_the_derivative() -> None:
    table, h = tabulate(potential, 0.0, 1.0, 41), 1e-30
    x = np.array([0.0123, 0.456, 0.9])
    derivative = table(x + 1j * h).imag / h
    difference = (table(x + 1e-6) - table(x - 1e-6)) / 2e-6
    assert np.allclose(derivative, difference, rtol=1e-6)


def test_not_a_number_gives_not_a_number() -> None:
    assert np.isnan(tabulate(potential, 0.0, 1.0, 9)(np.array([np.nan]))[0])


def test_a_function_may_return_one_number() -> None:
    table = tabulate(lambda x: np.array(2.0), 0.0, 1.0, 9)
    assert np.allclose(table(np.array([0.3, 5.0])), 2.0, rtol=1e-12)


def test_slopes_of_two_knots_are_those_given() -> None:
    assert list(natural_slopes(np.array([0.0, 1.0]), 1.0, 3.0, 4.0)) == [3.0, 4.0]
