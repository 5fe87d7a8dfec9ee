"""A depleted electrolyte: smooth continuation of concentrations near zero.

Below DEPLETED the logarithm goes on along its tangent and the concentration under square roots along a
hyperbola: both once continuously differentiable. The potential then rises without bound and starves the
reaction, as at a true zero.
"""

from __future__ import annotations

import math
from typing import Any

from ionstone.core.ops import log, maximum, minimum, where

#: concentration where the continuation begins, in units of C0: 0.001 mol/m3 (numerical, not a property)
DEPLETED = 1e-6


def positive(c: Any, floor: float = DEPLETED) -> Any:
    """The value itself, or floor^2 / (2 floor - c) below the floor: smooth and never zero."""
    return where(c > floor, c, floor**2 / (2 * floor - minimum(c, floor)))


def log_concentration(c: Any) -> Any:
    """ln c, or its tangent at DEPLETED below that."""
    return where(c > DEPLETED, log(maximum(c, DEPLETED)), math.log(DEPLETED) - 1 + c * (1 / DEPLETED))
