"""The commented file that `init` writes."""

import pytest

from ionstone.cell_design import load_cell
from ionstone.cell_design.config import CellConfig, PlanarElectrode, json_schema
from ionstone.cell_design.template import template_text, write_template
from ionstone.core.errors import InputError


def test_the_template_loads_and_matches_the_reference_cell(tmp_path):
    cell = load_cell(write_template(tmp_path / "mycell.yaml"))
    assert cell.name == "mycell"
    reference = load_cell("lg-m50").parameters().scalars
    for key, value in cell.parameters().scalars.items():
        if "stoichiometry" not in key:
            assert value == pytest.approx(reference[key], rel=1e-12, nan_ok=True), key


def test_the_template_names_every_key_of_the_schema():
    text = template_text()
    definitions = json_schema()["$defs"]
    keys = set(CellConfig.model_fields) | set(PlanarElectrode.model_fields)
    for name, definition in definitions.items():
        if name != "Number":
            keys |= set(definition.get("properties", {}))
    missing = {key for key in keys if f"{key}:" not in text}
    assert not missing


def test_a_file_is_never_overwritten(tmp_path):
    write_template(tmp_path / "a.yaml")
    with pytest.raises(InputError, match="exists already"):
        write_template(tmp_path / "a.yaml")
    with pytest.raises(InputError, match=r"ends in \.yaml"):
        write_template(tmp_path / "a.txt")
    with pytest.raises(InputError, match="cannot be written"):
        write_template(tmp_path / "no" / "folder.yaml")


def test_odd_file_names_still_give_a_valid_cell(tmp_path):
    assert load_cell(write_template(tmp_path / "meine Zelle #1.yaml")).name == "meine-Zelle-1"
