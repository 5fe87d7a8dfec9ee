"""Tables against the formulas they must reproduce."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ionstone.core.errors import InputError
from ionstone.materials.tables import Table

X = (0.0, 0.1, 0.35, 0.6, 0.8, 1.0)


def table(function, kind):
    return Table(X, tuple(float(function(x)) for x in X), kind)


@pytest.mark.parametrize(("kind", "degree"), [("linear", 1), ("pchip", 1), ("cubic", 3)])
def test_an_interpolation_is_exact_for_polynomials_of_its_degree(kind, degree):
    q = np.linspace(0.0, 1.0, 77)
    assert np.allclose(table(lambda x: 2 - 3 * x**degree, kind).evaluate(q), 2 - 3 * q**degree, atol=1e-13)


def test_the_splines_agree_with_an_independent_implementation():
    interpolate = pytest.importorskip("scipy.interpolate")
    x, y = np.array(X), np.sin(7 * np.array(X))
    q = np.linspace(0, 1, 301)
    assert np.allclose(
        Table(X, tuple(y), "pchip").evaluate(q), interpolate.PchipInterpolator(x, y)(q), atol=1e-13
    )
    assert np.allclose(Table(X, tuple(y), "cubic").evaluate(q), interpolate.CubicSpline(x, y)(q), atol=1e-13)
    three = Table((0.0, 0.4, 1.0), (1.0, 0.0, 2.0), "cubic")
    assert np.allclose(three.evaluate(q), interpolate.CubicSpline([0, 0.4, 1], [1, 0, 2])(q), atol=1e-13)


@given(st.lists(st.floats(0.0, 5.0), min_size=3, max_size=12))
@settings(max_examples=80, deadline=None)
def test_pchip_never_leaves_falling_data_non_monotone(steps):
    y = tuple(float(v) for v in 4.0 - np.cumsum(steps))
    values = Table(tuple(float(i) for i in range(len(y))), y, "pchip").evaluate(
        np.linspace(0, len(y) - 1, 400)
    )
    assert np.all(np.diff(values) <= 1e-9)


@pytest.mark.parametrize("kind", ["linear", "cubic", "pchip"])
def test_a_table_goes_on_straight_beyond_its_ends(kind):
    law = table(lambda x: np.exp(-2 * x), kind)
    for end, outward in ((0.0, -1), (1.0, 1)):
        steps = law.evaluate(end + outward * np.array([0.1, 0.2, 0.3]))
        assert steps[1] - steps[0] == pytest.approx(steps[2] - steps[1], abs=1e-12)
        assert law.evaluate(end + outward * 1e-9) == pytest.approx(law.evaluate(end), abs=1e-7)


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        ((0, 1, 1), (1, 2, 3), "must rise"),
        ((0, 1), (1,), "as many"),
        ((0,), (1,), "points"),
        ((0, float("nan")), (1, 2), "rise"),
    ],
)
def test_a_table_that_is_none_is_refused(x, y, says):
    with pytest.raises(InputError, match=says):
        Table(x, y)
