"""A thin-film cell: a dense film as electrode, and an electrolyte whose ions recombine."""

from __future__ import annotations

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design import Cell, load_cell
from ionstone.cell_model.laws import dissociation, no_dissociation
from ionstone.core.constants import C0, F
from ionstone.core.errors import InputError
from ionstone.numerics.radial import graded
from ionstone.simulation import Grid
from ionstone.study.verification.ours import prepare

NAME = "danilov-thin-film"
SMALL = Grid(3, 6, 3, 8)
RATE = {"recombination": 9e-9, "total": 60100.0, "free": 0.18 * 60100.0}


def test_nothing_dissociates_in_equilibrium():
    assert dissociation.rate(RATE["free"], **RATE) == pytest.approx(0.0, abs=1e-15)
    assert no_dissociation.rate(1.0) == 0.0


def test_the_rate_is_that_of_danilovs_constants():
    # r = k_d c_Li0 - k_r c^2 with k_d = k_r c0 delta^2 / (1 - delta) and the bound c_Li0 = c0 - c
    delta, k, total = 0.18, RATE["recombination"], RATE["total"]
    for c in (0.0, 5e3, 2e4):
        expected = k * total * delta**2 / (1 - delta) * (total - c) - k * c**2
        assert dissociation.rate(c, **RATE) == pytest.approx(expected, rel=1e-12)


def test_ions_are_made_where_they_lack_and_taken_where_they_abound():
    assert dissociation.rate(0.5 * RATE["free"], **RATE) > 0 > dissociation.rate(2 * RATE["free"], **RATE)


def states(cell: Cell, protocol: str | list[str], grid: Grid = SMALL):
    """Times, electrolyte concentration [mol/m3] and rates [mol/(m3 s)] over the nodes of the separator."""
    prepared = prepare(cell, protocol, grid=grid)
    outcome = prepared.run(tolerance=1e-7, keep_states=True)
    rows = outcome.rows[0]
    reference, n = prepared.reference(), grid.separator
    split = [reference.split(y) for y in outcome.states[0]]
    at = prepared.form.unknowns.index("c")
    c = np.array([C0 * s[1][at][1 : 1 + n] for s in split])
    rates = np.array([s[0][1][1][0] for s in split])
    return rows[:, 0], c, rates, prepared, split


def test_free_ions_change_by_what_dissociates():
    time, c, rates, *_ = states(load_cell(NAME), "Discharge at 25.6C for 60 s")
    made = np.trapezoid(np.mean(rates, axis=1), time)
    change = np.mean(c[-1] - c[0])
    assert abs(change) > 0.5
    assert made == pytest.approx(change, rel=2e-3)


def test_the_rate_of_each_node_is_the_law_at_its_concentration():
    _, c, rates, *_ = states(load_cell(NAME), "Discharge at 25.6C for 60 s")
    # the last stage of a step leaves algebraic unknowns within its tolerance
    assert np.allclose(rates, dissociation.rate(c, **RATE), atol=1e-5 * np.max(np.abs(rates)))


def test_without_recombination_free_ions_are_conserved():
    cell = load_cell(NAME).replace({"separator.electrolyte.recombination_rate": 0.0})
    _, c, rates, *_ = states(cell, "Discharge at 25.6C for 60 s")
    assert np.all(rates == 0.0)
    assert np.ptp(np.mean(c, axis=1)) < 1e-9 * c[0, 0]


def test_fast_recombination_keeps_the_ions_in_equilibrium():
    cell = load_cell(NAME).replace({"separator.electrolyte.recombination_rate": 1e-2})
    run = ion.simulate(cell, "Discharge at 12.8C for 60 s")
    assert run.outputs["void_current_ratio"][-1] >= 0
    _, c, *_ = states(cell, "Discharge at 12.8C for 60 s")
    slow = states(load_cell(NAME), "Discharge at 12.8C for 60 s")[1]
    assert np.ptp(c[-1]) < 0.2 * np.ptp(slow[-1])


