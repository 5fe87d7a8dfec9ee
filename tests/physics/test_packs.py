"""Laws of nature of a pack: charge, energy and heat close, limits hold, the uniform pack is the cell."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import ionstone as ion
from ionstone.pack.live import Surroundings
from ionstone.simulation.grid import COARSE

SPREAD = {"capacity": 0.02, "resistance": 0.05, "temperature": 1.5, "soc": 0.01}


def pack_of(cell: str = "lg-m50", **options: object) -> ion.Pack:
    return ion.Pack(cell, **{"series": 3, "parallel": 2, "grid": COARSE, "threads": 1, **options})


@pytest.fixture(scope="module")
def wavy() -> np.ndarray:
    t = np.arange(301.0)
    return 6 * 18.0 * (np.sin(t / 25) + 0.3 * np.sin(t / 3))


@pytest.fixture(scope="module")
def run(wavy: np.ndarray):
    pack = pack_of(spread=SPREAD, aged={"share": 0.2, "capacity": 0.85, "resistance": 1.5}, busbar="1 mohm",
                   joint="0.5 mohm", modules=3)  # fmt: skip
    return pack.simulate(power=wavy, soc=0.6)


def test_parallel_currents_sum_to_that_of_the_string(run) -> None:
    assert run.summary["current_sum_error"] < 1e-9


def test_voltage_times_current_follows_the_power(run, wavy: np.ndarray) -> None:
    asked = np.interp(run.time, np.arange(301.0), wavy)
    least = 0.01 * 6 * 18.0
    assert np.max(np.abs(run.outputs["power"] - asked) / np.maximum(np.abs(asked), least)) < 1e-4


def test_energy_and_heat_close(run) -> None:
    assert run.summary["balance"] < 1e-6
    assert run.summary["heat_balance"] < 1e-9


def test_an_aged_cell_carries_less_than_its_neighbour(run) -> None:
    drawn = run.pack.drawn
    mixed = [g for g in range(3) if drawn.aged[2 * g] != drawn.aged[2 * g + 1]]
    assert mixed
    for g in mixed:
        old, new = (2 * g, 2 * g + 1) if drawn.aged[2 * g] else (2 * g + 1, 2 * g)
        passed = np.mean(np.abs(run.cells["current"]), axis=0)
        assert passed[old] < passed[new]


def test_cells_swap_charge_until_their_voltages_agree() -> None:
    pack = pack_of(series=1, spread={"soc": 0.05}, joint="20 mohm")
    live = pack.start(soc=0.5)
    apart = np.ptp(live.lanes.output("soc"))
    first = np.abs(live.currents[0])
    for _ in range(60):
        pack.step(60.0, rest=True)
    assert live.current == 0.0
    assert abs(live.currents[0]) < 0.1 * first
    assert np.ptp(live.lanes.output("soc")) < 0.3 * apart
    assert live.mismatch() < 1e-4


def test_a_uniform_pack_is_its_cell(wavy: np.ndarray) -> None:
    tight = {"conductance": 0.0, "ambient_conductance": 0.0}
    found = pack_of(cooling=tight).simulate(power=wavy, soc=0.6)
    step = ion.Step("power", ion.Profile(tuple(np.arange(301.0)), tuple(wavy / 6)))
    cell = ion.load_cell("lg-m50").replace({"thermal.heat_transfer_coefficient": 0.0})
    alone = ion.simulate(cell, ion.Protocol((step,)), soc=0.6, grid=COARSE, heat="lumped")
    assert found.outputs["voltage"][-1] / 3 == pytest.approx(alone.voltage[-1], abs=2e-4)
    assert found.outputs["soc"][-1] == pytest.approx(alone.outputs["soc"][-1], abs=1e-5)
    assert found.outputs["temperature"][-1] == pytest.approx(alone.temperature[-1], abs=2e-3)


def test_a_lane_for_all_gives_what_lanes_for_each_give(wavy: np.ndarray) -> None:
    one = pack_of().simulate(power=wavy, soc=0.6)
    each = pack_of(spread={"contact": 0.01}).simulate(power=wavy, soc=0.6)
    assert (len(one.weight), len(each.weight)) == (1, 6)
    assert each.outputs["voltage"][-1] == pytest.approx(one.outputs["voltage"][-1], abs=1e-5)
    assert each.energies["heat"] == pytest.approx(one.energies["heat"], rel=1e-4)


def test_fewer_lanes_of_a_group_give_nearly_what_all_give(wavy: np.ndarray) -> None:
    runs = [
        pack_of(series=2, parallel=8, spread=SPREAD, lanes=n).simulate(power=wavy * 16 / 6, soc=0.6)
        for n in (8, 2, 1)
    ]
    for fewer in runs[1:]:
        assert fewer.energies["heat"] == pytest.approx(runs[0].energies["heat"], rel=2e-2)
        assert fewer.outputs["voltage"][-1] == pytest.approx(runs[0].outputs["voltage"][-1], rel=2e-3)


def test_busbars_lose_what_their_resistance_says() -> None:
    pack = pack_of(busbar="2 mohm", joint="1 mohm")
    run = pack.simulate("Discharge at 1C for 60 s", soc=0.8)
    current = 2 * 5.0
    assert run.energies["busbars"] == pytest.approx(3 * 2e-3 * current**2 * 60, rel=1e-9)
    assert run.energies["joints"] == pytest.approx(6 * 1e-3 * 5.0**2 * 60, rel=1e-9)


def test_constant_current_and_voltage_charge_until_the_current_falls() -> None:
    run = pack_of(spread=SPREAD, bms=["voltage"]).simulate(
        "Charge at C/2 until 4.2 V; Hold at 4.2 V until C/10", soc=0.7
    )
    assert run.end_reason.startswith("abs_c_rate")
    assert run.outputs["cell_voltage_highest"].max() < 4.2 + 2e-4
    assert run.outputs["current"][-1] == pytest.approx(-1.0, rel=1e-2)


@pytest.mark.parametrize(
    ("kind", "load", "soc", "limit", "output", "sign", "edge"),
    [
        ("lg-m50", {"c_rate": -2.0}, 0.5, "plating", "plating_potential", -1, 0.0),
        ("sulfide-li", {"c_rate": 1.0}, 0.8, "voids", "void_current_ratio", 1, 1.0),
        ("sulfide-li", {"c_rate": -1.0}, 0.3, "critical current", "critical_current_ratio", 1, 1.0),
        ("lg-m50", {"c_rate": 3.0}, 0.06, "voltage", "voltage", -1, 2.5),
    ],
)
def test_a_limit_of_the_cells_holds(
    kind: str, load: dict, soc: float, limit: str, output: str, sign: int, edge: float
) -> None:
    pack = pack_of(kind, spread={"capacity": 0.02, "resistance": 0.05})
    live = pack.start(soc=soc, temperature="15 degC")
    for _ in range(20):
        found = pack.step(2.0, **load)
    assert found.limit == limit
    worst = np.max(sign * (live.lanes.output(output) - edge))
    assert worst == pytest.approx(0.0, abs=2e-3)


def test_a_cell_that_must_be_warm_is_not_taken_for_too_hot() -> None:
    run = pack_of("polymer-lfp").simulate("Discharge at C/5 for 5 min", soc=0.8)
    assert run.summary["limits"] == ""


@pytest.mark.parametrize("model", ["SPM", "SPMe"])
def test_simpler_models_are_held_at_plating_too(model: str) -> None:
    pack = pack_of(model=model)
    live = pack.start(soc=0.5, temperature="15 degC")
    for _ in range(20):
        found = pack.step(2.0, c_rate=-3.0)
    assert found.limit == "plating"
    assert float(live.lanes.output("plating_potential")[0]) == pytest.approx(0.0, abs=2e-3)


@pytest.mark.parametrize("kind", ["lfp-graphite", "sulfide-li", "semi-solid-360"])
def test_a_pack_goes_on_until_its_cells_are_spent(kind: str) -> None:
    pack = pack_of(kind, spread=0.02)
    power = pack.nominal_energy / 7200
    run = pack.simulate(power=([0.0, 1800.0], [power] * 2), soc=0.15, stop_at_limit=False)
    low = pack.cell.parameters().scalars["voltage.lower_cutoff"]
    assert run.time[-1] == pytest.approx(1800.0)
    assert run.outputs["cell_voltage_lowest"].min() > low - 5e-3
    assert run.summary["balance"] < 1e-6
    ended = pack.simulate(power=([0.0, 1800.0], [power] * 2), soc=0.15, stop_at_limit=True)
    assert ended.end_reason.startswith("limit of the cells")


@pytest.mark.parametrize("protocol", ["cc_cv_charge", "hppc", "Charge at 10 W until 4 V; Rest for 1 min"])
def test_protocols_of_a_cell_run_on_a_pack(protocol: str) -> None:
    run = pack_of(spread=0.02, bms=["voltage"]).simulate(protocol, soc=0.5)
    assert run.end_reason
    assert run.summary["balance"] < 1e-6
    assert run.summary["current_sum_error"] < 1e-9


def test_straps_pull_more_as_the_pack_is_charged() -> None:
    pack = pack_of("sulfide-li")
    run = pack.simulate("Charge at C/5 for 30 min", soc=0.4)
    assert run.force[-1] > run.force[0] > pack.hardware.face * 7e6
    assert pack_of().simulate("Rest for 1 s").force is None


def test_a_heater_brings_a_cold_pack_to_its_temperature() -> None:
    pack = pack_of("polymer-lfp", cooling={"heater": "300 W"})
    run = pack.simulate("Rest for 3 h", soc=0.9, temperature="10 degC", ambient="10 degC")
    target = pack.heated_to
    assert target - 2.0 < run.outputs["temperature"][-1] < target + 0.5
    assert run.summary["heat_balance"] < 1e-9
    assert run.energies["heater"] > 1e6
    assert abs(run.energies["terminal"]) < 1e-4 * run.energies["heater"]
    given = (0.9 - run.summary["soc_end"]) * pack.nominal_energy - run.energies["heat"]
    assert run.energies["heater"] == pytest.approx(given, rel=0.05)


@pytest.mark.parametrize(
    "load", ["Discharge at C/2 for 3 min", "Charge at C/2 for 3 min", "Discharge at 5 ohm for 3 min"]
)
def test_a_heater_hangs_beside_the_load(load: str) -> None:
    warm = {"heater": "20 W", "heat_below": "25 degC"}
    pack = pack_of(cooling=warm, busbar="2 mohm", joint="1 mohm", spread=SPREAD)
    run = pack.simulate(load, soc=0.6, temperature="5 degC", ambient="5 degC")
    o = run.outputs
    assert o["voltage"] * o["string_current"] == pytest.approx(o["power"] + o["heater"], rel=1e-9)
    assert run.summary["heater_energy"] > 3e3
    assert run.summary["balance"] < 1e-6
    assert run.summary["heat_balance"] < 1e-9
    found = o["voltage"] / o["current"] if "ohm" in load else np.abs(o["current"])
    assert found[1:] == pytest.approx(5.0 * 3 / 2 if "ohm" in load else 5.0, rel=1e-3)


def test_power_is_met_beside_a_heater(wavy: np.ndarray) -> None:
    warm = {"heater": "20 W", "heat_below": "25 degC"}
    run = pack_of(cooling=warm, bms="none").simulate(power=wavy, soc=0.6, temperature="5 degC")
    asked = np.interp(run.time, np.arange(301.0), wavy)
    off = np.abs(run.outputs["power"] - asked)
    assert np.max(off / (np.abs(asked) + run.outputs["heater"] + 1.08)) < 1e-4
    assert run.summary["balance"] < 1e-6


def test_a_heater_gets_what_the_limits_leave() -> None:
    pack = pack_of(cooling={"heater": "200 W", "heat_below": "25 degC"})
    run = pack.simulate(
        power=([0.0, 600.0], [50.0, 50.0]), soc=0.05, temperature="-10 degC", ambient="-10 degC"
    )
    short = run.limit == "voltage"
    assert np.any(short)
    assert np.max(run.outputs["heater"][short]) < 200.0
    assert np.min(run.outputs["power"]) > -1e-2
    assert run.summary["balance"] < 1e-6


def test_splitting_of_heat_and_cells_is_of_second_order() -> None:
    pack = pack_of(series=4, parallel=1, spread={"temperature": 4.0}, cooling={"neighbours": 2000.0})
    around = Surroundings(290.0, 285.0, True, 0.0)

    def ends(dt: float) -> np.ndarray:
        live = pack.alive(soc=0.7)
        live.settle("current", 10.0)
        for _ in range(round(64 / dt)):
            live.advance(dt, "current", 10.0, 10.0, around)
        return live.lanes.temperature

    fine = ends(1.0)
    errors = [float(np.max(np.abs(ends(dt) - fine))) for dt in (16.0, 8.0)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.3)


def test_currents_between_steps_are_of_second_order() -> None:
    pack = pack_of(series=1, spread={"capacity": 0.05, "resistance": 0.1})
    around = Surroundings(298.15, 298.15, True, 0.0)

    def shares(dt: float) -> np.ndarray:
        live = pack.alive(soc=0.5)
        live.settle("current", 0.0)
        ends = np.linspace(0.0, 15.0, round(40 / dt) + 1).tolist()
        for a, b in pairwise(ends):
            live.advance(dt, "current", a, b, around)
        return live.lanes.output("discharge_capacity").copy()

    fine = shares(0.5)
    errors = [float(np.max(np.abs(shares(dt) - fine))) for dt in (20.0, 10.0)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.5)


def test_the_same_seed_gives_the_same_run(wavy: np.ndarray) -> None:
    one, two = (pack_of(spread=SPREAD, seed=5).simulate(power=wavy[:60], soc=0.6) for _ in range(2))
    assert np.array_equal(one.outputs["power"], two.outputs["power"])


def test_threads_change_no_number(wavy: np.ndarray) -> None:
    one, two = (
        pack_of(series=6, spread=SPREAD, threads=n).simulate(power=wavy[:30], soc=0.6) for n in (1, 2)
    )
    assert np.array_equal(one.cells["voltage"], two.cells["voltage"])


def test_a_run_is_a_dataset_and_a_picture(run) -> None:
    data = run.to_xarray()
    assert data.sizes["lane"] == 6
    assert data["temperature_highest"].attrs["units"] == "K"
    assert len(run.plot().data) >= 7
