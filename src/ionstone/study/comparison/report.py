"""The comparison as one self-contained HTML page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ionstone.plotting import theme
from ionstone.plotting.chart import Chart
from ionstone.study.comparison import report_charts, report_pictures
from ionstone.study.comparison.compare import COLD
from ionstone.study.comparison.rows import Comparison, Row


def render(comparison: Comparison, date: str | None = None) -> str:
    """The report as HTML text: table, figures, closures, sources, assumptions. Needs no network to be read.

    ``date`` (default: today, UTC) is printed at its foot.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    from ionstone import __version__
    from ionstone.plotting.interactive import figure_dict, one_of
    from ionstone.plotting.page import scripts
    from ionstone.study.comparison import report_runs

    loader = PackageLoader("ionstone.study", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {"figure": _figure, "pretty": pretty}
    figures = {key: figure_dict(chart) for key, chart in _charts(comparison).items()}
    choices = _choices(comparison)
    figures |= {key: one_of(found) for key, found in choices.items()}
    return environment.get_template("report.html.j2").render(
        comparison=comparison,
        count="1 cell" if len(comparison.rows) == 1 else f"{len(comparison.rows)} cells",
        warm=f"{comparison.temperature - 273.15:g} °C",
        cold=f"{comparison.cold - 273.15:g} °C",
        cold_limit=f"{COLD - 273.15:g} °C",
        colours=[theme.series_colour(index) for index in range(len(comparison.rows))],
        limit_words=report_charts.LIMIT_WORDS,
        findings=findings(comparison),
        source_keys={row.name: _keys(line.source for line in row.sources) for row in comparison.rows},
        pack_keys=_keys(source for row in comparison.rows if row.pack for source in row.pack.sources),
        figures=figures,
        choices=choices,
        spreads=report_runs.stated_spread(),
        runs=report_runs,
        scripts=Markup(scripts(figures, get_plotlyjs())),
        version=__version__,
        date=date or datetime.now(UTC).date().isoformat(),
    )


def findings(comparison: Comparison) -> list[str]:
    """What the table says, in a few sentences; only what was computed."""
    sentences = []
    rows = comparison.rows
    if comparison.same == "range":
        if light := _best(rows, "pack_mass", largest=False):
            sentences.append(f"{light.name} needs the lightest pack: {_figure(light.pack_mass)} kg.")
        if small := _best(rows, "pack_volume", largest=False):
            sentences.append(f"{small.name} needs the smallest pack: {_figure(small.pack_volume, 1e3)} L.")
    elif far := _best(rows, "range", largest=True):
        sentences.append(f"{far.name} goes farthest: {_figure(far.range, 1e-3)} km on one charge.")
    if fast := _best(rows, "charge_time", largest=False):
        sentences.append(
            f"{fast.name} charges fastest: {_figure(fast.charge_time, 1 / 60)} min from 10 to 80 %."
        )
    kept = [(row.range_cold / row.range, row) for row in rows if row.range and row.range_cold is not None]
    if len(kept) > 1:
        low, high = min(kept, key=lambda pair: pair[0]), max(kept, key=lambda pair: pair[0])
        ambient = f"{comparison.cold - 273.15:g} °C"
        sentences.append(
            f"At {ambient}, {high[1].name} keeps {100 * high[0]:.0f} % of its range, "
            f"{low[1].name} {100 * low[0]:.0f} %."
        )
    return sentences


def _best(rows: tuple[Row, ...], name: str, *, largest: bool) -> Row | None:
    known = [row for row in rows if getattr(row, name) is not None]
    if len(known) < 2:
        return None
    return (max if largest else min)(known, key=lambda row: float(getattr(row, name)))


def _charts(comparison: Comparison) -> dict[str, Chart]:
    made = {
        "figure-range": report_charts.range_chart(comparison),
        "figure-weather": report_pictures.weather_chart(comparison),
        "figure-cycle": report_pictures.cycle_chart(comparison),
        "figure-charge": report_charts.charge_chart(comparison),
        "figure-discharge": report_charts.discharge_chart(comparison),
        "figure-breakdown": report_charts.breakdown_chart(comparison),
    }
    return {key: chart for key, chart in made.items() if chart is not None}


def _choices(comparison: Comparison) -> dict[str, dict[str, dict[str, Any]]]:
    """Figures of which the reader picks a cell: key, then cell, then figure."""
    made = {"figure-energy": report_pictures.energy_figure, "figure-spread": report_pictures.spread_figure}
    found = {
        key: {row.name: figure for row in comparison.rows if (figure := draw(row)) is not None}
        for key, draw in made.items()
    }
    return {key: figures for key, figures in found.items() if figures}


def _keys(sources: Iterable[str]) -> dict[str, int]:
    """Numbers for sources, in the order in which they come."""
    return {source: number for number, source in enumerate(dict.fromkeys(filter(None, sources)), 1)}


_SIGNS = {"*": "·", "degC": "°C", "ohm": "Ω", "um": "µm"}


def pretty(text: str) -> str:
    """A number with its unit as a reader of a page expects it: "0.33 N*s^2/m^2" is "0.33 N·s²/m²"."""
    number, blank, unit = text.rpartition(" ")
    unit = re.sub(r"\^([23])(?![\d.])", lambda found: "²³"[int(found[1]) - 2], unit)
    for plain, sign in _SIGNS.items():
        unit = unit.replace(plain, sign)
    return number + blank + unit


def _figure(value: Any, scale: float = 1.0, digits: int = 0) -> str:
    """A number for a table; a dash where there is none."""
    return "–" if value is None else f"{value * scale:.{digits}f}"
