"""Charges on all cores: what each alone gives; one that fails is a code and a message."""

from __future__ import annotations

import numpy as np
import pytest

import ionstone as ion
from ionstone.core.errors import InputError, SimulationError
from ionstone.simulation import COARSE
from ionstone.study.car.charge_many import charge_many

QUICK = {"grid": COARSE, "model": "SPM"}


def test_charges_at_many_temperatures_are_those_of_each() -> None:
    places = [263.15, "0 degC", 298.15]
    found = ion.charge("lg-m50", charger=["150 kW", "150 kW", "50 kW"], temperature=places, **QUICK)
    assert not found.code.any()
    for lane, place in enumerate(places):
        charger = "50 kW" if lane == 2 else "150 kW"
        one = ion.charge("lg-m50", charger=charger, temperature=place, **QUICK)
        assert found[lane].minutes == one.minutes == found.summary["minutes"][lane]
        assert found.summary["limit"][lane] == one.limit
    data = found.to_xarray()
    assert data["energy"].attrs["units"] == "J"
    assert len(found.plot().data) > 3
    assert repr(found) == "Charges(3 lanes, 0 failed)"


def test_a_charge_that_fails_leaves_the_others_alone() -> None:
    good = ion.charge("lg-m50", **QUICK)

    def charge(number: int):
        if number == 1:
            raise SimulationError("no state meets the load")
        return good

    found = charge_many([(0,), (1,), (2,)], charge)
    assert (found.code != 0).tolist() == [False, True, False]
    assert np.isnan(found.summary["minutes"][1])
    assert found.summary["minutes"][2] == good.minutes
    assert len(found.computed) == 2
    with pytest.raises(SimulationError, match="no state"):
        found[1]


def test_lists_that_differ_and_bad_values_are_refused() -> None:
    with pytest.raises(InputError, match="2 values beside 3"):
        ion.charge("lg-m50", temperature=[1.0, 2.0, 3.0], start=[0.1, 0.2])
    with pytest.raises(InputError, match="start < stop"):
        ion.charge("lg-m50", start=[0.1, 0.9], **QUICK)
