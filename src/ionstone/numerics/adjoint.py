"""The discrete adjoint: one run back gives the derivatives of one number to every input of its design.

A run is recorded: its rows, and in the kernel the states of its accepted steps. Cotangents of the rows then
go backwards through the same steps, for as many numbers as are wanted. Cost does not grow with parameters.
"""

from __future__ import annotations

import ctypes as ct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ionstone.numerics.kernel import RUNNING, Batch, _Memory, _Protocol
from ionstone.numerics.tangents import Seed

FloatArray = NDArray[np.float64]
#: values of stages that a recording keeps: 256 MB
STAGES = 1 << 25
_NAMES = ("globals", "nodes", "faces", "particles", "profile", "levels", "state")


@dataclass(eq=False)
class Cotangents:
    """Derivatives of a number to the inputs of one design; shapes as in ``Seed``.

    ``tables``: [region][slot] -> derivatives to the pieces of that table.
    """

    globals: FloatArray
    nodes: FloatArray
    faces: FloatArray
    particles: FloatArray
    state: FloatArray
    profile: FloatArray
    levels: FloatArray
    tables: Sequence[Sequence[FloatArray]]

    def along(self, seed: Seed) -> float:
        """The derivative of the number to one parameter."""
        total = sum(float(np.vdot(getattr(self, n), _padded(getattr(seed, n), n))) for n in _NAMES)
        for mine, theirs in zip(self.tables, seed.tables, strict=True):
            for bar, pieces in zip(mine, theirs, strict=True):
                if pieces is not None:
                    total += float(np.vdot(bar, pieces))
        return total


def _padded(values: FloatArray, name: str) -> FloatArray:
    """Levels of a protocol without events: the kernel holds one that is never read."""
    return np.zeros(1) if name == "levels" and np.size(values) == 0 else np.asarray(values, dtype=float)


class _Cotangents(ct.Structure):
    _fields_ = [(name, ct.c_void_p) for name in ("rows", *_NAMES, "tables")]


class Recording:
    """The run of a batch of one lane, kept for its adjoint: ``rows`` and ``status``."""

    def __init__(
        self,
        batch: Batch,
        *,
        tolerance: float,
        first_step: float = 1e-2,
        max_attempts: int = 1_000_000,
        stages: int = STAGES,
    ) -> None:
        """``stages``: values of stages that are kept; beyond them stages are computed again."""
        if batch.count != 1:
            raise ValueError(f"an adjoint is of one design, the batch has {batch.count}")
        self.batch, self.lib, self.memory = batch, batch.kernel.lib, _Memory()
        self.lib.ion_log.restype = ct.c_void_p
        self.log = ct.c_void_p(self.lib.ion_log(ct.c_longlong(stages)))
        capacity, width = 2000, 2 + len(batch.form.all_outputs)
        value, index = np.zeros((1, 5)), np.zeros((1, 8), dtype=np.int32)
        state = np.ascontiguousarray(batch.lanes.state[:1]).copy()
        rows, counter, stop = np.zeros((capacity, width)), np.zeros(1, np.int32), np.zeros(1, np.int32)
        self.arguments = _Protocol(
            *batch.pointers,
            *(self.memory.address(a) for a in (value, index, state, rows)),
            0,
            tolerance,
            first_step,
            1,
            capacity,
            2,
            max_attempts,
            self.memory.address(counter),
            self.memory.address(stop),
        )
        got = []
        while True:
            self._call("ion_record", self.log)
            got.append(rows[: index[0, 2]].copy())
            index[0, 2] = 0
            if index[0, 1] != RUNNING:
                break
        self.rows, self.status = np.concatenate(got), int(index[0, 1])

    def __del__(self) -> None:
        if getattr(self, "log", None):
            self.lib.ion_forget(self.log)

    def _call(self, name: str, *more: object) -> None:
        kernel = self.batch.kernel
        if getattr(self.lib, name)(
            kernel.handle, ct.byref(self.batch.inputs), ct.byref(self.arguments), *more
        ):
            raise ValueError("no adjoint is built for this model")

    def cotangents(self, rows: FloatArray) -> Cotangents:
        """Derivatives of sum(rows * self.rows) to every input, at held step sizes.

        ``rows``: derivatives of a number to the rows, [row, column], time first.
        """
        if rows.shape != self.rows.shape:
            raise ValueError(f"cotangents of rows have shape {rows.shape}, the rows {self.rows.shape}")
        lanes, memory = self.batch.lanes, _Memory()
        parts = {n: np.zeros(getattr(lanes, n).shape[1:]) for n in ("globals", "nodes", "faces", "particles")}
        parts |= {"state": np.zeros(lanes.state.shape[1]), "profile": np.zeros(self.batch.knots)}
        parts["levels"] = np.zeros(max(len(self.batch.events), 1))
        tables = [[np.zeros_like(t.pieces) for t in region] for region in lanes.tables[0]]
        pointers = np.array([memory.address(t) for region in tables for t in region], dtype=np.uintp)
        out = _Cotangents(
            memory.floats(rows), *(memory.address(parts[n]) for n in _NAMES), memory.address(pointers)
        )
        self._call("ion_adjoint", self.log, ct.byref(out))
        return Cotangents(**parts, tables=tables)
