r"""A film on active particles through which the inserted ion diffuses: its outer face holds another filling.

$$ x_\mathrm{outer} = x_\mathrm{surface} - \frac{j\, L_f}{F\, D_f\, c_\mathrm{max}} $$

The charge transfer sees the filling of the outer face, so that a film that is too slow ends a discharge
before the particle is full. Validity: films thin against the particle (their content is left out), and
steady: times longer than L_f^2 / D_f (500 s of 100 nm at 2e-17 m^2/s). Reference: the resistive film of
Clausnitzer et al. 2024, Energy Storage Mater. 103262, doi:10.1016/j.ensm.2024.103262, known from a digest:
this form is derived, the paper's own film equation was not read. Null model: ``no_film``.
"""

from __future__ import annotations

from typing import Any

from ionstone.cell_model.laws.temperature import arrhenius
from ionstone.core.constants import F


def outer_stoichiometry(
    surface: Any, current_density: Any, depth: Any, activation: Any, temperature: Any, reference: Any
) -> Any:
    """Filling [-] of the outer face of the film at a current density [A/m2], positive out of the particle.

    ``depth`` L_f / (F D_f c_max) [m2/A] at the reference temperature, ``activation`` [K] of D_f.
    """
    return surface - current_density * depth * arrhenius(-activation, temperature, reference)


def depth(thickness: Any, diffusivity: Any, maximum_concentration: Any) -> Any:
    """L_f / (F D_f c_max) [m2/A] of a film [m, m2/s] on a material [mol/m3]."""
    return thickness / (F * diffusivity * maximum_concentration)
