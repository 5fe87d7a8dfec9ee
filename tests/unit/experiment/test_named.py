"""Protocols by name are made of the steps that their names promise."""

import pytest

from ionstone.core.errors import InputError
from ionstone.experiment import cc_cv_charge, gitt, hppc, parse_protocol, rate_test


def test_cc_cv_charge_is_the_text_that_one_would_write():
    assert cc_cv_charge("C/3", 4.2) == parse_protocol("Charge at C/3 until 4.2 V; Hold at 4.2 V until C/50")
    assert cc_cv_charge(0.5, "4.2 V", 0.05) == parse_protocol(
        "Charge at 0.5C until 4.2 V; Hold at 4.2 V until 0.05C"
    )


def test_rate_test_discharges_once_at_each_rate():
    rates = [0.2, 1, 2]
    steps = rate_test(rates, 2.5, 4.2, rest="10 min").steps
    assert [step.value for step in steps if step.sign > 0] == rates
    assert {step.duration for step in steps if step.control == "rest"} == {600.0}


@pytest.mark.parametrize("protocol", [gitt(0.1, 2.5), hppc(2.5, 4.2)], ids=["gitt", "hppc"])
def test_pulse_tests_end_at_the_first_empty_pulse(protocol):
    jumps = {limit.then for step in protocol.steps if step.sign > 0 for limit in step.until}
    assert jumps == {len(protocol)}
    assert parse_protocol(protocol) == protocol


def test_pulse_tests_pass_more_than_the_nominal_capacity():
    passed = sum(
        step.value * step.duration / 3600 for step in gitt(0.1, 2.5).steps if step.control == "c_rate"
    )
    assert passed > 1.5


@pytest.mark.parametrize("make", [
    lambda: cc_cv_charge(0, 4.2), lambda: cc_cv_charge("fast", 4.2), lambda: cc_cv_charge(1, "4.2 A"),
    lambda: cc_cv_charge(1, float("nan")), lambda: rate_test([], 2.5, 4.2), lambda: gitt(-1, 2.5),
    lambda: gitt(0, 2.5), lambda: hppc(2.5, 4.2, rate=0), lambda: hppc(2.5, 4.2, depth=0),
    lambda: gitt(1e-9, 2.5), lambda: gitt(0.1, 2.5, rest=-5),
])  # fmt: skip
def test_bad_arguments_are_refused(make):
    with pytest.raises(InputError):
        make()
