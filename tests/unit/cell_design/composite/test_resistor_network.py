"""The network of resistors against closed forms and published cases."""

import numpy as np
import pytest

from ionstone.cell_design.composite.resistor_network import (
    connected_utilisation,
    effective_conductivity,
    random_voxels,
)
from ionstone.core.errors import InputError

NCM, SULFIDE = 0.71, 0.32  # W/(m K), Ketter & Zeier 2025, doi:10.1038/s41467-025-56514-5


def halves(axis):
    voxels = np.zeros((8, 8, 8), dtype=np.int8)
    np.moveaxis(voxels, axis, 0)[4:] = 1
    return voxels


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_one_phase_gives_its_own_conductivity(axis):
    voxels = np.zeros((5, 6, 7), dtype=np.int8)
    assert effective_conductivity(voxels, [3.7], axis=axis).conductivity == pytest.approx(3.7, rel=1e-7)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_slabs_in_series_give_the_published_harmonic_mean(axis):
    found = effective_conductivity(halves(axis), [NCM, SULFIDE], axis=axis).conductivity
    assert found == pytest.approx(2 * NCM * SULFIDE / (NCM + SULFIDE), rel=1e-6)
    assert found == pytest.approx(0.4412, abs=5e-5)  # published


def test_slabs_in_parallel_give_the_published_mean():
    found = effective_conductivity(halves(1), [NCM, SULFIDE], axis=0).conductivity
    assert found == pytest.approx(0.515, rel=1e-6)  # published


def test_an_interface_adds_its_resistance_in_series():
    found = effective_conductivity(
        halves(0), [NCM, SULFIDE], voxel=2e-6, interface_resistance={(0, 1): 2e-6}
    ).conductivity
    length = 8 * 2e-6
    assert length / found == pytest.approx(length / 2 * (1 / NCM + 1 / SULFIDE) + 2e-6, rel=1e-6)


def test_a_fifth_of_insulator_brackets_the_published_figure():
    # published: 3.02 from 5.22 mS/cm, one seed, "clusters of 4"; single voxels below it, cubes above it
    voxels = effective_conductivity(random_voxels((30, 30, 30), (0.2, 0.8), (1, 1)), [0.0, 5.22])
    cubes = effective_conductivity(random_voxels((30, 30, 30), (0.2, 0.8), (4, 1)), [0.0, 5.22])
    assert voxels.conductivity < 3.02 < cubes.conductivity < 5.22 * (1 - 0.2)


def test_the_result_scales_with_the_conductivities_and_rises_with_each():
    voxels = random_voxels((12, 12, 12), (0.5, 0.5), (2, 1), seed=3)
    one = effective_conductivity(voxels, [1.0, 2.0]).conductivity
    assert effective_conductivity(voxels, [5.0, 10.0]).conductivity == pytest.approx(5 * one, rel=1e-6)
    assert effective_conductivity(voxels, [1.0, 3.0]).conductivity > one
    assert 2 / (1 / 1 + 1 / 2) < one < 1.5


def test_what_is_not_connected_does_not_conduct():
    voxels = halves(0)
    assert effective_conductivity(voxels, [1.0, 0.0]).conductivity == 0.0
    island = np.zeros((6, 6, 6), dtype=np.int8)
    island[2, 2, 2] = 1
    assert effective_conductivity(island, [0.0, 1.0]).connected == 0.0


def test_structures_have_their_composition_and_depend_on_the_seed_only():
    one = random_voxels((20, 20, 20), (0.42, 0.41, 0.17), (3, 2, 1), seed=1)
    assert np.count_nonzero(one == 0) == round(0.42 * 8000)
    assert np.count_nonzero(one == 1) == round(0.41 * 8000)
    assert np.array_equal(one, random_voxels((20, 20, 20), (0.42, 0.41, 0.17), (3, 2, 1), seed=1))
    assert not np.array_equal(one, random_voxels((20, 20, 20), (0.42, 0.41, 0.17), (3, 2, 1), seed=2))
    with pytest.raises(InputError, match="sum to 1"):
        random_voxels((5, 5, 5), (0.4, 0.4), (1, 1))


def test_isolated_active_material_is_not_used():
    voxels = np.ones((9, 4, 4), dtype=np.int8)  # electrolyte
    voxels[6:] = 0  # active, at the collector and beside the electrolyte
    assert connected_utilisation(voxels, [0], [1]) == 1.0
    voxels[1, 1, 1] = 0  # an island: no electrons
    assert connected_utilisation(voxels, [0], [1]) == pytest.approx(48 / 49)
    voxels[4:6] = 2  # a gap between: no ions reach the active material
    assert connected_utilisation(voxels, [0], [1]) == 0.0
