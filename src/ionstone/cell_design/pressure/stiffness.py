r"""Layers in series: the pressure that one more metre of thickness would cost.

$$ \frac{1}{k} = \sum_i \frac{L_i}{E_i} $$

Validity: small elastic strains across the layers, no bending, edges free. Symbols: k stiffness per area
[Pa/m], L_i thickness [m], E_i modulus [Pa].
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf


def series_stiffness(thicknesses: Sequence[float], moduli: Sequence[float]) -> float:
    """k [Pa/m] of layers in series; infinite without layers."""
    compliance = sum(t / e for t, e in zip(thicknesses, moduli, strict=True))
    return 1.0 / compliance if compliance > 0 else inf
