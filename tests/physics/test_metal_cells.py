"""Lithium against lithium and against copper: two planar electrodes, one ion moving or a salt."""

from __future__ import annotations

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design import Cell, load_cell
from ionstone.cell_design.config import CellConfig
from ionstone.core.config import load
from ionstone.core.constants import F, R
from ionstone.core.errors import InputError
from ionstone.simulation.grid import Grid

LEVELS = ["P2D", "SPMe", "SPM"]
#: a salt of low transference number with constant properties
SALT = {
    "separator.electrolyte.conductivity": 0.1,
    "separator.electrolyte.diffusivity": 1e-11,
    "separator.electrolyte.transference_number": 0.2,
    "separator.electrolyte.thermodynamic_factor": 1.0,
    "separator.electrolyte.initial_concentration": 1000.0,
}


def salted(**changes: object) -> Cell:
    """Lithium | salt | lithium, 0.5 mm apart, and no resistance but the electrolyte's."""
    cell = load_cell("li-li")
    separator = cell.config.separator
    electrolyte = type(separator.electrolyte)(material="peo-litfsi")
    config = cell.config.model_copy(
        update={"separator": separator.model_copy(update={"electrolyte": electrolyte})}
    )
    fast = {f"{e}.exchange_current_density": 1e4 for e in ("negative", "positive")}
    free = {f"{e}.interphase_resistance": 0.0 for e in ("negative", "positive")}
    return Cell.from_config(config).replace({**SALT, **fast, **free, **changes})


def rate(cell: Cell, current_density: float) -> str:
    """C-rate of a current density [A/m2]."""
    s = cell.parameters().scalars
    return repr(current_density * s["electrode_area"] * 3600 / s["nominal_capacity"])


@pytest.mark.parametrize("model", LEVELS)
def test_two_equal_electrodes_give_the_same_voltage_in_both_directions(model: str):
    run = ion.simulate("li-li", ["Discharge at 1C for 1 minute", "Charge at 1C for 1 minute"], model=model)
    there, back = run.voltage[run.step == 0], run.voltage[run.step == 1]
    assert there[-1] < 0 < back[-1]
    assert back[-1] == pytest.approx(-there[-1], rel=1e-9)


def test_ohms_law_where_nothing_but_the_electrolyte_resists():
    cell = load_cell("li-li").replace(
        {f"{e}.exchange_current_density": 1e5 for e in ("negative", "positive")}
        | {f"{e}.interphase_resistance": 0.0 for e in ("negative", "positive")}
    )
    run = ion.simulate(cell, f"Discharge at {rate(cell, 5.0)}C for 1 minute")
    resistance = cell["separator.thickness"] / cell["separator.electrolyte.conductivity"]
    kinetics = 4 * R * 298.15 / F * np.arcsinh(5.0 / 2e5)
    assert -run.voltage[-1] == pytest.approx(5.0 * resistance + kinetics, rel=1e-9)


@pytest.mark.parametrize("model", ["P2D", "SPMe"])
@pytest.mark.parametrize("current", [8.0, 16.0])
def test_sands_time_of_a_salt_of_low_transference_number(model: str, current: float):
    cell = salted(**{"separator.thickness": 1e-3})
    run = ion.simulate(
        cell, f"Discharge at {rate(cell, current)}C", model=model, grid=Grid(separator=200), tolerance=1e-6
    )
    sand = np.pi * 1e-11 * (F * 1000.0 / (2 * current * (1 - 0.2))) ** 2
    assert np.sqrt(1e-11 * sand) < 0.2 * cell["separator.thickness"]  # the other electrode is far
    assert run.end_reason == "electrolyte depleted"
    assert run.time[-1] == pytest.approx(sand, rel=0.01)


def test_the_steady_profile_of_a_salt_is_straight():
    # N = t+ i / F everywhere: D dc/dx = -(1 - t+) i / F, so c falls by (1 - t+) i L / (2 F D) on each side
    cell = salted(**{"separator.thickness": 50e-6})
    current = 2.0
    run = ion.simulate(cell, f"Discharge at {rate(cell, current)}C for 3 hours")
    fall = (1 - 0.2) * current * 50e-6 / (2 * F * 1e-11)
    assert run.outputs["minimum_electrolyte_concentration"][-1] == pytest.approx(1000 - fall, rel=1e-4)
    ends = 1000 - fall, 1000 + fall
    concentration = 2 * R * 298.15 / F * (1 - 0.2) * np.log(ends[1] / ends[0])
    kinetics = sum(2 * R * 298.15 / F * np.arcsinh(current / (2e4 * np.sqrt(c / 1800))) for c in ends)
    assert -run.voltage[-1] == pytest.approx(current * 50e-6 / 0.1 + concentration + kinetics, rel=2e-3)


