"""Tapes: random expressions and lookups come out of the kernel as Python computes them, in every lane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ionstone.cell_design import load_cell
from ionstone.cell_model.build import Builder, Conditions
from ionstone.cell_model.levels import LEVELS
from ionstone.cell_model.options import options_of
from ionstone.core import ops
from ionstone.numerics.form import Form
from ionstone.numerics.kernel import Batch, Kernel, KernelStep
from ionstone.numerics.tables import UniformTable, tabulate
from ionstone.numerics.tape import CODE, OPERATIONS, TABLE, Group, build
from ionstone.numerics.tracer import TraceError
from ionstone.simulation import Grid

#: a slot of tables that the laws of this model do not read
FREE = "prefactor"
Values = Sequence[tuple[float, float]]


def outputs_of(law: Callable[[Any, Any], Sequence[Any]], count: int, at: Values) -> np.ndarray:
    """``law(x, y)`` evaluated by the kernel, one lane a point: x is a state, y a parameter."""
    cell = load_cell("lg-m50")
    parameters = [cell.parameters()] * len(at)
    options = options_of(parameters, False)
    level = LEVELS["SPM"]
    base = level.form(options)
    form: Form = replace(
        base,
        outputs=("current", *(f"v{i}" for i in range(count))),
        output_law=lambda g, probes, z, red: (z.current, *law(z.charge, g.ambient)),
        reduced=(),
    )
    kernel, mesh = Kernel(form), level.mesh(Grid(radial=3), options)
    lanes = Builder(base, options, parameters, mesh).build([Conditions(298.15, 298.15)] * len(at))
    lanes.state[:, -len(form.lumped) + form.lumped.index("charge")] = [x for x, _ in at]
    lanes.globals[:, form.globals.index("ambient")] = [y for _, y in at]
    negative, *others = lanes.tables[0]
    slot = form.tables.index(FREE)
    first = [*negative[:slot], tabulate(smooth, -1.0, 1.0, 65), *negative[slot + 1 :]]
    lanes.tables = [[first, *others]] * len(at)
    step = KernelStep(np.eye(1, count + 1)[0], np.array([[0.0, 0.0]]), 1.0)
    outcome = Batch(kernel, mesh, lanes, [[step]] * len(at)).run(inner_rows=False)
    return np.array([rows[0, 3 : 3 + count] for rows in outcome.rows])


def smooth(x: np.ndarray) -> np.ndarray:
    """What the tables of these tests hold."""
    return np.sin(2.0 * x) + 0.5 * x


def random_law(seed: int, count: int) -> Callable[[Any, Any], list[Any]]:
    """A straight-line program of ``count`` values that uses every operation, finite everywhere."""

    def law(x: Any, y: Any) -> list[Any]:
        rng, values = np.random.default_rng(seed), [x, y, 0.7]
        for _ in range(count):
            a, b, c = (values[i] for i in rng.integers(0, len(values), 3))
            bounded = ops.tanh(a + 0.0 * x)
            choices: list[Callable[[], Any]] = [
                lambda a=a, b=b: a + b,
                lambda a=a, b=b: a - b,
                lambda a=bounded, b=b: a * b,
                lambda a=bounded, b=b, c=c: a * b + c,
                lambda a=bounded, b=b, c=c: a * b - c,
                lambda a=bounded, b=b, c=c: c - a * b,
                lambda a=a, b=bounded: a / (2.0 + b),
                lambda a=bounded: 1.0 / (2.0 + a),
                lambda a=bounded: ops.exp(3.0 * a),
                lambda a=a: ops.log(1.0 + a * a),
                lambda a=a: ops.sqrt(1.0 + a * a),
                lambda a=bounded: ops.sinh(2.0 * a),
                lambda a=bounded: ops.cosh(2.0 * a),
                lambda a=a: ops.arcsinh(a),
                lambda a=a, b=b: ops.maximum(a, b),
                lambda a=a, b=b: ops.minimum(a, b),
                lambda a=bounded, b=b: (1.5 + a) ** ops.tanh(b + 0.0 * x),
                lambda a=a: ops.absolute(a),
                lambda a=a, b=b, c=c: ops.where(a > b, c, a),
                lambda a=a, b=b, c=c: ops.where(a <= b, c, b),
                lambda a=a: 2.0 - a,
                lambda a=a: -a * 3.0 + 1.0,
            ]
            values.append(choices[rng.integers(len(choices))]())
        return values[3:]

    return law


@pytest.mark.parametrize("seed", range(25))
def test_random_programs_run_as_in_python(seed: int) -> None:
    law, count = random_law(seed, 20), 20
    rng = np.random.default_rng(seed)
    at = [(float(x), float(y)) for x, y in rng.uniform(-2.0, 2.0, (4, 2))]
    ours = outputs_of(law, count, at)
    for lane, (x, y) in enumerate(at):
        theirs = np.array([float(v) for v in law(x, y)])
        assert np.max(np.abs(ours[lane] - theirs) / (1 + np.abs(theirs))) < 1e-12


@pytest.mark.parametrize("lanes", [1, 4, 5])
def test_lanes_do_not_mix(lanes: int) -> None:
    at = [(0.1 * k, 1.0 - 0.2 * k) for k in range(lanes)]
    ours = outputs_of(lambda x, y: (x, y, x * y), 3, at)
    assert np.allclose(ours, [[x, y, x * y] for x, y in at], rtol=1e-15, atol=0.0)


def test_tables_are_looked_up_with_their_derivatives() -> None:
    """Values and the first derivative, traced; beyond the knots the table goes on as a straight line."""
    from ionstone.numerics.tracer import Graph

    table = tabulate(smooth, -1.0, 1.0, 65)
    at = [(x, 0.0) for x in (-3.0, -1.0, -0.31, 0.0, 0.77, 1.0, 2.5)]

    def law(x: Any, y: Any) -> list[Any]:
        value = ops.table(FREE, x)
        graph: Graph = x.graph
        (first,) = graph.jvp([value], {x.index: 1.0})
        (second,) = graph.jvp([first], {x.index: 1.0})
        return [value, first, second]

    ours = outputs_of(law, 3, at)
    for row, (x, _) in zip(ours, at, strict=True):
        piece = int(np.clip((x - table.low) / table.step, 0, len(table.pieces) - 1))
        polynomial = np.poly1d(table.pieces[piece])
        d = x - (table.low + piece * table.step)
        wanted = [polynomial(d), polynomial.deriv()(d), polynomial.deriv(2)(d)]
        assert row == pytest.approx(wanted, rel=1e-10, abs=1e-12)
        assert row[0] == pytest.approx(table(np.array([x]))[0], rel=1e-12, abs=1e-14)


def test_not_a_number_is_looked_up_without_harm() -> None:
    (row,) = outputs_of(lambda x, y: (ops.table(FREE, y), x), 2, [(0.5, float("nan"))])
    assert np.isnan(row[0])
    assert row[1] == 0.5


def test_operations_are_numbered_as_in_the_kernel() -> None:
    from pathlib import Path

    import ionstone

    source = Path(ionstone.__file__).parent / "numerics/kernel/tape.h"
    text = source.read_text(encoding="utf-8")
    body = text[text.index("enum Operation {") :].split("{", 1)[1].split("}", 1)[0]
    names = [name.strip().lower() for name in body.split(",")]
    assert names == [*OPERATIONS, "table"]
    assert CODE["const"] == 0
    assert len(OPERATIONS) == TABLE


def test_what_depends_on_invariant_inputs_alone_runs_once() -> None:
    groups = [Group("g", 1, True), Group("y", 1)]
    tape = build(lambda graph, g, y: [ops.exp(g[0]) * y[0]], groups)
    prologue, main = tape.integers[5], tape.integers[6]
    assert (prologue, main) == (1, 1)


def test_outputs_that_are_zero_take_no_instruction() -> None:
    tape = build(lambda graph, y: [0.0, y[0] - y[0], y[0]], [Group("y", 1)])
    assert tape.zero == (True, True, False)
    assert tape.integers[6] == 0


def test_rows_are_used_again_when_dead() -> None:
    def long(graph: Any, y: Any) -> list[Any]:
        x = y[0]
        for _ in range(400):
            x = ops.tanh(x) + 0.1
        return [x]

    slots = build(long, [Group("y", 1)]).integers[3]
    assert slots < 10


def test_an_unknown_table_is_refused_by_name() -> None:
    with pytest.raises(TraceError, match="'nowhere'"):
        build(lambda graph, y: [ops.table("nowhere", y[0])], [Group("y", 1)], ("here",))


def test_a_law_that_needs_too_much_memory_is_refused() -> None:
    def wide(graph: Any, y: Any) -> list[Any]:
        values = [ops.exp(y[0] * (1.0 + 0.01 * k)) for k in range(300)]
        total = values[0]
        for v in values[1:]:
            total = total * v
        return [*values, total]

    with pytest.raises(TraceError, match="split it"):
        build(wide, [Group("y", 1)])


def test_derivatives_beyond_the_third_are_refused() -> None:
    def law(graph: Any, y: Any) -> list[Any]:
        values = [ops.table("u", y[0])]
        for _ in range(4):
            values = graph.jvp(values, {y[0].index: 1.0})
        return values

    with pytest.raises(TraceError, match="third"):
        build(law, [Group("y", 1)], ("u",))


def test_a_table_is_data() -> None:
    assert isinstance(tabulate(smooth, 0.0, 1.0, 9), UniformTable)
