"""The stepper advances a cell exactly, stops at limits, and goes back to saved states to the last bit."""

from __future__ import annotations

import pickle
import timeit
from typing import Any

import numpy as np
import pytest

import ionstone as ion
from ionstone.simulation import Grid, Stepper

COARSE = Grid(5, 3, 5, 8)
GAIN = ion.parameter("10 1/V", "1/V", lower=0.1, upper=100.0)
LOADS: list[dict[str, Any]] = [
    {"current": 5.0},
    {"c_rate": -0.5},
    {"power": 20.0},
    {"voltage": 3.9},
    {"resistance": 1.5},
    {"rest": True},
]


def stepper(cell: str = "lg-m50", **options: Any) -> Stepper:
    return ion.stepper(cell, **({"grid": COARSE, "soc": 0.8} | options))


def test_a_stepper_starts_at_rest_at_the_open_circuit_voltage() -> None:
    s = stepper()
    assert (s.time, s["current"], s.ended) == (0.0, 0.0, False)
    s.step(10.0, rest=True)
    assert s["voltage"] == pytest.approx(stepper()["voltage"], abs=1e-6)


@pytest.mark.parametrize("load", LOADS, ids=lambda load: next(iter(load)))
def test_a_step_holds_its_load_and_advances_exactly(load: dict[str, Any]) -> None:
    s = stepper()
    for k in range(5):
        assert s.step(7.0, **load) == 7.0
        assert s.time == pytest.approx(7.0 * (k + 1), rel=1e-14)
        (name, value), *_ = load.items()
        if name == "rest":
            assert s["current"] == pytest.approx(0.0, abs=1e-9)
        elif name == "resistance":
            assert s["voltage"] == pytest.approx(value * s["current"], rel=1e-6)
        else:
            assert s[name] == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("cell", ["lg-m50", "sulfide-li"])
@pytest.mark.parametrize("model", ["P2D", "SPMe", "SPM"])
def test_steps_under_one_load_follow_the_run_of_the_same_load(cell: str, model: str) -> None:
    s = ion.stepper(cell, model=model, grid=COARSE)
    run = ion.simulate(cell, "Discharge at C/2 for 20 minutes", model=model, grid=COARSE)
    for _ in range(120):
        s.step(10.0, c_rate=0.5)
        assert s["voltage"] == pytest.approx(np.interp(s.time, run.time, run.voltage), abs=4e-4)
    assert s["discharge_capacity"] == pytest.approx(run.summary["discharge_capacity"], rel=1e-9)


def test_a_load_that_changes_every_second_is_followed_within_the_tolerance() -> None:
    rng = np.random.default_rng(3)
    coarse, fine = stepper(), stepper(tolerance=1e-8)
    for current in rng.uniform(-4.0, 10.0, 200):
        coarse.step(1.0, current=current)
        fine.step(1.0, current=current)
        assert coarse["voltage"] == pytest.approx(fine["voltage"], abs=5e-4)


def test_a_step_ends_at_the_cut_off_and_the_cell_can_go_on_from_there() -> None:
    s = stepper()
    while not s.ended:
        advanced = s.step("1 min", c_rate="1")
    assert s.end_reason == "voltage < 2.5"
    assert advanced < 60.0
    assert s["voltage"] == pytest.approx(2.5, abs=1e-6)
    assert s.step(1.0, c_rate=1.0) < 0.1
    assert s.ended
    assert s.step(60.0, rest=True) == 60.0
    assert not s.ended
    assert s["voltage"] > 2.7
    assert s.step(60.0, c_rate=-0.5) == 60.0


def test_a_limit_of_any_output_stops_a_step_until_it_is_taken_away() -> None:
    s = stepper()
    s.set_limits(soc=(0.79, None), current=(-10.0, 8.0))
    assert s.step(600.0, current=5.0) < 600.0
    assert s.end_reason == "soc < 0.79"
    assert s["soc"] == pytest.approx(0.79, abs=1e-9)
    assert s.step(1.0, current=9.0) == 0.0
    assert s.end_reason == "current > 8"
    s.set_limits(soc=None, current=None)
    assert set(s.limits) == {"voltage"}
    assert s.step(60.0, current=9.0) == 60.0


def test_a_warm_cell_stops_at_a_temperature() -> None:
    s = stepper(heat="lumped", temperature="25 degC")
    s.set_limits(temperature=(None, "26 degC"))
    while not s.ended:
        s.step(10.0, c_rate=2.0)
    assert s["temperature"] == pytest.approx(299.15, abs=1e-6)
    assert s["heat"] > 0


def test_a_held_voltage_beyond_a_limit_is_refused_and_nothing_moves() -> None:
    s = stepper()
    assert s.step(1.0, voltage=4.25) == 0.0
    assert s.end_reason == "voltage > 4.2"
    assert s.step(30.0, voltage=4.2) == 30.0