@pytest.mark.parametrize("model", LEVELS)
@pytest.mark.parametrize("name", ["li-li", "li-cu"])
def test_lithium_is_conserved_through_plating_and_stripping(name: str, model: str):
    run = ion.simulate(
        name, ["Discharge at 1C for half an hour", "Charge at 0.5C for 15 minutes"], model=model
    )
    both = run.outputs["lithium_thickness"] + run.outputs["lithium_thickness_positive"]
    assert np.ptp(both) < 1e-12 * both[0]
    moved = run.outputs["lithium_thickness"][0] - run.outputs["lithium_thickness"]
    charge = run.outputs["discharge_capacity"] / 1e-4
    assert np.allclose(moved, charge * 1.300e-5 / F, atol=1e-15)


def test_what_was_plated_on_copper_is_exhausted_when_it_is_stripped():
    run = ion.simulate("li-cu", ["Discharge at 1C for half an hour", "Charge at 1C for 2 hours"])
    assert run.end_reason == "lithium exhausted"
    assert run.time[-1] == pytest.approx(3600.0, rel=1e-6)
    assert run.outputs["lithium_thickness_positive"][-1] == pytest.approx(0.0, abs=1e-12)


def test_a_foil_that_is_used_up_ends_the_run():
    cell = load_cell("li-li").replace({"negative.thickness": "10 um"})
    run = ion.simulate(cell, "Discharge at 1C")
    assert run.end_reason == "lithium exhausted"
    assert run.time[-1] == pytest.approx(10e-6 * F / 1.300e-5 / 10.0, rel=1e-6)


def test_limits_of_voids_and_filaments_see_the_current_in_both_directions():
    for protocol in ("Discharge at 0.5C for 1 minute", "Charge at 0.5C for 1 minute"):
        run = ion.simulate("li-li", protocol)
        margins = {record.name: record.margin for record in run.limits()}
        assert margins["voids"] == pytest.approx(0.5)
        assert margins["filaments"] == pytest.approx(0.75)


def test_the_impedance_of_metal_against_metal_falls_to_its_resistance():
    cell = load_cell("li-li")
    z = ion.impedance(cell, [1e-3]).impedance[0]
    run = ion.simulate(cell, f"Discharge at {rate(cell, 1e-3)}C for 1 minute")
    assert z.real == pytest.approx(-run.voltage[-1] / (1e-3 * 1e-4), rel=1e-6)


@pytest.mark.parametrize(
    "path", ["negative.exchange_current_density", "positive.interphase_resistance", "separator.thickness"]
)
def test_the_voltage_can_be_differentiated(path: str):
    cell, protocol = load_cell("li-li"), "Discharge at 0.5C for 1 minute"

    def last(run):
        return run.voltage[-1]

    step = 1e-3 * cell[path]
    ends = [last(ion.simulate(cell.replace({path: cell[path] + k * step}), protocol)) for k in (1, -1)]
    found = ion.gradient(cell, protocol, of=last, to=path)[path]
    assert found == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5)


def test_a_positive_electrode_of_metal_needs_one_of_metal_on_the_other_side():
    cell, metal = load_cell("lg-m50"), load_cell("li-li").config.positive
    with pytest.raises(InputError, match="metal on the other side"):
        load(CellConfig, cell.config.model_dump() | {"positive": metal.model_dump()}, "a.yaml")


def test_a_voltage_below_zero_is_for_metal_against_metal_only():
    cell = load_cell("lg-m50")
    given = cell.config.model_dump()
    given["voltage"]["lower_cutoff"]["value"] = -0.5
    with pytest.raises(InputError, match="below zero"):
        load(CellConfig, given, "a.yaml")


def test_metal_against_metal_drives_no_car():
    with pytest.raises(InputError, match="drives no car"):
        ion.compare(["li-li", "lg-m50"])
