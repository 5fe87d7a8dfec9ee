"""Published limits: their points, their ranges, what lies beyond is marked."""

import math

import numpy as np
import pytest

from ionstone.cell_design.limits import doux2020, fracture, kasemchainan2019, no_limit, wang2019
from ionstone.cell_design.limits.base import LimitRecord, power_between
from ionstone.core.errors import InputError

HOUR = 3600.0


@pytest.mark.parametrize(
    ("law", "points"),
    [
        (kasemchainan2019.void_current_density, ((3e6, 2.0), (7e6, 10.0))),
        (wang2019.void_current_density, ((0.4e6, 1.0), (1.2e6, 2.0), (2.0e6, 4.0))),
        (doux2020.time_to_short, ((10e6, 474 * HOUR), (15e6, 272 * HOUR), (25e6, 48 * HOUR))),
    ],
)
def test_a_law_goes_through_its_points_and_holds_between_them(law, points):
    for x, y in points:
        assert law(x).value == pytest.approx(y)
        assert not law(x).extrapolated
    inside = [law(x).value for x in np.geomspace(points[0][0], points[-1][0], 30)]
    steps = np.diff(inside)
    assert np.all(steps > 0) or np.all(steps < 0)
    assert law(0.5 * points[0][0]).extrapolated
    assert law(2.0 * points[-1][0]).extrapolated


def test_without_pressure_nothing_can_be_stripped_and_nothing_creeps():
    assert kasemchainan2019.void_current_density(0.0).value == 0.0
    assert wang2019.void_current_density(0.0).value == 0.0
    assert doux2020.time_to_short(0.0).value == math.inf


def test_the_exponent_of_kasemchainan_is_that_of_its_two_points():
    ratio = (
        kasemchainan2019.void_current_density(6e6).value / kasemchainan2019.void_current_density(3e6).value
    )
    assert math.log(ratio) / math.log(2) == pytest.approx(math.log(5) / math.log(7 / 3))


def test_short_times_agree_with_the_bounds_at_5_and_75_MPa():
    assert doux2020.time_to_short(5e6).value > 1000 * HOUR  # no short within 1000 h
    assert doux2020.time_to_short(75e6).value < 1 * HOUR  # at once


def test_filaments_open_at_the_published_overpotentials():
    # Porz criterion: 134.1 mV at 0.4 um and 84.8 mV at 1 um of LLZO, 11.5 mV at 1 um of a Li6PS5Cl pellet
    assert fracture.critical_overpotential(1.25e6, 0.4e-6) == pytest.approx(0.1341, rel=1e-3)
    assert fracture.critical_overpotential(1.25e6, 1.0e-6) == pytest.approx(0.0848, rel=1e-3)
    assert fracture.critical_overpotential(0.17e6, 1.0e-6) == pytest.approx(0.0115, rel=5e-3)
    assert fracture.critical_current_density(0.17e6, 1e-6, 11.3e-4) == pytest.approx(10.0, rel=0.03)


def test_the_filament_criterion_scales_with_toughness_flaw_and_resistance():
    one = fracture.critical_current_density(1e6, 1e-6, 1e-3)
    assert fracture.critical_current_density(2e6, 1e-6, 1e-3) == pytest.approx(2 * one)
    assert fracture.critical_current_density(1e6, 4e-6, 1e-3) == pytest.approx(one / 2)
    assert fracture.critical_current_density(1e6, 1e-6, 2e-3) == pytest.approx(one / 2)
    assert fracture.critical_current_density(1e6, 1e-6, 0.0) == math.inf
    eta = fracture.critical_overpotential(1e6, 3e-6)
    assert fracture.flaw_of(1e6, eta) == pytest.approx(3e-6)


def test_the_null_model_limits_nothing():
    assert no_limit.void_current_density(1e6).value == no_limit.time_to_short(1e8).value == math.inf


def test_a_line_in_log_log_needs_values_above_zero():
    assert power_between(4.0, ((1.0, 1.0), (2.0, 4.0))) == pytest.approx(16.0)
    with pytest.raises(InputError, match="above 0"):
        power_between(0.0, ((1.0, 1.0), (2.0, 4.0)))


def test_a_record_says_whether_it_is_broken_and_becomes_plain_values():
    record = LimitRecord("voids", "law", 3.0, 2.0, "A/m2", -0.5, math.nan, True, "source")
    assert record.broken
    assert record.to_json_dict()["time"] is None
    assert record.to_json_dict()["broken"] is True
