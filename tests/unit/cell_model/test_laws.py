"""Laws of temperature, depletion, electrolyte, electrodes and particles: limits, signs, continuity."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionstone.cell_model.laws import depletion, electrode, electrolyte, particle
from ionstone.cell_model.laws.temperature import arrhenius, vogel
from ionstone.core.constants import C0, F, R
from ionstone.core.ops import TABLES

temperatures = st.floats(230.0, 370.0)
REFERENCE = 298.15


@given(b=st.floats(0.0, 1e4), t0=st.floats(0.0, 200.0))
def test_factors_are_one_at_the_reference_temperature(b: float, t0: float) -> None:
    assert arrhenius(b, REFERENCE, REFERENCE) == 1.0
    assert vogel(b, t0, REFERENCE, REFERENCE) == 1.0


@given(b=st.floats(1.0, 1e4), t=temperatures)
def test_activated_properties_grow_with_temperature(b: float, t: float) -> None:
    assert arrhenius(b, t + 1.0, REFERENCE) > arrhenius(b, t, REFERENCE)
    assert arrhenius(-b, t + 1.0, REFERENCE) < arrhenius(-b, t, REFERENCE)


@given(b=st.floats(0.0, 1e4), t=temperatures)
def test_vogel_with_no_offset_is_arrhenius(b: float, t: float) -> None:
    assert vogel(b, 0.0, t, REFERENCE) == arrhenius(b, t, REFERENCE)


def test_the_slope_of_an_arrhenius_plot_is_the_activation_energy() -> None:
    energy = 35_000.0
    a, b = (np.log(arrhenius(energy / R, t, REFERENCE)) for t in (280.0, 300.0))
    assert R * (b - a) / (1 / 280.0 - 1 / 300.0) == pytest.approx(energy)


def test_concentrations_above_depletion_are_left_alone() -> None:
    for c in (3e-4, 0.01, 1.0, 3.0):
        assert depletion.positive(c) == c
        assert depletion.log_concentration(c) == pytest.approx(np.log(c), rel=1e-14)


@pytest.mark.parametrize("law", [depletion.positive, depletion.log_concentration])
def test_the_continuation_joins_with_its_slope(law: Any) -> None:
    at, h = depletion.DEPLETED, 1e-5 * depletion.DEPLETED
    assert law(at + h) == pytest.approx(law(at - h), rel=1e-4)
    right, left = (law(at + 2 * h) - law(at + h)) / h, (law(at - h) - law(at - 2 * h)) / h
    assert right == pytest.approx(left, rel=1e-3)


@given(c=st.floats(-2.0, depletion.DEPLETED))
def test_a_depleted_electrolyte_stays_positive_and_its_logarithm_falls(c: float) -> None:
    assert 0 < depletion.positive(c) <= depletion.DEPLETED
    assert depletion.log_concentration(c) <= np.log(depletion.DEPLETED) + 1e-12
    assert depletion.log_concentration(c - 0.01) < depletion.log_concentration(c)


def test_a_depleted_electrolyte_has_finite_complex_steps() -> None:
    z = np.array([-0.5 + 1e-30j, 0.5 + 1e-30j])
    assert np.all(np.isfinite(depletion.log_concentration(z)))
    assert depletion.log_concentration(z).imag[0] / 1e-30 == pytest.approx(1 / depletion.DEPLETED)


def properties(diffusion: float = 1e4, conduction: float = 1e-3, **more: Any) -> SimpleNamespace:
    values = {
        "diffusion": diffusion,
        "conduction": conduction,
        "log_c": 0.0,
        "potential": 0.03,
        "transference": 0.3,
        "blocked": 0.0,
    }
    return SimpleNamespace(**(values | more))


def at(c: float, phi: float) -> SimpleNamespace:
    return SimpleNamespace(c=c, phi_e=phi, phi_s=0.0)


FACE = SimpleNamespace(blocked=0.0, resistance=0.0, inside=1.0, conductance=0.0)


def test_nothing_flows_between_equal_nodes() -> None:
    assert electrolyte.flux(FACE, at(1.0, 0.2), at(1.0, 0.2), properties(), properties(), False) == (0.0, 0.0)


def test_fluxes_change_sign_with_their_direction() -> None:
    left, right = properties(log_c=np.log(1.2)), properties(log_c=0.0, diffusion=2e4)
    there = electrolyte.flux(FACE, at(1.2, 0.0), at(1.0, 0.01), left, right, False)
    back = electrolyte.flux(FACE, at(1.0, 0.01), at(1.2, 0.0), right, left, False)
    assert there[0] == pytest.approx(-back[0])
    assert there[1] == pytest.approx(-back[1])


def test_ohms_law_without_a_gradient_of_concentration() -> None:
    n, i = electrolyte.flux(FACE, at(1.0, 0.01), at(1.0, 0.0), properties(), properties(), False)
    assert i == pytest.approx(0.01 / 2e-3)
    assert n == pytest.approx(0.3 * i / (F * C0))


def test_an_interface_resistance_adds_to_the_path() -> None:
    face = SimpleNamespace(**{**vars(FACE), "resistance": 2e-3})
    _, i = electrolyte.flux(face, at(1.0, 0.01), at(1.0, 0.0), properties(), properties(), False)
    assert i == pytest.approx(0.01 / 4e-3)


def test_at_open_circuit_the_diffusion_potential_balances() -> None:
    """A concentration cell: dphi = (2 R T / F) (1 - t+) chi d ln c."""
    ratio = np.log(1.5)
    left, right = properties(), properties(log_c=ratio)
    _, i = electrolyte.flux(FACE, at(1.0, 0.0), at(1.5, 0.03 * ratio), left, right, False)
    assert i == pytest.approx(0.0, abs=1e-15)


def test_only_the_cation_crosses_a_blocked_face() -> None:
    face = SimpleNamespace(blocked=1.0, resistance=0.0, inside=0.0, conductance=0.0)
    p = properties(log_c=0.1)
    n, i = electrolyte.flux(face, at(1.2, 0.01), at(1.0, 0.0), p, properties(), True)
    assert i > 0
    assert n == pytest.approx(i / (F * C0))


@pytest.mark.parametrize("hybrid", [True, False])
def test_a_face_that_is_open_is_the_same_in_a_hybrid_stack(hybrid: bool) -> None:
    left, right = properties(log_c=0.2), properties()
    n, i = electrolyte.flux(FACE, at(1.2, 0.01), at(1.0, 0.0), left, right, hybrid)
    plain = electrolyte.flux(FACE, at(1.2, 0.01), at(1.0, 0.0), left, right, False)
    assert (n, i) == pytest.approx(plain)


def test_sources_and_particles_balance() -> None:
    """What leaves the particles enters the electrolyte: a j / F a volume and second."""
    radius, fraction, contact, maximum, j = 5e-6, 0.6, 0.8, 3e4, 2.0
    d = SimpleNamespace(
        area_density=contact * 3 * fraction / radius, flux_scale=contact / (F * radius * maximum)
    )
    cation, ionic, electronic, surface = electrode.sources(d, j)
    from_particles = 3 * surface * fraction * maximum  # 3: area over volume of the unit sphere
    assert cation * C0 == pytest.approx(from_particles)
    assert ionic == -electronic == pytest.approx(d.area_density * j)


def test_a_particle_flux_runs_from_full_to_empty() -> None:
    p = SimpleNamespace(inverse_square_radius=4e10, diffusivity=1e-14, activation=0.0)
    assert particle.radial_flux(p, REFERENCE, REFERENCE, 0.5, 0.5, False) == 0.0
    assert particle.radial_flux(p, REFERENCE, REFERENCE, 0.4, 0.5, False) == pytest.approx(4e-5)
    assert particle.radial_flux(p, REFERENCE, REFERENCE, 0.5, 0.4, False) == pytest.approx(-4e-5)


def test_the_enthalpy_potential_is_that_of_gibbs_and_helmholtz() -> None:
    token = TABLES.set({"open_circuit_potential": lambda x: 3.7, "entropic_change": lambda x: 2e-4})
    try:
        assert particle.enthalpy_potential(0.5, 300.0) == pytest.approx(3.7 - 0.06)
        thermal = electrode.open_circuit_potential(0.5, 310.0, 300.0, True)
        assert thermal == pytest.approx(3.7 + 2e-3)
        assert electrode.open_circuit_potential(0.5, 310.0, 300.0, False) == 3.7
    finally:
        TABLES.reset(token)


def kinetic_node(film: float) -> SimpleNamespace:
    return SimpleNamespace(
        film_resistance=film,
        film_activation=0.0,
        rate=2.0,
        kinetic_activation=0.0,
        exchange_current=10.0,
        reference_concentration=1.0,
    )


@given(j=st.floats(-20.0, 20.0), film=st.floats(0.0, 1e-2))
def test_the_potential_for_a_current_solves_the_residual(j: float, film: float) -> None:
    token = TABLES.set({"open_circuit_potential": lambda x: 0.1, "entropic_change": lambda x: 0.0})
    try:
        d, args = kinetic_node(film), (REFERENCE, REFERENCE)
        y = SimpleNamespace(c=1.1, phi_e=-0.2, phi_s=0.0)
        y.phi_s = y.phi_e + electrode.porous_potential(d, y, j, 0.4, *args, True, False)
        assert electrode.porous_residual(d, y, j, 0.4, *args, True, False) == pytest.approx(0.0, abs=1e-11)
        y.phi_s = y.phi_e + electrode.planar_potential(d, y, j, *args)
        assert electrode.planar_residual(d, y, j, *args) == pytest.approx(0.0, abs=1e-11)
    finally:
        TABLES.reset(token)
