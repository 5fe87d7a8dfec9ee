"""Summary metrics of a run: charge, energy, extremes, and why it ended.

Between two stored points every output is a straight line (a run is dense enough for that: interpolation
errs under 0.1 mV), so the integrals below are exact for what is stored.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

SUMMARY_UNITS: dict[str, str] = {
    "duration": "s",
    "discharge_capacity": "A s",
    "charge_capacity": "A s",
    "discharge_energy": "J",
    "charge_energy": "J",
    "mean_discharge_voltage": "V",
    "mean_charge_voltage": "V",
    "min_voltage": "V",
    "max_voltage": "V",
    "final_voltage": "V",
    "min_temperature": "K",
    "max_temperature": "K",
    "final_temperature": "K",
    "final_soc": "1",
    "min_plating_potential": "V",
    "min_electrolyte_concentration": "mol/m3",
    "max_critical_current_ratio": "1",
    "max_void_current_ratio": "1",
    "points": "1",
    "end_reason": "",
}


def charge_passed(time: np.ndarray, current: np.ndarray) -> tuple[float, float]:
    r"""Charge [A s] passed on discharge and on charge, both counted positive.

    The positive and the negative area under the straight lines between the points; a segment that crosses
    zero is split where it does.
    """
    return _area_above_zero(time, current), _area_above_zero(time, -current)


def energy_passed(time: np.ndarray, voltage: np.ndarray, current: np.ndarray) -> tuple[float, float]:
    r"""Energy [J] delivered on discharge and taken on charge, both counted positive.

    With voltage and current linear over a segment of length h the energy is
    $h (2 V_0 I_0 + 2 V_1 I_1 + V_0 I_1 + V_1 I_0) / 6$.
    """
    h = np.diff(time)
    v0, v1, i0, i1 = voltage[:-1], voltage[1:], current[:-1], current[1:]
    segment = h * (2 * v0 * i0 + 2 * v1 * i1 + v0 * i1 + v1 * i0) / 6
    crossing = i0 * i1 < 0
    discharge = float(np.sum(segment[~crossing & (segment > 0)]))
    charge = -float(np.sum(segment[~crossing & (segment < 0)]))
    for k in np.flatnonzero(crossing):
        pair, power = time[k : k + 2], (voltage * current)[k : k + 2]
        discharge += _area_above_zero(pair, power)
        charge += _area_above_zero(pair, -power)
    return discharge, charge


def summarize(
    time: np.ndarray, outputs: Mapping[str, np.ndarray], end_reason: str = ""
) -> dict[str, float | str]:
    """Metrics of one run, SI (units in ``SUMMARY_UNITS``); a metric that the run cannot give is left
    out."""
    summary: dict[str, float | str] = {"points": float(time.size)}
    if time.size == 0:
        return summary | {"end_reason": end_reason}
    voltage, current = outputs["voltage"], outputs["current"]
    discharged, charged = charge_passed(time, current)
    delivered, taken = energy_passed(time, voltage, current)
    summary |= {
        "duration": float(time[-1] - time[0]),
        "discharge_capacity": discharged,
        "charge_capacity": charged,
        "discharge_energy": delivered,
        "charge_energy": taken,
        "min_voltage": float(np.min(voltage)),
        "max_voltage": float(np.max(voltage)),
        "final_voltage": float(voltage[-1]),
    }
    if discharged > 0:
        summary["mean_discharge_voltage"] = delivered / discharged
    if charged > 0:
        summary["mean_charge_voltage"] = taken / charged
    summary |= _extremes(outputs)
    return summary | {"end_reason": end_reason}


def _extremes(outputs: Mapping[str, np.ndarray]) -> dict[str, float]:
    wanted = (
        ("min_temperature", "temperature", np.min),
        ("max_temperature", "temperature", np.max),
        ("final_temperature", "temperature", lambda values: values[-1]),
        ("final_soc", "soc", lambda values: values[-1]),
        ("min_plating_potential", "plating_potential", np.min),
        ("min_electrolyte_concentration", "minimum_electrolyte_concentration", np.min),
        ("max_critical_current_ratio", "critical_current_ratio", np.max),
        ("max_void_current_ratio", "void_current_ratio", np.max),
    )
    found = {key: float(pick(outputs[name])) for key, name, pick in wanted if name in outputs}
    return {key: value for key, value in found.items() if np.isfinite(value)}


def _area_above_zero(x: np.ndarray, y: np.ndarray) -> float:
    """Area between the x-axis and the parts of a polyline that lie above it."""
    y0, y1, h = y[:-1], y[1:], np.diff(x)
    high, low = np.maximum(y0, y1), np.minimum(y0, y1)
    whole = h * (y0 + y1) / 2
    fall = np.where(high > low, high - low, 1.0)
    triangle = h * np.maximum(high, 0.0) ** 2 / (2 * fall)
    return float(np.sum(np.where(low >= 0, whole, np.where(high <= 0, 0.0, triangle))))
