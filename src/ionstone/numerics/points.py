"""Rows of the kernel -> points between which straight lines are accurate.

Each accepted step of time leaves its end and two inner points, which fix the cubic of the dense output.
"""

from __future__ import annotations

import ctypes as ct
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ionstone.numerics.loader import load_kernel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
#: [V] error of straight lines between the points of a run
LINEAR_ERROR = 3e-5
_MOST = 64


@cache
def _library() -> ct.CDLL:
    lib, size, pointer = load_kernel(), ct.c_longlong, ct.c_void_p
    lib.ion_cut.restype = size
    lib.ion_cut.argtypes = [pointer, size, size, size, ct.c_double, ct.c_int, pointer]
    lib.ion_points.restype = None
    lib.ion_points.argtypes = [pointer, size, size, pointer, pointer, ct.c_int, pointer, size]
    return lib


def cut(rows: FloatArray, column: int = 2) -> tuple[IntArray, int]:
    """Number of points that each row gives, and their sum; straight lines err under LINEAR_ERROR.

    rows: [row, column] of one run, or of several one after the other. An inner row gives none; the end of a
    step as many as the equal parts that it is cut into.
    """
    rows = np.ascontiguousarray(rows)
    count, width = rows.shape
    parts = np.empty(count, dtype=np.int32)
    total = _library().ion_cut(rows.ctypes.data, count, width, column, LINEAR_ERROR, _MOST, parts.ctypes.data)
    return parts, int(total)


def fill(rows: FloatArray, parts: IntArray, total: int, read: Sequence[int] | IntArray) -> FloatArray:
    """Values of the columns ``read`` at the points that ``cut`` gave: [column, point]."""
    rows, at = np.ascontiguousarray(rows), np.asarray(read, dtype=np.int32)
    count, width = rows.shape
    if len(parts) != count or (len(at) and not 0 <= at.min() <= at.max() < width):
        raise ValueError(f"rows of shape {rows.shape} have other parts or columns than were asked for")
    out = np.empty((len(at), total))
    _library().ion_points(
        rows.ctypes.data, count, width, parts.ctypes.data, at.ctypes.data, len(at), out.ctypes.data, total
    )
    return out
