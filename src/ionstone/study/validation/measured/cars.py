"""Measured energies and charging curves of cars, from the files beside this one."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ionstone.vehicle.road_load import RoadLoad

FOLDER = Path(__file__).parent
EPA = "EPA test-car list MY2022 (22-tstcar.csv, US government data), as kept in NREL/fastsim"
CURVES = "evkx.net charging curves (facts only; some derived from data of the makers), good conditions"
LABELS = (
    "Natural Resources Canada, fuel consumption ratings of battery-electric vehicles, model year 2022, the"
    " figures of the EPA's labels (Open Government Licence - Canada), as kept in"
    " github.com/andrewnguyen41/Climate_Neutral"
)
CITY, HIGHWAY = 0.55, 0.45
_MAKES = {"AUDI": "Audi", "HYUNDAI": "Hyundai", "KIA": "Kia", "CHEVROLET": "Chevrolet", "MAZDA": "Mazda"}


@dataclass(frozen=True)
class EpaRow:
    """One tested configuration: road load, energy from the wall on UDDS and HWFET [J/m].

    `usable` is false where the ratio of wheel to wall energy is outside what a car can do: unit slips of the
    list, perhaps some real cars.
    """

    make: str
    model: str
    key: str
    load: RoadLoad
    city: float
    highway: float
    usable: bool

    @property
    def combined(self) -> float:
        """Energy from the wall, 55 % city and 45 % highway [J/m]."""
        return CITY * self.city + HIGHWAY * self.highway


@lru_cache
def epa_rows() -> tuple[EpaRow, ...]:
    """Return all rows of the list."""
    found = []
    for row in _read("epa2022.csv"):
        figures = (row[name] for name in ("A_N", "B_N_per_mps", "C_N_per_mps2", "test_mass_kg"))
        make = "Polestar" if row["make"].startswith("Polestar") else row["make"]
        found.append(
            EpaRow(
                make=_MAKES.get(make, make), model=row["model"], key=row["vehicle_id"],
                load=RoadLoad(*(float(figure) for figure in figures)),
                city=3.6 * float(row["udds_Wh_per_km_AC"]), highway=3.6 * float(row["hwfet_Wh_per_km_AC"]),
                usable=row["usable_for_validation"] == "True",
            )
        )  # fmt: skip
    return tuple(found)


@dataclass(frozen=True)
class RangeLabel:
    """What the label of a car says: energy from the wall per distance [J/m], range [m]."""

    consumption: float
    range: float

    @property
    def full_charge(self) -> float:
        """Energy from the wall that fills the battery [J]."""
        return self.consumption * self.range


@lru_cache
def labels() -> dict[str, RangeLabel]:
    """Return the labels of cars of the library, by name."""
    return {
        row["car"]: RangeLabel(36.0 * float(row["energy_kWh_per_100km"]), 1e3 * float(row["range_km"]))
        for row in _read("labels.csv")
    }


@dataclass(frozen=True, eq=False)
class ChargingCurve:
    """A published charge: states of charge [-], times since empty [s], powers [W], energy of the pack [J]."""

    car: str
    energy: float
    soc: np.ndarray
    time: np.ndarray
    power: np.ndarray

    def published(self, start: float, stop: float) -> float:
        """Time between two states of charge as published [s]."""
        times = np.interp([start, stop], self.soc, self.time)
        return float(times[1] - times[0])

    def from_power(self, start: float, stop: float) -> float:
        """Time between two states of charge from energy and power [s]: the integral of E dz / P(z)."""
        z = np.linspace(start, stop, 2001)
        p = np.interp(z, self.soc, self.power)
        return float(self.energy * np.sum((1 / p[1:] + 1 / p[:-1]) / 2 * np.diff(z)))


@lru_cache
def charging_curves() -> tuple[ChargingCurve, ...]:
    """Return the published charging curves; points without a power are left out."""
    rows: dict[str, list[dict[str, str]]] = {}
    for row in _read("charging_curves.csv"):
        if row["power_kW"]:
            rows.setdefault(row["car"], []).append(row)
    return tuple(
        ChargingCurve(
            car,
            3.6e6 * float(points[0]["energy_kWh"]),
            np.array([float(p["soc_pct"]) / 100 for p in points]),
            np.array([float(p["time_s_from_0"]) for p in points]),
            np.array([1e3 * float(p["power_kW"]) for p in points]),
        )
        for car, points in rows.items()
    )


def _read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))
