"""The door to the compiled kernel: arrays in, arrays out; ctypes only, no copy where none is needed.

States of a lane, in this order: for each electrode concentrations [shell][node] then local states
[state][node]; unknowns of x [unknown][node]; lumped states.
"""

from __future__ import annotations

import ctypes as ct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.numerics.form import Form
from ionstone.numerics.loader import load_kernel
from ionstone.numerics.pack import ABI, Packed, pack
from ionstone.numerics.radial import RadialGrid
from ionstone.numerics.tables import UniformTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]

RUNNING, FINISHED, ENDED_BY_EVENT = 0, 1, 2
STEP_TOO_SMALL, TOO_MANY_STEPS, NO_INITIAL_STATE, STOPPED = 10, 11, 12, 13
NEXT_STEP, END_OF_RUN = -1, -2
#: bytes from which a buffer is fresh from the system, so that what is not written in it takes no memory
_FRESH = 2**25
#: knots of all profiles below which a single lane is run in the calling thread
_SHORT = 200


def _pointers(*names: str) -> list[tuple[str, Any]]:
    return [(name, ct.c_void_p) for name in names]


class _Inputs(ct.Structure):
    _fields_ = [
        *_pointers("cells", "shells", "radii", "probe", "globals", "nodes", "faces", "particles"),
        *_pointers("tables", "table_range", "tangents"),
    ]


class _Protocol(ct.Structure):
    _fields_ = [
        *_pointers("lane_steps", "step_index", "step_value", "event_index", "event_level", "profile"),
        *_pointers("lumped_weight", "lane_value", "lane_index", "state", "rows", "states"),
        ("tolerance", ct.c_double),
        ("first_step", ct.c_double),
        *[(name, ct.c_int) for name in ("lanes", "capacity", "inner_rows", "max_attempts")],
        *_pointers("next", "stop"),
    ]


@dataclass(frozen=True, eq=False)
class Grid:
    """Nodes of each region along x and the radial grid of each electrode (None: no particles).

    ``shares``: widths of the nodes of each region over its thickness; without them they are equal.
    """

    cells: tuple[int, ...]
    radial: tuple[RadialGrid | None, ...]  # one a region
    shares: tuple[FloatArray, ...] | None = None


@dataclass(eq=False)
class Lanes:
    """Data of a batch: one row a lane. ``tables[lane][region][slot]``."""

    globals: FloatArray  # [lane, globals]
    nodes: FloatArray  # [lane, node_data, nodes]
    faces: FloatArray  # [lane, face_data, nodes - 1]
    particles: FloatArray  # [lane, electrode, particle_data]
    tables: Sequence[Sequence[Sequence[UniformTable]]]
    lumped_weight: FloatArray  # [lane, lumped]
    state: FloatArray  # [lane, states]


@dataclass(frozen=True)
class Event:
    """Ends a step when ``output`` passes ``level`` upward (sign +1) or downward (-1)."""

    output: int
    sign: int
    level: float
    target: int = NEXT_STEP


@dataclass(frozen=True, eq=False)
class KernelStep:
    """A step of a protocol: weights of outputs in the control row, set point over time, duration, events.

    ``lumped_weight``: least weights of lumped states in the error control of a run with this step.
    """

    weights: FloatArray
    profile: FloatArray  # [knots, 2]: time in the step, set point
    duration: float
    events: tuple[Event, ...] = ()
    lumped_weight: FloatArray | None = None


@dataclass(eq=False)
class Outcome:
    """What a batch gave: rows of each lane (time, step, outputs), status, last event, final states."""

    rows: list[FloatArray]
    status: IntArray
    event: list[Event | None]
    step: IntArray
    accepted: IntArray
    attempts: IntArray
    state: FloatArray
    states: list[FloatArray] = field(default_factory=list)


