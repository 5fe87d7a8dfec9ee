"""The window of stack pressure: voids below, creep shorts above, at a current and for a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, log

from ionstone.cell_design.limits.base import Threshold

LOWEST, HIGHEST = 1e4, 1e9  # Pa, between which pressures are looked for
ROUNDS = 60


@dataclass(frozen=True)
class PressureWindow:
    """Stack pressures [Pa] that strip a current without voids and last a time without a creep short.

    Each end says whether its law was extrapolated; the window is empty where ``lower`` is above ``upper``.
    """

    lower: float
    upper: float
    lower_extrapolated: bool
    upper_extrapolated: bool

    @property
    def empty(self) -> bool:
        """Whether no pressure does both."""
        return self.lower > self.upper


def pressure_window(
    current: float, time: float, voids: Callable[[float], Threshold], shorts: Callable[[float], Threshold]
) -> PressureWindow:
    """The window at a stripping current density [A/m^2] and a time under pressure [s]."""
    lower = _crossing(lambda p: voids(p).value >= current)
    upper = _crossing(lambda p: shorts(p).value < time)
    return PressureWindow(
        lower,
        upper,
        lower < inf and voids(lower).extrapolated,
        upper < inf and shorts(upper).extrapolated,
    )


def _crossing(holds: Callable[[float], bool]) -> float:
    """The pressure from which a statement holds; 0 where it always does, infinite where it never does."""
    if holds(LOWEST):
        return 0.0
    if not holds(HIGHEST):
        return inf
    low, high = LOWEST, HIGHEST
    for _ in range(ROUNDS):
        middle = (low * high) ** 0.5
        low, high = (low, middle) if holds(middle) else (middle, high)
        if log(high / low) < 1e-12:
            break
    return high
