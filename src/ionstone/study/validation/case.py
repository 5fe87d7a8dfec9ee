"""The record of one case of ``ionstone validate``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

#: groups of cases, in the order in which they run
GROUPS = ("composites", "cells", "contact", "lithium", "packs", "closures", "vehicle")


@dataclass(frozen=True)
class Case:
    """A published figure beside the computed one.

    ``tolerance``: relative, None where there is no verdict (then ``within`` is None too). ``fitted``: the
    law was calibrated on this very figure. ``bound``: the published figure is a lower bound;
    ``ceiling``: it is an upper one. ``note`` says
    what the figure stands on; ``free`` lists values that are estimated, in closures.
    """

    name: str
    group: str
    published: float
    computed: float
    unit: str
    tolerance: float | None
    source: str
    fitted: bool = False
    bound: bool = False
    note: str = ""
    free: tuple[str, ...] = ()
    failed: bool = False
    ceiling: bool = False

    @property
    def deviation(self) -> float:
        """Relative difference of the computed figure."""
        return self.computed / self.published - 1.0

    @property
    def within(self) -> bool | None:
        """Whether the case meets its tolerance or its bound; None without a verdict."""
        if self.failed:
            return False
        if self.bound:
            return self.computed >= self.published
        if self.ceiling:
            return self.computed <= self.published
        return None if self.tolerance is None else abs(self.deviation) <= self.tolerance

    @classmethod
    def broken(cls, name: str, group: str, reason: str) -> Case:
        """A case that could not be computed."""
        return cls(name, group, math.nan, math.nan, "", None, "", note=reason, failed=True)

    def to_json_dict(self) -> dict[str, Any]:
        """The record as plain values; numbers that are not finite become None."""
        return {
            "name": self.name,
            "published": _plain(self.published),
            "computed": _plain(self.computed),
            "unit": self.unit,
            "tolerance": self.tolerance,
            "within": self.within,
            "source": self.source,
            "fitted": self.fitted,
            "bound": self.bound,
            "ceiling": self.ceiling,
            "group": self.group,
            "note": self.note,
            "free": list(self.free),
            "failed": self.failed,
        }


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
