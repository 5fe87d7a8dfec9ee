"""Summary metrics of a run: charge, energy, extremes, and why it ended.

Between two stored points every output is a straight line (a run is dense enough for that: interpolation of
the voltage errs under 0.1 mV), and the charge is the solver's own integral where it gives one.
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


def charge_passed(
    time: np.ndarray, current: np.ndarray, net_charge: np.ndarray | None = None
) -> tuple[float, float]:
    """Charge [A s] passed on discharge and on charge, both counted positive.

    ``net_charge`` [A s], positive on discharge, is what the solver integrated: its increments are exact
    where the current bends between two points. Without it: the positive and the negative area under
    straight lines of current; a segment that crosses zero is split where it does.
    """
    if net_charge is None:
        return _area_above_zero(time, current), _area_above_zero(time, -current)
    passed = np.diff(net_charge)
    return float(np.sum(passed[passed > 0])), -float(np.sum(passed[passed < 0])) + 0.0


def energy_passed(
    time: np.ndarray, voltage: np.ndarray, current: np.ndarray, net_charge: np.ndarray | None = None
) -> tuple[float, float]:
    r"""Energy [J] delivered on discharge and taken on charge, both counted positive.

    Over a segment of length h in which the charge q passes and voltage and current are linear, the energy
    is $q (V_0 + V_1) / 2 + h (V_1 - V_0)(I_1 - I_0) / 12$. Where the current changes its sign in a
    segment, the parts under and over zero of the power are taken apart.
    """
    h, i0, i1 = np.diff(time), current[:-1], current[1:]
    charge = h * (i0 + i1) / 2 if net_charge is None else np.diff(net_charge)
    segment = charge * (voltage[:-1] + voltage[1:]) / 2 + h * np.diff(voltage) * (i1 - i0) / 12
    crossing = i0 * i1 < 0
    given = float(np.sum(segment[~crossing & (segment > 0)]))
    taken = -float(np.sum(segment[~crossing & (segment < 0)])) + 0.0
    power, k = voltage * current, np.flatnonzero(crossing)
    high, low = np.maximum(power[k], power[k + 1]), np.minimum(power[k], power[k + 1])
    half = h[k] / (2 * (high - low))  # two triangles, one above and one below zero
    return given + float(np.sum(half * high**2)), taken + float(np.sum(half * low**2))


def summarize(
    time: np.ndarray, outputs: Mapping[str, np.ndarray], end_reason: str = ""
) -> dict[str, float | str]:
    """Metrics of one run, SI (units in ``SUMMARY_UNITS``); a metric that the run cannot give is left
    out."""
    summary: dict[str, float | str] = {"points": float(time.size)}
    if time.size == 0:
        return summary | {"end_reason": end_reason}
    voltage, current = outputs["voltage"], outputs["current"]
    net = outputs.get("discharge_capacity")
    discharged, charged = charge_passed(time, current, net)
    delivered, taken = energy_passed(time, voltage, current, net)
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
