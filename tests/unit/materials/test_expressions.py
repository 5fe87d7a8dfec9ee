"""Expressions: what is allowed, what is not, and that they compute what Python would."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ionstone.core.errors import InputError
from ionstone.materials.expressions import Expression

NUMBERS = st.floats(0.1, 9.0).map(lambda number: f"{number:.3f}")
TREES = st.recursive(
    st.one_of(NUMBERS, st.just("x")),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        inner.map(lambda text: f"tanh({text})"),
        inner.map(lambda text: f"(-{text})"),
        inner.map(lambda text: f"({text})**2"),
    ),
    max_leaves=12,
)


@given(TREES, st.floats(0.0, 1.0))
@settings(max_examples=150, deadline=None)
def test_an_expression_computes_what_python_computes(text, x):
    expected = eval(text, {"__builtins__": {}}, {"x": x, "tanh": math.tanh})  # noqa: S307  made by this test
    assert Expression(text).evaluate(x) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_an_expression_or_an_input_error(text):
    message = ""
    try:
        assert np.shape(Expression(text).evaluate(0.5)) == ()
    except InputError as error:
        message = str(error)
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "x.__class__",
        "(lambda: 1)()",
        "[x for x in (1,)]",
        "open(x)",
        "y + 1",
        "x if x else 1",
        "exp(x, x)",
        "exp(*x)",
        "'a'",
        "1 << 3",
        "x // 2",
        "True",
        "1j",
        "(" * 400 + "x" + ")" * 400,
        "+".join(["x"] * 2000),
        "1" * 5000,
        "",
    ],
)
def test_what_is_not_on_the_whitelist_is_refused(text):
    with pytest.raises(InputError):
        Expression(text)


def test_towers_of_powers_overflow_at_once():
    assert np.isinf(Expression("9**9**9 + x").evaluate(0.5))


def test_an_expression_is_elementwise_and_works_with_other_functions():
    law = Expression("exp(-c/1000)", "c")
    c = np.array([[0.0, 1000.0], [2000.0, 3000.0]])
    assert np.allclose(law.evaluate(c), np.exp(-c / 1000))
    assert law.apply(1000.0, {"exp": math.exp}) == pytest.approx(math.exp(-1))
    assert Expression("3").evaluate(np.zeros(4)).shape == (4,)
