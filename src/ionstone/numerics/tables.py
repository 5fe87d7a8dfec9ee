"""Tabulated functions: cubic pieces on uniform knots, continued beyond their ends by straight lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UniformTable:
    """f(x) on ``low + i step``; ``pieces[i]`` are the coefficients of (x - knot_i), highest power first.

    The first and the last piece are straight lines, so that values beyond the knots continue linearly.
    """

    low: float
    step: float
    pieces: FloatArray

    def __call__(self, x: FloatArray) -> FloatArray:
        """Values at ``x`` (real, or complex for derivatives by complex steps)."""
        u = (np.real(x) - self.low) / self.step
        i = np.clip(np.nan_to_num(u), 0, len(self.pieces) - 1).astype(int)
        d = x - (self.low + i * self.step)
        c = self.pieces[i]
        value: FloatArray = ((c[..., 0] * d + c[..., 1]) * d + c[..., 2]) * d + c[..., 3]
        return value


def natural_slopes(y: FloatArray, step: float, first: float, last: float) -> FloatArray:
    """Slopes at the knots of the twice continuously differentiable cubic spline with given end slopes.

    Solves s[i-1] + 4 s[i] + s[i+1] = 3 (y[i+1] - y[i-1]) / step by the Thomas algorithm.
    """
    n = len(y)
    s = np.empty(n)
    s[0], s[-1] = first, last
    if n <= 2:
        return s
    rhs = 3.0 * (y[2:] - y[:-2]) / step
    rhs[0] -= first
    rhs[-1] -= last
    m = n - 2
    c = np.empty(m)
    c[0], rhs[0] = 0.25, rhs[0] / 4.0
    for i in range(1, m):
        w = 1.0 / (4.0 - c[i - 1])
        c[i], rhs[i] = w, (rhs[i] - rhs[i - 1]) * w
    for i in range(m - 2, -1, -1):
        rhs[i] -= c[i] * rhs[i + 1]
    s[1:-1] = rhs
    return s


def tabulate(
    function: Callable[[FloatArray], FloatArray], low: float, high: float, knots: int
) -> UniformTable:
    """A table of ``function`` on [low, high] with ``knots`` knots and one straight piece on either side.

    End slopes are one-sided differences of fourth order of ``function`` itself.
    """
    x = np.linspace(low, high, knots)
    step = float(x[1] - x[0])
    y = np.asarray(function(x), dtype=float) + np.zeros(knots)
    weights = np.array([-25.0, 48.0, -36.0, 16.0, -3.0]) / 12.0
    first, last = float(weights @ y[:5]) / step, -float(weights @ y[-1:-6:-1]) / step
    s = natural_slopes(y, step, first, last)
    dy = np.diff(y)
    pieces = np.zeros((knots + 1, 4))
    pieces[1:-1, 0] = (s[:-1] + s[1:] - 2 * dy / step) / step**2
    pieces[1:-1, 1] = (3 * dy / step - 2 * s[:-1] - s[1:]) / step
    pieces[1:-1, 2], pieces[1:-1, 3] = s[:-1], y[:-1]
    pieces[0, 2:] = s[0], y[0] - s[0] * step
    pieces[-1, 2:] = s[-1], y[-1]
    return UniformTable(low - step, step, np.ascontiguousarray(pieces))


def constant_table(value: float) -> UniformTable:
    """A table that is the same everywhere."""
    return UniformTable(0.0, 1.0, np.array([[0.0, 0.0, 0.0, value], [0.0, 0.0, 0.0, value]]))
