"""Charts are data; both renderers draw them; units are friendly; pages carry their own library."""

import base64
import json
import re
import subprocess
import sys
import zlib

import numpy as np
import pytest

from ionstone.core.errors import InputError, MissingExtraError
from ionstone.plotting.chart import Chart, Panel, Series
from ionstone.plotting.display import shown_unit, time_unit
from ionstone.plotting.figures import run_chart, thinned
from ionstone.plotting.interactive import chart_html, figure_dict, plotly_figure
from ionstone.plotting.page import embedded_json
from ionstone.plotting.static import chart_image
from ionstone.plotting.theme import SERIES_COLOURS, series_colour, series_dash, series_marker

TIME = np.linspace(0, 3600, 50)
OUTPUTS = {
    "voltage": 4.2 - TIME / 3600,
    "current": np.full(50, 5.0),
    "temperature": np.full(50, 298.15),
    "plating_potential": np.full(50, np.inf),
}
UNITS = {"voltage": "V", "current": "A", "temperature": "K", "plating_potential": "V"}


def every_kind():
    bars = [Series("a", ["p", "q"], [1, 2], "bars", "#0072B2", text=["1", "2"])]
    strips = [Series("voltage", [3.0], ["p"], "horizontal bars", "#F2D16B", base=[1.0], group="voltage")]
    points = [Series("a", [1.0], [2.0], "points", "#0072B2", text=["here"])]
    panels = (Panel(tuple(bars), title="Bars"), Panel(tuple(strips)), Panel(tuple(points), reference=1.5))
    return Chart(panels, title="All of them", share_x=False)


def test_a_run_chart_has_a_panel_an_output_with_its_unit():
    chart = run_chart(TIME, OUTPUTS, units=UNITS)
    assert [panel.y_title for panel in chart.panels] == ["Voltage / V", "Current / A", "Temperature / °C"]
    assert chart.panels[-1].x_title == "Time / min"
    assert chart.panels[2].series[0].y[0] == pytest.approx(25)


def test_an_unknown_output_is_bad_input_that_names_a_near_one():
    with pytest.raises(InputError, match="voltage"):
        run_chart(TIME, OUTPUTS, units=UNITS, names=["voltag"])


def test_a_constant_is_drawn_flat():
    low, high = run_chart(TIME, OUTPUTS, units=UNITS).panels[1].y_range
    assert low < 5 < high


def test_thinning_keeps_the_ends_and_the_extremes():
    x = np.arange(100_000.0)
    y = np.zeros(100_000)
    y[12_345], y[54_321] = 7, -7
    keep = thinned(x, [y])
    assert keep.size <= 4001
    assert {0, 12_345, 54_321, 99_999} <= set(keep.tolist())


def test_seven_cells_have_seven_colours_and_an_eighth_differs_in_dash():
    assert len(set(SERIES_COLOURS)) == 7
    assert series_colour(7) == series_colour(0)
    assert (series_dash(7), series_marker(7)) != (series_dash(0), series_marker(0))


def test_shown_units_are_friendly():
    assert shown_unit("A s").convert(np.array([3600.0]))[0] == 1
    assert shown_unit("K").label("Temperature") == "Temperature / °C"
    assert [time_unit(span).unit for span in (60, 3600, 36_000)] == ["s", "min", "h"]


def test_infinities_become_gaps_and_numbers_are_short():
    figure = figure_dict(run_chart(TIME, OUTPUTS, units=UNITS, names=["plating_potential", "voltage"]))
    assert set(figure["data"][0]["y"]) == {None}
    json.dumps(figure, allow_nan=False)


def test_plotly_accepts_every_kind_of_series():
    figure = plotly_figure(every_kind())
    assert [trace.type for trace in figure.data] == ["bar", "bar", "scatter"]


def test_a_legend_group_has_one_entry():
    strips = tuple(
        Series("voltage", [1.0], ["p"], "horizontal bars", base=[float(k)], group="voltage") for k in range(3)
    )
    shown = [trace["showlegend"] for trace in figure_dict(Chart((Panel(strips),)))["data"]]
    assert shown == [True, False, False]


def test_lying_bars_keep_the_order_asked_for():
    strips = (
        Series("v", [1.0], ["b"], "horizontal bars"),
        Series("i", [1.0, 1.0], ["a", "b"], "horizontal bars"),
    )
    layout = figure_dict(Chart((Panel(strips, categories=("a", "b")),)))["layout"]
    assert layout["yaxis"]["categoryarray"] == ["a", "b"]


def test_panels_do_not_overlap_and_fill_the_page():
    layout = figure_dict(every_kind())["layout"]
    domains = [layout[f"yaxis{suffix}"]["domain"] for suffix in ("", "2", "3")]
    assert domains[0][1] == 1
    assert domains[2][0] == pytest.approx(0)
    assert domains[0][0] > domains[1][1] > domains[1][0] > domains[2][1]


def test_a_page_needs_no_network_and_holds_the_whole_library():
    text = chart_html(every_kind())
    outside = re.sub(r'id="plotly-library">[^<]*', "", text)
    assert "src=" not in outside
    assert "http" not in outside
    packed = re.search(r'id="plotly-library">([^<]+)<', text).group(1)
    library = zlib.decompress(base64.b64decode(packed)).decode()
    assert "Plotly" in library
    assert len(text) < 0.5 * len(library)


def test_data_cannot_end_the_script_element():
    assert "</script" not in embedded_json({"name": "</script><script>alert(1)"})


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_images_are_drawn_without_a_browser(kind, start):
    pytest.importorskip("matplotlib")
    assert chart_image(every_kind(), kind).startswith(start)


def test_an_image_of_the_same_chart_is_the_same_file():
    pytest.importorskip("matplotlib")
    assert chart_image(every_kind(), "svg") == chart_image(every_kind(), "svg")


def test_a_dollar_sign_or_bracket_in_a_title_is_text():
    pytest.importorskip("matplotlib")
    assert chart_image(Chart((Panel((Series("$a", [1, 2], [1, 2]),)),), title="$/kWh {x"), "svg")


def test_missing_matplotlib_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match="ionstone"):
        chart_image(every_kind(), "svg")


def test_the_chart_needs_no_drawing_library():
    code = (
        "import sys, ionstone.plotting.interactive as i; print({'plotly', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_legend_of_long_names_stays_inside_the_image():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from ionstone.plotting.static import _legend

    figure = Figure(figsize=(8.4, 3.0), layout="constrained")
    axis = figure.subplots()
    for k in range(4):
        axis.plot([0, 1], [k, k], label=f"a name of the series {k} that is forty long")
    _legend(figure, [axis])
    (legend,) = figure.legends
    extent = legend.get_window_extent(FigureCanvasAgg(figure).get_renderer())
    assert extent.x0 >= 0
    assert extent.x1 <= figure.bbox.width
    assert len(legend.get_texts()) == 4
