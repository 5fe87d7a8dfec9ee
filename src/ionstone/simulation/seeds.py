"""How parameters of a cell change the arrays of its model: differences of designs that lie near the cell.

The way of a parameter into the arrays (laws of transport, balance of the electrodes, mass, tables) is
differentiated by differences of fourth order. Designs near the cell are columns where they can be
(``cell_design.columns``), else cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_design import Cell
from ionstone.cell_design.cell import ALIASES
from ionstone.cell_design.columns import FRACTIONS, Unsupported, columns, has_room
from ionstone.cell_model.build import Builder
from ionstone.cell_model.names import FACE_DATA
from ionstone.cell_model.parts import Options
from ionstone.core.errors import InputError
from ionstone.numerics import kernel as core
from ionstone.numerics.tangents import Seed
from ionstone.simulation.arguments import conditions_of
from ionstone.simulation.compile import COMPILED
from ionstone.simulation.faces import Faces, scalars_of
from ionstone.simulation.layout import ColumnBuilder, options_for, tabled
from ionstone.simulation.prepare import Plan, _kernel
from ionstone.simulation.vary import inside, is_constant

FloatArray = NDArray[np.float64]
Weights = tuple[tuple[int, float], ...]
Compile = Callable[[Any], Sequence[core.KernelStep]]
#: relative step of the differences
_STEP = 1e-4
#: differences of fourth order: steps and weights; one-sided where a parameter lies at its bound
_CENTRAL = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))
_FORWARD = ((0, -25 / 12), (1, 4.0), (2, -3.0), (3, 4 / 3), (4, -1 / 4))
_BACKWARD = tuple((-k, -w) for k, w in _FORWARD)
_STENCILS: tuple[Weights, ...] = (_CENTRAL, _BACKWARD, _FORWARD)
_ARRAYS = ("globals", "nodes", "faces", "particles", "state")


@dataclass(frozen=True, eq=False)
class Near:
    """Designs about a cell in which one parameter differs."""

    path: str
    value: float
    weights: Weights = _CENTRAL
    cells: Sequence[Cell] = ()  # where columns do not tell

    @property
    def step(self) -> float:
        """Distance of neighbouring values."""
        return _STEP * abs(self.value) if self.value else _STEP

    @property
    def values(self) -> FloatArray:
        """The values of the parameter, in the order of the weights."""
        return np.array([self.value + k * self.step for k, _ in self.weights])


@dataclass(frozen=True, eq=False)
class Group:
    """Designs laid out together, the cell itself last; each Near takes the next lanes."""

    near: Sequence[Near]
    cells: Sequence[Any]
    lanes: core.Lanes

    def spans(self) -> list[range]:
        """Lanes of each Near."""
        ends = np.cumsum([len(n.weights) for n in self.near]).tolist()
        return [range(end - len(n.weights), end) for n, end in zip(self.near, ends, strict=True)]


class Neighbours:
    """A cell and the designs near it, laid out as one model."""

    def __init__(self, cell: Cell, paths: Sequence[str], plan: Plan, conditions: Sequence[Any]) -> None:
        """``conditions``: temperature, ambient and state of charge, as the user gave them."""
        if not paths:
            raise InputError("gradient needs at least one path in `to`")
        self.cell, self.plan, self.conditions = cell, plan, conditions
        self.paths = [p if p in plan.own.values else ALIASES.get(p, p) for p in paths]
        near, found = _chosen(cell, list(dict.fromkeys(self.paths)), plan)
        slow = [n for n in near if n.cells]
        cells = [*(c for n in slow for c in n.cells), cell]
        self.options: Options = options_for([c.parameters() for c in cells], plan)
        self.kernel = _kernel(plan.level.name, self.options)
        self.mesh = plan.level.mesh(plan.grid, self.options)
        self.groups = [self._columns([n for n in near if not n.cells], found)]
        if slow:
            self.groups.append(self._cells(slow, cells))

    @property
    def design(self) -> core.Prepared:
        """The cell itself, laid out."""
        lanes = self.groups[0].lanes
        return core.Prepared(
            self.kernel, self.mesh, core.Lanes(*(getattr(lanes, f.name)[-1:] for f in fields(lanes)))
        )

    def seeds(self, compile: Compile) -> list[Seed]:
        """Derivatives of all inputs to each parameter; ``compile``: the protocol's steps for a design."""
        found = {}
        for group in self.groups:
            found.update(_seeds(group, compile))
        return [found[path] for path in self.paths]

    def _columns(self, near: Sequence[Near], found: Mapping[str, FloatArray]) -> Group:
        own, count = self.plan.own.values, _count(near)
        lanes = {path: np.full(count, v[0]) for path, v in own.items()}
        lanes |= {path: v for path, v in _varied(near).items() if path in own}
        base = self.cell.parameters()
        faces = Faces([self.cell.name] * count, base, found)
        builder = ColumnBuilder(self.kernel.form, self.options, base, found, count, self.mesh, lanes)
        return Group(near, faces, builder.build(conditions_of(faces, *self.conditions)))

    def _cells(self, near: Sequence[Near], cells: Sequence[Cell]) -> Group:
        own = {path: np.full(len(cells), v[0]) for path, v in self.plan.own.values.items()}
        parameters = [c.parameters() for c in cells]
        builder = Builder(self.kernel.form, self.options, parameters, self.mesh, own)
        group = Group(near, cells, builder.build(conditions_of(cells, *self.conditions)))
        blocked = group.lanes.faces[:, FACE_DATA.index("blocked")]
        for n, span in zip(near, group.spans(), strict=True):
            if n.path.endswith(".initial_concentration") and np.any(blocked[span[0]] != blocked[-1]):
                raise InputError(
                    f"{n.path} parts electrolytes that are one: another model, without a gradient here"
                )
        return group


