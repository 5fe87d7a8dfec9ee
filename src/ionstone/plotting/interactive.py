"""Charts drawn by plotly: figures for notebooks, self-contained pages, and the report."""

from __future__ import annotations

from collections.abc import Mapping
from math import log10
from typing import TYPE_CHECKING, Any

from ionstone.plotting import theme
from ionstone.plotting.chart import Chart, Series

if TYPE_CHECKING:
    import plotly.graph_objects


def plotly_figure(chart: Chart) -> plotly.graph_objects.Figure:
    """The chart as a plotly figure."""
    import plotly.graph_objects as graph

    return graph.Figure(figure_dict(chart))


def figure_dict(chart: Chart) -> dict[str, Any]:
    """The chart as the plain dictionary (``data``, ``layout``) that plotly draws; needs no plotly."""
    data: list[dict[str, Any]] = []
    layout = _layout(chart)
    named: set[str] = set()
    for index, panel in enumerate(chart.panels):
        suffix = "" if index == 0 else str(index + 1)
        layout[f"xaxis{suffix}"], layout[f"yaxis{suffix}"] = _axes(chart, index)
        if panel.reference is not None:
            layout["shapes"].append(_reference(panel.reference, suffix))
        if panel.title:
            layout["annotations"].append(_caption(panel.title, layout[f"yaxis{suffix}"]["domain"][1]))
        for series in panel.series:
            trace = _trace(series, chart, named)
            trace |= {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
            data.append(trace)
    return {"data": data, "layout": layout}


def one_of(figures: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Figures of one layout as one, of which the first is shown; a page's `select` picks another by name."""
    first = next(iter(figures))
    data = [
        trace | {"meta": name, "visible": name == first}
        for name, figure in figures.items()
        for trace in figure["data"]
    ]
    return {"data": data, "layout": figures[first]["layout"]}


def chart_html(chart: Chart) -> str:
    """A page with the chart in it that needs no network: plotly's own library is inlined."""
    from plotly.offline import get_plotlyjs

    from ionstone.plotting.page import page

    return page(chart.title or "ionstone", [figure_dict(chart)], get_plotlyjs())


def _layout(chart: Chart) -> dict[str, Any]:
    return {
        "title": {"text": chart.title, "x": 0.01, "xanchor": "left", "font": {"size": 15}},
        "font": {"family": theme.FONT, "size": 13, "color": theme.TEXT},
        "height": chart.pixel_height,
        "margin": {"l": 64, "r": 18, "t": 46 if chart.title else 22, "b": 48},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hovermode": "closest",
        "showlegend": chart.legend,
        "legend": {"orientation": "h", "y": -0.14, "yanchor": "top", "x": 0, "itemclick": "toggle"},
        "barmode": _bar_mode(chart),
        "bargap": 0.28,
        "modebar": dict(theme.MODEBAR),
        "shapes": [],
        "annotations": [],
    }


def _bar_mode(chart: Chart) -> str:
    if chart.stacked:
        return "stack"
    lying = any(series.kind == "horizontal bars" for panel in chart.panels for series in panel.series)
    return "overlay" if lying else "group"


def _axes(chart: Chart, index: int) -> tuple[dict[str, Any], dict[str, Any]]:
    panel, last = chart.panels[index], index == len(chart.panels) - 1
    line = {"gridcolor": theme.GRID, "linecolor": theme.AXIS, "zerolinecolor": theme.AXIS, "zeroline": False}
    line |= {"ticks": "outside", "tickcolor": theme.AXIS, "ticklen": 4, "showline": True, "automargin": True}
    suffix = "" if index == 0 else str(index + 1)
    bottom, top = _domain(chart, index)
    x = line | {"title": {"text": panel.x_title}, "anchor": f"y{suffix}"}
    y = line | {"title": {"text": panel.y_title}, "anchor": f"x{suffix}", "domain": [bottom, top]}
    if chart.share_x and not last:
        x |= {"matches": f"x{len(chart.panels)}", "showticklabels": False}
    for axis, limits, logarithmic in ((x, panel.x_range, panel.x_log), (y, panel.y_range, panel.y_log)):
        if logarithmic:
            axis |= {"type": "log", "dtick": 1, "exponentformat": "power"}
        if limits:
            axis["range"] = [log10(v) for v in limits] if logarithmic else list(limits)
    if panel.equal:
        y |= {"scaleanchor": f"x{suffix}", "scaleratio": 1}
    if any(series.kind == "horizontal bars" for series in panel.series):
        y |= {"autorange": "reversed", "showgrid": False}
        if panel.categories:
            y |= {"categoryorder": "array", "categoryarray": list(panel.categories)}
    return x, y


def _domain(chart: Chart, index: int) -> tuple[float, float]:
    """Where a panel stands, from the bottom (0) to the top (1); own x-axes need room for their labels."""
    panels = chart.panels
    gap = (0.06 if chart.share_x else 0.13) if len(panels) > 1 else 0.0
    room = 1 - gap * (len(panels) - 1)
    total = sum(panel.weight for panel in panels)
    top = 1 - sum(room * panel.weight / total + gap for panel in panels[:index])
    return max(0.0, top - room * panels[index].weight / total), top


def _trace(series: Series, chart: Chart, named: set[str]) -> dict[str, Any]:
    key = series.group or series.name
    trace: dict[str, Any] = {
        "name": series.name,
        "x": _values(series.x),
        "y": _values(series.y),
        "legendgroup": key,
        "showlegend": chart.legend and series.in_legend and key not in named,
    }
    named.add(key)
    if series.kind == "line":
        trace |= {"type": "scatter", "mode": "lines"}
        trace["line"] = {"color": series.colour, "dash": series.dash, "width": 2, "simplify": False}
    elif series.kind == "points":
        trace |= {"type": "scatter", "mode": "markers+text" if series.text else "markers"}
        trace |= {"text": list(series.text), "textposition": "top center", "cliponaxis": False}
        trace["marker"] = {"color": series.colour, "size": 12, "symbol": series.marker}
    else:
        trace |= {"type": "bar", "orientation": "h" if series.kind == "horizontal bars" else "v"}
        trace["marker"] = {"color": series.colour}
        if series.text:
            trace |= {"text": list(series.text), "textposition": "auto", "cliponaxis": False}
        if len(series.base):
            trace["base"] = _values(series.base)
    return trace


def _values(values: Any) -> list[Any]:
    """Plain values; six digits are more than a screen shows, and what is not a number is a gap."""
    return [value if isinstance(value, str) else _short(float(value)) for value in values]


def _short(value: float) -> float | None:
    return float(f"{value:.6g}") if value == value and abs(value) != float("inf") else None


def _reference(level: float, suffix: str) -> dict[str, Any]:
    line = {"color": theme.AXIS, "width": 1, "dash": "dot"}
    return {
        "type": "line",
        "xref": f"x{suffix} domain",
        "x0": 0,
        "x1": 1,
        "yref": f"y{suffix}",
        "y0": level,
        "y1": level,
        "line": line,
    }


def _caption(text: str, top: float) -> dict[str, Any]:
    return {
        "text": f"<b>{text}</b>",
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": top,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
    }
