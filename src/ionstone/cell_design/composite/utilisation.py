r"""The share of active material that takes part: what no path of electrons or of ions reaches does not count.

$$ u = P(s_e / s_{c,e})\; \left[1 - (1 - P(s_i / s_{c,i})\, s_i)^{Z}\right], \qquad
   P(r) = 1 - \exp\left(-5.31\, (r - 1)^{0.717}\right) $$

P is the share of a phase that belongs to its spanning cluster, at r times its percolation threshold. The
second factor is the share of particles of which at least one of Z neighbours is connected electrolyte.

Validity: P is fitted within 0.03 to our own computation (site percolation on cubic lattices of 80^3,
1.02 < r < 2.2); that composites follow the lattice at the same r, and Z = 6, are estimates. P = 0 below the
threshold and 1 far above it. Symbols: s_e, s_i shares of active material and electrolyte among the solids,
s_c their thresholds; all [-].
"""

from __future__ import annotations

from math import exp

NEIGHBOURS = 6


def connected_share(ratio: float) -> float:
    """P [-]: share of a phase in its spanning cluster at ``ratio`` times the percolation threshold."""
    return 0.0 if ratio <= 1.0 else 1.0 - exp(-5.31 * (ratio - 1.0) ** 0.717)


def utilisation(
    active: float, electrolyte: float, active_threshold: float, electrolyte_threshold: float
) -> float:
    """u [-] from shares of the solids and the percolation thresholds of active material and electrolyte."""
    electrons = connected_share(active / active_threshold)
    ions = connected_share(electrolyte / electrolyte_threshold)
    return float(electrons * (1.0 - (1.0 - ions * electrolyte) ** NEIGHBOURS))


def full_utilisation() -> float:
    """The null model: all active material takes part."""
    return 1.0
