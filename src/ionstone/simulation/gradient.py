"""Gradients of what a run gives to the parameters of its cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_design import Cell, load_cell
from ionstone.cell_model.law_files import laws_of
from ionstone.core.errors import InputError, SimulationError
from ionstone.experiment import Protocol, parse_protocol
from ionstone.numerics.adjoint import Recording
from ionstone.numerics.kernel import STEP_TOO_SMALL, Batch, KernelStep, Outcome
from ionstone.numerics.points import IntArray, cut, fill
from ionstone.numerics.tangents import run_tangents
from ionstone.simulation.arguments import plan_of, protocols_of
from ionstone.simulation.batch import Batch as Runs
from ionstone.simulation.codes import MESSAGES
from ionstone.simulation.compile import Compiler
from ionstone.simulation.cotangents import row_cotangents
from ionstone.simulation.grid import Grid
from ionstone.simulation.metrics import Points, read_by
from ionstone.simulation.outputs import Outputs, named_outputs
from ionstone.simulation.seeds import Neighbours

if TYPE_CHECKING:
    from pathlib import Path

    from ionstone.results import Run

FloatArray = NDArray[np.float64]
#: of the time integration: gradients err by about ten times the error of a run
TOLERANCE = 1e-5
Metric = str | Callable[["Run"], float]
#: parameters up to which tangents, which go four at a time, cost less than the adjoint (measured)
TANGENTS_TO = {"SPM": 4, "SPMe": 0, "P2D": 0}
#: relative step along the tangents of the rows in which a metric of a run is differentiated
_METRIC_STEP = 1e-6


@dataclass(frozen=True, eq=False)
class Sensitivities:
    """A run and the derivatives of its rows: ``tangents[path][output]`` over ``time``, at held steps."""

    run: Run
    time: FloatArray
    outputs: Mapping[str, FloatArray]
    tangents: Mapping[str, Mapping[str, FloatArray]]


def gradient(
    cell: Cell | str | Path,
    protocol: Any,
    *,
    of: Metric,
    to: str | Sequence[str],
    method: str | None = None,
    **settings: Any,
) -> dict[str, float]:
    """Derivatives of a metric of a run to parameters of the cell, SI: path -> d(of)/d(parameter).

    of: a name in ``run.summary`` (discharge_capacity, discharge_energy, duration, max_temperature, ...) or a
    function of a run. to: paths of numbers of the cell, as ``cell[path]`` reads them. method: "tangents" or
    "adjoint" (a cost that does not grow with the parameters; not for functions of a run), None for the one
    that costs less; both give the same numbers. settings: model,
    temperature, heat, ambient, soc, grid, tolerance (1e-5), laws, allow_laws as in ``simulate``; parameters
    of own laws have paths too.

    The stepper itself is differentiated: the derivatives are those of the steps it takes, through events
    (implicit function theorem), switches of control and whole protocols; the sizes of the steps are held.
    Raises InputError for an unknown metric or path, SimulationError for a run that fails.
    """
    paths = [to] if isinstance(to, str) else list(to)
    study = _Study(
        cell, protocol, paths, settings, _adjoint(method, of, len(paths), settings.get("model", "P2D"))
    )
    return dict(zip(paths, study.derivatives(of, range(len(paths))).tolist(), strict=True))


def sensitivities(
    cell: Cell | str | Path, protocol: Any, *, to: str | Sequence[str], **settings: Any
) -> Sensitivities:
    """Derivatives of every output over time to parameters of the cell; arguments as in ``gradient``.

    Derivatives are taken at the ends of the steps of time, which are held; time moves only with events.
    """
    paths = [to] if isinstance(to, str) else list(to)
    study = _Study(cell, protocol, paths, settings)
    ends = study.rows[:, 1] % 1 == 0
    names = ("time", "step", *study.form.all_outputs)
    rows, tangents = study.rows[ends], study.tangents[ends]
    return Sensitivities(
        study.run(study.rows),
        rows[:, 0],
        {n: rows[:, i] for i, n in enumerate(names) if n != "step"},
        {p: {n: tangents[:, i, k] for i, n in enumerate(names) if n != "step"} for k, p in enumerate(paths)},
    )


def _adjoint(method: str | None, of: Metric, count: int, model: str) -> bool:
    """Whether the adjoint is taken."""
    if method not in (None, "adjoint", "tangents"):
        raise InputError(f"method is {method!r}: give 'adjoint' or 'tangents', or None for the cheaper one")
    if method == "adjoint" and callable(of):
        raise InputError("the adjoint needs a metric of run.summary; a function of a run takes tangents")
    return method == "adjoint" or (
        method is None and not callable(of) and count > TANGENTS_TO.get(str(model), 0)
    )


class _Study:
    """One run with tangents along all parameters, or recorded for its adjoint."""

    def __init__(
        self,
        cell: Any,
        protocol: Any,
        paths: Sequence[str],
        settings: Mapping[str, Any],
        adjoint: bool = False,
    ) -> None:
        known = {"model", "temperature", "heat", "ambient", "soc", "grid", "tolerance", "laws", "allow_laws"}
        for name in settings:
            if name not in known:
                raise InputError(f"gradient has no setting {name!r}: use {', '.join(sorted(known))}")
        self.cell = cell if isinstance(cell, Cell) else load_cell(cell)
        self.paths = paths
        grid: Grid | None = settings.get("grid")
        self.tolerance = float(settings.get("tolerance", TOLERANCE))
        self.plan = plan_of(
            settings.get("model", "P2D"),
            settings.get("heat", "isothermal"),
            grid,
            self.tolerance,
            None,
            10**6,
            laws_of([self.cell], settings.get("laws"), bool(settings.get("allow_laws"))),
        )
        self.given: Protocol = parse_protocol(protocol)
        self.protocol = protocols_of([self.cell], [self.given], True)[0]
        self.conditions = [settings.get(k) for k in ("temperature", "ambient", "soc")]
        near = Neighbours(self.cell, paths, self.plan, self.conditions)
        self.lanes, self.form = near.design, near.kernel.form
        self.planar = near.options.planar
        self.at = {name: i for i, name in enumerate(self.form.all_outputs)}
        self.columns, _ = named_outputs(self.at, self.planar, self.plan.heat != "isothermal")
        self.steps = self.compile(self.cell)
        self.batch = Batch(near.kernel, near.mesh, self.lanes.lanes, [self.steps], self.lanes)
        self.seeds = near.seeds(self.compile)
        self.recording = Recording(self.batch, tolerance=self.tolerance) if adjoint else None
        if self.recording:
            self.rows, self.status = self.recording.rows, self.recording.status
        else:
            outcome = run_tangents(self.batch, self.seeds, tolerance=self.tolerance)
            self.rows, self.tangents, self.status = outcome.rows, outcome.tangents, outcome.status
        if self.status >= STEP_TOO_SMALL:
            raise SimulationError(
                f"{self.cell.name}: {MESSAGES.get(self.status, 'failed')}", self.run(self.rows)
            )

    def compile(self, cell: Any) -> list[KernelStep]:
        """The protocol's steps for a cell, or a face of one, with its own cut-offs."""
        protocol = protocols_of([cell], [self.given], True)[0]
        return Compiler(self.form, cell.parameters().scalars, self.planar).protocol(protocol)

    # ---- derivatives of metrics ----
    def run(self, rows: FloatArray) -> Run:
        """The run of given rows."""
        status = np.array([self.status], dtype=np.int32)
        one = np.zeros(1, dtype=np.int32)
        outcome = Outcome([rows], status, [None], one, one, one, self.batch.lanes.state)
        compiler = Compiler(self.form, self.cell.parameters().scalars, self.planar)
        plan = replace(self.plan, period=None)
        return Runs([self.cell], [self.protocol], plan, outcome, [compiler])[0]

    def derivative(self, of: Metric, k: int) -> float:
        """Derivative of a metric along parameter ``k``."""
        return float(self.derivatives(of, [k])[0])

    def derivatives(self, of: Metric, which: Sequence[int]) -> FloatArray:
        """Derivatives of a metric along some parameters: central differences along the rows' tangents.

        The points between the rows stay at the same shares of the steps.
        """
        if self.recording and not callable(of):
            return self._derivatives_by_adjoint(self.recording, of, which)
        tangents = self.tangents[:, :, list(which)]
        size = np.max(np.abs(tangents) / (1e-3 + np.abs(self.rows))[:, :, None], axis=(0, 1))
        h = _METRIC_STEP / np.where(size > 0, size, 1.0)
        if callable(of):
            run, parts = self.run(self.rows), cut(self.rows)
            ends = [
                [self._metric(of, self._moved(run, s * h[k] * tangents[:, :, k], parts)) for s in (1, -1)]
                for k in range(len(which))
            ]
            return np.array([(a - b) / (2 * step) for (a, b), step in zip(ends, h, strict=True)])
        moved = self._metrics(tangents * h)
        if of not in moved or not np.all(np.isfinite(moved[of])):
            self._metric(of, self.run(self.rows))  # says what is unknown
        plus, minus = moved[of].reshape(2, -1)
        return np.asarray((plus - minus) / (2 * h))

    def _derivatives_by_adjoint(self, recording: Recording, of: str, which: Sequence[int]) -> FloatArray:
        """The same by one run back."""
        bars = row_cotangents(of, self.rows, self.at, self.columns)
        if bars is None:
            self._metric(of, self.run(self.rows))  # says what is unknown
            raise InputError(f"the adjoint does not know the metric {of!r}: give method='tangents'")
        back = recording.cotangents(bars)
        return np.array([back.along(self.seeds[k]) for k in which])

    def _moved(self, run: Run, change: FloatArray, parts: tuple[IntArray, int]) -> Run:
        """A run whose rows are changed."""
        outputs = Outputs(self.rows + change, self.columns, parts)
        return replace(run, time=outputs.time, outputs=outputs)

    def _metrics(self, change: FloatArray) -> dict[str, FloatArray]:
        """Metrics of runs whose rows are changed: by each change [row, column, lane], then against each."""
        names = read_by(self.at, self.columns)
        read = [0, *(2 + self.at[n] for n in names)]
        parts, total = cut(self.rows)
        count = change.shape[2]
        own = fill(self.rows, parts, total, read)[:, None]
        flat = np.ascontiguousarray(change[:, read]).reshape(len(change), -1)
        by = fill(flat, parts, total, range(flat.shape[1])).reshape(len(read), count, total)
        time, *values = np.concatenate([own + by, own - by], axis=1).reshape(len(read), -1)
        return Points(np.full(2 * count, total), time, dict(zip(names, values, strict=True))).metrics()

    @staticmethod
    def _metric(of: Metric, run: Run) -> float:
        if callable(of):
            return float(of(run))
        if of not in run.summary or isinstance(run.summary[of], str):
            names = ", ".join(n for n, v in run.summary.items() if not isinstance(v, str))
            raise InputError(f"of is {of!r}: give one of {names}, or a function of a run")
        return float(run.summary[of])
