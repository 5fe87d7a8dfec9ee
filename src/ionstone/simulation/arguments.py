"""What a user gives to a simulation, read and checked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ionstone.cell_design import Cell
from ionstone.cell_model.build import Conditions
from ionstone.cell_model.law_files import NO_LAWS, BatchLaws
from ionstone.cell_model.levels import LEVELS, Level
from ionstone.core.errors import InputError
from ionstone.experiment import (
    Protocol,
    check_against_cell,
    named_protocol,
    parse_protocol,
    protocol_name,
    with_cut_offs,
)
from ionstone.materials.functions import PropertyFunction
from ionstone.simulation.faces import scalars_of
from ionstone.simulation.grid import Grid
from ionstone.simulation.prepare import Plan

ROOM_TEMPERATURE = 298.15
#: [V] beyond the data of the open-circuit potentials in which a cut-off may lie
ROOM = 0.1
DEFAULT_TOLERANCE = 1e-4


def _level(model: str) -> Level:
    if model not in LEVELS:
        raise InputError(f"model is {model!r}: give one of {', '.join(LEVELS)}")
    return LEVELS[model]


def _number(value: float | str | None, unit: str, name: str) -> float | None:
    if value is None or isinstance(value, (int, float)):
        return None if value is None else float(value)
    from ionstone.core.quantities import to_si

    return to_si(value, unit, name)


def _temperature(own: float, temperature: float | None, name: str = "temperature") -> float:
    if temperature is not None:
        if not 150.0 <= temperature <= 600.0:
            raise InputError(f"{name} is {temperature:g} K: give 150 to 600 K, for example '25 degC'")
        return temperature
    return ROOM_TEMPERATURE if np.isnan(own) else own


def plan_of(
    model: str,
    heat: str,
    grid: Grid | None,
    tolerance: float,
    period: Any = None,
    max_steps: int = 2_000_000,
    own: BatchLaws = NO_LAWS,
    *,
    at_rest: bool = False,
) -> Plan:
    """The plan of a batch from a user's arguments; InputError where one is out of range.

    ``at_rest``: nodes may differ in width, which the heat of a run does not allow.
    """
    if heat not in ("isothermal", "held", "lumped"):
        raise InputError(
            f"heat is {heat!r}: give isothermal, held (isothermal, with the heat as an output) or lumped"
        )
    if not isinstance(tolerance, (int, float)) or not 1e-12 <= tolerance <= 0.1:
        raise InputError(f"tolerance is {tolerance!r}: give 1e-12 to 0.1, for example 1e-4")
    if grid is not None and not isinstance(grid, Grid):
        raise InputError(f"grid is {grid!r}: give a Grid, for example Grid(20, 20, 20, 20)")
    if grid is not None and grid.edge is not None and not at_rest:
        raise InputError(f"grid.edge is {grid.edge:g}: only the impedance has such grids: leave it out")
    spacing = _number(period, "s", "period")
    if spacing is not None and not 1e-3 <= spacing <= 1e7:
        raise InputError(f"period is {spacing:g} s: give 0.001 s to 1e7 s, for example '10 s'")
    return Plan(_level(model), heat, grid or Grid(), tolerance, spacing, max_steps, own)


def protocol_of(source: Any, cell: Cell) -> Protocol:
    """A protocol as a user gives it; one by name goes between the cut-off voltages of the cell."""
    if protocol_name(source) is None:
        return parse_protocol(source)
    s = cell.parameters().scalars
    return named_protocol(source, s["voltage.lower_cutoff"], s["voltage.upper_cutoff"])


def protocols_of(cells: Sequence[Any], given: Sequence[Protocol], shared: bool) -> list[Protocol]:
    """The protocol of each cell, checked against it; ``shared``: one is given for all."""
    if not shared and len(given) != len(cells):
        raise InputError(
            f"{len(given)} protocols for {len(cells)} cells: give one protocol, or one for each cell"
        )
    known: dict[tuple[int, tuple[float, ...]], Protocol] = {}
    out = []
    for i, cut_offs in enumerate(scalars_of(cells, "voltage.lower_cutoff", "voltage.upper_cutoff")):
        p = given[0 if shared else i]
        key = (id(p), cut_offs)
        if key not in known:
            check_against_cell(p, *voltage_range(cells[i]), cell=cells[i].name)
            known[key] = with_cut_offs(p, *cut_offs)
        out.append(known[key])
    return out


def voltage_range(cell: Cell) -> tuple[float, float]:
    """Voltages [V] that the data of the open-circuit potentials can reach, with some room beyond.

    A cut-off further out would rest on the continuation of the potentials alone.
    """
    p = cell.parameters()
    ends = [_ends(p.functions.get(f"{e}.open_circuit_potential")) for e in ("negative", "positive")]
    low, high = ends[1][0] - ends[0][1], ends[1][1] - ends[0][0]
    s = p.scalars
    return min(low - ROOM, s["voltage.lower_cutoff"]), max(high + ROOM, s["voltage.upper_cutoff"])


@lru_cache(maxsize=64)
def _ends(f: PropertyFunction | None) -> tuple[float, float]:
    """The lower and the higher of the values at the ends of the data."""
    if f is None:
        return 0.0, 0.0
    values = f.evaluate(np.array([max(f.lower, 0.0), min(f.upper, 1.0)]))
    return float(np.min(values)), float(np.max(values))


def conditions_of(cells: Sequence[Any], temperature: Any, ambient: Any, soc: Any) -> list[Conditions]:
    """How each lane starts, from a user's arguments; InputError where one is out of range."""

    def each(value: Any, unit: str, name: str) -> list[float | None]:
        many = isinstance(value, (list, tuple, np.ndarray))
        values = list(value) if many else [value] * len(cells)
        if len(values) != len(cells):
            raise InputError(
                f"{len(values)} values of {name} for {len(cells)} cells: give one, or one for each"
            )
        return [_number(float(v) if isinstance(v, np.floating) else v, unit, name) for v in values]

    known: dict[tuple[float | None, ...], Conditions] = {}
    out = []
    ends = (each(temperature, "K", "temperature"), each(ambient, "K", "ambient"), each(soc, "", "soc"))
    own = scalars_of(cells, "operating_temperature", "reference_temperature")
    for t, a, s, (operating, _) in zip(*ends, own, strict=True):
        key = (t, a, s, operating)
        if key not in known:
            if s is not None and not 0.0 <= s <= 1.0:
                raise InputError(f"soc is {s:g}: give 0 to 1, or a text like '50%'")
            at = _temperature(operating, t)
            known[key] = Conditions(at, at if a is None else _temperature(operating, a, "ambient"), s)
        out.append(known[key])
    return out