def test_lithium_of_the_film_grows_by_the_charge():
    *_, prepared, split = states(load_cell(NAME), "Discharge at 6.4C for 60 s")
    share = prepared.mesh.radial[2].volume_fraction
    x = np.array([share @ s[0][2][0][:, 0] for s in split])
    s = load_cell(NAME).parameters().scalars
    passed = 6.4 * s["nominal_capacity"] / 3600 / s["electrode_area"] * 60
    assert (x[-1] - x[0]) * F * 320e-9 * s["positive.maximum_concentration"] == pytest.approx(
        passed, rel=1e-9
    )


def test_a_plate_at_constant_flux_has_the_profile_of_a_parabola():
    # surface less mean = flux L / (3 D), of a plate with one closed face
    *_, prepared, split = states(load_cell(NAME), "Discharge at 1.6C for 900 s", Grid(3, 6, 3, 12))
    grid = prepared.mesh.radial[2]
    x = split[-1][0][2][0][:, 0]
    surface = grid.read[0] * x[-1] + grid.read[1] * x[-2]
    s = load_cell(NAME).parameters().scalars
    flux = 1.6 * s["nominal_capacity"] / 3600 / s["electrode_area"] / F
    expected = flux * 320e-9 / (3 * 1.76e-15) / s["positive.maximum_concentration"]
    assert surface - grid.volume_fraction @ x == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("dimensions", [1, 3])
def test_a_grid_fills_its_volume(dimensions: int):
    grid = graded(9, dimensions=dimensions)
    assert np.sum(1 / grid.inverse_volume) == pytest.approx(1 / dimensions)
    assert np.sum(grid.volume_fraction) == pytest.approx(1.0)


def test_the_kernel_agrees_with_the_reference():
    prepared = prepare(load_cell(NAME), "Discharge at 10C for 30 s", grid=SMALL)
    reference = prepared.reference()
    y = prepared.run(keep_states=True).states[0][-1]
    algebraic = reference.mass == 0
    assert np.any(algebraic)
    assert len(y) == len(reference.mass)
    outputs = dict(zip(prepared.form.outputs, reference.outputs(y), strict=True))
    run = ion.simulate(NAME, "Discharge at 10C for 30 s", grid=SMALL)
    assert outputs["voltage"] == pytest.approx(run.voltage[-1], abs=1e-6)


@pytest.mark.parametrize("model", ["P2D", "SPMe", "SPM"])
def test_capacity_falls_with_the_rate(model: str):
    found = [
        ion.simulate(NAME, f"Discharge at {rate}C", model=model).outputs["discharge_capacity"][-1]
        for rate in (1.6, 6.4, 25.6, 51.2)
    ]
    assert found == sorted(found, reverse=True)


def test_gradients_to_the_film_and_the_recombination():
    cell, protocol = load_cell(NAME), "Discharge at 25.6C until 3 V"
    paths = ["positive.thickness", "separator.electrolyte.recombination_rate"]
    found = ion.gradient(cell, protocol, of="discharge_capacity", to=paths, tolerance=1e-7)
    for path in paths:
        step = 1e-2 * cell[path]
        ends = [
            ion.simulate(cell.replace({path: cell[path] + k * step}), protocol, tolerance=1e-7).outputs[
                "discharge_capacity"
            ][-1]
            for k in (1, -1)
        ]
        assert found[path] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=5e-3), path


def test_more_free_ions_than_there_are_is_refused():
    with pytest.raises(InputError, match="total_concentration"):
        load_cell(NAME).replace({"separator.electrolyte.total_concentration": 9000.0}).parameters()


def test_no_impedance_of_an_electrolyte_that_dissociates():
    with pytest.raises(InputError, match="dissociates"):
        ion.impedance(NAME)
    assert ion.impedance(NAME, [1.0], model="SPM").impedance[0].real > 0
