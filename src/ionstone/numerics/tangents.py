"""Forward tangents: the kernel's stepper on values with four tangents, exact for the steps it takes.

The tangents of the inputs of one design go in, those of every recorded row come out, through events,
switches of the control and whole protocols. Step sizes carry no tangent; the time of an event does
(implicit function theorem).
"""

from __future__ import annotations

import ctypes as ct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ionstone.numerics.kernel import RUNNING, Batch, _Inputs, _Memory, _Protocol

FloatArray = NDArray[np.float64]
WIDTH = 4


@dataclass(eq=False)
class Seed:
    """Derivatives of the inputs of one design to one parameter; shapes as in ``Lanes`` without lanes.

    ``tables``: [region][slot] -> pieces of the derivative on the same knots, or None. ``profile``: of the
    set points of all knots of the protocol; ``levels``: of the levels of its events.
    """

    globals: FloatArray
    nodes: FloatArray
    faces: FloatArray
    particles: FloatArray
    state: FloatArray
    profile: FloatArray
    levels: FloatArray
    tables: Sequence[Sequence[FloatArray | None]]


@dataclass(eq=False)
class TangentOutcome:
    """Rows of the design, their derivatives [row, column, parameter], and its status."""

    rows: FloatArray
    tangents: FloatArray
    status: int


class _Tangents(ct.Structure):
    _fields_ = [
        (name, ct.c_void_p)
        for name in (
            "globals",
            "nodes",
            "faces",
            "particles",
            "profile",
            "state",
            "time",
            "rows",
            "tables",
            "levels",
        )
    ]


def run_tangents(
    batch: Batch,
    seeds: Sequence[Seed],
    *,
    tolerance: float,
    first_step: float = 1e-2,
    max_attempts: int = 1_000_000,
) -> TangentOutcome:
    """The run of a batch of one lane, with derivatives along every seed, four at a time."""
    if batch.count != 1:
        raise ValueError(f"tangents are of one design, the batch has {batch.count}")
    parts, rows, status = [], np.empty((0, 0)), RUNNING
    for first in range(0, len(seeds), WIDTH):
        group = seeds[first : first + WIDTH]
        rows, tangents, status = _run(batch, group, tolerance, first_step, max_attempts)
        parts.append(tangents[:, :, : len(group)])
    return TangentOutcome(rows, np.concatenate(parts, axis=2), status)


def _stack(group: Sequence[Seed], name: str) -> FloatArray:
    out = np.zeros((*np.shape(getattr(group[0], name)), WIDTH))
    for k, seed in enumerate(group):
        out[..., k] = getattr(seed, name)
    return out


def _tables(group: Sequence[Seed], memory: _Memory) -> int:
    pointers = []
    for k in range(WIDTH):
        for i, region in enumerate(group[0].tables):
            for j in range(len(region)):
                pieces = group[k].tables[i][j] if k < len(group) else None
                pointers.append(0 if pieces is None else memory.floats(pieces))
    return memory.address(np.array(pointers, dtype=np.uintp))


def _run(
    batch: Batch, group: Sequence[Seed], tolerance: float, first_step: float, max_attempts: int
) -> tuple[FloatArray, FloatArray, int]:
    memory, capacity, width = _Memory(), 2000, 2 + len(batch.form.all_outputs)
    value, index = np.zeros((1, 5)), np.zeros((1, 8), dtype=np.int32)
    state = np.ascontiguousarray(batch.lanes.state[:1]).copy()
    rows, tangent_rows = np.zeros((capacity, width)), np.zeros((capacity, width, WIDTH))
    state_tangent, time_tangent = _stack(group, "state"), np.zeros(WIDTH)
    t = _Tangents(
        *(memory.floats(_stack(group, n)) for n in ("globals", "nodes", "faces", "particles", "profile")),
        memory.address(state_tangent),
        memory.address(time_tangent),
        memory.address(tangent_rows),
        _tables(group, memory),
        memory.floats(_stack(group, "levels")),
    )
    inputs = _Inputs(*(getattr(batch.inputs, field[0]) for field in _Inputs._fields_[:-1]), ct.addressof(t))
    counter, stop = np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int32)
    arguments = _Protocol(
        *batch.pointers,
        *(int(a.ctypes.data) for a in (value, index, state, rows)),
        0,
        tolerance,
        first_step,
        1,
        capacity,
        2,
        max_attempts,
        int(counter.ctypes.data),
        int(stop.ctypes.data),
    )
    got, got_tangents = [], []
    while True:
        if batch.kernel.lib.ion_tangents(batch.kernel.handle, ct.byref(inputs), ct.byref(arguments)):
            raise ValueError("no kernel of duals is built for this model")
        k = int(index[0, 2])
        got.append(rows[:k].copy())
        got_tangents.append(tangent_rows[:k].copy())
        index[0, 2] = 0
        if index[0, 1] != RUNNING:
            return np.concatenate(got), np.concatenate(got_tangents), int(index[0, 1])
