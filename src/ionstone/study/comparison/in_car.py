"""A cell in the car of a comparison: the pack that all steps share, and the drives that are done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ionstone.study.comparison.compare import Scenario

if TYPE_CHECKING:
    from ionstone.pack import UniformPack
    from ionstone.simulation import Grid
    from ionstone.study.car.drive import Drive

DRIVE_RESOLUTION = 2.0
"""Interval [s] over which the power of a drive is averaged. With this and the coarse grid (5+3+5 cells, 8
in a particle) the ranges of the reference cells differ by less than 0.1 % from those at 1 s, and by as
little from those on the default grid, at a tenth of the time."""


@dataclass
class InCar:
    """A cell on its way through the steps: its pack, once known, and its drives by ambient [K]."""

    cell: Any
    conditions: Scenario
    pack: UniformPack | None = None
    drives: dict[float, Drive] = field(default_factory=dict)

    @property
    def size(self) -> dict[str, Any]:
        """How drives and charges choose the pack: its mass or its volume, or the pack of the same range."""
        same = self.conditions.same
        return {"pack": self.pack} if same == "range" else {"same": same}

    @property
    def unsized(self) -> bool:
        """Whether no pack gives the range that is asked for: the row tells why, other steps have no car."""
        return self.conditions.same == "range" and self.pack is None


def drive_at(
    case: InCar, ambient: float, resolution: float = DRIVE_RESOLUTION, grid: Grid | None = None
) -> Drive:
    """Drive at an ambient [K] until the cell is empty, with the power averaged over `resolution` [s]."""
    from ionstone.simulation import COARSE
    from ionstone.study.car.drive import drive

    car, cycle = case.conditions.vehicle, case.conditions.cycle
    return drive(case.cell, car, cycle, ambient, **case.size, resolution=resolution, grid=grid or COARSE)


def first_drive(case: InCar) -> Drive:
    """Drive at the first ambient, and keep the pack: with packs of the same range this drive sizes it."""
    ambient = case.conditions.temperature
    found = _sized(case, ambient) if case.conditions.same == "range" else drive_at(case, ambient)
    case.pack, case.drives[ambient] = found.pack, found
    return found


def _sized(case: InCar, ambient: float) -> Drive:
    from ionstone.simulation import COARSE
    from ionstone.study.car.doors import drive

    car, cycle = case.conditions.vehicle, case.conditions.cycle
    return drive(case.cell, car, cycle, ambient, same="range", resolution=DRIVE_RESOLUTION, grid=COARSE)
