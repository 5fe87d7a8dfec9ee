r"""A tortuosity factor that was measured.

$$ \sigma_\mathrm{eff} = \varphi\, \sigma / \tau^2 $$

Validity: the composition it was measured at. Symbols: phi volume fraction of the conductor [-], tau^2
tortuosity factor [-].
"""

from __future__ import annotations

from ionstone.cell_design.composite.base import Composition, Values


def share(composition: Composition, values: Values, path: str) -> float:
    """sigma_eff / sigma [-]."""
    del path
    return composition.fraction / values["factor"]
