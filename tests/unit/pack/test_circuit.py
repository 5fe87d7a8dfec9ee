"""Kirchhoff's laws and the limits as bounds, on lines whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.pack.circuit import Bound, Layout, bounded, demanded, exact, lines

GROUP = np.array([0, 0, 1, 1, 1])
LAYOUT = Layout(GROUP, np.array([1.0, 1.0, 1.0, 2.0, 1.0]), np.array([1.0, 3.0]), np.full(5, 1e-3), 0.01)
OPEN = np.array([3.30, 3.32, 3.31, 3.35, 3.29])
SLOPE = np.array([2.0, 1.0, 3.0, 1.5, 2.5]) * 1e-3


def line_at_rest():
    return lines(LAYOUT, OPEN, np.zeros(5), SLOPE)


@pytest.mark.parametrize("current", [-50.0, 0.0, 1.0, 80.0])
def test_parallel_currents_sum_to_that_of_the_string(current: float) -> None:
    shares = exact(LAYOUT, line_at_rest().currents(current), current)
    assert LAYOUT.sum_groups(LAYOUT.cells * shares) == pytest.approx([current] * 2, rel=1e-12, abs=1e-12)


def test_parallel_cells_have_one_voltage() -> None:
    currents = line_at_rest().currents(40.0)
    branch = OPEN - (SLOPE + LAYOUT.joint) * currents
    assert np.ptp(branch[:2]) < 1e-12
    assert np.ptp(branch[2:]) < 1e-12


def test_the_voltage_of_the_pack_is_that_of_its_groups_less_the_busbars() -> None:
    line = line_at_rest()
    branch = OPEN - (SLOPE + LAYOUT.joint) * line.currents(40.0)
    assert line.voltage(40.0) == pytest.approx(branch[0] + 3 * branch[2] - 0.01 * 40.0, rel=1e-12)


@pytest.mark.parametrize(("control", "value"), [("current", 30.0), ("power", 400.0), ("power", -400.0)])
def test_a_demand_is_met_by_its_current(control: str, value: float) -> None:
    line = line_at_rest()
    current = demanded(line, control, value)
    got = current if control == "current" else current * line.voltage(current)
    assert got == pytest.approx(value, rel=1e-12)


def test_voltage_and_resistance_are_met_by_their_current() -> None:
    line = line_at_rest()
    assert line.voltage(demanded(line, "voltage", 12.0)) == pytest.approx(12.0, rel=1e-12)
    current = demanded(line, "resistance", 0.5)
    assert line.voltage(current) / current == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize(
    ("control", "value", "load"),
    [
        ("current", 30.0, lambda v, i: i),
        ("power", -400.0, lambda v, i: v * i),
        ("voltage", 12.0, lambda v, i: v),
        ("resistance", 0.5, lambda v, i: v / i),
    ],
)
def test_a_heater_beside_the_load_leaves_the_load_as_asked(control: str, value: float, load) -> None:
    line = line_at_rest()
    current = demanded(line, control, value, heater=25.0)
    voltage = line.voltage(current)
    assert load(voltage, current - 25.0 / voltage) == pytest.approx(value, rel=1e-12)


def test_a_power_beyond_the_peak_gives_the_peak() -> None:
    line = line_at_rest()
    current = demanded(line, "power", 1e9)
    assert line.voltage(current) == pytest.approx(line.open_voltage / 2, rel=1e-12)


def test_the_weakest_cell_bounds_the_pack() -> None:
    line = line_at_rest()
    most = np.array([np.inf, np.inf, 10.0, np.inf, np.inf])
    current, name = bounded(line, 1000.0, [Bound("voids", -np.full(5, np.inf), most)])
    assert name == "voids"
    assert line.currents(current)[2] == pytest.approx(10.0, rel=1e-12)


def test_a_bound_never_turns_the_current_round() -> None:
    line = line_at_rest()
    too_full = [Bound("voltage", np.full(5, 5.0), np.full(5, np.inf))]
    assert bounded(line, -10.0, too_full) == (0.0, "voltage")
    assert bounded(line, 10.0, too_full) == (10.0, "")
