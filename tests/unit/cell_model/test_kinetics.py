"""Laws of charge transfer: no overpotential no current, the linear limit, the inverse, the derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionstone.cell_model.laws import kinetics
from ionstone.core.constants import F, R
from ionstone.numerics.tracer import Graph

temperatures = st.floats(230.0, 370.0)
exchange = st.floats(1e-4, 1e3)


@given(t=temperatures, i0=exchange)
def test_no_overpotential_no_current(t: float, i0: float) -> None:
    assert kinetics.butler_volmer(0.0, t, i0) == 0.0
    assert kinetics.overpotential(0.0, t, i0) == 0.0


@given(t=temperatures, i0=exchange, eta=st.floats(-1e-6, 1e-6))
def test_the_linear_limit_is_the_charge_transfer_resistance(t: float, i0: float, eta: float) -> None:
    assert kinetics.butler_volmer(eta, t, i0) == pytest.approx(eta * i0 * F / (R * t), rel=1e-8)


@given(t=temperatures, i0=exchange, eta=st.floats(-0.6, 0.6))
def test_overpotential_inverts_butler_volmer(t: float, i0: float, eta: float) -> None:
    i = kinetics.butler_volmer(eta, t, i0)
    assert kinetics.overpotential(i, t, i0) == pytest.approx(eta, rel=1e-12, abs=1e-15)


@given(t=temperatures, i0=exchange, eta=st.floats(0.001, 0.6))
def test_oxidation_mirrors_reduction(t: float, i0: float, eta: float) -> None:
    assert kinetics.butler_volmer(-eta, t, i0) == -kinetics.butler_volmer(eta, t, i0)
    assert kinetics.butler_volmer(eta, t, i0) > 0


def test_far_from_equilibrium_it_is_tafel() -> None:
    """A decade of current takes 2.303 * 2 R T / F."""
    t, i0 = 298.15, 1.0
    step = kinetics.overpotential(1e6, t, i0) - kinetics.overpotential(1e5, t, i0)
    assert step == pytest.approx(2 * R * t / F * np.log(10.0), rel=1e-6)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_a_full_or_empty_particle_still_exchanges_a_little(end: float) -> None:
    at_end = kinetics.insertion_exchange_current(1.0, 1.0, end)
    assert at_end == pytest.approx(np.sqrt(kinetics.FLOOR / 2))
    beyond = kinetics.insertion_exchange_current(1.0, 1.0, end + np.copysign(0.1, end - 0.5))
    assert 0.0 < beyond < at_end


def test_the_exchange_current_of_a_filling_particle_has_no_kink() -> None:
    x = np.linspace(0.9997, 1.0003, 601)
    slope = np.diff(kinetics.insertion_exchange_current(1.0, np.ones_like(x), x))
    assert np.max(np.abs(np.diff(slope))) < 0.02 * np.max(np.abs(slope))


def test_the_insertion_current_is_largest_half_full() -> None:
    x = np.linspace(0.0, 1.0, 101)
    assert np.argmax(kinetics.insertion_exchange_current(3.0, np.ones(101), x)) == 50
    assert kinetics.insertion_exchange_current(3.0, 1.0, 0.5) == pytest.approx(1.5)


def test_plating_at_the_reference_concentration_has_the_reference_current() -> None:
    assert kinetics.plating_exchange_current(4.0, 1.2, 1.2) == pytest.approx(4.0)
    assert kinetics.plating_exchange_current(4.0, 4.8, 1.2) == pytest.approx(8.0)


@given(eta=st.floats(-0.3, 0.3), t=temperatures, i0=exchange)
def test_traced_derivatives_are_those_of_differences(eta: float, t: float, i0: float) -> None:
    graph = Graph()
    symbols = graph.symbols("v", 3)
    jacobian = graph.jacobian([kinetics.butler_volmer(*symbols)], symbols)[0]
    at = np.array([eta, t, i0])
    for k, derivative in enumerate(jacobian):
        z = [np.array([complex(v)]) for v in at]
        z[k] = z[k] + 1e-30j
        wanted = kinetics.butler_volmer(*z).imag[0] / 1e-30
        assert number(derivative, dict(zip([s.index for s in symbols], at, strict=True))) == pytest.approx(
            wanted, rel=1e-9, abs=1e-12
        )


def number(a: object, known: dict[int, float]) -> float:
    """The value of a traced expression of sinh, cosh and arithmetic."""
    from ionstone.core import ops
    from ionstone.numerics.tracer import Expr

    if not isinstance(a, Expr):
        return float(a)  # type: ignore[arg-type]
    if a.index in known:
        return known[a.index]
    v = [number(x, known) for x in a.args]
    two = {"+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__"}
    if a.op in two:
        return getattr(v[0], two[a.op])(v[1])
    return -v[0] if a.op == "neg" else getattr(ops, a.op)(v[0])
