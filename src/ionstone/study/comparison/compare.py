"""Cells side by side in the same car."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ionstone.core.errors import InputError, SimulationError, one_line
from ionstone.core.quantities import to_si
from ionstone.study.comparison.rows import Comparison, Row
from ionstone.study.pool import run_jobs

REFERENCE_CELLS = (
    "lg-m50",
    "lfp-graphite",
    "sodium-nvpf",
    "sulfide-li",
    "qse5",
    "semi-solid-360",
    "polymer-lfp",
)
"""The built-in cells that ``compare`` runs when none is named."""

COLD = 263.15
"""Ambient of the cold range [K]: -10 degC."""

Stage = Callable[[str], None]
Progress = Callable[[str, str, float], None]
"""Called with the cell, what is being done, and the part of that cell's work that is done (0 to 1)."""


@dataclass(frozen=True)
class Scenario:
    """The car and the conditions that all cells of a comparison share. Temperatures [K] are ambients."""

    vehicle: Any
    vehicle_name: str
    cycle: Any
    cycle_name: str
    temperature: float = 298.15
    cold: float = COLD
    same: str = "mass"
    pictures: bool = False


Evaluate = Callable[[Any, Scenario, Stage], Row]


def compare(
    cells: Sequence[Any] = (),
    *,
    vehicle: Any = "tesla-model-3-lr",
    cycle: Any = "wltc_3b",
    temperature: float | str = 298.15,
    cold: float | str = COLD,
    same: str = "mass",
    pictures: bool = False,
    workers: int = 2,
    progress: Progress | None = None,
    evaluate: Evaluate | None = None,
) -> Comparison:
    """Put each cell into the same car and return one row a cell.

    ``cells`` are names, files or ``Cell`` objects (none: the built-in reference cells). Packs have the
    same mass (``same="mass"``) or the same volume as the car's own, or the size that gives the range of the
    car's own pack at the first ambient (``same="range"``; all other figures are then those of that pack).
    Ambients are in K, or texts as in "-10 degC". ``pictures``: also compute what a report draws beside the
    table (a pass of the cycle, the range in every weather, cells of a pack that differ), which takes three
    times as long.

    A cell whose simulation fails keeps its row: the row carries the message. InputError for an unknown
    cell, vehicle or cycle, before anything is computed. Stopped by the user (KeyboardInterrupt), the rows
    that are done are returned and ``interrupted`` is true.
    """
    from ionstone.study.car.sizes import SIZES
    from ionstone.study.comparison import evaluate as evaluation

    if same not in SIZES:
        raise InputError(f"--same: {same!r} is unknown; use one of {', '.join(SIZES)}")
    temperature, cold = to_si(temperature, "K", "--temperature"), to_si(cold, "K", "cold")
    if not 213.15 <= temperature <= 333.15:
        raise InputError(
            f"--temperature: {temperature - 273.15:g} degC is outside -60 to 60 degC; choose one inside"
        )
    loaded = _loaded(cells or REFERENCE_CELLS)
    scenario = evaluation.scenario(
        vehicle, cycle, temperature=temperature, cold=cold, same=same, pictures=pictures
    )
    evaluate = evaluate or evaluation.evaluate_cell
    stages = evaluation.stages(scenario)
    jobs = [(cell, _reporter(cell.name, stages, progress)) for cell in loaded]

    def work(job: tuple[Any, Stage]) -> Row:
        cell, stage = job
        return _guarded(evaluate, cell, scenario, stage)

    def finished(row: Row) -> None:
        if progress is not None:
            progress(row.name, "done" if row.code == 0 else "failed", 1.0)

    results, interrupted = run_jobs(jobs, work, workers=workers, finished=finished)
    return Comparison(
        rows=tuple(results[index] for index in sorted(results)),
        vehicle=scenario.vehicle_name,
        vehicle_title=evaluation.title_of(scenario.vehicle),
        cycle=scenario.cycle_name,
        temperature=temperature,
        cold=cold,
        same=same,
        assumptions=evaluation.assumptions(scenario),
        interrupted=interrupted,
    )


def _loaded(cells: Any) -> list[Any]:
    from ionstone.cell_design import Cell, load_cell

    if isinstance(cells, (str, Path, Cell)):
        cells = [cells]
    loaded = [load_cell(cell) if isinstance(cell, (str, Path)) else cell for cell in cells]
    names = [cell.name for cell in loaded]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"CELL: {name!r} is named twice; name each cell once")
    for cell in loaded:
        if isinstance(cell, Cell) and cell.parameters().positive_kind in ("lithium", "anode_free"):
            raise InputError(f"CELL: {cell.name} is metal against metal and drives no car: name another cell")
    return loaded


def told(error: Exception) -> str:
    """What an error says, on one line; an error that is no message for users is named by its kind."""
    if isinstance(error, (SimulationError, InputError)):
        return str(error)
    return one_line(f"{type(error).__name__}: {error}")


def _guarded(evaluate: Evaluate, cell: Any, scenario: Scenario, stage: Stage) -> Row:
    """One row; whatever goes wrong inside one cell becomes that row's message and leaves the others
    alone."""
    try:
        return evaluate(cell, scenario, stage)
    except Exception as error:
        return Row(cell.name, str(cell.title), code=1, message=told(error))


def _reporter(name: str, stages: Sequence[str], progress: Progress | None) -> Stage:
    def report(stage: str) -> None:
        if progress is not None:
            done = stages.index(stage) / len(stages) if stage in stages else 0.0
            progress(name, stage, done)

    return report
