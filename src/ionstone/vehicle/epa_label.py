r"""The range on a label of the EPA, from two cycles or from five.

Two cycles (SAE J1634, 40 CFR 600.210): 0.7 times the mean of city and highway range, 55 to 45.

Five cycles (40 CFR 600.114, with the energy per distance of each part in place of fuel):

$$ c_{city} = \frac{1}{0.905} \left[ \frac{0.330}{4.1} S + 0.82 (0.48 B_2 + 0.41 B_3 + 0.11\, U_c)
 + 0.18 (0.5 B_2' + 0.5 B_3') + 0.133 \cdot 1.083 (SC - 0.61 B_3 - 0.39 B_2) \right] $$
$$ c_{hwy} = \frac{1}{0.905} \left[ \frac{0.330}{60} S + 1.007 (0.79\, U_h + 0.21\, H)
 + 0.133 \cdot 0.377 (SC - 0.61 B_3 - 0.39 B_2) \right] $$

S is the energy of a start (24 % of starts at -7 degC, where the cabin is warmed up), B2 the UDDS after its
first 505 s, B3 these 505 s warm, primes at -7 degC, U the city and highway part of the US06, SC the SC03 at
35 degC, H the HWFET. Validity: the weights are recalled from the regulation (estimated), the battery
is ideal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ionstone.vehicle.config import Vehicle
from ionstone.vehicle.cycle import Cycle, check_cycle, load_cycle
from ionstone.vehicle.demand import battery_demand

CITY_SHARE = 0.55
TWO_CYCLE_FACTOR = 0.7
MILE = 1609.344
TEST, COLD, HOT = 297.04, 266.48, 308.15  # K: 75 degF, 20 degF, 95 degF
US06_HIGHWAY = (130, 495)  # s, the part of the US06 that counts as highway


@dataclass(frozen=True)
class Label:
    """Ranges [m] of the usable energy of the car's own pack: two-cycle, five-cycle, and their ratio."""

    two_cycle: float
    five_cycle: float
    city: float
    highway: float

    @property
    def factor(self) -> float:
        """Five-cycle range over the unadjusted range of two cycles [-]; labels of 2022 have 0.7 to 0.87."""
        return TWO_CYCLE_FACTOR * self.five_cycle / self.two_cycle


def epa_label(vehicle: Vehicle) -> Label:
    """Return the label ranges of a car with its own pack."""
    usable = vehicle.pack.usable_energy.value
    udds, us06 = load_cycle("udds"), load_cycle("us06")

    def use(cycle: Cycle, ambient: float = TEST) -> float:
        return battery_demand(vehicle, cycle, ambient).consumption

    unadjusted_city, unadjusted_highway = use(udds), use(load_cycle("hwfet"))
    two = TWO_CYCLE_FACTOR * usable * (CITY_SHARE / unadjusted_city + (1 - CITY_SHARE) / unadjusted_highway)
    bag2, bag3 = part(udds, 505, 1369), part(udds, 0, 505)
    city_part = joined(part(us06, 0, US06_HIGHWAY[0]), part(us06, US06_HIGHWAY[1], 600))
    highway_part = part(us06, *US06_HIGHWAY)
    start = 0.24 * vehicle.build_auxiliaries().warm_up_energy(COLD) / MILE
    air = use(load_cycle("sc03"), HOT) - 0.61 * use(bag3) - 0.39 * use(bag2)
    mild = 0.82 * (0.48 * use(bag2) + 0.41 * use(bag3) + 0.11 * use(city_part))
    cold = 0.18 * (0.5 * use(bag2, COLD) + 0.5 * use(bag3, COLD))
    city = (0.330 * start / 4.1 + mild + cold + 0.133 * 1.083 * air) / 0.905
    fast = 1.007 * (0.79 * use(highway_part) + 0.21 * unadjusted_highway)
    highway = (0.330 * start / 60 + fast + 0.133 * 0.377 * air) / 0.905
    five = usable * (CITY_SHARE / city + (1 - CITY_SHARE) / highway)
    return Label(two, five, usable / city, usable / highway)


def part(cycle: Cycle, start: float, end: float) -> Cycle:
    """Return a piece of a cycle between two times [s]."""
    inside = (cycle.time >= start) & (cycle.time <= end)
    return check_cycle(f"{cycle.name}-{start:g}-{end:g}", cycle.time[inside], cycle.speed[inside])


def joined(first: Cycle, second: Cycle) -> Cycle:
    """Return two pieces after one another, with a second between them."""
    time = np.concatenate([first.time, first.duration + 1.0 + second.time])
    return check_cycle(f"{first.name}+{second.name}", time, np.concatenate([first.speed, second.speed]))
