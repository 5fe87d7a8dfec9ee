"""Many drives at once: the runs of all cars in one batch, and again only of those whose plan must change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.errors import InputError, SimulationError
from ionstone.study.car.drive import (
    MAX_PASSES,
    NEAR_CUT_OFF,
    TOLERANCES,
    Drive,
    DrivePlan,
    _drive,
    _improved,
)

if TYPE_CHECKING:
    import plotly.graph_objects
    import xarray

#: lanes of a model and of a map that are run together, and drives that are kept whole
TOGETHER, TOGETHER_AS_MAPS, KEPT = 48, 128, 48
#: lanes of a vector of the kernel, and how long it takes, in lanes alone
VECTOR, VECTOR_COST = 8, 4.5
#: figures of a drive that a batch holds, SI
FIGURES = {
    "range": "m", "duration": "s", "energy": "J", "consumption": "J/m", "soc_left": "1", "pack_energy": "J",
    "pack_mass": "kg", "min_temperature": "K", "max_temperature": "K", "heater_power": "W",
    "warm_up_energy": "J",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Failure:
    """A drive that was not computed: the code of the kernel and what to do about it."""

    code: int
    message: str


@dataclass(frozen=True, eq=False, repr=False)
class Drives:
    """Drives of many cells, cars, cycles or temperatures; arrays over the lanes, SI.

    `code` is 0 where a drive was computed; where it was not, `message` says why and the figures are NaN.
    `drives[i]` is the Drive of a lane, computed again where it was not kept. `notes` are those of each lane.
    """

    cell: tuple[str, ...]
    vehicle: tuple[str, ...]
    cycle: tuple[str, ...]
    ambient: np.ndarray
    figures: Mapping[str, np.ndarray]
    end_reason: tuple[str, ...]
    code: np.ndarray
    message: tuple[str, ...]
    notes: tuple[tuple[str, ...], ...]
    again: Callable[[int], Drive]
    kept: Mapping[int, Drive] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.code)

    def __repr__(self) -> str:
        return f"Drives({len(self)} lanes, {int(np.count_nonzero(self.code))} failed)"

    def __getitem__(self, lane: int) -> Drive:
        """Return the drive of a lane. SimulationError where it could not be computed."""
        lane = range(len(self))[lane]
        if self.code[lane]:
            raise SimulationError(self.message[lane])
        return self.kept[lane] if lane in self.kept else self.again(lane)

    @property
    def range(self) -> np.ndarray:
        """Distance driven [m]."""
        return self.figures["range"]

    @property
    def energy(self) -> np.ndarray:
        """Energy out of the terminals [J], net."""
        return self.figures["energy"]

    @property
    def consumption(self) -> np.ndarray:
        """Energy per distance [J/m], the warm-up of the pack included."""
        return self.figures["consumption"]

    @property
    def soc_left(self) -> np.ndarray:
        """State of charge at the end [-]."""
        return self.figures["soc_left"]

    @cached_property
    def summary(self) -> Mapping[str, Any]:
        """All figures as arrays, with names, reasons, codes and messages."""
        names = {"cell": self.cell, "vehicle": self.vehicle, "cycle": self.cycle}
        words = {key: np.array(value, dtype=object) for key, value in names.items()}
        ends = {"end_reason": np.array(self.end_reason, dtype=object), "code": self.code}
        return {**words, "ambient": self.ambient, **self.figures, **ends,
                "message": np.array(self.message, dtype=object)}  # fmt: skip

    def to_xarray(self) -> xarray.Dataset:
        """The figures as a dataset over `lane`, with units."""
        from ionstone.study.car.tables import dataset

        units = {**FIGURES, "ambient": "K"}
        columns = {
            key: (value.astype(str) if value.dtype == object else value, units.get(key, ""))
            for key, value in self.summary.items()
        }
        return dataset("lane", np.arange(len(self)), "1", columns, {})

    def chart(self) -> Any:
        """What `plot` draws, as a renderer-free chart."""
        from ionstone.study.car.charts import drives_chart

        return drives_chart(self)

    def plot(self) -> plotly.graph_objects.Figure:
        """A plotly figure: range and consumption over the ambient temperature, a line for each car."""
        from ionstone.plotting.interactive import plotly_figure

        return plotly_figure(self.chart())

    def to_json_dict(self) -> dict[str, Any]:
        """The figures, one mapping a drive; what is not finite becomes None."""
        from ionstone.study.car.tables import plain

        found = self.summary
        rows = [{key: plain(values[i]) for key, values in found.items()} for i in range(len(self))]
        return {
            "drives": [{**row, "notes": list(notes)} for row, notes in zip(rows, self.notes, strict=True)]
        }


@dataclass(frozen=True, eq=False)
class Lane:
    """One drive to be computed: its plan, and the choices that it was made with."""

    plan: DrivePlan
    choices: Mapping[str, Any]


RunMany = Callable[[Sequence[DrivePlan]], "list[Any]"]


def runs_of(model: str, settings: Mapping[str, Any]) -> RunMany:
    """Return what runs many plans: each result is a run, or a Failure. InputError for an unknown setting."""
    if model == "map":
        from ionstone.study.car.map_run import run_maps

        allowed = {"grid", "map_of"}
        wrong = next((name for name in settings if name not in allowed), None)
        if wrong is not None:
            raise InputError(f"{wrong} is no setting of model='map': leave it out, or use model='P2D'")
        return lambda plans: run_maps(plans, **settings)
    return lambda plans: run_models(plans, model, settings)


def run_models(plans: Sequence[DrivePlan], model: str, settings: Mapping[str, Any]) -> list[Any]:
    """Run plans with a cell model, in one batch for each kind of electrodes; what fails is tried finer."""
    found: list[Any] = [None] * len(plans)
    for lanes in _alike(plans):
        left = lanes
        for tolerance in TOLERANCES:
            done = _batch([plans[i] for i in left], model, {"tolerance": tolerance, **settings})
            for i, one in zip(left, done, strict=True):
                found[i] = one
            left = [i for i in left if isinstance(found[i], Failure)]
            if not left:
                break
    return found


def _alike(plans: Sequence[DrivePlan]) -> list[list[int]]:
    """Return the lanes of each model: porous and planar electrodes cannot be in one batch."""
    kinds: dict[tuple[bool, str], list[int]] = {}
    for i, plan in enumerate(plans):
        p = plan.cell.parameters()
        positive = p.positive_kind if p.positive_kind in ("porous", "film") else "metal"
        kinds.setdefault((p.negative_kind == "porous", positive), []).append(i)
    return list(kinds.values())


def _batch(plans: Sequence[DrivePlan], model: str, settings: Mapping[str, Any]) -> list[Any]:
    """Run plans of one kind; a lane that failed counts as ended only where it was at its lower cut-off."""
    from ionstone.study.pool import run_jobs

    given = dict(settings)
    workers = int(given.pop("threads", None) or processors())

    def work(group: Sequence[int]) -> list[Any]:
        return _vector([plans[i] for i in group], model, given)

    groups = groups_of(len(plans), workers)
    done, stopped = run_jobs(groups, work, workers=workers)
    if stopped:
        raise KeyboardInterrupt
    found: list[Any] = [None] * len(plans)
    for index, group in enumerate(groups):
        for i, one in zip(group, done[index], strict=True):
            found[i] = one
    return found


def groups_of(count: int, workers: int) -> list[list[int]]:
    """Return the lanes of each job: vectors of eight, and lanes alone where that ends sooner.

    A vector takes about as long as 4.5 lanes alone (P2D over the WLTC, measured), whether full or not.
    """

    def end(vectors: int) -> float:
        alone = max(0, count - VECTOR * vectors)
        free = [0.0] * workers
        for cost in [VECTOR_COST] * vectors + [1.0] * alone:
            free[free.index(min(free))] += cost
        return max(free)

    vectors = min(range(-(-count // VECTOR) + 1), key=end)
    whole = min(count, VECTOR * vectors)
    parts = [list(range(at, min(at + VECTOR, whole))) for at in range(0, whole, VECTOR)]
    return parts + [[i] for i in range(whole, count)]


def processors() -> int:
    """Return the number of processors that this process may use."""
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _vector(plans: Sequence[DrivePlan], model: str, settings: Mapping[str, Any]) -> list[Any]:
    from ionstone.simulation import simulate_batch

    around = [float(plan.conditions()["ambient"]) for plan in plans]
    given: dict[str, Any] = {"temperature": around, "ambient": around, "heat": "lumped", "soc": 1.0}
    protocols = [plan.protocol() for plan in plans]
    batch = simulate_batch(
        [plan.cell for plan in plans], protocols, model=model, threads=1, **{**given, **settings}
    )
    found: list[Any] = []
    for i, plan in enumerate(plans):
        run, code = batch[i], int(batch.code[i])
        lower = plan.cell.parameters().scalars["voltage.lower_cutoff"]
        spent = len(run.time) > 1 and run.voltage[-1] < lower + NEAR_CUT_OFF
        found.append(run if not code or spent else Failure(code, f"{plan.cell.name}: {batch.message(i)}"))
    return found


def drive_lanes(lanes: Sequence[Lane], run_many: RunMany) -> list[Drive | Failure]:
    """Return the drives of lanes that are run together, their plans improved until they stand."""
    plans = [lane.plan for lane in lanes]
    runs = run_many(plans)
    todo = list(range(len(lanes)))
    for _ in range(MAX_PASSES):
        better = {}
        for i in todo:
            if not isinstance(runs[i], Failure):
                plan = _improved(plans[i], runs[i], dict(lanes[i].choices))
                if plan is not None:
                    better[i] = plan
        if not better:
            break
        todo = list(better)
        for i, run in zip(todo, run_many(list(better.values())), strict=True):
            plans[i], runs[i] = better[i], run
    return [
        run if isinstance(run, Failure) else _drive(plan, run) for plan, run in zip(plans, runs, strict=True)
    ]


def drive_many(
    count: int,
    lane_of: Callable[[int], Lane],
    again: Callable[[int], Drive],
    model: str,
    settings: Mapping[str, Any],
) -> Drives:
    """Return the drives of `count` lanes, made ready one by one and run in groups, so that memory is flat."""
    table, run_many = Table(again, count <= KEPT), runs_of(model, settings)
    together = TOGETHER_AS_MAPS if model == "map" else TOGETHER
    for first in range(0, count, together):
        lanes = [lane_of(i) for i in range(first, min(first + together, count))]
        for lane, found in zip(lanes, drive_lanes(lanes, run_many), strict=True):
            plan = lane.plan
            table.add((str(plan.cell.name), plan.vehicle.name, plan.cycle.name, plan.ambient), found)
    return table.drives()


class Table:
    """Drives on their way into a batch: their figures, and the drives themselves where they are kept."""

    def __init__(self, again: Callable[[int], Drive], keep: bool) -> None:
        self.again, self.keep = again, keep
        self.names: list[tuple[str, str, str, float]] = []
        self.rows: list[Mapping[str, Any]] = []
        self.kept: dict[int, Drive] = {}

    def add(self, names: tuple[str, str, str, float], found: Drive | Failure) -> None:
        """Add a drive of a cell, car and cycle at an ambient temperature [K]."""
        self.names.append(names)
        if isinstance(found, Failure):
            self.rows.append({"code": found.code, "message": found.message, "end_reason": "", "notes": ()})
            return
        self.rows.append({**found.summary, "code": 0, "message": "", "notes": found.notes})
        if self.keep:
            self.kept[len(self.rows) - 1] = found

    def drives(self) -> Drives:
        """Return what was added."""
        cell, vehicle, cycle, ambient = zip(*self.names, strict=True)
        rows = self.rows
        arrays = {key: np.array([float(row.get(key, np.nan)) for row in rows]) for key in FIGURES}
        return Drives(
            cell=cell, vehicle=vehicle, cycle=cycle, ambient=np.array(ambient), figures=arrays,
            end_reason=tuple(str(row["end_reason"]) for row in rows),
            code=np.array([int(row["code"]) for row in rows]),
            message=tuple(str(row["message"]) for row in rows),
            notes=tuple(tuple(row["notes"]) for row in rows), again=self.again, kept=self.kept,
        )  # fmt: skip
