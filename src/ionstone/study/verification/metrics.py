"""How two solutions are compared: voltage over time on a common grid, end times, orders of convergence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True, eq=False)
class Trace:
    """Voltage [V] over time [s] of one discharge, linear between its points, from rest at t = 0 to its end.

    A time that occurs twice is a jump: the value after the jump counts.
    """

    time: np.ndarray
    voltage: np.ndarray

    @property
    def end(self) -> float:
        """End of the discharge [s]."""
        return float(self.time[-1])

    def at(self, time: np.ndarray) -> np.ndarray:
        """Voltage [V] at ``time`` [s]."""
        keep = np.append(np.diff(self.time) > 0.0, True)
        return np.interp(time, self.time[keep], self.voltage[keep])


@dataclass(frozen=True)
class Difference:
    """How far apart two discharges are."""

    rmse: float  #: root of the mean square difference of the voltage [V], equal weight per second
    largest: float  #: largest absolute difference of the voltage [V]
    at: float  #: time of the largest difference [s]
    signed: float  #: the difference there, first minus second [V]
    end: float  #: absolute difference of the end times, relative to the second [1]
    window: tuple[float, float]  #: times between which the voltages were compared [s]

    def text(self) -> str:
        """Where the largest difference lies, for the detail of a check."""
        share = self.at / self.window[1] if self.window[1] else 0.0
        return f"largest {1e3 * self.signed:+.3f} mV at {self.at:.4g} s ({share:.1%} of the window)"


def compare(
    first: Trace, second: Trace, start: float = 1.0, until: float = 0.99, points: int = 4001
) -> Difference:
    """Compare two discharges from ``start`` [s] to the fraction ``until`` of the shorter one.

    The RMSE uses times of equal distance; the largest difference is looked for on these and on times of
    equal ratio, so that a short ``start`` is resolved. ValueError where nothing is left to compare.
    """
    stop = until * min(first.end, second.end)
    if not 0.0 < start < stop:
        raise ValueError(f"nothing to compare between {start:g} s and {stop:g} s")
    even = np.linspace(start, stop, points)
    times = np.union1d(even, np.geomspace(start, stop, points // 4))
    times = np.clip(times, start, stop)
    mean_square = float(np.mean((first.at(even) - second.at(even)) ** 2))
    difference = first.at(times) - second.at(times)
    worst = int(np.argmax(np.abs(difference)))
    return Difference(
        rmse=float(np.sqrt(mean_square)),
        largest=float(abs(difference[worst])),
        at=float(times[worst]),
        signed=float(difference[worst]),
        end=abs(first.end / second.end - 1.0),
        window=(start, stop),
    )


def order_of_grid(solutions: Sequence[np.ndarray], ratio: float = 2.0) -> list[float]:
    """Observed orders of convergence of solutions on grids refined by ``ratio`` each time.

    From three successive grids, p = log(|u1 - u2| / |u2 - u3|) / log(ratio), in the root-mean-square norm
    over the entries: no exact solution is needed. One order for each three successive grids.
    """
    steps = [_norm(a - b) for a, b in pairwise(solutions)]
    return [float(np.log(a / b) / np.log(ratio)) for a, b in pairwise(steps)]


def order_of_steps(counts: Sequence[float], errors: Sequence[float]) -> float:
    """Slope of log(error) over log(1 / number of steps): the observed order of an integrator."""
    slope = np.polyfit(np.log(np.asarray(counts, float)), np.log(np.asarray(errors, float)), 1)[0]
    return float(-slope)


def _norm(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))
