"""Properties as a material file gives them."""

import numpy as np
import pytest

from ionstone.core.errors import InputError
from ionstone.materials.functions import GAS_CONSTANT, FunctionField
from ionstone.materials.records import CONDUCTIVITY, DIFFUSIVITY, OPEN_CIRCUIT_POTENTIAL

D = FunctionField(DIFFUSIVITY, "x", (0.0, 1.0))
U = FunctionField(OPEN_CIRCUIT_POTENTIAL, "x", (0.0, 1.0))
KAPPA = FunctionField(CONDUCTIVITY, "c", (0.0, float("inf")))


def test_number_text_expression_and_table_give_functions():
    assert D.read(3.3e-14).function.constant == 3.3e-14
    assert D.read("3.3e-10 cm^2/s").function.constant == pytest.approx(3.3e-14)
    assert KAPPA.read("10 mS/cm").function.constant == pytest.approx(1.0)
    assert U.read("4.2 - x").function.evaluate(np.array([0.5])) == pytest.approx(3.7)
    law = U.read({"x": [0.2, 0.9], "y": [4.2, 3.0]}).function
    assert (law.lower, law.upper, law.constant) == (0.2, 0.9, None)
    assert law.evaluate(0.55) == pytest.approx(3.6)


def test_scales_turn_the_published_axes_into_ours():
    law = D.read({"x": [1000, 2000], "y": [1, 3], "x_scale": 5e-4, "y_scale": 1e-15, "scale": 2}).function
    assert law.evaluate(0.75) == pytest.approx(4e-15)


def test_the_temperature_law_is_arrhenius_or_vtf():
    assert D.read({"value": 1e-14, "activation_energy": "30 kJ/mol"}).temperature_law() == (
        30000 / GAS_CONSTANT,
        0.0,
    )
    assert KAPPA.read({"value": 1, "vtf": {"B": "250 K", "T0": 174}}).temperature_law() == (250.0, 174.0)
    assert D.read(1e-14).temperature_law() == (0.0, 0.0)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        (D, -1e-14, "outside the allowed range"),
        (D, "3 kg", "wrong kind"),
        (D, "exp(x", "not an expression"),
        (D, "1e-14 - 2e-14*x", "at x ="),
        (U, "1/(x - x)", "not finite"),
        (U, {"x": [0, 1]}, "needs a list y"),
        (U, {"x": [0, 1], "y": [1, "2 kg"]}, r"y\[1\]"),
        (U, {"x": [0, 1], "y": [1, 2], "interpolation": "spline"}, "interpolation 'spline' is unknown"),
        (U, {"x": [1, 0], "y": [1, 2]}, "must rise"),
        (U, {"valeu": 3}, "did you mean 'value'"),
        (U, {"source": "lab"}, "needs a number"),
        (U, {"value": "4 - x", "range": [0.9, 0.2]}, "empty"),
        (D, {"value": 1e-14, "activation_energy": "30 m"}, "activation_energy"),
        (D, {"value": 1e-14, "activation_energy": 1, "vtf": {"B": 1, "T0": 1}}, "exclude each other"),
        (D, {"value": 1e-14, "vtf": {"B": 1}}, "exactly B and T0"),
        (U, {"value": "4 - x", "low": 3}, "belong to a constant"),
        (D, {"value": 1e-14, "low": 2e-14}, "lies below low"),
        (D, {"value": 1e-14, "known_by": "recalled"}, "needs a range"),
    ],
)
def test_a_bad_property_is_refused_in_one_line(field, value, says):
    with pytest.raises(InputError, match=says) as caught:
        field.read(value)
    assert "\n" not in str(caught.value)