@pytest.mark.parametrize("load", LOADS, ids=lambda load: next(iter(load)))
def test_the_same_steps_from_a_saved_state_give_the_same_bits(load: dict[str, Any]) -> None:
    s = stepper()
    s.step(5.0, **load)
    state = pickle.loads(pickle.dumps(s.save()))
    outputs = []
    other = stepper()
    for one in (s, s, other):
        one.restore(state)
        for _ in range(3):
            one.step(2.0, **load)
        one.step(2.0, current=1.0)
        outputs.append(one.outputs | {"time": one.time})
    assert outputs[0] == outputs[1] == outputs[2]


def test_a_failed_step_changes_nothing() -> None:
    s = stepper()
    s.step(10.0, current=5.0)
    before, time = s.outputs, s.time
    with pytest.raises(ion.SimulationError, match="power = 5000 W from 10 s failed"):
        s.step(10.0, power=5000.0)
    assert (s.outputs, s.time) == (before, time)
    t = stepper()
    t.step(10.0, current=5.0)
    s.step(10.0, current=5.0)
    t.step(10.0, current=5.0)
    assert s["voltage"] == pytest.approx(t["voltage"], abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"dt": 1.0}, "none given"),
        ({"dt": 1.0, "current": 1.0, "voltage": 3.7}, "current, voltage given"),
        ({"dt": 1.0, "current": 1.0, "rest": True}, "current, rest given"),
        ({"dt": 0.0, "rest": True}, "1e-6 s"),
        ({"dt": -1.0, "rest": True}, "1e-6 s"),
        ({"dt": float("nan"), "rest": True}, "dt"),
        ({"dt": "5 V", "rest": True}, "dt"),
        ({"dt": 1.0, "current": float("nan")}, "current"),
        ({"dt": 1.0, "current": "5 V"}, "current"),
        ({"dt": 1.0, "power": None}, "none given"),
        ({"dt": 1.0, "resistance": 0.0}, "above 0"),
        ({"dt": 1.0, "resistance": -1.0}, "above 0"),
    ],
)
def test_bad_steps_are_refused_in_one_line(arguments: dict[str, Any], words: str) -> None:
    s = stepper()
    with pytest.raises(ion.InputError) as caught:
        s.step(**arguments)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bad_limits_states_and_names_are_refused_with_a_remedy() -> None:
    s = stepper()
    with pytest.raises(ion.InputError, match="did you mean 'voltage'"):
        s["voltag"]
    with pytest.raises(ion.InputError, match="did you mean 'voltage'"):
        s.set_limits(voltages=(2.5, 4.2))
    with pytest.raises(ion.InputError, match="empty"):
        s.set_limits(voltage=(4.2, 2.5))
    with pytest.raises(ion.InputError, match="narrow it"):
        s.set_limits(voltage=(0.0, 4.2))
    with pytest.raises(ion.InputError, match="lower, upper"):
        s.set_limits(soc=0.1)
    with pytest.raises(ion.InputError, match="another cell, model or grid"):
        s.restore(ion.stepper("lg-m50", model="SPM").save())
    with pytest.raises(ion.InputError, match="give what save"):
        s.restore(3)  # type: ignore[arg-type]
    with pytest.raises(ion.InputError, match="P2D, SPMe, SPM"):
        ion.stepper("lg-m50", model="DFN")


def linear(overpotential: Any, exchange_current_density: Any, gain: Any = GAIN) -> Any:
    return gain * exchange_current_density * overpotential


def test_a_stepper_takes_own_laws() -> None:
    laws = {"positive.kinetics": linear}
    s = stepper(laws=laws)
    run = ion.simulate("lg-m50", "Discharge at 1C for 60 s", soc=0.8, grid=COARSE, laws=laws)
    s.step(60.0, c_rate=1.0)
    assert s["voltage"] == pytest.approx(run.voltage[-1], abs=2e-4)
    assert (
        abs(
            s["voltage"]
            - ion.simulate("lg-m50", "Discharge at 1C for 60 s", soc=0.8, grid=COARSE).voltage[-1]
        )
        > 1e-3
    )
    with pytest.raises(ion.InputError, match="another cell, model or grid"):
        stepper().restore(s.save())


def test_two_steppers_of_one_cell_share_nothing() -> None:
    a, b = stepper(), stepper()
    a.step(100.0, current=5.0)
    assert b["voltage"] == stepper()["voltage"]


def test_a_step_of_one_second_takes_under_half_a_millisecond() -> None:
    s = ion.stepper("lg-m50")
    loads = iter(np.tile([5.0, 4.0, 6.0, 5.5, 3.0], 1000).tolist())
    best = min(timeit.repeat(lambda: s.step(1.0, current=next(loads)), number=20, repeat=15)) / 20
    assert best < 0.5e-3
