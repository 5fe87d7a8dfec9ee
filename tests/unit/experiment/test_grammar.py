"""Each wording of a step means what a PyBaMM user expects."""

import pytest

from ionstone.experiment import Limit, parse_protocol

MEANINGS = [
    ("Discharge at 1C until 2.5 V", "c_rate", 1.0, None, [("voltage", "<", 2.5)]),
    ("Discharge at C/20 until 2.5V", "c_rate", 0.05, None, [("voltage", "<", 2.5)]),
    ("Charge at 1 A until 4.1 V", "current", -1.0, None, [("voltage", ">", 4.1)]),
    ("Charge at C/3 for 30 minutes or until 4.2 V", "c_rate", -1 / 3, 1800, [("voltage", ">", 4.2)]),
    ("Hold at 4.2 V until 50 mA", "voltage", 4.2, None, [("abs_current", "<", 0.05)]),
    ("Hold at 4.2 V until C/50", "voltage", 4.2, None, [("abs_c_rate", "<", 0.02)]),
    ("Hold at 4.2 V for 1 hour or until C/20", "voltage", 4.2, 3600, [("abs_c_rate", "<", 0.05)]),
    ("Hold at 4.2 V until C/20 or for 1 hour", "voltage", 4.2, 3600, [("abs_c_rate", "<", 0.05)]),
    ("Rest for 1 hour", "rest", 0.0, 3600, []),
    ("Rest for half an hour", "rest", 0.0, 1800, []),
    ("Rest for 1/2 hour", "rest", 0.0, 1800, []),
    ("Rest for 1 hour and 30 minutes", "rest", 0.0, 5400, []),
    ("Rest for an hour", "rest", 0.0, 3600, []),
    ("Discharge at 10 W for 10 minutes", "power", 10.0, 600, []),
    ("Charge at 350 kW", "power", -350e3, None, []),
    ("Discharge at 2 ohm until 3 V", "resistance", 2.0, None, [("voltage", "<", 3.0)]),
    ("Charge at 2 mA/cm^2 until 4.2 V", "current_density", -20.0, None, [("voltage", ">", 4.2)]),
    ("Charge at 2C until 80%", "c_rate", -2.0, None, [("soc", ">", 0.8)]),
    ("Discharge at 4 W until 5 A", "power", 4.0, None, [("abs_current", ">", 5.0)]),
    ("Charge at 2C until plating potential < 5 mV or 4.2 V", "c_rate", -2.0, None,
     [("plating_potential", "<", 0.005), ("voltage", ">", 4.2)]),
    ("Rest for 2 hours or until temperature < 30 degC", "rest", 0.0, 7200, [("temperature", "<", 303.15)]),
    ("Hold plating_potential at 10 mV until voltage > 4.2 V", "plating_potential", 0.01, None,
     [("voltage", ">", 4.2)]),
    ("DISCHARGE AT 1 c UNTIL 2.5 v", "c_rate", 1.0, None, [("voltage", "<", 2.5)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "control", "value", "duration", "until"), MEANINGS)
def test_text_means_control_value_and_ends(text, control, value, duration, until):
    (step,) = parse_protocol(text).steps
    assert step.control == control
    assert step.value == pytest.approx(value, rel=1e-14)
    assert step.duration == duration
    assert [(limit.quantity, limit.direction) for limit in step.until] == [end[:2] for end in until]
    assert [limit.value for limit in step.until] == pytest.approx([end[2] for end in until], rel=1e-14)


def test_a_period_in_brackets_sets_the_output_spacing():
    (step,) = parse_protocol("Discharge at C/20 for half an hour (10 s period)").steps
    assert (step.period, step.duration) == (10.0, 1800.0)
    (step,) = parse_protocol("Rest for 2 hours (1 minute period)").steps
    assert step.period == 60.0


def test_discharge_is_positive_and_charge_negative_for_every_unit():
    for unit in ("A", "mA", "C", "W", "kW", "mA/cm2"):
        discharge, charge = parse_protocol(f"Discharge at 2 {unit}; Charge at 2 {unit}").steps
        assert discharge.value > 0
        assert charge.value == -discharge.value
        assert (discharge.sign, charge.sign) == (1, -1)


def test_milli_and_mega_watt_differ_by_case_only():
    milli, mega = parse_protocol("Discharge at 2 mW; Discharge at 2 MW").steps
    assert mega.value == pytest.approx(1e9 * milli.value)


def test_the_text_of_a_step_is_kept_with_single_spaces():
    (step,) = parse_protocol("  Rest   for\t1 hour ").steps
    assert step.text == "Rest for 1 hour"


def test_a_limit_leads_to_the_next_step_unless_told_otherwise():
    (step,) = parse_protocol("Discharge at 1C until 2.5 V").steps
    assert step.until == (Limit("voltage", "<", 2.5, then=None),)
