"""Drive the kernel through everything it does, for a build under the sanitizers (make sanitize).

Cells of every kind and level, lanes and threads, protocols with switches and events, too few rows, bad
numbers in the data of single lanes, and packed models damaged at random. The sanitizers stop the process at
the first fault; this script checks that the runs ended as they should.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

import numpy as np

import ionstone as ion
from ionstone.cell_model.build import Builder
from ionstone.cell_model.levels import LEVELS
from ionstone.cell_model.options import options_of
from ionstone.numerics.kernel import Kernel, Lanes
from ionstone.numerics.loader import kernel_path
from ionstone.numerics.pack import pack

CELLS = ("lg-m50", "lfp-graphite", "sodium-nvpf", "sulfide-li", "qse5", "semi-solid-360", "polymer-lfp")
SMALL = ion.Grid(negative=4, separator=3, positive=5, radial=6)
CYCLE = [
    "Discharge at C/2 for 40 minutes",
    "Rest for 5 minutes",
    "Charge at C/2 for 20 minutes",
    "Discharge at 1C",
]


def single_runs() -> int:
    """Each cell at each level and with each kind of heat."""
    count = 0
    for name in CELLS:
        for model in ("P2D", "SPMe", "SPM"):
            for heat in ("isothermal", "lumped"):
                run = ion.simulate(name, CYCLE, model=model, heat=heat, grid=SMALL)
                assert np.all(np.isfinite(run.voltage)), (name, model, heat)
                count += 1
    return count


def controls() -> int:
    """Voltage, power, resistance, a profile, and a run of one point a row."""
    cell = ion.load_cell("lg-m50")
    drive = ion.Profile((0.0, 10.0, 20.0, 40.0), (0.0, 20.0, -10.0, 5.0))
    texts = [
        "Charge at 1C until 4.1 V",
        "Hold at 4.1 V until C/10",
        "Discharge at 10 W for 60 s",
        "Discharge at 1 ohm for 60 s",
    ]
    ion.simulate(cell, [*texts, ion.Step("power", drive)], soc=0.5, grid=SMALL)
    ion.simulate(cell, texts, soc=0.5, grid=SMALL, dense=False)
    ion.simulate(cell, "Discharge at C/3 until 2.5 V", soc=1.0, tolerance=1e-7, grid=SMALL)  # many rows
    return 3


def batches() -> int:
    """One to nine lanes on one and two threads give what single runs give."""
    cell = ion.load_cell("lg-m50")
    designs = [cell.replace({"positive.thickness": 1e-6 * (70 + 2 * k)}) for k in range(9)]
    for count, threads in ((1, 1), (4, 1), (9, 1), (9, 2)):
        batch = ion.simulate_batch(
            designs[:count], "Discharge at 1C until 2.5 V", grid=SMALL, threads=threads
        )
        assert not batch.code.any()
    return 4


def gradients() -> int:
    """The adjoint of cells of every kind: events, switches of control, profiles, heat, few stages kept."""
    drive = ion.Step("power", ion.Profile((0.0, 10.0, 20.0, 40.0), (0.0, 20.0, -10.0, 5.0)))
    count, paths = 0, ["positive.thickness", "separator.porosity"]
    for name in ("lg-m50", "qse5", "polymer-lfp"):
        for model in ("P2D", "SPMe", "SPM"):
            for heat in ("isothermal", "lumped"):
                protocol = [*CYCLE, *([drive] if name == "lg-m50" else [])]
                for method in ("adjoint", "tangents"):
                    slope = ion.gradient(
                        name, protocol, of="discharge_energy", to=paths,
                        model=model, heat=heat, grid=SMALL, method=method,
                    )  # fmt: skip
                    assert np.all(np.isfinite(list(slope.values()))), (name, model, heat)
                    count += 1
    return count


def poisons() -> Iterator[tuple[str, float]]:
    """Where in the data of a lane, and which bad number."""
    for part in ("globals", "nodes", "faces", "particles", "state"):
        for value in (np.nan, np.inf, -1.0, 0.0, 1e300):
            yield part, value


def bad_lanes() -> int:
    """A lane with bad numbers ends with a code or a run; its neighbours are not touched."""
    cell, count = ion.load_cell("lg-m50"), 0
    rng = np.random.default_rng(1)
    build = Builder.build
    for part, value in poisons():

        def spoilt(self: Builder, conditions: object, part: str = part, value: float = value) -> Lanes:
            lanes = build(self, conditions)
            data = getattr(lanes, part)[1].reshape(-1)
            data[rng.integers(0, data.size, 3)] = value
            return lanes

        with patch.object(Builder, "build", spoilt), np.errstate(all="ignore"):
            batch = ion.simulate_batch([cell] * 4, "Discharge at 2C for 60 s", grid=SMALL, max_steps=2000)
        assert not batch.code[[0, 2, 3]].any(), (part, value, batch.code)
        count += 1
    return count


def damaged_models(tries: int = 3000) -> int:
    """A packed model with a wrong number is refused or read, never read past its end."""
    cell, rng, refused = ion.load_cell("lg-m50"), np.random.default_rng(2), 0
    form = LEVELS["P2D"].form(options_of([cell.parameters()], True))
    packed = pack(form)
    whole = np.frombuffer(packed.integers, dtype=np.int32)
    for k in range(tries):
        ints = whole.copy() if k % 4 else whole[: rng.integers(0, whole.size)].copy()
        if k % 4:
            ints[rng.integers(0, ints.size)] = rng.choice([-1, 0, 1, 7, 1000, 2**31 - 1, -(2**31)])
        try:
            Kernel(form, replace(packed, integers=ints.tobytes()))
        except ValueError:
            refused += 1
    assert refused > tries // 4
    return refused


def main() -> None:
    """Run all parts and say what was done."""
    print(f"kernel {kernel_path()}")
    for part in (single_runs, controls, batches, gradients, bad_lanes, damaged_models):
        print(f"{part.__name__.replace('_', ' ')}: {part()}", flush=True)
    print("the sanitizers found nothing")


if __name__ == "__main__":
    sys.exit(main())
