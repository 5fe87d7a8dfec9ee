"""Radial grids: volumes, grading, and second order against the series for a constant surface flux."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.numerics.radial import RadialGrid, graded


def flux_solution(r: float, time: float) -> float:
    """Rise of concentration in a unit sphere of unit diffusivity with unit inward flux from time 0.

    c = 3 t + (5 r^2 - 3) / 10 - 2 sum sin(q r) exp(-q^2 t) / (q^2 r sin q),  tan q = q.
    Reference: Carslaw & Jaeger 1959, Conduction of Heat in Solids, section 9.7.
    """
    total = 3.0 * time + (5.0 * r * r - 3.0) / 10.0
    for n in range(1, 400):
        q = (n + 0.5) * np.pi
        for _ in range(30):  # tan q = q by Newton on q cos q - sin q
            q -= (q * np.cos(q) - np.sin(q)) / (-q * np.sin(q))
        total -= 2.0 * np.sin(q * r) * np.exp(-q * q * time) / (q * q * r * np.sin(q))
    return float(total)


def diffuse(grid: RadialGrid, time: float) -> np.ndarray:
    """Concentrations of the finite volumes at ``time``, exact in time by the matrix exponential."""
    n = len(grid.inverse_volume)
    a = np.zeros((n, n))
    for j, w in enumerate(grid.weights):
        a[j, j] -= w * grid.inverse_volume[j]
        a[j, j + 1] += w * grid.inverse_volume[j]
        a[j + 1, j + 1] -= w * grid.inverse_volume[j + 1]
        a[j + 1, j] += w * grid.inverse_volume[j + 1]
    source = np.zeros(n)
    source[-1] = grid.inverse_volume[-1]
    scale = np.sqrt(grid.inverse_volume)
    values, vectors = np.linalg.eigh(a * scale[None, :] / scale[:, None])
    # the eigenvalue of the mean is 0: there the integral of the exponential is the time
    grown = np.where(np.abs(values) < 1e-9, time, np.expm1(values * time) / np.where(values == 0, 1, values))
    return scale * (vectors @ (grown * (vectors.T @ (source / scale))))


@pytest.mark.parametrize("shells", [2, 5, 20, 80])
@pytest.mark.parametrize("outermost", [None, "uniform"])
def test_cells_fill_the_sphere(shells: int, outermost: str | None) -> None:
    grid = graded(shells, 1.0 / shells if outermost else None)
    assert grid.edges[0] == 0.0
    assert grid.edges[-1] == 1.0
    assert np.all(np.diff(grid.edges) > 0)
    assert np.allclose(1.0 / grid.inverse_volume, np.diff(grid.edges**3) / 3.0, rtol=1e-12)


def test_shares_of_the_volume_sum_up_to_one() -> None:
    assert np.sum(graded(10).volume_fraction) == pytest.approx(1.0, rel=1e-12)


def test_the_outermost_cell_has_the_thickness_asked_for() -> None:
    for shells, outermost in ((10, None), (10, 0.01), (20, 0.05), (40, 1e-4)):
        grid = graded(shells, outermost)
        wanted = 0.1 / shells if outermost is None else outermost
        assert 1.0 - grid.edges[-2] == pytest.approx(wanted, rel=1e-7)


def test_a_uniform_grid_can_be_had() -> None:
    assert np.allclose(graded(12, 1.0 / 12).edges, np.linspace(0.0, 1.0, 13), atol=1e-9)


def test_fewer_than_two_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        graded(1)


@pytest.mark.parametrize("outermost", [None, "uniform"])
def test_diffusion_is_of_second_order_against_the_series(outermost: str | None) -> None:
    counts, time = (10, 20, 40, 80), 0.05
    errors = []
    for n in counts:
        grid = graded(n, 1.0 / n if outermost else None)
        c = diffuse(grid, time)
        centre = 0.5 * (grid.edges[1:] + grid.edges[:-1])
        exact = np.array([flux_solution(float(r), time) for r in centre])
        errors.append(np.sqrt(np.sum((c - exact) ** 2 / grid.inverse_volume)))
    order = -np.polyfit(np.log(counts), np.log(errors), 1)[0]
    assert order > 1.8


def test_the_surface_value_is_of_second_order() -> None:
    counts, time = (10, 20, 40, 80), 0.05
    exact = flux_solution(1.0, time)
    errors = []
    for n in counts:
        grid = graded(n)
        c = diffuse(grid, time)
        errors.append(abs(grid.read[0] * c[-1] + grid.read[1] * c[-2] - exact))
    assert -np.polyfit(np.log(counts), np.log(errors), 1)[0] > 1.8


def test_inventory_grows_by_the_flux() -> None:
    grid = graded(15)
    c = diffuse(grid, 0.2)
    assert np.sum(c / grid.inverse_volume) == pytest.approx(0.2, rel=1e-10)


def test_the_packed_array_holds_weights_volumes_and_read_out() -> None:
    grid = graded(7)
    packed = grid.packed
    assert len(packed) == 6 + 7 + 2 + 7 + 2 * 7 * 7
    assert np.array_equal(packed[6:13], grid.inverse_volume)
    assert np.sum(grid.read) == pytest.approx(1.0, rel=1e-12)


def test_modes_turn_diffusion_between_cells_into_decay_of_each() -> None:
    grid = graded(9)
    rates, of_cells, of_modes = grid.modes
    assert np.allclose(of_cells @ of_modes, np.eye(9), atol=1e-12)
    assert rates[0] == 0.0
    assert np.all(np.diff(rates) < 0)
    cells = np.linspace(0.2, 0.9, 9) ** 3
    flux = grid.weights * np.diff(cells)  # inward, at unit diffusivity and radius
    change = grid.inverse_volume * (np.append(flux, 0.0) - np.append(0.0, flux))
    assert np.allclose(of_modes @ (rates * (of_cells @ cells)), change, rtol=1e-9, atol=1e-9)


def test_the_first_mode_is_the_mean() -> None:
    grid = graded(6)
    _, of_cells, of_modes = grid.modes
    assert np.allclose(of_modes[:, 0], of_modes[0, 0])
    assert np.allclose(of_cells[0] * of_modes[0, 0], grid.volume_fraction)
