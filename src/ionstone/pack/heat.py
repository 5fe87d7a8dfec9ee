r"""The heat of a pack: cells, cold plates and ambient as a network of lumps.

$$ C_i \frac{\mathrm d T_i}{\mathrm d t} = \dot Q_i + \sum_j G_{ij} (T_j - T_i)
   + G_{i,a} (T_a - T_i), \qquad
   \dot q_p = \left(1 - e^{-G_p/(\dot m c)}\right) \dot m c\, (T_p - T_{in,p}) $$

The coolant passes the plates of the modules one after the other, without heat of its own that it stores;
$T_{in}$ of a plate is $T_{out}$ of the one before. The network is linear; it is advanced by the trapezoidal
rule, second order, in which the heat that leaves equals what the lumps lose to the last digit. With the
cells it alternates (Strang): half a step of the network, a step of the cells without exchange, half a step
of the network, which is second order in the step of time.

Validity: each cell at one temperature (a Biot number below 0.1). Reference: Incropera 2007, Fundamentals of
Heat and Mass Transfer, ch. 5 (lumps) and ch. 11 (heat exchangers); Strang 1968, SIAM J. Numer. Anal. 5.
Symbols: C heat capacity [J/K], G conductance [W/K], T [K], Q heat of a cell [W], m c heat capacity rate of
the coolant [W/K].
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HeatLayout:
    """The network, cells first and then one plate a module.

    ``capacity`` [J/K] of each node; ``links``: pairs of nodes and their conductance [W/K]; ``ambient`` [W/K]
    of each node; ``plate`` [W/K] from a plate to its coolant; ``flow`` [W/K] of the coolant (0: none).
    """

    capacity: FloatArray
    links: tuple[tuple[int, int, float], ...]
    ambient: FloatArray
    cells: int
    plate: float = 0.0
    flow: float = 0.0


class HeatNetwork:
    """Temperatures of plates and the exchange of heat; temperatures of the cells come from their lanes."""

    def __init__(self, layout: HeatLayout, plates: FloatArray) -> None:
        self.layout, self.plates = layout, plates.copy()
        n = len(layout.capacity)
        g = np.zeros((n, n))
        for i, j, conductance in layout.links:
            g[i, i] -= conductance
            g[j, j] -= conductance
            g[i, j] += conductance
            g[j, i] += conductance
        self._out_ambient = layout.ambient
        g[np.diag_indices(n)] -= layout.ambient
        self._wet = layout.plate > 0 and layout.flow > 0
        #: heat [W] that each plate gives to the coolant: matrix @ (temperatures - inlet)
        self._coolant = np.zeros((n, n))
        if self._wet:
            share = 1.0 - exp(-layout.plate / layout.flow)
            for p in range(layout.cells, n):
                self._coolant[p, p] = share * layout.flow
                for q in range(layout.cells, p):
                    self._coolant[p, q] = -share * share * layout.flow * (1 - share) ** (p - q - 1)
        self._exchange = g
        self._steps: dict[tuple[float, bool], tuple[FloatArray, FloatArray]] = {}

    def advance(
        self, dt: float, cells: FloatArray, ambient: float, inlet: float, pumping: bool, heater: FloatArray
    ) -> tuple[FloatArray, float, float]:
        """Temperatures of the cells [K] after ``dt`` [s], and heat [J] that went to ambient and coolant.

        ``heater``: heat into each node [W]. ``pumping``: whether coolant flows.
        """
        pumping = pumping and self._wet
        key = (float(f"{dt:.12g}"), pumping)
        if key not in self._steps:
            if len(self._steps) > 32:
                self._steps.clear()
            a = (self._exchange - (self._coolant if pumping else 0.0)) / self.layout.capacity[:, None]
            eye = np.eye(len(a))
            self._steps[key] = (np.asarray(np.linalg.inv(eye - 0.5 * dt * a), dtype=float), a)
        inverse, a = self._steps[key]
        before = np.concatenate([cells, self.plates])
        drive = self._out_ambient * ambient + heater
        if pumping:
            drive = drive + self._coolant.sum(axis=1) * inlet
        change = inverse @ (dt * (a @ before + drive / self.layout.capacity))
        middle = before + 0.5 * change
        lost = dt * float(np.sum(self._out_ambient * (middle - ambient)))
        cooled = dt * float(np.sum(self._coolant @ (middle - inlet))) if pumping else 0.0
        after = before + change
        self.plates = after[len(cells) :]
        return after[: len(cells)], lost, cooled

    @property
    def stored(self) -> FloatArray:
        """Heat capacity of each node [J/K]."""
        return self.layout.capacity
