"""``ionstone show`` lists every number with range, source and evidence, and ``cells`` lists the built-in
cells."""

import json

import pytest

from ionstone.cell_design import load_cell
from ionstone.cli.app import status
from ionstone.cli.records import Line, sheet
from ionstone.core.errors import InputError


def test_every_parameter_of_a_cell_is_shown_with_a_source_and_a_grade():
    cell = load_cell("lg-m50")
    lines = {line.path: line for line in sheet("lg-m50").lines}
    assert set(lines) == {record.path for record in cell.records()}
    assert lines["positive.thickness"].value == cell["positive.thickness"]
    assert lines["positive.thickness"].shown == "75.6 um"
    assert all(line.source and line.evidence for line in lines.values())


@pytest.mark.parametrize("name", ["lg-m50", "peo-litfsi", "tesla-model-3-lr", "wltc_3b"])
def test_a_sheet_prints_and_is_valid_json(name, capsys):
    assert status(["show", name]) == 0
    assert name in capsys.readouterr().out
    assert status(["show", name, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["name"] == name
    assert found["parameters"]


@pytest.mark.parametrize("name", ["lg-m50", "sulfide-li", "hybrid-gel", "nio-et7-100", "wltc_3b"])
def test_a_sheet_fits_into_100_columns_and_splits_no_path(name, capsys):
    assert status(["show", name]) == 0
    out = capsys.readouterr().out
    assert all(len(line) <= 100 for line in out.splitlines())
    words = set(out.split())
    assert all(line.path.split()[0] in words for line in sheet(name).lines)


@pytest.mark.parametrize("name", ["lg-m5", "nosuch.yaml", "/nowhere/cell.json", "x" * 500])
def test_an_unknown_name_is_bad_input(name):
    with pytest.raises(InputError):
        sheet(name)


def test_a_near_name_is_suggested():
    with pytest.raises(InputError, match="'lg-m50'"):
        sheet("lg-m5")


def test_a_range_states_its_unit_once():
    assert Line("x.thickness", 1e-5, "10 um", "m", 5e-6, 2e-5).range == "5 to 20 um"
    assert Line("x.porosity", 0.3, "0.3", "1", 0.2, 0.4).range == "0.2 to 0.4"


def test_constants_of_a_temperature_law_stay_in_kelvin():
    lines = {line.path: line for line in sheet("lg-m50").lines}
    assert lines["separator.electrolyte.conductivity_B"].shown.endswith(" K")


def test_the_reference_cells_are_built_in(capsys):
    from ionstone.study.comparison.compare import REFERENCE_CELLS

    assert status(["cells", "--json"]) == 0
    assert {item["name"] for item in json.loads(capsys.readouterr().out)} >= set(REFERENCE_CELLS)


def test_show_tells_how_laboratories_scatter(capsys):
    assert status(["show", "li6ps5cl"]) == 0
    assert "+- 0.088 S/m over 8 measurements" in capsys.readouterr().out.replace("\n", " ")
    assert status(["show", "lgps"]) == 0
    assert "times or over 2.9 over 5 measurements" in capsys.readouterr().out.replace("\n", " ")
