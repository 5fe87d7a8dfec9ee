"""The coarse grid and the averaged power of a comparison give the range of the fine ones."""

import pytest

from ionstone.cell_design import load_cell
from ionstone.simulation import COARSE
from ionstone.study.car.drive import drive
from ionstone.study.comparison.in_car import DRIVE_RESOLUTION


@pytest.mark.slow
@pytest.mark.parametrize("ambient", [298.15, 263.15])
@pytest.mark.parametrize("name", ["lg-m50", "qse5"])
def test_the_range_of_a_comparison_agrees_with_that_of_the_default_grid(name, ambient):
    cell = load_cell(name)
    fine = drive(cell, ambient=ambient)
    quick = drive(cell, ambient=ambient, grid=COARSE, resolution=DRIVE_RESOLUTION)
    assert quick.range == pytest.approx(fine.range, rel=1e-3)
