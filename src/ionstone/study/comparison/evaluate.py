"""One cell in the car: energy, range at two ambients, charging, and where the numbers come from.

A step that fails leaves its columns empty and its message in the row; the others go on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.quantities import format_parameter, format_range, format_si
from ionstone.study.comparison.compare import Scenario, Stage, told
from ionstone.study.comparison.curves import ChargeCurve, DischargeCurve
from ionstone.study.comparison.in_car import InCar, drive_at, first_drive
from ionstone.study.comparison.rows import Assumption, Closure, PackLine, Row, SourceLine

if TYPE_CHECKING:
    from ionstone.pack import UniformPack
    from ionstone.results import Run
    from ionstone.study.car.charge import ChargeResult
    from ionstone.study.car.drive import Drive

STAGES = ("energy", "range", "cold range", "charging")
"""What is done for a cell, in this order."""

PICTURES = ("cycle", "weather", "pack")
"""What is then done for the pictures of a report alone."""

ENERGY_RATE = 0.2
"""C-rate at which the energy of a cell is stated: C/5, as most makers do."""

LONG_CHARGE = 3600.0
"""Time [s] beyond which a charge held back by plating is also told without that limit."""

CLOSES_WITHIN = 0.03
"""Relative difference to a published figure up to which a cell counts as closed."""

_CURVE_POINTS = 160
_REFERENCE_TEMPERATURE = 298.15
_PARTS = {
    "driving": ("traction", "regeneration"),
    "auxiliaries": ("auxiliary",),
    "cabin heat": ("cabin",),
    "battery heat": ("battery_heating", "battery_warm_up"),
    "losses in the cells": ("cell_losses",),
}


def scenario(
    vehicle: Any, cycle: Any, *, temperature: float, cold: float, same: str, pictures: bool = False
) -> Scenario:
    """Load car and cycle. InputError for unknown names."""
    from ionstone.vehicle import load_cycle, load_vehicle

    car, trace = load_vehicle(vehicle), load_cycle(cycle)
    return Scenario(car, car.name, trace, trace.title, temperature, cold, same, pictures)


def title_of(vehicle: Any) -> str:
    """The car's title, for people."""
    return str(vehicle.title)


def assumptions(conditions: Scenario) -> tuple[Assumption, ...]:
    """Every number of the car with its source, fixed before any cell is known."""
    return tuple(
        Assumption(
            name=path,
            value=format_si(number.value, unit, 4),
            source=number.source,
            evidence=", ".join(part for part in (number.evidence, number.known_by) if part),
        )
        for path, number, unit in conditions.vehicle.numbers()
    )


def evaluate_cell(cell: Any, conditions: Scenario, stage: Stage) -> Row:
    """The row of one cell; what fails is told in the row's message, what was computed is kept."""
    row = Row(cell.name, cell.title, cell_mass=cell.mass, sources=source_lines(cell))
    case = InCar(cell, conditions)
    steps = zip(STAGES, (_with_energy, _with_range, _with_cold_range, _with_charge), strict=True)
    for name, step in steps:
        stage(name)
        try:
            row = step(row, case)
        except Exception as error:
            row = replace(
                row, code=1, message="; ".join(filter(None, (row.message, f"{name}: {told(error)}")))
            )
    return _with_pictures(row, case, stage) if conditions.pictures else row


def stages(conditions: Scenario) -> tuple[str, ...]:
    """What is done for a cell under these conditions."""
    return STAGES + PICTURES if conditions.pictures else STAGES


def _with_pictures(row: Row, case: InCar, stage: Stage) -> Row:
    """What a report draws; what fails is a note, since the table stands without it."""
    from ionstone.study.comparison.report_runs import with_cycle, with_pack, with_weather

    for name, step in zip(PICTURES, (with_cycle, with_weather, with_pack), strict=True):
        stage(name)
        try:
            row = step(row, case)
        except Exception as error:
            row = replace(row, notes=(*row.notes, f"no picture of the {name}: {told(error)}"))
    return row


def stated_temperature(cell: Any) -> float:
    """Temperature [K] at which the energy of a cell is stated: 25 degC, or that which the cell is held at."""
    held = float(cell.parameters().scalars["operating_temperature"])
    return held if held == held else _REFERENCE_TEMPERATURE


def discharge(cell: Any, rate: float) -> Run:
    """A discharge from full to the lower cut-off at a C-rate [1/h], isothermal."""
    from ionstone.simulation import simulate

    lower = float(cell.parameters().scalars["voltage.lower_cutoff"])
    protocol = f"Discharge at {rate:g}C until {lower:.10g} V"
    return simulate(cell, protocol, temperature=stated_temperature(cell), soc=1.0)


def stated_energy(cell: Any) -> float:
    """Energy [J] of a discharge at C/5, as most makers state it."""
    return float(discharge(cell, ENERGY_RATE).summary["discharge_energy"])


def _with_energy(row: Row, case: InCar) -> Row:
    cell = case.cell
    slow, fast = discharge(cell, ENERGY_RATE), discharge(cell, 1.0)
    where = "at 25 °C or the temperature the cell is held at"
    curves = (discharge_curve(slow, f"C/5, {where}"), discharge_curve(fast, f"1C, {where}"))
    energy = float(slow.summary["discharge_energy"])
    closures = tuple(closure_line(found) for found in cell.closure(energy))
    return replace(
        row,
        specific_energy=cell.specific_energy(energy),
        energy_density=cell.energy_density(energy),
        discharge_curves=curves,
        closures=closures,
        notes=row.notes + tuple(_not_closed(found) for found in closures if not _closes(found)),
    )


