"""Contact under pressure, and what it does to a cell."""

from importlib.resources import files

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design.columns import columns
from ionstone.cell_design.contact import doux2020, full_contact

LAW = (12e6, 1.85, 1.0)
SULFIDE = files("ionstone.cell_design").joinpath("library/sulfide-li.yaml").read_text(encoding="utf-8")
CONTACT = "contact: {law: doux2020}\n  contact_fraction: {value: 0."


@pytest.fixture
def pressed(tmp_path):
    """sulfide-li whose contacts depend on the pressure, at a pressure, with other changes of its text."""

    def load(pressure="7 MPa", **changes):
        text = SULFIDE.replace("contact_fraction: {value: 0.", CONTACT)
        text = text.replace(
            "stack_pressure: {value: 7 MPa, low: 3 MPa, high: 10 MPa", "stack_pressure: {value: " + pressure
        )
        for old, new in changes.values():
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "cell.yaml"
        path.write_text(text, encoding="utf-8")
        return ion.load_cell(path)

    return load


def test_infinite_pressure_gives_full_contact_and_none_gives_none():
    assert doux2020.contact_fraction(1e30, 1e30, *LAW) == pytest.approx(1.0)
    assert doux2020.contact_fraction(1.0, 1.0, *LAW) == pytest.approx(0.0, abs=1e-9)
    assert full_contact.contact_fraction(1.0, 1.0, *LAW) == 1.0


def test_half_of_the_surface_touches_at_the_half_pressure():
    assert doux2020.contact_fraction(12e6, 12e6, *LAW) == pytest.approx(0.5)


def test_contact_rises_with_pressure_and_only_ratios_of_pressures_count():
    p = np.linspace(1e5, 80e6, 60)
    assert np.all(np.diff(doux2020.contact_fraction(p, p, *LAW)) > 0)
    one = doux2020.contact_fraction(3e6, 9e6, 12e6, 1.85, 1.0)
    assert doux2020.contact_fraction(30e6, 90e6, 120e6, 1.85, 1.0) == pytest.approx(one)


def test_contact_remembers_the_highest_pressure():
    loading = doux2020.contact_fraction(5e6, 5e6, *LAW)
    released = doux2020.contact_fraction(5e6, 25e6, *LAW)
    assert loading < released < doux2020.contact_fraction(25e6, 25e6, *LAW)


def test_resistance_over_contact_is_the_published_form():
    # Doux et al. 2020, doi:10.1002/aenm.201903253: 28.4 ohm + 1602 ohm (MPa/P)^1.85
    half = (1602.0 / 20.0) ** (1 / 1.85) * 1e6
    for p, measured in ((5e6, 110), (10e6, 50), (15e6, 40), (20e6, 35), (25e6, 32)):
        cell = 8.4 + 20.0 / doux2020.contact_fraction(p, p, half, 1.85, 1.0)
        assert cell == pytest.approx(measured, rel=0.03)


def test_a_cell_under_infinite_pressure_is_the_plain_cell(pressed):
    plain = ion.load_cell("sulfide-li").parameters().scalars
    far = pressed().replace({"stack_pressure": 1e9, "positive.contact.half_pressure": 1.0,
                             "negative.contact.half_pressure": 1.0}).parameters().scalars  # fmt: skip
    assert far["positive.contact_fraction"] == pytest.approx(plain["positive.contact_fraction"], rel=1e-12)
    assert far["negative.interphase_resistance"] == pytest.approx(plain["negative.interphase_resistance"])


def test_less_pressure_means_less_contact_and_more_resistance(pressed):
    high, low = (pressed().replace({"stack_pressure": p}).parameters().scalars for p in ("25 MPa", "3 MPa"))
    for name in ("negative", "positive"):
        assert low[f"{name}.contact_fraction"] < high[f"{name}.contact_fraction"]
    share = low["negative.contact_fraction"] / high["negative.contact_fraction"]
    ratio = high["negative.interphase_resistance"] / low["negative.interphase_resistance"]
    assert ratio == pytest.approx(share)


def test_forming_at_a_higher_pressure_leaves_better_contact(pressed):
    never = pressed(pressure="5 MPa").parameters().scalars
    formed = pressed(
        pressure="5 MPa", formed=("stack_pressure:", "pressure: {highest_pressure: 25 MPa}\nstack_pressure:")
    ).parameters().scalars  # fmt: skip
    assert formed["positive.contact_fraction"] > 2 * never["positive.contact_fraction"]


def test_contact_by_pressure_acts_on_the_capacity_at_rate(pressed):
    charge = [
        ion.simulate(pressed().replace({"stack_pressure": p}), "Discharge at 1C until 2.8 V").summary[
            "discharge_capacity"
        ]
        for p in ("2 MPa", "20 MPa")
    ]
    assert charge[0] < 0.95 * charge[1]


def test_many_pressures_at_once_are_equal_to_single_cells(pressed):
    cell = pressed()
    varied = {
        "stack_pressure": np.array([1e6, 5e6, 2e7]),
        "negative.contact.exponent": np.array([1.8, 1.85, 1.9]),
    }
    together = columns(cell, varied, 3)
    for i in range(3):
        alone = cell.replace({k: float(v[i]) for k, v in varied.items()}).parameters().scalars
        for name, values in together.items():
            assert values[i] == alone.get(name, values[i]), name
    assert len(set(together["positive.contact_fraction"])) == 3


def test_a_law_that_reads_the_pressure_asks_for_it(pressed):
    with pytest.raises(ion.InputError, match=r"stack_pressure is missing: negative\.contact needs it"):
        pressed(none=("\nstack_pressure: {", "\n# stack_pressure: {"))
    with pytest.raises(ion.InputError, match="half_pressure does not belong to law: given"):
        pressed(odd=("contact: {law: doux2020}", "contact: {law: given, half_pressure: 3 MPa}"))
