"""One cell's row is put together from its runs; what fails leaves its columns empty and nothing else."""

import sys
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from ionstone.cell_design import load_cell
from ionstone.core.errors import InputError, SimulationError
from ionstone.results import Run
from ionstone.study.comparison import evaluate
from ionstone.study.comparison.evaluate import evaluate_cell, scenario


def fake_simulate(cell, protocol, **options):
    time = np.linspace(0.0, 18_000.0, 7)
    outputs = {"voltage": np.full(7, 3.6), "current": np.full(7, 1.0)}
    return Run.from_outputs(time, outputs, cell=cell.name, protocol=protocol)


def fake_drive(cell, vehicle, cycle, ambient, **options):
    return SimpleNamespace(
        range=ambient * 1000,
        energy=70 * 3.6e6,
        pack=SimpleNamespace(
            mass=478.0,
            volume=0.25,
            series=96,
            strings=46.5,
            cell_mass_fraction=0.625,
            cell_volume_fraction=0.425,
            pressure_mass=0.0,
            sources=("a teardown", "a teardown"),
        ),
        breakdown={"traction": 500.0, "regeneration": -100.0, "cabin": 50.0, "cell_losses": 20.0},
        notes=("a note",),
        end_reason="empty" if ambient > 273 else "no power",
    )


def fake_charge(cell, vehicle, ambient, *, same):
    soc = np.linspace(0.1, 0.8, 1000)
    return SimpleNamespace(
        time=1500.0, limit="plating", soc=soc, power=2e5 * (1 - soc), temperature=np.full(1000, 300.0),
        reached=True, limits=["current"] * 400 + ["plating"] * 600, notes=(),
    )  # fmt: skip


@pytest.fixture
def rooms(monkeypatch):
    made = {
        "simulation": ("simulate", fake_simulate),
        "study.car.drive": ("drive", fake_drive),
        "study.car.charge": ("charge", fake_charge),
    }
    for name, (function, fake) in made.items():
        module = ModuleType(f"ionstone.{name}")
        setattr(module, function, fake)
        monkeypatch.setitem(sys.modules, f"ionstone.{name}", module)
    sys.modules["ionstone.simulation"].COARSE = None
    return {name: sys.modules[f"ionstone.{name}"] for name in made}


@pytest.fixture
def conditions():
    return scenario("tesla-model-3-lr", "wltc_3b", temperature=298.15, cold=263.15, same="mass")


def test_the_row_of_a_cell(rooms, conditions):
    cell, stages = load_cell("lg-m50"), []
    row = evaluate_cell(cell, conditions, stages.append)
    assert row.code == 0
    assert stages == list(evaluate.STAGES)
    assert row.specific_energy == pytest.approx(3.6 * 18_000 / cell.mass)
    assert row.energy_density == pytest.approx(3.6 * 18_000 / cell.volume)
    assert (row.range, row.range_cold, row.pack_energy) == (298_150, 263_150, 70 * 3.6e6)
    assert (row.charge_time, row.charge_limit) == (1500, "plating")
    assert row.notes[-3:] == ("at 25 °C: a note", "at -10 °C: a note", "at -10 °C: no power")
    assert row.breakdown["25 °C"] == {"driving": 400.0, "cabin heat": 50.0, "losses in the cells": 20.0}
    assert len(row.charge_curve.soc) <= 200
    assert row.charge_curve.soc[-1] == pytest.approx(0.8)
    assert set(row.charge_curve.limit) == {"current", "plating"}
    assert row.discharge_curves[0].charge[-1] == pytest.approx(18_000)


@pytest.fixture
def sized(rooms, monkeypatch):
    """A search for the pack of the same range; `packs` are those that drives and charges then get."""
    found = fake_drive(None, None, None, 298.15)
    made = {"pack": found.pack, "packs": []}

    def search(cell, vehicle, cycle, ambient, *, same, **options):
        assert same == "range"
        if made["pack"] is None:
            raise InputError("same: no pack is large enough")
        return found

    def told(make):
        def with_pack(*given, pack, **options):
            made["packs"].append(pack)
            return make(*given, **options)

        return with_pack

    module = ModuleType("ionstone.study.car.doors")
    module.drive = search
    monkeypatch.setitem(sys.modules, "ionstone.study.car.doors", module)
    monkeypatch.setattr(rooms["study.car.drive"], "drive", told(fake_drive))
    monkeypatch.setattr(
        rooms["study.car.charge"], "charge", told(lambda *given: fake_charge(*given, same=""))
    )
    made["scenario"] = scenario("tesla-model-3-lr", "wltc_3b", temperature=298.15, cold=263.15, same="range")
    return made


