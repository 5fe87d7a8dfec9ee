"""Many cells as columns: one set of parameters, and an array of each scalar in which they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_design import Cell
from ionstone.cell_design.build import CellParameters
from ionstone.cell_design.columns import CONSTANTS
from ionstone.simulation.vary import Designs

FloatArray = NDArray[np.float64]


class Face:
    """The parameters of one design as a Cell shows them, read from columns."""

    __slots__ = ("_columns", "_lane", "_scalars", "functions", "name", "negative_kind", "positive_kind")

    def __init__(self, name: str, base: CellParameters, columns: Mapping[str, FloatArray], lane: int) -> None:
        self.name, self._columns, self._lane, self._scalars = name, columns, lane, base.scalars
        self.functions, self.negative_kind = base.functions, base.negative_kind
        self.positive_kind = base.positive_kind

    def parameters(self) -> Face:
        """The flat parameters."""
        return self

    @property
    def scalars(self) -> Face:
        """Numbers by path."""
        return self

    def __getitem__(self, path: str) -> float:
        column = self._columns.get(path)
        return self._scalars[path] if column is None else float(column[self._lane])


class Faces(Sequence[Face]):
    """Cells that share their functions: ``columns`` are the scalars in which they differ, one value each."""

    def __init__(
        self,
        names: Sequence[str],
        base: CellParameters,
        columns: Mapping[str, FloatArray],
    ) -> None:
        self.names, self.base, self.columns = names, base, columns

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, i: int) -> Face: ...

    @overload
    def __getitem__(self, i: slice) -> Sequence[Face]: ...

    def __getitem__(self, i: int | slice) -> Face | Sequence[Face]:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        return Face(self.names[i], self.base, self.columns, i)


def faces_of(cells: Sequence[Cell]) -> Sequence[Any]:
    """What arguments, protocols and layouts read: Faces where the cells can be columns, else the cells."""
    if isinstance(cells, Designs):
        columns = cells.columns
        if columns is None:
            return list(cells)
        return Faces([cells.cell.name] * len(cells), cells.cell.parameters(), columns)
    return cells if len(cells) == 1 else gathered(cells) or cells


def gathered(cells: Sequence[Cell]) -> Faces | None:
    """Columns of cells that differ in scalars and constants of functions; None where they differ in more."""
    every = [c.parameters() for c in cells]
    base = every[0]
    same = (base.negative_kind, base.positive_kind, len(base.scalars))
    if any((p.negative_kind, p.positive_kind, len(p.scalars)) != same for p in every):
        return None
    names = list(base.scalars)
    try:
        functions = zip(*map(itemgetter(*base.functions), (p.functions for p in every)), strict=True)
        numbers = chain.from_iterable(map(itemgetter(*names), (p.scalars for p in every)))
        table = np.fromiter(numbers, float, len(every) * len(names)).reshape(len(every), -1)
    except KeyError:
        return None
    columns: dict[str, FloatArray] = {}
    for key, own in zip(base.functions, functions, strict=True):
        function = own[0]
        if all(f is function for f in own):
            continue
        if key.split(".")[-1] in CONSTANTS and all(isinstance(f.law, float) for f in own):
            columns[key] = np.array([f.constant for f in own])
        elif any(f != function for f in own):
            return None
    differs = np.any((table != table[0]) & ~(np.isnan(table) & np.isnan(table[0])), axis=0)
    for k in np.flatnonzero(differs):
        if ".electrolyte." in names[k]:
            return None
        columns[names[k]] = np.ascontiguousarray(table[:, k])
    return Faces([c.name for c in cells], base, columns)


def scalars_of(cells: Sequence[Any], *names: str) -> list[tuple[float, ...]]:
    """Some scalars (two or more) of each cell."""
    if isinstance(cells, Faces):
        columns, scalars, count = cells.columns, cells.base.scalars, len(cells)
        each = [columns[n].tolist() if n in columns else [scalars[n]] * count for n in names]
        return list(zip(*each, strict=True))
    read = itemgetter(*names)
    return [read(c.parameters().scalars) for c in cells]
