"""Drives by friendly words, one or many: which cell, which car, how its pack is sized, how cold it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.errors import InputError, SimulationError
from ionstone.core.quantities import to_si
from ionstone.pack import UniformPack
from ionstone.study.car.drive import Drive, pack_of_car, plan_drive
from ionstone.study.car.drive import drive as drive_cell
from ionstone.study.car.power_source import network_of
from ionstone.vehicle import Cycle, Vehicle, load_cycle, load_vehicle

if TYPE_CHECKING:
    from ionstone.pack.network import Pack
    from ionstone.study.car.drive_batch import Drives, Lane

Temperature = float | str
SIZES = ("mass", "volume", "range")
RESOLUTION = 2.0  # s, of the power of a drive with cells all alike
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


def read_cell(cell: Any) -> Any:
    """Return the cell of a name or a file, or the cell as it is."""
    from ionstone.cell_design import load_cell

    return load_cell(cell) if isinstance(cell, (str, Path)) else cell


def is_list(value: Any) -> bool:
    """Whether a value is a list of values, one for each lane."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Sequence) and not isinstance(value, str)  # designs of `ionstone.vary`, too


@dataclass(frozen=True)
class Sizes:
    """How packs are sized, kg of car that a kg of pack adds, and the interval of the power [s].

    `network`: options of an ``ionstone.Pack`` of the car's size.
    """

    same: str = "mass"
    pack: UniformPack | Pack | None = None
    compounding: float = 0.0
    resolution: float | None = None
    network: Mapping[str, Any] | None = None

    @property
    def by_range(self) -> bool:
        """Whether each pack is looked for, so that its drives follow one another."""
        return self.same == "range" and self.pack is None and self.network is None

    @property
    def one_by_one(self) -> bool:
        """Whether drives are no lanes of one batch: packs that are looked for, and networks."""
        return self.by_range or self.network is not None or not isinstance(self.pack, UniformPack | None)

    def fitted(self, cell: Any, car: Vehicle) -> tuple[Vehicle, UniformPack]:
        """Return the car with its pack of a cell."""
        same = "mass" if self.same == "range" else self.same
        pack = self.pack if isinstance(self.pack, UniformPack) else pack_of_car(cell, car, same)
        return _grown(car, pack, self.compounding), pack


def drive_one(
    cell: Any,
    car: Vehicle,
    cycle: Cycle | str,
    ambient: float,
    sizes: Sizes,
    model: str,
    settings: dict[str, Any],
) -> Drive:
    """Drive one car. SimulationError where not even the first second was computed."""
    own = network_for(cell, car, sizes.same, sizes.pack, sizes.network, model)
    if own is not None:
        from ionstone.study.car.drive_pack import drive_pack

        check_settings(settings, ("soc", "preheated", "cells_every", "progress"), "drive")
        grown = _grown(car, own, sizes.compounding)
        return drive_pack(own, grown, cycle, ambient, resolution=sizes.resolution or 1.0, **settings)
    if sizes.by_range:
        return _same_range(cell, car, cycle, ambient, sizes, model, settings)
    grown, pack = sizes.fitted(cell, car)
    return _with_pack(cell, grown, cycle, ambient, pack, sizes, model, settings)


def network_for(
    cell: Any, car: Vehicle, same: str, pack: Any, network: Mapping[str, Any] | None, model: str = "P2D"
) -> Pack | None:
    """Return the ``ionstone.Pack`` that is given or asked for, None where it is neither."""
    if network is None:
        return network_of(pack, cell)
    if pack is not None:
        raise InputError("pack and network are both given: give one of them")
    if same == "range":
        raise InputError("same: a network has whole numbers of cells: use mass or volume")
    from ionstone.study.car.drive_pack import network_of_car

    return network_of_car(cell, car, same, **{"model": model, **network})


