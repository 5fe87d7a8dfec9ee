"""Charges of cars against published ones: jobs of the group ``vehicle``.

The minutes from 10 to 80 % follow from the published power, and, beside them, from the fastest charge that is
safe for a cell that stands in for the car's own, chosen by its chemistry and the class of its voltage.
"""

from __future__ import annotations

from collections.abc import Callable

from ionstone.study.validation.case import Case
from ionstone.study.validation.measured.cars import CURVES, ChargingCurve, charging_curves
from ionstone.vehicle import Vehicle, load_vehicle

GROUP = "vehicle"
#: cells that stand in for those of the cars, by chemistry and class of the voltage: estimates
STAND_INS = {"LFP": "lfp-graphite"}
OTHERWISE, AT_800_V = "lg-m50", "nmc811-fast"
FROM_800_V = 600.0  # V
_CARS_OF_CURVES = {
    "Nio ET7 100": "nio-et7-100", "Nio ET7 75": "nio-et7-100", "Hyundai Ioniq 5": "hyundai-ioniq-5-lr-awd",
    "BYD Seal": "byd-seal-rwd", "Tesla Model 3 RWD": "tesla-model-3-rwd",
    "Tesla Model 3 LR": "tesla-model-3-lr-rwd-2024", "VW ID.7": "vw-id7-pro",
    "Hyundai Inster": "hyundai-inster-lr",
}  # fmt: skip


def jobs() -> list[tuple[str, Callable[[], list[Case]]]]:
    """The comparisons of charges as (name, function that computes them)."""
    return [
        ("Charging curves: 10-80 %", published_times),
        ("Charging: the fastest safe charge of estimated cells", fastest),
    ]


def published_times() -> list[Case]:
    """Minutes from the published power, beside the published minutes."""
    note = "energy over the published power curve; curve and times come from one source"
    return [
        Case(f"Charging: {curve.car}, 10-80 %", GROUP, curve.published(0.1, 0.8) / 60,
             curve.from_power(0.1, 0.8) / 60, "min", 0.07, CURVES, note=note)
        for curve in charging_curves()
    ]  # fmt: skip


def fastest() -> list[Case]:
    """Minutes of the fastest safe charge of the cells that stand in."""
    return [_safe(curve) for curve in charging_curves()]


def _safe(curve: ChargingCurve) -> Case:
    """The fastest safe charge of a cell that stands in, in a pack of the car's energy, at 25 degC."""
    from ionstone.cell_design import load_cell
    from ionstone.simulation import COARSE
    from ionstone.study.car.charge import charge
    from ionstone.study.car.drive import pack_of_car

    car = load_vehicle(next(name for start, name in _CARS_OF_CURVES.items() if curve.car.startswith(start)))
    name = stand_in(car)
    cell = load_cell(name)
    pack = pack_of_car(cell, car, "mass").scaled_to_energy(curve.energy)
    own = replace_power(car, float(curve.power.max()))
    found = charge(cell, own, pack=pack, grid=COARSE)
    published = curve.published(0.1, 0.8) / 60
    parts = ", ".join(f"{limit} {100 * share:.0f} %" for limit, share in found.shares.items())
    note = f"estimated cell {name}, {published / found.minutes:.2f} times as fast; held back by {parts}"
    title = f"Fastest safe charge: {curve.car}, 10-80 %"
    return Case(title, GROUP, published, found.minutes, "min", None, CURVES, note=note)


def stand_in(car: Vehicle) -> str:
    """The cell that stands in for that of a car, by its chemistry and the class of its voltage."""
    other = AT_800_V if car.pack.design.voltage.value >= FROM_800_V else OTHERWISE
    return STAND_INS.get(car.pack.chemistry.split()[0], other)


def replace_power(car: Vehicle, power: float) -> Vehicle:
    """Return the car with another power at the charger [W]."""
    number = car.charging.maximum_power.model_copy(update={"value": power})
    return car.model_copy(update={"charging": car.charging.model_copy(update={"maximum_power": number})})
