"""The map of a cell: its voltage at rest, its resistance after 60 s, and what has no map."""

from __future__ import annotations

import numpy as np
import pytest

import ionstone as ion
from ionstone.core.errors import InputError
from ionstone.simulation import COARSE
from ionstone.study.car.cell_map import cell_map
from ionstone.study.car.drive import with_conductance


@pytest.fixture(scope="module")
def cell():
    return ion.load_cell("lg-m50")


def test_the_voltage_of_the_map_is_that_of_the_cell_at_rest(cell) -> None:
    places = np.array([0.03, 0.2, 0.5, 0.77, 1.0])
    runs = ion.simulate([cell] * 5, "Rest for 1 s", soc=places, model="SPM", grid=COARSE)
    rest = [run.voltage[0] for run in runs]
    assert cell_map(cell).open_circuit_voltage(places) == pytest.approx(rest, abs=1e-3)


@pytest.mark.parametrize("name", ["lg-m50", "sulfide-li"])
@pytest.mark.parametrize(
    ("kelvin", "rate", "allowed"),
    [(268.15, 0.1, 0.03), (268.15, 0.5, 0.1), (298.15, 0.1, 0.03), (298.15, 0.5, 0.1), (298.15, 2.0, 0.03)],
)
def test_the_resistance_is_that_of_a_pulse_of_a_minute(
    name: str, kelvin: float, rate: float, allowed: float
) -> None:
    """The curve over the current meets its outer two pulses; the middle one it only comes near."""
    cell = ion.load_cell(name)
    run = ion.simulate(
        cell, f"Discharge at {rate}C for 60 s", temperature=kelvin, soc=0.6, model="P2D", grid=COARSE
    )
    found = cell_map(cell)
    rest = float(found.open_circuit_voltage(run.outputs["soc"][-1]))
    lost = (rest - run.voltage[-1]) / run.current[-1]
    power = run.voltage[-1] * run.current[-1]
    assert float(found.resistance(0.6, kelvin, power)) == pytest.approx(lost, rel=allowed)


def test_the_resistance_falls_with_warmth_and_with_current(cell) -> None:
    found = cell_map(cell)
    warmth = np.linspace(243.15, 318.15, 16)
    assert np.all(np.diff(found.resistance(np.full(16, 0.5), warmth, 5.0)) < 0)
    powers = np.linspace(0.0, 40.0, 9)
    assert np.all(np.diff(found.resistance(np.full(9, 0.5), np.full(9, 263.15), powers)) < 0)
    assert np.all(found.floor > 0)
    assert np.all(found.floor + found.gain > 0)


def test_a_map_is_kept_for_all_that_only_differ_in_cooling(cell) -> None:
    assert cell_map(with_conductance(cell, 0.3)) is cell_map(cell)
    assert cell_map(cell, "SPM") is not cell_map(cell)
    assert cell_map(cell.replace({"positive.thickness": 80e-6})) is not cell_map(cell)


def test_metal_against_metal_has_no_map() -> None:
    with pytest.raises(InputError, match="no open-circuit voltage"):
        cell_map(ion.load_cell("li-li"))
