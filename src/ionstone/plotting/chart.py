"""A chart as data: panels of lines, points and bars with titles and units, without a drawing library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Series:
    """One named set of values in a panel.

    ``text`` labels the points (drawn beside them where ``kind`` is "points", on them where it is "bars").
    ``base`` is where a bar starts (a strip or a stack). Series of one ``group`` share an entry of the
    legend.
    """

    name: str
    x: Sequence[float] | Sequence[str]
    y: Sequence[float] | Sequence[str]
    kind: Literal["line", "points", "bars", "horizontal bars"] = "line"
    colour: str = "#0072B2"
    dash: str = "solid"
    marker: str = "circle"
    text: Sequence[str] = ()
    base: Sequence[float] = ()
    group: str = ""
    in_legend: bool = True


@dataclass(frozen=True)
class Panel:
    """One pair of axes; titles include the unit, as in "Voltage / V". ``categories`` orders lying bars,
    top first. ``equal``: a unit is as long on both axes. Ranges of logarithmic axes are plain values."""

    series: tuple[Series, ...]
    x_title: str = ""
    y_title: str = ""
    title: str = ""
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    reference: float | None = None
    categories: tuple[str, ...] = ()
    weight: float = 1.0
    equal: bool = False
    x_log: bool = False
    y_log: bool = False


@dataclass(frozen=True)
class Chart:
    """Panels under one another that share their x-axis (``share_x``), under one title."""

    panels: tuple[Panel, ...]
    title: str = ""
    share_x: bool = True
    legend: bool = True
    height: int = 0
    stacked: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def pixel_height(self) -> int:
        """Height in pixels: as asked, or by the number of panels."""
        return self.height or 90 + round(230 * sum(panel.weight for panel in self.panels))
