"""What a limit is: a value with its law, its inputs, and whether it lies beyond what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ionstone.core.errors import InputError


@dataclass(frozen=True)
class Span:
    """The range [lower, upper] in which a law was measured."""

    lower: float = -math.inf
    upper: float = math.inf

    def holds(self, value: float) -> bool:
        """Whether a value lies inside, to rounding."""
        return self.lower * (1 - 1e-9) <= value <= self.upper * (1 + 1e-9)


@dataclass(frozen=True)
class Threshold:
    """What a law gives: a threshold in SI; ``extrapolated`` beyond the law's range."""

    value: float
    extrapolated: bool = False


@dataclass(frozen=True)
class LimitRecord:
    """One limit of a run: its law and inputs, the worst point, and the margin.

    ``value``: the run's quantity at the worst point; ``threshold``: what it must stay below (above, where
    ``least``); ``margin``: share of the threshold that is left, negative where the limit is broken. ``time``
    of the worst point [s]; ``inputs``: what the law was given, as lines.
    """

    name: str
    law: str
    value: float
    threshold: float
    unit: str
    margin: float
    time: float
    extrapolated: bool
    source: str
    inputs: tuple[str, ...] = ()
    least: bool = False
    note: str = ""

    @property
    def broken(self) -> bool:
        """Whether the limit is passed."""
        return self.margin < 0.0

    def to_json_dict(self) -> dict[str, Any]:
        """The record as plain values; numbers that are not finite become None."""
        record = asdict(self) | {"broken": self.broken, "inputs": list(self.inputs)}
        for key in ("value", "threshold", "margin", "time"):
            record[key] = record[key] if math.isfinite(record[key]) else None
        return record


def power_between(x: float, points: Sequence[tuple[float, float]]) -> float:
    """A line through points in log-log, straight on beyond its ends; all numbers above 0."""
    if x <= 0:
        raise InputError(f"a limit was asked for at {x:g}: give a value above 0")
    k = 1
    while k < len(points) - 1 and x > points[k][0]:
        k += 1
    (x0, y0), (x1, y1) = points[k - 1], points[k]
    return float(y0 * (x / x0) ** (math.log(y1 / y0) / math.log(x1 / x0)))
