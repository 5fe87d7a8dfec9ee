r"""The currents of a pack: parallel cells share a voltage, strings of them a current.

Around a point where the cells $k$ carry the currents $I_k$ at the branch voltages $W_k = V_k - r_k I_k$, each
cell is a line with the slope $\rho_k = -\mathrm d W_k / \mathrm d I_k$:

$$ I'_k = I_k + \frac{W_k - U_g}{\rho_k}, \qquad \sum_{k \in g} m_k I'_k = I', \qquad
   V_{pack} = \sum_g M_g U_g - R_b I' = A - B I' $$

so that the current of the pack solves one scalar equation. With a heater of the power $H$ beside the load,
$I' = I_0 + H/V_{pack}$, $V_{pack} I' = P + H$, $V_{pack} = V$ or $I' = V_{pack}/R + H/V_{pack}$. Repeated
with the voltages of the cells at the new currents this is Newton's method; the currents sum to that of the
pack at every pass, by construction. Limits of the cells become bounds on $I'$ through the same lines.

Validity: a busbar without resistance between the cells of one parallel group; what joins a cell to it is
$r_k$. Reference: Kirchhoff's laws; the split by lines as in any Newton method for networks. Symbols: r_k
joint of a cell, R_b busbars of the whole string [ohm]; m_k cells that a lane stands for in its group, M_g
groups that a group stands for.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Layout:
    """Which group each lane is in (from 0, without gaps), how many cells and groups it stands for."""

    group: IntArray
    cells: FloatArray
    groups: FloatArray
    joint: FloatArray  # [ohm], one a lane
    busbar: float  # [ohm] of the whole string

    @property
    def weight(self) -> FloatArray:
        """Cells of the pack that each lane stands for."""
        return self.cells * self.groups[self.group]

    @property
    def weight_in_group(self) -> FloatArray:
        """Parallel cells of each group."""
        return self.sum_groups(self.cells)

    def sum_groups(self, values: FloatArray) -> FloatArray:
        """Sums over the lanes of each group."""
        return np.bincount(self.group, weights=values, minlength=len(self.groups)).astype(float, copy=False)


@dataclass(frozen=True, eq=False)
class Lines:
    """The pack as a line, and each lane's current as one of the pack's current: ``start + share I``."""

    open_voltage: float
    resistance: float
    start: FloatArray
    share: FloatArray
    group_voltage: FloatArray
    group_resistance: FloatArray

    def currents(self, current: float) -> FloatArray:
        """The current of one cell of each lane [A]."""
        return self.start + self.share * current

    def voltage(self, current: float) -> float:
        """Voltage of the pack [V]."""
        return self.open_voltage - self.resistance * current


def lines(layout: Layout, voltage: FloatArray, current: FloatArray, slope: FloatArray) -> Lines:
    """The lines through the point of each lane; ``slope``: -dV/dI of one cell [ohm], joints left out."""
    rho = slope + layout.joint
    branch = voltage - layout.joint * current
    conductance = layout.sum_groups(layout.cells / rho)
    a = layout.sum_groups(layout.cells * (branch / rho + current)) / conductance
    b = 1.0 / conductance
    share = b[layout.group] / rho
    start = current + (branch - a[layout.group]) / rho
    return Lines(
        float(np.sum(layout.groups * a)),
        float(np.sum(layout.groups * b)) + layout.busbar,
        start,
        share,
        a,
        b,
    )


def demanded(line: Lines, control: str, value: float, heater: float = 0.0) -> float:
    """Current of the pack [A] that meets a demand and feeds a heater [W] beside it.

    The most powerful current where the power cannot be met.
    """
    a, b = line.open_voltage, line.resistance
    if control == "voltage":
        return (a - value) / b
    if control == "power":
        linear, constant = a, value + heater  # b I^2 - linear I + constant = 0
    elif control == "current":
        if heater == 0.0:
            return value
        linear, constant = a + b * value, a * value + heater
    elif heater == 0.0 or value == 0.0:
        return a / (b + value)
    else:
        v = _largest(1.0 + b / value, a, b * heater)
        return v / value + heater / v
    root = linear * linear - 4 * b * constant
    return linear / (2 * b) if root <= 0 else 2 * constant / (linear + sqrt(root))


def _largest(square: float, linear: float, constant: float) -> float:
    """The larger root of ``square x^2 - linear x + constant``, or its lowest point where it has none."""
    return (linear + sqrt(max(linear * linear - 4 * square * constant, 0.0))) / (2 * square)


@dataclass(frozen=True, eq=False)
class Bound:
    """A limit of the cells as bounds on the current of one cell of each lane [A]."""

    name: str
    lower: FloatArray
    upper: FloatArray


def bounded(line: Lines, current: float, bounds: list[Bound]) -> tuple[float, str]:
    """The current of the pack within all bounds, and the name of the one that binds (empty: none).

    A bound never asks for a current of the other sign: at most it brings the pack to rest.
    """
    low, high, by_low, by_high = -inf, inf, "", ""
    for bound in bounds:
        least = float(np.max((bound.lower - line.start) / line.share))
        most = float(np.min((bound.upper - line.start) / line.share))
        if least > low:
            low, by_low = least, bound.name
        if most < high:
            high, by_high = most, bound.name
    if current < min(low, 0.0):
        return min(low, 0.0), by_low
    if current > max(high, 0.0):
        return max(high, 0.0), by_high
    return current, ""


def exact(layout: Layout, currents: FloatArray, current: float) -> FloatArray:
    """The currents with what rounding left over put right: they sum to the string's in each group."""
    left = current - layout.sum_groups(layout.cells * currents)
    return currents + (left / layout.sum_groups(layout.cells))[layout.group]
