r"""How the layers of a cell breathe: thickness per charge.

Plated lithium, and a composite whose active material changes its volume by the share v from empty to full
(stoichiometry 0 to 1), all of it in the direction of the stack:

$$ \frac{\mathrm d L_\mathrm{Li}}{\mathrm d q} = \frac{M}{\rho F}, \qquad
   \Delta L = L\, \varepsilon_s\, v\, \Delta x $$

Lithium: 6.94e-3 kg/mol over 534 kg/m^3 and 96485 C/mol is 1.347e-10 m^3/C, 4.85 um per mAh/cm^2 (derived).
Validity: dense lithium; layers that are held in their plane, and keep their voids. Symbols: q charge per area
[C/m^2], M molar mass [kg/mol], rho density [kg/m^3], L thickness [m], eps_s active share [-].
"""

from __future__ import annotations

from typing import Any

from ionstone.cell_design.mass import FARADAY, LITHIUM_MOLAR_MASS


def lithium_thickness(charge: Any, density: float) -> Any:
    """Thickness [m] of the lithium that a charge per area [C/m^2] plates, at a density [kg/m^3]."""
    return charge * LITHIUM_MOLAR_MASS / (density * FARADAY)


def composite_thickness(thickness: Any, active_fraction: Any, volume_change: Any, filled: Any) -> Any:
    """Growth [m] of a composite whose active material is filled by a change of stoichiometry [-]."""
    return thickness * active_fraction * volume_change * filled
