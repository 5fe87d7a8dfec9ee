"""Impedances against closed formulas, against the time domain, and the laws that they obey."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design import Cell, load_cell
from ionstone.core.constants import F, R
from ionstone.numerics.linearise import Linearised
from ionstone.numerics.reference import Reference
from ionstone.simulation import Grid
from ionstone.simulation.arguments import conditions_of, plan_of
from ionstone.simulation.grid import SPECTRAL
from ionstone.simulation.impedance import _Study
from ionstone.simulation.prepare import prepare
from ionstone.study.verification.closed_forms import ClosedForm

ROOM = 298.15
HERTZ = np.logspace(-3, 6, 91)
S = 2j * np.pi * HERTZ
#: of |Z|
ALLOWED = 1e-3
#: everything that stores charge at an interface
STORES = (
    "negative.double_layer_capacitance",
    "positive.double_layer_capacitance",
    "positive.film_capacitance",
    "separator.interface_capacitance_negative",
    "separator.interface_capacitance_positive",
    "separator.grain_boundary_permittivity",
    "contact_capacitance",
)


def error(found: Any, exact: Any) -> float:
    return float(np.max(np.abs(found - exact) / np.abs(exact)))


def loaded(name: str) -> Cell:
    """A cell with every resistance that may have a capacitance beside it."""
    cell = load_cell(name)
    changes: dict[str, Any] = {
        "contact_resistance": "2 ohm*cm^2",
        "contact_capacitance": "0.1 uF/cm^2",
        "positive.film_resistance": "30 ohm*cm^2",
        "separator.grain_boundary_share": 0.4,
        "separator.interface_resistance_negative": "3 ohm*cm^2",
        "separator.interface_resistance_positive": "5 ohm*cm^2",
        "separator.interface_capacitance_positive": "0.3 uF/cm^2",
    }
    return cell.replace(changes)


def without(cell: Cell, *keep: str) -> Cell:
    """A cell whose interfaces store nothing."""
    kind = "film" if cell.parameters().negative_kind == "porous" else "interphase"
    paths = [*STORES, f"negative.{kind}_capacitance"]
    return cell.replace({path: 0.0 for path in paths if path not in keep})


@pytest.mark.parametrize("name", ["lg-m50", "lfp-graphite", "sodium-nvpf"])
@pytest.mark.parametrize("soc", [0.2, 0.7])
def test_single_particles_are_spheres_behind_a_double_layer(name: str, soc: float) -> None:
    cell = load_cell(name)
    z = ion.impedance(cell, HERTZ, soc=soc, temperature=ROOM, model="SPM")
    assert error(z.area_specific, ClosedForm(cell, S, ROOM, soc).single_particles()) < ALLOWED


@pytest.mark.parametrize("temperature", [ROOM, 273.15])
@pytest.mark.parametrize("make", [load_cell, loaded])
def test_a_solid_cell_is_a_transmission_line_in_series(make: Any, temperature: float) -> None:
    cell = make("sulfide-li")
    z = ion.impedance(cell, HERTZ, soc=0.5, temperature=temperature)
    assert error(z.area_specific, ClosedForm(cell, S, temperature, 0.5).solid_cell()) < ALLOWED


def test_the_grid_converges_to_the_transmission_line_with_second_order() -> None:
    cell = load_cell("sulfide-li")
    exact = ClosedForm(cell, S, ROOM, 0.5).solid_cell()
    errors = []
    for n in (20, 40, 80):
        grid = Grid(1, 4, n, n, outermost=0.02 / n, edge=0.08 / n)
        errors.append(error(ion.impedance(cell, HERTZ, soc=0.5, grid=grid).area_specific, exact))
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(orders > 1.8), (errors, orders)


def test_at_infinite_frequency_resistances_of_layers_remain() -> None:
    cell = load_cell("sulfide-li")
    form = ClosedForm(cell, np.array([1e12j]), ROOM, 0.5)
    q = cell.parameters().scalars
    rails = q["positive.thickness"] / (form.conductivity("positive") + q["positive.conductivity"])
    ohmic = q["contact_resistance"] + form.separator()[0] + rails
    z = ion.impedance(cell, 1e9, soc=0.5, grid=replace(SPECTRAL, edge=1e-5)).area_specific[0]
    assert abs(z - ohmic) < 2e-3 * ohmic


def test_a_reaction_with_its_double_layer_is_a_semicircle() -> None:
    """At the apex, 1 / (2 pi R C), the imaginary part is half the resistance. All else is subtracted."""
    cell = load_cell("sulfide-li").replace({"negative.contact_fraction": 1.0})
    key = "negative.exchange_current_density"
    slow, fast = 20.0, 1e5
    r = R * ROOM / F * (1 / slow - 1 / fast)
    apex = 1 / (2 * np.pi * r * cell["negative.double_layer_capacitance"])
    hertz = [apex * 1e-4, apex, apex * 1e4]
    z = [ion.impedance(cell.replace({key: i0}), hertz, soc=0.5).area_specific for i0 in (slow, fast)]
    low, mid, high = z[0] - z[1]
    assert np.isclose(low, r, rtol=1e-3)
    assert np.isclose(mid, r / 2 - 0.5j * r, rtol=1e-3)
    assert abs(high) < 1e-3 * r


def test_no_storage_gives_back_the_model_without(library_cell: str, level: str, heat: str) -> None:
    cell = without(loaded(library_cell))
    plan = plan_of(level, heat, Grid(4, 3, 4, 6), 1e-4)
    study = _Study(cell, plan, (None, None, 0.5), HERTZ, 0.0)
    pencil = study.pencils([cell], plan)[0]
    z = pencil.impedance(S)
    lanes = prepare([cell], plan, conditions_of([cell], None, None, 0.5)).lanes
    plain = Linearised(Reference(lanes.form, lanes.grid, lanes.lanes), lanes.lanes.state[0]).linear()
    dense = plain.jacobian.toarray()
    for k in range(0, len(S), 15):
        matrix = S[k] * np.diag(plain.mass) - dense
        x = np.linalg.solve(matrix, plain.load)
        x += np.linalg.solve(matrix, plain.load - matrix @ x)
        exact = -plain.voltage @ x
        assert abs(z[k] - exact) < 1e-9 * abs(exact)


@pytest.mark.parametrize("soc", [0.05, 0.5, 0.95])
def test_every_cell_is_passive(library_cell: str, level: str, soc: float) -> None:
    z = ion.impedance(library_cell, soc=soc, model=level, grid=Grid(8, 8, 8, 10)).impedance
    assert np.all(z.real > 0)
    assert np.all(z.imag <= 0)


def test_a_fast_electrolyte_and_solid_make_all_levels_one() -> None:
    fast = {f"{r}.electrolyte.conductivity": 1e5 for r in ("negative", "separator", "positive")}
    fast |= {f"{r}.electrolyte.diffusivity": 1e-6 for r in ("negative", "separator", "positive")}
    fast |= {"negative.conductivity": 1e7, "positive.conductivity": 1e7}
    cell = loaded("lg-m50").replace(
        {**fast, "separator.interface_resistance_negative": 0, "separator.interface_resistance_positive": 0}
    )
    grid = Grid(6, 4, 6, 12)
    p2d, spme, spm = (
        ion.impedance(cell, HERTZ, soc=0.6, model=m, grid=grid).impedance for m in ("P2D", "SPMe", "SPM")
    )
    assert error(p2d, spm) < 1e-4
    assert error(spme, spm) < 1e-4


def talbot(transform: Any, times: np.ndarray, terms: int = 24) -> np.ndarray:
    """Inverse Laplace transform on Talbot's contour (Abate & Whitt 2006, INFORMS J. Comput. 18)."""
    angle = np.arange(1, terms) * np.pi / terms
    node = np.concatenate(
        [[2 * terms / 5 + 0j], 0.4 * np.arange(1, terms) * np.pi * (1 / np.tan(angle) + 1j)]
    )
    slope = 1 + 1j * angle * (1 + 1 / np.tan(angle) ** 2) - 1j / np.tan(angle)
    weight = np.concatenate([[0.5 * np.exp(node[0])], np.exp(node[1:]) * slope])
    return np.array([0.4 / t * np.sum((weight * transform(node / t)).real) for t in times])


