"""The published JSON Schema of material files."""

import json
from pathlib import Path

import pytest

from ionstone.core.documents import read_yaml
from ionstone.materials.library_files import LIBRARY, material_names
from ionstone.materials.records import json_schema

PUBLISHED = Path(__file__).parents[3] / "docs" / "material.schema.json"


def test_the_published_schema_is_that_of_the_code():
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json_schema()


@pytest.mark.parametrize("name", material_names())
def test_every_material_of_the_library_obeys_the_schema(name):
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(read_yaml(LIBRARY / f"{name}.yaml"), json_schema())
