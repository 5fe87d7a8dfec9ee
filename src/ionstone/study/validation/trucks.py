"""Heavy trucks against what is published: jobs of the group ``vehicle``.

Road loads are those of their class, no cycle is named with a range, and a steady drive on a flat road is no
tour through mountains: every row is shown without a verdict.
"""

from __future__ import annotations

from collections.abc import Callable

from ionstone.study.validation.case import Case
from ionstone.vehicle import Demand, battery_demand, load_vehicle

GROUP = "vehicle"
TRUCKS = ("mercedes-eactros-600", "tesla-semi")
AMBIENT = 293.15  # K
#: energies that were measured on the road [kWh/100 km], and where
MEASURED = {
    "mercedes-eactros-600": (103.0, "15,000 km at 40 t", "daimlertruck.com, European Testing Tour 2024"),
    "tesla-semi": (
        1.83 / 1.609344 * 100,
        "three trucks, 1.83 kWh/mile, partly loaded",
        "mcsc-impact-climate/Green_Trucking_Analysis on GitHub, from the Run on Less pilot of NACFE 2023",
    ),
}
#: minutes from 20 to 80 % at 400 kW
AN_HOUR = 60.0
_AN_HOUR = "transportengineer.org.uk, In it for the long haul: 20 to 80 % in one hour at 400 kW"


def jobs() -> list[tuple[str, Callable[[], list[Case]]]]:
    """The comparisons of trucks as (name, function that computes them)."""
    return [("Trucks: range and energy", energies), ("Trucks: charging", charging)]


def where_it_goes(demand: Demand) -> str:
    """What the energy of a drive was for, as a note: "rolling 66, drag 43, ... kWh/100 km"."""
    found = demand.parts
    shares = {
        "rolling": found["rolling"],
        "drag": found["drag"],
        "drivetrain": found["traction"] + found["regeneration"] - found["rolling"] - found["drag"],
        "electronics": found["auxiliary"],
        "cabin": found["cabin"],
    }
    told = (f"{name} {energy / demand.length / 36:.3g}" for name, energy in shares.items())
    return ", ".join(told) + " kWh/100 km"


def energies() -> list[Case]:
    """Ranges at a steady speed, and the energy beside that of drives on real roads."""
    cases = []
    for car in (load_vehicle(name) for name in TRUCKS):
        entry = car.published[0]
        demand = battery_demand(car, entry.cycle, AMBIENT)
        reach = car.pack.usable_energy.value / demand.consumption
        title, note = (
            f"Truck at a steady {entry.cycle}: {car.title}",
            f"flat road, 20 degC: {where_it_goes(demand)}",
        )
        cases.append(
            Case(
                title, GROUP, entry.range.value / 1e3, reach / 1e3, "km", None, entry.range.source, note=note
            )
        )
        measured, what, source = MEASURED[car.name]
        note = f"measured: {what}, on real roads; computed: a steady {entry.cycle} on a flat one, full load"
        use = demand.consumption / 36
        title = f"Truck on the road: {car.title}"
        cases.append(Case(title, GROUP, measured, use, "kWh/100 km", None, source, note=note))
    return cases


def charging() -> list[Case]:
    """The eActros 600 with cells of its chemistry at a charger of 400 kW."""
    from ionstone.cell_design import load_cell
    from ionstone.simulation import COARSE
    from ionstone.study.car.charge import charge
    from ionstone.study.car.drive import pack_of_car

    car, cell = load_vehicle("mercedes-eactros-600"), load_cell("lfp-graphite")
    pack = pack_of_car(cell, car, "mass").scaled_to_energy(car.pack.usable_energy.value)
    found = charge(cell, car, pack=pack, start=0.2, stop=0.8, charger="400 kW", grid=COARSE)
    held = ", ".join(f"{limit} {100 * share:.0f} %" for limit, share in found.shares.items())
    note = f"estimated cell {cell.name}; held back by {held}"
    name = f"Truck, 20-80 % at 400 kW: {car.title}"
    return [Case(name, GROUP, AN_HOUR, found.minutes, "min", None, _AN_HOUR, note=note)]
