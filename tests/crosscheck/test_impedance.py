"""Impedances agree with PyBaMM's own EIS and with closed formulas, within the limits of `ionstone verify`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ionstone.study.verification import impedance, pybamm, reference

pytestmark = [
    pytest.mark.skipif(not reference.available(), reason=pybamm.MISSING),
    pytest.mark.filterwarnings("ignore"),
]
JOBS = impedance.jobs()


@pytest.mark.parametrize("run", [run for _, _, run in JOBS], ids=[name for _, name, _ in JOBS])
def test_the_impedance_agrees(run: impedance.Runner) -> None:
    missed = [f"{c.name}: {c.value:.4g} {c.unit} ({c.detail})" for c in run() if not c.passed]
    assert not missed, "\n".join(missed)


def test_another_double_layer_breaks_the_agreement() -> None:
    z = np.ones(len(impedance.HERTZ), dtype=complex)
    assert not impedance._check("x", "laws", z * 1.002, z, "").passed


@pytest.mark.slow
def test_the_reference_is_converged_on_its_grid() -> None:
    grid, filling = reference.EIS_GRID, {"negative": 0.5, "positive": 0.6}
    fine = replace(grid, electrode=160, separator=80, particle=320)
    hertz = np.logspace(-3, 6, 19)
    z = [reference.chen2020_impedance(hertz, filling, grid=g) for g in (grid, fine)]
    assert np.max(np.abs(z[0] / z[1] - 1)) < 5e-4
