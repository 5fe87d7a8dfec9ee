"""The material library."""

import numpy as np
import pytest

from ionstone.core.config import Number
from ionstone.core.errors import InputError
from ionstone.materials import Property, load_material, material_names


@pytest.mark.parametrize("name", material_names())
def test_every_material_loads_under_its_own_name_and_cites_sources_it_has(name):
    material = load_material(name)
    assert material.name == name
    assert material.title
    values = [getattr(material, field) for field in type(material).model_fields]
    numbers = [value for value in values if isinstance(value, (Number, Property))]
    assert numbers
    for number in numbers:
        key = number.source or material.source
        assert key in material.sources, f"{name} cites {key!r}, which its sources lack"


def test_open_circuit_potentials_fall_with_filling():
    for name in material_names():
        law = getattr(load_material(name), "open_circuit_potential", None)
        if law is not None:
            inside = np.linspace(law.function.lower + 0.01, law.function.upper - 0.01, 200)
            # digitised plateaus wave by up to 4 mV
            assert np.max(np.diff(law.function.evaluate(inside))) < 4e-3, name


def test_an_unknown_material_gets_the_nearest_name(tmp_path):
    with pytest.raises(InputError, match="did you mean 'graphite'"):
        load_material("grafite")
    (tmp_path / "odd.yaml").write_text("ionstone: 1\nname: odd\ntitle: odd\nkind: metall\ndensity: 1000\n")
    with pytest.raises(InputError, match="did you mean 'metal'"):
        load_material("odd.yaml", tmp_path)
    (tmp_path / "odd.yaml").write_text("ionstone: 1\nname: odd\ntitle: odd\nkind: metal\ndensity: 1 g/cm^3\n")
    assert load_material("odd.yaml", tmp_path).density.value == pytest.approx(1000)


WANTED = {
    "electrolyte": "li6ps5cl lgps li7p3s11 li3ps4 llzto latp lipon peo-litfsi li3incl6 li3ycl6 nasicon-na "
    "liquid-lipf6 liquid-napf6",
    "electrode": "nmc811 nmc622 nmc532 lco lfp lmfp nvpf nfm333 sulfur graphite graphite-sio silicon-carbon "
    "silicon hard-carbon in-li lto",
    "metal": "lithium",
    "collector": "aluminium copper nickel stainless-steel",
    "binder": "pvdf cmc sbr nbr ptfe",
    "carbon": "carbon-black carbon-fibre silver-carbon",
    "housing": "pouch-film aluminium-can steel-can",
}


@pytest.mark.parametrize("kind", WANTED)
def test_the_library_holds_the_materials_of_common_cells(kind):
    for name in WANTED[kind].split():
        assert load_material(name).kind == kind


def test_what_is_estimated_or_remembered_has_a_range():
    for name in material_names():
        material = load_material(name)
        for field in type(material).model_fields:
            item = getattr(material, field)
            if isinstance(item, (Number, Property)) and item.known_by == "recalled":
                ranged = item.low is not None or getattr(item, "spread", None) is not None
                assert ranged, f"{name}.{field}"


def test_indium_lithium_stands_0_62_volts_above_lithium():
    potential = load_material("in-li").open_circuit_potential.function
    assert potential.evaluate(np.array([0.1, 0.5, 0.8])) == pytest.approx(0.62)
    assert potential.evaluate(0.95) < 0.2


def test_sulfides_cost_what_industry_says_in_dollars_per_kilogram():
    assert load_material("li6ps5cl").price.value == pytest.approx(180)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{kind: normal, deviation: 1 mS/cm}", "needs exactly kind, deviation and samples"),
        ("{kind: even, deviation: 1 mS/cm, samples: 8}", "use normal or lognormal"),
        ("{kind: normal, deviation: 1 mS/cm, samples: 1}", "allowed 2 or more"),
        ("{kind: normal, deviation: -1 mS/cm, samples: 8}", "allowed above 0"),
        ("{kind: normal, deviation: 1 V, samples: 8}", "V"),
    ],
)
def test_a_bad_distribution_is_refused_with_its_remedy(tmp_path, text, message):
    (tmp_path / "odd.yaml").write_text(
        "ionstone: 1\nname: odd\ntitle: odd\nkind: electrolyte\n"
        f"conductivity: {{value: 1 mS/cm, distribution: {text}}}\n"
    )
    with pytest.raises(InputError, match=message):
        load_material("odd.yaml", tmp_path)
