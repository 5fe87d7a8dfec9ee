"""Rows of the kernel -> points between which straight lines are accurate.

Each accepted step of time leaves its end and two inner points, which fix the cubic of the dense output.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ionstone.numerics.points import LINEAR_ERROR as LINEAR_ERROR
from ionstone.numerics.points import cut, fill

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def _basis(s: FloatArray) -> FloatArray:
    """Lagrange basis on 0, 1/3, 2/3, 1: shape [..., 4]."""
    a, b, c = 3 * s - 1, 3 * s - 2, s - 1
    return np.stack([-a * b * c / 2, 9 * s * b * c / 2, -9 * s * a * c / 2, s * a * b / 2], axis=-1)


def split(rows: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Points at ends of steps and starts, pieces [piece, 4, columns], index of each piece's end point."""
    inner = rows[:, 1] % 1 != 0
    first = np.flatnonzero(inner & ~np.roll(inner, 1))
    pieces = rows[first[:, None] + np.arange(-1, 3)[None, :]]
    at = np.cumsum(~inner) - 1
    return rows[~inner], pieces, at[first + 2]


def refine(rows: FloatArray, voltage: int) -> FloatArray:
    """Add points so that straight lines between neighbours err under LINEAR_ERROR in the voltage column."""
    parts, total = cut(rows, voltage)
    out = fill(rows, parts, total, range(rows.shape[1])).T
    out[:, 1] = np.repeat(rows[:, 1], parts)
    return out


def sample(rows: FloatArray, period: float) -> FloatArray:
    """Points at multiples of ``period`` within each step of the protocol, and the ends of the steps."""
    points, pieces, ends = split(rows)
    starts = np.concatenate([[True], (points[1:, 1] != points[:-1, 1]) | (points[1:, 0] == points[:-1, 0])])
    keep = starts | np.concatenate([starts[1:], [True]])
    first = np.flatnonzero(starts)
    last = np.concatenate([first[1:] - 1, [len(points) - 1]])
    times = np.concatenate(
        [_between(points[a, 0], points[b, 0], period) for a, b in zip(first, last, strict=True)]
    )
    which = np.searchsorted(pieces[:, 3, 0], times)
    s = (times - pieces[which, 0, 0]) / (pieces[which, 3, 0] - pieces[which, 0, 0])
    marked = _insert(
        np.column_stack([points, keep]),
        np.pad(pieces, ((0, 0), (0, 0), (0, 1)), constant_values=1),
        ends,
        which,
        s,
        times,
    )
    return marked[marked[:, -1] > 0.5, :-1]


def _between(start: float, end: float, period: float) -> FloatArray:
    """Multiples of the period after ``start``, before ``end``."""
    count = int(np.ceil((end - start) / period * (1 - 1e-12) - 1e-9))
    times: FloatArray = np.add(start, np.multiply(period, np.arange(1, max(count, 1), dtype=np.float64)))
    return times


def _insert(
    points: FloatArray,
    pieces: FloatArray,
    ends: IntArray,
    which: IntArray,
    s: FloatArray,
    times: FloatArray | None = None,
) -> FloatArray:
    """Points with values of the cubics ``which`` at ``s`` put before the ends of their pieces, in order."""
    extra = np.zeros((len(s), points.shape[1]))
    for k, weight in enumerate(_basis(s).T):
        extra += weight[:, None] * pieces[which, k]
    extra[:, 1] = np.floor(pieces[which, 3, 1])
    if times is not None:
        extra[:, 0] = times
    before = np.zeros(len(points), dtype=int)
    before[ends] = np.bincount(which, minlength=len(pieces))
    at = np.arange(len(points)) + np.cumsum(before)
    out = np.empty((len(points) + len(s), points.shape[1]))
    inner = np.ones(len(out), dtype=bool)
    inner[at] = False
    out[at], out[inner] = points, extra
    return out
