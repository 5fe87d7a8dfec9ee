"""Convergence: the default grid against the refined one, and the orders of grid and integrator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ionstone.study.verification.check import Check
from ionstone.study.verification.metrics import compare, order_of_grid, order_of_steps
from ionstone.study.verification.ours import ROOM, discharge, grid_text, prepare, refined

GROUP = "laws"
DEFAULT_RMSE, DEFAULT_LARGEST = 1e-3, 5e-3
DECLARED_GRID, DECLARED_INTEGRATOR, SLACK = 2.0, 4.0, 0.2


def jobs() -> list[tuple[str, Callable[[], list[Check]]]]:
    """The checks as (name, function that runs it)."""
    listed: list[tuple[str, Callable[[], list[Check]]]] = []
    for text, rate in (("C/5", 0.2), ("1C", 1.0), ("2C", 2.0)):
        listed.append((f"default grid against refined, lg-m50 at {text}", partial(_default, text, rate)))
    listed.append(("order of the grid along x", partial(_order_of_grid, "along x")))
    listed.append(("order of the radial grid", partial(_order_of_grid, "radial")))
    listed.append(("order of the integrator", _order_of_integrator))
    return listed


def _default(text: str, rate: float) -> list[Check]:
    """The default grid and tolerance, from 10 ms on."""
    from ionstone.simulation import Grid

    fine = refined()
    reference = discharge("lg-m50", rate, 2.5, grid=fine)
    difference = compare(discharge("lg-m50", rate, 2.5, tolerance=1e-4), reference, start=0.01)
    name = f"default grid against refined, lg-m50 at {text}"
    detail = f"{grid_text(Grid())} against {grid_text(fine)}, from 10 ms to 99 %"
    rmse, largest = 1e3 * difference.rmse, 1e3 * difference.largest
    return [
        Check.at_most(f"{name}: RMSE", GROUP, rmse, 1e3 * DEFAULT_RMSE, "mV", detail),
        Check.at_most(
            f"{name}: largest difference",
            GROUP,
            largest,
            1e3 * DEFAULT_LARGEST,
            "mV",
            f"{difference.text()}; {detail}",
        ),
    ]


def smooth_load(duration: float = 1200.0, knots: int = 401) -> object:
    """A current that rises from zero and falls back to zero smoothly: 5 A sin^2 over ``duration`` [s]."""
    from ionstone.experiment import Profile, Step

    time = np.linspace(0.0, duration, knots)
    current = 5.0 * np.sin(np.pi * time / duration) ** 2
    profile = Profile(tuple(time.tolist()), tuple(current.tolist()))
    return Step(control="current", value=profile, duration=duration, until=(), text="smooth load")


def _order_of_grid(direction: str) -> list[Check]:
    """Voltage under the smooth load on grids of 10, 20, 40 and 80, the other direction held at 20."""
    from ionstone.simulation import Grid, simulate

    counts = (10, 20, 40, 80)
    solutions = []
    for n in counts:
        grid = Grid(n, n, n, 20) if direction == "along x" else Grid(20, 20, 20, n)
        run = simulate("lg-m50", [smooth_load()], temperature=ROOM, grid=grid, tolerance=1e-8, period=10.0)
        keep = (run.time >= 100.0) & (run.time <= 1100.0)
        solutions.append(np.interp(np.arange(100.0, 1101.0, 10.0), run.time[keep], run.voltage[keep]))
    orders = order_of_grid(solutions)
    name = "order of the grid along x" if direction == "along x" else "order of the radial grid"
    text = ", ".join(f"{order:.2f}" for order in orders)
    detail = f"from grids of {', '.join(map(str, counts))}: {text}; declared {DECLARED_GRID:g}"
    return [Check.at_least(name, GROUP, orders[-1], DECLARED_GRID - SLACK, "1", detail)]


def _order_of_integrator() -> list[Check]:
    """Fixed steps of the method over a smooth stretch of a discharge: error of the voltage at its end."""
    from ionstone.cell_design import load_cell
    from ionstone.simulation import Grid

    cell = load_cell("lg-m50")
    start = prepare(cell, "Discharge at 1C for 600 s", grid=Grid(3, 2, 3, 4))
    state = start.run(tolerance=1e-10).state[0]
    reference, step = start.reference(), start.steps[0]
    current = float(step.profile[0, 1])

    def solve(count: int) -> np.ndarray:
        y = state
        for _ in range(count):
            y = reference.step(y, 1200.0 / count, step.weights, current)[0]
        return np.asarray(reference.outputs(y))[:1]

    exact = solve(96)
    counts = (4, 8, 16)
    errors = [float(abs(solve(count) - exact)[0]) for count in counts]
    order = order_of_steps(counts, errors)
    text = ", ".join(f"{error:.1e}" for error in errors)
    detail = f"1200 s at 1C in 4, 8, 16 steps: voltage errs by {text} V; declared {DECLARED_INTEGRATOR:g}"
    return [Check.at_least("order of the integrator", GROUP, order, DECLARED_INTEGRATOR - SLACK, "1", detail)]
