"""The curves that a row of a comparison holds for the figures of its report."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ChargeCurve:
    """Charging of the pack: state of charge, power at the pack [W], cell temperature [K], and the active
    limit."""

    soc: tuple[float, ...]
    power: tuple[float, ...]
    temperature: tuple[float, ...]
    limit: tuple[str, ...]


@dataclass(frozen=True)
class DischargeCurve:
    """Voltage [V] of one cell over the charge drawn [A s], under the load that ``label`` names."""

    label: str
    charge: tuple[float, ...]
    voltage: tuple[float, ...]


@dataclass(frozen=True)
class CyclePass:
    """One pass of the cycle: speed [m/s], power of the pack [W] and state of charge over time [s]."""

    time: tuple[float, ...]
    speed: tuple[float, ...]
    power: tuple[float, ...]
    soc: tuple[float, ...]


@dataclass(frozen=True)
class Weather:
    """Ranges [m] over ambient temperatures [K]; not ``empty``: the car fell behind the cycle before the
    cell was empty."""

    ambients: tuple[float, ...]
    ranges: tuple[float, ...]
    empty: tuple[bool, ...]

    def to_json(self) -> list[dict[str, Any]]:
        """One entry an ambient, friendly units in the names."""
        points = zip(self.ambients, self.ranges, self.empty, strict=True)
        return [
            {"temperature_degC": round(t - 273.15, 6), "range_km": scaled(r, 1e-3), "driven_empty": empty}
            for t, r, empty in points
        ]


@dataclass(frozen=True)
class PackPass:
    """Cells that differ over one pass of the cycle: coldest, mean and hottest [K] over time [s], and how far
    the cells' voltages [V] and states of charge [-] lie apart.

    ``limits`` of the cells held the power back for ``limited_share`` of the time.
    """

    time: tuple[float, ...]
    coldest: tuple[float, ...]
    mean: tuple[float, ...]
    hottest: tuple[float, ...]
    voltage_apart: tuple[float, ...]
    soc_apart: tuple[float, ...]
    limits: str = ""
    limited_share: float = 0.0

    @property
    def apart(self) -> tuple[float, ...]:
        """Hottest less coldest cell [K]."""
        return tuple(hot - cold for hot, cold in zip(self.hottest, self.coldest, strict=True))

    def to_json(self) -> dict[str, Any]:
        """The figures that the report prints, friendly units in the names."""
        return {
            "mean_at_end_degC": scaled(self.mean[-1] - 273.15, 1.0),
            "hottest_degC": scaled(max(self.hottest) - 273.15, 1.0),
            "temperature_at_start_K": scaled(self.apart[0], 1.0),
            "temperature_at_end_K": scaled(self.apart[-1], 1.0),
            "voltage_at_most_mV": scaled(max(self.voltage_apart), 1e3),
            "charge_at_end_percent": scaled(self.soc_apart[-1], 100.0),
            "power_held_back_by": self.limits,
            "power_held_back_share": scaled(self.limited_share, 1.0),
        }


def scaled(value: float | None, factor: float) -> float | None:
    """A figure in another unit, with the digits that JSON shows; None where there is none."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value * factor:.8g}")
