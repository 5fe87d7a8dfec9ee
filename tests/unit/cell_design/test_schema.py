"""The published JSON Schema."""

import json
from pathlib import Path

from ionstone.cell_design.config import json_schema, write_json_schema


def test_every_number_states_unit_and_allowed_range():
    schema = json_schema()
    thickness = schema["$defs"]["PorousElectrode"]["properties"]["thickness"]
    assert thickness["unit"] == "m"
    assert thickness["allowed"] == "10 nm to 10 mm"
    assert schema["$defs"]["Number"]["anyOf"][:2] == [{"type": "number"}, {"type": "string"}]


def test_the_schema_can_be_written_and_read(tmp_path):
    path = tmp_path / "cell.schema.json"
    write_json_schema(str(path))
    assert json.loads(path.read_text()) == json_schema()


def test_the_published_schema_is_that_of_the_code():
    published = Path(__file__).parents[3] / "docs" / "cell.schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == json_schema()
