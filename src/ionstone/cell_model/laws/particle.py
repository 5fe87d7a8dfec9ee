"""Diffusion of the inserted ion in a spherical particle, and the heat of mixing that it sets free."""

from __future__ import annotations

from typing import Any

from ionstone.cell_model.laws.temperature import arrhenius
from ionstone.core.ops import table


def radial_flux(p: Any, temperature: Any, reference: Any, left: Any, right: Any, variable: bool) -> Any:
    r"""Inward flux per unit of distance on the unit sphere, times that distance [1/s].

    $$ \dot x = \nabla\cdot\left(\frac{D(x, T)}{R_p^2} \nabla x\right) $$

    ``variable``: D is a table, taken at the mean stoichiometry of the two cells; else a number.
    Reference: Doyle, Fuller & Newman 1993, J. Electrochem. Soc. 140.
    """
    scale = p.inverse_square_radius * arrhenius(p.activation, temperature, reference)
    return scale * diffusivity(p, 0.5 * (left + right), variable) * (right - left)


def diffusivity(p: Any, x: Any, variable: bool) -> Any:
    """Diffusivity at the reference temperature [m2/s]: a table over stoichiometry, or a number."""
    return table("diffusivity", x) if variable else p.diffusivity


def enthalpy_potential(x: Any, temperature: Any) -> Any:
    r"""Enthalpy potential of an insertion electrode [V]: U - T dU/dT.

    It is independent of temperature for constant dU/dT. ``temperature`` [K] is that of the table of U.
    Reference: Rao & Newman 1997, J. Electrochem. Soc. 144.
    """
    return table("open_circuit_potential", x) - temperature * table("entropic_change", x)