@pytest.mark.parametrize("name", ["lg-m50", "sulfide-li", "polymer-lfp", "semi-solid-360"])
def test_a_small_step_in_time_is_the_transform_of_the_impedance(name: str, level: str, heat: str) -> None:
    """V(0) - V(t) over I is the inverse transform of Z(s) / s, from a second to an hour."""
    cell, grid = without(load_cell(name)), Grid(6, 5, 6, 12)
    plan = plan_of(level, heat, grid, 1e-4)
    pencil = _Study(cell, plan, (None, None, 0.5), HERTZ, 0.0).pencils([cell], plan)[0]
    times = np.array([1.0, 10.0, 100.0, 1000.0])
    expected = talbot(lambda s: pencil.impedance(s) / s, times)
    q = cell.parameters().scalars
    density = 1e-4 * q["nominal_capacity"] / 3600 / q["electrode_area"]
    stepper = ion.stepper(cell, model=level, heat=heat, soc=0.5, grid=grid, tolerance=1e-9)
    start, drops = stepper["voltage"], []
    for t in times:
        stepper.step(float(t - stepper.time), current=density * q["electrode_area"])
        drops.append((start - stepper["voltage"]) / density)
    assert error(np.array(drops), expected) < 2e-4, (drops, expected)


def test_a_stepper_at_rest_has_the_impedance_of_its_cell_and_under_load_another() -> None:
    grid = Grid(6, 5, 6, 12)
    stepper = ion.stepper("lg-m50", soc=0.5, grid=grid)
    rest = ion.impedance("lg-m50", HERTZ, soc=0.5, grid=grid)
    assert error(ion.impedance(stepper, HERTZ).impedance, rest.impedance) < 1e-9
    stepper.step(60.0, c_rate=1.0)
    loaded_state = ion.impedance(stepper, HERTZ)
    assert loaded_state.soc < 0.5
    assert 0.01 < error(loaded_state.impedance, rest.impedance) < 0.5


