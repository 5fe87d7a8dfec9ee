"""A pack of cells: what it is, what it refuses, and a step under a controller."""

from __future__ import annotations

import numpy as np
import pytest

import ionstone as ion
from ionstone.cli.app import status
from ionstone.pack.file import load_pack
from ionstone.pack.network import Pack
from ionstone.pack.result import POINTS
from ionstone.simulation.grid import COARSE

FILE = """\
ionstone: 1
cell: lfp-graphite
series: 96
parallel: 2
spread: {capacity: 1 %, temperature: 1 K}
cooling: {coolant: 20 degC}
"""


def small(**options: object) -> Pack:
    return Pack("lg-m50", **{"series": 2, "parallel": 2, "grid": COARSE, "threads": 1, **options})


def test_a_pack_has_the_energy_and_voltage_of_its_cells() -> None:
    pack = Pack("lfp-graphite", series=96, parallel=2)
    assert pack.nominal_energy == pytest.approx(192 * pack.cell.open_circuit_energy)
    assert pack.voltage * pack.nominal_capacity == pytest.approx(pack.nominal_energy)
    assert pack.voltage_range == pytest.approx((96 * 2.5, 96 * 3.65))


@pytest.mark.parametrize(("series", "name"), [(96, 400), (192, 800), (230, 900), (260, 0), (12, 0)])
def test_the_class_follows_from_the_voltage_of_the_full_pack(series: int, name: int) -> None:
    assert Pack("lg-m50", series=series).voltage_class == name


def test_mass_is_that_of_the_cells_over_their_share_and_of_the_pressure_hardware() -> None:
    plain = Pack("lfp-graphite", series=96, design=ion.pack.PackDesign(cell_mass_fraction=0.8))
    assert plain.mass == pytest.approx(plain.cells_mass / 0.8)
    pressed = Pack("sulfide-li", series=96, design=ion.pack.PackDesign(cell_mass_fraction=0.8))
    more = pressed.hardware.mass_fraction * pressed.cells_mass
    assert pressed.mass == pytest.approx(pressed.cells_mass / 0.8 + more)


def test_cells_that_are_alike_are_one_lane() -> None:
    assert small(series=96, parallel=43).alive().lanes.count == 1
    assert small(series=6, modules=3).alive().lanes.count == 3
    assert small(series=3, parallel=4, spread=0.01).alive().lanes.count == 12
    assert small(series=3, parallel=4, spread=0.01, lanes=2).alive().lanes.count == 6


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"series": 0}, "series is 0: give a whole number of 1 or more"),
        ({"parallel": -1}, "parallel is -1"),
        ({"series": 96.5}, "series is 96.5"),
        ({"spread": -0.01}, "spread.capacity is -0.01"),
        ({"busbar": "-1 mohm"}, "busbar is -0.001 ohm: give 0 to 1 ohm"),
        ({"modules": 3}, "modules is 3, with 2 groups in series"),
        ({"lanes": 3}, "lanes is 3: give a whole number that divides 2"),
        ({"bms": ["plaiting"]}, "bms is"),
        ({"seed": -1}, "seed is -1"),
        ({"cooling": {"flow": "-3 W/K"}}, "flow"),
        ({"series": 30000}, "are too many"),
        ({"pressure": "glue"}, "give one of gas"),
    ],
)
def test_a_bad_pack_is_one_clear_line(options: dict, words: str) -> None:
    with pytest.raises(ion.InputError, match=words) as caught:
        small(**options)
    assert "\n" not in str(caught.value)


def test_a_car_refuses_a_pack_of_the_wrong_voltage() -> None:
    pack = Pack("lg-m50", series=192)
    pack.check_voltage(400.0, 850.0)
    with pytest.raises(
        ion.InputError, match="192 cells in series give 480 to 806 V, the car takes 240 to 450"
    ):
        pack.check_voltage(240.0, 450.0)


def test_a_step_gives_the_power_asked_for() -> None:
    pack = small()
    pack.start(soc=0.5)
    for power in (20.0, -10.0, 0.0, 35.0):
        found = pack.step(1.0, power=power)
        assert found.power == pytest.approx(power, rel=1e-4, abs=1e-3)
        assert found.limit == ""
    assert found.time == pytest.approx(4.0)


def test_a_step_beyond_the_limits_gives_what_the_cells_can() -> None:
    pack = small()
    found = pack.step(1.0, power=5000.0)
    assert found.limit == "voltage"
    assert 0 < found.power < 5000.0
    low = pack.cell.parameters().scalars["voltage.lower_cutoff"]
    assert pack._live.voltages.min() == pytest.approx(low, abs=1e-3)


@pytest.mark.parametrize("load", [{}, {"power": 1.0, "current": 1.0}, {"power": "3 m"}])
def test_a_step_needs_one_load(load: dict) -> None:
    with pytest.raises(ion.InputError):
        small().step(1.0, **load)


