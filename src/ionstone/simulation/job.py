"""What is to be simulated: lanes with their protocols and conditions, run in parts."""

from __future__ import annotations

import ctypes as ct
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ionstone.cell_design import Cell
from ionstone.cell_model.law_files import BatchLaws
from ionstone.experiment import Protocol
from ionstone.numerics import kernel as core
from ionstone.simulation.arguments import conditions_of, protocols_of
from ionstone.simulation.batch import Batch
from ionstone.simulation.compile import COMPILED, Compiler
from ionstone.simulation.faces import faces_of, scalars_of
from ionstone.simulation.kept import Steps
from ionstone.simulation.layout import prepare_faces
from ionstone.simulation.outputs import named_outputs
from ionstone.simulation.prepare import Plan

#: knots of a load profile beyond which only the ends of time steps are kept
_LONG_PROFILE = 5000
Tell = Callable[[float], None]


class Stop:
    """Whether Ctrl-C was pressed; while it is listened to, the first press asks and the second interrupts."""

    def __init__(self) -> None:
        self.asked = False
        self.signal = np.zeros(1, dtype=np.int32)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C in the main thread; elsewhere it never arrives."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.getsignal(signal.SIGINT)

        def ask(number: int, frame: Any) -> None:
            self.asked = True
            self.signal[0] = 1
            signal.signal(signal.SIGINT, before)

        signal.signal(signal.SIGINT, ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


class Stoppable(core.Batch):
    """A batch that ends when it is asked to: lanes that are not done get the code STOPPED, and keep rows."""

    ask: Stop

    def _call(self, args: Any, wide: int, threads: int, stop: Any, tell: Callable[[], None]) -> None:
        self.ask.signal = stop
        stop[0] = int(self.ask.asked)
        super()._call(args, wide, threads, stop, tell)
        if self.ask.asked:
            address = (ct.c_int * (8 * self.count)).from_address(args.lane_index)
            status = np.ctypeslib.as_array(address).reshape(self.count, 8)[:, 1]
            status[status == core.RUNNING] = core.STOPPED


@dataclass(frozen=True)
class Job:
    """Lanes, what is done to them, and how. ``protocols``: one for all, or one a lane."""

    lanes: Sequence[Cell]
    protocols: Sequence[Protocol]
    plan: Plan
    temperature: Any = None
    ambient: Any = None
    soc: Any = None
    dense: bool | None = None
    threads: int = 1
    only_steps: bool = False

    def run(self, first: int, last: int, tell: Tell | None = None, stop: Stop | None = None) -> Batch:
        """Run some of the lanes; ``stop`` ends them early."""
        whole = first == 0 and last == len(self.lanes)
        part = self.lanes if whole else self.lanes[first:last]
        plan = self.plan if whole else replace(self.plan, own=self._own(first, last))
        faces = faces_of(part)
        given = self.protocols if whole or len(self.protocols) == 1 else self.protocols[first:last]
        protocols = protocols_of(faces, given, len(given) == 1)
        each = [
            v if whole else self._part(v, first, last) for v in (self.temperature, self.ambient, self.soc)
        ]
        prepared = prepare_faces(part, faces, plan, conditions_of(faces, *each))
        compilers, steps = self._compiled(prepared.form, prepared.planar, faces, protocols)
        dense = self.dense
        if dense is None:
            dense = max(sum(len(k.profile) for k in s) for s in steps) < _LONG_PROFILE
        p = prepared.lanes
        if stop is None:
            batch = core.Batch(p.kernel, p.grid, p.lanes, steps, p)
        else:
            batch = Stoppable(p.kernel, p.grid, p.lanes, steps, p)
            batch.ask = stop
        kept = None
        if self.only_steps:
            one = compilers[0]
            shown, _ = named_outputs(one.columns, one.planar, plan.heat != "isothermal")
            kept = Steps(len(faces), one.columns, shown)
        outcome = batch.run(
            tolerance=plan.tolerance,
            max_attempts=plan.max_steps,
            inner_rows=dense,
            capacity=(600 if dense else 200) if len(faces) > 1 else 4000,
            threads=self.threads,
            progress=tell,
            keep=None if kept is None else kept.take,
        )
        stopped = stop is not None and stop.asked
        return Batch(part, protocols, plan, outcome, compilers, faces=faces, stopped=stopped, kept=kept)

    def _own(self, first: int, last: int) -> BatchLaws:
        own = self.plan.own
        return BatchLaws(own.laws, {path: v[first:last] for path, v in own.values.items()})

    def _part(self, value: Any, first: int, last: int) -> Any:
        many = isinstance(value, (list, tuple, np.ndarray)) and len(value) == len(self.lanes)
        return value[first:last] if many else value

    @staticmethod
    def _compiled(
        form: Any, planar: bool, cells: Sequence[Any], protocols: Sequence[Protocol]
    ) -> tuple[list[Compiler], list[list[core.KernelStep]]]:
        """Compilers and steps of each lane; equal ones are made once."""
        known: dict[tuple[float, ...], Compiler] = {}
        compiled: dict[tuple[object, ...], list[core.KernelStep]] = {}
        compilers, steps = [], []
        for i, (key, protocol) in enumerate(zip(scalars_of(cells, *COMPILED), protocols, strict=True)):
            compiler = known.get(key)
            if compiler is None:
                compiler = known[key] = Compiler(form, cells[i].parameters().scalars, planar)
            at = (id(protocol), key)
            if at not in compiled:
                compiled[at] = compiler.protocol(protocol)
            compilers.append(compiler)
            steps.append(compiled[at])
        return compilers, steps
