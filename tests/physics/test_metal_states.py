"""Voids that open on stripping, and lithium that is lost on plating: states of electrodes of metal."""

from __future__ import annotations

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design import Cell, load_cell
from ionstone.cell_model.build import LITHIUM_VOLUME
from ionstone.cell_model.laws import coulombic_loss, no_loss, no_voids, vacancy_balance
from ionstone.core.config import load
from ionstone.core.constants import F
from ionstone.core.errors import InputError


def with_states(name: str, electrode: str, **given: float | str) -> Cell:
    """A cell of the library whose electrode of metal has more numbers in its file."""
    cell = load_cell(name)
    file = cell.config.model_dump()
    file[electrode] |= given
    return Cell.from_config(load(type(cell.config), file, "cell.yaml"))


def test_the_null_models_lose_nothing_and_open_nothing():
    assert no_loss.rate(5.0, 0.1) == no_voids.rate(0.1, 5.0, 1.0, 1.0) == 0.0
    assert no_voids.contact_share(0.3) == 1.0


def test_only_plating_loses_lithium():
    assert coulombic_loss.rate(5.0, 0.02) == pytest.approx(0.1)
    assert coulombic_loss.rate(-5.0, 0.02) == 0.0


def test_voids_open_beyond_the_void_current_and_close_below_it():
    assert vacancy_balance.rate(0.0, 3.0, 2.0, 1e-3) == pytest.approx(1e-3)
    assert vacancy_balance.rate(0.0, 1.0, 2.0, 1e-3) == 0.0  # nothing is there to be filled
    assert vacancy_balance.rate(1.0, 1.0, 2.0, 1e-3) == pytest.approx(-1e-3)
    assert vacancy_balance.rate(1.0, -1.0, 2.0, 1e-3) == pytest.approx(-3e-3)


@pytest.mark.parametrize("model", ["P2D", "SPMe", "SPM"])
def test_the_coulombic_efficiency_of_a_cell_on_copper_is_that_of_its_file(model: str):
    cell = with_states("li-cu", "positive", coulombic_efficiency=0.95)
    run = ion.simulate(cell, ["Discharge at 0.5C for 1 hour", "Charge at 0.5C for 3 hours"], model=model)
    assert run.end_reason == "lithium exhausted"
    assert (run.time[-1] - 3600) / 3600 == pytest.approx(0.95, rel=1e-6)


def test_plated_stripped_and_lost_lithium_add_up_over_cycles():
    cell = with_states("li-cu", "positive", coulombic_efficiency=0.9)
    run = ion.simulate(cell, ["Discharge at 1C for 30 minutes", "Charge at 1C for 20 minutes"] * 3)
    o = run.outputs
    whole = o["lithium_thickness"] + o["lithium_thickness_positive"] + o["lithium_lost_positive"]
    assert np.ptp(whole) < 1e-10 * whole[0]
    per_charge = LITHIUM_VOLUME / F
    plated = 3 * 10.0 * 1800  # A s/m2
    assert o["lithium_lost_positive"][-1] == pytest.approx(0.1 * plated * per_charge, rel=1e-6)


def test_an_anode_free_cell_loses_a_share_of_its_capacity_in_each_cycle():
    cycle = ["Discharge at C/5 for 2 hours", "Charge at C/5 for 90 minutes"]
    cell = with_states("qse5", "negative", coulombic_efficiency=0.97)
    run = ion.simulate(cell, [*cycle * 2, "Discharge at C/5 until 2.8 V"])
    assert run.end_reason == "lithium exhausted"
    lost = run.outputs["lithium_lost_negative"][-1] * F / LITHIUM_VOLUME * cell["format.electrode_area"]
    assert lost == pytest.approx(0.03 * 2 * 0.3 * cell["nominal_capacity"], rel=1e-6)
    usable = cell.capacity + cell["negative.thickness"] * F / LITHIUM_VOLUME * cell["format.electrode_area"]
    assert run.outputs["discharge_capacity"][-1] == pytest.approx(usable - lost, rel=1e-6)


