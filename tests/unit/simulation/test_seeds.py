"""Seeds of gradients: the same by columns as by changed cells, and zero where a parameter does not reach."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ionstone as ion
from ionstone.simulation import seeds as module
from ionstone.simulation.arguments import plan_of
from ionstone.simulation.gradient import _Study
from ionstone.simulation.seeds import Neighbours

SMALL = ion.Grid(negative=4, separator=3, positive=4, radial=5)
PROTOCOL = ["Discharge at 1C for 60 s", "Charge at C/2 until 4 V"]
PATHS = [
    "positive.thickness", "negative.porosity", "positive.active_fraction", "positive.conductivity",
    "positive.diffusivity", "negative.exchange_current_prefactor", "initial.negative_stoichiometry",
    "electrode_area", "nominal_capacity", "voltage.upper_cutoff", "contact_resistance",
]  # fmt: skip


def study(paths: list[str], name: str = "lg-m50") -> Any:
    return _Study(ion.load_cell(name), PROTOCOL, paths, {"grid": SMALL})


def test_columns_and_cells_give_the_same_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = study(PATHS)
    monkeypatch.setattr(module, "_within_bounds", lambda *_: [])
    slow = study(PATHS)
    for path, a, b in zip(PATHS, quick.seeds, slow.seeds, strict=True):
        for part in ("globals", "nodes", "faces", "particles", "state", "profile", "levels"):
            one, other = np.asarray(getattr(a, part)), np.asarray(getattr(b, part))
            assert np.allclose(one, other, rtol=1e-9, atol=1e-11 * (1 + np.abs(other).max())), (path, part)
        assert a.tables == [[None] * len(region) for region in a.tables]


def test_what_a_parameter_does_not_reach_is_exactly_zero() -> None:
    [seed] = study(["positive.conductivity"]).seeds
    assert not np.any(seed.state)
    assert not np.any(seed.profile)
    assert np.any(seed.faces)


def test_no_cell_is_made_where_columns_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    cell, plan = ion.load_cell("lg-m50"), plan_of("P2D", "isothermal", SMALL, 1e-4)

    def refuse(*_: Any) -> None:
        raise AssertionError("a cell was changed")

    monkeypatch.setattr(ion.Cell, "replace", refuse)
    near = Neighbours(cell, PATHS, plan, (None, None, None))
    assert len(near.groups) == 1


def test_one_path_that_columns_cannot_tell_leaves_the_others_quick() -> None:
    cell, plan = ion.load_cell("lg-m50"), plan_of("P2D", "isothermal", SMALL, 1e-4)
    paths = ["positive.thickness", "positive.electrolyte.transference_number", "negative.thickness"]
    near = Neighbours(cell, paths, plan, (None, None, None))
    assert [[n.path for n in group.near] for group in near.groups] == [[paths[0], paths[2]], [paths[1]]]


def test_a_path_and_its_other_name_are_one() -> None:
    found = study(["electrode_area", "format.electrode_area"]).derivatives("duration", [0, 1])
    assert found[0] == found[1]


def test_metrics_by_name_and_by_function_agree() -> None:
    s = study(PATHS)
    for name in ("discharge_energy", "charge_capacity", "duration", "min_electrolyte_concentration"):
        by_name = s.derivatives(name, range(len(PATHS)))
        by_run = s.derivatives(lambda run: run.summary[name], range(len(PATHS)))  # noqa: B023
        assert np.allclose(by_name, by_run, rtol=1e-6, atol=1e-9 * np.abs(by_run).max()), name
