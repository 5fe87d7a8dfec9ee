"""Composite laws chosen by name in a cell file."""

import numpy as np
import pytest
import yaml

import ionstone as ion
from ionstone.cell_design import library
from ionstone.cell_design.columns import columns


@pytest.fixture
def written(tmp_path):
    """The cell sulfide-li with changes of its positive electrode, as a file."""

    def write(**changes):
        from importlib.resources import files

        text = files(library.__package__).joinpath("library/sulfide-li.yaml").read_text(encoding="utf-8")
        data = yaml.safe_load(text)
        for key, value in changes.items():
            if value is None:
                data["positive"].pop(key)
            else:
                data["positive"][key] = value
        path = tmp_path / "cell.yaml"
        path.write_text(yaml.safe_dump(data), encoding="utf-8")
        return ion.load_cell(path)

    return write


def factor(cell):
    return cell.parameters().scalars["positive.transport_factor"]


def test_a_sulfide_electrode_without_a_law_percolates_and_names_its_source(written):
    cell = written(transport=None)
    assert cell.resolved.choices["positive.transport.law"] == "sized_percolation"
    records = {r.path: r for r in cell.records()}
    assert records["positive.transport.threshold"].evidence == "fitted"
    assert 0.1 * 0.44**1.5 < factor(cell) < 0.6 * 0.44**1.5


def test_finer_electrolyte_conducts_better(written):
    law = {"law": "sized_percolation"}
    coarse = written(transport=law, electrolyte_particle_radius="3 um")
    fine = written(transport=law, electrolyte_particle_radius="0.5 um")
    assert factor(fine) > 1.3 * factor(coarse)


def test_each_law_is_chosen_by_its_name(written):
    found = {law: factor(written(transport={"law": law})) for law in ("bruggeman", "bielefeld2020")}
    assert found["bruggeman"] == pytest.approx(0.44**1.5)
    assert found["bielefeld2020"] > 1.5 * factor(written(transport={"law": "sized_percolation"}))


def test_a_key_of_another_law_is_refused(written):
    with pytest.raises(ion.InputError, match="size_slope does not belong to law: bruggeman"):
        written(transport={"law": "bruggeman", "size_slope": 0.1})


def test_isolated_particles_do_not_count_where_the_file_says_so(written):
    whole, counted = written(), written(connectivity="percolation")
    share = counted.areal_capacity / whole.areal_capacity
    assert 0.8 < share < 1.0
    with pytest.raises(ion.InputError, match="no active material is connected"):
        written(
            connectivity="percolation",
            active_fraction=0.2,
            porosity=0.7,
            electronic_transport={"law": "effective"},
        )


def test_many_designs_are_equal_to_single_ones(written):
    cell = written(transport={"law": "sized_percolation"}, connectivity="percolation")
    varied = {"positive.active_fraction": np.array([0.40, 0.43, 0.45])}
    together = columns(cell, varied, 3)
    for i, value in enumerate(varied["positive.active_fraction"]):
        alone = cell.replace({"positive.active_fraction": float(value)}).parameters().scalars
        for name, values in together.items():
            assert values[i] == alone.get(name, values[i]), name
