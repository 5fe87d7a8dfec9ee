"""Tables with linear, cubic (not-a-knot) or monotone cubic (pchip) interpolation, in plain numpy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from ionstone.core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

Interpolation = Literal["linear", "cubic", "pchip"]
MAX_POINTS = 10_000


@dataclass(frozen=True)
class Table:
    """A law given by points; beyond its ends it goes on straight, with the slope of the end.

    `pchip` keeps the monotony of the data (Fritsch & Carlson's limiter with Brodlie's weights, as scipy's
    PchipInterpolator); `cubic` is the not-a-knot spline.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    interpolation: Interpolation = "linear"

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y):
            raise InputError(f"table has {len(self.x)} x and {len(self.y)} y: give as many of each")
        if not 2 <= len(self.x) <= MAX_POINTS:
            raise InputError(f"table has {len(self.x)} points: allowed 2 to {MAX_POINTS}")
        for index, (a, b) in enumerate(zip(self.x, self.x[1:], strict=False)):
            if not b > a:
                raise InputError(
                    f"table: x must rise, but x[{index + 1}] = {b:g} follows {a:g}: sort the points"
                )

    def evaluate(self, x: Any) -> np.ndarray:
        """Return the value at x, elementwise over a numpy array."""
        import numpy as np

        knots, values, slopes = _hermite(self)
        x = np.asarray(x, dtype=float)
        i = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2)
        width = knots[i + 1] - knots[i]
        s = (x - knots[i]) / width
        if self.interpolation == "linear":
            return np.asarray(values[i] + (values[i + 1] - values[i]) * s)
        inside = np.clip(s, 0.0, 1.0)
        a, b, c, d = values[i], width * slopes[i], values[i + 1], width * slopes[i + 1]
        cubic = a + inside * (b + inside * ((3 * (c - a) - 2 * b - d) + inside * (2 * (a - c) + b + d)))
        beyond = np.where(s < 0, s * b, np.where(s > 1, (s - 1) * d, 0.0))
        return np.asarray(cubic + beyond)


@lru_cache(maxsize=256)
def _hermite(table: Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return knots, values and the slopes at the knots."""
    import numpy as np

    x, y = np.array(table.x), np.array(table.y)
    if table.interpolation == "linear" or len(x) == 2:
        return x, y, np.gradient(y, x)
    return x, y, _pchip_slopes(x, y) if table.interpolation == "pchip" else _spline_slopes(x, y)


def _pchip_slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Slopes that keep monotony: weighted harmonic mean of the secants, zero at an extremum of the data."""
    import numpy as np

    h, secant = np.diff(x), np.diff(y) / np.diff(x)
    w1, w2 = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    same_sign = secant[:-1] * secant[1:] > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (w1 + w2) / (w1 / secant[:-1] + w2 / secant[1:])
    slopes = np.zeros_like(y)
    slopes[1:-1] = np.where(same_sign, mean, 0.0)
    slopes[0] = _pchip_end(h[0], h[1], secant[0], secant[1])
    slopes[-1] = _pchip_end(h[-1], h[-2], secant[-1], secant[-2])
    return slopes


def _pchip_end(h0: float, h1: float, first: float, second: float) -> float:
    """One-sided three-point slope at an end, limited so that the end stays monotone."""
    slope = ((2 * h0 + h1) * first - h0 * second) / (h0 + h1)
    if slope * first <= 0:
        return 0.0
    if first * second < 0 and abs(slope) > 3 * abs(first):
        return 3 * first
    return slope


def _spline_slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Slopes of the not-a-knot cubic spline (a parabola through three points)."""
    import numpy as np

    n, h = len(x), np.diff(x)
    secant = np.diff(y) / h
    if n == 3:
        curvature = (secant[1] - secant[0]) / (x[2] - x[0])
        return np.array(
            [secant[0] - curvature * h[0], secant[0] + curvature * h[0], secant[1] + curvature * h[1]]
        )
    matrix, right = np.zeros((n, n)), np.zeros(n)
    for i in range(1, n - 1):
        matrix[i, i - 1 : i + 2] = h[i], 2 * (h[i - 1] + h[i]), h[i - 1]
        right[i] = 3 * (h[i] * secant[i - 1] + h[i - 1] * secant[i])
    d0, d1 = x[2] - x[0], x[-1] - x[-3]
    matrix[0, :2] = h[1], d0
    right[0] = ((h[0] + 2 * d0) * h[1] * secant[0] + h[0] ** 2 * secant[1]) / d0
    matrix[-1, -2:] = d1, h[-2]
    right[-1] = (h[-1] ** 2 * secant[-2] + (2 * d1 + h[-1]) * h[-2] * secant[-1]) / d1
    return np.asarray(np.linalg.solve(matrix, right))
