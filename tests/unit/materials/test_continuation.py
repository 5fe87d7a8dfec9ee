"""How potentials go on beyond their data."""

import numpy as np
import pytest

from ionstone.materials import load_material, material_names
from ionstone.materials.continuation import continued

BEYOND = np.linspace(-0.25, 1.25, 3001)


def potentials():
    for name in material_names():
        law = getattr(load_material(name), "open_circuit_potential", None)
        if law is not None:
            yield name, law.function


def test_potentials_fall_beyond_their_data_and_are_never_flat():
    for name, function in potentials():
        for outside in (BEYOND[function.lower - 0.01 > BEYOND], BEYOND[function.upper + 0.01 < BEYOND]):
            slope = np.diff(function.evaluate(outside)) / np.diff(outside)
            assert np.all(slope < -4.0), name  # 2 k d = 4 V already 0.01 beyond the data


def test_potentials_stay_finite_beyond_their_data():
    for name, function in potentials():
        assert np.all(np.abs(function.evaluate(np.array([-0.02, 0.1, 1.02]))) < 60.0), name


def test_nvpf_is_no_longer_hundreds_of_volts_below_its_table():
    nvpf = load_material("nvpf").open_circuit_potential.function
    assert nvpf.lower == pytest.approx(0.21, abs=0.01)
    straight = nvpf.law.evaluate(0.1)
    assert straight > 100  # what the last two points of the table would give
    assert nvpf.evaluate(nvpf.lower) < nvpf.evaluate(0.2) < 11.0


@pytest.mark.parametrize("slope", [0.0, 0.2, 3.0])
def test_value_and_slope_pass_the_ends_of_the_data_without_a_step(slope):
    def law(x):
        return 4.0 - slope * x

    h = 1e-6
    for end in (0.2, 0.8):
        left, here, right = continued(law, np.array([end - h, end, end + h]), 0.2, 0.8)
        assert left >= here >= right
        assert left - here == pytest.approx(here - right, abs=1e-3 * h)
        assert (left - here) / h == pytest.approx(slope, abs=1e-3)


def test_a_flat_plateau_leaves_its_data_steeply():
    def law(x):
        return 0.62 + 0 * x

    assert continued(law, 0.9 + 0.05, 0.006, 0.9) < 0.62 - 0.5
    assert continued(law, 0.006 - 0.05, 0.006, 0.9) > 0.62 + 0.5


def test_inside_the_data_nothing_changes():
    lfp = load_material("lfp").open_circuit_potential.function
    x = np.linspace(0.01, 0.99, 50)
    assert np.array_equal(lfp.evaluate(x), lfp.law.evaluate(x))
