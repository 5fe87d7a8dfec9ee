"""A pack put together: lanes of cells that differ, their circuit, their limits and their heat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_model.build import Conditions
from ionstone.pack.bms import CellLimits
from ionstone.pack.circuit import Layout
from ionstone.pack.config import STRUCTURE_HEAT
from ionstone.pack.cooling import CELL_SIDE, COOLANT_FLOW, face_area, scaled, to_ambient, to_coolant
from ionstone.pack.heat import HeatLayout, HeatNetwork
from ionstone.pack.live import LivePack
from ionstone.pack.spread import Drawn
from ionstone.simulation.arguments import conditions_of
from ionstone.simulation.lanes import lanes_of

if TYPE_CHECKING:
    from ionstone.pack.network import Pack

FloatArray = NDArray[np.float64]


def assemble(pack: Pack, *, soc: Any, temperature: Any, ambient: Any) -> LivePack:
    """A pack at rest, ready to be advanced."""
    start = conditions_of([pack.cell], temperature, ambient, soc)[0]
    drawn = pack.drawn.blocked(pack.parallel // pack.lanes) if pack.differ else None
    module, cells, groups, group = _lanes(pack)
    n = len(group)
    conditions = [start] * n
    if drawn is not None:
        conditions = [
            Conditions(
                start.temperature + float(t),
                start.ambient,
                None if start.soc is None else float(np.clip(start.soc + s, 0.0, 1.0)),
            )
            for t, s in zip(drawn.temperature, drawn.soc, strict=True)
        ]
    capacity = np.ones(n) if drawn is None else drawn.capacity
    extra = np.zeros(n) if drawn is None else _extra(pack, drawn)
    numbers: dict[str, FloatArray] = {}

    def change(rows: dict[str, FloatArray]) -> None:
        heat = rows["heat_capacity"] * rows["area"]
        rows["area"] *= capacity
        rows["heat_capacity"][:] = heat / rows["area"]
        rows["contact_resistance"] += extra * rows["area"]
        numbers.update({name: values.copy() for name, values in rows.items()})
        numbers["stored"] = heat

    lanes = lanes_of([pack.cell] * n, pack.plan, conditions, change, pack.threads)
    joint = pack.joint * (np.ones(n) if drawn is None else drawn.contact)
    layout = Layout(group, cells, groups, joint, pack.busbar * pack.series)
    heat = _heat(pack, numbers["stored"], layout, module)
    plates = np.full(pack.modules, start.temperature)
    return LivePack(lanes, layout, _limits(pack, numbers, n), HeatNetwork(heat, plates), start.ambient)


def _lanes(pack: Pack) -> tuple[NDArray[np.int64], FloatArray, FloatArray, NDArray[np.int64]]:
    """Module of each group, cells of each lane, groups that each group stands for, group of each lane."""
    module = np.arange(pack.series) * pack.modules // pack.series
    groups = np.ones(pack.series)
    if not pack.differ and not pack.cooling.end_conductance.value:
        groups = np.bincount(module).astype(float)
        module = np.arange(pack.modules)
    group = np.repeat(np.arange(len(groups)), pack.lanes)
    return module, np.full(len(group), pack.parallel / pack.lanes), groups, group


def resistance_at_once(pack: Pack) -> float:
    """Resistance of the cell [ohm] at once after a change of current, half charged, 25 degC."""
    one = lanes_of([pack.cell], pack.plan, conditions_of([pack.cell], 298.15, None, 0.5))
    current = np.array([pack.cell.parameters().scalars["nominal_capacity"] / 36000.0])
    one.enter(0 * current)
    rest = float(one.output("voltage")[0])
    one.enter(current)
    return (rest - float(one.output("voltage")[0])) / float(current[0])


def _extra(pack: Pack, drawn: Drawn) -> FloatArray:
    """Resistance in series with each cell [ohm] that its factors ask for."""
    if not pack.spread.resistance and pack.aged is None and not pack.spread.capacity:
        return np.zeros(len(drawn.capacity))
    return (drawn.resistance - 1.0 / drawn.capacity) * pack.resistance_at_once


def _heat(pack: Pack, stored: FloatArray, layout: Layout, module: NDArray[np.int64]) -> HeatLayout:
    """The network of heat: lanes, then the plate of each module, which holds the structure."""
    energy, weight, n = pack.nominal_energy, layout.weight, len(layout.group)
    structure = max(pack.mass - pack.cells_mass, 0.05 * pack.cells_mass) * STRUCTURE_HEAT.value
    capacity = np.concatenate([stored * weight, np.full(pack.modules, structure / pack.modules)])
    whole = to_coolant(pack.cooling, energy)
    links = [
        (k, n + int(module[layout.group[k]]), whole / CELL_SIDE * weight[k] / pack.n_cells) for k in range(n)
    ]
    face = pack.cooling.neighbours.value * face_area(float(pack.cell.volume))
    for k in range(n - 1):  # cells stand in a row, groups one after the other
        same = module[layout.group[k]] == module[layout.group[k + 1]]
        alone = layout.groups[layout.group[k]] == 1
        if same and alone:
            links.append((k, k + 1, face))
    ambient = np.zeros(n + pack.modules)
    ambient[n:] = to_ambient(pack.cooling, energy) / pack.modules
    ends = pack.cooling.end_conductance.value
    if ends:
        edge = np.flatnonzero(np.diff(module[layout.group])) if n > 1 else np.array([], dtype=int)
        for k in {0, n - 1, *edge.tolist(), *(edge + 1).tolist()}:
            ambient[k] += ends
    flow = scaled(pack.cooling.flow, COOLANT_FLOW, energy)
    plate = whole / (1.0 - CELL_SIDE) / pack.modules
    return HeatLayout(capacity, tuple(links), ambient, n, plate, flow)


def _limits(pack: Pack, numbers: Mapping[str, FloatArray], n: int) -> CellLimits:
    s, area = pack.cell.parameters().scalars, numbers["area"]
    return CellLimits(
        np.full(n, s["voltage.lower_cutoff"]),
        np.full(n, s["voltage.upper_cutoff"]),
        numbers["nominal_current"] * area,
        _finite(numbers["critical_current"] * area),
        numbers["critical_activation"],
        numbers["reference_temperature"],
        _finite(numbers["void_current"] * area),
        pack.cell.parameters().negative_kind != "porous",
        pack.highest_temperature,
        pack.watched,
    )


def _finite(values: FloatArray) -> FloatArray:
    """Currents that stand for no limit, as infinite."""
    return np.where(values > 1e12, np.inf, values)