@pytest.mark.parametrize("model", ["P2D", "SPMe", "SPM"])
def test_stripping_beyond_the_void_current_raises_the_resistance(model: str):
    cell = with_states("li-li", "negative", void_depth="0.5 um")
    fast, slow = (ion.simulate(cell, f"Discharge at {c}C for 10 minutes", model=model) for c in (1.5, 0.9))
    assert fast.outputs["void_contact_negative"][-1] < 0.9
    assert fast.voltage[-1] < fast.voltage[1] < 0
    assert slow.outputs["void_contact_negative"][-1] == pytest.approx(1.0, abs=1e-9)
    assert slow.voltage[-1] == pytest.approx(slow.voltage[1], rel=1e-6)


def test_the_missing_lithium_is_what_the_current_takes_beyond_the_supply():
    cell = with_states("li-li", "negative", void_depth="0.5 um")
    run = ion.simulate(cell, "Discharge at 1.5C for 10 minutes")
    missing = -0.5e-6 * np.log(run.outputs["void_contact_negative"][-1])
    assert missing == pytest.approx((15.0 - 10.0) * 600 * LITHIUM_VOLUME / F, rel=1e-6)


def test_plating_and_rest_close_voids():
    cell = with_states("li-li", "negative", void_depth="0.5 um")
    run = ion.simulate(cell, ["Discharge at 1.5C for 10 minutes", "Rest for 10 minutes"])
    contact = run.outputs["void_contact_negative"]
    assert contact[run.step == 0][-1] < 0.9
    assert contact[-1] > 0.99


def test_a_very_deep_void_is_the_model_without_voids():
    plain = ion.simulate("li-li", "Discharge at 1.5C for 10 minutes")
    deep = ion.simulate(with_states("li-li", "negative", void_depth=1e-3), "Discharge at 1.5C for 10 minutes")
    assert deep.voltage[-1] == pytest.approx(plain.voltage[-1], rel=1e-3)


def test_the_resistance_of_the_interphase_goes_with_the_contact():
    cell = with_states("li-li", "negative", void_depth="0.5 um")
    cell = cell.replace({"negative.exchange_current_density": 1e5})
    run = ion.simulate(cell, "Discharge at 1.5C for 10 minutes")
    share = run.outputs["void_contact_negative"][-1]
    rise = run.voltage[1] - run.voltage[-1]
    assert rise == pytest.approx(15.0 * cell["negative.interphase_resistance"] * (1 / share - 1), rel=2e-2)


def test_gradients_to_both():
    cell = with_states("li-cu", "positive", coulombic_efficiency=0.95)
    cell = Cell.from_config(
        load(
            type(cell.config),
            (f := cell.config.model_dump()) | {"negative": f["negative"] | {"void_depth": 0.5e-6}},
            "cell.yaml",
        )
    )
    protocol = ["Discharge at 1.5C for 10 minutes", "Charge at 0.5C for 3 hours"]

    def duration(changed: Cell) -> float:
        return float(ion.simulate(changed, protocol, tolerance=1e-7).time[-1])

    def voltage(run: ion.Run) -> float:
        return run.voltage[run.step == 0][-1]

    found = ion.gradient(cell, protocol, of="duration", to="positive.coulombic_efficiency")
    ends = [duration(cell.replace({"positive.coulombic_efficiency": x})) for x in (0.951, 0.949)]
    assert found["positive.coulombic_efficiency"] == pytest.approx((ends[0] - ends[1]) / 0.002, rel=1e-4)
    path, value = "negative.void_depth", 0.5e-6
    found = ion.gradient(cell, protocol[0], of=lambda run: run.voltage[-1], to=path)
    ends = [
        float(ion.simulate(cell.replace({path: value * f}), protocol[0], tolerance=1e-7).voltage[-1])
        for f in (1.001, 0.999)
    ]
    assert found[path] == pytest.approx((ends[0] - ends[1]) / (0.002 * value), rel=1e-3)


def test_voids_need_a_void_current():
    cell = load_cell("qse5")
    file = cell.config.model_dump()
    file["negative"] |= {"void_depth": 1e-6, "void_current_density": None, "void_law": "no_limit"}
    with pytest.raises(InputError, match="void_current_density"):
        Cell.from_config(load(type(cell.config), file, "cell.yaml")).parameters()
