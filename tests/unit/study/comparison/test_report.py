"""The report is one page that needs no network, shows every row, and survives missing figures."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ionstone.core.errors import InputError
from ionstone.study.car.energy_flow import EnergyFlow
from ionstone.study.comparison.curves import ChargeCurve, CyclePass, DischargeCurve, PackPass, Weather
from ionstone.study.comparison.report import findings, pretty, render
from ionstone.study.comparison.report_charts import (
    breakdown_chart,
    charge_chart,
    discharge_chart,
    range_chart,
)
from ionstone.study.comparison.report_pictures import cycle_chart, energy_figure, spread_chart, weather_chart
from ionstone.study.comparison.rows import Assumption, Closure, Comparison, PackLine, Row, SourceLine

FLOW = EnergyFlow(
    pack=470.0, rolling=160.0, drag=160.0, brakes=0.0, drivetrain=130.0, auxiliary=20.0, cabin=0.0,
    battery_heating=0.0, recovered=150.0, motor=600.0, braking=200.0, cells=10.0,
)  # fmt: skip

SPREAD = PackPass(
    time=(0.0, 60.0),
    coldest=(297.0, 298.0),
    mean=(298.0, 298.5),
    hottest=(299.5, 299.0),
    voltage_apart=(0.0, 0.005),
    soc_apart=(0.0, 0.001),
    limits="voltage",
    limited_share=0.02,
)


def full_row(name, factor=1.0):
    soc = tuple(np.linspace(0.1, 0.8, 8))
    return Row(
        name,
        "NMC | liquid | <graphite>",
        specific_energy=250 * 3600 * factor,
        energy_density=700 * 3.6e6,
        pack_energy=75 * 3.6e6,
        cell_mass=0.07,
        range=500e3 * factor,
        range_cold=400e3,
        charge_time=1800.0 / factor,
        charge_limit="plating",
        notes=("heated to 80 °C",),
        charge_curve=ChargeCurve(soc, (1e5,) * 8, (298.0,) * 8, ("current",) * 3 + ("plating",) * 5),
        discharge_curves=(DischargeCurve("C/3 at 25 °C", (0.0, 9000.0), (4.2, 3.0)),),
        breakdown={"25 °C": {"drag": 200.0, "rolling": 150.0}, "-10 °C": {"drag": 220.0, "cabin": 100.0}},
        closures=(Closure("mass", 70.0, 71.4, "g", "data sheet"), Closure("volume", None, 24.0, "mL")),
        sources=(SourceLine("positive.thickness", "75.6 um", "Chen et al. 2020", "measured", "read"),),
        cycle=CyclePass((1.0, 3.0), (0.0, 20.0), (500.0, 2e4 * factor), (1.0, 0.99)),
        flows={"25 °C": FLOW, "-10 °C": replace(FLOW, cabin=90.0, pack=FLOW.pack + 90.0)},
        weather=Weather((253.15, 298.15), (300e3, 500e3 * factor), (False, True)),
        spread=SPREAD,
    )


@pytest.fixture
def comparison():
    rows = (full_row("one"), Row("two", code=1, message="it <broke>"), full_row("three", 1.2))
    return Comparison(
        rows, "car", "A car", "WLTC 3b", assumptions=(Assumption("mass", "1800 kg", "EPA", "measured"),)
    )


@pytest.fixture
def page(comparison):
    return render(comparison, date="2026-11-24")


def without_library(page):
    return re.sub(r'id="plotly-library">[^<]*', "", page)


def test_the_page_asks_no_network_for_anything(page):
    text = without_library(page)
    assert not re.search(r"(src|href)\s*=|url\(|@import", text)
    assert "http" not in text


def test_the_page_shows_rows_closures_sources_and_assumptions(page):
    text = without_library(page)
    for words in (
        "one",
        "two",
        "+2.0 %",
        "not published",
        "Chen et al. 2020",
        "measured",
        "1800 kg",
        "heated to 80",
    ):
        assert words in text


def test_names_and_messages_are_escaped(page):
    text = without_library(page)
    assert "it &lt;broke&gt;" in text
    assert "<graphite>" not in text


def test_every_figure_that_is_placed_has_data(page):
    placed = set(re.findall(r'<div class="figure" id="([^"]+)"', page))
    data = json.loads(re.search(r'id="figure-data">(.*?)</script>', page, re.DOTALL).group(1))
    assert placed == set(data)
    assert len(placed) == 8


def test_the_page_is_small_enough_for_a_mail(page):
    assert len(page) < 2.5e6


def test_laws_stand_in_a_column_of_their_own_width_and_units_are_pretty(comparison):
    law = SourceLine(
        "positive.open_circuit_potential", "4.2 - 0.9*x + 0.1*tanh(20*(x - 0.5))", "Chen 2020", "fitted"
    )
    area = SourceLine("format.area", "0.1 m^2", "a ruler", "measured", "read", "0.09 to 0.11 m^2")
    row = replace(comparison.rows[0], sources=(law, area))
    page = without_library(render(replace(comparison, rows=(row,))))
    assert '<td class="law">4.2 - 0.9*x' in page
    assert '<td class="n">0.1 m²</td>' in page
    assert "0.09 to 0.11 m²" in page


def test_powers_of_units_are_raised_only_where_they_are_whole():
    assert pretty("0.33 N*s^2/m^2") == "0.33 N·s²/m²"
    assert pretty("1e-6 A*m^2.5/mol^1.5") == "1e-6 A·m^2.5/mol^1.5"
    assert pretty("5 to 20 um") == "5 to 20 µm"


def test_packs_are_told_with_their_shares(comparison):
    pack = PackLine(98, 47.25, 0.625, 0.425, 3.0, ("pushevs.com",))
    row = replace(comparison.rows[0], pack=pack, pack_mass=478.0, pack_volume=0.25)
    page = without_library(render(replace(comparison, rows=(row,))))
    assert "From cell to pack" in page
    assert "62.5 %" in page
    assert "pushevs.com" in page


def test_a_page_of_failed_cells_is_still_a_page():
    page = render(Comparison((Row("a", code=1, message="no"),), "car"))
    assert '<div class="figure"' not in page


def test_findings_name_the_best(comparison):
    assert findings(comparison) == [
        "three goes farthest: 600 km on one charge.",
        "three charges fastest: 25 min from 10 to 80 %.",
        "At -10 °C, one keeps 80 % of its range, three 67 %.",
    ]


def test_packs_of_the_same_range_are_told_by_mass_and_volume(comparison):
    rows = [replace(row, pack_mass=500.0 - 90 * k, pack_volume=0.3) for k, row in enumerate(comparison.rows)]
    sized = replace(comparison, rows=tuple(rows), same="range")
    assert findings(sized)[:2] == [
        "three needs the lightest pack: 320 kg.",
        "one needs the smallest pack: 300 L.",
    ]
    chart = range_chart(sized)
    assert chart.panels[0].y_title == "Mass of the pack / kg"
    assert [series.y for series in chart.panels[0].series] == [[500.0], [320.0]]
    page = without_library(render(sized))
    assert "Packs of the same range, 550 km" in page
    assert "<b>320</b>" in page


def test_a_cell_keeps_its_colour_in_every_figure(comparison):
    charts = [make(comparison) for make in (range_chart, charge_chart, discharge_chart)]
    colours = {
        (series.name, series.colour)
        for chart in charts
        for panel in chart.panels
        for series in panel.series
        if series.name in ("one", "three")
    }
    assert len(colours) == 2


def test_limits_fill_the_charging_curve_without_gap_or_overlap(comparison):
    strips = charge_chart(comparison).panels[1].series
    spans = sorted(
        (base, base + length)
        for series in strips
        for length, name, base in zip(series.x, series.y, series.base, strict=True)
        if name == "one"
    )
    assert spans[0][0] == pytest.approx(10)
    assert spans[-1][1] == pytest.approx(80)
    assert all(a[1] == pytest.approx(b[0]) for a, b in pairwise(spans))


def test_the_area_under_a_discharge_curve_is_the_specific_energy(comparison):
    line = discharge_chart(comparison).panels[0].series[0]
    assert np.trapezoid(line.y, line.x) == pytest.approx(9000 / 3600 * 3.6 / 0.07)


def test_the_breakdown_is_in_watt_hours_per_kilometre(comparison):
    panel = breakdown_chart(comparison).panels[0]
    assert panel.series[0].y == pytest.approx([200 / 3.6, 200 / 3.6])


def test_a_reader_picks_a_cell_and_the_first_is_shown(page):
    data = json.loads(re.search(r'id="figure-data">(.*?)</script>', page, re.DOTALL).group(1))
    for figure in ("figure-energy", "figure-spread"):
        choice = re.search(rf'<select data-figure="{figure}">(.*?)</select>', page, re.DOTALL).group(1)
        assert re.findall(r"<option>(.*?)</option>", choice) == ["one", "three"]
        traces = data[figure]["data"]
        assert {trace["meta"] for trace in traces if trace["visible"]} == {"one"}
        assert {trace["meta"] for trace in traces if not trace["visible"]} == {"three"}


def test_the_spread_is_told_with_its_range_and_grade(page):
    assert "capacity 1 % (0.3 to 2), resistance 3 % (1 to 6), temperature at the start 1 K (0.5 to 3)" in page
    assert "voltage, 2.0 % of the time" in page


def test_a_car_that_falls_behind_is_an_open_point(comparison):
    dots = [s for s in weather_chart(comparison).panels[0].series if s.kind == "points" and s.name == "one"]
    assert {s.marker: (list(s.x), list(s.y)) for s in dots} == {
        "circle": ([25.0], [500.0]),
        "circle-open": ([-20.0], [300.0]),
    }


def test_the_cycle_is_drawn_in_kilometres_an_hour_kilowatts_and_percent(comparison):
    speed, power, soc = (panel.series for panel in cycle_chart(comparison).panels)
    assert speed[0].y == [0.0, 72.0]
    assert power[0].y == [0.5, 20.0]
    assert soc[0].y == [100.0]


def test_each_ambient_has_its_flows_and_what_leaves_the_cells_arrives(comparison):
    warm, cold = energy_figure(comparison.rows[0])["data"]
    assert warm["domain"]["y"][0] > cold["domain"]["y"][1]
    for trace, pack in ((warm, 470.0), (cold, 560.0)):
        link = trace["link"]
        out = sum(v for a, v in zip(link["source"], link["value"], strict=True) if a == 0)
        sinks = set(link["target"]) - set(link["source"])
        assert out == pytest.approx((pack + 10.0) / 36)
        assert sum(
            v for b, v in zip(link["target"], link["value"], strict=True) if b in sinks
        ) == pytest.approx(out)


def test_cells_that_differ_are_drawn_hottest_first_with_a_legend_of_their_own(comparison):
    temperatures, voltages, charge = (p.series for p in spread_chart(comparison.rows[0].spread, "one").panels)
    assert [s.y[0] for s in temperatures] == pytest.approx([26.35, 24.85, 23.85])
    assert len({s.group for s in (*temperatures, *voltages, *charge)}) == 5
    assert voltages[0].y == [0.0, 5.0]
    assert not charge[0].in_legend


def test_json_tells_what_the_pictures_show(comparison):
    one, two, _ = comparison.to_json_dict()["cells"]
    assert one["weather"][0] == {"temperature_degC": -20.0, "range_km": 300.0, "driven_empty": False}
    assert one["cells_apart"]["voltage_at_most_mV"] == pytest.approx(5.0)
    assert (two["weather"], two["cells_apart"]) == (None, None)


def test_a_comparison_has_a_summary_a_dataset_and_a_plot(comparison):
    assert comparison.summary["one"]["range"] == 500e3
    assert comparison.summary["two"]["range"] is None
    data = comparison.to_xarray()
    assert float(data["range"].sel(cell="three")) == 600e3
    assert np.isnan(float(data["range"].sel(cell="two")))
    assert data["charge_time"].attrs["units"] == "s"
    assert {trace.name for trace in comparison.plot().data} >= {"one", "three"}
    with pytest.raises(InputError, match="no cell has figures"):
        Comparison((Row("a", code=1, message="no"),), "car").plot()
