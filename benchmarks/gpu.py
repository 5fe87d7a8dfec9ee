"""Designs a second on a GPU: P2D discharges, each thread works one design (ionstone alone).

    python benchmarks/gpu.py [--designs 1000 10000 100000]

Needs nvcc and a GPU; where one is missing it says so and ends. Chen2020 at 1C to 2.5 V, 3 x 20 cells and 20
radial cells, thicknesses, radii and conductivities varied by 5 %; the kernel is the one of the package,
compiled for the GPU that is there (``gpu_build.py``), all around it (designs, layout, metrics) is the
package as it is. A sample of the designs is also run on the processor: its energies must agree to 1e-6.
"""

from __future__ import annotations

import argparse
import ctypes as ct
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import gpu_build
import numpy as np
from common import heading, table

import ionstone as ion
from ionstone.numerics import kernel as core
from ionstone.numerics.pack import pack
from ionstone.simulation import chunks

#: lanes given to the GPU at once, and to the processor for comparison
AT_ONCE, SAMPLE = 16384, 64
ALLOWED = 1e-6
KINDS = ("thickness", "particle_radius", "conductivity")


def devices() -> int:
    """GPUs that the driver of this machine knows; 0 without a driver."""
    try:
        driver = ct.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ct.c_int(0)
    return count.value if not driver.cuInit(0) and not driver.cuDeviceGetCount(ct.byref(count)) else 0


class Gpu:
    """The compiled kernel of a GPU, and memory that both sides reach."""

    def __init__(self, path: Any) -> None:
        self.lib = ct.CDLL(str(path))
        self.lib.gpu_memory.restype = self.lib.gpu_load.restype = ct.c_void_p
        self.lib.gpu_memory.argtypes, self.lib.gpu_release.argtypes = [ct.c_size_t], [ct.c_void_p]
        self.seconds = 0.0
        self._models: dict[int, tuple[Any, ct.c_void_p]] = {}

    @property
    def name(self) -> str:
        """Name of the GPU."""
        text = ct.create_string_buffer(256)
        self.lib.gpu_name(text, 256)
        return text.value.decode()

    def model(self, form: Any) -> ct.c_void_p:
        """A model, loaded once."""
        if id(form) not in self._models:
            packed = pack(form)
            ints = np.frombuffer(packed.integers, dtype=np.int32)
            doubles = np.frombuffer(packed.constants, dtype=np.float64) if packed.constants else np.zeros(1)
            handle = self.lib.gpu_load(
                ct.c_void_p(ints.ctypes.data),
                ct.c_long(ints.size),
                ct.c_void_p(doubles.ctypes.data),
                ct.c_long(doubles.size),
            )
            if not handle:
                raise RuntimeError("the model does not fit into the memory of the GPU")
            self._models[id(form)] = (form, ct.c_void_p(handle))
        return self._models[id(form)][1]

    def run(self, batch: core.Batch, args: Any) -> None:
        """What ``ion_run`` does, on the GPU: the arrays of a call go there and come back."""
        room: list[int] = []

        def put(values: np.ndarray) -> int:
            address = self.lib.gpu_memory(values.nbytes)
            if not address:
                raise RuntimeError(f"no {values.nbytes} bytes of memory of the GPU are left")
            room.append(address)
            ct.memmove(address, values.ctypes.data, values.nbytes)
            return int(address)

        known: dict[int, np.ndarray] = {}
        for held in (*batch.prepared.memory.arrays, *batch.memory.arrays):
            array = getattr(held, "pieces", held)
            if isinstance(array, np.ndarray):
                known[int(array.ctypes.data)] = array
        placed: dict[int | None, int] = {None: 0, 0: 0}

        def place(address: int | None) -> int:
            if address not in placed:
                placed[address] = put(known[address])  # type: ignore[index]
            return placed[address]

        inputs, protocol = type(batch.inputs)(), type(args)()
        for name, _ in inputs._fields_:
            address = getattr(batch.inputs, name)
            if name in ("radii", "tables"):  # arrays of addresses
                inner = known[address]
                moved = [place(int(a)) for a in inner.ravel()]
                setattr(inputs, name, put(np.array(moved, dtype=np.uintp)))
            else:
                setattr(inputs, name, place(address))
        count, states = batch.count, batch.lanes.state.shape[1]
        width = 2 + len(batch.form.all_outputs)
        shapes = {
            "lane_value": ((count, 5), np.float64),
            "lane_index": ((count, 8), np.int32),
            "state": ((count, states), np.float64),
            "rows": ((count, args.capacity, width), np.float64),
            "next": ((1,), np.int32),
            "stop": ((1,), np.int32),
        }
        for name, kind in protocol._fields_:
            value = getattr(args, name)
            if kind is ct.c_void_p and name not in shapes:
                value = place(value)
            setattr(protocol, name, value)
        pairs = {}
        for name, (shape, kind) in shapes.items():
            here = _view(getattr(args, name), shape, kind)
            if name == "rows":
                there = self.lib.gpu_memory(here.nbytes)
                room.append(there)
            else:
                there = put(here)
            setattr(protocol, name, there)
            pairs[name] = (here, there)
        start = time.perf_counter()
        code = self.lib.gpu_run(self.model(batch.form), ct.byref(inputs), ct.byref(protocol))
        self.seconds += time.perf_counter() - start
        if code:
            raise RuntimeError(f"the GPU gave the error {code}")
        for name, (here, there) in pairs.items():
            shape, kind = shapes[name]
            back = _view(there, shape, kind)
            if name == "rows":
                most = int(pairs["lane_index"][0][:, 2].max(initial=0))
                here[:, :most] = back[:, :most]
            else:
                here[...] = back
        for address in room:
            self.lib.gpu_release(address)


