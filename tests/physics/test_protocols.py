"""Protocols: controls hold, states pass switches unbroken, events are met in time, no sample is missed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ionstone.cell_design import load_cell
from ionstone.experiment import Limit, Profile, Step
from ionstone.numerics.kernel import Batch, Event, KernelStep
from ionstone.simulation.simulate import DEFAULT_TOLERANCE

DEFAULT, TIGHT = DEFAULT_TOLERANCE, DEFAULT_TOLERANCE / 100


def sequence(case: Any) -> list[Any]:
    """Constant current, constant voltage, rest, power and resistance, each to an end of its own."""
    s = case.scalars
    middle = 0.5 * (s["voltage.lower_cutoff"] + s["voltage.upper_cutoff"])
    return [
        Step("c_rate", -0.3, duration=1800.0, until=(Limit("voltage", ">", s["voltage.upper_cutoff"]),)),
        Step("voltage", s["voltage.upper_cutoff"] - 0.02, duration=600.0),
        Step("rest", 0.0, duration=300.0),
        Step("power", 0.3 * case.one_c * middle, duration=600.0),
        Step("resistance", middle / (0.3 * case.one_c), duration=600.0),
    ]


def test_controls_hold_what_they_should(library_cell: str, level: str, heat: str, case: Any) -> None:
    c = case(library_cell, level, heat=heat, soc=0.6)
    steps = sequence(c)
    trace = c.run(steps)
    assert sorted(set(trace.step)) == [0, 1, 2, 3, 4]
    v, i, n = trace["voltage"], trace["current"] / c.one_c, trace.step
    assert np.max(np.abs(i[n == 0] + 0.3)) < 1e-9
    assert np.max(np.abs(v[n == 1] - steps[1].value)) < 1e-9
    assert np.max(np.abs(i[n == 2])) < 1e-9
    assert np.max(np.abs((v * i)[n == 3] * c.one_c - steps[3].value)) < 2e-4 * steps[3].value
    assert np.max(np.abs(v[n == 4] - steps[4].value * i[n == 4] * c.one_c)) < 1e-9


def test_stored_states_pass_a_switch_unbroken(library_cell: str, level: str, heat: str, case: Any) -> None:
    c = case(library_cell, level, heat=heat, soc=0.6)
    trace = c.run(sequence(c))
    stored = c.reference().mass > 0
    switches = np.flatnonzero(np.diff(trace.step)) + 1
    assert len(switches) == 4
    for k in switches:
        assert trace.time[k] == trace.time[k - 1]
        jump = np.abs(trace.states[k] - trace.states[k - 1])[stored]
        assert np.max(jump / (1 + np.abs(trace.states[k][stored]))) < 1e-9


def test_states_after_a_switch_meet_every_equation(library_cell: str, level: str, case: Any) -> None:
    """The algebraic equations of the new step hold: currents balance to 1e-6 of 1C, potentials to 1e-9 V."""
    c = case(library_cell, level, soc=0.6)
    steps = sequence(c)
    trace = c.run(steps)
    batch, kernel_steps, reference = c.batch(steps), c.steps(steps), c.reference()
    for k in (0, *(np.flatnonzero(np.diff(trace.step)) + 1)):
        step = kernel_steps[trace.step[k]]
        f = batch.residual(step.weights, float(step.profile[0, 1]), trace.states[k])
        update = batch.solve(step.weights, 1e14, trace.states[k], np.where(reference.mass > 0, 0.0, f))
        assert np.max(np.abs(update)) < 1e-7


def test_a_limit_ends_its_step_at_its_level(library_cell: str, level: str, case: Any) -> None:
    c = case(library_cell, level, soc=0.9)
    free = c.run(["Discharge at C/2 for 10 minutes"])
    middle = len(free.time) // 2
    surface = "positive_surface_stoichiometry_max"
    surface = "positive_surface_stoichiometry_max"
    for quantity in ("voltage", "discharge_capacity", "soc", "abs_c_rate", surface):
        values = free[quantity]
        value = 0.25 if quantity == "abs_c_rate" else float(values[middle])
        limit = Limit(quantity, ">" if value > values[0] or quantity == "abs_c_rate" else "<", value)
        load: Any = Profile((0.0, 600.0), (0.0, 1.0)) if quantity == "abs_c_rate" else 0.5
        trace = c.run([Step("c_rate", load, duration=600.0, until=(limit,))])
        assert 0.0 < trace.time[-1] < 599.0
        assert trace[quantity][-1] == pytest.approx(value, rel=1e-8)


def end_of_discharge(case: Any, tolerance: float, rate: float) -> float:
    return float(case.run([f"Discharge at {rate}C"], tolerance=tolerance).time[-1])


def test_the_cut_off_is_met_at_the_right_time(library_cell: str, level: str, case: Any) -> None:
    for heat in ("isothermal", "lumped"):
        c = case(library_cell, level, heat=heat)
        for rate in (0.2, 1.0):
            exact = end_of_discharge(c, TIGHT, rate)
            assert end_of_discharge(c, DEFAULT, rate) == pytest.approx(exact, rel=1e-5)


def warm_up(case: Any, tolerance: float) -> tuple[Any, float]:
    """A run at 1C until half of the warming of ten minutes, and that temperature."""
    free = case.run(["Discharge at 1C for 10 minutes"], tolerance=TIGHT)
    half = 0.5 * (free["temperature"][0] + free["temperature"][-1])
    step = Step("c_rate", 1.0, duration=900.0, until=(Limit("temperature", ">", half),))
    return case.run([step], tolerance=tolerance), half


def test_a_temperature_limit_is_met_at_the_right_time(library_cell: str, level: str, case: Any) -> None:
    c = case(library_cell, level, heat="lumped")
    times = [warm_up(c, t)[0].time[-1] for t in (DEFAULT, TIGHT)]
    assert times[0] == pytest.approx(times[1], rel=1e-5)


def half_way(case: Any, quantity: str) -> list[Step]:
    """A discharge at 1C until an output is where it is at half the charge."""
    free = case.run(["Discharge at 1C"], tolerance=TIGHT)
    i = int(np.searchsorted(free.time, 0.5 * free.time[-1]))
    rises = free[quantity][i] > free[quantity][i - 1]
    return [Step("c_rate", 1.0, until=(Limit(quantity, ">" if rises else "<", float(free[quantity][i])),))]


def charged(case: Any, quantity: str) -> list[Step]:
    """Constant current and voltage until C/20."""
    high = case.scalars["voltage.upper_cutoff"]
    return [
        Step("c_rate", -0.5, until=(Limit("voltage", ">", high),)),
        Step("voltage", high, until=(Limit(quantity, "<", 0.05),)),
    ]


#: cells whose time of a limit errs by more than 1e-5, and by how much
LATE = {
    ("polymer-lfp", "P2D", "voltage"): "1.2e-5; the voltage is 0.6 uV off on a plateau",
    ("polymer-lfp", "P2D", "positive_surface_stoichiometry_max"): "1.0e-5",
    ("polymer-lfp", "SPMe", "voltage"): "3.0e-5; the voltage is 0.3 uV off on a plateau",
    ("lfp-graphite", "P2D", "plating_potential"): "2.0e-5; the potential is nearly constant on a plateau",
    ("llzo-lco", "P2D", "abs_c_rate"): "2.3e-5; the current of a held voltage decays slowly",
    ("llzo-lco", "SPMe", "abs_c_rate"): "1.8e-5",
    ("llzo-lco", "SPM", "abs_c_rate"): "1.8e-5",
    ("nmc532-pouch", "P2D", "abs_c_rate"): "1.7e-5",
    ("nmc811-fast", "P2D", "abs_c_rate"): "1.3e-5",
    ("nmc532-pouch", "SPM", "plating_potential"): "1.8e-5; the potential is nearly constant on a plateau",
    ("sodium-nvpf", "SPMe", "plating_potential"): "4.3e-5, which is 1.6 ms",
}


@pytest.mark.parametrize(
    ("quantity", "steps"),
    [
        ("voltage", half_way),
        ("positive_surface_stoichiometry_max", half_way),
        ("plating_potential", half_way),
        ("abs_c_rate", charged),
    ],
)
def test_a_limit_is_met_at_the_right_time(
    library_cell: str, level: str, quantity: str, steps: Any, case: Any, request: pytest.FixtureRequest
) -> None:
    if (library_cell, level, quantity) in LATE:
        reason = f"the time errs by {LATE[library_cell, level, quantity]}"
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    c = case(library_cell, level, soc=0.5 if steps is charged else None)
    if quantity == "plating_potential" and c.options.planar:
        pytest.skip("not an output of a cell with an electrode of metal")
    times = [c.run(steps(c, quantity), tolerance=t).time[-1] for t in (DEFAULT, TIGHT)]
    assert times[0] == pytest.approx(times[1], rel=1e-5)


def test_the_end_of_the_lithium_is_met_at_the_right_time(level: str, case: Any) -> None:
    c = case(load_cell("sulfide-li").replace({"negative.thickness": "0.02 um"}), level, soc=0.2)
    steps = [Step("power", 0.2 * c.one_c, until=(Limit("voltage", "<", 2.0),))]
    runs = [c.run(steps, tolerance=t) for t in (DEFAULT, TIGHT)]
    assert runs[0]["lithium_thickness"][-1] == pytest.approx(0.0, abs=1e-12)
    assert runs[0].time[-1] == pytest.approx(runs[1].time[-1], rel=1e-5)


def test_a_temperature_limit_is_met_within_three_millikelvin(
    library_cell: str, level: str, case: Any
) -> None:
    """The error that the integrator counts like 0.1 mV."""
    c = case(library_cell, level, heat="lumped")
    trace, half = warm_up(c, DEFAULT)
    assert trace["temperature"][-1] == pytest.approx(half, abs=1e-9)
    tight = c.run([Step("c_rate", 1.0, duration=float(trace.time[-1]))], tolerance=TIGHT)
    assert tight["temperature"][-1] == pytest.approx(half, abs=3e-3)


def test_the_first_of_two_limits_ends_a_step(case: Any) -> None:
    c = case("lg-m50", soc=0.9)
    for first, second in ((100.0, 200.0), (200.0, 100.0)):
        limits = tuple(Limit("discharge_capacity", ">", x * c.one_c) for x in (first, second))
        trace = c.run([Step("c_rate", 1.0, until=limits)])
        assert trace.time[-1] == pytest.approx(100.0, rel=1e-6)


def test_a_step_whose_limit_holds_already_is_left_at_once(case: Any) -> None:
    c = case("lg-m50", soc=0.5)
    steps = [
        Step("c_rate", 0.5, until=(Limit("voltage", "<", 4.0),)),
        Step("c_rate", 0.2, duration=10.0),
    ]
    trace = c.run(steps)
    assert trace.time[-1] == pytest.approx(10.0)
    assert np.sum(trace.step == 0) == 1


def test_a_limit_can_name_the_step_that_follows(case: Any) -> None:
    c = case("lg-m50", soc=0.5)
    steps = [
        Step("c_rate", 0.5, duration=600.0, until=(Limit("discharge_capacity", ">", 100 * c.one_c, then=2),)),
        Step("c_rate", 0.2, duration=10.0),
        Step("rest", 0.0, duration=10.0),
    ]
    trace = c.run(steps)
    assert set(trace.step) == {0, 2}
    assert trace.time[-1] == pytest.approx(210.0, rel=1e-6)


def spiky() -> Profile:
    """An hour of load with a second of high current that a long step would miss."""
    rng = np.random.default_rng(5)
    time = np.unique(np.concatenate([np.arange(0.0, 3601.0, 200.0), [1700.0, 1700.5, 1701.0]]))
    value = 0.1 + 0.2 * rng.random(len(time))
    value[np.flatnonzero(time == 1700.5)] = 2.0
    return Profile(tuple(time), tuple(value))


@pytest.mark.parametrize("tolerance", [1e-3, 1e-4])
def test_no_sample_of_a_profile_is_stepped_over(
    library_cell: str, level: str, tolerance: float, case: Any
) -> None:
    c, profile = case(library_cell, level, soc=0.9), spiky()
    trace = c.run([Step("c_rate", profile)], tolerance=tolerance)
    assert trace.time[-1] == pytest.approx(3600.0)
    for t in profile.time:
        assert np.min(np.abs(trace.time - t)) < 1e-9 * 3600
    wanted = np.interp(trace.time, profile.time, profile.value)
    assert np.max(np.abs(trace["c_rate"] - wanted)) < 1e-9


def test_a_loose_tolerance_gets_through_a_spike(library_cell: str, case: Any) -> None:
    for level in ("P2D", "SPM"):
        for dense in (True, False):
            c = case(library_cell, level, soc=0.9)
            trace = c.run([Step("c_rate", spiky())], tolerance=1e-2, inner_rows=dense)
            assert trace.time[-1] == pytest.approx(3600.0)


def test_a_profile_of_power_is_followed(library_cell: str, case: Any) -> None:
    c, profile = case(library_cell, soc=0.9), spiky()
    watts = 3.0 * c.one_c
    load = Profile(profile.time, tuple(watts * v for v in profile.value))
    trace = c.run([Step("power", load)])
    wanted = np.interp(trace.time, load.time, load.value)
    assert np.max(np.abs(trace["power"] - wanted)) < 1e-3 * watts


def test_charge_of_a_profile_is_its_integral(library_cell: str, level: str, case: Any) -> None:
    c, profile = case(library_cell, level, soc=0.9), spiky()
    trace = c.run([Step("c_rate", profile)])
    wanted = np.trapezoid(profile.value, profile.time) * c.one_c
    assert trace["discharge_capacity"][-1] == pytest.approx(wanted, rel=1e-9)


def test_a_hundred_cycles_run_in_one_call(case: Any) -> None:
    c = case("lg-m50", "SPM", soc=0.5)
    one = c.steps(["Charge at 1C for 5 minutes", "Rest for 1 minute", "Discharge at 1C for 5 minutes"])
    outcome = Batch(c.kernel, c.mesh, c.lanes, [one * 100]).run(inner_rows=False, capacity=50)
    rows = outcome.rows[0]
    assert rows[-1, 0] == pytest.approx(100 * 660.0)
    assert set(rows[:, 1]) == set(range(300))


def test_an_absolute_current_is_held_after_a_step_that_was_left_at_once(case: Any) -> None:
    c = case("sulfide-li", soc=0.1)
    ratio = c.kernel.form.all_outputs.index("critical_current_ratio")
    weights = np.zeros(len(c.kernel.form.outputs))
    weights[ratio] = 1.0
    far = KernelStep(c.holding(c_rate=1.0), np.array([[0.0, -4.0]]), 60.0, (Event(ratio, 1, 1.0),))
    outcome = Batch(
        c.kernel, c.mesh, c.lanes, [[far, KernelStep(weights, np.array([[0.0, 1.0]]), 60.0)]]
    ).run()
    assert outcome.status[0] == 1
    assert outcome.rows[0][-1, 2 + ratio] == pytest.approx(1.0, rel=1e-6)
    assert outcome.rows[0][-1, 0] == pytest.approx(60.0)


def test_an_event_of_the_users_own_ends_a_run(case: Any) -> None:
    c = case("lg-m50", soc=0.9)
    outputs = c.kernel.form.all_outputs
    event = Event(outputs.index("plating_potential"), 1, 0.25)
    step = KernelStep(c.holding(c_rate=1.0), np.array([[0.0, 0.5]]), 1e5, (event,))
    outcome = Batch(c.kernel, c.mesh, c.lanes, [[step]]).run()
    assert outcome.event[0] is event
    assert outcome.rows[0][-1, 2 + event.output] == pytest.approx(0.25, abs=1e-9)


#: runs whose dense output errs by more than 0.1 mV at the default tolerance
NOT_DENSE = {
    ("blue-polymer", "P2D", "C/20"),
    ("blue-polymer", "SPM", "C/20"),
    ("nmc811-fast", "P2D", "C/20"),
    ("nmc811-fast", "SPM", "C/20"),
    ("polymer-lfp", "P2D", "C/20"),
    ("polymer-lfp", "SPM", "1C"),
    ("sodium-nvpf", "P2D", "1C"),
    ("sodium-nvpf", "SPMe", "C/20"),
    ("sodium-nvpf", "SPM", "C/20"),
    ("sodium-nvpf", "SPM", "1C"),
}


@pytest.mark.parametrize("rate", ["C/20", "1C"])
def test_output_is_dense(library_cell: str, level: str, rate: str, request: pytest.FixtureRequest) -> None:
    """Straight lines between the points of a run, against a run of tight tolerance: under 0.1 mV."""
    from ionstone.simulation import simulate

    if (library_cell, level, rate) in NOT_DENSE:
        reason = "the error of the dense output is above 0.1 mV at the default tolerance"
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    protocol = f"Discharge at {rate}"
    ours = simulate(library_cell, protocol, model=level)
    exact = simulate(library_cell, protocol, model=level, tolerance=1e-8, period=ours.time[-1] / 997)
    here = exact.time < 0.995 * ours.time[-1]
    difference = np.interp(exact.time[here], ours.time, ours.voltage) - exact.voltage[here]
    assert np.max(np.abs(difference)) < 1e-4
