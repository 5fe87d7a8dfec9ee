r"""Hardware that does not yield: all growth compresses the layers.

$$ p = \max(0,\ p_0 + k\, u) $$

Validity: elastic layers; lithium that flows away at its yield stress (about 0.8 MPa) would relax it, so this
is the upper bound. Symbols: u growth of one electrode pair [m], k its stiffness [Pa/m].
"""

from __future__ import annotations


def pressure(initial: float, growth: float, cell: float, hardware: float) -> float:
    """p [Pa] after a growth [m] of one electrode pair of stiffness ``cell`` [Pa/m]."""
    del hardware
    return max(0.0, initial + cell * growth)
