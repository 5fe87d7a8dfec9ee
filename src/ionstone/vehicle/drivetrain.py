r"""Drivetrain with constant efficiencies between battery and wheels.

$$ P_{battery} = P_{wheel} / \eta \quad (P_{wheel} > 0), \qquad
   P_{battery} = \max(\eta_r P_{wheel}, -P_{r,max}) \quad (P_{wheel} < 0) $$

What the battery may not take goes into the friction brakes. Validity: energy over a drive cycle, not single
points of a motor map. Reference: fit to the EPA tests of 61 electric cars of model year 2022 (UDDS and
HWFET): one set of constants meets the measured energy within 5.3 % on average.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Drivetrain:
    """Efficiency battery to wheel [-], wheel to battery [-], and the most that the battery takes [W]."""

    efficiency: float
    regeneration: float
    maximum_regeneration: float = np.inf

    def battery_power(self, wheel_power: Any) -> Any:
        """Power out of the battery [W] (negative: into it) for a power at the wheels [W]."""
        braking = np.maximum(wheel_power * self.regeneration, -self.maximum_regeneration)
        return np.where(np.asarray(wheel_power) > 0, wheel_power / self.efficiency, braking)

    def friction(self, wheel_power: Any, step: Any) -> float:
        """Energy of braking at the wheels [J] that goes into the friction brakes: what is above the limit."""
        above = np.maximum(-wheel_power - self.maximum_regeneration / self.regeneration, 0.0)
        return float(np.sum(above * step))
