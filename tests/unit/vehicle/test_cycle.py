"""Cycles are what their standards say, and a bad trace is refused with its reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ionstone.core.errors import InputError
from ionstone.vehicle import list_cycles, load_cycle

STANDARD = {  # duration [s], distance [km], top speed [km/h]
    "wltc_3b": (1800, 23.266, 131.3),
    "wltc_3a": (1800, 23.194, 131.3),
    "udds": (1369, 11.990, 91.25),
    "hwfet": (765, 16.507, 96.40),
    "us06": (600, 12.888, 129.23),
    "nedc": (1180, 11.013, 120.0),
    "sc03": (600, 5.761, 88.19),
    "ftp": (1874, 17.769, 91.25),
    "cltc_p": (1800, 14.480, 114.0),
}


@pytest.mark.parametrize("name", list_cycles())
def test_a_cycle_has_the_length_of_its_standard(name: str) -> None:
    cycle, (duration, distance, top) = load_cycle(name), STANDARD[name]
    assert cycle.duration == duration
    assert cycle.distance / 1e3 == pytest.approx(distance, abs=0.002)
    assert cycle.speed.max() * 3.6 == pytest.approx(top, abs=0.05)


def test_the_nedc_is_four_urban_cycles_and_an_extra_urban_one() -> None:
    cycle = load_cycle("NEDC")
    urban = cycle.speed[:195]
    assert all(np.array_equal(cycle.speed[195 * i : 195 * (i + 1)], urban) for i in range(4))
    assert urban.sum() == pytest.approx(1013, abs=2)


def test_the_approximation_of_the_cltc_keeps_the_statistics_of_its_phases() -> None:
    from ionstone.vehicle.cltc import PHASES, STANDING

    cycle = load_cycle("CLTC-P")
    assert "approximation" in cycle.title
    assert np.mean(cycle.speed < 0.01) == pytest.approx(STANDING, abs=0.002)
    start = 0
    for _, duration, distance, top in PHASES:
        part = cycle.speed[start + 1 : start + duration + 1]
        assert part.sum() == pytest.approx(distance, rel=1e-3)
        assert part.max() == pytest.approx(top, rel=1e-3)
        start += duration


def test_a_steady_speed_is_a_cycle() -> None:
    cycle = load_cycle("120 km/h")
    assert set(cycle.speed.tolist()) == {120 / 3.6}
    with pytest.raises(InputError, match="above 0"):
        load_cycle("0 km/h")


def test_a_trace_by_distance_takes_the_time_that_its_speeds_take(tmp_path: Path) -> None:
    text = "distance_m,speed_km_h,pause_s\n0,0,5\n100,36,0\n1000,36,0\n1100,0,10\n1200,36,0\n1300,0,0\n"
    cycle = load_cycle(written(tmp_path, text))
    assert cycle.duration == pytest.approx(5 + 20 + 90 + 20 + 10 + 20 + 20)
    assert cycle.distance == pytest.approx(1300, rel=1e-6)
    assert np.interp([4.9, 15.0, 140.0], cycle.time, cycle.speed) == pytest.approx([0, 5, 0])


def test_resampling_keeps_the_distance() -> None:
    cycle = load_cycle("wltc_3b")
    assert cycle.resampled(0.5).distance == pytest.approx(cycle.distance, rel=1e-12)


def written(folder: Path, text: str) -> Path:
    path = folder / "trace.csv"
    path.write_text(text)
    return path


def test_a_trace_in_kilometres_per_hour_is_read_in_metres_per_second(tmp_path: Path) -> None:
    cycle = load_cycle(written(tmp_path, "# my commute\ntime_s,speed_km_h\n10,0\n14,36\n20,36\n"))
    assert cycle.speed.tolist() == pytest.approx([0, 10, 10])
    assert cycle.time.tolist() == [0, 4, 10]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("time_s,speed_m_s\n0,0\n1,-3\n", "negative"),
        ("time_s,speed_m_s\n0,0\n1,nan\n", "finite"),
        ("time_s,speed_m_s\n0,0\n40,1\n", "gap"),
        ("distance_m,speed_m_s\n0,0\n9000,20\n", "gap"),
        ("distance_m,speed_m_s\n0,0\n50,0\n60,9\n", "between them"),
        ("distance_m,speed_m_s\n0,0\n50,-2\n60,9\n", "negative"),
        ("distance_m,speed_m_s,pause_s\n0,0,0\n50,5,3\n60,9,0\n", "pause"),
        ("time_s,speed_m_s\n0,0\n0,1\n", "rise"),
        ("time_s,speed_m_s\n0,0\n1,130\n", "speed_km_h"),
        ("time_s,speed_m_s\n0,0\n1,80\n", "jump"),
        ("time_s,speed_m_s\n0,0\n1,0\n", "no distance"),
        ("time_s,speed_m_s\n0,0\n", "two or more"),
        ("time_s,speed_m_s\n0,0\n1\n", "row 2"),
        ("time_s,speed_m_s\n0,0\nx,1\n", "row 2"),
        ("t,v\n0,0\n1,1\n", "header"),
        ("", "header"),
    ],
)
def test_a_bad_trace_is_refused_with_its_reason(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(InputError, match=word) as caught:
        load_cycle(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_an_unknown_cycle_gets_a_hint() -> None:
    with pytest.raises(InputError, match="wltc_3b"):
        load_cycle("wltc_3c")
    with pytest.raises(InputError, match="CSV"):
        load_cycle("artemis")
    with pytest.raises(InputError, match="no such file"):
        load_cycle("absent.csv")
