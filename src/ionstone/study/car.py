"""A cell in a car, by friendly words: drive it, charge it, drive it in every weather."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.errors import InputError, SimulationError
from ionstone.core.quantities import to_si
from ionstone.pack import UniformPack
from ionstone.study.charge import ChargeResult
from ionstone.study.charge import charge as charge_cell
from ionstone.study.charger import Charger
from ionstone.study.drive import Drive, pack_of_car
from ionstone.study.drive import drive as drive_cell
from ionstone.vehicle import Cycle, Vehicle, load_vehicle

if TYPE_CHECKING:
    import plotly.graph_objects
    import xarray

    from ionstone.cell_design import Cell

Temperature = float | str
COLDEST, HOTTEST = 243.15, 318.15  # K: -30 to 45 degC
WEATHER = tuple(float(t) + 273.15 for t in (-30, -20, -10, 0, 10, 20, 25, 35, 45))
CHARGE_WEATHER = tuple(float(t) + 273.15 for t in (-20, 0, 25, 45))
SIZES = ("mass", "volume", "range")
#: largest relative difference of the range that a pack of the same range may leave
SAME_RANGE = 2e-3
#: a drive ends at one acceleration or the next, so that the range is a staircase over the size of the pack
WORST_RANGE = 0.03
#: packs beyond these shares of the car's own are no answer
LARGEST, SMALLEST = 5.0, 0.05


def kelvin(value: Temperature, name: str = "temperature") -> float:
    """Return an ambient temperature [K] from a number [K] or a text ("-10 degC"). InputError outside -50 to
    60 degC."""
    found = to_si(value, "K", name) if isinstance(value, str) else float(value)
    if not 223.15 <= found <= 333.15:
        raise InputError(
            f'{name}: {found - 273.15:.4g} degC is outside -50 to 60 degC: write it as in "25 degC"'
        )
    return found


def _cell(cell: Cell | str | Path) -> Any:
    from ionstone.cell_design import load_cell

    return load_cell(cell) if isinstance(cell, (str, Path)) else cell


def drive(
    cell: Cell | str | Path,
    vehicle: Vehicle | str = "tesla-model-3-lr",
    cycle: Cycle | str = "wltc_3b",
    temperature: Temperature = 298.15,
    *,
    same: str = "mass",
    pack: UniformPack | None = None,
    compounding: float = 0.0,
    model: str = "P2D",
    resolution: float = 2.0,
    **settings: Any,
) -> Drive:
    """Drive a cycle until the cell is empty, and return the range and all about it.

    temperature: ambient [K], or "-10 degC". same: the pack has the "mass" or the "volume" of the car's own,
    or the size that gives the car's own "range". compounding: kg of car that a kg of pack adds beside itself
    (0; 0.2-0.6 where a car is designed anew, estimated). resolution [s] of the power. settings: `simulate`.
    InputError for an unknown name or a value out of range.
    """
    cell, car = _cell(cell), load_vehicle(vehicle)
    ambient = kelvin(temperature)
    if same not in SIZES:
        raise InputError(f"same: {same!r} is unknown: use one of {', '.join(SIZES)}")
    if not 0 <= compounding <= 2:
        raise InputError(
            f"compounding: {compounding!r} is outside 0 to 2: use 0, or 0.2 to 0.6 for a new car"
        )
    given: dict[str, Any] = {"model": model, "resolution": resolution, **settings}
    if same == "range" and pack is None:
        return _same_range(cell, car, cycle, ambient, compounding, given)
    chosen = pack or pack_of_car(cell, car, "mass" if same == "range" else same)
    return drive_cell(cell, _grown(car, chosen, compounding), cycle, ambient, pack=chosen, **given)


def _grown(car: Vehicle, pack: UniformPack, compounding: float) -> Vehicle:
    """Return the car with the mass that its structure gains with a heavier pack."""
    more = compounding * (pack.mass - car.pack.mass.value)
    if more == 0:
        return car
    heavier = car.mass.model_copy(update={"value": car.mass.value + more})
    grown = car.build_road_load(heavier.value)
    load = car.road_load
    if load.kind == "coast_down":
        load = load.model_copy(
            update={"constant": load.constant.model_copy(update={"value": grown.constant})}
        )
    return car.model_copy(update={"mass": heavier, "road_load": load})


def _same_range(
    cell: Any, car: Vehicle, cycle: Cycle | str, ambient: float, compounding: float, given: dict[str, Any]
) -> Drive:
    """Drive with the pack that gives the range of the car's own energy on this cycle, by secants."""
    from ionstone.vehicle import battery_demand

    goal = car.pack.usable_energy.value / battery_demand(car, cycle, ambient).consumption
    base = pack_of_car(cell, car, "mass")
    share = car.pack.usable_energy.value / base.nominal_energy
    tried: list[tuple[float, float]] = []
    best: Drive | None = None
    for _ in range(8):
        if not SMALLEST * car.pack.mass.value < share * base.mass < LARGEST * car.pack.mass.value:
            raise InputError(
                f"same: no pack of {cell.name} up to {LARGEST:g} times the car's own gives"
                f" {goal / 1000:.0f} km: compare packs of the same mass"
            )
        pack = base.scaled_to_energy(share * base.nominal_energy)
        found = drive_cell(cell, _grown(car, pack, compounding), cycle, ambient, pack=pack, **given)
        if abs(found.range / goal - 1) <= SAME_RANGE:
            return found
        best = found if best is None or abs(found.range / goal - 1) < abs(best.range / goal - 1) else best
        tried.append((share, found.range))
        share *= goal / max(found.range, 1.0) if len(tried) < 2 else 1.0
        if len(tried) > 1:
            (a, ra), (b, rb) = tried[-2:]
            share = b + (goal - rb) * (b - a) / (rb - ra) if rb != ra else b * goal / rb
    if best is not None and abs(best.range / goal - 1) <= WORST_RANGE:
        off = best.range / goal - 1
        note = f"the pack misses the range of the car by {off:+.1%}: drives end at accelerations"
        return replace(best, notes=(*best.notes, note))
    raise SimulationError(f"same: after 8 drives the pack still misses {goal / 1000:.0f} km:"
                          " compare packs of the same mass")  # fmt: skip


