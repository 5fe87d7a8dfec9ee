r"""The null model: hardware that holds its pressure whatever the cell does (a gas or a very soft spring).

$$ p = p_0 $$
"""

from __future__ import annotations


def pressure(initial: float, growth: float, cell: float, hardware: float) -> float:
    """p [Pa] after a growth [m] of one electrode pair."""
    del growth, cell, hardware
    return initial
