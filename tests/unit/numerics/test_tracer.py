"""Tracing: derivatives, folding, and what is said about Python that cannot be traced."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionstone.core import ops
from ionstone.numerics.tracer import Expr, Graph, TraceError, reachable

Law = Callable[[Any, Any], Any]

FUNCTIONS: tuple[Callable[[Any], Any], ...] = (
    ops.tanh,
    ops.arcsinh,
    lambda a: ops.exp(ops.tanh(a)),
    lambda a: ops.log(1.5 + a * a),
    lambda a: ops.sqrt(1.0 + a * a),
    lambda a: ops.sinh(ops.tanh(a)),
    lambda a: ops.cosh(ops.tanh(a)),
    lambda a: -a,
    lambda a: ops.absolute(a) + 0.1,
    lambda a: (2.0 + ops.tanh(a)) ** 1.5,
    lambda a: a**2,
    lambda a: (1.5 + ops.tanh(a)) ** -2,
    lambda a: ops.where(a > 0.3, a * a, 2 * a - 1),
)
PAIRS: tuple[Callable[[Any, Any], Any], ...] = (
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / (2.0 + b * b),
    lambda a, b: ops.maximum(a, b),
    lambda a, b: ops.minimum(a, b),
    lambda a, b: (1.5 + ops.tanh(a)) ** ops.tanh(b),
    lambda a, b: ops.where(a < b, a * b, a - b),
)


@st.composite
def laws(draw: st.DrawFn, depth: int = 4) -> Law:
    """Random expressions in two variables, finite everywhere."""
    if depth == 0:
        kind = draw(st.integers(0, 2))
        if kind == 0:
            return lambda x, y: x
        if kind == 1:
            return lambda x, y: y
        value = draw(st.sampled_from([-1.5, -1.0, 0.0, 0.5, 1.0, 2.0]))
        return lambda x, y: value
    if draw(st.booleans()):
        f, inner = draw(st.sampled_from(FUNCTIONS)), draw(laws(depth=depth - 1))
        return lambda x, y: f(inner(x, y))
    g, a, b = draw(st.sampled_from(PAIRS)), draw(laws(depth=depth - 1)), draw(laws(depth=depth - 1))
    return lambda x, y: g(a(x, y), b(x, y))


def evaluate(outputs: list[Any], values: dict[int, float]) -> list[float]:
    """Numbers for the outputs of a graph, node by node."""
    done: dict[int, float] = dict(values)

    def number(a: Any) -> Any:
        return done[a.index] if isinstance(a, Expr) else a

    two: dict[str, Callable[[Any, Any], Any]] = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "pow": lambda a, b: a**b,
        "max": max,
        "min": min,
        ">": lambda a, b: a > b,
        "<": lambda a, b: a < b,
        ">=": lambda a, b: a >= b,
        "<=": lambda a, b: a <= b,
    }
    for x in reachable(outputs):
        if x.index in done:
            continue
        a = [number(z) for z in x.args]
        if x.op in two:
            done[x.index] = two[x.op](*a)
        elif x.op == "select":
            done[x.index] = a[1] if a[0] else a[2]
        elif x.op == "neg":
            done[x.index] = -a[0]
        elif x.op == "const":
            done[x.index] = a[0]
        else:
            done[x.index] = getattr(ops, x.op)(a[0])
    return [number(z) for z in outputs]


#: never equal, so that the larger of two is one of them
points = st.integers(-1300, 1300).map(lambda n: 1e-3 * n + 1e-4 / 3)
others = st.integers(-1300, 1300).map(lambda n: 1e-3 * n + 1e-4 / 7)


@given(law=laws(), x=points, y=others)
def test_a_trace_has_the_value_of_the_law(law: Law, x: float, y: float) -> None:
    graph = Graph()
    a, b = graph.symbols("v", 2)
    (value,) = evaluate([law(a, b)], {a.index: x, b.index: y})
    assert value == pytest.approx(law(x, y), rel=1e-11, abs=1e-11)


@given(law=laws(), x=points, y=others)
def test_derivatives_are_those_of_complex_steps(law: Law, x: float, y: float) -> None:
    graph = Graph()
    a, b = graph.symbols("v", 2)
    jacobian = graph.jacobian([law(a, b)], [a, b])[0]
    ours = evaluate(jacobian, {a.index: x, b.index: y})
    h, at = 1e-30, (np.array([complex(x)]), np.array([complex(y)]))
    steps = (law(at[0] + 1j * h, at[1]), law(at[0], at[1] + 1j * h))
    for value, step in zip(ours, steps, strict=True):
        assert value == pytest.approx(float(np.imag(step + 0j * at[0])[0] / h), rel=1e-8, abs=1e-9)


@given(law=laws(depth=3), x=points, y=others)
def test_derivatives_are_those_of_differences(law: Law, x: float, y: float) -> None:
    """Where the law is smooth: both one-sided differences agree."""
    graph = Graph()
    a, b = graph.symbols("v", 2)
    (ours,) = evaluate(graph.jvp([law(a, b)], {a.index: 1.0}), {a.index: x, b.index: y})
    h = 1e-6
    right, left = (law(x + h, y) - law(x, y)) / h, (law(x, y) - law(x - h, y)) / h
    if abs(right - left) < 1e-4 * (1 + abs(right)):
        assert ours == pytest.approx(0.5 * (right + left), rel=1e-4, abs=1e-5)


def test_equal_expressions_are_one_node() -> None:
    x, y = Graph().symbols("v", 2)
    assert x * y + 1.0 is y * x + 1.0
    assert ops.exp(x + y) is ops.exp(y + x)
    assert x - y is not y - x


def test_constants_zeros_and_ones_are_folded() -> None:
    graph = Graph()
    (x,) = graph.symbols("v", 1)
    assert x + 0 is x
    assert x * 1 is x
    assert x * 0 == 0.0
    assert x - x == 0.0
    assert 0 / x == 0.0
    negative = -x
    assert -negative is x
    assert ops.maximum(x, x) is x
    assert x**1 is x
    assert x**0 == 1.0
    assert ops.where(x > 0, 2.0, 2.0) == 2.0
    assert (2 * x) * 3 is 6 * x
    assert ops.exp(0.0) == 1.0


def test_small_whole_powers_are_products() -> None:
    (x,) = Graph().symbols("v", 1)
    assert all(n.op in ("*", "input") for n in reachable([x**3]))
    assert [n.op for n in reachable([x**0.5])] == ["input", "sqrt"]


def test_the_other_branch_does_not_leak_into_a_derivative() -> None:
    graph = Graph()
    (x,) = graph.symbols("v", 1)
    law = ops.where(x > 0, ops.log(ops.maximum(x, 1e-300)), 3 * x)
    (slope,) = evaluate(graph.jvp([law], {x.index: 1.0}), {x.index: -1.0})
    assert slope == 3.0


def test_tables_are_differentiated_by_order() -> None:
    graph = Graph()
    (x,) = graph.symbols("v", 1)
    (first,) = graph.jvp([ops.table("u", 2 * x)], {x.index: 1.0})
    (second,) = graph.jvp([first], {x.index: 1.0})
    orders = {n.args[1] for n in reachable([second]) if n.op == "table"}
    assert orders == {2}


def if_(x: Any) -> Any:
    return 1.0 if x > 0 else x


def while_(x: Any) -> Any:
    while x < 1:
        x = x + 1
    return x


@pytest.mark.parametrize(
    ("law", "remedy"),
    [
        (if_, "where"),
        (while_, "where"),
        (lambda x: x > 0 and x < 1, "where"),
        (lambda x: not x, "where"),
        (lambda x: max(x, 0.0), "maximum"),
        (lambda x: min(0.0, x), "minimum"),
        (lambda x: math.exp(x), "ionstone.core.ops"),
        (lambda x: float(x), "ionstone.core.ops"),
        (lambda x: int(x), "ionstone.core.ops"),
        (lambda x: range(x), "ionstone.core.ops"),
        (lambda x: x == 1.0, "where"),
        (lambda x: x[0], "scalars"),
        (lambda x: sum(x), "scalars"),
        (lambda x: len(x), "scalars"),
        (lambda x: x / 0, "constant 0"),
        (lambda x: x + "1 mol", "str"),
        (lambda x: x * None, "NoneType"),
    ],
)
def test_python_that_cannot_be_traced_is_refused_with_a_remedy(law: Any, remedy: str) -> None:
    (x,) = Graph().symbols("v", 1)
    with pytest.raises(TraceError, match=remedy):
        law(x)


@pytest.mark.parametrize("name", ["exp", "sqrt", "tanh", "sinh", "arcsinh"])
def test_numpy_functions_are_refused_with_a_remedy(name: str) -> None:
    (x,) = Graph().symbols("v", 1)
    with pytest.raises(TraceError):
        getattr(np, name)(x)


def test_expressions_of_two_traces_do_not_mix() -> None:
    (x,), (y,) = Graph().symbols("v", 1), Graph().symbols("v", 1)
    with pytest.raises(TraceError, match="another trace"):
        x + y
