"""What a user gives to a simulation, read and checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ionstone.cell_design import Cell
from ionstone.cell_model.build import Conditions
from ionstone.cell_model.law_files import NO_LAWS, BatchLaws
from ionstone.cell_model.levels import LEVELS, Level
from ionstone.core.errors import InputError
from ionstone.experiment import Protocol, check_against_cell, parse_protocol, with_cut_offs
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


def _temperature(cell: Cell, temperature: float | None, name: str = "temperature") -> float:
    if temperature is not None:
        if not 150.0 <= temperature <= 600.0:
            raise InputError(f"{name} is {temperature:g} K: give 150 to 600 K, for example '25 degC'")
        return temperature
    own = cell.parameters().scalars["operating_temperature"]
    return ROOM_TEMPERATURE if np.isnan(own) else own


def plan_of(
    model: str,
    heat: str,
    grid: Grid | None,
    tolerance: float,
    period: Any = None,
    max_steps: int = 2_000_000,
    own: BatchLaws = NO_LAWS,
) -> Plan:
    """The plan of a batch from a user's arguments; InputError where one is out of range."""
    if heat not in ("isothermal", "held", "lumped"):
        raise InputError(
            f"heat is {heat!r}: give isothermal, held (isothermal, with the heat as an output) or lumped"
        )
    if not isinstance(tolerance, (int, float)) or not 1e-12 <= tolerance <= 0.1:
        raise InputError(f"tolerance is {tolerance!r}: give 1e-12 to 0.1, for example 1e-4")
    if grid is not None and not isinstance(grid, Grid):
        raise InputError(f"grid is {grid!r}: give a Grid, for example Grid(20, 20, 20, 20)")
    spacing = _number(period, "s", "period")
    if spacing is not None and not 1e-3 <= spacing <= 1e7:
        raise InputError(f"period is {spacing:g} s: give 0.001 s to 1e7 s, for example '10 s'")
    return Plan(_level(model), heat, grid or Grid(), tolerance, spacing, max_steps, own)


def protocols_of(cells: Sequence[Cell], given: Sequence[Any], shared: bool) -> list[Protocol]:
    """The protocol of each cell, checked against it; ``shared``: one is given for all."""
    if not shared and len(given) != len(cells):
        raise InputError(
            f"{len(given)} protocols for {len(cells)} cells: give one protocol, or one for each cell"
        )
    parsed = [parse_protocol(p) for p in given]
    known: dict[tuple[int, float, float], Protocol] = {}
    out = []
    for i, cell in enumerate(cells):
        s, p = cell.parameters().scalars, parsed[0 if shared else i]
        key = (id(p), s["voltage.lower_cutoff"], s["voltage.upper_cutoff"])
        if key not in known:
            check_against_cell(p, *voltage_range(cell), cell=cell.name)
            known[key] = with_cut_offs(p, key[1], key[2])
        out.append(known[key])
    return out


def voltage_range(cell: Cell) -> tuple[float, float]:
    """Voltages [V] that the data of the open-circuit potentials can reach, with some room beyond.

    A cut-off further out would rest on the continuation of the potentials alone.
    """
    p = cell.parameters()
    ends = {}
    for e in ("negative", "positive"):
        f = p.functions.get(f"{e}.open_circuit_potential")
        ends[e] = (
            np.array([0.0]) if f is None else f.evaluate(np.array([max(f.lower, 0.0), min(f.upper, 1.0)]))
        )
    low = float(np.min(ends["positive"]) - np.max(ends["negative"]))
    high = float(np.max(ends["positive"]) - np.min(ends["negative"]))
    s = p.scalars
    return min(low - ROOM, s["voltage.lower_cutoff"]), max(high + ROOM, s["voltage.upper_cutoff"])


def conditions_of(cells: Sequence[Cell], temperature: Any, ambient: Any, soc: Any) -> list[Conditions]:
    """How each lane starts, from a user's arguments; InputError where one is out of range."""

    def each(value: Any, unit: str, name: str) -> list[float | None]:
        many = isinstance(value, (list, tuple, np.ndarray))
        values = list(value) if many else [value] * len(cells)
        if len(values) != len(cells):
            raise InputError(
                f"{len(values)} values of {name} for {len(cells)} cells: give one, or one for each"
            )
        return [_number(float(v) if isinstance(v, np.floating) else v, unit, name) for v in values]

    out = []
    ambients = each(ambient, "K", "ambient")
    for cell, t, a, s in zip(
        cells, each(temperature, "K", "temperature"), ambients, each(soc, "", "soc"), strict=True
    ):
        if s is not None and not 0.0 <= s <= 1.0:
            raise InputError(f"soc is {s:g}: give 0 to 1, or a text like '50%'")
        at = _temperature(cell, t)
        out.append(Conditions(at, at if a is None else _temperature(cell, a, "ambient"), s))
    return out