def _view(address: int, shape: tuple[int, ...], kind: Any) -> np.ndarray:
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    return np.frombuffer((ct.c_char * size).from_address(address), dtype=kind).reshape(shape)


@contextmanager
def on(gpu: Gpu) -> Iterator[None]:
    """Batches of the package run on the GPU."""

    def call(self: core.Batch, args: Any, wide: int, threads: int, stop: Any, tell: Any) -> None:
        gpu.run(self, args)
        tell()

    with (
        patch.object(core.Batch, "_call", call),
        patch.multiple(chunks, _FIRST=AT_ONCE, _MOST=AT_ONCE, _BYTES=1e12),
    ):
        yield


def varied(count: int) -> Any:
    """Designs of the benchmark."""
    cell, rng = ion.load_cell("lg-m50"), np.random.default_rng(0)
    paths = [f"{e}.{k}" for e in ("negative", "positive") for k in KINDS]
    return ion.vary(cell, {p: cell[p] * rng.uniform(0.95, 1.05, count) for p in paths})


def energies(designs: Any, **settings: Any) -> np.ndarray:
    """Energy of each design [J]."""
    runs = ion.simulate(designs, "Discharge at 1C until 2.5 V", tolerance=5e-4, dense=False, **settings)
    energy: np.ndarray = runs.summary["discharge_energy"]
    return energy


def compared(gpu: Gpu, designs: Any, **settings: Any) -> float:
    """Largest relative difference of the energies of designs on the GPU and on the processor."""
    with on(gpu):
        there = energies(designs, **settings)
    here = energies(designs, **settings)
    return float(np.max(np.abs(there / here - 1)))


def main() -> None:
    """Measure and print the table, or say what is missing."""
    parser = argparse.ArgumentParser(description="designs a second on a GPU")
    parser.add_argument("--designs", type=int, nargs="+", default=[1000, 10_000, 100_000])
    counts = parser.parse_args().designs
    if not devices():
        print("no GPU is present: nothing was run")
        return
    if shutil.which("nvcc") is None:
        print("no nvcc is present: the kernel was not compiled for the GPU, nothing was run")
        return
    start = time.perf_counter()
    gpu = Gpu(gpu_build.compiled(arch="native"))
    heading()
    print(f"{gpu.name}, kernel compiled in {time.perf_counter() - start:.0f} s")
    error = compared(gpu, varied(SAMPLE))
    print(f"energies of {SAMPLE} designs on the GPU and on the processor differ by {error:.1e} at most")
    if not error < ALLOWED:
        raise SystemExit(f"more than {ALLOWED:g}: the GPU's figures do not count")
    rows = [["designs", "whole [s]", "designs/s", "on the GPU [s]", "designs/s on the GPU"]]
    for count in counts:
        designs, gpu.seconds, start = varied(count), 0.0, time.perf_counter()
        with on(gpu):
            energy = energies(designs)
        wall = time.perf_counter() - start
        assert np.isfinite(energy).all()
        busy = [f"{gpu.seconds:.2f}", f"{count / gpu.seconds:.0f}"]
        rows.append([str(count), f"{wall:.2f}", f"{count / wall:.0f}", *busy])
    print(table(rows))


if __name__ == "__main__":
    main()