def check_settings(settings: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    """InputError for a setting that a drive or a charge with an ``ionstone.Pack`` has not."""
    for name in settings:
        if name not in known:
            raise InputError(
                f"{what}: {name} is no setting with an ion.Pack: use {', '.join(known)}; model, grid and"
                " tolerance belong to the pack"
            )


def drive_lists(given: Mapping[str, Any], sizes: Sizes, model: str, settings: dict[str, Any]) -> Drives:
    """Drive lanes of cell, vehicle, cycle and temperature as a batch, or one by one."""
    from ionstone.study.car.drive_batch import Failure, Table, drive_many

    lanes = _Lanes(given)

    def again(index: int) -> Drive:
        return drive_one(*lanes.read(index), sizes, model, settings)

    if sizes.one_by_one:
        table = Table(again, keep=True)
        for index in range(lanes.count):
            cell, car, cycle, ambient = lanes.read(index)
            found: Drive | Failure
            try:
                found = again(index)
            except SimulationError as error:
                found = Failure(int(getattr(error.run, "code", 0)) or -1, str(error))
            table.add((str(cell.name), car.name, cycle.name, ambient), found)
        return table.drives()

    fitted: dict[tuple[int, int], tuple[Vehicle, UniformPack]] = {}

    def lane_of(index: int) -> Lane:
        cell, car, cycle, ambient = lanes.read(index)
        key = id(cell), id(car)
        if key not in fitted:
            fitted[key] = sizes.fitted(cell, car)
        grown, pack = fitted[key]
        return _lane(cell, grown, cycle, ambient, pack, sizes)

    return drive_many(lanes.count, lane_of, again, model, settings)


def lanes_of(given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return what belongs to each lane of what may be lists. InputError where lists differ in length."""
    counts = {name: len(value) for name, value in given.items() if is_list(value)}
    most = max(counts.values())
    for name, count in counts.items():
        if count != most or count == 0:
            raise InputError(f"{name}: {count} values beside {most}: give one for all lanes, or one for each")
    columns = [list(value) if is_list(value) else [value] * most for value in given.values()]
    return list(zip(*columns, strict=True))


class _Lanes:
    """Cell, car, cycle and ambient temperature of each lane, each name read once."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        readers = {"cell": read_cell, "vehicle": load_vehicle, "cycle": load_cycle, "temperature": kelvin}
        columns = zip(*lanes_of({name: given[name] for name in readers}), strict=True)
        self._columns = [
            self._read(column, reader) for column, reader in zip(columns, readers.values(), strict=True)
        ]
        self.count = len(self._columns[0])

    def _read(self, values: tuple[Any, ...], reader: Any) -> list[Any]:
        names = {one: reader(one) for one in values if isinstance(one, str)}
        return [names[one] if isinstance(one, str) else reader(one) for one in values]

    def read(self, index: int) -> tuple[Any, Vehicle, Cycle, float]:
        """Cell, car, cycle and ambient temperature [K] of a lane."""
        cell, car, cycle, ambient = (column[index] for column in self._columns)
        return cell, car, cycle, ambient


def _lane(
    cell: Any, car: Vehicle, cycle: Cycle | str, ambient: float, pack: UniformPack, sizes: Sizes
) -> Lane:
    from ionstone.study.car.drive_batch import Lane

    choices: dict[str, Any] = {"pack": pack, "same": "mass", "resolution": sizes.resolution or RESOLUTION}
    return Lane(plan_drive(cell, car, cycle, ambient, **choices), choices)


def _with_pack(
    cell: Any,
    car: Vehicle,
    cycle: Cycle | str,
    ambient: float,
    pack: UniformPack,
    sizes: Sizes,
    model: str,
    settings: dict[str, Any],
) -> Drive:
    """Drive a car with a pack, its mass already that with the pack."""
    if model != "map":
        spacing = sizes.resolution or RESOLUTION
        return drive_cell(cell, car, cycle, ambient, pack=pack, resolution=spacing, model=model, **settings)
    from ionstone.study.car.drive_batch import Failure, drive_lanes, runs_of

    lane = _lane(cell, car, cycle, ambient, pack, sizes)
    found = drive_lanes([lane], runs_of(model, settings))[0]
    if isinstance(found, Failure):
        raise SimulationError(found.message)
    return found


def _grown(car: Vehicle, pack: UniformPack | Pack, compounding: float) -> Vehicle:
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
    cell: Any,
    car: Vehicle,
    cycle: Cycle | str,
    ambient: float,
    sizes: Sizes,
    model: str,
    settings: dict[str, Any],
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
        grown = _grown(car, pack, sizes.compounding)
        found = _with_pack(cell, grown, cycle, ambient, pack, sizes, model, settings)
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
