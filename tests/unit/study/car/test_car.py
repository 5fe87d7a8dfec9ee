"""A cell in a car by friendly words: sizes, limits, weather, energy that adds up, chargers, bad input."""

from __future__ import annotations

import json

import numpy as np
import pytest

import ionstone as ion
from ionstone.core.errors import InputError
from ionstone.plotting.interactive import figure_dict
from ionstone.simulation import COARSE
from ionstone.study.car.charger import read_charger
from ionstone.study.car.charts import charge_chart, sankey
from ionstone.study.car.energy_flow import energy_flow
from ionstone.study.car.tables import flow_of
from ionstone.vehicle import battery_demand, list_cycles, load_vehicle

QUICK = {"grid": COARSE, "model": "SPM"}


@pytest.fixture(scope="module")
def warm():
    return ion.drive("lg-m50", "tesla-model-3-lr", "wltc_3b", **QUICK)


@pytest.mark.parametrize("cycle", list_cycles())
@pytest.mark.parametrize("ambient", [253.15, 296.15, 313.15])
def test_the_energy_from_pack_to_road_closes_to_a_millionth(cycle: str, ambient: float) -> None:
    flow = energy_flow(battery_demand("porsche-taycan-4s", cycle, ambient))
    assert abs(flow.closure) < 1e-6
    assert flow.motor - flow.recovered - flow.rolling - flow.drag - flow.brakes == pytest.approx(
        flow.drivetrain
    )


def test_braking_harder_than_the_battery_takes_ends_in_the_friction_brakes() -> None:
    car = load_vehicle("tesla-model-3-lr")
    limit = car.drivetrain.maximum_regeneration.model_copy(update={"value": 5e3})
    weak = car.model_copy(
        update={"drivetrain": car.drivetrain.model_copy(update={"maximum_regeneration": limit})}
    )
    flow = energy_flow(battery_demand(weak, "udds"))
    assert flow.brakes > 0.2 * flow.braking
    assert abs(flow.closure) < 1e-6


def test_power_follows_the_demand_to_a_ten_thousandth(warm) -> None:
    run, plan = warm.run, warm.plan
    edges = np.arange(plan.means.size + 1) * plan.spacing
    middles = np.concatenate([edges[:1], (edges[1:] + edges[:-1]) / 2, edges[-1:]])
    means = np.concatenate([plan.means[:1], plan.means, plan.means[-1:]])
    asked = np.interp(run.time, middles, means) / warm.pack.n_cells
    found = run.voltage * run.current
    assert np.max(np.abs(found - asked)[:-1]) < 1e-4 * np.max(np.abs(asked))


def test_a_drive_tells_its_figures_in_every_form(warm) -> None:
    assert warm.summary["range"] == pytest.approx(warm.range)
    data = warm.to_xarray()
    assert float(data["distance"][-1]) == pytest.approx(warm.range)
    assert data["power"].attrs["units"] == "W"
    json.dumps(warm.to_json_dict(), allow_nan=False)
    assert len(warm.plot().data) == 4
    links = sankey(warm)["data"][0]["link"]
    assert sum(links["value"]) > flow_of(warm).pack / 36
    with pytest.raises(InputError, match="cycle, energy"):
        warm.plot("map")


def test_the_cold_and_the_heat_cost_range() -> None:
    curve = ion.range_over_temperature(
        "lg-m50", temperatures=["-20 degC", 273.15, 298.15, "45 degC"], **QUICK
    )
    cold, mild, warm, hot = curve.ranges
    assert cold < mild < warm > hot
    assert curve.summary["longest_range"] == warm
    assert curve.to_xarray().sizes["temperature"] == 4
    assert len(figure_dict(curve.chart())["data"]) == 3


def test_a_pack_of_the_same_range_is_lighter_for_a_better_cell() -> None:
    found = ion.drive("sulfide-li", same="range", **QUICK)
    car = load_vehicle("tesla-model-3-lr")
    goal = car.pack.usable_energy.value / battery_demand(car, "wltc_3b", 298.15).consumption
    assert found.range == pytest.approx(goal, rel=0.03)
    assert found.pack.mass < car.pack.mass.value
    grown = ion.drive("sulfide-li", same="range", compounding=0.5, **QUICK)
    assert grown.pack.nominal_energy <= found.pack.nominal_energy


