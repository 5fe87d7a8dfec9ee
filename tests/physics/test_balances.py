"""Charge, lithium (or sodium) and enthalpy are conserved, in every cell at every level."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ionstone.core.constants import F

CYCLE = ["Discharge at 1C for 20 minutes", "Rest for 5 minutes", "Charge at 0.5C for 10 minutes"]


@pytest.fixture
def cycle(cell: str, level: str, heat: str, case: Any) -> Any:
    """A discharge, a rest and a charge."""
    return case(cell, level, heat=heat).run(CYCLE)


def test_the_local_currents_of_an_electrode_sum_up_to_the_current_of_the_cell(cycle: Any) -> None:
    case, i = cycle.case, cycle["current_density"]
    data = dict(zip(case.kernel.form.node_data, case.lanes.nodes[0], strict=True))
    nominal = case.one_c / case.scalars["electrode_area"]
    for region, sign in ((0, 1.0), (2, -1.0)):
        span = case.span(region)
        total = cycle.local(region) @ (data["area_density"][span] * data["dx"][span])
        assert np.max(np.abs(sign * total - i)) < 1e-9 * nominal


def test_lithium_is_neither_made_nor_lost(cycle: Any) -> None:
    metal = -cycle.lumped("charge") / F if cycle.case.options.planar else 0.0
    total = cycle.inserted() + cycle.salt() + metal
    assert np.max(np.abs(total / total[0] - 1)) < 1e-9


def test_the_electrolyte_keeps_its_salt(cycle: Any) -> None:
    salt = cycle.salt()
    assert np.max(np.abs(salt / salt[0] - 1)) < 1e-9


def test_each_electrode_takes_up_the_charge_that_passes(cycle: Any) -> None:
    charge = cycle.lumped("charge")
    for k, (_, name) in enumerate(cycle.case.electrodes):
        sign = 1.0 if name == "positive" else -1.0
        capacity = np.sum(cycle.volumes(k)) * cycle.stoichiometry(k).shape[2]
        stored = sign * capacity * (cycle.mean(k) - cycle.mean(k)[0])
        assert np.max(np.abs(stored - charge)) < 1e-9 * capacity


def test_charge_is_the_integral_of_the_current(cycle: Any) -> None:
    passed = cycle["discharge_capacity"]
    assert cycle.integral("current") == pytest.approx(passed[-1], abs=1e-9 * np.max(np.abs(passed)))


def test_enthalpy_leaves_as_work_and_heat(cell: str, level: str, hot: str, case: Any) -> None:
    """Enthalpy of the stored states, from the cell's functions alone; default tolerance and grid."""
    trace = case(cell, level, heat=hot, grid=_default()).run(CYCLE)
    area = trace.case.scalars["electrode_area"]
    before, after = (enthalpy(trace, n) for n in (0, -1))
    work, heat = trace.integral("power"), trace.integral("heat")
    moved = np.trapezoid(np.abs(trace["power"]), trace.time)
    assert abs(work + heat - area * (before - after)) < 1e-3 * moved


def test_heat_warms_the_cell_and_leaves_to_the_ambient(cell: str, level: str, case: Any) -> None:
    trace = case(cell, level, heat="lumped").run(CYCLE)
    s, warm = trace.case.scalars, trace["temperature"]
    lost = s["thermal.conductance"] * (trace.integral("temperature") - warm[0] * trace.time[-1])
    stored = s["thermal.heat_capacity"] * (warm[-1] - warm[0])
    moved = np.trapezoid(np.abs(trace["heat"]), trace.time)
    assert abs(stored + lost - trace.integral("heat")) < 1e-3 * moved


def _default() -> Any:
    from ionstone.simulation import Grid

    return Grid()


def enthalpy(trace: Any, n: int) -> float:
    """Enthalpy of the particles of stored state ``n`` [J/m2]; lithium metal is the reference.

    Sum over shells of F c_max eps V times the integral of U - T dU/dT over stoichiometry. The negative
    electrode counts as well: lithium in it lies lower by its potential.
    """
    functions = trace.case.cell.parameters().functions
    temperature = trace.case.scalars["reference_temperature"]
    total = 0.0
    for k, (_, name) in enumerate(trace.case.electrodes):
        x = trace.stoichiometry(k)[n]
        u, s = (functions[f"{name}.{f}"] for f in ("open_circuit_potential", "entropic_change"))
        knots = np.linspace(0.0, 1.0, 40001)
        inside = np.clip(knots, max(u.lower, 0.0), min(u.upper, 1.0))
        potential = u.evaluate(inside) - temperature * s.evaluate(np.clip(knots, s.lower, s.upper))
        steps = 0.5 * (potential[1:] + potential[:-1]) * np.diff(knots)
        integral = np.concatenate([[0.0], np.cumsum(steps)])
        total -= float(np.sum(trace.volumes(k) * np.interp(x, knots, integral)))
    return total
