"""One lane of the kernel, advanced piece by piece with buffers that are made once."""

from __future__ import annotations

import ctypes as ct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ionstone.core.errors import SimulationError
from ionstone.numerics import kernel as core

FloatArray = core.FloatArray
#: control, set point
Held: TypeAlias = tuple[str, float]
#: output, +1 above or -1 below, level
Level: TypeAlias = tuple[int, int, float]
#: rows fetched at once; more steps of time than that are worked in several calls
_ROWS = 64
_ATTEMPTS = 100_000
#: [s] first step of time after the load has changed, where no step before tells more
_FIRST = 1e-2


@dataclass(frozen=True, eq=False)
class LaneState:
    """A point of a lane: its states, outputs, time and what the step size control knows."""

    state: FloatArray
    outputs: tuple[float, ...]
    time: float
    size: float
    held: Held | None


class Lane:
    """The first design of a prepared batch, between calls of ``advance``."""

    def __init__(self, prepared: core.Prepared, tolerance: float) -> None:
        self.prepared = prepared  # its arrays are read by the kernel
        form = prepared.form
        self.names = list(form.all_outputs)
        self.columns = {name: i for i, name in enumerate(self.names)}
        self.time, self.outputs = 0.0, ()  # type: tuple[float, tuple[float, ...]]
        self._held: Held | None = None
        self._size = 0.0
        self._count = len(form.outputs)
        self._state = np.ascontiguousarray(prepared.lanes.state[0], dtype=np.float64).copy()
        self._before = np.empty_like(self._state)
        self._value, self._index = np.zeros(5), np.zeros(8, dtype=np.int32)
        self._rows = np.zeros((_ROWS, 2 + len(self.names)))
        self._step, self._knot = np.zeros(1 + self._count), np.zeros(2)
        self._where = np.array([0, 1, 0, 0, 0, 1], dtype=np.int32)  # first step, steps; events, knots
        self._signals = np.zeros(2, dtype=np.int32)  # next lane, stop
        self._events: dict[tuple[str, int], tuple[int, int]] = {}
        self._weights: dict[str, FloatArray] = {}
        self._levels: list[Level] = []
        self._tolerance = tolerance
        self._arguments: core._Protocol | None = None

    def lay_out(self, events: Mapping[tuple[str, int], Sequence[Level]], weights: Mapping[str, int]) -> None:
        """Set the events of each control and sign of its set point, and the output that each control holds.

        The control "resistance" holds voltage - R current at 0, R being its set point.
        """
        self._levels = [e for part in events.values() for e in part]
        first = 0
        for key, part in events.items():
            self._events[key] = (first, len(part))
            first += len(part)
        for control, output in weights.items():
            self._weights[control] = np.zeros(self._count)
            self._weights[control][output] = 1.0
        rows = [(output, sign, core.END_OF_RUN) for output, sign, _ in self._levels] or [(0, 1, -1)]
        self._event_index = np.array(rows, dtype=np.int32)
        self._event_level = np.array([level for *_, level in self._levels] or [0.0])
        self._arguments = self._pack()
        if self._held is not None:
            self._aim(*self._held)

    def _pack(self, rows: int = _ROWS) -> core._Protocol:
        at = [
            int(v.ctypes.data)
            for v in (self._where, self._where, self._step, self._event_index, self._event_level, self._knot)
        ]
        at[1] += 2 * self._where.itemsize
        lane = [int(v.ctypes.data) for v in (self._value, self._index, self._state, self._rows)]
        signals = int(self._signals.ctypes.data)
        return core._Protocol(
            *at, self.prepared.lumped_weight, *lane, 0, self._tolerance, _FIRST,
            1, rows, 0, _ATTEMPTS, signals, signals + self._signals.itemsize,
        )  # fmt: skip

    def start(self) -> None:
        """Outputs at the start, at rest: the load is entered and no step of time is made."""
        self._aim("current", 0.0)
        self._step[0] = 1.0
        self._begin(False)
        self._call(self._pack(rows=3))
        if self._index[1] >= core.STEP_TOO_SMALL or not self._index[2]:
            raise SimulationError("no consistent state at rest was found at the start: change soc")
        self._take(int(self._index[2]))

    def advance(self, dt: float, control: str, set_point: float) -> tuple[int, Level | None]:
        """Hold a control for ``dt``; (0, None), (0, event met first), or (code of failure, None).

        A failure leaves the lane as it was.
        """
        if self._arguments is None:
            raise ValueError("lay_out comes before advance")
        same = self._held == (control, set_point)  # else the state is made consistent with the new load
        np.copyto(self._before, self._state)
        if not same:
            self._aim(control, set_point)
        self._step[0] = dt
        self._begin(same)
        self._value[2] = min(self._size, dt) if self._size > 0 else 0.0
        index = self._index
        longest, last = 0.0, self.time
        while True:
            self._call(self._arguments)
            count = int(index[2])
            if count:
                times = self._rows[:count, 0]
                longest = max(longest, float(times[0]) - last, float(np.diff(times).max(initial=0.0)))
                last = float(times[-1])
            if index[1] != core.RUNNING:
                break
            index[2] = 0
        status = int(index[1])
        if status >= core.STEP_TOO_SMALL or not count:
            np.copyto(self._state, self._before)
            self._held = None
            return status or core.STOPPED, None
        rejected = int(index[4]) - int(index[3])
        self._held, self._size = (control, set_point), longest * (1.0 if rejected else 4.0)
        self._take(count)
        if status == core.ENDED_BY_EVENT:
            self._held = None
            return 0, self._levels[int(index[5])]
        return 0, None

    def save(self) -> LaneState:
        """The present point."""
        return LaneState(self._state.copy(), self.outputs, self.time, self._size, self._held)

    def restore(self, point: LaneState) -> None:
        """Go back to a point."""
        np.copyto(self._state, point.state)
        self.outputs, self.time, self._size, self._held = point.outputs, point.time, point.size, None
        if point.held is not None:
            self._aim(*point.held)
            self._held = point.held

    def _aim(self, control: str, set_point: float) -> None:
        sign = (set_point > 0) - (set_point < 0)
        self._where[2], self._where[3] = self._events[control, sign]
        self._step[1:] = self._weights[control]
        self._knot[1] = set_point
        if control == "resistance":
            self._step[1 + self.columns["current"]], self._knot[1] = -set_point, 0.0

    def _begin(self, entered: bool) -> None:
        self._value[:] = self.time, 0.0, 0.0, 0.0, 0.0
        self._index[:] = 0
        self._index[5], self._index[6] = -1, entered

    def _call(self, arguments: core._Protocol) -> None:
        self._signals[:] = 0
        kernel = self.prepared.kernel
        if kernel.lib.ion_run(kernel.handle, ct.byref(self.prepared.inputs), ct.byref(arguments), 1):
            raise ValueError("no kernel is built for this model")

    def _take(self, count: int) -> None:
        row = self._rows[count - 1].tolist()
        self.time, self.outputs = row[0], tuple(row[2:])
