"""Ranges of cars with their own packs against what is published, nothing tuned to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ionstone.core.quantities import format_si
from ionstone.vehicle.config import Vehicle, load_vehicle
from ionstone.vehicle.cycle import Cycle
from ionstone.vehicle.demand import battery_demand


@dataclass(frozen=True)
class RangeCheck:
    """A computed and a published range [m]; `allowed` is the largest relative difference that is accepted.

    `required` checks decide about acceptance; the others are printed for information.
    """

    vehicle: str
    cycle: str
    published: float
    computed: float
    allowed: float
    consumption: float
    inputs: tuple[str, ...]
    required: bool = True

    @property
    def error(self) -> float:
        """Relative difference of the computed from the published range [-]."""
        return self.computed / self.published - 1

    @property
    def passed(self) -> bool:
        """Whether the difference is within the allowed one."""
        return abs(self.error) <= self.allowed

    def describe(self) -> str:
        """The check in one line."""
        verdict = "within" if self.passed else "NOT within"
        computed, published = (
            f"{self.computed / 1e3:.0f} km computed",
            f"{self.published / 1e3:.0f} km published",
        )
        error = f"{100 * self.error:+.1f} % ({verdict} {100 * self.allowed:.0f} %)"
        consumption = f"{self.consumption / 36:.2f} kWh/100 km"
        return f"{self.vehicle} on {self.cycle}: {computed}, {published}, {error}, {consumption}"


def inputs_of(vehicle: Vehicle) -> tuple[str, ...]:
    """Return the numbers of a car as lines: path, value, grade, source."""
    return tuple(
        f"{path} = {format_si(number.value, unit)} ({number.evidence}, {number.known_by}): {number.source}"
        for path, number, unit in vehicle.numbers()
    )


def cycle_range_check(
    name: str, allowed: float, cycle: str = "wltc_3b", ambient: float = 293.15, required: bool = True
) -> RangeCheck:
    """Compare usable energy over consumption at 20 degC, heating off, with the published range on a cycle."""
    vehicle = load_vehicle(name)
    published = next(entry.range.value for entry in vehicle.published if entry.cycle == cycle)
    demand = battery_demand(vehicle, cycle, ambient)
    computed = vehicle.pack.usable_energy.value / demand.consumption
    return RangeCheck(
        name, cycle, published, computed, allowed, demand.consumption, inputs_of(vehicle), required
    )


def long_drive_check(allowed: float = 0.10) -> RangeCheck:
    """Compare the live-streamed drive of the Nio ET7 of 2023-12-17 with a steady drive at its mean speed.

    83.9 km/h mean, 5 degC (middle of -2 to 12), cabin heated, 2490 kg and 190 kg of load, 97 % of 140 kWh.
    Uncertain are the rolling resistance (0.008 to 0.010), the temperature of the tyres, wind and slipstream;
    for information only.
    """
    vehicle = load_vehicle("nio-et7-150")
    time = np.arange(3601.0)
    steady = Cycle("83.9 km/h", "steady 83.9 km/h", time, np.full(time.shape, 83.9 / 3.6))
    extra = 2490.0 + 190.0 - vehicle.mass.value
    demand = battery_demand(vehicle, steady, 278.15, extra_mass=extra)
    computed = (0.97 * vehicle.pack.usable_energy.value - demand.warm_up_energy) / demand.consumption
    inputs = inputs_of(vehicle)
    return RangeCheck(
        "nio-et7-150", "83.9 km/h", 1044e3, computed, allowed, demand.consumption, inputs, required=False
    )


def range_checks() -> tuple[RangeCheck, ...]:
    """Return all checks: Model 3 class within 7 %, ET7 class within 10 %, others for information."""
    return (
        cycle_range_check("tesla-model-3-lr", 0.07),
        cycle_range_check("tesla-model-3-rwd", 0.07, required=False),
        cycle_range_check("nio-et7-100", 0.10),
        long_drive_check(0.10),
        cycle_range_check("hyundai-ioniq-5-lr-awd", 0.10, required=False),
    )
