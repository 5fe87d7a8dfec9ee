r"""What a battery management system allows, from the limits of the cells themselves.

Each limit of a cell becomes bounds on its own current, none comes from a table:

- voltage: between the cut-offs, $I \le I_k + (V_k - V_{min})/R_k$ and $I \ge I_k - (V_{max} - V_k)/R_k$;
- plating on graphite: the potential against lithium at the separator stays above 0, with its slope to the
  current;
- critical current (filaments), on charge: $I \ge -i_{crit}(T)\, A$;
- voids, on discharge: $I \le i_{void} A$;
- temperature: within 5 K below the highest one the current falls to 0, from four times the nominal.

Validity: the limits are those of the cell at its present state; no ageing beyond them. References: those of
the cell's file. The fall over 5 K is a choice of ours (estimated, 2 to 10 K in cars).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_model.laws.temperature import arrhenius
from ionstone.core.errors import InputError, shown
from ionstone.pack.circuit import Bound

FloatArray = NDArray[np.float64]
#: [K] below the highest temperature over which the current falls
FALL = 5.0
#: [1/h] current from which it falls
FALL_FROM = 4.0
#: [V] plating: potential against lithium below which nothing is charged
PLATING = 0.0
#: limits that can be named
NAMES = ("voltage", "plating", "critical current", "voids", "temperature")


@dataclass(frozen=True, eq=False)
class CellLimits:
    """Numbers of the limits of each lane; currents are of one cell [A]."""

    lower: FloatArray
    upper: FloatArray
    nominal: FloatArray
    critical: FloatArray
    critical_activation: FloatArray
    reference: FloatArray
    void: FloatArray
    planar: bool
    highest_temperature: float
    watched: tuple[str, ...] = NAMES

    def bounds(
        self,
        current: FloatArray,
        voltage: FloatArray,
        slope: FloatArray,
        temperature: FloatArray,
        plating: FloatArray,
        plating_slope: FloatArray,
    ) -> list[Bound]:
        """Bounds from the present point; ``slope`` -dV/dI and ``plating_slope`` d(potential)/dI [ohm]."""
        none = np.full(len(current), inf)
        out = []
        if "voltage" in self.watched:
            low = current - (self.upper - voltage) / slope
            out.append(Bound("voltage", low, current + (voltage - self.lower) / slope))
        if "plating" in self.watched and not self.planar:
            out.append(Bound("plating", current - (plating - PLATING) / plating_slope, none))
        if "critical current" in self.watched and np.any(np.isfinite(self.critical)):
            factor = arrhenius(self.critical_activation, temperature, self.reference)
            out.append(Bound("critical current", -self.critical * factor, none))
        if "voids" in self.watched and np.any(np.isfinite(self.void)):
            out.append(Bound("voids", -none, self.void))
        hot = float(np.max(temperature))
        if "temperature" in self.watched and hot > self.highest_temperature - FALL:
            share = max(0.0, (self.highest_temperature - hot) / FALL)
            most = FALL_FROM * self.nominal * share
            out.append(Bound("temperature", -most, most))
        return out


def watched_of(bms: object) -> tuple[str, ...]:
    """The limits that are watched: "own" all, "voltage", "none", or a list of names."""
    if bms in ("own", True):
        return NAMES
    if bms in ("none", None, False):
        return ()
    given = (bms,) if isinstance(bms, str) else bms
    if not isinstance(given, (list, tuple)) or any(name not in NAMES for name in given):
        raise InputError(f"bms is {shown(bms)}: give own, none, or some of {', '.join(NAMES)}")
    return tuple(given)
