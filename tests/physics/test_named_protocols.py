"""What named protocols find is what the cell was made with, or what another way gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design import load_cell
from ionstone.core.errors import InputError

GRID = ion.Grid(8, 6, 8, 14)


def test_pulses_have_the_resistance_of_the_same_pulse_alone() -> None:
    run = ion.simulate("lg-m50", "hppc(pulse=30 s, depth=25%)", grid=GRID, tolerance=1e-6)
    table = run.pulse_resistances((10, "30 s"))
    assert np.all(np.diff(table["soc"][table["current"] > 0]) < -0.2)
    at = int(np.argmin(np.abs(table["soc"] - 0.5) + (table["current"] < 0)))
    alone = ion.stepper("lg-m50", soc=float(table["soc"][at]), grid=GRID, tolerance=1e-7)
    start = alone["voltage"]
    for seconds in (10.0, 30.0):
        alone.step(seconds - alone.time, c_rate=1.0)
        found = table[f"resistance_{seconds:g}s"][at]
        assert np.isclose(found, (start - alone["voltage"]) / alone["current"], rtol=5e-3)


def test_longer_pulses_have_more_resistance_and_a_short_one_has_none_later() -> None:
    table = ion.simulate("sulfide-li", "hppc(pulse=10 s)", grid=GRID).pulse_resistances()
    discharge = table["current"] > 0
    assert np.all(table["resistance_10s"][discharge] > table["resistance_0s"][discharge])
    assert np.all(np.isnan(table["resistance_30s"]))


def test_titration_finds_the_diffusivity_of_the_particles() -> None:
    """Short pulses, one electrode with particles, no electrolyte: Weppner and Huggins' assumptions."""
    cell = load_cell("sulfide-li")
    settings: dict[str, Any] = {"model": "SPM", "soc": 0.62, "grid": ion.Grid(1, 1, 1, 60), "tolerance": 1e-8}
    run = ion.simulate(cell, "gitt(rate=1C, pulse=4 s, rest=1 h)", **settings)
    table = run.titration()
    diffusivity = cell.parameters().functions["positive.diffusivity"].evaluate(np.array([0.5]))[0]
    wanted = diffusivity / (cell["positive.particle_radius"] / 3) ** 2
    middle = (table["soc"] > 0.5) & (table["soc"] < 0.6)
    assert np.any(middle)
    assert np.all(np.abs(table["diffusion_rate"][middle] / wanted - 1) < 0.15)


def test_titration_relaxes_towards_the_open_circuit() -> None:
    table = ion.simulate("sulfide-li", "gitt(rate=C/5, pulse=30 min, rest=3 h)", grid=GRID).titration()
    assert np.all(table["relaxation"] > 0)
    assert np.all(table["end_resistance"] > table["instant_resistance"])
    assert np.allclose(table["rest_voltage"][1:], table["relaxed_voltage"][:-1])


def test_a_rate_test_gives_the_capacities_of_single_discharges() -> None:
    run = ion.simulate("lg-m50", "rate_test(rates=C/5 1C, rest=3 h)", grid=GRID, tolerance=1e-6)
    table = run.rate_capability()
    assert np.allclose(table["rate"], [0.2, 1.0], rtol=1e-6)
    for rate, capacity, energy in zip((0.2, 1.0), table["capacity"], table["energy"], strict=True):
        text = f"Charge at C/3 until 4.2 V; Hold at 4.2 V until C/20; Rest for 3 h; Discharge at {rate}C"
        start = None if rate == 0.2 else 0.0  # the second charge begins empty
        alone = ion.simulate("lg-m50", text, grid=GRID, tolerance=1e-6, soc=start).summary
        assert np.isclose(capacity, alone["discharge_capacity"], rtol=2e-3)
        assert np.isclose(energy, alone["discharge_energy"], rtol=3e-3)


@pytest.mark.parametrize("name", ["lg-m50", "sulfide-li"])
def test_open_circuit_is_between_the_branches_and_on_the_potentials(name: str) -> None:
    table = ion.simulate(name, "ocv(rate=C/50)", grid=GRID).open_circuit()
    middle = (table["soc"] > 0.1) & (table["soc"] < 0.9)
    assert np.all(table["charge_voltage"] >= table["discharge_voltage"])
    exact = [ion.stepper(name, soc=float(s), grid=GRID)["voltage"] for s in table["soc"][middle]]
    assert np.max(np.abs(table["open_circuit_voltage"][middle] - exact)) < 4e-3


def test_a_batch_runs_a_name_between_the_cut_offs_of_each_cell() -> None:
    cells = [load_cell("lg-m50"), load_cell("lg-m50").replace({"voltage.lower_cutoff": 3.0})]
    runs: Any = ion.simulate(cells, "rate_test(rates=1C)", grid=GRID)
    assert [round(r.summary["min_voltage"], 2) for r in runs] == [2.5, 3.0]


@pytest.mark.parametrize("read", ["pulse_resistances", "titration", "open_circuit"])
def test_a_run_without_what_is_asked_for_says_so(read: str) -> None:
    run = ion.simulate("lg-m50", "Discharge at 1C for 10 s", model="SPM")
    with pytest.raises(InputError, match="this run has no"):
        getattr(run, read)()
