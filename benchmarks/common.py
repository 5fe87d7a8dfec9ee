"""What the benchmarks share: timing, the machine in words, a plain table, result files."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ionstone.study.verification.metrics import Trace, compare

#: largest time error [V], from 1 s to 99 % of the run, at which the codes are compared
ALLOWED = 1e-4
RESULTS = Path(__file__).parent / "results"


def median_time(call: Callable[[], Any], repeats: int) -> float:
    """Median wall time of ``call`` [s] after one call that does not count."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def process_time(code: str, repeats: int) -> float:
    """Median wall time [s] of a fresh Python process that runs ``code``, after one that does not count."""
    environment = dict(os.environ, PYBAMM_DISABLE_TELEMETRY="true")
    command = [sys.executable, "-c", code]

    def run() -> None:
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)

    return median_time(run, repeats)


def process_memory(code: str) -> float:
    """Peak resident memory [MiB] of a fresh Python process that runs ``code``."""
    # VmHWM starts anew with the process; getrusage would count what the parent held when it forked
    code += "\nprint(next(x.split()[1] for x in open('/proc/self/status') if x.startswith('VmHWM')))\n"
    environment = dict(os.environ, PYBAMM_DISABLE_TELEMETRY="true")
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, env=environment, capture_output=True, text=True
    )
    return float(done.stdout.split()[-1]) / 1024


def loosest(ladder: Sequence[Any], trace: Callable[[Any], Trace], refined: Trace) -> tuple[Any, float]:
    """The loosest tolerance whose largest voltage error is allowed, and that error [V]."""
    for tolerance in ladder:
        error = compare(trace(tolerance), refined).largest
        if error <= ALLOWED:
            return tolerance, error
    raise SystemExit(f"no tolerance of {ladder} errs by less than {1e3 * ALLOWED:g} mV")


def dense_times(end: float) -> np.ndarray:
    """Times [s] at which a solution is sampled densely, to its end."""
    return np.unique(np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 200), np.linspace(0.0, end, 8001)]))


def machine() -> dict[str, Any]:
    """The machine and the versions that the figures belong to."""
    packages = {name: _version(name) for name in ("ionstone", "pybamm", "pybammsolvers", "casadi", "numpy")}
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": packages,
        "load_average": os.getloadavg()[0],
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def heading() -> None:
    """Print the machine, its load and the versions."""
    where = machine()
    print(
        f"{where['processor']}, {where['cores']} cores, load {where['load_average']:.2f}, {where['packages']}"
    )


def ratio_row(title: str, theirs: float, ours: float, goal: str, form: str = ".3f") -> list[str]:
    """A row of a table: both figures, how many times faster (or smaller) ours is, and the goal."""
    return [title, format(theirs, form), format(ours, form), f"{theirs / ours:.1f}", goal]


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as aligned text; the first row is the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(row: Sequence[str]) -> str:
        first = row[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        return "  ".join([first, *rest]).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([line(rows[0]), rule, *map(line, rows[1:])])


def write_results(name: str, results: dict[str, Any]) -> Path:
    """Write ``results`` as JSON to the results folder and return the path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return path


def _version(name: str) -> str:
    try:
        return version(name)
    except Exception:
        return "from source" if name == "ionstone" else "absent"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()
