"""What ``ionstone show`` prints: every number of a cell, a material, a car or a cycle, with its source."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ionstone.core.errors import InputError, nearest, shown
from ionstone.core.quantities import format_parameter, format_range, format_si


@dataclass(frozen=True)
class Line:
    """One number (SI in ``value``, friendly in ``shown``) or one function, with range, source and
    grades."""

    path: str
    value: float | None
    shown: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    source: str = ""
    evidence: str = ""
    known_by: str = ""
    description: str = ""

    @property
    def range(self) -> str:
        """Low and high as friendly text, the unit once where both have the same; empty where there is
        none."""
        if self.low is None or self.high is None:
            return ""
        return format_range(self.path, self.low, self.high, self.unit)


@dataclass(frozen=True)
class Sheet:
    """All lines about one thing."""

    name: str
    kind: str
    title: str
    lines: tuple[Line, ...]

    def to_json_dict(self) -> dict[str, Any]:
        """The sheet for ``show --json``."""
        lines = [asdict(line) for line in self.lines]
        return {"name": self.name, "kind": self.kind, "title": self.title, "parameters": lines}


def sheet(name: str) -> Sheet:
    """The sheet of a built-in cell, material, car or cycle, or of a cell's file. InputError for an
    unknown name."""
    from ionstone.cell_design import cell_names
    from ionstone.materials import material_names
    from ionstone.vehicle import list_cycles, list_vehicles

    known = {
        "cell": cell_names(),
        "material": material_names(),
        "vehicle": list_vehicles(),
        "cycle": list_cycles(),
    }
    makers = {"cell": cell_sheet, "material": material_sheet, "vehicle": vehicle_sheet, "cycle": cycle_sheet}
    for kind, names in known.items():
        if name in names:
            return makers[kind](name)
    if Path(name).suffix or "/" in name:
        return cell_sheet(name)
    every = [each for names in known.values() for each in names]
    hint = nearest(
        name, every, otherwise="ionstone cells, materials, vehicles and cycles list them; among them"
    )
    raise InputError(f"NAME: {shown(name)} is no cell, material, vehicle or cycle; {hint}")


def cell_sheet(name: str) -> Sheet:
    """Every parameter of a cell."""
    from ionstone.cell_design import load_cell

    cell = load_cell(name)
    return Sheet(cell.name, "cell", cell.title, tuple(record_line(record) for record in cell.records()))


def record_line(record: Any) -> Line:
    """The line of one parameter record of a cell; a function shows its text."""
    number = isinstance(record.value, (int, float)) and not isinstance(record.value, bool)
    return Line(
        path=record.path,
        value=_finite(record.value) if number else None,
        shown=format_parameter(record.path, float(record.value), record.unit)
        if number
        else str(record.value),
        unit=record.unit,
        low=record.low,
        high=record.high,
        source=record.source or "",
        evidence=record.evidence or "",
        known_by=record.known_by or "",
        description=record.description or "",
    )


def vehicle_sheet(name: str) -> Sheet:
    """Every number of a car."""
    from ionstone.vehicle import load_vehicle

    car = load_vehicle(name)
    lines = tuple(_number_line(path, number, unit, {}) for path, number, unit in car.numbers())
    return Sheet(car.name, "vehicle", car.title, lines)


def cycle_sheet(name: str) -> Sheet:
    """Length, duration and speeds of a drive cycle."""
    from ionstone.vehicle import load_cycle

    cycle = load_cycle(name)
    mean, top = cycle.distance / cycle.duration, float(cycle.speed.max())
    figures = (
        ("duration", cycle.duration, "s", f"{cycle.duration:.0f} s"),
        ("distance", cycle.distance, "m", f"{cycle.distance / 1000:.3f} km"),
        ("mean speed", mean, "m/s", f"{mean * 3.6:.1f} km/h"),
        ("top speed", top, "m/s", f"{top * 3.6:.1f} km/h"),
    )
    return Sheet(
        cycle.name, "cycle", cycle.title, tuple(Line(n, v, text, unit) for n, v, unit, text in figures)
    )


def material_sheet(name: str) -> Sheet:
    """Every property of a material."""
    from ionstone.materials import load_material

    material = load_material(name)
    return Sheet(material.name, "material", material.title, tuple(_material_lines(material)))


def _material_lines(material: Any) -> Iterator[Line]:
    from ionstone.core.config import Number
    from ionstone.materials import Property

    for name, field in type(material).model_fields.items():
        found = getattr(material, name)
        if isinstance(found, Number):
            yield _number_line(name, found, field.json_schema_extra.quantity.unit, material.sources, material)
        elif isinstance(found, Property):
            door: Any = field.json_schema_extra
            constant = found.function.constant
            text = found.function.text if constant is None else format_si(constant, door.quantity.unit, 4)
            energy = found.activation_energy
            if energy is not None:
                text += f", Ea = {format_si(energy.value, 'J/mol', 3)}"
            if found.distribution is not None:
                text += f", {_scatter(found.distribution, door.quantity.unit)}"
            if found.vtf_b is not None and found.vtf_t0 is not None:
                text += f", VTF B = {found.vtf_b.value:g} K, T0 = {found.vtf_t0.value:g} K"
            yield Line(
                path=f"{name}({door.variable})" if constant is None else name,
                value=constant,
                shown=text,
                unit=door.quantity.unit,
                low=found.low,
                high=found.high,
                source=_source(found.source or material.source, material.sources),
                evidence=found.evidence or material.evidence or "",
                known_by=found.known_by or material.known_by or "",
                description=door.quantity.description,
            )


def _scatter(distribution: Any, unit: str) -> str:
    """How laboratories scatter, for people."""
    if distribution.kind == "normal":
        width = f"+- {format_si(distribution.deviation, unit, 3)}"
    else:
        width = f"times or over {math.exp(distribution.deviation):.2g}"
    return f"{width} over {distribution.samples} measurements"


def _number_line(path: str, number: Any, unit: str, sources: dict[str, str], file: Any = None) -> Line:
    return Line(
        path=path,
        value=_finite(number.value),
        shown=format_parameter(path, number.value, unit),
        unit=unit,
        low=number.low,
        high=number.high,
        source=_source(number.source or (file.source if file else ""), sources),
        evidence=number.evidence or (file.evidence if file else "") or "",
        known_by=number.known_by or (file.known_by if file else "") or "",
        description=number.note,
    )


def _source(key: str, sources: dict[str, str]) -> str:
    return sources.get(key, key)


def _finite(value: float) -> float | None:
    return float(value) if abs(value) < float("inf") else None
