"""How an open-circuit potential goes on beyond its data: monotone, steep and smooth, never flat.

$$ U = U_e - s\\,d - (t - s) \\left[d - w (1 - e^{-d/w})\\right] - k d^2 $$

beyond the upper end, with d the distance from the end, s the fall of the data there (at least 0), t the same
within LEAST_SLOPE and MOST_SLOPE, and w the stretch over which it bends from s to t; mirrored and rising
below the lower end. Value and slope are continuous. A flat potential would let a cut-off be missed; a
straight line from the last two points of a table may reach hundreds of volts. Not physics: a run that comes
here says so (``left_data_range``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

#: [V] curvature k: 0.05 beyond the data the potential is off by half a volt
STEEPNESS = 200.0
#: [V] least and most fall t per unit of filling beyond the data: the last two points of a table may be close
LEAST_SLOPE, MOST_SLOPE = 0.5, 50.0
#: [-] stretch w of filling over which the fall bends from that of the data
ONSET = 0.005


def continued(law: Callable[[Any], Any], x: Any, low: float, high: float) -> np.ndarray:
    """Return the potential [V] at fillings x, elementwise: the law between low and high, continued beyond."""
    import numpy as np

    x = np.asarray(x, dtype=float)
    inside = np.asarray(law(np.clip(x, low, high)), dtype=float) + np.zeros_like(x)
    if not np.any((x < low) | (x > high)):
        return inside
    h = 1e-4 * (high - low)
    ends = np.asarray(law(np.array([low, low + h, high - h, high])), dtype=float) + np.zeros(4)
    below, above = np.maximum(low - x, 0.0), np.maximum(x - high, 0.0)
    return np.asarray(inside + _fall(below, (ends[0] - ends[1]) / h) - _fall(above, (ends[2] - ends[3]) / h))


def _fall(distance: np.ndarray, slope: float) -> np.ndarray:
    """How far a potential has moved [V] at a distance beyond the data that ends with a fall of `slope`."""
    import numpy as np

    slope = max(slope, 0.0)
    bent = distance - ONSET * -np.expm1(-distance / ONSET)
    wanted = min(max(slope, LEAST_SLOPE), MOST_SLOPE)
    return np.asarray(slope * distance + (wanted - slope) * bent + STEEPNESS * distance**2)
