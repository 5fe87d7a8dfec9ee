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
