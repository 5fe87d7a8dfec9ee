"""Contact as a state: the pressure follows the charge, contact remembers the highest pressure."""

from importlib.resources import files

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design.contact import doux2020
from ionstone.simulation import Grid
from ionstone.study.verification.kernel import replay_prepared
from ionstone.study.verification.laws import inventory
from ionstone.study.verification.ours import prepare

SULFIDE = files("ionstone.cell_design").joinpath("library/sulfide-li.yaml").read_text(encoding="utf-8")
CYCLE = ["Discharge at C/2 until 2.8 V", "Rest for 10 minutes", "Charge at C/2 for 20 minutes"]
LEVELS = ["SPM", "SPMe", "P2D"]


@pytest.fixture
def held(tmp_path):
    """sulfide-li with contact by pressure, held by some hardware, with other changes of its text."""

    def load(hardware, *changes):
        text = SULFIDE.replace(
            "contact_fraction: {value: 0.", "contact: {law: doux2020}\n  contact_fraction: {value: 0."
        ).replace("stack_pressure:", f"pressure: {hardware}\nstack_pressure:", 1)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "cell.yaml"
        path.write_text(text, encoding="utf-8")
        return ion.load_cell(path)

    return load


SPRING = "{kind: spring, spring_stiffness: 5e9 Pa/m}"


@pytest.mark.parametrize("model", LEVELS)
def test_a_very_soft_spring_is_a_fixed_pressure(held, model):
    fixed = ion.simulate(held("{kind: fixed_pressure}"), CYCLE, model=model)
    soft = ion.simulate(held("{kind: spring, spring_stiffness: 1e3 Pa/m}"), CYCLE, model=model)
    assert "stack_pressure" not in fixed.outputs  # contact is that of the build
    for key in ("discharge_capacity", "charge_capacity", "discharge_energy", "final_voltage"):
        assert soft.summary[key] == pytest.approx(fixed.summary[key], rel=1e-4), key


def test_the_drop_at_an_interface_follows_its_contact(held):
    cell = held(SPRING)
    load = "Discharge at C/2 for 30 minutes"
    added = {"separator.interface_resistance_positive": "5 ohm*cm^2"}
    without, with_ = ion.simulate(cell, load), ion.simulate(cell.replace(added), load)
    i, share = with_.outputs["current_density"][-1], with_.outputs["contact_share_positive"][-1]
    drop = without.voltage[-1] - with_.voltage[-1]
    assert drop == pytest.approx(i * 5e-4 / share, rel=0.02)


@pytest.mark.parametrize("model", LEVELS)
def test_contact_follows_the_law_along_the_run(held, model):
    cell = held(SPRING)
    ends = cell.pressure()
    run = ion.simulate(cell, CYCLE, model=model)
    out = run.outputs
    assert out["stack_pressure"] == pytest.approx(
        ends.empty + (ends.full - ends.empty) * out["soc"], rel=1e-6
    )
    law = (cell[f"negative.contact.{k}"] for k in ("half_pressure", "exponent", "release_exponent"))
    expected = doux2020.contact_fraction(out["stack_pressure"], ends.full, *law)  # the run begins full
    assert out["contact_share_negative"] == pytest.approx(expected, rel=1e-6)
    assert np.ptp(out["contact_share_negative"]) > 0.05


def test_a_cell_charged_for_the_first_time_remembers_its_pressure(held):
    cell = held(SPRING)
    run = ion.simulate(cell, ["Charge at C/5 for 3 hours", "Discharge at C/5 for 3 hours"], soc=0.1)
    share, pressure = run.outputs["contact_share_negative"], run.outputs["stack_pressure"]
    top = int(np.argmax(pressure))
    back = top + int(np.argmin(np.abs(pressure[top:] - pressure[1])))
    assert share[back] > 1.05 * share[1]  # at the same pressure, after a higher one


def test_the_plain_model_returns_at_infinite_pressure(held):
    cell = held(SPRING).replace(
        {"negative.contact.half_pressure": 1.0, "positive.contact.half_pressure": 1.0}
    )
    plain = ion.simulate("sulfide-li", CYCLE)
    far = ion.simulate(cell, CYCLE)
    for key in ("discharge_capacity", "discharge_energy", "charge_energy"):
        assert far.summary[key] == pytest.approx(plain.summary[key], rel=2e-5), key


def test_more_contact_lowers_the_resistance_of_lithium_and_interface(held):
    soft, stiff = (held(f"{{kind: spring, spring_stiffness: {k} Pa/m}}") for k in ("1e3", "5e10"))
    one, other = (ion.simulate(c, "Discharge at 1C for 2 minutes") for c in (soft, stiff))
    assert other.voltage[-1] > one.voltage[-1] + 0.05


def test_lithium_is_conserved_while_contact_changes(held):
    cell = held(SPRING).replace({"separator.interface_resistance_positive": "5 ohm*cm^2"})
    prepared = prepare(cell, CYCLE, heat="lumped")
    outcome = prepared.run()
    assert outcome.status[0] < 10
    before = inventory(cell, prepared, prepared.lanes.state[0])
    assert inventory(cell, prepared, outcome.state[0]) == pytest.approx(before, rel=1e-9)


def test_the_energy_balance_holds_while_contact_changes(held):
    run = ion.simulate(held(SPRING), ["Discharge at C/2 until 2.9 V"], heat="lumped", tolerance=1e-6)
    assert run.summary["max_temperature"] > 298.2
    heat = np.trapezoid(run.outputs["heat"], run.time)
    low = ion.simulate(held("{kind: spring, spring_stiffness: 5e10 Pa/m}"), ["Discharge at C/2 until 2.9 V"],
                       heat="lumped", tolerance=1e-6)  # fmt: skip
    assert 0 < np.trapezoid(low.outputs["heat"], low.time) < heat


@pytest.mark.parametrize(
    "path", ["stack_pressure", "negative.contact.half_pressure", "positive.contact.exponent"]
)
def test_gradients_to_pressure_and_contact_are_those_of_differences(held, path):
    cell = held(SPRING)
    protocol = "Discharge at C/2 for 30 minutes"
    found = ion.gradient(cell, protocol, of="discharge_energy", to=path)[path]
    step = 1e-3 * cell[path]
    ends = [
        ion.simulate(cell.replace({path: cell[path] + s}), protocol, tolerance=1e-7) for s in (-step, step)
    ]
    low, high = (run.summary["discharge_energy"] for run in ends)
    assert found == pytest.approx((high - low) / (2 * step), rel=2e-3)


@pytest.mark.parametrize("model", LEVELS)
def test_the_kernel_agrees_with_the_reference_stepper(held, model):
    prepared = prepare(
        held(SPRING), "Discharge at 0.5C for 20 minutes", model=model, heat="lumped", grid=Grid(3, 2, 3, 4)
    )
    difference, steps = replay_prepared(prepared)
    assert steps > 5
    assert difference < 1e-9


def test_designs_of_several_pressures_are_equal_to_single_runs(held):
    cell = held(SPRING)
    pressures = np.array([3e6, 7e6, 1.2e7])
    batch = ion.simulate(ion.vary(cell, {"stack_pressure": pressures}), CYCLE[0])
    for k, p in enumerate(pressures.tolist()):
        alone = ion.simulate(cell.replace({"stack_pressure": p}), CYCLE[0])
        assert batch.summary["discharge_capacity"][k] == pytest.approx(
            alone.summary["discharge_capacity"], rel=1e-6
        )
