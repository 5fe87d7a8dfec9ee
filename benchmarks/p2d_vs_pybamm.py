"""P2D, Chen2020 at 1C to 2.5 V, 3 x 20 cells and 20 radial cells: ionstone against PyBaMM with IDAKLU.

    python benchmarks/p2d_vs_pybamm.py [--designs 256] [--repeats 20] [--json]

In one run on one machine: a warm single solve, a batch of designs, and a cold process up to the first V(t).
Both codes use the loosest tolerance of their ladder at which their own voltage stays within 0.1 mV of their
own solution refined in time. PyBaMM is built once and re-solved; of its settings (threads, equations compiled
to machine code, only the voltage kept) the fastest counts. Every figure includes reading V(t). The time that
a code spends once on preparing (building, tracing, compiling) is printed; it counts in the cold process only.
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

import matched
import numpy as np
from common import machine, median_time, process_memory, process_time, table, write_results
from matched import GRID, PROTOCOL
from peer_pybamm import COLD, NAMES, Peer

OUR_COLD = """
import ionstone as ion
run = ion.simulate(ion.load_cell("lg-m50"), "Discharge at 1C until 2.5 V", tolerance={tolerance})
print(run.voltage[-1])
"""


def main() -> None:
    """Measure both codes and print the table."""
    arguments = _arguments()
    where = machine()
    print(
        f"{where['processor']}, {where['cores']} cores, load {where['load_average']:.2f}, {where['packages']}"
    )
    factors = designs(arguments.designs)
    peer = measure_peer(factors, arguments.repeats, arguments.cold)
    ours = None if arguments.peer_only else measure_ours(factors, arguments.repeats, arguments.cold)
    print(table(rows(peer, ours)))
    if ours is not None:
        print(agreement(np.array(peer.pop("ends")), np.array(ours.pop("ends"))))
    if arguments.json:
        peer.pop("ends", None)
        print(
            "written to", write_results("p2d_vs_pybamm", {"machine": where, "pybamm": peer, "ionstone": ours})
        )


def designs(count: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Factors on the parameters of the cell, uniform within 5 %, one array a path."""
    generator = np.random.default_rng(seed)
    return {path: generator.uniform(0.95, 1.05, count) for path in NAMES}


def measure_peer(factors: dict[str, np.ndarray], repeats: int, cold: int) -> dict[str, Any]:
    """PyBaMM's figures."""
    threads = len(os.sched_getaffinity(0))
    tolerance, error = matched.theirs()
    singles, batches = {}, {}
    prepared = 0.0
    for compiled in (False, True):
        start = time.perf_counter()
        peer = Peer(tolerance, compiled=compiled)
        peer.solve()
        prepared = time.perf_counter() - start
        singles["compiled" if compiled else "default"] = median_time(peer.solve, repeats)
        for only_voltage in (False, True):
            many = Peer(tolerance, varied=True, compiled=compiled, threads=threads, only_voltage=only_voltage)
            many.batch({path: values[:4] for path, values in factors.items()})
            runs = [many.batch(factors) for _ in range(3)]
            name = ("compiled" if compiled else "default") + (", voltage only" if only_voltage else "")
            batches[name] = float(np.median([wall for _, wall in runs]))
            ends = runs[0][0]
    return {
        "tolerance": list(tolerance),
        "time_error_mV": 1e3 * error,
        "single_s": min(singles.values()),
        "single_settings_s": singles,
        "batch_s": min(batches.values()),
        "batch_settings_s": batches,
        "batch_threads": threads,
        "batch_failed": int(np.isnan(ends).sum()),
        "ends": ends.tolist(),
        "prepare_s": prepared,
        "cold_s": process_time(COLD.format(rtol=tolerance[0], atol=tolerance[1]), cold),
        "memory_MiB": process_memory(COLD.format(rtol=tolerance[0], atol=tolerance[1])),
    }