def _with_range(row: Row, case: InCar) -> Row:
    ambient = case.conditions.temperature
    found = first_drive(case)
    return replace(
        row,
        range=found.range,
        pack_energy=found.energy,
        pack_mass=found.pack.mass,
        pack_volume=found.pack.volume,
        pack=pack_line(found.pack),
        breakdown={**row.breakdown, _ambient(ambient): parts(found)},
        notes=row.notes + _notes(found, ambient),
    )


def _with_cold_range(row: Row, case: InCar) -> Row:
    if case.unsized:
        return row
    ambient = case.conditions.cold
    found = case.drives[ambient] = drive_at(case, ambient)
    return replace(
        row,
        range_cold=found.range,
        breakdown={**row.breakdown, _ambient(ambient): parts(found)},
        notes=row.notes + _notes(found, ambient),
    )


def _with_charge(row: Row, case: InCar) -> Row:
    from ionstone.study.car.charge import charge

    if case.unsized:
        return row
    given = (case.cell, case.conditions.vehicle, case.conditions.temperature)
    found = charge(*given, **case.size)
    notes = found.notes
    if found.limit == "plating" and found.time > LONG_CHARGE:
        notes += (_without_plating(charge(*given, **case.size, plating_margin=None)),)
    return replace(
        row,
        charge_time=found.time if found.reached else None,
        charge_limit=found.limit,
        charge_curve=charge_curve(found),
        notes=row.notes + tuple(f"charging: {note}" for note in notes),
    )


def _without_plating(free: ChargeResult) -> str:
    time = f"{free.time / 60:.0f} min" if free.reached else "for ever"
    return (
        "the negative electrode is held at the potential of the metal, so that none plates;"
        f" without this limit 10-80 % would take {time}, held back by {free.limit}"
    )


def pack_line(pack: UniformPack) -> PackLine:
    """How the cells become the pack, for the report."""
    return PackLine(
        series=pack.series,
        strings=pack.strings,
        cell_mass_fraction=pack.cell_mass_fraction,
        cell_volume_fraction=pack.cell_volume_fraction,
        pressure_mass=pack.pressure_mass,
        sources=tuple(dict.fromkeys(pack.sources)),
    )


def parts(found: Drive) -> dict[str, float]:
    """Where the energy goes [J/m], in the words of the report; driving is net of what is given back."""
    return {
        word: sum(found.breakdown.get(name, 0.0) for name in names)
        for word, names in _PARTS.items()
        if any(name in found.breakdown for name in names)
    }


def _notes(found: Drive, ambient: float) -> tuple[str, ...]:
    reason = () if found.end_reason == "empty" else (found.end_reason,)
    return tuple(f"at {_ambient(ambient)}: {note}" for note in (*found.notes, *reason))


def _ambient(temperature: float) -> str:
    return f"{temperature - 273.15:g} °C"


def charge_curve(found: ChargeResult) -> ChargeCurve:
    """Power over state of charge with the limit that holds at each point, for the report."""
    keep = _kept(len(found.soc))
    limits = tuple(str(found.limits[k]) for k in keep)
    soc, power, temperature = (
        _picked(values, keep) for values in (found.soc, found.power, found.temperature)
    )
    return ChargeCurve(soc, power, temperature, limits)


def discharge_curve(run: Run, label: str) -> DischargeCurve:
    """Voltage over the charge drawn, with as many points as a figure needs."""
    steps = np.diff(run.time) * (run.current[1:] + run.current[:-1]) / 2
    charge = np.concatenate([[0.0], np.cumsum(steps)])
    even = np.linspace(charge[0], charge[-1], _CURVE_POINTS)
    voltage = np.interp(even, charge, run.voltage)
    return DischargeCurve(label, tuple(even.tolist()), tuple(voltage.tolist()))


def closure_line(found: Any) -> Closure:
    """A closure of a cell in friendly units."""
    names = {"A*s": ("Ah", 1 / 3600), "kg": ("g", 1e3), "m^3": ("mL", 1e6), "J": ("Wh", 1 / 3600)}
    names |= {"J/kg": ("Wh/kg", 1 / 3600), "J/m^3": ("Wh/L", 1 / 3.6e6)}
    unit, scale = names.get(found.unit, (found.unit, 1.0))
    published = None if found.published is None else found.published * scale
    return Closure(found.quantity, published, found.computed * scale, unit, found.source)


def _closes(found: Closure) -> bool:
    return found.deviation is None or abs(found.deviation) <= CLOSES_WITHIN


def _not_closed(found: Closure) -> str:
    against = f"{found.published:.4g} {found.unit} published"
    return f"does not close: {found.quantity} {found.computed:.4g} against {against} ({found.deviation:+.1%})"


def source_lines(cell: Any) -> tuple[SourceLine, ...]:
    """Every number of the cell with its source and grades."""
    return tuple(
        SourceLine(
            path=record.path,
            value=record.value
            if isinstance(record.value, str)
            else format_parameter(record.path, record.value, record.unit),
            source=record.source or "",
            evidence=record.evidence or "",
            known_by=record.known_by or "",
            range=_range(record),
        )
        for record in cell.records()
    )


def _range(record: Any) -> str:
    if record.low is None or record.high is None or record.low == record.high:
        return "" if record.spread is None else f"± {100 * record.spread:g} %"
    return format_range(record.path, record.low, record.high, record.unit)


def _kept(count: int) -> list[int]:
    return np.unique(np.linspace(0, count - 1, min(count, _CURVE_POINTS)).astype(int)).tolist()


def _picked(values: Any, keep: list[int]) -> tuple[float, ...]:
    return tuple(float(values[k]) for k in keep)
