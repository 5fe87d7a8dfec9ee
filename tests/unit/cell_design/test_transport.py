"""Closures of effective transport."""

import pytest

from ionstone.cell_design.transport import transport_factor
from ionstone.core.errors import InputError


def test_the_laws_give_their_formulas():
    assert transport_factor("effective", 0.3, {}, "p") == 1.0
    assert transport_factor("bruggeman", 0.3, {"exponent": 1.5}, "p") == pytest.approx(0.3**1.5)
    assert transport_factor("tortuosity", 0.44, {"factor": 4.27}, "p") == pytest.approx(0.44 / 4.27)


@pytest.mark.parametrize(
    "law", [("bruggeman", {"exponent": 1.5}), ("percolation", {"threshold": 0.2, "exponent": 1.9})]
)
def test_a_dense_conductor_keeps_all_its_conductivity(law):
    assert transport_factor(law[0], 1.0, law[1], "p") == 1.0


@pytest.mark.parametrize(
    ("fraction", "measured"),
    [(0.61, 4.08e-4), (0.53, 2.66e-4), (0.44, 1.66e-4), (0.33, 3.45e-5), (0.25, 3.06e-6)],
)
def test_percolation_meets_the_measured_composites_where_bruggeman_fails(fraction, measured):
    # Minnmann et al. 2021, doi:10.1149/1945-7111/abf8d7: Li6PS5Cl of 1.6 mS/cm in NCM622 composites
    law = {"threshold": 0.221, "exponent": 1.91}
    assert 1.6e-3 * transport_factor("percolation", fraction, law, "p") == pytest.approx(measured, rel=0.15)
    assert 1.6e-3 * transport_factor("bruggeman", fraction, {"exponent": 1.5}, "p") > 1.7 * measured


def test_below_the_threshold_nothing_conducts_and_the_path_is_named():
    with pytest.raises(InputError, match=r"positive.transport: volume fraction 0.2 lies below"):
        transport_factor("percolation", 0.2, {"threshold": 0.221, "exponent": 1.9}, "positive.transport")
