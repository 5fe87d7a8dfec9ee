r"""Bruggeman's power law: grains of another phase in a conductor that is connected everywhere.

$$ \sigma_\mathrm{eff} = \sigma\, \varphi^{b}, \qquad b = 3/2 $$

Validity: liquids in porous electrodes; solid composites fall far below it (Minnmann et al. 2021: 2 to 65
times). Reference: Bruggeman 1935, Ann. Phys. 416, 636-664. Symbols: phi volume fraction of the conductor [-].
"""

from __future__ import annotations

from ionstone.cell_design.composite.base import Composition, Values


def share(composition: Composition, values: Values, path: str) -> float:
    """sigma_eff / sigma [-]."""
    del path
    return float(composition.fraction ** values.get("exponent", 1.5))