def test_area_scales_the_impedance() -> None:
    small = ion.impedance("sulfide-li", HERTZ, soc=0.5, model="SPM")
    cell = load_cell("sulfide-li")
    large = ion.impedance(
        cell.replace({"format.electrode_area": 2 * cell["format.electrode_area"]}),
        HERTZ,
        soc=0.5,
        model="SPM",
    )
    assert error(2 * large.impedance, small.impedance) < 1e-12


@pytest.mark.parametrize("name", ["lg-m50", "sulfide-li"])
def test_gradients_are_the_differences_of_impedances(name: str, level: str) -> None:
    cell = loaded(name).replace({"positive.porosity": 0.3})  # room on both sides
    grid = Grid(6, 5, 6, 10, edge=0.05)
    hertz = [1e-3, 1.0, 1e3, 1e5]
    paths = (
        "positive.thickness",
        "positive.particle_radius",
        "positive.porosity",
        "positive.diffusivity",
        "positive.double_layer_capacitance",
        "positive.film_resistance",
        "negative.double_layer_capacitance",
        "separator.thickness",
        "separator.interface_capacitance_positive",
        "separator.grain_boundary_share",
        "contact_resistance",
        "contact_capacitance",
        "format.electrode_area",
    )
    settings: dict[str, Any] = {"soc": 0.5, "model": level, "grid": grid}
    found = ion.impedance(cell, hertz, **settings).gradient(paths)
    base = ion.impedance(cell, hertz, **settings).impedance
    for path in paths:
        h = 2e-4 * cell[path]  # tables of potentials are smooth over a step
        cells = [cell.replace({path: cell[path] + k * h}) for k in (-2, -1, 1, 2)]
        z = [ion.impedance(c, hertz, **settings).impedance for c in cells]
        difference = (z[0] - 8 * z[1] + 8 * z[2] - z[3]) / (12 * h)
        size = np.abs(difference) + 1e-4 * np.abs(base) / cell[path]
        assert np.max(np.abs(found[path] - difference) / size) < 1e-5, path
