"""Agreement with PyBaMM, each code on its refined grid, within the limits of `ionstone verify`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ionstone.study.verification import pybamm
from ionstone.study.verification import reference as verify_reference
from ionstone.study.verification.metrics import Trace, compare

pytestmark = [
    pytest.mark.skipif(not verify_reference.available(), reason=pybamm.MISSING),
    pytest.mark.filterwarnings("ignore"),
]
JOBS = pybamm.jobs()


@pytest.mark.parametrize("run", [run for _, run in JOBS], ids=[name for name, _ in JOBS])
def test_the_voltage_agrees_with_pybamm(run: pybamm.Runner) -> None:
    checks = run()
    assert checks
    missed = [
        f"{c.name}: {c.value:.4g} {c.unit}, limit {c.limit:g} ({c.detail})" for c in checks if not c.passed
    ]
    assert not missed, "\n".join(missed)


def test_a_wrong_parameter_breaks_the_agreement() -> None:
    reference = verify_reference.chen2020(1.0, "SPM").trace
    shifted = Trace(reference.time, reference.voltage + 2e-3 * np.sin(reference.time / 500.0))
    checks = pybamm.difference_checks("x", compare(shifted, reference), pybamm.P2D_LIMITS, "")
    assert [check.passed for check in checks] == [False, False, True]


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "error"), [(0.2, 0.01e-3), (1.0, 0.02e-3), (2.0, 0.1e-3)])
def test_the_reference_is_converged_on_its_grid(rate: float, error: float) -> None:
    grid = verify_reference.CHEN2020_GRID
    twice = replace(
        grid, electrode=2 * grid.electrode, separator=2 * grid.separator, particle=2 * grid.particle
    )
    difference = compare(
        verify_reference.chen2020(rate).trace, verify_reference.chen2020(rate, grid=twice).trace
    )
    assert difference.largest < error
    assert difference.end < 2e-5
