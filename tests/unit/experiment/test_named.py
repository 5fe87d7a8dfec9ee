"""Protocols by name are made of the steps that their names promise."""

import pytest

from ionstone.core.errors import InputError
from ionstone.experiment import (
    cc_cv_charge,
    gitt,
    hppc,
    named_protocol,
    ocv,
    parse_protocol,
    protocol_name,
    rate_test,
)
from ionstone.experiment.named import NAMED


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


def test_ocv_is_a_slow_discharge_and_charge_after_a_full_charge():
    steps = ocv("2.5 V", 4.2, rate="C/20").steps
    assert [s.value for s in steps if s.control == "c_rate"][1:] == [0.05, -0.05]


def test_a_text_names_a_protocol_with_the_cut_offs_of_a_cell():
    assert named_protocol("hppc", 2.5, 4.2) == hppc(2.5, 4.2)
    assert named_protocol(" GITT(rate=C/20, rest=2 h)", 2.5, 4.2) == gitt("C/20", 2.5, rest=7200)
    assert named_protocol("rate_test(rates=C/5 1C)", 2.5, 4.2) == rate_test(["C/5", "1C"], 2.5, 4.2)
    assert named_protocol("ocv(lower=3 V)", 2.5, 4.2) == ocv(3.0, 4.2)
    assert named_protocol("cc_cv_charge", 2.5, 4.2) == cc_cv_charge("C/3", 4.2)
    assert named_protocol("hppc", 2.5, 4.2, pulse="10 s") == hppc(2.5, 4.2, pulse=10)


@pytest.mark.parametrize("name", NAMED)
def test_every_name_works_without_settings(name):
    assert protocol_name(name) == name
    assert len(named_protocol(name, 2.5, 4.2)) >= 2


@pytest.mark.parametrize("text", ["Rest for 1 h", "hpcc", "Discharge at 1C until 2.5 V", 3, "cycle.csv"])
def test_other_texts_name_none(text):
    assert protocol_name(text) is None


WRONG = {
    "hpcc": "did you mean 'hppc'",
    "hppc(puls=3 s)": "did you mean 'pulse'",
    "hppc(pulse)": "no setting",
    "hppc(pulse=1 s, pulse=2 s)": "no setting",
    "hppc(pulse=-1 s)": "above 0",
    "hppc(pulse=3 V)": "wrong kind",
    "gitt(rate=fast)": "rate",
    "ocv(rate=0C)": "above 0",
    "rate_test(rates=)": "no setting",
}


@pytest.mark.parametrize(("text", "words"), WRONG.items())
def test_a_wrong_setting_is_named(text, words):
    with pytest.raises(InputError, match=words):
        named_protocol(text, 2.5, 4.2)
