"""Charge transfer at particles and at planar metal."""

from __future__ import annotations

from typing import Any

from ionstone.cell_model.laws.depletion import positive
from ionstone.core.constants import F, R
from ionstone.core.ops import arcsinh, sinh, sqrt

#: value of x (1 - x) below which the exchange current of a full or empty particle falls along a smooth tail
#: instead of ending at zero (numerical, not a property)
FLOOR = 1e-4


def butler_volmer(overpotential: Any, temperature: Any, exchange_current_density: Any) -> Any:
    r"""Symmetric one-electron Butler-Volmer kinetics [A/m2].

    $$ i = 2\, i_0 \sinh\left(\frac{F \eta}{2 R T}\right) $$

    ``overpotential`` [V], ``temperature`` [K]. Validity: single-electron transfer with transfer coefficients
    of 1/2. Reference: Newman & Thomas-Alyea 2004, Electrochemical Systems, ch. 8.
    """
    return 2 * exchange_current_density * sinh(F * overpotential / (2 * R * temperature))


def overpotential(current_density: Any, temperature: Any, exchange_current_density: Any) -> Any:
    """The exact inverse of ``butler_volmer``: overpotential [V] at a current density [A/m2]."""
    return 2 * R * temperature / F * arcsinh(current_density / (2 * exchange_current_density))


def insertion_exchange_current(rate: Any, concentration: Any, stoichiometry: Any) -> Any:
    r"""Exchange current density of an insertion reaction [A/m2].

    $$ i_0 = k \sqrt{c_e\, c_s\, (c_\mathrm{max} - c_s)} $$

    ``rate`` is k c_max sqrt(C0) [A/m2]; ``concentration`` of the electrolyte in units of C0 = 1000 mol/m3.
    Reference: Doyle, Fuller & Newman 1993, J. Electrochem. Soc. 140.
    """
    return rate * sqrt(positive(concentration) * positive(stoichiometry * (1 - stoichiometry), FLOOR))


def plating_exchange_current(exchange_current: Any, concentration: Any, reference: Any) -> Any:
    r"""Exchange current density of lithium plating and stripping [A/m2].

    $$ i_0 = i_0^\mathrm{ref} \sqrt{c_e / c_\mathrm{ref}} $$

    Reference: Doyle, Fuller & Newman 1993, J. Electrochem. Soc. 140.
    """
    return exchange_current * sqrt(positive(concentration) / reference)
