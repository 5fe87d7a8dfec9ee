"""Cells laid out for the kernel. What is prepared is kept by content; results never are."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ionstone.cell_design import Cell
from ionstone.cell_model.build import Builder, Conditions
from ionstone.cell_model.law_files import NO_LAWS, BatchLaws
from ionstone.cell_model.levels import LEVELS, Level
from ionstone.cell_model.options import options_of
from ionstone.cell_model.parts import Options
from ionstone.core.errors import InputError
from ionstone.numerics import kernel as core
from ionstone.numerics.form import Form
from ionstone.numerics.tracer import TraceError
from ionstone.simulation.grid import Grid

#: lumped states that the kernel holds
MOST_LUMPED = 6
#: prepared single cells that are kept
_KEPT = 32


@dataclass(frozen=True)
class Plan:
    """What a batch is run with."""

    level: Level
    heat: str
    grid: Grid
    tolerance: float
    period: float | None
    max_steps: int
    own: BatchLaws = NO_LAWS


@dataclass(frozen=True)
class PreparedCells:
    """The kernel's layout of a batch, and whether the negative electrode is planar."""

    lanes: core.Prepared
    planar: bool

    @property
    def form(self) -> Form:
        """The model form of the batch."""
        return self.lanes.form


@lru_cache(maxsize=32)
def _kernel(level: str, options: Options) -> core.Kernel:
    try:
        form = LEVELS[level].form(options)
        if len(form.lumped) > MOST_LUMPED:
            raise InputError(
                f"{level}: {', '.join(form.lumped)} are {len(form.lumped)} states of the whole cell,"
                f" allowed at most {MOST_LUMPED}: use model='P2D', heat='isothermal', or no void_depth"
            )
        return core.Kernel(form)
    except TraceError as error:  # an own law: it names its line where the error is raised in it
        raise InputError(f"laws: {error}") from error


_cache: OrderedDict[tuple[object, ...], PreparedCells] = OrderedDict()


def prepare(cells: Sequence[Cell], plan: Plan, conditions: Sequence[Conditions]) -> PreparedCells:
    """Arrays of a batch; a single cell with equal content, level, grid and conditions is laid out once."""
    if len(cells) > 1:
        return _layout(cells, plan, conditions)
    key = (cells[0].fingerprint, plan.level.name, plan.heat, plan.grid, conditions[0], plan.own.key)
    found = _cache.pop(key, None) or _layout(cells, plan, conditions)
    _cache[key] = found
    while len(_cache) > _KEPT:
        _cache.popitem(last=False)
    return found


def _layout(cells: Sequence[Cell], plan: Plan, conditions: Sequence[Conditions]) -> PreparedCells:
    parameters = [c.parameters() for c in cells]
    try:
        options = options_of(parameters, plan.heat == "lumped", plan.heat == "held", plan.own.laws)
    except ValueError as error:
        raise InputError(str(error)) from None
    kernel = _kernel(plan.level.name, options)
    mesh = plan.level.mesh(plan.grid, options)
    lanes = Builder(kernel.form, options, parameters, mesh, plan.own.values).build(conditions)
    return PreparedCells(core.Prepared(kernel, mesh, lanes), options.planar)