class Kernel:
    """One packed model, loaded."""

    def __init__(self, form: Form, packed: Packed | None = None) -> None:
        self.form = form
        self.lib = load_kernel()
        if self.lib.ion_abi() != ABI:
            raise ImportError(
                "the compiled kernel is of another version than the package: reinstall ionstone"
            )
        packed = packed or pack(form)
        self.lib.ion_load.restype = ct.c_void_p
        ints = np.frombuffer(packed.integers, dtype=np.int32)
        doubles = np.frombuffer(packed.constants, dtype=np.float64) if packed.constants else np.zeros(1)
        handle = self.lib.ion_load(
            ct.c_void_p(ints.ctypes.data),
            ct.c_long(ints.size),
            ct.c_void_p(doubles.ctypes.data),
            ct.c_long(doubles.size),
        )
        if not handle:
            raise ValueError("the packed model is damaged: a size or an index is wrong")
        self.handle = ct.c_void_p(handle)

    def __del__(self) -> None:
        handle = getattr(self, "handle", None)
        if handle:
            self.lib.ion_free(handle)

    def states(self, grid: Grid) -> int:
        """Number of states of a lane."""
        f, n = self.form, 0
        for region, cells, radial in zip(f.regions, grid.cells, grid.radial, strict=True):
            n += len(f.unknowns) * cells
            if region.local is not None:
                n += ((len(radial.inverse_volume) if radial else 0) + len(f.locals)) * cells
        return n + len(f.lumped)


class _Memory:
    """Arrays whose addresses the kernel holds, kept alive together."""

    def __init__(self) -> None:
        self.arrays: list[object] = []

    def address(self, values: NDArray[np.generic]) -> int:
        self.arrays.append(values)
        return int(values.ctypes.data)

    def floats(self, values: object) -> int:
        return self.address(np.ascontiguousarray(values, dtype=np.float64))


class Prepared:
    """A batch of designs, checked and laid out for the kernel; several batches may use it."""

    def __init__(self, kernel: Kernel, grid: Grid, lanes: Lanes) -> None:
        self.kernel, self.grid, self.lanes, self.form = kernel, grid, lanes, kernel.form
        self.count = len(lanes.state)
        self.memory = _Memory()
        self._check()
        self.inputs = self._inputs()
        self.lumped_weight = self.memory.floats(lanes.lumped_weight)

    def _check(self) -> None:
        f, n, x, a = self.form, self.count, sum(self.grid.cells), self.lanes
        shapes = {
            "globals": (a.globals.shape, (n, len(f.globals))),
            "nodes": (a.nodes.shape, (n, len(f.node_data), x)),
            "faces": (a.faces.shape, (n, len(f.face_data), x - 1)),
            "particles": (a.particles.shape, (n, len(f.electrodes()), len(f.particle_data))),
            "lumped_weight": (a.lumped_weight.shape, (n, len(f.lumped))),
            "state": (a.state.shape, (n, self.kernel.states(self.grid))),
        }
        for name, (have, want) in shapes.items():
            if have != want:
                raise ValueError(f"{name} has shape {have}, the model {f.name} needs {want}")
        if len(a.tables) != n:
            raise ValueError(f"{n} lanes need {n} sets of tables")
        for region, cells, radial in zip(f.regions, self.grid.cells, self.grid.radial, strict=True):
            if cells < 1 or (region.radial is not None) != (radial is not None):
                raise ValueError(
                    f"region {region.name}: {cells} nodes, radial grid {'given' if radial else 'missing'}"
                )
        if x < 2:
            raise ValueError("a model needs at least two nodes along x")

    def _inputs(self) -> _Inputs:
        f, a = self.form, self.lanes
        shells = [len(r.inverse_volume) if r else 0 for r in self.grid.radial]
        radii = np.array([self.memory.floats(r.packed) if r else 0 for r in self.grid.radial], dtype=np.uintp)
        ends, edge = [], 0
        for r, cells in zip(f.regions, self.grid.cells, strict=True):
            edge += cells
            ends.append((r.name, edge - 1))
        where = {"first": 0, "last": edge - 1, **{f"last of {name}": at for name, at in ends}}
        pointers, ranges = self._tables()
        return _Inputs(
            self.memory.address(np.array(self.grid.cells, dtype=np.int32)),
            self.memory.address(np.array(shells, dtype=np.int32)),
            self.memory.address(radii),
            self.memory.address(np.array([where[p] for p in f.probes], dtype=np.int32)),
            *(self.memory.floats(v) for v in (a.globals, a.nodes, a.faces, a.particles)),
            self.memory.address(pointers),
            self.memory.address(ranges),
            0,
        )

    def _tables(self) -> tuple[NDArray[np.uintp], FloatArray]:
        sets: dict[int, int] = {}  # lanes with the same tables share a row
        pointers: list[list[int]] = []
        ranges: list[list[tuple[float, float, float]]] = []
        which = np.empty(self.count, dtype=int)
        for i, lane in enumerate(self.lanes.tables):
            at = sets.setdefault(id(lane), len(pointers))
            if at == len(pointers):
                every = [t for region in lane for t in region]
                pointers.append([self.memory.address(t.pieces) for t in every])
                ranges.append([(t.low, t.step, float(len(t.pieces))) for t in every])
            which[i] = at
        return (
            np.array(pointers, dtype=np.uintp)[which].ravel(),
            np.array(ranges, dtype=np.float64)[which].reshape(-1, 3),
        )


