"""Mistakes in cell files: each one line with file, field, and remedy."""

import pytest

from ionstone.cell_design import load_cell
from ionstone.cell_design.template import template_text
from ionstone.core.errors import InputError

SWAPS = [
    (
        "thickness: 85.2 um",
        "thickness: -85.2 um",
        "negative.thickness: -85.2 um is outside the allowed range",
    ),
    (
        "thickness: 85.2 um",
        "thicknes: 85.2 um",
        "negative.thicknes: unknown key 'thicknes': did you mean 'thickness'",
    ),
    (
        "thickness: 85.2 um",
        "thickness: 85.2 kg",
        "negative.thickness: '85.2 kg' has a unit of the wrong kind",
    ),
    ("thickness: 85.2 um", "thickness: thick", "negative.thickness: 'thick' is not a number"),
    ("thickness: 85.2 um", "thickness: .nan", "negative.thickness: nan is not a finite number"),
    ("thickness: 85.2 um", "thickness: [1, 2]", "negative.thickness: a list of 2 items is not a number"),
    ("  thickness: 85.2 um\n", "", "negative.thickness is missing: add the line"),
    ("porosity: 0.25", "porosity: 0.5", "porosity + active_fraction + void_fraction is 1.25"),
    ("porosity: 0.25", "porosity: 1.25", "negative.porosity: 1.25 is outside the allowed range 0.001 to 1"),
    ("porosity: 0.25", "porosity: 0.25\n  porosity: 0.3", "repeats the key 'porosity'"),
    ("kind: porous                 ", "kind: porus                 ", "negative: kind 'porus' is unknown"),
    (
        "material: graphite-sio",
        "material: graphite-si",
        "negative.material: material 'graphite-si' is unknown: did you",
    ),
    ("material: graphite-sio", "material: copper", "negative.material: copper is of kind collector"),
    ("  material: graphite-sio\n", "", "negative.conductivity is missing"),
    (
        "electrolyte: liquid-lipf6  ",
        "electrolyte: nmc811  ",
        "negative.electrolyte.material: nmc811 is of kind electrode",
    ),
    ("ionstone: 1  ", "ionstone: 2  ", "ionstone: 2 is unknown: use one of: 1"),
    ("upper_cutoff: 4.2 V", "upper_cutoff: 5.4 V", "voltage.upper_cutoff: 5.4 V is outside the range"),
    (
        "lower_cutoff: 2.5 V",
        "lower_cutoff: 4.3 V",
        "voltage: lower_cutoff 4.3 V is not below upper_cutoff 4.2 V",
    ),
    ("initial: {", "# initial: {", "stoichiometry is missing"),
    (
        "negative_stoichiometry: 0.9014",
        "negative_stoichiometry: 1.9",
        "initial.negative_stoichiometry: 1.9 is outside",
    ),
    (
        "law: bruggeman, exponent: 1.5}\n  electronic",
        "law: brugemann}\n  electronic",
        "did you mean 'bruggeman'",
    ),
    (
        "law: bruggeman, exponent: 1.5}\n  electronic",
        "law: percolation}\n  electronic",
        "law: percolation needs threshold",
    ),
    (
        "law: bruggeman, exponent: 1.5}\n  electronic",
        "law: effective, exponent: 2}\n  electronic",
        "exponent does not belong",
    ),
    ("kind: cylindrical", "kind: cylinder", "format.kind: 'cylinder' is unknown: did you mean 'cylindrical'"),
    (
        "nominal_capacity: 5 Ah",
        "nominal_capacity: 0 Ah",
        "nominal_capacity: 0 mAh is outside the allowed range above",
    ),
    ("evidence: estimated\n", "evidence: guessed\n", "evidence: 'guessed' is unknown"),
    ("thermal:\n", "thermal: 3\nother:\n", "other: unknown key 'other'"),
    ("separator:\n", "separetor:\n", "separetor: unknown key 'separetor': did you mean 'separator'"),
    ("name: my-cell", "name: my cell", "name: 'my cell'"),
]


@pytest.mark.parametrize(("old", "new", "says"), SWAPS, ids=[swap[2][:50] for swap in SWAPS])
def test_a_mistake_in_a_cell_file_is_one_line_naming_file_and_field(tmp_path, old, new, says):
    text = template_text()
    assert old in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_cell(path)
    message = str(caught.value)
    assert message.startswith("mine.yaml")
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("lg-m5", "did you mean 'lg-m50'"),
        ("no-such", "unknown"),
        ("absent.yaml", "no such file"),
        ("absent.json", "no such file"),
        ("dir/thing", "is no cell file"),
        ("cell.toml", "is no cell file"),
        ("../../etc/passwd", "is no cell file"),
        ("", "unknown"),
        ("a\nb", "unknown"),
    ],
)
def test_an_unknown_cell_is_refused_in_one_line(name, says):
    with pytest.raises(InputError, match=says) as caught:
        load_cell(name)
    assert "\n" not in str(caught.value)