def test_power_limits_are_what_a_step_then_gives() -> None:
    pack = small(spread=0.02)
    pack.start(soc=0.4)
    pack.step(5.0, power=20.0)
    charge, discharge = pack.power_limits(2.0)
    assert charge < 0 < discharge
    assert pack.power_limits(2.0) == (charge, discharge)
    assert pack.step(2.0, power=0.98 * discharge).limit == ""
    pack.start(soc=0.4)
    pack.step(5.0, power=20.0)
    assert pack.step(2.0, power=1.05 * discharge).limit == "voltage"


def test_a_full_pack_takes_no_power_and_an_empty_one_gives_none() -> None:
    pack = small()
    pack.start(soc=1.0)
    assert pack.power_limits(1.0)[0] == pytest.approx(0.0, abs=2.0)
    pack.start(soc=0.0)
    assert pack.power_limits(1.0)[1] == pytest.approx(0.0, abs=2.0)


def test_a_run_leaves_the_stepped_pack_as_it_is() -> None:
    pack = small()
    live = pack.start(soc=0.5, temperature="10 degC", ambient="10 degC")
    pack.step(1.0, power=10.0)
    here = live.save()
    pack.simulate("Rest for 10 s", temperature="40 degC")
    assert live.ambient == pytest.approx(283.15)
    assert live.time == 1.0
    assert np.array_equal(live.save().lanes.state, here.lanes.state)


def test_a_step_that_fails_changes_nothing(monkeypatch) -> None:
    pack = small()
    live = pack.start(soc=0.5)
    pack.step(1.0, power=10.0)
    here = live.save()
    monkeypatch.setattr(live.lanes, "advance", lambda *_: False)
    with pytest.raises(ion.SimulationError, match="cannot follow"):
        pack.step(1.0, power=20.0)
    monkeypatch.undo()
    after = live.save()
    assert np.array_equal(after.lanes.state, here.lanes.state)
    assert (after.current, after.voltage) == (here.current, here.voltage)


def test_a_pack_goes_back_to_a_saved_point() -> None:
    pack = small(spread=0.02)
    live = pack.start(soc=0.5)
    pack.step(5.0, current=4.0)
    here = live.save()
    once = pack.step(3.0, power=30.0)
    live.restore(here)
    assert pack.step(3.0, power=30.0) == once


def test_memory_of_single_cells_does_not_grow_with_the_run() -> None:
    run = small().simulate(power=np.full(1500, 5.0), cells_every="1 s")
    assert len(run.cell_time) <= POINTS
    assert run.cell_time[-1] > 1400


def test_a_pack_comes_from_a_file(tmp_path) -> None:
    file = tmp_path / "pack.yaml"
    file.write_text(FILE)
    pack = load_pack(file)
    assert (pack.series, pack.parallel, pack.spread.capacity) == (96, 2, 0.01)
    assert pack.cooling.coolant.value == pytest.approx(293.15)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("series: 96", "series: 0", "series is 0: give a whole number of 1 or more"),
        ("capacity: 1 %", "capacity: -1 %", "spread.capacity is -0.01: a standard deviation is 0 or more"),
        ("series: 96", "seires: 96", "seires"),
        ("cell: lfp-graphite", "cell: lfp-grafite", "lfp-graphite"),
    ],
)
def test_a_bad_file_ends_the_command_with_status_2(tmp_path, capsys, old: str, new: str, words: str) -> None:
    file = tmp_path / "pack.yaml"
    file.write_text(FILE.replace(old, new))
    assert status(["pack", str(file)]) == 2
    said = capsys.readouterr().err.strip()
    assert words in said
    assert "\n" not in said


def test_a_pack_that_the_car_cannot_take_ends_with_status_2(tmp_path, capsys) -> None:
    file = tmp_path / "pack.yaml"
    file.write_text(FILE)
    assert status(["pack", str(file), "--car-voltage", "500 V to 850 V"]) == 2
    assert "the car takes 500 to 850 V" in capsys.readouterr().err


def test_the_command_prints_a_run(tmp_path, capsys) -> None:
    file = tmp_path / "pack.yaml"
    file.write_text("ionstone: 1\ncell: lg-m50\nseries: 2\n")
    assert status(["pack", str(file), "--protocol", "Discharge at 1C for 60 s", "--json"]) == 0
    assert '"balance"' in capsys.readouterr().out


def test_a_voltage_that_does_not_follow_the_current_leaves_a_slope_to_divide_by():
    from ionstone.pack.live import _learned

    slope, one_c = np.array([1e-3, 1e-3]), np.array([20.0, 20.0])
    for _ in range(60):  # the first falls where it should rise
        slope = _learned(slope, np.array([-1e-6, 2e-3]), np.ones(2), one_c)
    assert slope == pytest.approx([1e-4 / 20, 2e-3])