def charge(
    cell: Cell | str | Path,
    vehicle: Vehicle | str = "tesla-model-3-lr",
    charger: Charger | str | float | None = None,
    start: float = 0.1,
    stop: float = 0.8,
    temperature: Temperature = 298.15,
    *,
    same: str = "mass",
    precondition: Temperature | None = None,
    published_curve: bool = False,
    **settings: Any,
) -> ChargeResult:
    """Charge the pack of a car as fast as every limit allows, and return the curve with the limits named.

    charger: "350 kW", or "150 kW, 400 A, 920 V"; the car's own ceilings hold too. temperature: of ambient and
    pack [K], or "-10 degC". precondition: the pack is first heated to this temperature out of itself.
    published_curve: the car's published power over the state of charge is a ceiling as well. settings: as in
    `ionstone.study.charge.charge`. InputError for an unknown name or a value out of range.
    """
    warm = None if precondition is None else (
        to_si(precondition, "K", "precondition") if isinstance(precondition, str) else float(precondition)
    )  # fmt: skip
    return charge_cell(
        _cell(cell), load_vehicle(vehicle), kelvin(temperature), same=same, start=start, stop=stop,
        charger=charger, precondition=warm, published_curve=published_curve, **settings,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class RangeCurve:
    """Range [m] and energy per distance [J/m] over ambient temperatures [K]; drives that failed are NaN."""

    cell: str
    vehicle: str
    cycle: str
    temperatures: np.ndarray
    ranges: np.ndarray
    consumptions: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def summary(self) -> dict[str, float | str]:
        """Longest and shortest range [m] and where they are [K]."""
        best, worst = int(np.nanargmax(self.ranges)), int(np.nanargmin(self.ranges))
        return {
            "cell": self.cell, "vehicle": self.vehicle, "cycle": self.cycle,
            "longest_range": float(self.ranges[best]), "at": float(self.temperatures[best]),
            "shortest_range": float(self.ranges[worst]), "worst_at": float(self.temperatures[worst]),
        }  # fmt: skip

    def to_xarray(self) -> xarray.Dataset:
        """The curve as an xarray Dataset over `temperature` [K]."""
        from ionstone.study.car_tables import dataset

        columns = {"range": (self.ranges, "m"), "consumption": (self.consumptions, "J/m")}
        return dataset("temperature", self.temperatures, "K", columns, self.summary)

    def chart(self) -> Any:
        """What `plot` draws, as a renderer-free chart."""
        from ionstone.study.car_charts import range_chart

        return range_chart(self)

    def plot(self) -> plotly.graph_objects.Figure:
        """A plotly figure of range and consumption over the ambient temperature."""
        from ionstone.plotting.interactive import plotly_figure

        return plotly_figure(self.chart())


def range_over_temperature(
    cell: Cell | str | Path,
    vehicle: Vehicle | str = "tesla-model-3-lr",
    cycle: Cycle | str = "wltc_3b",
    temperatures: Sequence[Temperature] = WEATHER,
    **settings: Any,
) -> RangeCurve:
    """Drive at several ambient temperatures, by default from -30 to 45 degC. settings: as in `drive`."""
    chosen, car = _cell(cell), load_vehicle(vehicle)
    places = np.array([kelvin(t) for t in temperatures])
    ranges, uses, notes = np.full(places.size, np.nan), np.full(places.size, np.nan), []
    title = ""
    for index, ambient in enumerate(places):
        try:
            found = drive(chosen, car, cycle, float(ambient), **settings)
        except SimulationError as error:
            notes.append(f"at {ambient - 273.15:g} degC: {error}")
            continue
        title = found.cycle
        ranges[index], uses[index] = found.range, found.energy / max(found.range, 1e-9)
        if found.end_reason != "empty":
            notes.append(f"at {ambient - 273.15:g} degC: {found.end_reason}")
    if not np.isfinite(ranges).any():
        raise SimulationError(notes[0])
    return RangeCurve(str(chosen.name), car.name, title, places, ranges, uses, tuple(notes))
