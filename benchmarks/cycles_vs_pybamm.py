"""100 cycles of CC-CV with a film that grows (P2D): ionstone against PyBaMM, and memory over cycles.

    python benchmarks/cycles_vs_pybamm.py [--cycles 100]

Chen2020, 3 x 20 cells and 20 radial cells; the film is PyBaMM's ``reaction limited`` SEI, on our side an own
law (``film.py``) with the same rate and numbers but for the drop in the film, which PyBaMM counts in what
drives the reaction. The cycle: 1C to 2.8 V, rest of 5 minutes, 0.7C to 4.1 V, 4.1 V until C/20. Tolerances
are those of ``p2d_vs_pybamm.py``. PyBaMM is built once; the second solve counts. Both keep every point of
every cycle and read V(t). In the rows of metrics, ionstone keeps metrics and ends of the protocol's steps
(``keep="steps"``), PyBaMM saves the first and the last cycle (``save_at_cycles``), and the charge given in
each cycle is read.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from common import heading, process_memory, ratio_row, table
from peer_pybamm import CELLS

import ionstone as ion
from ionstone.study.verification.reference import load_pybamm

CYCLE = (
    "Discharge at 1C until 2.8 V",
    "Rest for 5 minutes",
    "Charge at 0.7C until 4.1 V",
    "Hold at 4.1 V until C/20",
)
LAWS = Path(__file__).parent / "film.py"
#: the tolerances that ``p2d_vs_pybamm.py`` finds for 0.1 mV on a 1C discharge
OURS, THEIRS = 5e-4, (1e-4, 1e-5)
MEMORY = """
import sys
sys.path.insert(0, {folder!r})
from cycles_vs_pybamm import {side}
{side}({cycles})
"""


def ours(cycles: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Time, voltage, and the film after so many cycles [m]."""
    run = ion.simulate("lg-m50", list(CYCLE) * cycles, laws=str(LAWS), tolerance=OURS)
    return run.time, run.voltage, float(run.outputs["negative_film_max"][-1])


def ours_metrics(cycles: int) -> np.ndarray:
    """Charge given in each cycle [A s] of a run that keeps its steps alone."""
    run = ion.simulate("lg-m50", list(CYCLE) * cycles, laws=str(LAWS), tolerance=OURS, keep="steps")
    charge: np.ndarray = run.steps["discharge_capacity"].reshape(-1, len(CYCLE)).sum(axis=1)
    return charge


def peer(cycles: int) -> Any:
    """PyBaMM's simulation of so many cycles."""
    pybamm = load_pybamm()
    return pybamm.Simulation(
        pybamm.lithium_ion.DFN({"SEI": "reaction limited"}),
        experiment=pybamm.Experiment([CYCLE] * cycles),
        parameter_values=pybamm.ParameterValues("Chen2020"),
        var_pts=dict.fromkeys(("x_n", "x_s", "x_p", "r_n", "r_p"), CELLS),
        solver=pybamm.IDAKLUSolver(rtol=THEIRS[0], atol=THEIRS[1]),
    )


def theirs(cycles: int, simulation: Any = None) -> tuple[np.ndarray, np.ndarray, float]:
    """The same of PyBaMM."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = (simulation or peer(cycles)).solve()
        film = solution["Negative SEI thickness [m]"].entries
    return solution.t, solution["Voltage [V]"].entries, float(np.max(film[:, -1]))


def theirs_metrics(cycles: int) -> np.ndarray:
    """Charge that passed up to the end of each cycle [A h], from a solution that saves two cycles."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = peer(cycles).solve(save_at_cycles=[cycles])
    return np.asarray(solution.summary_variables["Throughput capacity [A.h]"])


def timed(call: Any) -> tuple[float, Any]:
    """Wall time [s] and result of a call, the second one."""
    call()
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def main() -> None:
    """Measure both codes and print the table."""
    parser = argparse.ArgumentParser(description="CC-CV cycles with a growing film: ionstone against PyBaMM")
    parser.add_argument("--cycles", type=int, default=100)
    cycles = parser.parse_args().cycles
    heading()
    simulation = peer(cycles)
    a, (peer_time, _, peer_film) = timed(lambda: theirs(cycles, simulation))
    b, (our_time, our_voltage, our_film) = timed(lambda: ours(cycles))
    folder = str(Path(__file__).parent)
    ten, tenth = 10 * cycles, max(cycles // 10, 1)

    def memory(side: str, count: int) -> float:
        return process_memory(MEMORY.format(folder=folder, side=side, cycles=count))

    rows = [["", "PyBaMM", "ionstone", "ratio", "goal"], ratio_row(f"{cycles} cycles [s]", a, b, "")]
    for suffix, kept in (("", ""), ("_metrics", ", metrics")):
        for n in (tenth, cycles):
            both = memory(f"theirs{suffix}", n), memory(f"ours{suffix}", n)
            rows.append(ratio_row(f"peak memory, {n} cycles{kept} [MiB]", *both, "", ".0f"))
    for suffix, kept, run in (("", "", ours), ("_metrics", ", metrics", ours_metrics)):
        start = time.perf_counter()
        run(ten)
        took = time.perf_counter() - start
        rows += [
            [f"{ten} cycles{kept} [s]", "-", f"{took:.2f}", "", ""],
            [f"peak memory, {ten} cycles{kept} [MiB]", "-", f"{memory(f'ours{suffix}', ten):.0f}", "", ""],
        ]
    print(table(rows))
    print(
        f"end after {peer_time[-1] / 3600:.2f} h of PyBaMM and {our_time[-1] / 3600:.2f} h of ionstone; "
        f"largest film {1e9 * peer_film:.2f} and {1e9 * our_film:.2f} nm; "
        f"{peer_time.size} and {our_voltage.size} points"
    )


if __name__ == "__main__":
    main()
