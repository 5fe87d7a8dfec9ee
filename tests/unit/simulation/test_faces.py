"""Cells as columns: the same arrays as cell by cell, and only where the cells share their functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design import Cell
from ionstone.simulation.arguments import conditions_of, plan_of
from ionstone.simulation.faces import Faces, faces_of, gathered, scalars_of
from ionstone.simulation.layout import prepare_faces
from ionstone.simulation.prepare import prepare

CHANGES: dict[str, list[dict[str, Any]]] = {
    "lg-m50": [
        {},
        {"positive.thickness": 70e-6, "negative.particle_radius": 5e-6},
        {"positive.exchange_current_prefactor": 4e-6, "negative.diffusivity": 4e-14},
        {"format.electrode_area": 0.2, "voltage.upper_cutoff": 4.15},
    ],
    "sulfide-li": [{}, {"separator.thickness": 40e-6}, {"positive.particle_radius": 3e-6}],
}


def cells(name: str) -> list[Cell]:
    cell = ion.load_cell(name)
    return [cell.replace(changes) for changes in CHANGES[name]]


@pytest.mark.parametrize("name", CHANGES)
def test_columns_give_the_arrays_of_the_cells(name: str) -> None:
    several, plan = cells(name), plan_of("P2D", "isothermal", None, 1e-4)
    faces = gathered(several)
    assert isinstance(faces, Faces)
    conditions = conditions_of(faces, None, None, None)
    assert conditions == conditions_of(several, None, None, None)
    one = prepare_faces(several, faces, plan, conditions).lanes.lanes
    other = prepare(several, plan, conditions).lanes.lanes
    for part in ("globals", "nodes", "faces", "particles", "state", "lumped_weight"):
        assert np.array_equal(getattr(one, part), getattr(other, part)), part


def test_a_face_reads_as_its_cell() -> None:
    several = cells("lg-m50")
    for face, cell in zip(faces_of(several), several, strict=True):
        assert face.name == cell.name
        scalars = cell.parameters().scalars
        for key in ("positive.thickness", "voltage.upper_cutoff", "mass", "reference_temperature"):
            assert face.parameters().scalars[key] == scalars[key]
    names = ("electrode_area", "nominal_capacity")
    assert scalars_of(faces_of(several), *names) == scalars_of(several, *names)


@pytest.mark.parametrize(
    "change",
    [{"positive.diffusivity": "1e-15 * (1 + x)"}, {"negative.electrolyte.initial_concentration": 900.0}],
)
def test_cells_that_differ_in_more_stay_cells(change: dict[str, Any]) -> None:
    cell = ion.load_cell("lg-m50")
    assert gathered([cell, cell.replace(change)]) is None
    assert gathered([cell, ion.load_cell("sulfide-li")]) is None


def test_outputs_are_the_same_however_they_are_read() -> None:
    run = ion.simulate("lg-m50", "Discharge at 1C for 10 minutes")
    assert list(run.outputs) == list(dict(run.outputs))
    assert "voltage" in run.outputs
    assert "no such output" not in run.outputs
    assert all(len(values) == len(run.time) == len(run.step) for values in run.outputs.values())
    assert run.outputs["current"] is run.outputs["current"]
    assert run.units.keys() == {"time", *run.outputs}


def test_designs_with_their_own_reference_temperature_have_their_own_tables() -> None:
    cell = ion.load_cell("qse5")
    assert np.any(cell.parameters().functions["positive.entropic_change"].evaluate(np.array([0.3, 0.6])))
    designs = ion.vary(cell, {"reference_temperature": [290.0, 305.0]})
    together = ion.simulate(designs, "Discharge at 1C for 60 s", temperature=298.0)
    for run, one in zip(together, designs, strict=True):
        assert np.array_equal(
            run.voltage, ion.simulate(one, "Discharge at 1C for 60 s", temperature=298.0).voltage
        )
