"""Drive the kernel from several threads, for a build under the thread sanitizer (make thread-sanitize).

Batches whose lanes threads share, different models loaded, run and freed side by side, one prepared design
used by several threads, gradients and steppers in threads. The sanitizer stops the process at the first
race of two threads in the kernel (a race planted in the counter of lanes was found); this script checks
that threads change no number.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

import ionstone as ion
from ionstone.numerics import kernel as core
from ionstone.numerics.loader import kernel_path
from ionstone.simulation.arguments import conditions_of, plan_of, protocols_of
from ionstone.simulation.compile import Compiler
from ionstone.simulation.prepare import prepare

SMALL = ion.Grid(negative=4, separator=3, positive=5, radial=6)
CYCLE = ["Discharge at C/2 for 40 minutes", "Rest for 5 minutes", "Charge at C/2 for 20 minutes"]
MODELS = [("lg-m50", "P2D"), ("sulfide-li", "P2D"), ("lg-m50", "SPMe"), ("sodium-nvpf", "SPM")]


def side_by_side(calls: list[Callable[[], Any]]) -> list[Any]:
    """Results of calls, each in a thread of its own."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [f.result() for f in [pool.submit(call) for call in calls]]


def shared_lanes() -> int:
    """Threads that take lanes of one batch give what one thread gives."""
    designs = ion.vary("lg-m50", {"positive.thickness": np.linspace(70e-6, 80e-6, 18)})
    protocols = ["Discharge at 1C until 2.5 V", CYCLE] * 9
    one, four = (
        ion.simulate(designs, [ion.parse_protocol(p) for p in protocols], grid=SMALL, threads=n)
        for n in (1, 4)
    )
    for name, values in one.summary.items():
        assert np.array_equal(values, four.summary[name], equal_nan=name != "end_reason"), name
    return len(one)


def different_models() -> int:
    """Models that are loaded, run and freed in threads share nothing."""

    def run(name: str, model: str) -> np.ndarray:
        return np.concatenate([ion.simulate(name, CYCLE, model=model, grid=SMALL).voltage for _ in range(3)])

    alone = [run(*each) for each in MODELS]
    together = side_by_side([lambda each=each: run(*each) for each in MODELS])
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))
    return len(MODELS)


def one_model() -> int:
    """Two threads run different protocols on the same loaded model and the same prepared design."""
    cell = ion.load_cell("lg-m50")
    plan = plan_of("P2D", "lumped", SMALL, 1e-4)
    prepared = prepare([cell], plan, conditions_of([cell], None, None, None))
    compiler = Compiler(prepared.form, cell.parameters().scalars, prepared.planar)
    lanes = prepared.lanes

    def run(text: str) -> np.ndarray:
        steps = compiler.protocol(protocols_of([cell], [ion.parse_protocol(text)], True)[0])
        batch = core.Batch(lanes.kernel, lanes.grid, lanes.lanes, [steps], lanes)
        return np.concatenate([batch.run().rows[0] for _ in range(3)])

    texts = ["Discharge at 1C until 3 V", "Discharge at 2C for 10 minutes", "Rest for 1 hour"]
    alone = [run(text) for text in texts]
    together = side_by_side([lambda text=text: run(text) for text in texts])
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))
    return len(texts)


def gradients_and_steppers() -> int:
    """Gradients and steppers work in threads."""

    def gradient() -> float:
        to = ["positive.thickness", "negative.particle_radius"]
        found = ion.gradient(
            "lg-m50", "Discharge at 1C until 2.5 V", of="discharge_capacity", to=to, grid=SMALL
        )
        return float(found["positive.thickness"])

    def steps() -> float:
        stepper = ion.stepper("lg-m50", grid=SMALL)
        for k in range(50):
            stepper.step(1.0, current=1.0 + 0.1 * (k % 5))
        return float(stepper["voltage"])

    alone = [gradient(), steps()]
    together = side_by_side([gradient, steps, gradient, steps])
    assert together == alone * 2
    return len(together)


def main() -> None:
    """Run all parts and say what was done."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    if "libtsan" not in maps:
        raise SystemExit("the thread sanitizer is not loaded: use make thread-sanitize")
    print(f"kernel {kernel_path()}")
    for part in (shared_lanes, different_models, one_model, gradients_and_steppers):
        print(f"{part.__name__.replace('_', ' ')}: {part()}", flush=True)
    print("the thread sanitizer found nothing")


if __name__ == "__main__":
    sys.exit(main())
