"""Local equations of a node: the interfacial current density of a porous and of a planar electrode."""

from __future__ import annotations

from typing import Any

from ionstone.cell_model.laws.kinetics import (
    butler_volmer,
    insertion_exchange_current,
    overpotential,
    plating_exchange_current,
)
from ionstone.cell_model.laws.temperature import arrhenius
from ionstone.core.constants import C0, F
from ionstone.core.ops import table


def open_circuit_potential(x: Any, temperature: Any, reference: Any, thermal: bool) -> Any:
    r"""Open-circuit potential [V]: U(x) + (T - T_ref) dU/dT(x).

    Isothermal models carry the table at their temperature.
    """
    u = table("open_circuit_potential", x)
    return u + (temperature - reference) * table("entropic_change", x) if thermal else u


def porous_properties(
    d: Any, y: Any, surface: Any, temperature: Any, reference: Any, thermal: bool, variable: bool
) -> tuple[Any, Any, Any]:
    """Open-circuit potential, exchange current density, resistance of the film.

    ``variable``: the prefactor of the exchange current is a table over stoichiometry, else part of the rate.
    """
    film = d.film_resistance * arrhenius(-d.film_activation, temperature, reference)
    rate = d.rate * arrhenius(d.kinetic_activation, temperature, reference)
    if variable:
        rate = rate * table("prefactor", surface)
    u = open_circuit_potential(surface, temperature, reference, thermal)
    return u, insertion_exchange_current(rate, y.c, surface), film


def planar_properties(d: Any, y: Any, temperature: Any, reference: Any) -> tuple[Any, Any]:
    """Exchange current density and resistance of the interphase of a planar electrode."""
    film = d.film_resistance * arrhenius(-d.film_activation, temperature, reference)
    i0 = plating_exchange_current(d.exchange_current, y.c, d.reference_concentration)
    return i0 * arrhenius(d.kinetic_activation, temperature, reference), film


def porous_residual(
    d: Any, y: Any, j: Any, surface: Any, temperature: Any, reference: Any, thermal: bool, variable: bool
) -> Any:
    """Butler-Volmer on the surface in contact, minus j [A/m2].

    The film's drop is part of the overpotential.
    """
    u, i0, film = porous_properties(d, y, surface, temperature, reference, thermal, variable)
    return butler_volmer(y.phi_s - y.phi_e - u - j * film, temperature, i0) - j


def porous_potential(
    d: Any, y: Any, j: Any, surface: Any, temperature: Any, reference: Any, thermal: bool, variable: bool
) -> Any:
    """Solid against electrolyte potential [V] that drives a given local current density."""
    u, i0, film = porous_properties(d, y, surface, temperature, reference, thermal, variable)
    return u + overpotential(j, temperature, i0) + j * film


def planar_residual(d: Any, y: Any, j: Any, temperature: Any, reference: Any) -> Any:
    """Plating and stripping on planar lithium, minus j [A/m2].

    The interphase's drop is part of the overpotential.
    """
    i0, film = planar_properties(d, y, temperature, reference)
    return butler_volmer(y.phi_s - y.phi_e - j * film, temperature, i0) - j


def planar_potential(d: Any, y: Any, j: Any, temperature: Any, reference: Any) -> Any:
    """Metal against electrolyte potential [V] that drives a given local current density."""
    i0, film = planar_properties(d, y, temperature, reference)
    return overpotential(j, temperature, i0) + j * film


def sources(d: Any, j: Any, side: Any = 0.0) -> tuple[Any, Any, Any, Any]:
    """Sources of the node: cation [C0/s], ionic and electronic charge [A/m3], outward particle flux [1/s].

    ``side`` [A/m2]: current density of a side reaction, which takes nothing from the particle.
    """
    a = d.area_density * (j + side)
    return a / (F * C0), a, -a, d.flux_scale * j
