"""Many designs of one cell, made of arrays of values; a design becomes a Cell only when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_design import Cell, load_cell
from ionstone.cell_design.cell import ALIASES
from ionstone.cell_design.columns import CONSTANTS, Unsupported, columns
from ionstone.core.errors import InputError, shown
from ionstone.core.quantities import Quantity

if TYPE_CHECKING:
    from pathlib import Path

FloatArray = NDArray[np.float64]
#: designs that are computed together
_TOGETHER = 2000


class Designs(Sequence[Cell]):
    """Designs of one cell: ``designs[i]`` is a Cell, a slice is Designs, ``values[path]`` what is varied.

    Made by ``ionstone.vary``; ``ionstone.simulate`` takes them as they are.
    """

    def __init__(self, cell: Cell, values: Mapping[str, Any], count: int, first: int = 0) -> None:
        self.cell, self._values, self._count, self._first = cell, dict(values), count, first

    @property
    def paths(self) -> list[str]:
        """What is varied."""
        return list(self._values)

    @property
    def values(self) -> dict[str, Any]:
        """Values by path, one a design: an array in SI, or a list where the path is of a function."""
        return dict(self._values)

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        return f"Designs({self.cell.name}, {self._count} lanes of {', '.join(self._values) or 'no change'})"

    @overload
    def __getitem__(self, i: int) -> Cell: ...

    @overload
    def __getitem__(self, i: slice) -> Designs: ...

    def __getitem__(self, i: int | slice) -> Cell | Designs:
        if isinstance(i, slice):
            lanes = range(self._count)[i]
            part = {path: values[i] for path, values in self._values.items()}
            return Designs(self.cell, part, len(lanes), self._first + (lanes[0] if lanes else 0))
        i = range(self._count)[i]
        changes = {p: float(v[i]) if isinstance(v, np.ndarray) else v[i] for p, v in self._values.items()}
        try:
            cell = self.cell.replace(changes) if changes else self.cell
            cell.parameters()
        except InputError as error:
            raise InputError(f"lane {self._first + i}: {_listed(changes, str(error))}{error}") from None
        return cell

    @cached_property
    def columns(self) -> dict[str, FloatArray] | None:
        """Scalars of the models that differ, one value a design; None where designs differ in more.

        InputError names the first lane that is no possible cell, and what it changes.
        """
        if not all(isinstance(v, np.ndarray) for v in self._values.values()):
            return None
        parts = []
        for at in range(0, self._count, _TOGETHER):
            part = self[at : at + _TOGETHER]
            try:
                parts.append(columns(self.cell, part._values, len(part)))
            except Unsupported:
                part._refuse()
                return None
        return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]} if parts else {}

    def _refuse(self) -> None:
        """Raise InputError for the first design that is no possible cell, if there is one."""
        if any(".electrolyte." in path for path in self._values):
            return
        part = self
        while len(part) > 1:  # halves
            left, right = part[: len(part) // 2], part[len(part) // 2 :]
            try:
                columns(self.cell, left._values, len(left))
                part = right
            except Unsupported:
                part = left
        part[0]


def _listed(changes: Mapping[str, Any], text: str) -> str:
    """The changes of a lane, where the error does not name them."""
    if not changes or any(path in text for path in changes):
        return ""
    return (
        "with "
        + ", ".join(
            f"{p} = {v:.6g}" if isinstance(v, float) else f"{p} = {shown(v)}" for p, v in changes.items()
        )
        + ": "
    )


def vary(cell: Cell | str | Path, changes: Mapping[str, Any]) -> Designs:
    """Return designs of ``cell``, one a lane: ``vary(cell, {"positive.thickness": [70e-6, 80e-6]})``.

    Each value is a list or an array with one value a lane, or one value for all lanes; numbers are in SI,
    texts have units ("80 um"). Nothing else changes in a design, as with ``Cell.replace``.

    InputError for an unknown path, arrays of different lengths, or a value out of range (with its lane).
    """
    cell = cell if isinstance(cell, Cell) else load_cell(cell)
    if not isinstance(changes, Mapping):
        raise InputError(f"vary: {shown(changes)} is not a mapping: give {{path: values}}")
    given = {ALIASES.get(path, path): values for path, values in changes.items()}
    lengths = {path: len(v) for path, v in given.items() if _many(v)}
    count = max(lengths.values(), default=1)
    for path, length in lengths.items():
        if length != count or length == 0:
            most = max(lengths, key=lambda p: lengths[p])
            raise InputError(
                f"vary: {path} has {length} values, {most} has {count}: give one value for all lanes, or as "
                "many of each"
            )
    return Designs(cell, {path: _read(cell, path, values, count) for path, values in given.items()}, count)


def _many(values: Any) -> bool:
    if isinstance(values, np.ndarray):
        if values.ndim > 1:
            raise InputError(f"vary: an array of shape {values.shape} was given: give one value a lane")
        return values.ndim == 1
    return isinstance(values, Sequence) and not isinstance(values, str)


def _read(cell: Cell, path: str, values: Any, count: int) -> Any:
    """Values of one path: an array in SI, or a list of what a function is given as."""
    numbers, functions = cell.resolved.numbers, cell.resolved.functions
    if path not in numbers and path not in functions:
        cell.replace({path: 1.0})  # says what is unknown
    if path in functions and not is_constant(cell, path, values):
        return list(values) if _many(values) else [values] * count
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiu":
        array = np.array(values, dtype=np.float64)
    else:
        listed = list(values) if _many(values) else [values]
        array = np.array([_number(cell, path, v, i if _many(values) else None) for i, v in enumerate(listed)])
    _check(cell, path, array)
    return (
        np.full(count, array) if array.ndim == 0 else np.repeat(array, count) if len(array) < count else array
    )


def is_constant(cell: Cell, path: str, values: Any) -> bool:
    """Whether a function that is a number is given as numbers that the models read as such."""
    known = path.split(".")[-1] in CONSTANTS and path.count(".") == 1
    if not known or cell.resolved.functions[path].function.constant is None:
        return False
    if isinstance(values, np.ndarray):
        return values.dtype.kind in "fiu"
    return all(
        isinstance(v, (int, float)) and not isinstance(v, bool)
        for v in (values if _many(values) else [values])
    )


def _number(cell: Cell, path: str, value: Any, lane: int | None) -> float:
    """One value in SI; InputError with lane and path."""
    try:
        if isinstance(value, (Mapping, Sequence)) and not isinstance(value, str):
            raise InputError(f"{shown(value)} is not a number: write for example '85 um'")
        return cell.resolved.quantities[path].read(value, "")
    except InputError as error:
        raise InputError(f"{'' if lane is None else f'lane {lane}: '}{path}: {error}") from None


def inside(quantity: Quantity, values: FloatArray) -> NDArray[np.bool_]:
    """Which values are finite and in the allowed range."""
    above = values > quantity.lower if quantity.open_lower else values >= quantity.lower
    return above & (values <= quantity.upper) & np.isfinite(values)


def _check(cell: Cell, path: str, values: FloatArray) -> None:
    """Refuse the first value that is not finite or out of range."""
    quantity = cell.resolved.quantities[path]
    bad = ~inside(quantity, values)
    if np.any(bad):
        lane = int(np.argmax(bad))
        _number(cell, path, float(np.ravel(values)[lane]), lane if values.ndim and len(values) > 1 else None)
