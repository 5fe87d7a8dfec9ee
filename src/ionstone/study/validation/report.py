"""The validation as one self-contained HTML page, and as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from ionstone.study.comparison.report import pretty
from ionstone.study.validation.case import GROUPS, Case
from ionstone.study.validation.charts import charts

TITLES = {
    "composites": "Composite electrodes",
    "cells": "Cells",
    "contact": "Contact under pressure",
    "lithium": "Critical currents and shorts of lithium",
    "packs": "Packs",
    "closures": "Closures (not validations)",
    "vehicle": "Cars",
}
FIGURES = {
    "figure-composites": "composites",
    "figure-cells": "cells",
    "figure-thin-film": "cells",
    "figure-contact": "contact",
    "figure-critical": "lithium",
    "figure-closures": "closures",
    "figure-epa": "vehicle",
    "figure-ranges": "vehicle",
    "figure-charges": "vehicle",
}


def verdict(case: Case) -> str:
    """A verdict in a word."""
    if case.failed:
        return "not computed"
    if case.within is None:
        return "shown"
    return "within" if case.within else "MISSED"


def tolerance(case: Case) -> str:
    """The tolerance of a case as text."""
    if case.bound or case.ceiling:
        return "at least" if case.bound else "at most"
    return "" if case.tolerance is None else f"{100 * case.tolerance:g} %"


def counts(cases: Sequence[Case]) -> str:
    """How many cases are within, missed, shown, fitted."""
    missed = sum(case.within is False and not case.failed for case in cases)
    within = sum(bool(case.within) for case in cases)
    fitted = sum(bool(case.within) and case.fitted for case in cases)
    text = f"{len(cases)} cases: {within} within their tolerance ({fitted} of them fitted), {missed} missed"
    text += f", {sum(case.within is None for case in cases)} shown without a verdict"
    failed = sum(case.failed for case in cases)
    return text + (f", {failed} not computed" if failed else "")


def render(cases: Sequence[Case], date: str | None = None) -> str:
    """The report as HTML text, figures with measured points over the curves of the laws.

    Needs no network to be read. ``date`` (default: today, UTC) is printed at its foot.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    from ionstone import __version__
    from ionstone.plotting.interactive import figure_dict
    from ionstone.plotting.page import scripts

    loader = PackageLoader("ionstone.study", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {"verdict": verdict, "tolerance": tolerance, "pretty": pretty}
    drawn = charts(cases)
    figures = {key: figure_dict(chart) for key, (_, chart) in drawn.items()}
    groups = []
    for group in GROUPS:
        rows = [case for case in cases if case.group == group]
        if rows:
            at = [(key, drawn[key][0]) for key in drawn if FIGURES[key] == group]
            groups.append((TITLES[group], rows, at))
    return environment.get_template("validation.html.j2").render(
        counts=counts(cases),
        groups=groups,
        free={case.name.split(":")[0]: case.free for case in cases if case.free},
        scripts=Markup(scripts(figures, get_plotlyjs())),
        version=__version__,
        date=date or datetime.now(UTC).date().isoformat(),
    )
