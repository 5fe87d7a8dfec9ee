"""Charging a pack of cells that differ: the charger holds, the cells' limits hold, energy closes."""

from __future__ import annotations

import json

import numpy as np
import pytest

import ionstone as ion
from ionstone.core.errors import InputError
from ionstone.simulation import Grid
from ionstone.study.comparison.rows import LIMITS

GRID = Grid(5, 3, 5, 8)
CAR = "tesla-model-3-lr"


def pack_of(cell: str = "lg-m50", **options: object) -> ion.Pack:
    given = {"series": 96, "parallel": 46, "grid": GRID, "threads": 1, "cooling": {"cool_above": "30 degC"}}
    return ion.Pack(cell, **{**given, **options})


@pytest.fixture(scope="module")
def spread():
    pack = pack_of(series=6, parallel=736, lanes=1, spread={"temperature": "4 K", "contact": "10 %"}, seed=2,
                   joint="1 mohm")  # fmt: skip
    return ion.charge("lg-m50", CAR, "350 kW", temperature="15 degC", pack=pack)


def test_no_cell_is_charged_beyond_its_limits(spread) -> None:
    assert spread.reached
    o, rows = spread.run.outputs, spread.points
    assert o["cell_voltage_highest"][rows].max() < 4.2 + 1e-3
    assert o["soc"][rows[-1]] == pytest.approx(0.8, abs=1e-5)
    assert spread.power.max() < 250e3 * 1.002
    assert sum(spread.shares.values()) == pytest.approx(1.0)
    assert set(spread.limits) <= set(LIMITS)
    assert "plating" in spread.shares


def test_what_the_charger_gives_is_in_the_cells_or_lost(spread) -> None:
    e = spread.run.energies
    size = abs(e["terminal"])
    assert spread.energy == pytest.approx(-e["terminal"], rel=1e-9)
    assert abs(e["cells"] - e["terminal"] - e["heater"] - e["joints"] - e["busbars"]) < 1e-6 * size
    assert spread.run.summary["current_sum_error"] < 1e-9
    spans = [end - start for _, start, end in spread.timeline]
    assert sum(spans) == pytest.approx(spread.time)


def test_a_network_of_cells_alike_charges_as_one_cell_for_all_does() -> None:
    """At a power that no limit of the cells shortens: minutes and energy are those of the charger."""
    many = ion.charge("lg-m50", CAR, "50 kW", pack=pack_of())
    assert set(many.limits) == {"charger"}
    assert many.power == pytest.approx(np.full(many.power.size, 50e3), rel=1e-4)
    one = ion.charge("lg-m50", CAR, "50 kW", pack=None, grid=GRID)
    share = many.pack.n_cells / one.pack.n_cells
    assert many.energy == pytest.approx(one.energy * share, rel=2e-3)
    assert many.minutes == pytest.approx(one.minutes * share, rel=2e-3)


def test_a_current_of_the_charger_holds_too() -> None:
    found = ion.charge("lg-m50", CAR, "400 kW, 100 A", pack=pack_of(), stop=0.3)
    assert found.run.outputs["current"][found.points].min() == pytest.approx(-100.0, rel=1e-4)
    lower = ion.charge("lg-m50", CAR, "400 kW, 100 A", pack=pack_of(), stop=0.3, maximum_current=1.0)
    assert lower.limit == "current"
    assert lower.run.outputs["current"][lower.points].min() == pytest.approx(-46.0, rel=1e-4)


def test_heating_before_plugging_in_comes_out_of_the_cells() -> None:
    cooling = {"cool_above": "40 degC", "heater": "8 kW", "heat_below": "0 degC"}
    cold = ion.charge("lg-m50", CAR, temperature="-10 degC", pack=pack_of(cooling=cooling))
    warm = ion.charge(
        "lg-m50", CAR, temperature="-10 degC", precondition="30 degC", pack=pack_of(cooling=cooling)
    )
    assert warm.minutes < 0.6 * cold.minutes
    assert warm.soc[0] == pytest.approx(0.1, abs=2e-3)
    assert warm.temperature[0] == pytest.approx(303.15, abs=0.2)
    before = warm.run.time <= warm.run.time[warm.points[0]]
    assert warm.run.outputs["soc"][before][0] > 0.15
    heater = np.trapezoid(warm.run.outputs["heater"][before], warm.run.time[before])
    assert warm.preheat_energy == pytest.approx(heater, rel=1e-6)
    assert cold.preheat_energy == 0


def test_a_heater_is_fed_by_the_charger() -> None:
    cooling = {"heater": "5 kW", "heat_below": "30 degC"}
    found = ion.charge("sulfide-li", CAR, "15 kW", temperature="0 degC", stop=0.12,
                       pack=pack_of("sulfide-li", parallel=12, cooling=cooling))  # fmt: skip
    o, rows = found.run.outputs, found.points
    assert found.power.max() == pytest.approx(15e3, rel=1e-3)
    inside = o["voltage"][rows] * o["string_current"][rows]
    assert -inside == pytest.approx(found.power - o["heater"][rows], rel=1e-6)
    assert o["heater"][rows].max() == pytest.approx(5e3, rel=1e-3)


def test_a_charge_with_a_network_has_the_figures_of_any_charge(spread) -> None:
    json.dumps(spread.to_json_dict(), allow_nan=False)
    assert spread.to_xarray().sizes["time"] == spread.points.size
    assert len(spread.plot().data) >= 3
    assert spread.summary["km_per_minute"] > 0


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"pack": pack_of(series=192)}, r"reach 806 V, above the 500 V"),
        ({"pack": pack_of(), "precondition": "30 degC"}, "has no heater: add one"),
        ({"pack": pack_of(), "plating_margin": 0.01}, "plating_margin is no setting"),
        ({"pack": pack_of(), "start": 0.9}, "start < stop"),
        ({"pack": pack_of(), "maximum_current": -1.0}, "give one above 0"),
    ],
)
def test_bad_wishes_are_one_clear_line(wish: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        ion.charge("lg-m50", CAR, "350 kW, 500 V", **wish)
