"""Balance of the electrodes against hand solutions."""

import numpy as np
import pytest

from ionstone.cell_design.balance import Balance, find
from ionstone.core.errors import InputError
from ionstone.materials.expressions import Expression
from ionstone.materials.functions import PropertyFunction


def potential(text, lower=0.0, upper=1.0):
    return PropertyFunction(Expression(text), lower, upper)


# U_p = 5 - y, U_n = 1 - x, equal capacities, inventory x + y = 1: V = 5 - y - 1 + x = 3 + 2 x
LINEAR = Balance(potential("5 - x"), potential("1 - x"), 1e5, 1e5, lower_cutoff=3.2, upper_cutoff=4.6)


def test_the_window_of_straight_potentials_is_the_hand_solution():
    window = LINEAR.window({"negative_initial": 0.6, "positive_initial": 0.4})
    assert window.negative_at_full == pytest.approx(0.8, abs=1e-12)
    assert window.negative_at_empty == pytest.approx(0.1, abs=1e-12)
    assert window.positive_at_full == pytest.approx(0.2, abs=1e-12)
    assert window.positive_at_empty == pytest.approx(0.9, abs=1e-12)


@pytest.mark.parametrize(
    "given",
    [
        {"negative_at_full": 0.8},
        {"positive_at_full": 0.2},
        {"negative_at_empty": 0.1},
        {"positive_at_empty": 0.9},
        {"negative_at_full": 0.8, "positive_at_full": 0.2},
        {"negative_at_empty": 0.1, "positive_at_empty": 0.9},
    ],
)
def test_any_one_filling_sets_the_inventory(given):
    window = LINEAR.window(given)
    reference = LINEAR.window({"negative_initial": 0.6, "positive_initial": 0.4})
    assert np.allclose(list(vars(window).values()), list(vars(reference).values()), atol=1e-9)


def test_the_inventory_is_the_same_at_full_and_empty():
    balance = Balance(potential("4.5 - x**3"), potential("0.1 + exp(-20*x)"), 1.1e5, 1.3e5, 3.4, 4.2)
    window = balance.window({"negative_at_full": 0.75})
    full = window.negative_at_full * 1.3e5 + window.positive_at_full * 1.1e5
    empty = window.negative_at_empty * 1.3e5 + window.positive_at_empty * 1.1e5
    assert full == pytest.approx(empty, rel=1e-12)


def test_lithium_metal_needs_the_positive_potential_only():
    balance = Balance(potential("5 - x"), None, 1e5, np.inf, 4.2, 4.9)
    window = balance.window({})
    assert window.positive_at_full == pytest.approx(0.1, abs=1e-9)
    assert window.positive_at_empty == pytest.approx(0.8, abs=1e-9)
    assert balance.open_circuit_energy(window) == pytest.approx(1e5 * 0.7 * 4.55, rel=1e-6)


def test_a_cutoff_outside_the_data_is_refused_with_the_range():
    balance = Balance(potential("5 - x", 0.2, 0.9), None, 1e5, np.inf, 3.0, 4.9)
    with pytest.raises(InputError, match=r"voltage.upper_cutoff: 4.9 V is outside the range 4.1 to 4.8 V"):
        balance.window({})
    with pytest.raises(InputError, match=r"voltage.lower_cutoff: 3 V is outside the range 4.1 to 4.8 V"):
        balance.window({"positive_at_full": 0.3})


def test_an_exhausted_electrode_ends_the_window_before_the_cutoff():
    window = LINEAR.window(
        {"negative_initial": 0.9, "positive_initial": 0.9}
    )  # V = 5 - y - 1 + x, x + y = 1.8
    assert window.positive_at_empty == pytest.approx(1.0, abs=1e-5)
    assert window.negative_at_empty == pytest.approx(0.8, abs=1e-5)


def test_an_unbalanced_or_unknown_inventory_is_refused():
    with pytest.raises(InputError, match="stoichiometry is missing"):
        LINEAR.window({})
    with pytest.raises(InputError, match="allowed 0 to 1"):
        LINEAR.window({"negative_at_full": 0.9, "positive_at_full": 0.9, "negative_at_empty": 0.1})
    with pytest.raises(InputError, match="must rise on discharge"):
        LINEAR.window({"negative_at_full": 0.1, "positive_at_full": 0.9, "negative_at_empty": 0.8})


def test_find_locates_a_root_to_rounding_and_says_where_there_is_none():
    assert find(lambda x: x**3, 0.0, 1.0, 0.3) == pytest.approx(0.3 ** (1 / 3), abs=1e-12)
    assert find(lambda x: x, 0.0, 1.0, 2.0) is None
    assert find(lambda x: x, 0.5, 1.0, 0.1) is None
    assert find(lambda x: x, 0.5, 1.0, 0.5) == 0.5
