"""Grids of a unit sphere or plate, graded toward the surface, and the weights of their finite volumes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class RadialGrid:
    """Edges of the cells of a unit sphere or plate, and what the kernel reads of them.

    ``weights``: area/distance of the inner faces; ``inverse_volume`` (of r^3/3, or of r); ``read``: surface
    value from the last two cells; ``volume_fraction`` sums to 1.
    """

    edges: NDArray[np.float64]
    weights: NDArray[np.float64]
    inverse_volume: NDArray[np.float64]
    read: NDArray[np.float64]

    @property
    def volume_fraction(self) -> NDArray[np.float64]:
        """Share of each cell in the volume of the whole."""
        volume = 1.0 / self.inverse_volume
        return np.asarray(volume / np.sum(volume))

    @cached_property
    def modes(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Rates of the modes of diffusion at unit diffusivity and radius, modes of cells, cells of modes.

        The first rate is zero: the mean, which only fluxes through the surface change.
        """
        root = np.sqrt(self.inverse_volume)
        flow = np.diag(self.weights, 1) + np.diag(self.weights, -1)
        flow -= np.diag(flow.sum(axis=1))
        rates, vectors = np.linalg.eigh(root[:, None] * flow * root)
        order = np.argsort(-rates)
        rates, vectors = rates[order], vectors[:, order]
        rates[0], vectors[:, 0] = 0.0, 1.0 / root / np.linalg.norm(1.0 / root)
        return rates, vectors.T / root, root[:, None] * vectors

    @cached_property
    def packed(self) -> NDArray[np.float64]:
        """The array that the kernel reads."""
        rates, of_cells, of_modes = self.modes
        parts = (self.weights, self.inverse_volume, self.read, rates, of_cells.ravel(), of_modes.ravel())
        return np.concatenate(parts)


def graded(shells: int, outermost: float | None = None, dimensions: int = 3) -> RadialGrid:
    """Cells whose thickness falls toward the surface in a geometric series down to ``outermost``.

    ``outermost`` is a share of the radius; default: a tenth of a uniform cell; 1/shells gives the uniform
    grid. ``dimensions``: 3 for a sphere, 1 for a plate whose inner face is closed. Fluxes and the surface
    value are exact for a parabola in r, the profile at constant load. Second order in the cell thickness.
    """
    if shells < 2:
        raise ValueError("a particle needs at least 2 radial cells")
    last = 0.1 / shells if outermost is None else outermost
    low, high = 1e-9, 1.0 + 20.0 / shells
    for _ in range(200):  # ratio q with last * (q^n - 1)/(q - 1) = 1
        q = 0.5 * (low + high)
        n = shells if abs(q - 1) < 1e-12 else (q**shells - 1) / (q - 1)
        low, high = (q, high) if last * n < 1 else (low, q)
    h = last * q ** np.arange(shells)[::-1]
    edges = np.concatenate([[0.0], np.cumsum(h)])
    edges /= edges[-1]
    d = dimensions
    # mean of r^2: where the mean of a parabola is its value
    square = d / (d + 2) * np.diff(edges ** (d + 2)) / np.diff(edges**d)
    weights = 2.0 * edges[1:-1] ** d / np.diff(square)
    inverse_volume = d / np.diff(edges**d)
    a = (1.0 - square[-2]) / (square[-1] - square[-2])
    return RadialGrid(edges, weights, inverse_volume, np.array([a, 1.0 - a]))
