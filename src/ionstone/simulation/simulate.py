"""Run one cell or a batch of cells through protocols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np

from ionstone.cell_design import Cell, load_cell
from ionstone.cell_model.law_files import BatchLaws, LawsInput, laws_of
from ionstone.core.errors import InputError, SimulationError
from ionstone.experiment import Protocol, protocol_name
from ionstone.results import Run
from ionstone.simulation.arguments import DEFAULT_TOLERANCE, plan_of, protocol_of
from ionstone.simulation.batch import Batch
from ionstone.simulation.chunks import run_job
from ionstone.simulation.grid import Grid
from ionstone.simulation.job import Job
from ionstone.simulation.kept import check_keep
from ionstone.simulation.vary import Designs

Progress = bool | Callable[[float], None] | None


def simulate_batch(
    cells: Sequence[Cell | str | Path] | Designs,
    protocols: Sequence[Any] | Any,
    *,
    model: str = "P2D",
    temperature: float | str | Sequence[float] | None = None,
    heat: str = "isothermal",
    ambient: float | str | None = None,
    soc: float | str | Sequence[float] | None = None,
    period: float | str | None = None,
    grid: Grid | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
    threads: int | None = None,
    max_steps: int = 2_000_000,
    dense: bool | None = None,
    keep: str = "points",
    laws: LawsInput | None = None,
    allow_laws: bool = False,
    progress: Progress = None,
    out: str | Path | None = None,
    curve: str | None = None,
) -> Batch:
    """Run many cells, each through its protocol (one for all, or one a cell), in vector lanes and threads.

    cells: Designs (``ionstone.vary``), or a list of cells. All have a porous, or all a planar, negative
    electrode. Arguments as in ``simulate``; ``temperature``, ``ambient`` and ``soc`` may be sequences.
    threads: by default one a processor. progress: True for a bar, or a function of the share that is done.
    out: a file (.nc, .parquet, .zarr) that codes, messages and metrics are streamed to; curve: "time" or
    "capacity", to add the voltage of each lane at 101 points even over its time or over the charge passed.

    A lane that fails has a code and a message; the others go on. A batch of more than 2,000 lanes is run in
    chunks and keeps metrics only: one of its runs is computed again when it is read. Ctrl-C ends a batch and
    keeps what is done. Raises InputError for bad input.
    """
    lanes = (
        cells if isinstance(cells, Designs) else [c if isinstance(c, Cell) else load_cell(c) for c in cells]
    )
    if not len(lanes):
        raise InputError("a batch needs at least one cell")
    shared = isinstance(protocols, (str, Protocol)) or not isinstance(protocols, Sequence)
    given = [protocols] if shared else list(protocols)
    if not shared and len(given) != len(lanes):
        raise InputError(
            f"{len(given)} protocols for {len(lanes)} cells: give one protocol, or one for each cell (one of "
            "several steps is parse_protocol([...]))"
        )
    parsed = _parsed(given, lanes)
    plan = plan_of(model, heat, grid, tolerance, period, max_steps, _laws(lanes, laws, allow_laws))
    only_steps = check_keep(keep, period, curve)
    job = Job(lanes, parsed, plan, temperature, ambient, soc, dense, _threads(threads), only_steps)
    return run_job(job, progress=progress, out=out, curve=curve)


def _parsed(given: Sequence[Any], lanes: Sequence[Cell]) -> list[Protocol]:
    """Protocols, each source read once; one by name is made for the cell of each lane."""
    if len(given) < len(lanes) and protocol_name(given[0]) is not None:
        given = [given[0]] * len(lanes)
    known: dict[object, Protocol] = {}
    out = []
    for i, p in enumerate(given):
        key: object = p if isinstance(p, str) else id(p)
        if protocol_name(p) is not None:
            s = lanes[i].parameters().scalars
            key = (p, s["voltage.lower_cutoff"], s["voltage.upper_cutoff"])
        if key not in known:
            known[key] = protocol_of(p, lanes[i])
        out.append(known[key])
    return out


def _laws(lanes: Sequence[Cell], laws: LawsInput | None, allow: bool) -> BatchLaws:
    """Own laws of a batch; designs of one cell have the laws of that cell."""
    if not isinstance(lanes, Designs):
        return laws_of(lanes, laws, allow)
    if laws is not None:
        return laws_of([lanes.cell] * len(lanes), laws, allow)
    one = laws_of([lanes.cell], None, allow)
    return (
        BatchLaws(one.laws, {p: np.repeat(v, len(lanes)) for p, v in one.values.items()})
        if one.values
        else one
    )


def _threads(threads: int | None) -> int:
    if threads is not None:
        return threads
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@overload
def simulate(cell: Cell | str | Path, protocol: Any, **settings: Any) -> Run: ...


@overload
def simulate(cell: Designs | Sequence[Cell], protocol: Any, **settings: Any) -> Batch: ...


def simulate(
    cell: Cell | str | Path | Designs | Sequence[Cell],
    protocol: Any,
    *,
    model: str = "P2D",
    temperature: float | str | None = None,
    heat: str = "isothermal",
    ambient: float | str | None = None,
    soc: float | str | None = None,
    period: float | str | None = None,
    grid: Grid | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
    max_steps: int = 2_000_000,
    dense: bool | None = None,
    keep: str = "points",
    laws: LawsInput | None = None,
    allow_laws: bool = False,
    **batch_settings: Any,
) -> Run | Batch:
    """Run one cell, or many, through a protocol.

    cell: a name, a file, or a Cell. protocol: text, list of texts, objects (``ionstone.experiment``), or a
    name with settings, "hppc(pulse=10 s)", between the cell's cut-off voltages.
    model: "P2D", "SPMe" or "SPM". temperature [K or text]: of an isothermal run, or at the start; default the
    cell's operating temperature, else 25 degC. heat: "isothermal"; "held", the same with heat as an output;
    or "lumped", cooled to ``ambient``. soc: state of charge at the start (0 to 1); default the cell's own
    initial state, else full. period [s]: spacing of the output; default points between which straight lines
    err under 0.1 mV. tolerance: of the time integration, about volts. keep: "points", or "steps" to keep, of
    each step of the protocol, metrics (``run.steps``) and the first and last point: long runs in little
    memory. laws: own laws, a Python file or a mapping from slot to function, in place of those that the
    cell's file names; allow_laws: run the code that a cell's file names.

    Designs (``ionstone.vary``) or a list of cells are run as a batch, with one protocol or a list of them,
    one a lane, and further settings: see ``simulate_batch``.

    Returns a Run, or a Batch of runs. Raises InputError for bad input, SimulationError (with the part
    computed) for a failed single run.
    """
    settings: dict[str, Any] = {
        "model": model,
        "temperature": temperature,
        "heat": heat,
        "ambient": ambient,
        "soc": soc,
        "period": period,
        "grid": grid,
        "tolerance": tolerance,
        "max_steps": max_steps,
        "dense": dense,
        "keep": keep,
        "laws": laws,
        "allow_laws": allow_laws,
    }
    if not isinstance(cell, (Cell, str, Path)):
        return simulate_batch(cell, protocol, **settings, **batch_settings)
    if batch_settings:
        raise InputError(f"{next(iter(batch_settings))} is a setting of batches: leave it out for one cell")
    loaded = cell if isinstance(cell, Cell) else load_cell(cell)
    given = [protocol] if isinstance(protocol, (list, tuple)) else protocol
    batch = simulate_batch([loaded], given, **settings, threads=1)
    run: Run = batch[0]
    if batch.code[0]:
        raise SimulationError(f"{loaded.name}: {batch.message(0)}", run)
    return run
