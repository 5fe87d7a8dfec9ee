"""The functions of laws: the same on numbers, arrays, complex arrays and traced expressions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionstone.core import ops
from ionstone.numerics.tracer import Expr, Graph

ONE_ARGUMENT = ("exp", "log", "sqrt", "sinh", "cosh", "tanh", "arcsinh", "absolute")
numbers = st.floats(1e-3, 20.0)


@pytest.mark.parametrize("name", ONE_ARGUMENT)
@given(x=numbers)
def test_numbers_and_arrays_agree(name: str, x: float) -> None:
    f = getattr(ops, name)
    on_number, on_array = f(x), f(np.array([x]))
    assert isinstance(on_number, float)
    assert on_array.shape == (1,)
    assert on_number == pytest.approx(float(on_array[0]), rel=1e-14, abs=1e-300)


@pytest.mark.parametrize("name", ONE_ARGUMENT)
@given(x=numbers)
def test_complex_steps_give_derivatives(name: str, x: float) -> None:
    f, h = getattr(ops, name), 1e-30
    derivative = f(np.array([x + 1j * h])).imag[0] / h
    d = 1e-5 * max(x, 0.1)
    if x <= d:
        return
    difference = (f(x + d) - f(x - d)) / (2 * d)
    assert derivative == pytest.approx(difference, rel=1e-5, abs=1e-7)


@given(a=st.floats(-5, 5), b=st.floats(-5, 5))
def test_the_larger_and_the_smaller(a: float, b: float) -> None:
    assert ops.maximum(a, b) == max(a, b) == ops.maximum(np.array([a]), b)[0]
    assert ops.minimum(a, b) == min(a, b) == ops.minimum(a, np.array([b]))[0]
    assert ops.where(a > b, a, b) == max(a, b)
    assert np.all(ops.where(np.array([a, b]) > 0, 1.0, 0.0) == [float(a > 0), float(b > 0)])


def test_extremes_look_at_real_parts_of_complex_steps() -> None:
    a, b = np.array([1.0 + 5j]), np.array([2.0 - 9j])
    assert ops.maximum(a, b)[0] == 2.0 - 9j
    assert ops.minimum(a, b)[0] == 1.0 + 5j
    assert ops.absolute(np.array([-1.0 + 2j]))[0] == 1.0 - 2j


def test_a_numpy_number_is_treated_as_an_array_element() -> None:
    assert ops.exp(np.float64(1.0)) == pytest.approx(math.e)


def test_one_traced_argument_makes_the_result_traced() -> None:
    x = Graph().symbols("x", 1)[0]
    for value in (ops.maximum(1.0, x), ops.minimum(x, 2.0), ops.where(x > 0, 1.0, x), ops.sqrt(x)):
        assert isinstance(value, Expr)


def test_a_table_is_looked_up_by_name_on_numbers() -> None:
    token = ops.TABLES.set({"u": lambda x: 2 * x})
    try:
        assert ops.table("u", 3.0) == 6.0
        with pytest.raises(KeyError, match="'w'"):
            ops.table("w", 3.0)
    finally:
        ops.TABLES.reset(token)


def test_a_table_without_tables_says_what_to_do() -> None:
    with pytest.raises(KeyError, match="TABLES"):
        ops.table("u", 3.0)


def test_quantities_with_units_pass_through() -> None:
    import pint

    u = pint.UnitRegistry()
    x = 2.0 * u.dimensionless
    assert ops.exp(x).to("").magnitude == pytest.approx(math.exp(2.0))
    assert ops.sqrt(4.0 * u.m**2).to("m").magnitude == pytest.approx(2.0)
    with pytest.raises(pint.DimensionalityError):
        ops.exp(2.0 * u.m)
