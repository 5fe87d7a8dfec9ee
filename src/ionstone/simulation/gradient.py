"""Gradients of what a run gives to the parameters of its cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_design import Cell, load_cell
from ionstone.cell_model.law_files import BatchLaws, laws_of
from ionstone.cell_model.names import FACE_DATA
from ionstone.core.errors import InputError, SimulationError
from ionstone.experiment import Protocol, parse_protocol
from ionstone.numerics.kernel import STEP_TOO_SMALL, Batch, KernelStep, Lanes, Outcome, Prepared
from ionstone.numerics.tangents import Seed, run_tangents
from ionstone.simulation.arguments import conditions_of, plan_of, protocols_of
from ionstone.simulation.batch import Batch as Runs
from ionstone.simulation.codes import MESSAGES
from ionstone.simulation.compile import Compiler
from ionstone.simulation.grid import Grid
from ionstone.simulation.prepare import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from ionstone.results import Run

FloatArray = NDArray[np.float64]
#: of the time integration: gradients err by about ten times the error of a run
TOLERANCE = 1e-5
Weights = Sequence[tuple[int, float]]
Metric = str | Callable[["Run"], float]
#: relative step of the differences that differentiate the way of a parameter into the model's arrays
_STEP = 1e-4
#: differences of fourth order: steps and weights; one-sided where a parameter lies at its bound
_CENTRAL = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))
_FORWARD = ((0, -25 / 12), (1, 4.0), (2, -3.0), (3, 4 / 3), (4, -1 / 4))
_BACKWARD = tuple((-k, -w) for k, w in _FORWARD)
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
    cell: Cell | str | Path, protocol: Any, *, of: Metric, to: str | Sequence[str], **settings: Any
) -> dict[str, float]:
    """Derivatives of a metric of a run to parameters of the cell, SI: path -> d(of)/d(parameter).

    of: a name in ``run.summary`` (discharge_capacity, discharge_energy, duration, max_temperature, ...) or a
    function of a run. to: paths of numbers of the cell, as ``cell[path]`` reads them. settings: model,
    temperature, heat, ambient, soc, grid, tolerance (1e-5), laws, allow_laws as in ``simulate``; parameters
    of own laws have paths too.

    The stepper itself is differentiated: the derivatives are those of the steps it takes, through events
    (implicit function theorem), switches of control and whole protocols; the sizes of the steps are held.
    Raises InputError for an unknown metric or path, SimulationError for a run that fails.
    """
    paths = [to] if isinstance(to, str) else list(to)
    study = _Study(cell, protocol, paths, settings)
    return {path: study.derivative(of, k) for k, path in enumerate(paths)}


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


def _last(lanes: Lanes) -> Lanes:
    """The last design of a batch alone."""
    parts = (getattr(lanes, f.name)[-1:] for f in fields(lanes))
    return Lanes(*parts)


class _Study:
    """One run with tangents along all parameters."""

    def __init__(self, cell: Any, protocol: Any, paths: Sequence[str], settings: Mapping[str, Any]) -> None:
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
        changed, spans = self._lay_out()
        self.form = self.prepared.form
        all_lanes, mesh = self.prepared.lanes.lanes, self.prepared.lanes.grid
        self.lanes = Prepared(self.prepared.lanes.kernel, mesh, _last(all_lanes))
        self.steps = self.compile(self.cell)
        self.batch = Batch(self.lanes.kernel, mesh, self.lanes.lanes, [self.steps], self.lanes)
        self.seeds = [self._seed(all_lanes, changed, *span) for span in spans]
        outcome = run_tangents(self.batch, self.seeds, tolerance=self.tolerance)
        self.rows, self.tangents, self.status = outcome.rows, outcome.tangents, outcome.status
        if self.status >= STEP_TOO_SMALL:
            raise SimulationError(
                f"{self.cell.name}: {MESSAGES.get(self.status, 'failed')}", self.run(self.rows)
            )

    def compile(self, cell: Cell) -> list[KernelStep]:
        """The protocol's steps for a cell, with the cell's own cut-offs."""
        protocol = protocols_of([cell], [self.given], True)[0]
        return Compiler(self.form, cell.parameters().scalars, self.prepared.planar).protocol(protocol)

    # ---- tangents of the inputs ----
    def _lay_out(self) -> tuple[list[Cell], list[tuple[int, float, Weights]]]:
        """Changed cells and the cell itself, last, laid out together: all as one model.

        Returns the changed cells, and of each path its first cell, step and weights.
        """
        if not self.paths:
            raise InputError("gradient needs at least one path in `to`")
        changed: list[Cell] = []
        spans = []
        own = {p: np.repeat(v, 5 * len(self.paths) + 1) for p, v in self.plan.own.values.items()}
        for path in self.paths:
            first = len(changed)
            if path in own:
                step, weights, values = self._around_own(path)
                cells, own[path][first : first + len(values)] = [self.cell] * len(values), values
            else:
                step, weights, cells = self._around(path)
            spans.append((first, step, weights))
            changed += cells
        count = len(changed) + 1
        plan = replace(self.plan, own=BatchLaws(self.plan.own.laws, {p: v[:count] for p, v in own.items()}))
        cells = [*changed, self.cell]
        prepared = prepare(cells, plan, conditions_of(cells, *self.conditions))
        self.prepared = prepared
        blocked = prepared.lanes.lanes.faces[:, FACE_DATA.index("blocked")]
        for path, (first, _, _) in zip(self.paths, spans, strict=True):
            if path.endswith(".initial_concentration") and np.any(blocked[first] != blocked[-1]):
                raise InputError(
                    f"{path} parts electrolytes that are one: another model, without a gradient here"
                )
        return changed, spans

    def _around_own(self, path: str) -> tuple[float, Weights, list[float]]:
        """Values of a parameter of an own law about its own: bounds do not matter so near."""
        value = float(self.plan.own.values[path][0])
        step = _STEP * abs(value) if value else _STEP
        return step, _CENTRAL, [value + k * step for k, _ in _CENTRAL]

    def _around(self, path: str) -> tuple[float, Weights, list[Cell]]:
        """Cells with one parameter changed, for the first difference that stays within its bounds."""
        value = self.cell[path]
        step = _STEP * abs(value) if value else _STEP
        failed: InputError | None = None
        for weights in (_CENTRAL, _BACKWARD, _FORWARD):
            try:
                cells = [self.cell.replace({path: value + k * step}) for k, _ in weights]
                for c in cells:
                    c.parameters()
                return step, weights, cells
            except InputError as error:
                failed = failed or error
        raise InputError(f"{path} cannot be varied about {value:.6g}: {failed}")

    def _seed(self, lanes: Lanes, cells: Sequence[Cell], first: int, step: float, weights: Weights) -> Seed:
        def difference(values: Sequence[Any]) -> FloatArray:
            total = sum(w * np.asarray(v, dtype=float) for (_, w), v in zip(weights, values, strict=True))
            return np.asarray(total) / step

        span = range(first, first + len(weights))
        names = ("globals", "nodes", "faces", "particles", "state")
        arrays = {n: difference([getattr(lanes, n)[i] for i in span]) for n in names}
        steps = [self.compile(cells[i]) for i in span]
        profile = [np.concatenate([s.profile[:, 1] for s in x]) for x in steps]
        levels = [[e.level for s in x for e in s.events] for x in steps]
        tables = [
            [self._table([lanes.tables[i][r][t] for i in span], difference) for t in range(len(region))]
            for r, region in enumerate(lanes.tables[first])
        ]
        return Seed(**arrays, profile=difference(profile), levels=difference(levels), tables=tables)

    @staticmethod
    def _table(tables: Sequence[Any], difference: Callable[[Sequence[Any]], FloatArray]) -> FloatArray | None:
        if all(t is tables[0] for t in tables):
            return None
        if any(
            (t.low, t.step, len(t.pieces)) != (tables[0].low, tables[0].step, len(tables[0].pieces))
            for t in tables
        ):
            raise InputError(
                "a parameter that moves the knots of a property table has no gradient: give another path"
            )
        change = difference([t.pieces for t in tables])
        return change if np.any(change) else None

    # ---- derivatives of metrics ----
    def run(self, rows: FloatArray) -> Run:
        """The run of given rows."""
        status = np.array([self.status], dtype=np.int32)
        one = np.zeros(1, dtype=np.int32)
        outcome = Outcome([rows], status, [None], one, one, one, self.batch.lanes.state)
        compiler = Compiler(self.form, self.cell.parameters().scalars, self.prepared.planar)
        plan = replace(self.plan, period=None)
        return Runs([self.cell], [self.protocol], plan, outcome, [compiler])[0]

    def derivative(self, of: Metric, k: int) -> float:
        """Derivative of a metric along parameter ``k``: a central difference along the rows' tangents."""
        tangent = self.tangents[:, :, k]
        size = np.max(np.abs(tangent) / (1e-3 + np.abs(self.rows)))
        if size == 0:
            return 0.0
        h = _METRIC_STEP / size
        ends = [self._metric(of, self.run(self.rows + s * h * tangent)) for s in (1, -1)]
        return float((ends[0] - ends[1]) / (2 * h))

    @staticmethod
    def _metric(of: Metric, run: Run) -> float:
        if callable(of):
            return float(of(run))
        if of not in run.summary or isinstance(run.summary[of], str):
            names = ", ".join(n for n, v in run.summary.items() if not isinstance(v, str))
            raise InputError(f"of is {of!r}: give one of {names}, or a function of a run")
        return float(run.summary[of])
