"""Grids of the cell models: nodes along x of each region and radial cells of the particles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ionstone.core.errors import InputError
from ionstone.numerics import kernel
from ionstone.numerics.radial import RadialGrid, graded


@dataclass(frozen=True)
class Grid:
    """Numbers of nodes of the negative electrode, separator, positive electrode, and of radial cells.

    ``outermost``: thickness of the outermost radial cell over the radius (None: a tenth of a uniform cell).
    ``edge``: width of the nodes at both ends of each layer over its thickness, from where they widen in a
    geometric series (None: equal nodes); for the impedance only. Second order in every spacing.
    """

    negative: int = 20
    separator: int = 20
    positive: int = 20
    radial: int = 20
    outermost: float | None = None
    edge: float | None = None

    def __post_init__(self) -> None:
        for name, low in (("negative", 1), ("separator", 1), ("positive", 1), ("radial", 2)):
            value = getattr(self, name)
            if not isinstance(value, int) or not low <= value <= 2000:
                raise InputError(f"grid.{name} is {value!r}: give a whole number from {low} to 2000")
        if self.edge is not None and not 1e-6 <= self.edge <= 1:
            raise InputError(f"grid.edge is {self.edge!r}: give 1e-6 to 1, a share of a layer's thickness")

    def mesh(
        self, planar: bool, single: bool = False, metals: bool = False, sheet: bool = False
    ) -> kernel.Grid:
        """The kernel's grid; a planar electrode is one node, ``single``: one node a region.

        ``planar``: the negative electrode is of metal; ``metals``: both are. ``sheet``: the positive one is a
        dense film, one node with a plate.
        """
        radial = _radial(self.radial, self.outermost)
        outer = _radial(self.radial, self.outermost, 1) if sheet else radial
        cells = (
            (1, 1, 1)
            if single
            else (
                1 if planar else self.negative,
                self.separator,
                1 if metals or sheet else self.positive,
            )
        )
        shares = None if self.edge is None else tuple(_shares(n, self.edge) for n in cells)
        return kernel.Grid(cells, (None if planar else radial, None, None if metals else outer), shares)


#: a grid for long drives: within 0.5 % of the energy of the default grid
COARSE = Grid(5, 3, 5, 8)


#: the grid of the impedance: fine where the current crowds at high frequency
SPECTRAL = Grid(64, 40, 64, 56, outermost=1e-4, edge=6e-4)


@lru_cache(maxsize=64)
def _shares(nodes: int, edge: float) -> NDArray[np.float64]:
    """Widths of nodes that sum to 1 and widen from both ends in a geometric series."""
    place = np.minimum(np.arange(nodes), np.arange(nodes)[::-1])
    low, high = 0.0, 50.0  # of the log of the ratio; at zero the nodes are equal
    for _ in range(100):
        middle = 0.5 * (low + high)
        widths = np.exp(middle * (place - np.max(place)))
        low, high = (middle, high) if widths[0] > edge * np.sum(widths) else (low, middle)
    return np.asarray(widths / np.sum(widths))


@lru_cache(maxsize=64)
def _radial(shells: int, outermost: float | None, dimensions: int = 3) -> RadialGrid:
    return graded(shells, outermost, dimensions)
