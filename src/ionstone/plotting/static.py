"""Charts drawn by matplotlib: SVG and PNG without a browser."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ionstone.core.errors import MissingExtraError
from ionstone.plotting import theme
from ionstone.plotting.chart import Chart, Panel, Series

_DASHES = {"solid": "-", "dash": "--", "dashdot": "-.", "dot": ":"}
_MARKERS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "triangle-up": "^",
    "cross": "P",
    "triangle-down": "v",
    "x": "X",
}
_STYLE: Any = {
    "font.size": 10,
    "font.family": "sans-serif",
    "svg.fonttype": "path",
    "svg.hashsalt": "ionstone",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#808890",
    "axes.labelcolor": theme.TEXT,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e3e6e9",
    "text.color": theme.TEXT,
    "xtick.color": theme.TEXT,
    "ytick.color": theme.TEXT,
    "lines.linewidth": 1.8,
}


def chart_image(chart: Chart, kind: str) -> bytes:
    """The chart as the content of an ``svg`` or ``png`` file. MissingExtraError where matplotlib is not
    installed."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot") from error
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(8.4, chart.pixel_height / 100), layout="constrained")
        weights = [panel.weight for panel in chart.panels]
        axes = figure.subplots(
            len(chart.panels), 1, sharex=chart.share_x, squeeze=False, gridspec_kw={"height_ratios": weights}
        )[:, 0]
        for panel, axis in zip(chart.panels, axes, strict=True):
            _draw(panel, axis, chart)
        if chart.title:
            figure.suptitle(_plain(chart.title), x=0.02, ha="left", fontsize=11, fontweight="bold")
        figure.align_ylabels(axes)
        if chart.legend:
            _legend(figure, axes)
        target = io.BytesIO()
        metadata = {"Date": None} if kind == "svg" else {}
        figure.savefig(target, format=kind, dpi=150, metadata=metadata)
        return target.getvalue()


def _draw(panel: Panel, axis: Any, chart: Chart) -> None:
    if panel.categories:
        axis.barh(
            panel.categories, [0.0] * len(panel.categories), left=panel.x_range[0] if panel.x_range else 0.0
        )
    beside = [series for series in panel.series if series.kind == "bars"]
    for series in panel.series:
        _DRAWERS[series.kind](
            axis, series, (beside.index(series), len(beside), chart.stacked) if beside else (0, 1, True)
        )
    axis.set_xlabel(panel.x_title)
    axis.set_ylabel(panel.y_title)
    if panel.title:
        axis.set_title(_plain(panel.title), loc="left", fontsize=10, fontweight="bold")
    if panel.reference is not None:
        axis.axhline(panel.reference, color="#808890", linewidth=0.8, linestyle=":")
    if panel.x_log:
        axis.set_xscale("log")
    if panel.y_log:
        axis.set_yscale("log")
    if panel.equal:
        axis.set_aspect("equal", adjustable="datalim")
    if panel.x_range:
        axis.set_xlim(*panel.x_range)
    if panel.y_range:
        axis.set_ylim(*panel.y_range)
    if any(series.kind == "horizontal bars" for series in panel.series):
        axis.invert_yaxis()
        axis.grid(False, axis="y")


def _line(axis: Any, series: Series, place: tuple[int, int, bool]) -> None:
    axis.plot(series.x, series.y, _DASHES[series.dash], color=series.colour, label=_label(series))


def _points(axis: Any, series: Series, place: tuple[int, int, bool]) -> None:
    marker, filled = _MARKERS[series.marker.removesuffix("-open")], not series.marker.endswith("-open")
    axis.plot(
        series.x,
        series.y,
        marker,
        color=series.colour,
        markersize=8,
        fillstyle="full" if filled else "none",
        label=_label(series),
    )
    for x, y, text in zip(series.x, series.y, series.text, strict=False):
        axis.annotate(text, (x, y), textcoords="offset points", xytext=(0, 8), ha="center", fontsize=9)


def _bars(axis: Any, series: Series, place: tuple[int, int, bool]) -> None:
    index, count, stacked = place
    width = 0.72 if stacked else 0.72 / count
    shift = 0.0 if stacked else (index - (count - 1) / 2) * width
    at = np.arange(len(series.x)) + shift
    bars = axis.bar(at, series.y, width, bottom=_base(series.base), color=series.colour, label=_label(series))
    axis.set_xticks(np.arange(len(series.x)), [str(label) for label in series.x])
    if series.text:
        axis.bar_label(bars, labels=list(series.text), fontsize=8, padding=1)


def _horizontal_bars(axis: Any, series: Series, place: tuple[int, int, bool]) -> None:
    axis.barh(series.y, series.x, 0.7, left=_base(series.base), color=series.colour, label=_label(series))


_DRAWERS = {"line": _line, "points": _points, "bars": _bars, "horizontal bars": _horizontal_bars}


def _label(series: Series) -> str:
    """The entry of the legend; matplotlib leaves out what begins with an underscore."""
    return series.name if series.in_legend else f"_{series.name}"


def _base(base: Sequence[float]) -> Any:
    return np.asarray(base, dtype=float) if len(base) else None


def _legend(figure: Any, axes: Any) -> None:
    entries: dict[str, Any] = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    if not entries:
        return
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    renderer = canvas.get_renderer()
    for columns in range(4, 0, -1):  # as many as the figure is wide
        legend = figure.legend(
            entries.values(),
            entries.keys(),
            loc="outside lower left",
            ncols=columns,
            frameon=False,
            fontsize=9,
        )
        if columns == 1 or legend.get_window_extent(renderer).width < 0.97 * figure.bbox.width:
            return
        legend.remove()


def _plain(text: str) -> str:
    """Text without the mark-up that plotly reads and without the dollar signs that start matplotlib's
    formulas."""
    return re.sub(r"</?[a-z]+/?>", "", text).replace("$", r"\$")