def _chosen(cell: Cell, paths: Sequence[str], plan: Plan) -> tuple[list[Near], Mapping[str, FloatArray]]:
    """Designs about the cell for each path, and the columns of those that columns tell of."""
    tables, own = tabled(options_for([cell.parameters()], plan)), plan.own.values

    def every(path: str) -> Iterable[Near]:
        if path in own:  # bounds do not matter so near the value of an own law
            return [Near(path, float(own[path][0]))]
        return _within_bounds(cell, path, tables)

    near = [next(iter(every(p)), None) or _as_cells(cell, p) for p in paths]
    found = _found(cell, near, own)
    if found is None:  # each for itself
        near = [
            next((n for n in every(p) if _found(cell, [n], own) is not None), None) or _as_cells(cell, p)
            for p in paths
        ]
        found = _found(cell, near, own)
    return near, found or {}


def _count(near: Sequence[Near]) -> int:
    """Lanes of designs that columns tell of, and of the cell itself."""
    return sum(len(n.weights) for n in near if not n.cells) + 1


def _varied(near: Sequence[Near]) -> dict[str, FloatArray]:
    """Values of each parameter over those lanes; elsewhere its own."""
    out, first, count = {}, 0, _count(near)
    for n in near:
        if not n.cells:
            out[n.path] = np.full(count, n.value)
            out[n.path][first : first + len(n.weights)] = n.values
            first += len(n.weights)
    return out


def _found(cell: Cell, near: Sequence[Near], own: Mapping[str, Any]) -> dict[str, FloatArray] | None:
    """Scalars that differ over those lanes; None where columns do not tell of one of them."""
    varied = {path: v for path, v in _varied(near).items() if path not in own}
    try:
        return columns(cell, varied, _count(near)) if varied else {}
    except Unsupported:
        return None


def _within_bounds(cell: Cell, path: str, tables: set[str]) -> Iterable[Near]:
    """Differences whose values lie within the bounds of a parameter; none where columns do not tell of it."""
    value, last = cell[path], path.split(".")[-1]
    number = path in cell.resolved.numbers or is_constant(cell, path, np.array([value]))
    if not number or ".electrolyte." in path or last in tables:
        return
    for weights in _STENCILS:
        near = Near(path, value, weights)
        if _allowed(cell, near):
            yield near


def _allowed(cell: Cell, near: Near) -> bool:
    """Whether values lie in the range of their quantity, and volume fractions fit into their electrode."""
    electrode, _, last = near.path.partition(".")
    if not np.all(inside(cell.resolved.quantities[near.path], near.values)):
        return False
    if electrode not in ("negative", "positive") or last not in FRACTIONS:
        return True
    numbers = {f"{electrode}.{key}": cell[f"{electrode}.{key}"] for key in FRACTIONS}
    return bool(np.all(has_room(cell, electrode, numbers | {near.path: near.values})))


