"""The figures of the validation: measured points over the curves of the laws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ionstone.cell_design.composite import bielefeld2020, bruggeman, sized_percolation
from ionstone.cell_design.composite.base import Composition
from ionstone.cell_design.limits import kasemchainan2019
from ionstone.cell_design.limits.base import Threshold
from ionstone.plotting import theme
from ionstone.plotting.chart import Chart, Panel, Series
from ionstone.study.validation import composites, lithium, thin_film
from ionstone.study.validation.case import Case
from ionstone.study.validation.measured import lithium as lithium_data
from ionstone.study.validation.measured import minnmann2021 as minnmann
from ionstone.study.validation.vehicle_charts import vehicle_charts

BLUE, RED, GREEN, GREY = (theme.series_colour(k) for k in (0, 1, 2, 3))


def charts(cases: Sequence[Case]) -> dict[str, tuple[str, Chart]]:
    """Figures by key, each with its caption; those whose group was not computed are left out."""
    groups = {case.group for case in cases}
    made: dict[str, tuple[str, Chart]] = {}
    if composites.GROUP in groups:
        made["figure-composites"] = (
            "Conductivity of NCM622 and Li6PS5Cl composites: points measured by Minnmann et al. 2021, solid"
            " the law that is fitted to them (their voids), dashed other laws, nothing fitted",
            conductivity_chart(),
        )
    if any("Minnmann" in case.name for case in cases if case.group == "cells"):
        made["figure-cells"] = (
            "Capacity over rate: points measured by Minnmann et al. 2021, dashed with parameters fixed"
            " beforehand, solid with diffusivity and contact fitted at 42 vol% (blue)",
            capacity_chart(cases),
        )
    if any(case.name.startswith(thin_film.NAME) for case in cases):
        made["figure-thin-film"] = (
            "Discharges of the thin-film cell of Danilov et al. 2011 at the rates shown there; all parameters"
            " are estimates, no published curve is at hand",
            thin_film_chart(),
        )
    if lithium.CONTACT in groups:
        made["figure-contact"] = (
            "Resistance of a Li | Li6PS5Cl | Li cell over stack pressure: points of Doux et al. 2020, the law"
            " on first loading (fitted) and after release from 25 MPa (not fitted)",
            resistance_chart(),
        )
    if lithium.GROUP in groups:
        made["figure-critical"] = (
            "Critical current of lithium on Li6PS5Cl over stack pressure: the law of voids through the two"
            " points of Kasemchainan et al. 2019 (dotted beyond them), and the ranges that Song 2025 measured"
            " with another protocol",
            critical_chart(),
        )
    if "closures" in groups:
        made["figure-closures"] = (
            "Closures: by how much of the published figure the computed one differs",
            closure_chart(cases),
        )
    if "vehicle" in groups:
        made |= vehicle_charts(cases)
    return made


def conductivity_chart() -> Chart:
    """Both conductivities over the share of their phase."""
    ions = [
        _curve("sized percolation", BLUE, "ionic", _ours("ionic"), 0.215, 0.66),
        _curve("Bielefeld 2020", GREEN, "ionic", lambda c: bielefeld2020.share(c, {}, ""), 0.205, 0.66),
        _curve("Bruggeman 1.5", RED, "ionic", lambda c: bruggeman.share(c, {}, ""), 0.205, 0.66),
        _measured("ionic"),
        _fine("ionic"),
    ]
    electrons = [
        _curve("sized percolation", BLUE, "electronic", _ours("electronic"), 0.24, 0.66),
        _curve("Bruggeman 1.5", RED, "electronic", lambda c: bruggeman.share(c, {}, ""), 0.2, 0.66),
        _measured("electronic"),
        _fine("electronic"),
    ]
    panels = (
        _over_fraction(ions, "Li6PS5Cl", "Ionic / mS/cm", 2.0),
        _over_fraction(electrons, "NCM622", "Electronic / mS/cm", 10.0),
    )
    return Chart(panels, share_x=False, height=680)


def _over_fraction(series: Sequence[Series], phase: str, y_title: str, top: float) -> Panel:
    x_title = f"Volume fraction of {phase} / %"
    return Panel(tuple(series), x_title, y_title, x_range=(18, 66), y_range=(1e-3, top), y_log=True)


def _alone(
    series: Sequence[Series],
    x_title: str,
    y_title: str,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    height: int = 560,
) -> Chart:
    """A chart of one panel."""
    return Chart((Panel(tuple(series), x_title, y_title, x_range=x_range, y_range=y_range),), height=height)


def _ours(kind: str) -> Callable[[Composition], float]:
    values = composites.values(kind)
    return lambda at: sized_percolation.share(at, values, kind)


def _curve(
    name: str, colour: str, kind: str, law: Callable[[Composition], float], low: float, high: float
) -> Series:
    radii = (minnmann.SULFIDE_RADIUS, minnmann.NCM_RADIUS)
    at = np.linspace(low, high, 120)
    own, other = radii if kind == "ionic" else radii[::-1]
    rows = sorted((composites.composition(row, kind).fraction, row.void) for row in minnmann.COMPOSITES)
    voids = np.interp(at, [fraction for fraction, _ in rows], [void for _, void in rows])
    points = zip(at.tolist(), voids.tolist(), strict=True)
    y = [10 * composites.bulk(kind) * law(Composition(f, v, own, other)) for f, v in points]
    dash = "solid" if name.startswith("sized") else "dash"
    return Series(name, (100 * at).tolist(), y, colour=colour, dash=dash, group=name)


def _measured(kind: str) -> Series:
    x = [100 * composites.composition(row, kind).fraction for row in minnmann.COMPOSITES]
    y = [10 * composites.measured(row, kind) for row in minnmann.COMPOSITES]
    return Series("measured", x, y, "points", BLUE, group="measured")


def _fine(kind: str) -> Series:
    x = [100 * composites.composition(minnmann.FINE, kind).fraction]
    y = [10 * composites.measured(minnmann.FINE, kind)]
    name = "measured, fine electrolyte"
    return Series(name, x, y, "points", BLUE, marker="circle-open", group=name)


def capacity_chart(cases: Sequence[Case]) -> Chart:
    """Capacities over rate, one colour a composition."""
    series: list[Series] = []
    for k, (ncm, points) in enumerate(minnmann.CAPACITY.items()):
        colour = (RED, BLUE, GREEN)[k]
        label = f"{100 * ncm:.0f} vol% NCM"
        rates = sorted(points)
        series.append(Series(label, rates, [points[r] for r in rates], "points", colour, group=label))
        for words, dash in (("fixed", "dash"), ("fit", "solid")):
            found = _capacities(cases, ncm, words == "fit")
            if found:
                x, y = zip(*found, strict=True)
                series.append(Series(label, x, y, colour=colour, dash=dash, group=label, in_legend=False))
    top = 1.1 * max(max(line.y) for line in series)  # type: ignore[operator]
    return _alone(series, "Rate / C", "Capacity / mAh/g", (0.0, 1.05), (0.0, top))


def _capacities(cases: Sequence[Case], ncm: float, fitted: bool) -> list[tuple[float, float]]:
    start = f"Minnmann 2021: capacity at {100 * ncm:.0f} vol% NCM, "
    found = []
    for case in cases:
        if case.name.startswith(start) and fitted == ("fit" in case.name):
            found.append((float(case.name.removeprefix(start).split("C")[0]), case.computed))
    return sorted(found)


def thin_film_chart() -> Chart:
    """Voltage over charge at each rate."""
    series = []
    for k, rate in enumerate(thin_film.RATES):
        charge, voltage = thin_film.curve(rate)
        colour = theme.series_colour(k)
        series.append(Series(f"{rate:g}C", charge.tolist(), voltage.tolist(), colour=colour))
    return _alone(series, "Charge / µAh", "Voltage / V", height=420)


def resistance_chart() -> Chart:
    """Resistance over pressure, loading and release."""
    p = np.linspace(3.0, 30.0, 120)
    back = np.linspace(3.0, 25.0, 100)
    before, after, measured = lithium_data.RELEASED
    series = (
        Series("first loading (fitted)", p.tolist(), [lithium.resistance(x, x) for x in p], colour=BLUE),
        Series(
            "after release from 25 MPa",
            back.tolist(),
            [lithium.resistance(x, before) for x in back],
            colour=RED,
            dash="dash",
        ),
        Series(
            "measured on loading",
            [float(x) for x in lithium_data.RESISTANCE],
            list(lithium_data.RESISTANCE.values()),
            "points",
            BLUE,
        ),
        Series("measured after release", [after], [measured], "points", RED, marker="diamond"),
    )
    return _alone(series, "Stack pressure / MPa", "Resistance / Ω", (0.0, 31.0), (0.0, 200.0))


def critical_chart() -> Chart:
    """Critical current over pressure."""
    p = np.linspace(1.5, 10.0, 200)
    law = [kasemchainan2019.void_current_density(x * 1e6) for x in p.tolist()]

    def part(keep: Callable[[Threshold], bool]) -> list[float]:
        return [0.1 * t.value if keep(t) else float("nan") for t in law]

    series: list[Series] = [
        Series("void law, in its range", p.tolist(), part(lambda t: not t.extrapolated), colour=BLUE),
        Series("void law, extrapolated", p.tolist(), part(lambda t: t.extrapolated), colour=BLUE, dash="dot"),
        Series(
            "Kasemchainan 2019",
            [float(x) for x in lithium_data.KASEMCHAINAN],
            list(lithium_data.KASEMCHAINAN.values()),
            "points",
            BLUE,
        ),
    ]
    for k, (x, (low, high)) in enumerate(lithium_data.SONG_RANGES.items()):
        ends: dict[str, Any] = {"group": "song", "in_legend": k == 0}
        series.append(Series("Song 2025, range", [x, x], [low, high], colour=RED, **ends))
        series.append(
            Series(
                "Song 2025, range",
                [x, x],
                [low, high],
                "points",
                RED,
                marker="square",
                group="song",
                in_legend=False,
            )
        )
    return _alone(series, "Stack pressure / MPa", "Critical current / mA/cm²", (0, 10.5), (0, 2.6))


def closure_chart(cases: Sequence[Case]) -> Chart:
    """Deviation of each closure that has a tolerance."""
    closures = [case for case in cases if case.group == "closures" and not case.failed]
    rows = [case for case in closures if case.tolerance is not None]
    names = [case.name for case in rows]
    bars = Series(
        "deviation", [100 * case.deviation for case in rows], names, "horizontal bars", BLUE, in_legend=False
    )
    panel = Panel((bars,), "Computed less published / %", x_range=(-4.0, 4.0), categories=tuple(names))
    return Chart((panel,), legend=False, height=120 + 34 * len(rows))
