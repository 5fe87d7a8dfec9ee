"""A depleted electrolyte: smooth continuation of concentrations near zero.

Below DEPLETED the logarithm goes on along its tangent and the concentration under square roots along a
hyperbola: both once continuously differentiable. The potential then rises without bound and starves the
reaction, as at a true zero.
"""

from __future__ import annotations

import math
from typing import Any

from ionstone.core.ops import log, maximum, minimum, where

#: concentration where the continuation begins, in units of C0: 0.1 mol/m3 (numerical, not a property)
DEPLETED = 1e-4


def positive(c: Any) -> Any:
    """The concentration itself, or DEPLETED^2 / (2 DEPLETED - c) below DEPLETED."""
    return where(c > DEPLETED, c, DEPLETED**2 / (2 * DEPLETED - minimum(c, DEPLETED)))


def log_concentration(c: Any) -> Any:
    """ln c, or its tangent at DEPLETED below that."""
    return where(c > DEPLETED, log(maximum(c, DEPLETED)), math.log(DEPLETED) - 1 + c * (1 / DEPLETED))
