"""Derivatives of range and minutes against differences around the whole chain."""

from __future__ import annotations

import pytest

import ionstone as ion
from ionstone.core.errors import InputError
from ionstone.simulation import COARSE
from ionstone.study.car.gradients import smooth_range

CELLS = ("lg-m50", "sulfide-li")
PATHS = ["separator.thickness", "positive.thickness"]


def slope(function, at: float, step: float = 2e-3) -> float:
    """The derivative by differences of fourth order."""
    h = step * at
    near, far = function(at + h) - function(at - h), function(at + 2 * h) - function(at - 2 * h)
    return (8 * near - far) / (12 * h)


@pytest.mark.parametrize("name", CELLS)
def test_the_gradient_of_the_range_is_that_of_differences(name: str) -> None:
    cell, task = ion.load_cell(name), ion.Drive(vehicle="tesla-model-3-lr", cycle="wltc_3b")
    found = ion.gradient(cell, task, of="range", to=PATHS, grid=COARSE)
    for path in PATHS:
        other = slope(
            lambda v, path=path: smooth_range(cell.replace({path: v}), task, grid=COARSE, tolerance=1e-7),
            cell[path],
        )
        assert found[path] == pytest.approx(other, rel=1e-3), path


@pytest.mark.parametrize("name", CELLS)
def test_the_gradient_of_the_minutes_is_that_of_differences(name: str) -> None:
    cell, task = ion.load_cell(name), ion.Charge(vehicle="tesla-model-3-lr", charger="150 kW")
    found = ion.gradient(cell, task, of="minutes", to=PATHS, grid=COARSE)
    for path in PATHS:

        def minutes(value: float, path: str = path) -> float:
            other = cell.replace({path: value})
            return ion.charge(other, charger="150 kW", grid=COARSE, tolerance=1e-6).minutes

        assert found[path] == pytest.approx(slope(minutes, cell[path], 5e-4), rel=5e-3), path


@pytest.mark.parametrize("name", CELLS)
def test_the_smooth_range_is_near_that_of_the_drive(name: str) -> None:
    drive = ion.drive(name, grid=COARSE)
    assert smooth_range(ion.load_cell(name), ion.Drive(), grid=COARSE) == pytest.approx(drive.range, rel=0.01)


def test_a_gradient_of_something_else_is_refused() -> None:
    with pytest.raises(InputError, match="range"):
        ion.gradient("lg-m50", ion.Drive(), of="minutes", to=PATHS)
    with pytest.raises(InputError, match="minutes"):
        ion.gradient("lg-m50", ion.Charge(), of="range", to=PATHS)
