"""The limit that binds is held, named and timed."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.cell_design import load_cell
from ionstone.core.errors import InputError
from ionstone.experiment import check_protocol
from ionstone.simulation import COARSE
from ionstone.study.car.charge import charge
from ionstone.study.car.charge_limits import ChargeLimits, charge_limits
from ionstone.study.car.charge_protocol import charge_protocol
from ionstone.study.comparison.rows import LIMITS


def test_the_automaton_is_a_valid_protocol_that_ends() -> None:
    limits = ChargeLimits(10.0, 3.0, 4.0, 4.2, 0.0, 1.0, 328.15, 50.0)
    protocol, names = charge_protocol(limits, 0.8)
    assert check_protocol(protocol) is protocol
    assert len(names) == len(protocol)
    assert set(names) <= set(LIMITS)


def test_a_weak_charger_binds_all_the_time(circuit, fake_simulate) -> None:
    result = charge(circuit(), pack=None, limits=ChargeLimits(charger_power=5.0, voltage=4.2), vehicle=None,
                    simulate=fake_simulate)  # fmt: skip
    assert result.limit == "charger"
    assert result.shares["charger"] == pytest.approx(1.0)
    assert np.allclose(result.run.outputs["power"], -5.0)
    assert result.energy == pytest.approx(5.0 * result.minutes * 60, rel=1e-3)


def test_the_time_at_constant_current_is_charge_over_current(circuit, fake_simulate) -> None:
    limits = ChargeLimits(current=2.5, voltage=4.5)
    result = charge(circuit(), None, limits=limits, simulate=fake_simulate)
    assert result.limit == "current"
    assert result.minutes == pytest.approx(0.7 * 5.0 / 2.5 * 60, rel=1e-3)


def test_the_voltage_is_held_once_it_is_reached(circuit, fake_simulate) -> None:
    limits = ChargeLimits(current=15.0, voltage=4.1)
    result = charge(circuit(resistance=0.03), None, limits=limits, simulate=fake_simulate)
    assert [piece[0] for piece in result.timeline] == ["current", "voltage"]
    assert result.run.voltage.max() <= 4.1 + 0.002
    assert sum(result.shares.values()) == pytest.approx(1.0)


def test_plating_is_avoided_by_holding_its_potential(circuit, fake_simulate) -> None:
    limits = ChargeLimits(current=25.0, voltage=4.6, plating_potential=0.0)
    result = charge(circuit(), None, limits=limits, simulate=fake_simulate)
    assert result.limit == "plating"
    assert result.run.outputs["plating_potential"][result.points].min() >= -1e-3
    held = result.run.outputs["plating_potential"][result.run.time > 60]
    assert np.allclose(held, 0.0, atol=1e-3)


def test_without_a_margin_plating_is_no_limit(circuit) -> None:
    assert charge_limits(circuit(), maximum_current=5.0).plating_potential == 0.0
    assert charge_limits(circuit(), maximum_current=5.0, plating_margin=None).plating_potential is None


def test_a_metal_electrode_is_held_at_its_critical_current(circuit, fake_simulate) -> None:
    cell = circuit(kind="lithium", critical_current=4.0)
    result = charge(cell, None, limits=ChargeLimits(current=20.0, voltage=4.6, critical_current_ratio=1.0),
                    simulate=fake_simulate)  # fmt: skip
    assert result.limit == "critical_current"
    assert result.minutes == pytest.approx(0.7 * 5.0 / 4.0 * 60, rel=1e-3)


def test_a_hot_cell_steps_its_current_down(circuit, fake_simulate) -> None:
    cell = circuit(resistance=0.05, conductance=0.02)
    result = charge(cell, None, limits=ChargeLimits(current=15.0, voltage=5.5, temperature=313.15),
                    simulate=fake_simulate)  # fmt: skip
    assert result.reached
    assert "temperature" in result.shares
    assert result.max_temperature < 313.15 + 2.0


def test_a_depleted_electrolyte_steps_its_current_down(circuit, fake_simulate) -> None:
    cell = circuit(depletion=100.0)
    result = charge(cell, None, limits=ChargeLimits(current=15.0, voltage=5.5, concentration=50.0),
                    simulate=fake_simulate)  # fmt: skip
    assert result.limit == "depletion"
    assert result.run.outputs["minimum_electrolyte_concentration"].min() > 0


def test_a_car_and_its_charger_limit_the_cells_of_the_pack(circuit, fake_simulate) -> None:
    result = charge(circuit(), "nio-et7-100", simulate=fake_simulate)
    assert result.limit == "charger"
    assert result.power == pytest.approx(126e3, rel=1e-6)
    assert len(result.power) == len(result.soc) == len(result.temperature) == len(result.limits)


def test_a_warm_cell_starts_at_its_operating_temperature(circuit, fake_simulate) -> None:
    charge(circuit(operating_temperature=353.15), "nio-et7-100", simulate=fake_simulate)
    assert fake_simulate.calls[0]["temperature"] == 353.15


def test_what_never_gets_there_says_so(circuit, fake_simulate) -> None:
    limits = ChargeLimits(current=5.0, voltage=3.6)
    result = charge(circuit(), None, limits=limits, simulate=fake_simulate)
    assert not result.reached
    assert result.minutes == np.inf
    assert "0.4" in result.notes[0] or "0.5" in result.notes[0]


@pytest.mark.parametrize(
    ("given", "word"),
    [({"start": 0.9}, "start < stop"), ({"limits": ChargeLimits(voltage=4.2)}, "limited")],
)
def test_a_charge_that_makes_no_sense_is_refused(circuit, fake_simulate, given, word) -> None:
    with pytest.raises(InputError, match=word):
        charge(circuit(), None, simulate=fake_simulate, **given)


@pytest.mark.parametrize(
    ("cell", "ambient"),
    [
        ("semi-solid-360", 263.15),  # depletion in one electrode, then in the other
        ("prologium-si", 243.15),  # even the least current of the ladder depletes the electrolyte: it rests
        ("sulfide-li", 243.15),  # no state at the critical current: the voltage is held first
    ],
)
def test_a_cold_charge_comes_to_its_end_within_all_limits(cell: str, ambient: float) -> None:
    found = charge(load_cell(cell), temperature=ambient, grid=COARSE)
    assert found.reached
    limits = charge_limits(load_cell(cell)).at_least(ambient)
    run = found.run
    assert np.max(run.voltage[found.points]) <= limits.voltage + 1e-3
    if limits.concentration is not None:
        assert np.min(run.outputs["minimum_electrolyte_concentration"]) > 0.5 * limits.concentration
    if limits.critical_current_ratio is not None:
        assert np.max(run.outputs["critical_current_ratio"][found.points]) <= 1.002


def test_a_charge_that_is_given_up_says_what_held_it_back() -> None:
    found = charge(load_cell("sodium-nvpf"), temperature=253.15, grid=COARSE)
    assert not found.reached
    assert "the current fell below C/50" in found.notes[0]


def test_chilled_coolant_makes_a_hot_charge_faster() -> None:
    hot, chilled = (
        charge(load_cell("semi-solid-360"), temperature=318.15, coolant=coolant, grid=COARSE)
        for coolant in (None, 293.15)
    )
    assert hot.limit == "temperature"
    assert chilled.minutes < 0.9 * hot.minutes
    with pytest.raises(InputError, match="coolant: 200 degC is outside -30 to 100 degC"):
        charge(load_cell("lg-m50"), coolant=473.15)
