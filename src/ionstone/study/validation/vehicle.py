"""Cars against what is measured and published: the jobs of the group ``vehicle``.

One powertrain for all (efficiency 0.898, recovery 0.743, 250 W, 0.88 from the wall to the battery) was
fitted to the EPA rows; efficiencies by make are fitted to the rows of the make, and checked on the row that
is left out. Nothing else is fitted: WLTP, the drive of the Nio, the two chemistries of the JAC and the
charges follow.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ionstone.core.config import Number
from ionstone.study.validation import car_charges, trucks
from ionstone.study.validation.case import Case
from ionstone.study.validation.measured.cars import CITY, EPA, HIGHWAY, LABELS, EpaRow, epa_rows, labels
from ionstone.study.validation.trucks import where_it_goes
from ionstone.vehicle import Demand, Vehicle, battery_demand, list_vehicles, load_cycle, load_vehicle
from ionstone.vehicle.drivetrain import Drivetrain
from ionstone.vehicle.epa_label import epa_label
from ionstone.vehicle.road_load import REFERENCE_TEMPERATURE

GROUP = "vehicle"
POWERTRAIN = Drivetrain(0.898, 0.743)
AUXILIARY = 250.0  # W
WALL_TO_BATTERY = 0.88
#: a label or a WLTP figure of these cars is not that of the tested one: shown, no verdict
NOT_THE_SAME = {
    "tesla-model-s-lr": "range of a later model year",
    "tesla-model-x-lr": "range of a later model year",
    "vw-id4-awd": "range of the GTX",
    "mercedes-eqs-450": "the row of the EPA list is flagged",
}


def jobs() -> list[tuple[str, Callable[[], list[Case]]]]:
    """The comparisons of cars as (name, function that computes them)."""
    return [
        ("EPA 2022: energy of all rows", _epa),
        ("EPA 2022: efficiencies by make", _makes),
        ("WLTP of cars with EPA road loads", _wltp),
        ("WLTP, NEDC and EPA labels of the other cars", _others),
        ("Nio ET7 150 kWh: drive of 2023-12-17", _nio),
        ("JAC E10X: sodium beside LFP", _jac),
        *trucks.jobs(),
        *car_charges.jobs(),
    ]


# -- EPA


def wall_energy(row: EpaRow, powertrain: Drivetrain = POWERTRAIN) -> float:
    """Energy from the wall of a tested car, 55 % UDDS and 45 % HWFET [J/m]."""
    return sum(share * _one(row, name, powertrain) for name, share in (("udds", CITY), ("hwfet", HIGHWAY)))


def _one(row: EpaRow, name: str, powertrain: Drivetrain) -> float:
    cycle = load_cycle(name)
    step = np.diff(cycle.time)
    wheel = row.load.mean_wheel_power(cycle.speed[:-1], cycle.speed[1:], step)
    energy = float(np.sum((powertrain.battery_power(wheel) + AUXILIARY) * step))
    return energy / cycle.distance / WALL_TO_BATTERY


def _mean(name: str, errors: list[float], most: float, source: str, *, fitted: bool, note: str) -> Case:
    """A case that a mean absolute error is at most so many percent."""
    found = 100 * float(np.mean(np.abs(errors)))
    note = (
        f"{len(errors)} figures, 90 % of them within {100 * np.percentile(np.abs(errors), 90):.1f} %; {note}"
    )
    return Case(name, GROUP, most, found, "%", None, source, fitted=fitted, ceiling=True, note=note)


def _epa() -> list[Case]:
    cases, errors, flagged = [], [], []
    for row in epa_rows():
        computed = wall_energy(row)
        errors.append(computed / row.combined - 1)
        flagged.append(row.usable)
        note = "one powertrain for all rows" + ("" if row.usable else "; flagged: outside what a car can do")
        name = f"EPA 2022: {row.make} {row.model} ({row.key}, A {row.load.constant:.0f} N)"
        cases.append(
            Case(name, GROUP, row.combined / 3.6, computed / 3.6, "Wh/km", None, EPA, True, note=note)
        )
    usable = [error for error, good in zip(errors, flagged, strict=True) if good]
    note = "wall energy, 55 % UDDS and 45 % HWFET"
    head = "EPA 2022: mean absolute error"
    means = [
        _mean(f"{head}, usable rows", usable, 6.0, EPA, fitted=True, note=note),
        _mean(f"{head}, all rows", errors, 7.5, EPA, fitted=True, note=note),
    ]
    return means + cases


def make_factors() -> dict[str, float]:
    """Computed over measured energy by make, geometric mean of its usable rows; makes with two or more."""
    ratios = _ratios()
    return {make: float(np.exp(np.mean(np.log(r)))) for make, r in ratios.items() if len(r) > 1}


def _ratios() -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for row in epa_rows():
        if row.usable:
            found.setdefault(row.make, []).append(wall_energy(row) / row.combined)
    return found


def _makes() -> list[Case]:
    inside, outside = [], []
    for ratios in (np.array(r) for r in _ratios().values() if len(r) > 1):
        logs = np.log(ratios)
        inside += (ratios / np.exp(logs.mean()) - 1).tolist()
        for k in range(ratios.size):
            outside.append(float(ratios[k] / np.exp(np.delete(logs, k).mean()) - 1))
    note = "one factor a make, makes with two usable rows or more"
    head = "EPA 2022: mean absolute error by make"
    return [
        _mean(f"{head}, in sample", inside, 3.0, EPA, fitted=True, note=note),
        _mean(f"{head}, the row left out", outside, 4.0, EPA, fitted=False, note=note),
    ]


# -- published ranges


def range_on(vehicle: Vehicle, cycle: str, ambient: float = REFERENCE_TEMPERATURE) -> float:
    """Usable energy over consumption [m], heating off.

    A dynamometer carries the road load of the reference conditions, 20 degC (UNECE GTR 15), while the
    laboratory has 23 degC.
    """
    return vehicle.pack.usable_energy.value / battery_demand(vehicle, cycle, ambient).consumption


def _published(vehicle: Vehicle, cycle: str) -> float | None:
    return next((entry.range.value for entry in vehicle.published if entry.cycle == cycle), None)


def _tested() -> list[Vehicle]:
    cars = (load_vehicle(name) for name in list_vehicles())
    return [car for car in cars if car.road_load.kind == "coast_down"]


def _source(vehicle: Vehicle, cycle: str) -> str:
    return next(entry.range.source for entry in vehicle.published if entry.cycle == cycle)


def charger_efficiencies() -> dict[str, float]:
    """Usable energy over that of a full charge on the label, by make: geometric mean of its tested cars."""
    found: dict[str, list[float]] = {}
    for car in _tested():
        found.setdefault(_make(car), []).append(car.pack.usable_energy.value / labels()[car.name].full_charge)
    return {make: float(np.exp(np.mean(np.log(values)))) for make, values in found.items()}


def _make(car: Vehicle) -> str:
    return car.title.split()[0]


def _wltp() -> list[Case]:
    cases: list[Case] = []
    kinds = ("one powertrain", "by make", "by make, charger told apart")
    errors: dict[str, list[float]] = {kind: [] for kind in kinds}
    factors, chargers = make_factors(), charger_efficiencies()
    for car in _tested():
        published = _published(car, "wltc_3b")
        if published is None:
            continue
        computed = range_on(car, "wltc_3b")
        why, factor = NOT_THE_SAME.get(car.name), factors.get(_make(car), 1.0)
        apart = factor * WALL_TO_BATTERY / chargers[_make(car)] if _make(car) in factors else 1.0
        off = [computed * f / published - 1 for f in (1.0, factor, apart)]
        note = f"powertrain from the EPA only; with that of its make {off[1]:+.1%}"
        note += f", with the charger told apart {off[2]:+.1%}"
        cases.append(Case(f"WLTP: {car.title}", GROUP, published / 1e3, computed / 1e3, "km",
                          None if why else 0.07, _source(car, "wltc_3b"),
                          note=f"{note}; {why}" if why else note))  # fmt: skip
        if not why:
            for kind, error in zip(kinds, off, strict=True):
                errors[kind].append(error)
    head = "WLTP: mean absolute error of cars with EPA road loads"
    note = "nothing fitted to WLTP; US coast-downs stand for European trims"
    low, high = min(chargers.values()), max(chargers.values())
    split = f"{note}; wall to battery {low:.2f} to {high:.2f} by make, from labels and usable energies"
    notes, sources = (note, note, split), ("ranges as published, see the cars",) * 2 + (LABELS,)
    means = [
        _mean(f"{head}, {kind}", errors[kind], 4.0, source, fitted=False, note=told)
        for kind, told, source in zip(kinds, notes, sources, strict=True)
    ]
    return means + cases


def label_parts(car: Vehicle) -> tuple[float, float, float]:
    """Why the label of two cycles is off, as three factors whose product is computed over published.

    The maker's factor (0.7 over that of the label), the usable energy and charger (usable energy over a full
    charge, over 0.88), and the powertrain (tested energy from the wall over the computed one).
    """
    published = _published(car, "epa_label") or labels()[car.name].range
    full, row = labels()[car.name].full_charge, row_of(car)
    maker = row.combined * published / full
    return 0.7 / maker, car.pack.usable_energy.value / full / WALL_TO_BATTERY, row.combined / wall_energy(row)


def row_of(car: Vehicle) -> EpaRow:
    """The row of the EPA list whose road load a car has."""
    load = car.build_road_load()

    def off(row: EpaRow) -> float:
        return abs(row.load.constant - load.constant) + 1e3 * abs(row.load.quadratic - load.quadratic)

    return min(epa_rows(), key=off)


def _others() -> list[Case]:
    cases = []
    for car in (load_vehicle(name) for name in list_vehicles()):
        label = _published(car, "epa_label")
        if label is not None:
            found, two, five = epa_label(car), "", ""
            if car.road_load.kind == "coast_down":
                two, five = _why(car, found.factor)
            for cycles, reach, why in (("two", found.two_cycle, two), ("five", found.five_cycle, five)):
                name = f"EPA label, {cycles} cycles: {car.title}"
                cases.append(_shown(name, label, reach, car, "epa_label", why))
        for cycle in ("wltc_3b", "nedc", "cltc_p"):
            if cycle == "wltc_3b" and car.road_load.kind == "coast_down":
                continue
            published = _published(car, cycle)
            if published is not None:
                name = f"{cycle.split('_')[0].upper().replace('WLTC', 'WLTP')}: {car.title}"
                cases.append(_shown(name, published, range_on(car, cycle), car, cycle))
    return cases


def _why(car: Vehicle, five_cycles: float) -> tuple[str, str]:
    """What puts the labels of two and of five cycles off, as notes."""
    maker, charge, powertrain = label_parts(car)
    factor = 0.7 / maker
    rest = f"usable energy and charger {charge - 1:+.0%}, powertrain {powertrain - 1:+.0%}"
    two = f"; of it 0.7 where the label has {factor:.2f} {maker - 1:+.0%}, {rest}"
    five = (
        f"; of it {five_cycles:.2f} where the label has {factor:.2f} {five_cycles / factor - 1:+.0%}, {rest}"
    )
    return two, five


def _shown(name: str, published: float, computed: float, car: Vehicle, cycle: str, more: str = "") -> Case:
    note = (
        "usable energy as published"
        if car.road_load.kind == "coast_down"
        else "road load estimated from shape"
    )
    note += ("; approximate trace" if cycle == "cltc_p" else "") + more
    return Case(name, GROUP, published / 1e3, computed / 1e3, "km", None, _source(car, cycle), note=note)


# -- single cars


def _nio() -> list[Case]:
    low, middle, high = (_long_drive(rolling) for rolling in (0.008, 0.009, 0.010))
    note = (
        f"steady mean speed, 5 degC (middle of -2 to 12), 190 kg, cabin at 20 degC: {where_it_goes(middle)}"
    )
    note += (
        f"; rolling resistance 0.009, an estimate: {_energy(low):.1f} at 0.008, {_energy(high):.1f} at 0.010"
    )
    name = "Nio ET7 150 kWh: 1044 km at 83.9 km/h"
    source = "paultan.org 2023-12-20; carsbite 14228; notebookcheck 784586"
    drive = Case(name, GROUP, 13.2, _energy(middle), "kWh/100 km", 0.07, source, note=note)
    demand = battery_demand("nio-et7-100", load_cycle("wltc_3b"), REFERENCE_TEMPERATURE)
    note = (
        f"from the wall, {WALL_TO_BATTERY} to the battery, cabin off: {where_it_goes(demand)} of the battery"
    )
    laboratory = Case(
        "Nio ET7 100 kWh: WLTC in the laboratory of Green NCAP, warm", GROUP, 16.9,
        demand.consumption / 36 / WALL_TO_BATTERY, "kWh/100 km", None,
        "greenncap.com, Nio ET7 (2022): warm test, WLTC+", note=note,
    )  # fmt: skip
    return [drive, laboratory]


def _long_drive(rolling: float) -> Demand:
    """The drive from Shanghai to Xiamen at its mean speed, with a rolling resistance."""
    car = load_vehicle("nio-et7-150")
    assumed = car.road_load.model_copy(update={"rolling_resistance": Number(value=rolling)})
    car = car.model_copy(update={"road_load": assumed})
    more = 2490.0 + 190.0 - car.mass.value
    return battery_demand(car, load_cycle("83.9 km/h"), 278.15, extra_mass=more)


def _energy(drive: Demand) -> float:
    """Energy of the drive [kWh/100 km], the warm-up of the cabin included."""
    return (drive.consumption + drive.warm_up_energy / 1044e3) / 36


def _jac() -> list[Case]:
    cars = [load_vehicle(name) for name in ("jac-e10x-sodium", "jac-e10x-lfp")]
    ours = [range_on(car, "nedc") for car in cars]
    published = [_published(car, "nedc") or np.nan for car in cars]
    energy = [car.pack.usable_energy.value for car in cars]
    reach = [ranges[0] / ranges[1] for ranges in (published, ours)]
    use = [energy[0] / energy[1] / ratio for ratio in reach]
    source, note = (
        "batterydesign.net; saurenergy.com",
        "the same car, NEDC; the packs differ in mass and energy",
    )
    rows = (("consumption", use), ("range", reach))
    return [
        Case(f"JAC E10X: {what} of sodium over LFP", GROUP, told, found, "", 0.03, source, note=note)
        for what, (told, found) in rows
    ]
