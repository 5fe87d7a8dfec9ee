"""Cycles and drives in which derivatives are tested."""

import numpy as np

from ionstone.cell_design import load_cell
from ionstone.experiment import Profile, Step

#: C-rate, and voltages between which each cell is cycled
WINDOW = {
    "lg-m50": (1.0, 2.8, 4.1),
    "qse5": (1.0, 3.1, 4.2),
    "sulfide-li": (0.5, 2.9, 4.2),
    "polymer-lfp": (0.3, 2.6, 3.6),
}


def cycle(name: str) -> list[str]:
    """A discharge, a rest, and a charge with constant current and constant voltage."""
    rate, low, high = WINDOW[name]
    return [
        f"Discharge at {rate}C until {low} V",
        "Rest for 10 minutes",
        f"Charge at {rate}C until {high} V",
        f"Hold at {high} V until {rate / 10}C",
    ]


def drive(name: str, seconds: int = 120) -> list[Step]:
    """A power that changes every second, on discharge throughout."""
    rate = WINDOW[name][0]
    time = np.arange(seconds + 1.0)
    watts = load_cell(name)["nominal_capacity"] / 3600 * 3.5 * rate
    power = watts * (0.7 + 0.6 * np.sin(time / 7) * np.cos(time / 3))
    return [Step("power", Profile(tuple(time), tuple(power)), float(seconds), (), "drive")]
