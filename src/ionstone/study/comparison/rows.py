"""The table of a comparison: one row a cell, with what a report needs to explain it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ionstone.study.comparison.curves import ChargeCurve, CyclePass, DischargeCurve, PackPass, Weather, scaled

if TYPE_CHECKING:
    import plotly.graph_objects
    import xarray

    from ionstone.study.car.energy_flow import EnergyFlow

LIMITS = ("voltage", "current", "plating", "critical_current", "void", "temperature", "depletion", "charger")
"""What can hold the charging power back."""

FIGURES = {
    "specific_energy": "J/kg",
    "energy_density": "J/m^3",
    "pack_energy": "J",
    "pack_mass": "kg",
    "pack_volume": "m^3",
    "range": "m",
    "range_cold": "m",
    "charge_time": "s",
}
"""Figures of a row and their units."""


@dataclass(frozen=True)
class Closure:
    """A published figure beside the computed one, in ``unit``; ``published`` is None where nothing is
    published."""

    quantity: str
    published: float | None
    computed: float
    unit: str
    source: str = ""

    @property
    def deviation(self) -> float | None:
        """Computed over published, less one."""
        return None if not self.published else self.computed / self.published - 1


@dataclass(frozen=True)
class SourceLine:
    """Where one number of a cell comes from (friendly text), with its range and its evidence grade."""

    path: str
    value: str
    source: str
    evidence: str
    known_by: str = ""
    range: str = ""


@dataclass(frozen=True)
class PackLine:
    """How cells become the pack: ``strings`` in parallel (a real number) of ``series`` cells, the cells'
    shares of mass and volume, and the mass of the hardware that presses them [kg]."""

    series: int
    strings: float
    cell_mass_fraction: float
    cell_volume_fraction: float
    pressure_mass: float
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """What one cell does for the car, SI; a figure that could not be computed is None and ``message``
    says why.

    ``specific_energy`` [J/kg] and ``energy_density`` [J/m3] of the cell, ``pack_energy`` [J] usable,
    ``range`` and ``range_cold`` [m], ``charge_time`` [s] for 10-80 %, ``charge_limit`` what holds the
    charge back longest. ``breakdown`` gives, for each ambient ("25 °C"), where the energy of the pack
    goes [J/m], ``flows`` the same from cells to road. ``cycle``, ``flows``, ``weather`` and ``spread`` are
    computed for reports alone.
    """

    name: str
    title: str = ""
    specific_energy: float | None = None
    energy_density: float | None = None
    pack_energy: float | None = None
    cell_mass: float | None = None
    pack_mass: float | None = None
    pack_volume: float | None = None
    pack: PackLine | None = None
    range: float | None = None
    range_cold: float | None = None
    charge_time: float | None = None
    charge_limit: str | None = None
    notes: tuple[str, ...] = ()
    code: int = 0
    message: str = ""
    charge_curve: ChargeCurve | None = None
    discharge_curves: tuple[DischargeCurve, ...] = ()
    breakdown: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    closures: tuple[Closure, ...] = ()
    sources: tuple[SourceLine, ...] = ()
    cycle: CyclePass | None = None
    flows: Mapping[str, EnergyFlow] = field(default_factory=dict)
    weather: Weather | None = None
    spread: PackPass | None = None

    def to_json_dict(self) -> dict[str, Any]:
        """The row as it stands in ``compare --json``, friendly units in the names."""
        return {
            "name": self.name,
            "title": self.title,
            "specific_energy_Wh_per_kg": scaled(self.specific_energy, 1 / 3600),
            "energy_density_Wh_per_L": scaled(self.energy_density, 1 / 3.6e6),
            "pack_energy_kWh": scaled(self.pack_energy, 1 / 3.6e6),
            "pack_mass_kg": scaled(self.pack_mass, 1.0),
            "pack_volume_L": scaled(self.pack_volume, 1e3),
            "pack": None if self.pack is None else vars(self.pack),
            "range_km": scaled(self.range, 1e-3),
            "range_cold_km": scaled(self.range_cold, 1e-3),
            "charge_10_80_min": scaled(self.charge_time, 1 / 60),
            "charge_limit": self.charge_limit,
            "notes": list(self.notes),
            "code": self.code,
            "message": self.message,
            "closure": [
                {
                    "quantity": closure.quantity,
                    "published": scaled(closure.published, 1.0),
                    "computed": scaled(closure.computed, 1.0),
                    "unit": closure.unit,
                    "deviation": scaled(closure.deviation, 1.0),
                    "source": closure.source,
                }
                for closure in self.closures
            ],
            "consumption_Wh_per_km": {
                ambient: {name: scaled(value, 1 / 3.6) for name, value in parts.items()}
                for ambient, parts in self.breakdown.items()
            },
            "weather": None if self.weather is None else self.weather.to_json(),
            "cells_apart": None if self.spread is None else self.spread.to_json(),
        }


@dataclass(frozen=True)
class Assumption:
    """One assumption of the car, the pack or the charger, as text, with its source."""

    name: str
    value: str
    source: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Comparison:
    """Cells side by side in the same car. ``temperature`` and ``cold`` [K] are the ambients of the two
    ranges."""

    rows: tuple[Row, ...]
    vehicle: str
    vehicle_title: str = ""
    cycle: str = ""
    temperature: float = 298.15
    cold: float = 263.15
    same: str = "mass"
    assumptions: tuple[Assumption, ...] = ()
    interrupted: bool = False

    @property
    def packs(self) -> str:
        """What the packs have in common, in words; with the same range, how far that is."""
        ranges = [row.range for row in self.rows if row.range is not None]
        far = f", {sum(ranges) / len(ranges) / 1000:.0f} km" if self.same == "range" and ranges else ""
        return f"packs of the same {self.same}{far}"

    @property
    def failed(self) -> tuple[Row, ...]:
        """The rows that carry an error instead of all their figures."""
        return tuple(row for row in self.rows if row.code)

    @property
    def summary(self) -> dict[str, dict[str, float | None]]:
        """The figures of each cell, SI, by its name; None where one was not computed."""
        return {row.name: {name: getattr(row, name) for name in FIGURES} for row in self.rows}

    def to_xarray(self) -> xarray.Dataset:
        """The figures as an xarray Dataset over ``cell``; NaN where one was not computed."""
        import numpy as np

        from ionstone.study.car.tables import dataset

        columns = {
            name: (np.array([getattr(row, name) for row in self.rows], dtype=float), unit)
            for name, unit in FIGURES.items()
        }
        about = {name: getattr(self, name) for name in ("vehicle", "cycle", "same", "temperature", "cold")}
        return dataset("cell", np.array([row.name for row in self.rows]), "", columns, about)

    def chart(self) -> Any:
        """What ``plot`` draws, as a renderer-free chart. InputError where no cell has a range."""
        from ionstone.core.errors import InputError
        from ionstone.study.comparison.report_charts import range_chart

        found = range_chart(self)
        if found is None:
            raise InputError("plot: no cell has figures to draw: see the messages of the rows")
        return found

    def plot(self) -> plotly.graph_objects.Figure:
        """A plotly figure of the ranges (with packs of the same range: their mass) over specific energy."""
        from ionstone.plotting.interactive import plotly_figure

        return plotly_figure(self.chart())

    def to_json_dict(self) -> dict[str, Any]:
        """The whole comparison for ``compare --json``."""
        return {
            "cells": [row.to_json_dict() for row in self.rows],
            "vehicle": {
                "name": self.vehicle,
                "title": self.vehicle_title,
                "cycle": self.cycle,
                "same": self.same,
                "temperature_degC": round(self.temperature - 273.15, 6),
                "cold_temperature_degC": round(self.cold - 273.15, 6),
                "assumptions": [vars(assumption) for assumption in self.assumptions],
            },
            "sources": {row.name: [vars(line) for line in row.sources] for row in self.rows},
            "interrupted": self.interrupted,
        }