class Batch:
    """Designs with a protocol for each; ``prepared`` is made here where it is not given."""

    def __init__(
        self,
        kernel: Kernel,
        grid: Grid,
        lanes: Lanes,
        protocols: Sequence[Sequence[KernelStep]],
        prepared: Prepared | None = None,
    ) -> None:
        prepared = prepared or Prepared(kernel, grid, lanes)
        self.prepared, self.kernel, self.form = prepared, prepared.kernel, prepared.form
        self.lanes, self.grid, self.inputs = prepared.lanes, prepared.grid, prepared.inputs
        self.count = prepared.count
        if len(protocols) != self.count:
            raise ValueError(f"{self.count} lanes need {self.count} protocols, {len(protocols)} were given")
        self.memory = _Memory()
        self._pack_protocols(protocols)

    def _pack_protocols(self, protocols: Sequence[Sequence[KernelStep]]) -> None:
        lane_steps: list[tuple[int, int]] = []
        lumped = self.lanes.lumped_weight
        finer = [[s.lumped_weight for s in steps if s.lumped_weight is not None] for steps in protocols]
        if any(finer):
            lumped = np.array([np.max([w, *f], axis=0) for w, f in zip(lumped, finer, strict=True)])
        index: list[tuple[int, int, int, int]] = []
        value, event_index, level = [], [], []
        profiles: list[FloatArray] = []
        self.events: list[Event] = []
        known: dict[int, tuple[int, int]] = {}
        knots = 0
        for steps in protocols:
            if id(steps) not in known:
                known[id(steps)] = (len(index), len(steps))
                for s in steps:
                    index.append((len(self.events), len(s.events), knots, len(s.profile)))
                    value.append((s.duration, *s.weights))
                    profiles.append(s.profile)
                    knots += len(s.profile)
                    self.events += s.events
            lane_steps.append(known[id(steps)])
        for e in self.events:
            event_index.append((e.output, e.sign, e.target))
            level.append(e.level)
        i32 = np.int32
        self.knots = knots
        self._protocol = [
            self.memory.address(np.array(lane_steps, dtype=i32)),
            self.memory.address(np.array(index, dtype=i32)),
            self.memory.floats(value),
            self.memory.address(np.array(event_index or [(0, 1, -1)], dtype=i32)),
            self.memory.floats(level or [0.0]),
            self.memory.floats(np.concatenate(profiles)),
            self.memory.floats(lumped) if any(finer) else self.prepared.lumped_weight,
        ]

    @property
    def pointers(self) -> list[int]:
        """Addresses of the packed protocols and weights of lumped states, in the order of _Protocol."""
        return self._protocol

    def run(
        self,
        *,
        tolerance: float = 1e-4,
        first_step: float = 1e-2,
        max_attempts: int = 1_000_000,
        capacity: int = 2000,
        inner_rows: bool = True,
        keep_states: bool = False,
        lanes_per_vector: int | None = None,
        threads: int = 1,
        progress: Callable[[float], None] | None = None,
        keep: Callable[[int, FloatArray], FloatArray] | None = None,
    ) -> Outcome:
        """Work until every lane has ended. Rows that do not fit ``capacity`` are fetched and the lanes go on.

        ``keep(lane, rows)`` gives what to keep of rows when they are fetched; at the end it is called without
        rows.

        KeyboardInterrupt stops the workers and is raised again.
        """
        n, width = self.count, 2 + len(self.form.all_outputs)
        value = np.zeros((n, 5))
        index = np.zeros((n, 8), dtype=np.int32)
        index[:, 5] = -1
        state = np.ascontiguousarray(self.lanes.state, dtype=np.float64).copy()
        rows = np.empty((n, capacity, width))
        states = np.empty((n, capacity, state.shape[1])) if keep_states else None
        got: list[list[FloatArray]] = [[] for _ in range(n)]
        got_states: list[list[FloatArray]] = [[] for _ in range(n)]
        wide = lanes_per_vector or (self.kernel.lib.ion_lanes() if n >= 4 else 1)
        counter, stop = np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int32)

        def tell() -> None:
            if progress is not None:
                progress(float(np.mean(index[:, 1] != RUNNING)))

        while True:
            counter[0] = 0
            args = _Protocol(
                *self._protocol,
                *(int(v.ctypes.data) for v in (value, index, state, rows)),
                int(states.ctypes.data) if states is not None else 0,
                tolerance,
                first_step,
                n,
                capacity,
                2 if inner_rows else 0,
                max_attempts,
                int(counter.ctypes.data),
                int(stop.ctypes.data),
            )
            self._call(args, wide, threads, stop, tell)
            for i in range(n):
                k = int(index[i, 2])
                if k:
                    part = rows[i, :k]
                    if keep is None:
                        # what will not be written again stays where it is
                        stay = rows.nbytes >= _FRESH and index[i, 1] != RUNNING
                        got[i].append(part if stay else part.copy())
                    else:
                        got[i].append(keep(i, part))
                    if states is not None:
                        got_states[i].append(states[i, :k].copy())
                    index[i, 2] = 0
            tell()
            if not np.any(index[:, 1] == RUNNING):
                break
        if keep is not None:
            for i in range(n):
                got[i].append(keep(i, rows[i, :0]))
        last = [
            self.events[e] if s in (FINISHED, ENDED_BY_EVENT) and e >= 0 else None
            for s, e in index[:, [1, 5]].tolist()
        ]
        return Outcome(
            [(r[0] if len(r) == 1 else np.concatenate(r)) if r else np.empty((0, width)) for r in got],
            index[:, 1].copy(),
            last,
            index[:, 0].copy(),
            index[:, 3].copy(),
            index[:, 4].copy(),
            state,
            [np.concatenate(r) for r in got_states if r],
        )

    def _call(
        self,
        args: _Protocol,
        wide: int,
        threads: int,
        stop: IntArray,
        tell: Callable[[], None],
    ) -> None:
        lib, failed = self.kernel.lib, []

        def work() -> None:
            if lib.ion_run(self.kernel.handle, ct.byref(self.inputs), ct.byref(args), wide):
                failed.append(True)

        count = max(1, min(threads, (self.count + wide - 1) // wide))
        short = self.count == 1 and self.knots < _SHORT
        workers = [] if short else [Thread(target=work) for _ in range(count)]
        if short:  # done in milliseconds: no thread
            work()
        for w in workers:
            w.start()
        try:
            for w in workers:
                while w.is_alive():
                    w.join(0.1)
                    tell()
        except BaseException:
            stop[0] = 1
            for w in workers:
                w.join()
            raise
        if failed:
            f = self.form
            raise ValueError(
                f"no kernel is built for {len(f.unknowns)} unknowns and {len(f.locals)} local states"
            )

    def _one(self) -> _Protocol:
        zero = np.zeros(8)
        self.memory.arrays.append(zero)
        at = int(zero.ctypes.data)
        return _Protocol(*self._protocol, at, at, at, at, 0, 1e-4, 1.0, 1, 1, 0, 1, at, at)

    def residual(self, control: FloatArray, set_point: float, y: FloatArray) -> FloatArray:
        """F(y) of the first lane, for tests."""
        out = np.zeros_like(y)
        pointers = [ct.c_void_p(v.ctypes.data) for v in (control, y, out)]
        self.kernel.lib.ion_residual(
            self.kernel.handle,
            ct.byref(self.inputs),
            ct.byref(self._one()),
            pointers[0],
            ct.c_double(set_point),
            *pointers[1:],
        )
        return out

    def solve(self, control: FloatArray, a: float, y: FloatArray, r: FloatArray) -> FloatArray:
        """u of (a M - dF/dy) u = r of the first lane, for tests."""
        out = np.zeros_like(y)
        pointers = [ct.c_void_p(v.ctypes.data) for v in (control, y, r, out)]
        self.kernel.lib.ion_solve(
            self.kernel.handle,
            ct.byref(self.inputs),
            ct.byref(self._one()),
            pointers[0],
            ct.c_double(a),
            *pointers[1:],
        )
        return out
