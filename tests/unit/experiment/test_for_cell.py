"""A protocol fitted to a cell."""

import pytest

from ionstone.experiment import Limit, Profile, Step, in_amperes, parse_protocol, with_cut_offs


def test_c_rates_become_currents_with_the_nominal_capacity():
    text = "Discharge at 2C until 2.5 V; Hold at 4.2 V until C/50; Rest for 1 s"
    protocol = parse_protocol(text, 5 * 3600)
    discharge, hold, rest = protocol.steps
    assert (discharge.control, discharge.value) == ("current", 10.0)
    assert (hold.until[0].quantity, hold.until[0].value) == ("abs_current", pytest.approx(0.1))
    assert rest.control == "rest"
    assert protocol == in_amperes(parse_protocol(text), 5 * 3600) == parse_protocol(text, "5 Ah")


def test_a_profile_of_c_rates_becomes_one_of_currents():
    step = Step("c_rate", Profile((0, 1), (0.5, -1)))
    (changed,) = parse_protocol(step, 7200).steps
    assert (changed.control, changed.value.value) == ("current", (1.0, -2.0))


def test_open_ends_get_the_cut_off_of_their_direction():
    protocol = with_cut_offs(
        parse_protocol("Discharge at 1C; Charge at 350 kW; Discharge at 2 ohm"), 2.5, 4.2
    )
    lower, upper = Limit("voltage", "<", 2.5), Limit("voltage", ">", 4.2)
    assert [step.until for step in protocol.steps] == [(lower,), (upper,), (lower,)]


def test_steps_with_an_end_of_their_own_are_left_alone():
    protocol = parse_protocol(
        "Discharge at 1C for 1 s; Charge at 1C until 80%; Rest for 1 s; Hold at 4 V for 1 s"
    )
    assert with_cut_offs(protocol, 2.5, 4.2) == protocol


def test_a_hundred_thousand_steps_share_their_objects():
    protocol = with_cut_offs(
        parse_protocol("Repeat 50000 times: [Discharge at 1C; Rest for 1 h]", 18000), 2.5, 4.2
    )
    assert len(protocol) == 100_000
    assert len({id(step) for step in protocol.steps}) == 2
