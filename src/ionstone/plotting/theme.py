"""One look for every figure: colours that colour-blind readers can tell apart, and quiet axes.

The seven series colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/) without black and
yellow, which vanish on a dark or on a white page, plus a grey. A series also has its own dash and marker,
so that a figure survives a black-and-white printer.
"""

from __future__ import annotations

SERIES_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#8A8A8A")
SERIES_DASHES = ("solid", "dash", "dashdot", "solid", "dash", "dashdot", "dot")
SERIES_MARKERS = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down", "x")

LIMIT_COLOURS = {
    "charger": "#BBBBBB",
    "current": "#88B4DD",
    "voltage": "#F2D16B",
    "plating": "#EE8866",
    "critical_current": "#E07B91",
    "void": "#C5A3D9",
    "temperature": "#C0504D",
    "depletion": "#77C8A6",
}
"""What holds the charging power back, one pastel each (after the light palette of Paul Tol's colour
schemes)."""

PART_COLOURS = (
    "#4477AA",
    "#66CCEE",
    "#228833",
    "#CCBB44",
    "#EE6677",
    "#AA3377",
    "#999999",
    "#DDAA77",
    "#5E4FA2",
)
"""Parts of a whole (a stack of bars), after the bright palette of Paul Tol's colour schemes."""

FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
TEXT = "#24303A"
GRID = "rgba(128, 136, 144, 0.22)"
AXIS = "rgba(128, 136, 144, 0.65)"
MODEBAR = {"bgcolor": "rgba(0,0,0,0)", "color": "#9aa4ad", "activecolor": "#56B4E9"}


def series_colour(index: int) -> str:
    """Colour of the series with this index; more than seven start again (dash and marker then differ)."""
    return SERIES_COLOURS[index % len(SERIES_COLOURS)]


def series_dash(index: int) -> str:
    """Dash of the series with this index."""
    return SERIES_DASHES[(index + index // len(SERIES_COLOURS)) % len(SERIES_DASHES)]


def series_marker(index: int) -> str:
    """Marker of the series with this index."""
    return SERIES_MARKERS[(index + index // len(SERIES_COLOURS)) % len(SERIES_MARKERS)]
