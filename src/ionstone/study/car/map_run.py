"""Drives of cells as maps: plans in, runs out, as a cell model would give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ionstone.results import Run
from ionstone.study.car.cell_map import CellMap, FloatArray, cell_map
from ionstone.study.car.drive import DrivePlan
from ionstone.study.car.map_lanes import Followed, Loads, follow

UNITS = {"time": "s", "voltage": "V", "current": "A", "power": "W", "soc": "1", "temperature": "K",
         "heat": "W"}  # fmt: skip


def run_maps(plans: Sequence[DrivePlan], map_of: str = "P2D", grid: Any = None) -> list[Any]:
    """Run plans with the maps of their cells, read from pulses of the model `map_of` on a `grid`."""
    maps = [cell_map(plan.cell, map_of, grid) for plan in plans]
    found: list[Any] = [None] * len(plans)
    for spacing in sorted({plan.spacing for plan in plans}):
        lanes = [i for i, plan in enumerate(plans) if plan.spacing == spacing]
        loads = loads_of([plans[i] for i in lanes], [maps[i] for i in lanes])
        done = follow(loads, record=True)
        for column, i in enumerate(lanes):
            found[i] = _run(plans[i], maps[i], loads, done, column)
    return found


def loads_of(plans: Sequence[DrivePlan], maps: Sequence[CellMap]) -> Loads:
    """Return plans of one spacing, with the map of each, as lanes that start full."""
    distinct = list({id(one): one for one in maps}.values())
    place = {id(one): k for k, one in enumerate(distinct)}
    power = np.zeros((max(plan.means.size for plan in plans), len(plans)))
    for column, plan in enumerate(plans):
        own = plan.pack.cell_power(plan.means)
        power[: own.size, column], power[own.size :, column] = own, own[-1]
    around = np.array([float(plan.conditions()["ambient"]) for plan in plans])
    scalars = [plan.cell.parameters().scalars for plan in plans]
    return Loads(
        maps=distinct, of=np.array([place[id(one)] for one in maps]), power=power, spacing=plans[0].spacing,
        steps=np.array([plan.means.size for plan in plans]), soc=np.ones(len(plans)), temperature=around,
        around=around, conductance=np.array([s["thermal.conductance"] for s in scalars]),
        heat_capacity=np.array([s["thermal.heat_capacity"] for s in scalars]),
    )  # fmt: skip


def _run(plan: DrivePlan, cell: CellMap, loads: Loads, done: Followed, lane: int) -> Run:
    """Return a lane as a run: its points are the middles of the steps, and both ends.

    The power is linear between the points, as in the profile that a cell model follows. A lane that is spent
    ends where the line between two points meets the lower cut-off (or no charge).
    """
    recorded = (done.voltage, done.current, done.warmth)
    last, spacing = int(done.last[lane]), loads.spacing
    spent = last < plan.means.size
    upto = last + spent
    voltage, current, warm = (x[:upto, lane] for x in recorded if x is not None)
    passed = np.cumsum(current) - current / 2
    soc = 1.0 - spacing / cell.capacity * passed
    heat = (cell.open_circuit_voltage(soc) - voltage) * current
    columns = {"voltage": voltage, "current": current, "soc": soc, "temperature": warm, "heat": heat}
    time = (np.arange(upto) + 0.5) * spacing
    share = 1.0
    if spent and last > 0:
        gaps = [(voltage[-2] - cell.lower, voltage[-1] - cell.lower), (soc[-2], soc[-1])]
        share = min(a / (a - b) for a, b in gaps if b < 0 <= a) if any(b < 0 <= a for a, b in gaps) else 1.0
        time[-1] = time[-2] + share * spacing
    columns = {name: _ends(values, share, spent) for name, values in columns.items()}
    columns["power"] = columns["voltage"] * columns["current"]
    time = np.concatenate([[0.0], time] if spent else [[0.0], time, [plan.duration]])
    reason = f"voltage < {cell.lower:g} V" if spent else "end of the load"
    what, name = f"{plan.cycle.name} over and over", f"map of {cell.model}"
    return Run.from_outputs(
        time, columns, units=UNITS, cell=cell.cell, model=name, protocol=what, end_reason=reason
    )


def _ends(values: FloatArray, share: float, spent: bool) -> FloatArray:
    """Return the values at the points with those of both ends; the last of a lane that is spent is moved."""
    values = values.copy()
    if spent and values.size > 1:
        values[-1] = values[-2] + share * (values[-1] - values[-2])
    return np.concatenate([values[:1], values] if spent else [values[:1], values, values[-1:]])
