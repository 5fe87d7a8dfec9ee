"""What an impedance is returned in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ionstone.core.errors import InputError
from ionstone.plotting.interactive import figure_dict
from ionstone.plotting.spectra import nyquist_chart
from ionstone.plotting.static import chart_image
from ionstone.results import Spectrum

HERTZ = np.logspace(-3, 6, 37)
Z = 1e-3 * (1 + 2 / (1 + 2j * np.pi * HERTZ * 1e-3))


def spectrum() -> Spectrum:
    return Spectrum(HERTZ, Z, 0.1, "a-cell", "P2D", 0.5, 298.15)


def test_the_area_makes_it_specific() -> None:
    assert np.allclose(spectrum().area_specific, 0.1 * Z)
    assert spectrum().title == "a-cell, P2D, SOC 50 %, 25 °C"


def test_a_nyquist_plot_has_equal_axes_units_and_frequencies() -> None:
    figure = figure_dict(spectrum().chart())
    assert figure["layout"]["yaxis"]["scaleanchor"] == "x"
    assert figure["layout"]["xaxis"]["title"]["text"] == "Re Z / mΩ"
    assert "1 kHz" in figure["data"][1]["text"]
    assert np.allclose(figure["data"][0]["y"], -1e3 * Z.imag, rtol=1e-5)


def test_a_bode_plot_has_logarithmic_axes() -> None:
    layout = figure_dict(spectrum().chart("bode"))["layout"]
    assert layout["xaxis2"]["type"] == layout["yaxis"]["type"] == "log"
    assert layout["yaxis2"]["title"]["text"] == "Phase / °"


@pytest.mark.parametrize("kind", ["nyquist", "bode", "relaxation"])
@pytest.mark.parametrize("area", [False, True])
def test_every_plot_is_drawn(kind: str, area: bool) -> None:
    assert spectrum().plot(kind, area=area).data
    assert chart_image(spectrum().chart(kind, area=area), "png")[1:4] == b"PNG"


def test_several_spectra_share_a_chart_with_a_legend() -> None:
    chart = nyquist_chart({"cold": (HERTZ, 2 * Z), "warm": (HERTZ, Z)})
    assert chart.legend
    assert [s.name for s in chart.panels[0].series if s.kind == "line"] == ["cold", "warm"]


def test_files_and_tables_hold_the_same_numbers(tmp_path: Path) -> None:
    made = spectrum()
    text = made.write(tmp_path / "s.csv").read_text().splitlines()
    assert text[0] == "frequency_Hz,z_real_ohm,z_imaginary_ohm,magnitude_ohm,phase_rad"
    assert np.allclose([float(v) for v in text[1].split(",")][:2], [HERTZ[0], Z[0].real])
    data = made.to_xarray()
    assert data.z_real.attrs["units"] == "ohm"
    assert np.allclose(data.z_imaginary, Z.imag)
    xarray = pytest.importorskip("xarray")
    with xarray.open_dataset(made.write(tmp_path / "s.nc"), engine="h5netcdf") as back:
        assert np.allclose(back.magnitude, np.abs(Z))
    assert json.loads(json.dumps(made.to_json_dict()))["units"]["frequency"] == "Hz"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s: s.plot("cole"), "kind"),
        (lambda s: s.relaxation_times(smoothing=0), "smoothing"),
        (lambda s: s.relaxation_times(per_decade=1), "per_decade"),
        (lambda s: s.gradient("positive.thickness"), "no model"),
        (lambda s: s.write("s.txt"), ".csv"),
    ],
)
def test_bad_input_is_named(call: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call(spectrum())  # type: ignore[operator]
