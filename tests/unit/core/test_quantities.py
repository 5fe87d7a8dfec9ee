"""Friendly units at the door."""

import math
import subprocess
import sys

import pytest

from ionstone.core.errors import InputError
from ionstone.core.quantities import Quantity, format_parameter, format_range, format_si, to_si


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("85 um", "m", 8.5e-5),
        ("85 µm", "m", 8.5e-5),
        ("3 mAh/cm^2", "A*s/m^2", 3 * 3.6 / 1e-4),
        ("3 mAh cm^-2", "A*s/m^2", 3 * 3.6 / 1e-4),
        ("60 degC", "K", 333.15),
        ("60 °C", "K", 333.15),
        ("80 degF", "K", 299.8166666666667),
        ("50%", "1", 0.5),
        ("1 h", "s", 3600.0),
        ("5 Ah", "A*s", 18000.0),
        ("18.2 Wh", "J", 65520.0),
        ("35 kJ/mol", "J/mol", 35000.0),
        ("0.39 eV", "J/mol", 37629.279528),
        ("10 W/(m^2 K)", "W/(m^2*K)", 10.0),
        ("700 J kg^-1 K^-1", "J/(kg*K)", 700.0),
        ("1.6 mS/cm", "S/m", 0.16),
        ("10 ohm*cm2", "ohm*m^2", 1e-3),
        ("24.2 mL", "m^3", 2.42e-5),
        ("14.5 psi", "Pa", 99973.98),
        ("1e-3", "m", 1e-3),
        (0.25, "1", 0.25),
    ],
)
def test_a_text_with_a_unit_becomes_its_si_value(text, unit, value):
    assert to_si(text, unit, "field") == pytest.approx(value, rel=1e-7)


def test_decimal_texts_are_exact():
    assert to_si("85.2 um", "m") == 8.52e-5
    assert to_si("16 um", "m") == 1.6e-5


@pytest.mark.parametrize(
    ("value", "unit", "says"),
    [
        ("85 kg", "m", "wrong kind"),
        ("5 m", "1", "without a unit"),
        ("85 blah", "m", "unknown"),
        ("abc", "m", "not a number"),
        ("", "m", "not a number"),
        ("1e999 m", "m", "finite"),
        (math.nan, "m", "finite"),
        (10**400, "m", "finite"),
        (True, "m", "not a number"),
        (None, "m", "not a number"),
        ([1], "m", "not a number"),
        ("1 m" + "0" * 500, "m", "not a number"),
        ("1 m^999", "m", "unknown"),
        ("5 __import__", "m", "unknown"),
    ],
)
def test_bad_input_is_one_line_that_names_the_field(value, unit, says):
    with pytest.raises(InputError) as caught:
        to_si(value, unit, "negative.thickness")
    message = str(caught.value)
    assert message.startswith("negative.thickness")
    assert says in message
    assert "\n" not in message


def test_everyday_units_do_not_import_pint():
    code = (
        "import sys; from ionstone.core.quantities import to_si; to_si('3 mAh/cm^2', 'A*s/m^2');"
        "to_si('60 degC', 'K'); sys.exit('pint' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (8.5e-5, "m", "85 um"),
        (298.15, "K", "25 degC"),
        (18000.0, "A*s", "5 Ah"),
        (0.3, "1", "0.3"),
        (0.0, "m", "0 nm"),
        (math.inf, "A/m^2", "no limit"),
        (1083600.0, "J/kg", "301 Wh/kg"),
        (3.0384e9, "J/m^3", "844 Wh/L"),
        (1.5e5, "J/K", "150 kJ/K"),
        (63104.0, "mol/m^3", "63104 mol/m^3"),
        (1e9, "S/m", "1e+09 S/m"),
    ],
)
def test_si_values_are_shown_as_people_write_them(value, unit, text):
    assert format_si(value, unit) == text


def test_constants_of_temperature_laws_are_no_temperatures_and_ranges_state_their_unit_once():
    assert format_parameter("separator.electrolyte.conductivity_B", 250.0, "K") == "250 K"
    assert format_parameter("reference_temperature", 298.15, "K") == "25 degC"
    assert format_range("x.thickness", 5e-6, 2e-5, "m") == "5 to 20 um"
    assert format_range("x.volume", 5e-5, 2e-3, "m^3") == "50 mL to 2 L"


def test_a_quantity_refuses_values_outside_its_range_and_names_it():
    thickness = Quantity("thickness", "m", 0.0, 1e-3, "thickness of a layer", open_lower=True)
    assert thickness.read("85 um") == 8.5e-5
    with pytest.raises(InputError, match="above 0 nm to 1 mm"):
        thickness.read(0.0)
    with pytest.raises(InputError, match=r"separator.thickness: 2 mm is outside"):
        thickness.read("2 mm", "separator.thickness")
