"""The null model: nothing limits."""

from __future__ import annotations

from math import inf

from ionstone.cell_design.limits.base import Span, Threshold

SOURCE = "null model"
RANGE = Span()


def void_current_density(pressure: float) -> Threshold:
    """Infinite at any pressure [Pa]."""
    del pressure
    return Threshold(inf)


def time_to_short(pressure: float) -> Threshold:
    """Infinite at any pressure [Pa]."""
    del pressure
    return Threshold(inf)
