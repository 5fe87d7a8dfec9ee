r"""Voids at stripped lithium: what the current takes beyond what creep and diffusion bring back.

$$ \frac{\mathrm d h}{\mathrm d t} = \frac{V_\mathrm{Li}}{F}\left(\max(i - i_v, 0) - \max(i_v - i, 0)\,
   (1 - e^{-h / \varepsilon d})\right), \qquad \theta = e^{-h/d} $$

The void current i_v is by its definition the current that creep and diffusion just supply
(``cell_design.limits``: it grows with the pressure); the same supply, and all plating, fills voids again.
theta is the contact that is left, d the mean thickness of lithium that is missing when a share 1/e of the
contact is left, epsilon = 0.01 (numerical: it ends the filling at h = 0).
Validity: voids that spread along the interface at a constant depth, a supply that does not depend on them;
d is not known from a measurement. Reference: derived here from the balance of vacancies of Kasemchainan et
al. 2019, doi:10.1038/s41563-019-0438-9 (known from a digest). Null model: ``no_voids``.
"""

from __future__ import annotations

from typing import Any

from ionstone.core.ops import exp, maximum

#: depth over d at which the filling of voids falls off (numerical)
EMPTY = 0.01


def rate(voids: Any, current: Any, void_current: Any, scale: Any) -> Any:
    """Rate [1/s] of h / d at a stripping current [A/m2]; ``scale`` V_Li / (F d) [m2/C]."""
    filling = maximum(void_current - current, 0.0) * (1.0 - exp(-voids / EMPTY))
    return scale * (maximum(current - void_current, 0.0) - filling)


def contact_share(voids: Any) -> Any:
    """Share of the contact that is left [-]."""
    return exp(-voids)