def test_the_pack_of_the_same_range_drives_in_the_cold_and_charges(sized):
    row = evaluate_cell(load_cell("lg-m50"), sized["scenario"], lambda stage: None)
    assert row.code == 0
    assert sized["packs"] == [sized["pack"]] * 2
    assert (row.range, row.range_cold, row.charge_time) == (298_150, 263_150, 1500)


def test_a_cell_that_no_pack_takes_that_far_says_so_once(sized):
    sized["pack"] = None
    row = evaluate_cell(load_cell("lg-m50"), sized["scenario"], lambda stage: None)
    assert (row.code, row.message) == (1, "range: same: no pack is large enough")
    assert row.specific_energy is not None
    assert (row.range, row.range_cold, row.charge_time, sized["packs"]) == (None, None, None, [])


def test_closures_are_in_friendly_units(rooms, conditions):
    row = evaluate_cell(load_cell("lg-m50"), conditions, lambda stage: None)
    closures = {closure.quantity: closure for closure in row.closures}
    assert closures["mass"].unit == "g"
    assert closures["mass"].published == pytest.approx(68.5)
    assert closures["capacity"].published == pytest.approx(5.0)


def test_a_figure_that_does_not_close_is_said_with_its_difference(rooms, conditions, monkeypatch):
    monkeypatch.setattr(evaluate, "CLOSES_WITHIN", 0.0105)
    row = evaluate_cell(load_cell("lg-m50"), conditions, lambda stage: None)
    energy = next(closure for closure in row.closures if closure.quantity == "energy")
    (note,) = [note for note in row.notes if "does not close: energy" in note]
    assert f"{energy.deviation:+.1%}" in note
    assert not any("mass" in note for note in row.notes)


def test_a_failed_drive_leaves_the_other_columns(rooms, conditions, monkeypatch):
    def fail(cell, vehicle, cycle, ambient, **options):
        if ambient < 273:
            raise SimulationError("too cold to start")
        return fake_drive(cell, vehicle, cycle, ambient)

    monkeypatch.setattr(rooms["study.car.drive"], "drive", fail)
    row = evaluate_cell(load_cell("lg-m50"), conditions, lambda stage: None)
    assert row.code == 1
    assert row.message == "cold range: too cold to start"
    assert row.range_cold is None
    assert (row.range, row.charge_time) == (298_150, 1500)


def test_the_sources_of_a_row_are_those_of_the_cell(rooms, conditions):
    cell = load_cell("lg-m50")
    row = evaluate_cell(cell, conditions, lambda stage: None)
    assert [line.path for line in row.sources] == [record.path for record in cell.records()]


def test_a_long_charge_held_back_by_plating_is_also_told_without_that_limit(rooms, conditions, monkeypatch):
    def slow(cell, vehicle, temperature, plating_margin=0.0, **options):
        found = fake_charge(cell, vehicle, temperature, **options)
        found.time = 20_000.0 if plating_margin == 0.0 else 15_000.0
        found.limit = "plating" if plating_margin == 0.0 else "voltage"
        return found

    monkeypatch.setattr(rooms["study.car.charge"], "charge", slow)
    row = evaluate_cell(load_cell("sodium-nvpf"), conditions, lambda stage: None)
    assert row.charge_time == 20_000.0
    assert any("without this limit 10-80 % would take 250 min, held back by voltage" in n for n in row.notes)


def test_a_picture_that_fails_is_a_note_and_leaves_the_others(rooms, conditions, monkeypatch):
    def fail(row, case):
        raise SimulationError("the cells cannot follow")

    done, pictures = [], replace(conditions, pictures=True)
    monkeypatch.setattr(
        "ionstone.study.comparison.report_runs.with_cycle", lambda row, case: done.append(1) or row
    )
    monkeypatch.setattr("ionstone.study.comparison.report_runs.with_weather", fail)
    monkeypatch.setattr(
        "ionstone.study.comparison.report_runs.with_pack", lambda row, case: done.append(2) or row
    )
    stages = []
    row = evaluate_cell(load_cell("lg-m50"), pictures, stages.append)
    assert tuple(stages) == evaluate.stages(pictures) == (*evaluate.STAGES, "cycle", "weather", "pack")
    assert (row.code, done) == (0, [1, 2])
    assert row.notes[-1] == "no picture of the weather: the cells cannot follow"