def test_a_charger_holds_the_power_that_it_says() -> None:
    slow = ion.charge("lg-m50", charger="50 kW", **QUICK)
    assert slow.limit == "charger"
    assert slow.summary["peak_power"] == pytest.approx(50e3, rel=2e-3)
    assert ion.charge("lg-m50", **QUICK).minutes < slow.minutes
    assert slow.energy / 3600 == pytest.approx(50e3 * slow.time / 3600, rel=0.02)


def test_a_current_of_the_charger_holds_too() -> None:
    found = ion.charge("lg-m50", charger="400 kW, 100 A", **QUICK)
    current = -found.run.current * found.pack.strings
    assert np.max(current) == pytest.approx(100.0, rel=2e-3)


def test_heating_before_plugging_in_saves_time_and_costs_energy() -> None:
    cold = ion.charge("lg-m50", temperature="-10 degC", grid=COARSE)
    warm = ion.charge("lg-m50", temperature="-10 degC", precondition="30 degC", grid=COARSE)
    assert warm.minutes < 0.6 * cold.minutes
    assert warm.preheat_energy == pytest.approx(40.0 * warm.pack.heat_capacity)


def test_a_charge_along_the_published_curve_takes_no_less_time_than_the_curve() -> None:
    car = load_vehicle("vw-id7-pro")
    found = ion.charge("lg-m50", car, published_curve=True, **QUICK)
    points = np.array([(p.soc.value, p.power.value) for p in car.charging.curve])
    allowed = np.interp(np.ceil(found.soc * 20 - 1e-6) / 20 - 0.025, points[:, 0], points[:, 1])
    slack = np.maximum(allowed, np.interp(found.soc + 0.03, points[:, 0], points[:, 1])) * 1.08
    assert np.mean(found.power <= slack) > 0.98
    assert found.minutes > ion.charge("lg-m50", car, **QUICK).minutes


def test_charges_side_by_side_name_their_limits() -> None:
    found = [ion.charge("lg-m50", temperature=t, grid=COARSE) for t in (273.15, 298.15)]
    data = found[0].to_xarray()
    assert set(data["limit"].values) <= {"charger", "plating", "voltage", "temperature", "depletion"}
    names = {series.name for series in charge_chart(found).panels[0].series}
    assert "plating" in names
    json.dumps(found[0].to_json_dict(), allow_nan=False)
    assert found[0].summary["km_per_minute"] < found[1].summary["km_per_minute"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("0 kW", "above 0"),
        ("fast", "350 kW"),
        ("50 kW, 60 kW", "twice"),
        ("-5 A", "above 0"),
        ("5 kg", "350 kW"),
    ],
)
def test_a_charger_that_is_none_is_refused(text: str, word: str) -> None:
    with pytest.raises(InputError, match=word):
        read_charger(text)


def test_a_pack_whose_voltage_is_too_high_is_refused() -> None:
    with pytest.raises(InputError, match=r"reach .* V, above the 500 V"):
        ion.charge("lg-m50", "hyundai-ioniq-5-lr-awd", "150 kW, 500 V")
    car = load_vehicle("hyundai-ioniq-5-lr-awd")
    ceiling = car.charging.maximum_power.model_copy(update={"value": 450.0})
    low = car.model_copy(update={"charging": car.charging.model_copy(update={"maximum_voltage": ceiling})})
    with pytest.raises(InputError, match="above the 450 V"):
        ion.charge("lg-m50", low)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: ion.drive("lg-m50", temperature="90 degC"), "-50 to 60"),
        (lambda: ion.drive("lg-m50", same="price"), "mass, volume, range"),
        (lambda: ion.drive("lg-m50", compounding=9.0), "0 to 2"),
        (lambda: ion.charge("lg-m50", start=0.8, stop=0.1), "start < stop"),
        (lambda: ion.charge("lg-m50", precondition="400 degC"), "precondition"),
        (lambda: ion.charge("lg-m50", "rivian-r1t", published_curve=True), "charging.curve is missing"),
    ],
)
def test_bad_wishes_are_refused_with_a_remedy(call, word: str) -> None:
    with pytest.raises(InputError, match=word):
        call()
