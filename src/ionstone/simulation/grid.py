"""Grids of the cell models: nodes along x of each region and radial cells of the particles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ionstone.core.errors import InputError
from ionstone.numerics import kernel
from ionstone.numerics.radial import RadialGrid, graded


@dataclass(frozen=True)
class Grid:
    """Numbers of nodes of the negative electrode, separator, positive electrode, and of radial cells.

    ``outermost``: thickness of the outermost radial cell over the radius (None: a tenth of a uniform cell).
    Second order in every spacing.
    """

    negative: int = 20
    separator: int = 20
    positive: int = 20
    radial: int = 20
    outermost: float | None = None

    def __post_init__(self) -> None:
        for name, low in (("negative", 1), ("separator", 1), ("positive", 1), ("radial", 2)):
            value = getattr(self, name)
            if not isinstance(value, int) or not low <= value <= 2000:
                raise InputError(f"grid.{name} is {value!r}: give a whole number from {low} to 2000")

    def mesh(self, planar: bool, single: bool = False) -> kernel.Grid:
        """The kernel's grid; a planar negative electrode is one node, ``single``: one node a region."""
        radial = _radial(self.radial, self.outermost)
        cells = (1, 1, 1) if single else (1 if planar else self.negative, self.separator, self.positive)
        return kernel.Grid(cells, (None if planar else radial, None, radial))


#: a grid for long drives: within 0.5 % of the energy of the default grid
COARSE = Grid(5, 3, 5, 8)


@lru_cache(maxsize=64)
def _radial(shells: int, outermost: float | None) -> RadialGrid:
    return graded(shells, outermost)