def _as_cells(cell: Cell, path: str) -> Near:
    """Cells with one parameter changed, for the first difference that stays within its bounds."""
    value = cell[path]
    failed: InputError | None = None
    for weights in _STENCILS:
        near = Near(path, value, weights)
        try:
            cells = [cell.replace({path: float(v)}) for v in near.values]
            for c in cells:
                c.parameters()
            return Near(path, value, weights, cells)
        except InputError as error:
            failed = failed or error
    raise InputError(f"{path} cannot be varied about {value:.6g}: {failed}")


def around(cell: Cell, path: str) -> tuple[float, Weights, Sequence[Cell]]:
    """Step, weights and cells of the difference of fourth order along one parameter, within its bounds.

    InputError where there is none.
    """
    near = _as_cells(cell, path)
    return near.step, near.weights, near.cells


def _seeds(group: Group, compile: Compile) -> dict[str, Seed]:
    """Seeds of one group, by path."""
    spans = group.spans()
    arrays: list[dict[str, FloatArray]] = [{} for _ in spans]
    for weights in {n.weights for n in group.near}:
        which = [k for k, n in enumerate(group.near) if n.weights == weights]
        lanes = np.array([spans[k] for k in which])
        factors = np.array([w for _, w in weights]) / np.array([[group.near[k].step] for k in which])
        for name in _ARRAYS:
            values = getattr(group.lanes, name)
            change = values[lanes] - values[-1]
            for k, seed in zip(which, np.einsum("pn,pn...->p...", factors, change), strict=True):
                arrays[k][name] = seed
    steps = _Steps(group.cells, compile)
    out = {}
    for near, span, known in zip(group.near, spans, arrays, strict=True):
        difference = _difference(near)
        profile, levels = steps.difference(span, difference)
        tables = _tables([group.lanes.tables[i] for i in span], group.lanes.tables[-1], difference)
        out[near.path] = Seed(**known, profile=profile, levels=levels, tables=tables)
    return out


def _difference(near: Near) -> Callable[[Sequence[Any]], FloatArray]:
    def difference(values: Sequence[Any]) -> FloatArray:
        pairs = zip(near.weights, values, strict=True)
        return np.asarray(sum(w * np.asarray(v, dtype=float) for (_, w), v in pairs)) / near.step

    return difference


class _Steps:
    """The protocol's set points and levels in each design; compiled once for equal scalars."""

    def __init__(self, cells: Sequence[Any], compile: Compile) -> None:
        self.cells, self.compile = cells, compile
        self.keys = scalars_of(cells, *COMPILED)
        self.known: dict[tuple[float, ...], tuple[FloatArray, FloatArray]] = {}

    def of(self, lane: int) -> tuple[FloatArray, FloatArray]:
        key = self.keys[lane]
        if key not in self.known:
            steps = self.compile(self.cells[lane])
            profile = np.concatenate([s.profile[:, 1] for s in steps])
            self.known[key] = profile, np.array([e.level for s in steps for e in s.events])
        return self.known[key]

    def difference(
        self, span: range, difference: Callable[[Sequence[Any]], FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        if all(self.keys[i] == self.keys[-1] for i in span):
            profile, levels = self.of(len(self.keys) - 1)
            return np.zeros(len(profile)), np.zeros(len(levels))
        profiles, levels_of = zip(*(self.of(i) for i in span), strict=True)
        return difference(profiles), difference(levels_of)


def _tables(
    lanes: Sequence[Any], own: Any, difference: Callable[[Sequence[Any]], FloatArray]
) -> list[list[FloatArray | None]]:
    if all(lane is own for lane in lanes):
        return [[None] * len(region) for region in own]
    return [
        [_table([lane[r][t] for lane in lanes], difference) for t in range(len(region))]
        for r, region in enumerate(own)
    ]


def _table(tables: Sequence[Any], difference: Callable[[Sequence[Any]], FloatArray]) -> FloatArray | None:
    if all(t is tables[0] for t in tables):
        return None
    knots = {(t.low, t.step, len(t.pieces)) for t in tables}
    if len(knots) > 1:
        raise InputError(
            "a parameter that moves the knots of a property table has no gradient: give another path"
        )
    change = difference([t.pieces for t in tables])
    return change if np.any(change) else None
