"""Cells as maps through their power: charge, energy and heat balance, and lanes do not feel one another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ionstone.study.car import map_lanes
from ionstone.study.car.cell_map import COUNT, RESISTANCES, VOLTAGES, CellMap
from ionstone.study.car.map_lanes import Loads, follow

ROOTS = np.linspace(0.0, 1.0, VOLTAGES)


def made(slope: float = 1.2, resistance: float = 0.03, gain: float = 0.0, lower: float = 2.8) -> CellMap:
    """A 5 Ah cell: U = 3.0 V + slope z (linear between the points), R constant or falling from 3 A on."""
    flat = np.ones((COUNT, RESISTANCES))
    return CellMap("made", "P2D", 18000.0, lower, 4.2, 3.0 + slope * ROOTS**2, resistance * flat,
                   gain * flat, 3.0 * flat)  # fmt: skip


def loads(maps: list[CellMap], power: np.ndarray, spacing: float = 1.0, conductance: float = 0.05) -> Loads:
    """Lanes that start full at 25 degC."""
    count = power.shape[1]
    of = np.arange(count) % len(maps)
    warm = np.full(count, 298.15)
    return Loads(maps, of, power, spacing, np.full(count, len(power)), np.ones(count), warm, warm,
                 np.full(count, conductance), np.full(count, 60.0))  # fmt: skip


def rough(seconds: int, lanes: int = 1, seed: int = 3) -> np.ndarray:
    """Powers of a car in town: out up to 25 W, back up to 10 W."""
    return np.random.default_rng(seed).uniform(-10.0, 25.0, (seconds, lanes))


def test_voltage_times_current_is_the_power_at_every_step() -> None:
    power = rough(2000, 3)
    found = follow(loads([made(gain=0.05)], power), record=True)
    assert found.voltage * found.current == pytest.approx(power, rel=1e-12)


def test_charge_and_energy_are_kept() -> None:
    power = rough(3000)
    found = follow(loads([made(slope=0.0, gain=0.05, lower=2.0)], power), record=True)
    assert 18000.0 * (1 - found.soc[0]) == pytest.approx(found.current.sum(), rel=1e-12)
    assert found.energy[0] + found.heat[0] == pytest.approx(3.0 * found.current.sum(), rel=1e-12)
    assert found.energy[0] == pytest.approx(power.sum(), rel=1e-12)


def test_the_temperature_is_that_of_the_heat_balance() -> None:
    power, seconds = np.full((1200, 1), 12.0), 1200.0
    found = follow(loads([made(slope=0.0)], power), record=True)
    heat = (3.0 - found.voltage[0, 0]) * found.current[0, 0]
    expected = 298.15 + heat / 0.05 * (1 - np.exp(-0.05 / 60.0 * seconds))
    assert found.temperature[0] == pytest.approx(expected, abs=1e-3)


def test_stiff_cooling_holds_the_temperature() -> None:
    found = follow(loads([made()], rough(4000), conductance=60.0))
    assert found.temperature[0] == pytest.approx(298.15, abs=0.05)


def test_a_lane_ends_where_its_voltage_falls_below_the_cut_off() -> None:
    found = follow(loads([made(lower=3.0)], np.full((6000, 1), 16.0)), record=True)
    last = int(found.last[0])
    assert 0 < last < 6000
    assert found.voltage[last, 0] < 3.0 <= found.voltage[last - 1, 0]
    alone = follow(loads([made(lower=3.0)], np.full((last, 1), 16.0)))
    for name in ("soc", "temperature", "energy", "heat", "highest"):
        assert getattr(found, name)[0] == pytest.approx(getattr(alone, name)[0], rel=1e-6), name


def test_an_empty_cell_ends_its_lane_though_its_voltage_is_above_the_cut_off() -> None:
    found = follow(loads([made()], np.full((6000, 1), 16.0)))
    assert found.last[0] < 6000
    assert found.soc[0] == pytest.approx(0.0, abs=1e-3)


def test_a_power_beyond_all_that_a_cell_can_give_ends_its_lane() -> None:
    assert follow(loads([made()], np.full((10, 1), 500.0))).last[0] == 0


def test_lanes_do_not_feel_one_another(monkeypatch) -> None:
    maps = [made(), made(0.9, 0.05), made(1.0, 0.02, 0.08), made(lower=3.05)]
    power = 2.0 * rough(9000, 12) + 4.0
    together = follow(loads(maps, power))
    assert np.unique(together.last).size > 6
    for lane in range(12):
        one = follow(loads([maps[lane % 4]], power[:, [lane]]))
        assert one.last[0] == together.last[lane]
        for name in ("soc", "energy", "heat", "temperature", "highest"):
            assert getattr(one, name)[0] == pytest.approx(getattr(together, name)[lane], rel=1e-6), name
    monkeypatch.setattr(map_lanes, "TOGETHER", 1)
    small = follow(loads(maps, power))
    assert small.soc == pytest.approx(together.soc, abs=1e-6)


def test_the_error_falls_with_the_square_of_the_interval(monkeypatch) -> None:
    power = 8.0 + 6.0 * np.sin(np.arange(4800) / 400.0)[:, None]
    found = {}
    monkeypatch.setattr(map_lanes, "SETTLED", 1e-13)
    for interval in (80.0, 160.0, 320.0, 2.0):
        monkeypatch.setattr(map_lanes, "INTERVAL", interval)
        found[interval] = follow(loads([made(gain=0.05)], power)).soc[0]
    errors = [abs(found[interval] - found[2.0]) for interval in (80.0, 160.0, 320.0)]
    assert errors[1] / errors[0] == pytest.approx(4.0, rel=0.1)
    assert errors[2] / errors[1] == pytest.approx(4.0, rel=0.1)


def test_lanes_of_different_length_end_with_their_own_load() -> None:
    power = rough(500, 2)
    given = replace(loads([made()], power), steps=np.array([500, 123]))
    found = follow(given)
    assert found.last.tolist() == [500, 123]
    assert found.energy[1] == pytest.approx(power[:123, 1].sum(), rel=1e-12)
