r"""The null model: a composite conducts as the conductivity that is given.

$$ \sigma_\mathrm{eff} = \sigma $$

For a conductivity that was measured on the composite itself, and to switch structure off.
"""

from __future__ import annotations

from ionstone.cell_design.composite.base import Composition, Values


def share(composition: Composition, values: Values, path: str) -> float:
    """sigma_eff / sigma [-], always 1."""
    del composition, values, path
    return 1.0
