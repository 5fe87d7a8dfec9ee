"""Runs of a batch: codes, messages, metrics and single runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_design import Cell
from ionstone.cell_model import names
from ionstone.experiment import Protocol
from ionstone.numerics import kernel as core
from ionstone.results import Run
from ionstone.results.outputs import output
from ionstone.results.steps import metrics_of_whole
from ionstone.simulation.codes import explained
from ionstone.simulation.compile import Compiler
from ionstone.simulation.dense import sample
from ionstone.simulation.kept import Steps
from ionstone.simulation.limits import limits_of
from ionstone.simulation.metrics import Points, points_of
from ionstone.simulation.outputs import Outputs, named_outputs
from ionstone.simulation.prepare import Plan

if TYPE_CHECKING:
    import xarray


class Batch(Sequence[Run]):
    """Runs of a batch.

    ``batch[i]`` is a run, ``code`` an array, ``message(i)`` a sentence, ``summary`` a mapping of arrays.
    ``stopped``: Ctrl-C ended it early.
    """

    def __init__(
        self,
        cells: Sequence[Cell],
        protocols: Sequence[Protocol],
        plan: Plan,
        outcome: core.Outcome,
        compilers: Sequence[Compiler],
        *,
        faces: Sequence[Any] | None = None,
        stopped: bool = False,
        kept: Steps | None = None,
    ) -> None:
        """``faces``: the parameters of each cell, where they are known without the cell itself."""
        self.cells, self.protocols, self.plan, self.outcome = cells, protocols, plan, outcome
        self._faces = cells if faces is None else faces
        self._compilers, self.stopped, self._kept = compilers, stopped, kept
        self.code: NDArray[Any] = np.where(outcome.status < core.STEP_TOO_SMALL, 0, outcome.status)
        self._runs: dict[int, Run] = {}

    def __len__(self) -> int:
        return len(self.code)

    def __repr__(self) -> str:
        failed = int(np.count_nonzero(self.code))
        return f"Batch({len(self)} runs, {failed} failed{', stopped' if self.stopped else ''})"

    def message(self, i: int) -> str:
        """What happened in lane ``i``, likely why, and what to try; empty where all went well."""
        code = int(self.code[i])
        if not code:
            return ""
        rows, step = self.outcome.rows[i], int(self.outcome.step[i])
        columns = self._compilers[i].columns
        last = {name: float(rows[-1, 2 + at]) for name, at in columns.items()} if len(rows) else {}
        at, time = self.protocols[i].steps[step], float(rows[-1, 0]) if len(rows) else 0.0
        return explained(code, last, time, step, at.text, at.control)

    @cached_property
    def points(self) -> Points:
        """The points of all runs, for metrics."""
        return points_of(self.outcome.rows, self._compilers[0].columns, self._named[0])

    @cached_property
    def _named(self) -> tuple[Mapping[str, int], Mapping[str, str]]:
        """Columns of each output of the runs, and units."""
        compiler = self._compilers[0]
        columns, units = named_outputs(compiler.columns, compiler.planar, self.plan.heat != "isothermal")
        units = {"time": output("time").unit} | units | names.own_units(self.plan.own.laws)
        return columns, units

    @cached_property
    def summary(self) -> Mapping[str, NDArray[Any]]:
        """Each metric of the runs as an array, not a number where a lane failed; ``end_reason`` is text."""
        ok = self.code == 0
        if self._kept is not None:
            metrics = self._kept.metrics()
        elif self.plan.period is None:
            metrics = self.points.metrics()
        else:  # sampled runs have metrics of their points
            runs = [self[i] for i in range(len(self))]
            keys = {k: None for r in runs for k, v in r.summary.items() if not isinstance(v, str)}
            metrics = {k: np.array([float(r.summary.get(k, np.nan)) for r in runs]) for k in keys}
        reasons = np.array([self._reason(i) for i in range(len(self))], dtype=object)
        return {k: np.where(ok, v, np.nan) for k, v in metrics.items()} | {"end_reason": reasons}

    def to_xarray(self) -> xarray.Dataset:
        """Metrics, codes and messages over ``lane``, with the values that the designs vary."""
        from ionstone.simulation.stores import to_xarray

        return to_xarray(self)

    def _reason(self, i: int) -> str:
        """Why a run ended; empty where it failed."""
        if self.code[i]:
            return ""
        return self._compilers[i].describe(
            self._ending(i), self.protocols[i].steps, int(self.outcome.step[i])
        )

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        i = range(len(self))[i]
        if i not in self._runs:
            self._runs[i] = self._run(i)
        return self._runs[i]

    def _run(self, i: int) -> Run:
        rows, face, plan = self.outcome.rows[i], self._faces[i], self.plan
        if plan.period is not None and np.any(rows[:, 1] % 1):
            rows = sample(rows, plan.period)
        columns, units = self._named
        outputs = Outputs(rows, columns)
        seen = outputs if self._kept is None else self._kept.extremes(i)
        run = Run(
            time=outputs.time,
            outputs=outputs,
            step=outputs.step,
            units=units,
            cell=face.name,
            model=plan.level.name,
            protocol=self.protocols[i].text,
            code=int(self.code[i]),
            message=self.message(i),
            end_reason=self._reason(i),
            given=partial(_data_range, face.parameters().functions, seen),
            limiter=partial(_limits, self.cells, i),
        )
        if self._kept is None:
            return run
        steps = self._kept.table(i)
        given = metrics_of_whole(steps) | _data_range(face.parameters().functions, seen)
        return replace(run, given_steps=steps, given=given)

    def _ending(self, i: int) -> core.Event | None:
        return self.outcome.event[i]


def _limits(cells: Sequence[Cell], i: int, run: Run) -> tuple[Any, ...]:
    """Limits of the run of one design, which becomes a Cell only when they are asked for."""
    return limits_of(cells[i], run)


def _data_range(functions: Mapping[str, Any], outputs: Mapping[str, Any]) -> dict[str, str]:
    """Names the electrodes whose open-circuit potential was read outside its data."""
    left = []
    for e in ("negative", "positive"):
        f = functions.get(f"{e}.open_circuit_potential")
        low, high = (outputs.get(f"{e}_surface_stoichiometry_{end}") for end in ("min", "max"))
        if f is None or low is None or high is None or not len(low):
            continue
        if np.min(low) < f.lower or np.max(high) > f.upper:
            left.append(
                f"{e} (data from {f.lower:.4g} to {f.upper:.4g}, "
                f"used {np.min(low):.4g} to {np.max(high):.4g})"
            )
    return {"left_data_range": "; ".join(left)} if left else {}
