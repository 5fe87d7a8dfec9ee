r"""Percolation in the volume fraction alone.

$$ \sigma_\mathrm{eff} = p\, \sigma \left(\frac{\varphi - \varphi_c}{1 - \varphi_c}\right)^{t} $$

Validity: the particle sizes and the voids that the numbers were fitted at. The threshold 0.221 and the
exponent 1.91 fit the ionic conductivities of Minnmann et al. 2021 (doi:10.1149/1945-7111/abf8d7) within
15 %. Symbols: phi volume fraction of the conductor [-], phi_c threshold [-], t exponent [-], p prefactor [-].
"""

from __future__ import annotations

from ionstone.cell_design.composite.base import Composition, Values, reduced


def share(composition: Composition, values: Values, path: str) -> float:
    """sigma_eff / sigma [-]; InputError below the threshold."""
    connected = reduced(composition.fraction, values["threshold"], path)
    return float(values.get("prefactor", 1.0) * connected ** values["exponent"])
