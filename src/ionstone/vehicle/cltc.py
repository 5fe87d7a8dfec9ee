r"""An approximation of the CLTC-P: phases of the WLTC 3b bent to the statistics of the Chinese cycle.

The moving parts and the standing parts of the low, medium and high phase of the WLTC are stretched in time
to the duration of the slow, medium and fast phase of the CLTC-P and to its share of standing time, then

$$ v = v_{max} (w / w_{max})^p $$

with $p$ such that the distance is that of the phase. Durations, distances, top speeds and the standing time
are those of GB/T 38146.1-2019 (as listed by dieselnet.com); the sequence of speeds is not. Validity: energy
over the whole cycle, by its statistics; no free copy of the trace keeps the limits of the standard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ionstone.vehicle.cycle import Cycle

#: part of the WLTC [s], duration [s], distance [m], top speed [m/s]
PHASES = (
    ((0, 589), 674, 2450.0, 48.1 / 3.6),
    ((589, 1022), 693, 5910.0, 71.2 / 3.6),
    ((1022, 1477), 433, 6120.0, 114.0 / 3.6),
)
#: share of the time at rest
STANDING = 0.2211
_STILL = 0.01  # m/s, below it the car stands


def approximation(wltc: Cycle) -> tuple[np.ndarray, np.ndarray]:
    """Return (time [s] at 1 Hz, speed [m/s]) made of a WLTC 3b at 1 Hz."""
    parts = [wltc.speed[a : b + 1] for (a, b), *_ in PHASES]
    still = [float(np.sum(_standing(part))) for part in parts]
    total = STANDING * sum(duration for _, duration, *_ in PHASES)
    speed = [np.zeros(1)]
    for part, rest, (_, duration, distance, top) in zip(parts, still, PHASES, strict=True):
        pause = total * rest / sum(still)
        weight = np.where(_standing(part), pause / rest, (duration - pause) / (part.size - 1 - rest))
        places = np.concatenate([[0.0], np.cumsum(weight)])
        even = np.interp(np.arange(1, duration + 1.0), places, part / part.max())
        speed.append(top * even ** _exponent(even, distance / top))
    whole = np.concatenate(speed)
    return np.arange(whole.size, dtype=float), whole


def _standing(speed: np.ndarray) -> np.ndarray:
    """Return which intervals of a trace are at rest."""
    return np.asarray((speed[1:] < _STILL) & (speed[:-1] < _STILL))


def _exponent(shape: np.ndarray, goal: float) -> float:
    """Return p with sum(shape^p) = goal [s]; the sum falls with p."""
    low, high = 0.1, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if float(np.sum(shape**middle)) > goal else (low, middle)
    return (low + high) / 2