def measure_ours(factors: dict[str, np.ndarray], repeats: int, cold: int) -> dict[str, Any]:
    """Our figures, through the Python interface a user calls."""
    from ionstone.cell_design import load_cell
    from ionstone.simulation import simulate, simulate_batch

    start = time.perf_counter()
    cell = load_cell("lg-m50")
    simulate(cell, PROTOCOL, grid=GRID)
    prepared = time.perf_counter() - start

    tolerance, error = matched.ours()
    cells = [
        cell.replace({path: cell[path] * values[i] for path, values in factors.items()})
        for i in range(len(next(iter(factors.values()))))
    ]

    def batch() -> Any:
        runs = simulate_batch(cells, PROTOCOL, grid=GRID, tolerance=tolerance)
        return [(run, run.voltage) for run in runs]

    runs = [run for run, _ in batch()]
    return {
        "tolerance": tolerance,
        "time_error_mV": 1e3 * error,
        "single_s": median_time(
            lambda: simulate(cell, PROTOCOL, grid=GRID, tolerance=tolerance).voltage, repeats
        ),
        "batch_s": median_time(batch, 3),
        "batch_failed": int(sum(run.code != 0 for run in runs)),
        "ends": [float(run.time[-1]) if run.code == 0 else float("nan") for run in runs],
        "prepare_s": prepared,
        "cold_s": process_time(OUR_COLD.format(tolerance=tolerance), cold),
        "memory_MiB": process_memory(OUR_COLD.format(tolerance=tolerance)),
    }


def rows(peer: dict[str, Any], ours: dict[str, Any] | None) -> list[list[str]]:
    """The table: one row a figure, the ratio says how many times faster ionstone is."""
    lines = [["", "PyBaMM", "ionstone", "ratio", "goal"]]
    count = len(peer["ends"])
    figures = (
        ("warm single solve [ms]", "single_s", 1e3, "10"),
        (f"batch of {count} designs [s]", "batch_s", 1.0, "30"),
        ("cold process to the first V(t) [s]", "cold_s", 1.0, "3"),
        ("peak memory of that process [MiB]", "memory_MiB", 1.0, "2"),
    )
    for title, key, scale, goal in figures:
        mine = f"{scale * ours[key]:.3f}" if ours else "-"
        ratio = f"{peer[key] / ours[key]:.1f}" if ours else "-"
        lines.append([title, f"{scale * peer[key]:.3f}", mine, ratio, goal])
    rate = [f"{count / side['batch_s']:.0f}" if side else "-" for side in (peer, ours)]
    lines.append(["batch [designs/s]", *rate, "", ""])
    for title, key, form in (
        ("time error, 1 s to 99 % [mV]", "time_error_mV", ".3f"),
        ("designs that failed", "batch_failed", "d"),
        ("preparing, once [s]", "prepare_s", ".2f"),
    ):
        lines.append([title, *(format(side[key], form) if side else "-" for side in (peer, ours)), "", ""])
    for title, key in (
        ("fastest setting, single", "single_settings_s"),
        ("fastest setting, batch", "batch_settings_s"),
    ):
        lines.append([title, min(peer[key], key=peer[key].get), "", "", ""])
    tolerances = [str(side["tolerance"]) if side else "-" for side in (peer, ours)]
    lines.append(["tolerance", *tolerances, "", ""])
    return lines


def agreement(theirs: np.ndarray, mine: np.ndarray) -> str:
    """How far apart the end times of the batches are, as a check that both computed the same."""
    both = np.isfinite(theirs) & np.isfinite(mine)
    spread = np.abs(mine[both] / theirs[both] - 1.0)
    largest, middle = spread.max(), np.median(spread)
    return f"end times of {both.sum()} designs differ by {largest:.3%} at most, {middle:.3%} in the median"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="ionstone against PyBaMM on one P2D discharge")
    parser.add_argument("--designs", type=int, default=256, help="designs in the batch")
    parser.add_argument(
        "--repeats", type=int, default=20, help="repeats of the warm solve; the median counts"
    )
    parser.add_argument("--cold", type=int, default=5, help="cold processes; the median counts")
    parser.add_argument("--json", action="store_true", help="write benchmarks/results/p2d_vs_pybamm.json")
    parser.add_argument("--peer-only", action="store_true", help="measure PyBaMM alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
