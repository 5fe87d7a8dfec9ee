"""Measured orders: of the integrator, of its dense output, of the grid along x and of the radial grid."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from ionstone.experiment import Profile, Step
from ionstone.numerics.kernel import Batch, KernelStep
from ionstone.simulation import Grid

INTEGRATOR, DENSE, SPACE, SLACK = 4.0, 3.0, 2.0, 0.2
#: cells of analytic functions, with a porous and a planar negative electrode: tables of data have kinks
ANALYTIC = ("lg-m50", "xu2019-half-cell")


def slope(sizes: Any, errors: Any) -> float:
    """Least-squares slope of log error over log size."""
    return float(np.polyfit(np.log(sizes), np.log(errors), 1)[0])


class Ramp:
    """A current that rises with constant slope, well after its start: the smoothest load there is.

    Steps are fixed by the samples of the load, which no step may pass, and a tolerance that accepts all.
    """

    def __init__(self, case: Any, begin: float = 1200.0, length: float = 900.0) -> None:
        self.case, self.length = case, length
        self.weights = case.holding(c_rate=1.0)
        self.value, self.rate = 0.5, 0.2 / 3600.0
        before = np.array([[0.0, self.value - self.rate * begin], [begin, self.value]])
        step = KernelStep(self.weights, before, begin)
        outcome = Batch(case.kernel, case.mesh, case.lanes, [[step]]).run(tolerance=1e-11)
        assert outcome.status[0] < 10
        self.start = outcome.state

    def run(self, count: int) -> Any:
        """The ramp in ``count`` equal steps: rows with inner points."""
        time = np.linspace(0.0, self.length, count + 1)
        profile = np.stack([time, self.value + self.rate * time], axis=1)
        lanes = self.case.lanes
        kept, lanes.state = lanes.state, self.start
        try:
            step = KernelStep(self.weights, profile, self.length)
            batch = Batch(self.case.kernel, self.case.mesh, lanes, [[step]])
            outcome = batch.run(tolerance=1e9, first_step=1e6, capacity=10 * count + 10)
        finally:
            lanes.state = kept
        assert outcome.accepted[0] == count
        return outcome.rows[0]


def voltage_at(rows: Any, time: Any) -> np.ndarray:
    """Voltages at times of rows, which must be there."""
    at = np.array([np.argmin(np.abs(rows[:, 0] - t)) for t in np.atleast_1d(time)])
    assert np.max(np.abs(rows[at, 0] - time)) < 1e-9 * 3600
    return rows[at, 2]


@pytest.mark.parametrize("name", ANALYTIC)
def test_order_of_the_integrator(name: str, level: str, heat: str, case: Any) -> None:
    ramp = Ramp(case(name, level, heat=heat, grid=Grid(3, 2, 3, 4), soc=0.6))
    ends = np.linspace(0.0, ramp.length, 5)[1:]
    counts = np.array([4, 8, 16])
    exact = voltage_at(ramp.run(256), ends)
    errors = [np.linalg.norm(voltage_at(ramp.run(n), ends) - exact) for n in counts]
    assert slope(1 / counts, errors) >= INTEGRATOR - SLACK, errors


@pytest.mark.parametrize("name", ANALYTIC)
def test_order_of_the_dense_output(name: str, level: str, case: Any) -> None:
    ramp = Ramp(case(name, level, grid=Grid(3, 2, 3, 4), soc=0.6))
    counts, errors = np.array([8, 16, 32]), []
    for n in counts:
        rows = ramp.run(n)
        inner = rows[rows[:, 1] % 1 != 0]
        exact = voltage_at(ramp.run(384), inner[:, 0])
        errors.append(np.max(np.abs(inner[:, 2] - exact)))
    assert slope(1 / counts, errors) >= DENSE - SLACK, errors


def smooth(case: Any, rate: float = 0.8, length: float = 1200.0) -> Step:
    """A current that rises from zero and falls back to zero as a squared sine."""
    time = np.linspace(0.0, length, 241)
    return Step("c_rate", Profile(tuple(time), tuple(rate * np.sin(np.pi * time / length) ** 2)))


def orders(case: Any, name: str, level: str, grids: list[Grid]) -> list[float]:
    """Orders from grids that double: of the root mean square of differences of the voltage."""
    solutions = []
    for grid in grids:
        c = case(name, level, grid=grid, soc=0.8)
        rows = c.batch([smooth(c)]).run(tolerance=1e-9, inner_rows=False).rows[0]
        wanted = np.arange(100.0, 1101.0, 100.0)
        solutions.append(voltage_at(rows, wanted))
    steps = [np.linalg.norm(b - a) for a, b in itertools.pairwise(solutions)]
    return [float(np.log2(a / b)) for a, b in itertools.pairwise(steps)]


@pytest.mark.parametrize("name", ["lg-m50", "polymer-lfp"])
def test_order_of_the_grid_along_x(name: str, case: Any) -> None:
    grids = [Grid(n, n, n, 6) for n in (6, 12, 24, 48)]
    assert orders(case, name, "P2D", grids)[-1] >= SPACE - SLACK


@pytest.mark.parametrize("name", ["lg-m50", "qse5"])
def test_order_of_the_radial_grid(name: str, case: Any) -> None:
    grids = [Grid(1, 1, 1, n) for n in (10, 20, 40, 80)]
    assert orders(case, name, "SPM", grids)[-1] >= SPACE - SLACK


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["P2D", "SPMe"])
def test_order_of_the_grid_along_x_in_all_cells(library_cell: str, kind: str, case: Any) -> None:
    grids = [Grid(n, n, n, 10) for n in (10, 20, 40, 80, 160)]
    assert orders(case, library_cell, kind, grids)[-1] >= SPACE - SLACK


@pytest.mark.slow
def test_order_of_the_radial_grid_in_all_cells(library_cell: str, case: Any) -> None:
    grids = [Grid(1, 1, 1, n) for n in (10, 20, 40, 80, 160)]
    assert orders(case, library_cell, "SPM", grids)[-1] >= SPACE - SLACK
