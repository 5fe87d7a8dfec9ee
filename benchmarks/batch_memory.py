"""Peak memory and rate of large batches of P2D discharges of ionstone: memory must not grow with the designs.

    python benchmarks/batch_memory.py [--designs 1000 4000 16000]

Chen2020 at 1C to 2.5 V, 3 x 20 cells and 20 radial cells, thicknesses, radii and conductivities varied by
5 %; each batch in a fresh process, all from its start to the summary (``ion.vary``, ``ion.simulate``).
"""

from __future__ import annotations

import argparse
import time

from common import heading, process_memory, table

BATCH = """
import numpy as np
import ionstone as ion
cell, rng = ion.load_cell("lg-m50"), np.random.default_rng(0)
kinds = ("thickness", "particle_radius", "conductivity")
paths = [f"{{e}}.{{k}}" for e in ("negative", "positive") for k in kinds]
designs = ion.vary(cell, {{p: cell[p] * rng.uniform(0.95, 1.05, {count}) for p in paths}})
runs = ion.simulate(designs, "Discharge at 1C until 2.5 V", tolerance=5e-4)
energy = runs.summary["discharge_energy"]
assert np.isfinite(energy).all()
"""


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="memory of large batches")
    parser.add_argument("--designs", type=int, nargs="+", default=[1000, 4000, 16000])
    counts = parser.parse_args().designs
    heading()
    rows = [["designs", "peak memory [MiB]", "whole process [s]", "designs/s"]]
    for count in counts:
        start = time.perf_counter()
        memory = process_memory(BATCH.format(count=count))
        wall = time.perf_counter() - start
        rows.append([str(count), f"{memory:.0f}", f"{wall:.1f}", f"{count / wall:.0f}"])
    print(table(rows))


if __name__ == "__main__":
    main()
