"""Numbers with dimensions: what may be added, what a function takes, and our own laws in their units."""

from __future__ import annotations

import pytest

from ionstone.cell_model.laws.depletion import log_concentration
from ionstone.cell_model.laws.kinetics import insertion_exchange_current, plating_exchange_current
from ionstone.cell_model.laws.temperature import arrhenius, vogel
from ionstone.core import ops
from ionstone.core.dimensions import Dimensional, plain, text_of
from ionstone.core.errors import InputError


def of(value: float, unit: str) -> Dimensional:
    return Dimensional.unit(value, unit)


def test_products_and_powers_carry_units() -> None:
    power = of(2.0, "V") * of(3.0, "A")
    assert power.dimensions == of(1.0, "W").dimensions
    assert power.value == 6.0
    assert (of(4.0, "m^2") ** 0.5).dimensions == of(1.0, "m").dimensions
    assert ops.sqrt(of(4.0, "m^2")).value == 2.0
    assert (1 / of(2.0, "s")).dimensions == of(1.0, "Hz").dimensions
    assert text_of(of(1.0, "ohm").dimensions) == "m^2 kg s^-3 A^-2".replace("m^2 kg", "m^2 kg")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: of(1.0, "V") + of(1.0, "A"),
        lambda: of(1.0, "V") - 1.0,
        lambda: 1.0 - of(1.0, "V"),
        lambda: of(1.0, "V") > of(1.0, "A"),
        lambda: ops.exp(of(1.0, "V")),
        lambda: ops.where(of(1.0, "V") > 0, of(1.0, "V"), of(1.0, "A")),
        lambda: ops.maximum(of(1.0, "V"), 1.0),
        lambda: 2.0 ** of(1.0, "V"),
    ],
)
def test_units_that_do_not_fit_are_errors(wrong: object) -> None:
    with pytest.raises(InputError):
        wrong()  # type: ignore[operator]


def test_zero_fits_every_unit() -> None:
    assert ops.maximum(of(-1.0, "V"), 0.0).value == 0.0
    assert (of(1.0, "V") + 0).value == 1.0
    assert plain(ops.where(of(1.0, "V") > 0, 1.0, 0.0), "x") == 1.0


def test_our_laws_take_their_units() -> None:
    t, reference = of(310.0, "K"), of(298.15, "K")
    assert plain(arrhenius(of(3000.0, "K"), t, reference), "factor") > 1
    assert plain(vogel(of(800.0, "K"), of(200.0, "K"), t, reference), "factor") > 1
    i0 = of(2.0, "A/m^2")
    assert insertion_exchange_current(i0, 1.0, 0.4).dimensions == i0.dimensions
    assert plating_exchange_current(i0, 1.0, 1.2).dimensions == i0.dimensions
    assert log_concentration(Dimensional(1.0)).dimensions == Dimensional(1.0).dimensions
