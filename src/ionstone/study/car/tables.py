"""Drives, charges and range curves as xarray datasets and as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.errors import MissingExtraError
from ionstone.study.car.drive import DrivePlan
from ionstone.study.car.energy_flow import EnergyFlow, energy_flow

if TYPE_CHECKING:
    import xarray

    from ionstone.study.car.charge import ChargeResult
    from ionstone.study.car.drive import Drive


def flow_of(found: Drive) -> EnergyFlow:
    """Return the energy balance of a drive, losses in the cells and the warm-up included [J/m]."""
    plan = found.plan
    if not isinstance(plan, DrivePlan):
        whole: EnergyFlow = plan.flow()
        return whole
    warm_up = found.breakdown.get("battery_warm_up", 0.0)
    warm_up += plan.demand.warm_up_energy / max(found.range, 1e-9)
    return energy_flow(plan.demand, warm_up, found.breakdown.get("cell_losses", 0.0))


def drive_columns(found: Drive) -> dict[str, tuple[np.ndarray, str]]:
    """Return the columns of a drive over the time of its run: name -> (values, unit)."""
    columns: dict[str, tuple[np.ndarray, str]] = found.plan.columns(found.run)
    return columns


def drive_dataset(found: Drive) -> xarray.Dataset:
    """Return a drive as a dataset over time."""
    return dataset("time", found.run.time, "s", drive_columns(found), found.summary)


def charge_dataset(found: ChargeResult) -> xarray.Dataset:
    """Return a charge as a dataset over time; `limit` names what holds the current at each point."""
    columns = {
        "soc": (found.soc, "1"),
        "power": (found.power, "W"),
        "temperature": (found.temperature, "K"),
        "limit": (np.array(found.limits), ""),
    }
    return dataset("time", found.run.time[found.points], "s", columns, found.summary)


def dataset(
    axis: str,
    places: np.ndarray,
    unit: str,
    columns: Mapping[str, tuple[np.ndarray, str]],
    about: Mapping[str, Any],
) -> xarray.Dataset:
    """Return columns over an axis as a dataset. MissingExtraError where xarray is not installed."""
    try:
        import xarray
    except ImportError as error:
        raise MissingExtraError("xarray", "io") from error
    variables = {name: (axis, values, {"units": u}) for name, (values, u) in columns.items()}
    return xarray.Dataset(variables, coords={axis: (axis, places, {"units": unit})}, attrs=dict(about))


def plain(value: Any) -> Any:
    """Return a number that JSON holds: what is not finite becomes None."""
    if isinstance(value, (str, bool)) or value is None:
        return value
    number = float(value)
    return number if isfinite(number) else None


def drive_json(found: Drive) -> dict[str, Any]:
    """Return the figures of a drive, its energy balance [J/m] and its notes."""
    flow = flow_of(found)
    return {
        **{key: plain(value) for key, value in found.summary.items()},
        "energy_flow": {key: plain(value) for key, value in asdict(flow).items()},
        "energy_closure": plain(flow.closure),
        "notes": list(found.notes),
    }


def charge_json(found: ChargeResult) -> dict[str, Any]:
    """Return the figures of a charge, the limits over time and its curve."""
    curve = {
        "time": found.run.time[found.points].tolist(),
        "soc": found.soc.tolist(),
        "power": found.power.tolist(),
        "temperature": found.temperature.tolist(),
        "limit": list(found.limits),
    }
    return {
        **{key: plain(value) for key, value in found.summary.items()},
        "reached": found.reached,
        "shares": dict(found.shares),
        "timeline": [list(piece) for piece in found.timeline],
        "curve": curve,
        "notes": list(found.notes),
    }
