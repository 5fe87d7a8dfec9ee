"""The record of one check of ``ionstone verify``."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

#: groups of checks, in the order in which they run
GROUPS = ("laws", "kernel", "pack", "range", "closure", "pybamm")


@dataclass(frozen=True)
class Check:
    """One measured figure against its limit.

    ``passed`` is None where the check did not run (an extra is absent, nothing is published); ``detail``
    then says why, and otherwise where the figure comes from: grids, rates, the time of the largest
    difference. A check that is not ``required`` is told for information: missing its limit is no failure.
    ``least`` says that the limit is the least value, not the largest. ``inputs`` are the numbers that the
    figure stands on, with their sources, as lines.
    """

    name: str
    group: str
    value: float
    limit: float
    unit: str
    passed: bool | None
    detail: str = ""
    required: bool = True
    least: bool = False
    inputs: tuple[str, ...] = ()

    @property
    def failing(self) -> bool:
        """Whether a required check missed its limit."""
        return self.required and self.passed is False

    @classmethod
    def at_most(cls, name: str, group: str, value: float, limit: float, unit: str, detail: str = "") -> Check:
        """A check that passes where ``value`` is finite and at most ``limit``."""
        return cls(name, group, value, limit, unit, math.isfinite(value) and value <= limit, detail)

    @classmethod
    def at_least(
        cls, name: str, group: str, value: float, limit: float, unit: str, detail: str = ""
    ) -> Check:
        """A check that passes where ``value`` is finite and at least ``limit``."""
        met = math.isfinite(value) and value >= limit
        return cls(name, group, value, limit, unit, met, detail, least=True)

    @classmethod
    def skipped(cls, name: str, group: str, detail: str) -> Check:
        """A check that did not run, for the reason in ``detail``."""
        return cls(name, group, math.nan, math.nan, "", None, detail)

    @classmethod
    def failed(cls, name: str, group: str, detail: str) -> Check:
        """A check whose computation broke down: it counts as failed."""
        return cls(name, group, math.nan, math.nan, "", False, detail)

    def to_json_dict(self) -> dict[str, Any]:
        """The record as plain values; numbers that are not finite become None."""
        record = asdict(self)
        for key in ("value", "limit"):
            record[key] = record[key] if math.isfinite(record[key]) else None
        return record
