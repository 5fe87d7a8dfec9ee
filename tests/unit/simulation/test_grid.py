"""Grids of a user, and the kernel's grids that follow."""

from __future__ import annotations

import pytest

from ionstone.core.errors import InputError
from ionstone.simulation import COARSE, Grid


def test_the_default_grid() -> None:
    grid = Grid()
    assert (grid.negative, grid.separator, grid.positive, grid.radial) == (20, 20, 20, 20)
    assert Grid(5, 3, 5, 8) == COARSE


def test_a_porous_cell_has_its_nodes_and_shells() -> None:
    mesh = Grid(4, 3, 5, 6).mesh(planar=False)
    assert mesh.cells == (4, 3, 5)
    assert [None if r is None else len(r.inverse_volume) for r in mesh.radial] == [6, None, 6]


def test_a_planar_electrode_is_one_node_without_particles() -> None:
    mesh = Grid(4, 3, 5, 6).mesh(planar=True)
    assert mesh.cells == (1, 3, 5)
    assert mesh.radial[0] is None


def test_single_particles_are_one_node_a_region() -> None:
    assert Grid(4, 3, 5, 6).mesh(planar=False, single=True).cells == (1, 1, 1)


def test_the_outermost_shell_can_be_set() -> None:
    thick, thin = (Grid(radial=10, outermost=o).mesh(False).radial[0] for o in (0.1, 0.001))
    assert thick is not None
    assert thin is not None
    assert 1 - thick.edges[-2] == pytest.approx(0.1)
    assert 1 - thin.edges[-2] == pytest.approx(0.001, rel=1e-6)


def test_equal_grids_share_their_radial_grid() -> None:
    assert Grid(1, 1, 1, 9).mesh(False).radial[2] is Grid(2, 2, 2, 9).mesh(False).radial[0]


@pytest.mark.parametrize("name", ["negative", "separator", "positive", "radial"])
@pytest.mark.parametrize("value", [0, -3, 1.5, "20", 10_000, None])
def test_numbers_of_nodes_out_of_range_are_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(InputError, match=f"grid.{name}"):
        Grid(**{name: value})  # type: ignore[arg-type]


def test_a_particle_of_one_shell_is_refused() -> None:
    with pytest.raises(InputError, match=r"grid\.radial"):
        Grid(radial=1)
