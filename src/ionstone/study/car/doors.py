"""A cell in a car, by friendly words: drive it, charge it, drive it in every weather."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from ionstone.core.errors import InputError, SimulationError
from ionstone.core.quantities import to_si
from ionstone.pack import UniformPack
from ionstone.study.car.charge import ChargeResult
from ionstone.study.car.charge import charge as charge_cell
from ionstone.study.car.charger import Charger
from ionstone.study.car.drive import Drive
from ionstone.study.car.sizes import (
    SIZES,
    Sizes,
    Temperature,
    check_settings,
    drive_lists,
    drive_one,
    is_list,
    kelvin,
    lanes_of,
    network_for,
    read_cell,
)
from ionstone.vehicle import Cycle, Vehicle, load_vehicle

if TYPE_CHECKING:
    import plotly.graph_objects
    import xarray

    from ionstone.cell_design import Cell
    from ionstone.pack.network import Pack
    from ionstone.study.car.charge_many import Charges
    from ionstone.study.car.drive_batch import Drives

Many = Any  # one value, or a list of them: one for each lane
WEATHER = tuple(float(t) + 273.15 for t in (-30, -20, -10, 0, 10, 20, 25, 35, 45))
CHARGE_WEATHER = tuple(float(t) + 273.15 for t in (-20, 0, 25, 45))


@overload
def drive(
    cell: Cell | str | Path,
    vehicle: Vehicle | str = ...,
    cycle: Cycle | str = ...,
    temperature: Temperature = ...,
    **settings: Any,
) -> Drive: ...


@overload
def drive(
    cell: Many, vehicle: Many = ..., cycle: Many = ..., temperature: Many = ..., **settings: Any
) -> Drives: ...


def drive(
    cell: Many,
    vehicle: Many = "tesla-model-3-lr",
    cycle: Many = "wltc_3b",
    temperature: Many = 298.15,
    *,
    same: str = "mass",
    pack: UniformPack | Pack | None = None,
    network: Mapping[str, Any] | None = None,
    compounding: float = 0.0,
    model: str = "P2D",
    resolution: float | None = None,
    **settings: Any,
) -> Drive | Drives:
    """Drive a cycle until the cell is empty, and return the range and all about it.

    temperature: ambient [K], or "-10 degC". same: the pack has the "mass" or the "volume" of the car's own,
    or the size that gives the car's own "range". compounding: kg of car that a kg of pack adds beside itself
    (0; 0.2-0.6 where a car is designed anew, estimated). model: "P2D", "SPMe", "SPM", or "map": voltage and
    resistance read from pulses of P2D (`ionstone.study.car.cell_map`), or of the model that map_of names.
    resolution [s] of the power (2 s; 1 s with cells that differ). settings: `simulate`; for a map `grid` and
    `map_of` only.

    pack: a pack in place of these; with an ``ion.Pack`` each of its cells is a model of its own, settings are
    those of ``ionstone.study.car.drive_pack.drive_pack`` (soc, preheated, cells_every, progress), and
    ``drive.run`` is the run of the pack; it takes minutes. network: options of an ``ion.Pack`` as near as
    whole numbers of cells come to the car's own, for example {"spread": "2 %", "lanes": 1}.

    Each of cell, vehicle, cycle and temperature may be a list (cells: designs of ``ion.vary`` too). The
    drives are then run as a batch, a lane each (packs of the same range and networks one by one), and come as
    `Drives`: lists have one length, and what is no list holds for all lanes. A lane that fails has a code and
    a message.

    InputError for an unknown name or a value out of range.
    """
    if same not in SIZES:
        raise InputError(f"same: {same!r} is unknown: use one of {', '.join(SIZES)}")
    if not 0 <= compounding <= 2:
        raise InputError(
            f"compounding: {compounding!r} is outside 0 to 2: use 0, or 0.2 to 0.6 for a new car"
        )
    sizes = Sizes(same, pack, compounding, resolution, network)
    if any(map(is_list, (cell, vehicle, cycle, temperature))):
        given = {"cell": cell, "vehicle": vehicle, "cycle": cycle, "temperature": temperature}
        return drive_lists(given, sizes, model, settings)
    return drive_one(
        read_cell(cell), load_vehicle(vehicle), cycle, kelvin(temperature), sizes, model, settings
    )


@overload
def charge(
    cell: Cell | str | Path,
    vehicle: Vehicle | str = ...,
    charger: Charger | str | float | None = ...,
    start: float = ...,
    stop: float = ...,
    temperature: Temperature = ...,
    **settings: Any,
) -> ChargeResult: ...


@overload
def charge(
    cell: Many,
    vehicle: Many = ...,
    charger: Many = ...,
    start: Many = ...,
    stop: Many = ...,
    temperature: Many = ...,
    **settings: Any,
) -> Charges: ...


def charge(
    cell: Many,
    vehicle: Many = "tesla-model-3-lr",
    charger: Many = None,
    start: Many = 0.1,
    stop: Many = 0.8,
    temperature: Many = 298.15,
    *,
    same: str = "mass",
    pack: UniformPack | Pack | None = None,
    network: Mapping[str, Any] | None = None,
    precondition: Temperature | None = None,
    coolant: Temperature | None = None,
    published_curve: bool = False,
    **settings: Any,
) -> ChargeResult | Charges:
    """Charge the pack of a car as fast as every limit allows, and return the curve with the limits named.

    charger: "350 kW", or "150 kW, 400 A, 920 V"; the car's own ceilings hold too. temperature: of ambient and
    pack [K], or "-10 degC". precondition: the pack is first heated to this temperature out of itself.
    coolant: temperature to which its coolant is chilled (default: that at which the charge starts; the power
    of the chiller is not counted).
    published_curve: the car's published power over the state of charge is a ceiling as well. settings: as in
    `ionstone.study.car.charge.charge`. pack, network: as in `drive`; settings are then those of
    ``ionstone.study.car.charge_pack.charge_pack`` (preheated, maximum_current, cells_every). InputError for
    an unknown name or a value out of range.

    Each of the first six may be a list: the charges are then computed on all cores, a lane each, and come as
    `Charges`; one that fails has a code and a message.
    """
    given = {"cell": cell, "vehicle": vehicle, "charger": charger, "start": start, "stop": stop,
             "temperature": temperature}  # fmt: skip
    if any(map(is_list, given.values())):
        from ionstone.study.car.charge_many import charge_many

        sizes: dict[str, Any] = {"same": same, "pack": pack, "network": network}
        sizes |= {"precondition": precondition, "coolant": coolant, "published_curve": published_curve}
        return charge_many(lanes_of(given), partial(charge, **sizes, **settings))
    one, car, ambient = read_cell(cell), load_vehicle(vehicle), kelvin(temperature)
    wishes: dict[str, Any] = {
        "start": start, "stop": stop, "charger": charger,
        "precondition": _level(precondition, "precondition"),
        "published_curve": published_curve, **settings,
    }  # fmt: skip
    own = network_for(one, car, same, pack, network)
    if own is not None:
        from ionstone.study.car.charge_pack import charge_pack

        check_settings(settings, ("preheated", "maximum_current", "cells_every"), "charge")
        if coolant is not None:
            raise InputError("coolant: an ion.Pack has its own: give it cooling={'coolant': ...} instead")
        return charge_pack(own, car, ambient, **wishes)
    uniform = pack if isinstance(pack, UniformPack) else None
    cold = _level(coolant, "coolant")
    return charge_cell(one, car, ambient, same=same, pack=uniform, coolant=cold, **wishes)


def _level(value: Temperature | None, name: str) -> float | None:
    """Return a temperature [K] of a number [K] or a text."""
    if value is None:
        return None
    return to_si(value, "K", name) if isinstance(value, str) else float(value)


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
        from ionstone.study.car.tables import dataset

        columns = {"range": (self.ranges, "m"), "consumption": (self.consumptions, "J/m")}
        return dataset("temperature", self.temperatures, "K", columns, self.summary)

    def chart(self) -> Any:
        """What `plot` draws, as a renderer-free chart."""
        from ionstone.study.car.charts import range_chart

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
    chosen, car = read_cell(cell), load_vehicle(vehicle)
    places = np.array([kelvin(t) for t in temperatures])
    found = drive(chosen, car, cycle, places, **settings)
    if np.all(found.code):
        raise SimulationError(f"at {places[0] - 273.15:g} degC: {found.message[0]}")
    why = [found.message[i] or found.end_reason[i] for i in range(len(found))]
    notes = [
        f"at {t - 273.15:g} degC: {words}" for t, words in zip(places, why, strict=True) if words != "empty"
    ]
    return RangeCurve(str(chosen.name), car.name, found.cycle[0], places, found.range, found.consumption,
                      tuple(notes))  # fmt: skip
