"""Where the time of ionstone goes: one warm P2D discharge, a batch, and a gradient to 20 parameters.

    python benchmarks/profile_ours.py

Chen2020 at 1C to 2.5 V, 3 x 20 cells and 20 radial cells, at the tolerance of ``p2d_vs_pybamm.py``. Times of
a whole call and within the compiled kernel; the rest is Python: parsing, laying out, points, metrics.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import matched
from common import heading, median_time, table
from gradient_vs_pybamm import PARAMETERS
from p2d_vs_pybamm import designs

import ionstone as ion
from ionstone.numerics import adjoint, kernel
from ionstone.simulation import simulate_batch

REPEATS = 40


class Watch:
    """Wall time spent within a function of a module, and what it returned last."""

    def __init__(self, owner: Any, name: str) -> None:
        self.spent, self.last, inner = 0.0, None, getattr(owner, name)

        def timed(*args: Any, **settings: Any) -> Any:
            start = time.perf_counter()
            self.last = inner(*args, **settings)
            self.spent += time.perf_counter() - start
            return self.last

        setattr(owner, name, timed)

    def share(self, call: Callable[[], Any], repeats: int) -> float:
        """Mean time [s] within the function during a call."""
        self.spent = 0.0
        for _ in range(repeats):
            call()
        return self.spent / repeats


def main() -> None:
    """Measure and print the tables."""
    heading()
    cell, (tolerance, _) = ion.load_cell("lg-m50"), matched.ours()
    paths = list(PARAMETERS)

    def one() -> Any:
        return ion.simulate(cell, matched.PROTOCOL, tolerance=tolerance).voltage

    def many() -> Any:
        return ion.gradient(cell, matched.PROTOCOL, of="discharge_capacity", to=paths, tolerance=tolerance)

    whole, whole_gradient = median_time(one, REPEATS), median_time(many, 5)
    run, inside = Watch(kernel.Batch, "run"), Watch(kernel.Batch, "_call")
    solve = inside.share(one, REPEATS)
    attempts, accepted = int(run.last.attempts[0]), int(run.last.accepted[0])
    factors = designs(1000)
    cells = [cell.replace({p: cell[p] * v[i] for p, v in factors.items()}) for i in range(1000)]

    def batch() -> Any:
        runs = simulate_batch(cells, matched.PROTOCOL, grid=matched.GRID, tolerance=tolerance)
        return [r.voltage for r in runs]

    whole_batch, solve_batch = median_time(batch, 3), inside.share(batch, 3)
    forth = Watch(adjoint.Recording, "__init__").share(many, 5)
    back = Watch(adjoint.Recording, "cotangents").share(many, 5)
    print(
        table(
            [
                ["", "time [ms]"],
                ["one discharge", f"{1e3 * whole:.2f}"],
                ["  in the kernel", f"{1e3 * solve:.2f}"],
                ["  Python", f"{1e3 * (whole - solve):.2f}"],
                ["batch of 1000 designs, V(t) of each", f"{1e3 * whole_batch:.1f}"],
                ["  in the kernel, two threads", f"{1e3 * solve_batch:.1f}"],
                ["  Python, one thread", f"{1e3 * (whole_batch - solve_batch):.1f}"],
                [f"gradient to {len(paths)} parameters", f"{1e3 * whole_gradient:.1f}"],
                ["  the run, recorded", f"{1e3 * forth:.1f}"],
                ["  the way back", f"{1e3 * back:.1f}"],
                [
                    "  Python: designs about the cell, laid out",
                    f"{1e3 * (whole_gradient - forth - back):.1f}",
                ],
            ]
        )
    )
    print(
        f"{attempts} attempted steps of time, {accepted} accepted: {1e6 * solve / attempts:.1f} us an attempt"
    )
    print(f"adjoint: run and way back take {(forth + back) / whole:.1f} solves")


if __name__ == "__main__":
    main()
