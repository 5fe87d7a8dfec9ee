"""Protocols as control rows, profiles and events of the kernel."""

from __future__ import annotations

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design import load_cell
from ionstone.cell_model.levels import LEVELS
from ionstone.cell_model.options import options_of
from ionstone.core.errors import InputError
from ionstone.experiment import Limit, Profile, Step, parse_protocol
from ionstone.numerics.kernel import END_OF_RUN, NEXT_STEP, Event
from ionstone.simulation.compile import Compiler


def compiler(name: str = "lg-m50") -> Compiler:
    parameters = load_cell(name).parameters()
    options = options_of([parameters], False)
    return Compiler(LEVELS["P2D"].form(options), parameters.scalars, options.planar)


def controlled(c: Compiler, step: Step) -> dict[str, float]:
    """Names and weights of the outputs in the control row."""
    weights = c.step(step).weights
    return {c.form.outputs[i]: float(weights[i]) for i in np.flatnonzero(weights)}


def limits(c: Compiler, step: Step) -> list[tuple[str, int, float, int]]:
    return [(c.form.all_outputs[e.output], e.sign, e.level, e.target) for e in c.events(step)]


@pytest.mark.parametrize(
    ("control", "value", "amperes"), [("current", 2.5, 2.5), ("c_rate", 0.5, 2.5), ("rest", 0.0, 0.0)]
)
def test_currents_are_one_control(control: str, value: float, amperes: float) -> None:
    c = compiler()
    step = c.step(Step(control, value, duration=10.0))
    (name,) = controlled(c, Step(control, value, duration=10.0))
    area, rate = load_cell("lg-m50")["electrode_area"], 5.0
    scale = {"current": 1.0, "c_rate": rate, "current_density": area}[name]
    assert step.profile[0, 1] * scale == pytest.approx(amperes)


@pytest.mark.parametrize("control", ["voltage", "power", "plating_potential"])
def test_an_output_is_held_by_its_own_row(control: str) -> None:
    c = compiler()
    assert controlled(c, Step(control, 1.5, duration=10.0)) == {control: 1.0}
    assert c.step(Step(control, 1.5, duration=10.0)).profile[0, 1] == 1.5


def test_a_resistance_is_a_row_of_voltage_and_current() -> None:
    c = compiler()
    assert controlled(c, Step("resistance", 0.8, duration=10.0)) == {"voltage": 1.0, "current": -0.8}
    assert c.step(Step("resistance", 0.8, duration=10.0)).profile[0, 1] == 0.0


def test_a_profile_keeps_its_samples() -> None:
    c = compiler()
    step = c.step(Step("power", Profile((0.0, 1.0, 3.0), (5.0, 7.0, -2.0))))
    assert np.array_equal(step.profile, [[0.0, 5.0], [1.0, 7.0], [3.0, -2.0]])
    assert step.duration == 3.0


def test_limits_come_first_in_their_order_with_their_targets() -> None:
    c = compiler()
    until = (Limit("voltage", "<", 3.0), Limit("temperature", ">", 320.0, then=7))
    found = limits(c, Step("c_rate", 1.0, until=until))
    assert found[:2] == [("voltage", -1, 3.0, NEXT_STEP), ("temperature", 1, 320.0, 7)]


def test_the_cells_own_cut_offs_end_every_run() -> None:
    c = compiler()
    low, high = limits(c, Step("c_rate", 1.0, duration=5.0))
    assert low[:2] == ("voltage", -1)
    assert high[:2] == ("voltage", 1)
    assert low[2] == pytest.approx(2.5, abs=1e-3)
    assert high[2] == pytest.approx(4.2, abs=1e-3)
    assert low[3] == high[3] == END_OF_RUN


def test_a_limit_beyond_a_cut_off_moves_the_cells_stop() -> None:
    c = compiler()
    stops = limits(c, Step("c_rate", 1.0, until=(Limit("voltage", "<", 2.2),)))[1:]
    assert stops[0][2] < 2.2
    held = limits(c, Step("voltage", 4.25, duration=10.0))
    assert held[1][2] > 4.25


def test_regeneration_may_pass_the_upper_cut_off_on_a_profile() -> None:
    c = compiler()
    load = Step("power", Profile((0.0, 10.0), (5.0, 5.0)))
    assert limits(c, load)[1][2] == pytest.approx(4.35)


def test_lithium_metal_can_run_out() -> None:
    found = limits(compiler("sulfide-li"), Step("c_rate", 1.0, duration=5.0))
    assert found[-1] == ("lithium_thickness", -1, 0.0, END_OF_RUN)


def test_depletion_is_watched_in_both_electrodes() -> None:
    until = (Limit("minimum_electrolyte_concentration", "<", 100.0),)
    for cell, electrodes in (("lg-m50", ("negative", "positive")), ("qse5", ("positive",))):
        made = compiler(cell)
        names = [x[0] for x in limits(made, Step("c_rate", 1.0, duration=9.0, until=until))]
        assert names.count("minimum_electrolyte_concentration") == 1
        where = {r[0]: r[1] for r in made.form.reduced}
        assert where["minimum_electrolyte_concentration"] == electrodes


def test_a_recovered_electrolyte_is_one_that_recovered_in_both_electrodes() -> None:
    deep = "Charge at 2C until minimum_electrolyte_concentration < 700"
    run = ion.simulate(
        "lg-m50", [deep, "Rest for 1 hour or until minimum_electrolyte_concentration > 900"], soc=0.1
    )
    for index, level in ((0, 700.0), (1, 900.0)):
        at = np.flatnonzero(run.step == index)[-1]
        assert run.outputs["minimum_electrolyte_concentration"][at] == pytest.approx(level, abs=0.5)


def test_equal_steps_are_compiled_once() -> None:
    protocol = parse_protocol("Discharge at 1C for 10 s")
    c = compiler()
    repeated = type(protocol)(protocol.steps * 3)
    one, two, three = c.protocol(repeated)
    assert one is two is three


@pytest.mark.parametrize("name", ["nonsense", "soc", "temperature", "negative_surface_stoichiometry_max"])
def test_what_cannot_be_held_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="cannot be held"):
        compiler().step(Step(name, 0.5, duration=10.0))


def test_an_unknown_limit_is_refused_with_those_that_exist() -> None:
    with pytest.raises(InputError, match=r"'nonsense'.*voltage"):
        compiler().step(Step("c_rate", 1.0, until=(Limit("nonsense", "<", 0.0),)))


def test_endings_in_words() -> None:
    c = compiler()
    v = c.columns["voltage"]
    assert c.describe(None, [], 0) == "duration"
    assert c.describe(Event(v, -1, 2.4999, END_OF_RUN), [], 0) == "the cell's cut-off voltage (2.4999 V)"
    assert c.describe(Event(v, 1, 4.1), [], 0) == "voltage > 4.1"
    metal = compiler("sulfide-li")
    event = Event(metal.columns["lithium_thickness"], -1, 0.0, END_OF_RUN)
    assert metal.describe(event, [], 0) == "lithium exhausted"
