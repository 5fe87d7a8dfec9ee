"""Every law with units on its arguments and on F and R: the results have the right dimensions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pint
import pytest

from ionstone.cell_model.laws import depletion, electrode, electrolyte, kinetics, particle, temperature
from ionstone.core import ops

U = pint.UnitRegistry()
FARADAY, GAS = 96485.33212 * U.C / U.mol, 8.314462618 * U.J / U.mol / U.K
CONCENTRATION = 1000.0 * U.mol / U.m**3
T, REFERENCE = 310.0 * U.K, 298.15 * U.K
AREAL_CURRENT, POTENTIAL = "[current]/[length]**2", U.V.dimensionality


@pytest.fixture(autouse=True)
def constants_with_units(monkeypatch: pytest.MonkeyPatch) -> Any:
    """F, R and the concentration unit with their units, in every file of laws; tables that return units."""
    for module in (kinetics, electrode, electrolyte):
        for name, value in (("F", FARADAY), ("R", GAS), ("C0", CONCENTRATION)):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, value)
    for module in (kinetics, electrode, electrolyte, particle, temperature, depletion):
        for name in ("exp", "log", "sqrt", "sinh", "arcsinh", "maximum", "where"):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, DIMENSIONAL.get(name, getattr(ops, name)))
    tables = {
        "open_circuit_potential": lambda x: 3.7 * U.V,
        "entropic_change": lambda x: 1e-4 * U.V / U.K,
        "diffusivity": lambda x: 1e-14 * U.m**2 / U.s,
        "prefactor": lambda x: 1.0,
        "electrolyte_conductivity": lambda c: 1.0 * U.S / U.m,
        "electrolyte_diffusivity": lambda c: 1e-10 * U.m**2 / U.s,
        "transference_number": lambda c: 0.3,
        "thermodynamic_factor": lambda c: 1.2,
    }
    token = ops.TABLES.set(tables)
    yield
    ops.TABLES.reset(token)


def plain(x: Any) -> float:
    """A dimensionless number; a DimensionalityError for anything else."""
    return float(x.to("").magnitude) if isinstance(x, U.Quantity) else float(x)


def larger(a: Any, b: Any) -> Any:
    return a if a >= b else b


DIMENSIONAL: dict[str, Any] = {
    **{
        name: (lambda x, name=name: getattr(ops, name)(plain(x)))
        for name in ("exp", "log", "sinh", "arcsinh")
    },
    "sqrt": lambda x: x**0.5,
    "maximum": larger,
    "where": lambda c, a, b: a if c else b,
}


def node(**more: Any) -> SimpleNamespace:
    """Data of a node."""
    return SimpleNamespace(
        half_path=1e-6 * U.m,
        conductivity_activation=1000.0 * U.K,
        conductivity_t0=0.0 * U.K,
        diffusivity_activation=1000.0 * U.K,
        diffusivity_t0=200.0 * U.K,
        transference=0.3,
        thermodynamic=1.1,
        rate=2.0 * U.A / U.m**2,
        kinetic_activation=3000.0 * U.K,
        film_resistance=1e-3 * U.ohm * U.m**2,
        film_activation=2000.0 * U.K,
        exchange_current=10.0 * U.A / U.m**2,
        reference_concentration=1.0,
        area_density=3e5 / U.m,
        flux_scale=1e-7 * U.m**2 / U.C,
        **more,
    )


def state() -> SimpleNamespace:
    return SimpleNamespace(c=1.1, phi_e=-0.1 * U.V, phi_s=0.05 * U.V)


def test_temperature_factors_are_numbers() -> None:
    assert plain(temperature.arrhenius(3000.0 * U.K, T, REFERENCE)) > 1.0
    assert plain(temperature.vogel(800.0 * U.K, 200.0 * U.K, T, REFERENCE)) > 1.0
    with pytest.raises(pint.DimensionalityError):
        temperature.arrhenius(3000.0 * U.J / U.mol, T, REFERENCE)


def test_kinetics() -> None:
    i0 = 2.0 * U.A / U.m**2
    i = kinetics.butler_volmer(20.0 * U.mV, T, i0)
    assert i.check(AREAL_CURRENT)
    assert kinetics.overpotential(i, T, i0).to("mV").magnitude == pytest.approx(20.0)
    assert kinetics.insertion_exchange_current(i0, 1.0, 0.4).check(AREAL_CURRENT)
    assert kinetics.plating_exchange_current(i0, 1.0, 1.2).check(AREAL_CURRENT)


@pytest.mark.parametrize("thermal", [True, False])
@pytest.mark.parametrize("variable", [True, False])
def test_porous_electrode(thermal: bool, variable: bool) -> None:
    j = 0.5 * U.A / U.m**2
    residual = electrode.porous_residual(node(), state(), j, 0.4, T, REFERENCE, thermal, variable)
    assert residual.check(AREAL_CURRENT)
    drop = electrode.porous_potential(node(), state(), j, 0.4, T, REFERENCE, thermal, variable)
    assert drop.check(POTENTIAL)


def test_planar_electrode() -> None:
    j = 0.5 * U.A / U.m**2
    assert electrode.planar_residual(node(), state(), j, T, REFERENCE).check(AREAL_CURRENT)
    assert electrode.planar_potential(node(), state(), j, T, REFERENCE).check(POTENTIAL)


def test_sources() -> None:
    cation, ionic, electronic, surface = electrode.sources(node(), 0.5 * U.A / U.m**2)
    assert cation.check("1/[time]")
    assert ionic.check("[current]/[length]**3")
    assert (ionic + electronic).magnitude == 0.0
    assert surface.check("1/[time]")


@pytest.mark.parametrize("variable", [True, False])
@pytest.mark.parametrize("hybrid", [True, False])
def test_electrolyte(variable: bool, hybrid: bool) -> None:
    values = electrolyte.properties(node(), state(), T, REFERENCE, variable, hybrid)
    p = SimpleNamespace(**dict(zip(electrolyte.PROPERTIES, values, strict=True)))
    assert p.diffusion.check("[time]/[length]")
    assert p.conduction.check((U.ohm * U.m**2).dimensionality)
    assert p.potential.check(POTENTIAL)
    if hybrid:
        assert p.blocked.check((U.ohm * U.m**2).dimensionality)
    face = SimpleNamespace(blocked=0.0, inside=1.0, resistance=0.0 * U.ohm * U.m**2)
    left, right = state(), SimpleNamespace(c=1.0, phi_e=-0.2 * U.V, phi_s=0.0 * U.V)
    n, i = electrolyte.flux(face, left, right, p, p, hybrid)
    assert n.check("[length]/[time]")
    assert i.check(AREAL_CURRENT)
    assert i.to("A/m^2").magnitude > 0  # down the potential
    assert n.to("m/s").magnitude > 0  # down the concentration, and with the current


@pytest.mark.parametrize("variable", [True, False])
def test_particle(variable: bool) -> None:
    p = SimpleNamespace(
        inverse_square_radius=1 / (5e-6 * U.m) ** 2, diffusivity=1e-14 * U.m**2 / U.s, activation=3000.0 * U.K
    )
    flux = particle.radial_flux(p, T, REFERENCE, 0.4, 0.5, variable)
    assert flux.check("1/[time]")
    assert flux.to("1/s").magnitude > 0  # toward the centre where the outside is fuller
    assert particle.enthalpy_potential(0.5, T).check(POTENTIAL)
