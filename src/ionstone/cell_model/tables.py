"""Property functions of a cell as tables for the kernel, with their continuation beyond the data.

Open-circuit potentials continue monotone, steep and smooth beyond their data range (never flat: a flat
potential would let a cut-off be missed); transport properties are held at a small positive floor.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ionstone.core.constants import C0
from ionstone.materials.continuation import continued
from ionstone.numerics.tables import UniformTable, constant_table, tabulate

FloatArray = NDArray[np.float64]
STOICHIOMETRY_KNOTS, CONCENTRATION_KNOTS = 1041, 421
MOST_KNOTS = 10_000
#: [mol/m3] below which electrolyte properties bend smoothly towards zero (two knots; numerical)
DILUTE = 40.0
#: [V] error of a tabulated potential between two knots, which more knots are taken for
POTENTIAL_ERROR = 2e-5
#: [V] curvature beyond a full or empty particle: another volt within 0.007, so that fillings stay in bounds
EDGE_STEEPNESS = 2e4


class Function(Protocol):
    """What a cell hands over: values in SI, the range of the data, and the constant where it is one.

    Equal functions have equal hashes, so that their tables are made once.
    """

    def __hash__(self) -> int: ...

    @property
    def lower(self) -> float:
        """The lower end of the data."""

    @property
    def upper(self) -> float:
        """The upper end of the data."""

    @property
    def constant(self) -> float | None:
        """The value of a constant function."""

    def evaluate(self, x: FloatArray) -> FloatArray:
        """Values at stoichiometries or concentrations."""


@lru_cache(maxsize=512)
def potential_table(f: Function, entropic: Function, offset: float) -> UniformTable:
    """Open-circuit potential [V] at ``offset`` kelvin from the reference temperature, over stoichiometry."""
    low, high = max(f.lower, 0.0), min(f.upper, 1.0)

    def value(x: FloatArray) -> FloatArray:
        u = continued(f.evaluate, x, low, high)
        if offset:
            u = u + offset * (
                np.asarray(entropic.evaluate(np.clip(x, entropic.lower, entropic.upper))) + 0.0 * x
            )
        return u

    return _bounded(_fine(value, POTENTIAL_ERROR))


def _bounded(table: UniformTable) -> UniformTable:
    """The table with a parabola added below 0 and above 1, which are knots of it."""
    pieces = table.pieces.copy()
    knots = table.low + table.step * np.arange(len(pieces))
    full = int(np.rint((1.0 - table.low) / table.step))
    empty = int(np.rint(-table.low / table.step))
    for where, edge, sign in ((slice(full, None), 1.0, -1.0), (slice(None, empty), 0.0, 1.0)):
        off = knots[where] - edge
        pieces[where, 3] += sign * EDGE_STEEPNESS * off**2
        pieces[where, 2] += sign * EDGE_STEEPNESS * 2 * off
        pieces[where, 1] += sign * EDGE_STEEPNESS
    first = table.step  # the outermost pieces stay straight lines
    pieces[-1, 1] = 0.0
    pieces[0, 3] -= EDGE_STEEPNESS * first**2
    pieces[0, 2] += 2 * EDGE_STEEPNESS * first
    pieces[0, 1] = 0.0
    return UniformTable(table.low, table.step, np.ascontiguousarray(pieces))


def _fine(value: Callable[[FloatArray], FloatArray], allowed: float) -> UniformTable:
    """A table over stoichiometry with as many knots as the allowed error asks for."""
    knots = STOICHIOMETRY_KNOTS
    while True:
        table = tabulate(value, -0.02, 1.02, knots)
        middle = np.linspace(-0.02, 1.02, knots)[:-1] + 0.52 / (knots - 1)
        if knots > MOST_KNOTS or float(np.max(np.abs(table(middle) - value(middle)))) <= allowed:
            return table
        knots = 4 * knots - 3


@lru_cache(maxsize=512)
def stoichiometry_table(f: Function, positive: bool) -> UniformTable:
    """A property over stoichiometry, held at the ends of its data.

    ``positive``: never below 1e-3 of its mean.
    """
    if f.constant is not None:
        return constant_table(f.constant)
    low, high = max(f.lower, 0.0), min(f.upper, 1.0)
    floor = 1e-3 * float(np.mean(np.abs(f.evaluate(np.linspace(low, high, 101))))) if positive else -np.inf
    return tabulate(
        lambda x: np.maximum(f.evaluate(np.clip(x, low, high)), floor), -0.02, 1.02, STOICHIOMETRY_KNOTS
    )


@lru_cache(maxsize=512)
def concentration_table(f: Function, initial: float, positive: bool) -> UniformTable:
    """A property over the electrolyte's concentration in units of C0, up to four times the initial one."""
    if f.constant is not None:
        return constant_table(f.constant)
    high = 4.0 * C0 * max(1.0, np.floor(initial / C0 + 0.5))  # steps: a small change keeps the knots
    low, top = max(f.lower, 0.0), min(f.upper, 0.98 * high)
    floor = 1e-3 * abs(float(np.asarray(f.evaluate(np.array([initial])))[0])) if positive else -np.inf

    def value(y: FloatArray) -> FloatArray:
        c = C0 * y
        c = np.where(c > DILUTE, c, DILUTE * np.exp(np.minimum(c / DILUTE - 1, 0)))  # smooth towards zero
        return np.maximum(np.asarray(f.evaluate(np.clip(c, low, top))) + 0.0 * y, floor)

    return tabulate(value, -0.2, high / C0, CONCENTRATION_KNOTS)  # flat beyond both ends
