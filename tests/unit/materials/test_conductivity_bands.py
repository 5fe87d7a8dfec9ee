"""Conductivities of the library against what is measured (OBELiX, CC BY 4.0: see obelix/README.md)."""

import csv
import math
from pathlib import Path

import pytest

from ionstone.materials import load_material, material_names

BANDS = Path(__file__).parent / "obelix" / "families.csv"
FAMILY = {
    "li6ps5cl": "argyrodite",
    "lgps": "LGPS",
    "li7p3s11": "Li7P3S11",
    "llzto": "cubic garnet",
    "latp": "LATP",
    "li3incl6": "halide",
    "li3ycl6": "halide",
}
#: why a single-ion conductor has no band
NO_BAND = {
    "li3ps4": "a glass; OBELiX holds crystals, which conduct a thousand times less",
    "lipon": "a glass; OBELiX holds crystals",
    "nasicon-na": "sodium; OBELiX holds lithium",
}
S_PER_M = 100.0  # S/m in S/cm


def measured(family):
    with BANDS.open(encoding="utf-8") as file:
        return sorted(
            S_PER_M * float(row["conductivity_S_per_cm"])
            for row in csv.DictReader(file)
            if row["family"] == family
        )


@pytest.mark.parametrize(("name", "family"), FAMILY.items())
def test_a_conductivity_lies_inside_the_band_of_its_family(name, family):
    band = measured(family)
    value = load_material(name).conductivity.function.constant
    assert band[0] <= value <= band[-1], f"{name}: {value:g} S/m, measured {band[0]:g} to {band[-1]:g}"


@pytest.mark.parametrize(("name", "family"), FAMILY.items())
def test_a_conductivity_is_not_far_above_the_upper_quarter_of_its_family(name, family):
    band = measured(family)
    upper = band[math.ceil(0.75 * (len(band) - 1))]
    assert load_material(name).conductivity.function.constant < 2 * upper


def test_every_single_ion_conductor_has_a_band_or_a_reason():
    single = {n for n in material_names() if getattr(load_material(n), "single_ion", False)}
    assert single == {*FAMILY, *NO_BAND}


def test_a_tenfold_conductivity_would_be_noticed():
    assert 10 * load_material("li6ps5cl").conductivity.function.constant > measured("argyrodite")[-1]


def test_the_scatter_between_laboratories_of_the_argyrodite_is_that_of_the_round_robin():
    distribution = load_material("li6ps5cl").conductivity.distribution
    assert (distribution.kind, distribution.samples) == ("normal", 8)
    assert distribution.deviation == pytest.approx(0.088)  # S/m
