"""Driving until empty: energy in equals energy out, and heat, cold and weight cost range."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.cell_design import load_cell
from ionstone.core.errors import InputError, SimulationError
from ionstone.simulation import COARSE
from ionstone.study.car.drive import drive, plan_drive


def test_the_range_is_the_energy_of_the_pack_less_its_losses_over_the_consumption(
    circuit, fake_simulate
) -> None:
    result = drive(circuit(resistance=0.002), simulate=fake_simulate)
    losses = result.breakdown["cell_losses"] * result.range
    available = result.pack.nominal_energy * (1 - result.soc_left) - losses
    assert result.end_reason == "empty"
    assert result.energy == pytest.approx(available, rel=2e-3)
    assert result.range == pytest.approx(result.energy / result.consumption, rel=0.01)


def test_the_parts_of_the_energy_add_up(circuit, fake_simulate) -> None:
    result = drive(circuit(), ambient=263.15, simulate=fake_simulate)
    driven = sum(value for name, value in result.breakdown.items() if name != "cell_losses")
    assert driven * result.range == pytest.approx(result.energy, rel=0.01)


def test_a_profile_keeps_the_energy_of_the_cycle(circuit) -> None:
    plan = plan_drive(circuit(), cycle="udds", passes=2)
    profile = plan.protocol().steps[0].value
    time, power = np.array(profile.time), np.array(profile.value)
    energy = np.sum((power[1:] + power[:-1]) / 2 * np.diff(time)) * plan.pack.n_cells
    assert energy == pytest.approx(plan.means.sum() * plan.spacing, rel=1e-9)
    coarse = plan_drive(circuit(), cycle="udds", passes=2, resolution=2.0)
    assert coarse.means.sum() * coarse.spacing == pytest.approx(energy, rel=1e-3)


def test_the_distance_repeats_with_the_cycle(circuit) -> None:
    plan = plan_drive(circuit(), cycle="wltc_3b")
    assert plan.distance(1800.0) == pytest.approx(plan.demand.length, abs=1)
    assert plan.distance(4500.0) == pytest.approx(2 * plan.demand.length + plan.distance(900.0), abs=1)


def test_a_worse_cell_drives_less_far(circuit, fake_simulate) -> None:
    good, bad = (drive(circuit(resistance=r), simulate=fake_simulate).range for r in (0.005, 0.04))
    assert bad < good


def test_a_cell_that_cannot_give_the_power_ends_the_drive(circuit, fake_simulate) -> None:
    result = drive(circuit(resistance=0.2), simulate=fake_simulate)
    assert "cannot give the" in result.end_reason
    assert result.soc_left > 0.1


def test_the_cold_costs_range(circuit, fake_simulate) -> None:
    warm, cold = (drive(circuit(), ambient=t, simulate=fake_simulate) for t in (298.15, 263.15))
    assert cold.range < 0.8 * warm.range
    assert cold.breakdown["cabin"] > 0 == warm.breakdown["cabin"]


def test_a_cell_with_an_operating_temperature_pays_for_its_heat(circuit, fake_simulate) -> None:
    plain, hot = (
        drive(circuit(), simulate=fake_simulate),
        drive(circuit(operating_temperature=353.15), simulate=fake_simulate),
    )
    lift = 353.15 - 298.15
    assert hot.warm_up_energy == pytest.approx(hot.pack.heat_capacity * lift)
    assert 0 < hot.heater_power < hot.pack.conductance * lift
    assert 353.15 <= hot.min_temperature <= hot.max_temperature < 355
    assert hot.range < plain.range - 0.9 * hot.warm_up_energy / hot.consumption
    assert "held at 80 degC" in hot.notes[0]


def test_an_operating_temperature_below_the_ambient_costs_nothing(circuit, fake_simulate) -> None:
    result = drive(circuit(operating_temperature=293.15), simulate=fake_simulate)
    assert result.warm_up_energy == result.heater_power == 0


def test_power_given_back_does_not_lift_the_voltage_far_above_its_cut_off(circuit, fake_simulate) -> None:
    result = drive(circuit(resistance=0.1), simulate=fake_simulate)
    assert result.max_voltage <= 4.2 + 0.06
    assert any("given back" in note for note in result.notes)


def test_a_run_that_stops_at_too_high_a_voltage_goes_on_with_less_given_back(circuit, fake_simulate) -> None:
    fake_simulate.ceiling = 4.252
    result = drive(circuit(resistance=0.1), simulate=fake_simulate)
    assert len(fake_simulate.calls) > 1
    assert "too far" not in result.end_reason
    assert result.soc_left < 0.9


def test_power_is_given_back_again_once_the_cell_is_no_longer_full(circuit, fake_simulate) -> None:
    """A run that stops in the first minutes of recovery must not lower the recovery of hours later."""
    free = plan_drive(circuit(resistance=0.05)).means
    fake_simulate.ceiling = 4.252
    result = drive(circuit(resistance=0.05), simulate=fake_simulate)
    assert len(fake_simulate.calls) > 1
    late = slice(free.size // 2, None)
    assert result.plan.means[late] == pytest.approx(free[late])


def test_a_run_that_fails_above_its_cut_off_is_no_range(circuit) -> None:
    tolerances = []

    def failing(cell, protocol, *, tolerance, **conditions):
        tolerances.append(tolerance)
        raise SimulationError("the step size fell to nothing", FakeRun())

    with pytest.raises(SimulationError, match="step size"):
        drive(circuit(), simulate=failing)
    assert tolerances == [1e-4, 1e-5]


class FakeRun:
    """The part of a run that failed half-way, at 3.7 V."""

    time = np.array([0.0, 1.0])
    voltage = np.array([3.7, 3.7])


def test_packs_of_the_same_volume_need_a_volume(circuit, fake_simulate) -> None:
    with pytest.raises(InputError, match=r"pack\.volume"):
        drive(circuit(), "vw-id4-pro", same="volume", simulate=fake_simulate)
    with pytest.raises(InputError, match="mass or volume"):
        drive(circuit(), same="price", simulate=fake_simulate)


def test_a_heavier_pack_makes_a_heavier_car(circuit) -> None:
    by_mass, by_volume = (plan_drive(circuit(), "nio-et7-100", same=same) for same in ("mass", "volume"))
    assert by_mass.pack.mass == pytest.approx(555.0)
    heavier = by_volume.pack.mass > by_mass.pack.mass
    assert (by_volume.demand.consumption > by_mass.demand.consumption) == heavier


def test_a_pack_that_cannot_warm_itself_says_so() -> None:
    with pytest.raises(SimulationError, match="empty before the car moves: to warm it from 25 degC"):
        drive(load_cell("llzo-lco"), grid=COARSE)
