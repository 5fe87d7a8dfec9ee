"""What is to be simulated: lanes with their protocols and conditions, run in parts."""

from __future__ import annotations

import ctypes as ct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ionstone.cell_design import Cell
from ionstone.cell_model.law_files import BatchLaws
from ionstone.experiment import Protocol
from ionstone.numerics import kernel as core
from ionstone.simulation.arguments import conditions_of, protocols_of
from ionstone.simulation.batch import Batch
from ionstone.simulation.compile import Compiler
from ionstone.simulation.layout import prepare_designs
from ionstone.simulation.prepare import Plan
from ionstone.simulation.vary import Designs

#: knots of a load profile beyond which only the ends of time steps are kept
_LONG_PROFILE = 5000
Tell = Callable[[float], None]


class Stoppable(core.Batch):
    """A batch that Ctrl-C stops: lanes that are not done get the code STOPPED and keep their rows."""

    stopped = False

    def _call(self, args: Any, wide: int, threads: int, stop: Any, tell: Callable[[], None]) -> None:
        try:
            super()._call(args, wide, threads, stop, tell)
        except KeyboardInterrupt:
            self.stopped = True
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

    def run(self, first: int, last: int, tell: Tell | None = None, stoppable: bool = False) -> Batch:
        """Run some of the lanes. KeyboardInterrupt is raised, or makes the batch end where ``stoppable``."""
        whole = first == 0 and last == len(self.lanes)
        part = self.lanes if whole else self.lanes[first:last]
        plan = self.plan if whole else replace(self.plan, own=self._own(first, last))
        faces = part.faces() if isinstance(part, Designs) else part
        given = self.protocols if whole or len(self.protocols) == 1 else self.protocols[first:last]
        protocols = protocols_of(faces, given, len(given) == 1)
        each = [
            v if whole else self._part(v, first, last) for v in (self.temperature, self.ambient, self.soc)
        ]
        prepared = prepare_designs(part, plan, conditions_of(faces, *each))
        compilers, steps = self._compiled(prepared.form, prepared.planar, faces, protocols)
        dense = self.dense
        if dense is None:
            dense = max(sum(len(k.profile) for k in s) for s in steps) < _LONG_PROFILE
        p = prepared.lanes
        kind = Stoppable if stoppable else core.Batch
        batch = kind(p.kernel, p.grid, p.lanes, steps, p)
        outcome = batch.run(
            tolerance=plan.tolerance,
            max_attempts=plan.max_steps,
            inner_rows=dense,
            capacity=(600 if dense else 200) if len(faces) > 1 else 4000,
            threads=self.threads,
            progress=tell,
        )
        return Batch(
            part, protocols, plan, outcome, compilers, stopped=isinstance(batch, Stoppable) and batch.stopped
        )

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
        for cell, protocol in zip(cells, protocols, strict=True):
            s = cell.parameters().scalars
            key = tuple(
                s[name]
                for name in (
                    "voltage.lower_cutoff",
                    "voltage.upper_cutoff",
                    "electrode_area",
                    "nominal_capacity",
                )
            )
            compiler = known.get(key) or known.setdefault(key, Compiler(form, s, planar))
            at = (id(protocol), key)
            if at not in compiled:
                compiled[at] = compiler.protocol(protocol)
            compilers.append(compiler)
            steps.append(compiled[at])
        return compilers, steps
