"""A drive cycle of 30 minutes, power at 1 Hz (P2D): ionstone against PyBaMM on the same trace.

    python benchmarks/drive_vs_pybamm.py [--repeats 3]

Chen2020, 3 x 20 cells and 20 radial cells, from the set's own initial state; the power is linear between
samples that are drawn once (seeded), with recuperation. Both codes return the voltage; each uses the loosest
tolerance of its ladder within 0.1 mV of its own solution refined in time. No sample is stepped over: our
stepper ends a step at each, PyBaMM is given them as times (``pybamm.step.power``). PyBaMM is built once and
re-solved.
"""

from __future__ import annotations

import argparse
import warnings
from typing import Any

import numpy as np
from common import heading, loosest, median_time, ratio_row, table
from peer_pybamm import CELLS, TOLERANCES

import ionstone as ion
from ionstone.experiment import Profile, Step
from ionstone.study.verification.metrics import Trace, compare
from ionstone.study.verification.reference import load_pybamm

SECONDS = 1800
OUR_TOLERANCES = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5)


def power() -> np.ndarray:
    """Power [W] at 0, 1, ... 1800 s: smoothed noise about 6 W, from -10 to 25 W."""
    noise = np.random.default_rng(7).normal(size=SECONDS + 5)
    smooth = np.convolve(noise, np.ones(5) / 5, mode="valid")
    return np.clip(6.0 + 16.0 * smooth, -10.0, 25.0)


def ours(tolerance: float, trace: np.ndarray) -> Trace:
    """Our run; all points that it gives."""
    profile = Profile(tuple(np.arange(SECONDS + 1.0)), tuple(trace))
    run = ion.simulate("lg-m50", [Step("power", profile, float(SECONDS), (), "drive")], tolerance=tolerance)
    return Trace(run.time, run.voltage)


class Peer:
    """PyBaMM's simulation of the trace, built once."""

    def __init__(self, tolerance: tuple[float, float], trace: np.ndarray) -> None:
        pybamm = load_pybamm()
        samples = np.column_stack([np.arange(SECONDS + 1.0), trace])
        self.simulation = pybamm.Simulation(
            pybamm.lithium_ion.DFN(),
            experiment=pybamm.Experiment([pybamm.step.power(samples, duration=SECONDS)]),
            parameter_values=pybamm.ParameterValues("Chen2020"),
            var_pts=dict.fromkeys(("x_n", "x_s", "x_p", "r_n", "r_p"), CELLS),
            solver=pybamm.IDAKLUSolver(rtol=tolerance[0], atol=tolerance[1]),
        )

    def solve(self) -> Trace:
        """One run; all points that it gives."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            solution: Any = self.simulation.solve()
        return Trace(solution.t, solution["Voltage [V]"].entries)


def main() -> None:
    """Measure both codes and print the table."""
    parser = argparse.ArgumentParser(description="a drive cycle: ionstone against PyBaMM")
    parser.add_argument("--repeats", type=int, default=3, help="repeats; the median counts")
    repeats = parser.parse_args().repeats
    heading()
    trace = power()
    fine = Peer((1e-8, 1e-8), trace).solve()
    their, their_error = loosest(TOLERANCES, lambda t: Peer(t, trace).solve(), fine)
    exact = ours(1e-8, trace)
    our, our_error = loosest(OUR_TOLERANCES, lambda t: ours(t, trace), exact)
    peer = Peer(their, trace)
    a, b = median_time(peer.solve, repeats), median_time(lambda: ours(our, trace), repeats)
    rows = [["", "PyBaMM", "ionstone", "ratio", "goal"]]
    rows.append(ratio_row("30 minutes at 1 Hz [ms]", 1e3 * a, 1e3 * b, "", ".1f"))
    errors = [f"{1e3 * error:.3f}" for error in (their_error, our_error)]
    rows.append(["time error, 1 s to 99 % [mV]", *errors, "", ""])
    rows.append(["tolerance", str(their), str(our), "", ""])
    print(table(rows))
    codes = compare(exact, fine)
    print(
        f"the refined solutions of the codes differ by {1e3 * codes.largest:.2f} mV at most, "
        f"{1e3 * codes.rmse:.2f} mV rms"
    )
    print("(grids differ: PyBaMM's radial cells are uniform, ours graded toward the surface)")


if __name__ == "__main__":
    main()
