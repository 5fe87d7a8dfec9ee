"""Many lanes of the kernel, advanced together piece by piece under currents that are linear in time."""

from __future__ import annotations

import ctypes as ct
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import Any

import numpy as np

from ionstone.cell_design import Cell
from ionstone.cell_model.build import Builder, Conditions
from ionstone.cell_model.options import options_of
from ionstone.core.errors import InputError
from ionstone.numerics import kernel as core
from ionstone.simulation.prepare import Plan, _kernel

FloatArray = core.FloatArray
#: rows fetched at once; only the last is kept
_ROWS = 16
_ATTEMPTS = 100_000
#: [s] first step of time of a lane that has none before
_FIRST = 1e-2


@dataclass(frozen=True, eq=False)
class LanesState:
    """A point of all lanes: states, outputs, time and sizes of the steps of time."""

    state: FloatArray
    outputs: FloatArray
    time: float
    size: FloatArray


class Lanes:
    """Cells as lanes of one batch: ``enter`` currents at once, ``advance`` with currents linear in time.

    ``outputs[lane, column]`` are those at the present time, ``columns`` their names; the current of a lane
    is that of one cell [A], positive on discharge. Lanes are worked in vectors and in ``threads``.
    """

    def __init__(self, prepared: core.Prepared, tolerance: float, threads: int = 1) -> None:
        self.prepared, self.count = prepared, prepared.count
        form = prepared.form
        self.columns = {name: i for i, name in enumerate(form.all_outputs)}
        n, self._width = self.count, len(form.outputs)
        self.area = np.array(prepared.lanes.globals[:, list(form.globals).index("area")])
        self.time, self.outputs = 0.0, np.zeros((n, len(form.all_outputs)))
        self.state = np.ascontiguousarray(prepared.lanes.state, dtype=np.float64).copy()
        self._size = np.zeros(n)
        self._warm = self.state.shape[1] - len(form.lumped) + form.lumped.index("temperature")
        self._value, self._index = np.zeros((n, 5)), np.zeros((n, 8), dtype=np.int32)
        self._rows = np.zeros((n * _ROWS, 2 + len(form.all_outputs)))
        self._capacity = _ROWS
        self._lane_steps = np.stack([np.arange(n), np.ones(n)], axis=1).astype(np.int32)
        knots = 2 * np.arange(n)
        self._step_index = np.stack([0 * knots, 0 * knots, knots, 0 * knots + 2], axis=1).astype(np.int32)
        self._step_value = np.zeros((n, 1 + self._width))
        self._step_value[:, 1 + self.columns["current_density"]] = 1.0
        self._profile = np.zeros((n, 2, 2))
        self._event_index, self._event_level = np.array([(0, 1, -1)], dtype=np.int32), np.zeros(1)
        self._signals = np.zeros(2, dtype=np.int32)
        self._tolerance = tolerance
        lib = prepared.kernel.lib
        self._wide = int(lib.ion_lanes()) if n >= 4 else 1
        self._threads = max(1, min(threads, -(-n // self._wide)))

    def output(self, name: str) -> FloatArray:
        """One output of all lanes now."""
        return self.outputs[:, self.columns[name]]

    @property
    def temperature(self) -> FloatArray:
        """Temperature of each lane [K], a copy."""
        return self.state[:, self._warm].copy()

    def set_temperature(self, values: FloatArray) -> None:
        """Give each lane another temperature [K]: heat that came from, or went to, its neighbours."""
        self.state[:, self._warm] = values
        self.outputs[:, self.columns["temperature"]] = values

    def enter(self, currents: FloatArray) -> bool:
        """Outputs at once after a change of the currents [A], no time passing; False: no such state."""
        before = self.state.copy()
        self._set(1.0, currents, currents)
        self._begin(entered=False)
        self._call(3)  # room for the first row only: no step of time is made
        if np.any(self._index[:, 1] >= core.STEP_TOO_SMALL) or not np.all(self._index[:, 2]):
            np.copyto(self.state, before)
            return False
        self._take()
        self._size[:] = 0.0
        return True

    def advance(self, dt: float, start: FloatArray, end: FloatArray) -> bool:
        """Advance by ``dt`` [s] with currents linear from ``start`` to ``end`` [A]; False: all as before."""
        before = self.state.copy()
        self._set(dt, start, end)
        self._begin(entered=True)
        self._value[:, 2] = np.where(self._size > 0, np.minimum(self._size, dt), min(_FIRST, dt))
        last = np.zeros(self.count, dtype=bool)
        while True:
            self._call(_ROWS)
            new = self._index[:, 2] > 0
            self._take(new)
            last |= new
            if np.all(self._index[:, 1] != core.RUNNING):
                break
            self._index[:, 2] = 0
        if np.any(self._index[:, 1] >= core.STEP_TOO_SMALL) or not np.all(last):
            np.copyto(self.state, before)
            return False
        accepted, attempts = self._index[:, 3], self._index[:, 4]
        self._size = dt / np.maximum(accepted, 1) * np.where(attempts > accepted, 1.0, 4.0)
        self.time += dt
        return True

    def save(self) -> LanesState:
        """The present point."""
        return LanesState(self.state.copy(), self.outputs.copy(), self.time, self._size.copy())

    def restore(self, point: LanesState) -> None:
        """Go back to a point."""
        np.copyto(self.state, point.state)
        np.copyto(self.outputs, point.outputs)
        self.time, self._size = point.time, point.size.copy()

    def _set(self, dt: float, start: FloatArray, end: FloatArray) -> None:
        self._step_value[:, 0] = dt
        self._profile[:, 1, 0] = dt
        self._profile[:, 0, 1], self._profile[:, 1, 1] = start / self.area, end / self.area

    def _begin(self, entered: bool) -> None:
        self._value[:] = 0.0
        self._index[:] = 0
        self._index[:, 5], self._index[:, 6] = -1, entered

    def _take(self, which: Any = slice(None)) -> None:
        lanes = np.arange(self.count)[which]
        rows = self._rows[: self.count * self._capacity].reshape(self.count, self._capacity, -1)
        self.outputs[lanes] = rows[lanes, self._index[lanes, 2] - 1, 2:]

    def _call(self, capacity: int) -> None:
        self._capacity = capacity
        arrays = (
            self._lane_steps, self._step_index, self._step_value, self._event_index, self._event_level,
            self._profile,
        )  # fmt: skip
        at = [int(v.ctypes.data) for v in arrays]
        lane = [int(v.ctypes.data) for v in (self._value, self._index, self.state, self._rows)]
        self._signals[:] = 0
        signals = int(self._signals.ctypes.data)
        arguments = core._Protocol(
            *at, self.prepared.lumped_weight, *lane, 0, self._tolerance, _FIRST,
            self.count, capacity, 0, _ATTEMPTS, signals, signals + self._signals.itemsize,
        )  # fmt: skip
        kernel, inputs = self.prepared.kernel, self.prepared.inputs
        failed: list[int] = []

        def work() -> None:
            if kernel.lib.ion_run(kernel.handle, ct.byref(inputs), ct.byref(arguments), self._wide):
                failed.append(1)

        others = [Thread(target=work) for _ in range(self._threads - 1)]
        for thread in others:
            thread.start()
        work()
        for thread in others:
            thread.join()
        if failed:
            raise ValueError("no kernel is built for this model")


def lanes_of(
    cells: list[Cell],
    plan: Plan,
    conditions: list[Conditions],
    change: Callable[[dict[str, FloatArray]], None] | None = None,
    threads: int = 1,
) -> Lanes:
    """Lanes of cells with a temperature of their own and no way for heat to leave.

    ``change`` may alter, in place, the numbers of the whole cell (``ionstone.cell_model.names.GLOBALS``) by
    name, one value a lane. InputError where the cells differ in more than numbers.
    """
    parameters = [c.parameters() for c in cells]
    try:
        options = options_of(parameters, True, False, plan.own.laws)
    except ValueError as error:
        raise InputError(str(error)) from None
    kernel = _kernel(plan.level.name, options)
    mesh = plan.level.mesh(plan.grid, options)
    data = Builder(kernel.form, options, parameters, mesh, plan.own.values).build(conditions)
    data.globals = np.ascontiguousarray(data.globals)
    rows = {name: data.globals[:, i] for i, name in enumerate(kernel.form.globals)}
    rows["conductance"][:] = 0.0
    if change is not None:
        change(rows)
    nominal = rows["nominal_current"]
    data.lumped_weight[:, 0] = 1.0 / nominal
    return Lanes(core.Prepared(kernel, mesh, data), plan.tolerance, threads)
