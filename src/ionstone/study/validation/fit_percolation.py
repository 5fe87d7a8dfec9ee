"""The calibration of the percolation law on measured composites, and the same with one point left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
#: thresholds are looked for from 0 to just below the smallest share, on ever finer grids
GRIDS, POINTS = 6, 201


@dataclass(frozen=True)
class Fit:
    """Threshold, exponent and prefactor of sized_percolation; ``error``: rms of the logarithm."""

    threshold: float
    exponent: float
    prefactor: float
    error: float


def fit_percolation(
    solids: FloatArray, voids: FloatArray, shares: FloatArray, *, reference_voids: float, prefactor: bool
) -> Fit:
    """Least squares of the logarithm over shares of the solids, voids and sigma_eff / sigma.

    For a given threshold the logarithm is linear in exponent and prefactor. A threshold of 0 is no
    percolation; what is found at the edge is returned as it is.
    """
    target = np.log(shares) - 1.5 * np.log((1 - voids) / (1 - reference_voids))
    low, high = 0.0, float(np.min(solids)) - 1e-9
    best = Fit(0.0, 1.0, 1.0, np.inf)
    for _ in range(GRIDS):
        grid = np.linspace(low, high, POINTS)
        found = [_at(threshold, solids, target, prefactor) for threshold in grid.tolist()]
        best = min(found, key=lambda fit: fit.error)
        step = grid[1] - grid[0]
        low, high = max(0.0, best.threshold - step), min(float(np.min(solids)) - 1e-9, best.threshold + step)
    return best


def _at(threshold: float, solids: FloatArray, target: FloatArray, prefactor: bool) -> Fit:
    x = np.log((solids - threshold) / (1 - threshold))
    columns = np.stack([x, np.ones_like(x)], axis=1) if prefactor else x[:, None]
    found, *_ = np.linalg.lstsq(columns, target, rcond=None)
    rest = target - columns @ found
    scale = float(np.exp(found[1])) if prefactor else 1.0
    return Fit(threshold, float(found[0]), scale, float(np.sqrt(np.mean(rest**2))))
