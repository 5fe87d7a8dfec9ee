"""What a report runs beside the table: a pass as it was driven, every weather, cells that differ."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from ionstone.cell_design import load_cell
from ionstone.core.errors import SimulationError
from ionstone.study.car.drive import drive, plan_drive
from ionstone.study.comparison import report_runs
from ionstone.study.comparison.compare import COLD
from ionstone.study.comparison.evaluate import scenario
from ionstone.study.comparison.in_car import DRIVE_RESOLUTION, InCar
from ionstone.study.comparison.rows import Row
from ionstone.vehicle import load_cycle

AMBIENT = 298.15


@pytest.fixture(scope="module")
def conditions():
    return scenario("tesla-model-3-lr", "udds", temperature=AMBIENT, cold=COLD, same="mass", pictures=True)


def test_a_pass_has_the_energy_and_the_charge_of_the_drive(circuit, fake_simulate):
    found = drive(circuit(), cycle="udds", simulate=fake_simulate)
    one = report_runs.cycle_pass(found)
    assert len(one.time) == round(load_cycle("udds").time[-1])
    assert np.mean(one.power) == pytest.approx(np.mean(found.plan.means[: len(one.time)]), rel=0.01)
    assert one.soc[0] == pytest.approx(1.0, abs=1e-3)
    assert max(one.speed) * 3.6 == pytest.approx(91.2, abs=0.5)


def test_the_weather_takes_the_drives_of_the_table_and_repeats_those_that_end_early(conditions, monkeypatch):
    asked = []

    def fake(case, ambient, resolution=DRIVE_RESOLUTION, grid=None):
        asked.append((round(ambient - 273.15), resolution))
        if ambient > 310:
            raise SimulationError("too hot")
        early = ambient < 275 and resolution > DRIVE_RESOLUTION
        return SimpleNamespace(range=ambient * 1e3, end_reason="no power" if early else "empty")

    monkeypatch.setattr(report_runs, "drive_at", fake)
    case = InCar(None, conditions, drives={AMBIENT: SimpleNamespace(range=5e5, end_reason="empty")})
    row = report_runs.with_weather(Row("a"), case)
    assert asked == [(-30, 2), (-20, 2), (-10, 5), (-10, 2), (0, 5), (0, 2), (10, 5), (35, 5), (45, 5)]
    assert row.weather.ambients[-1] == 308.15
    assert row.weather.ranges[-2] == 5e5
    assert row.notes == ("range at 45 °C: too hot",)


@pytest.fixture(scope="module")
def driven(conditions):
    """A drive on paper: the power of a pass, averaged over 10 s, and the charge at its start."""
    cell = load_cell("lfp-graphite")
    plan = plan_drive(cell, conditions.vehicle, conditions.cycle, AMBIENT, resolution=10.0)
    run = SimpleNamespace(time=np.array([0.0, 1e4]), outputs={"soc": np.array([0.9, 0.5])})
    return InCar(cell, conditions, drives={AMBIENT: SimpleNamespace(plan=plan, pack=plan.pack, run=run)})


def test_cells_that_differ_start_apart_and_the_coolant_brings_them_together(driven):
    found = report_runs.with_pack(Row("a"), driven).spread
    assert found.time[-1] == pytest.approx(1360.0, abs=10.0)
    assert all(
        low <= mean <= high for low, mean, high in zip(found.coldest, found.mean, found.hottest, strict=True)
    )
    assert 2.0 < found.apart[0] < 5.0
    assert found.apart[-1] < 0.5 * found.apart[0]
    assert found.soc_apart[0] == pytest.approx(0.0, abs=1e-9)
    assert found.soc_apart[-1] > 1e-4


def test_cells_that_are_alike_stay_together(driven, monkeypatch):
    for name in ("CAPACITY_SPREAD", "RESISTANCE_SPREAD", "TEMPERATURE_SPREAD"):
        number = getattr(report_runs, name)
        monkeypatch.setattr(report_runs, name, number.model_copy(update={"value": 0.0}))
    found = report_runs.pack_pass(driven)
    assert max(found.voltage_apart) < 1e-6 + 1e-3 * max(found.apart)
    assert max(found.apart) < 0.05  # the coolant passes one module after the other


def test_without_a_drive_there_is_no_picture_of_it(conditions):
    case = InCar(None, replace(conditions, same="range"))
    row = Row("a", code=1, message="no pack is large enough")
    for step in (report_runs.with_cycle, report_runs.with_weather, report_runs.with_pack):
        assert step(row, case) is row
