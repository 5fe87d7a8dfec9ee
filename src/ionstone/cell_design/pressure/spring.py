r"""Hardware that yields like a spring in series with the layers.

$$ p = \max\left(0,\ p_0 + \frac{u}{1/k + 1/k_s}\right) $$

A stiff spring is the fixed gap, a soft one the fixed pressure. Symbols: u growth of one electrode pair [m], k
stiffness of the pair and k_s of the spring per area and electrode pair (that of the hardware times the number
of pairs) [Pa/m].
"""

from __future__ import annotations


def pressure(initial: float, growth: float, cell: float, hardware: float) -> float:
    """p [Pa] after a growth [m] of a pair of stiffness ``cell`` held by a spring ``hardware`` [Pa/m]."""
    if hardware <= 0.0:
        return initial
    return max(0.0, initial + growth / (1.0 / cell + 1.0 / hardware))
