"""The units that figures show, from the SI units that outputs have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_SHOWN: dict[str, tuple[str, float, float]] = {
    "K": ("°C", 1.0, -273.15),
    "A s": ("A h", 1 / 3600, 0.0),
    "J": ("W h", 1 / 3600, 0.0),
    "A/m2": ("mA/cm²", 0.1, 0.0),
    "mol/m3": ("mol/L", 1e-3, 0.0),
    "m": ("µm", 1e6, 0.0),
    "1": ("", 1.0, 0.0),
}


@dataclass(frozen=True)
class Shown:
    """A unit as shown and the way to it: ``shown = value * scale + offset``."""

    unit: str
    scale: float = 1.0
    offset: float = 0.0

    def convert(self, values: np.ndarray) -> np.ndarray:
        """The values in the shown unit; infinities become gaps."""
        shown = np.asarray(values, dtype=float) * self.scale + self.offset
        return np.where(np.isfinite(shown), shown, np.nan)

    def label(self, title: str) -> str:
        """Axis title with its unit, as in "Voltage / V"."""
        return f"{title} / {self.unit}" if self.unit else title


def shown_unit(unit: str) -> Shown:
    """How a figure shows an SI unit; a unit that it does not know is shown as it is."""
    name, scale, offset = _SHOWN.get(unit.replace("*", " "), (unit, 1.0, 0.0))
    return Shown(name, scale, offset)


def time_unit(span: float) -> Shown:
    """Seconds, minutes or hours, whichever suits a time span [s]."""
    if span > 3 * 3600:
        return Shown("h", 1 / 3600)
    return Shown("min", 1 / 60) if span > 300 else Shown("s")
