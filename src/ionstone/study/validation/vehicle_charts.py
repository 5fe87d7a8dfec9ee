"""Figures of the validation of cars: computed over published."""

from __future__ import annotations

from collections.abc import Sequence

from ionstone.plotting import theme
from ionstone.plotting.chart import Chart, Panel, Series
from ionstone.study.validation.case import Case

BLUE, RED, GREEN, GREY = (theme.series_colour(k) for k in (0, 1, 2, 3))


def vehicle_charts(cases: Sequence[Case]) -> dict[str, tuple[str, Chart]]:
    """Figures by key, each with its caption; those without a case are left out."""
    epa = [c for c in cases if c.name.startswith("EPA 2022:") and c.unit == "Wh/km"]
    wltp = [c for c in cases if c.unit == "km" and c.name.startswith("WLTP:")]
    labels = [c for c in cases if c.name.startswith("EPA label, two")]
    published = [c for c in cases if c.name.startswith("Charging:")]
    fastest = [c for c in cases if c.name.startswith("Fastest")]
    made: dict[str, tuple[str, Chart]] = {}
    if epa:
        good = [c for c in epa if "flagged" not in c.note]
        flagged = [c for c in epa if "flagged" in c.note]
        parts = (("usable rows", good, BLUE, "circle"), ("flagged rows", flagged, GREY, "x"))
        caption = (
            "Energy from the wall of 61 cars of model year 2022, 55 % UDDS and 45 % HWFET: one powertrain for"
        )
        made["figure-epa"] = (f"{caption} all, fitted to them; dotted 6 % off", _over(parts, "Wh/km", 0.06))
    if wltp or labels:
        judged, others = [c for c in wltp if c.tolerance], [c for c in wltp if not c.tolerance]
        spans = (("WLTP, road load of the EPA", judged, BLUE, "circle"),
                 ("WLTP, road load estimated, or another trim", others, RED, "diamond"),
                 ("EPA label, two cycles", labels, GREEN, "square"))  # fmt: skip
        caption = "Ranges of cars with their own packs, nothing fitted to a range; dotted 7 % off"
        made["figure-ranges"] = (caption, _over(spans, "km", 0.07))
    if published or fastest:
        times = (("from the published power", published, BLUE, "circle"),
                 ("fastest safe charge, estimated cells", fastest, RED, "diamond"))  # fmt: skip
        caption = "Minutes from 10 to 80 %, with the published power, and as fast as an estimated cell allows"
        made["figure-charges"] = (f"{caption}; dotted 7 % off", _over(times, "min", 0.07))
    return made


def _over(parts: Sequence[tuple[str, list[Case], str, str]], unit: str, band: float) -> Chart:
    """Computed over published as points, with the line of equality and a band."""
    every = [value for _, cases, *_ in parts for c in cases for value in (c.published, c.computed)]
    low, high = 0.9 * min(every), 1.05 * max(every)
    lines = [Series("equal", [low, high], [low, high], colour="#808890", in_legend=False)]
    for factor in (1 - band, 1 + band):
        ends = [low * factor, high * factor]
        lines.append(Series("band", [low, high], ends, colour="#808890", dash="dot", in_legend=False))
    points = [
        Series(
            name, [c.published for c in cases], [c.computed for c in cases], "points", colour, marker=marker
        )
        for name, cases, colour, marker in parts
        if cases
    ]
    panel = Panel((*lines, *points), f"Published / {unit}", f"Computed / {unit}", weight=2.0)
    return Chart((panel,), height=520)
