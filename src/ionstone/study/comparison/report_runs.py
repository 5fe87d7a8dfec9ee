"""What a report draws beside the table: a pass of the cycle, the range in every weather, differing cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.config import Number
from ionstone.core.errors import SimulationError
from ionstone.plotting.figures import thinned
from ionstone.study.car.tables import flow_of
from ionstone.study.comparison.compare import COLD
from ionstone.study.comparison.curves import CyclePass, PackPass, Weather
from ionstone.study.comparison.in_car import DRIVE_RESOLUTION, InCar, drive_at
from ionstone.study.comparison.rows import Row

if TYPE_CHECKING:
    from ionstone.pack.result import PackRun
    from ionstone.study.car.drive import Drive

AMBIENTS = tuple(float(t) + 273.15 for t in (-30, -20, -10, 0, 10, 25, 35, 45))
"""Ambient temperatures [K] of the range in every weather; those of the table are driven anyway."""

WEATHER_RESOLUTION = 5.0
"""Interval [s] over which the power of those drives is averaged from -10 degC up: the ranges of the reference
cells are then 0 to 0.9 % longer than with 2 s, in half the time. Below, and where a drive ends for want of
power, which needs the peaks, it is 2 s."""

WEATHER_GRID = (3, 2, 3, 6)
"""Nodes of the negative electrode, separator, positive electrode and radial cells of those drives: ranges
within 0.5 % of those on the coarse grid of the table, in two thirds of the time."""

CELLS, MODULES, SEED = 12, 4, 6
"""The string of single cells that stands for the pack, its modules, and the seed of its draw: one whose
twelve cells have about the deviations below (1.2 %, 2.8 %, 0.9 K)."""

_SCATTER = "usual scatter of new, sorted cells of one make"
CAPACITY_SPREAD = Number(
    value=0.01, low=0.003, high=0.02, evidence="estimated", known_by="recalled", source=_SCATTER
)
RESISTANCE_SPREAD = Number(
    value=0.03, low=0.01, high=0.06, evidence="estimated", known_by="recalled", source=_SCATTER
)
TEMPERATURE_SPREAD = Number(
    value=1.0, low=0.5, high=3.0, evidence="estimated", known_by="recalled",
    source="usual difference between the cells of a cooled pack",
)  # fmt: skip
"""Standard deviations over the cells of a pack: capacity and resistance as shares, temperature [K] at the
start."""

_POINTS = 600


def stated_spread() -> str:
    """The spread of the cells with its range and grade, as a sentence holds it."""
    shares = (("capacity", CAPACITY_SPREAD), ("resistance", RESISTANCE_SPREAD))
    parts = [
        f"{name} {100 * n.value:g} % ({100 * (n.low or 0):g} to {100 * (n.high or 0):g})"
        for name, n in shares
    ]
    t = TEMPERATURE_SPREAD
    parts.append(f"temperature at the start {t.value:g} K ({t.low:g} to {t.high:g})")
    return ", ".join(parts)


def with_cycle(row: Row, case: InCar) -> Row:
    """Power and charge over the first pass of the first drive, and the energy balance of each drive."""
    if not case.drives:
        return row
    flows = {f"{ambient - 273.15:g} °C": flow_of(found) for ambient, found in case.drives.items()}
    return replace(row, cycle=cycle_pass(_first(case)), flows=flows)


def with_weather(row: Row, case: InCar) -> Row:
    """Range over the ambient temperature."""
    if case.unsized:
        return row
    ranges, notes = weather(case)
    return replace(row, weather=ranges, notes=row.notes + notes)


def with_pack(row: Row, case: InCar) -> Row:
    """Temperatures and voltages of cells that differ, over the first pass."""
    if not case.drives:
        return row
    return replace(row, spread=pack_pass(case))


def _first(case: InCar) -> Drive:
    return next(iter(case.drives.values()))


def cycle_pass(found: Drive) -> CyclePass:
    """The first pass of a drive, as far as it went, in the middles of the intervals of its power."""
    plan, run = found.plan, found.run
    end = min(plan.lead + float(plan.demand.time[-1]), float(run.time[-1]))
    middles = np.arange(plan.lead + plan.spacing / 2, end, plan.spacing)
    power = run.outputs.get("power", run.voltage * run.current)
    speed = np.interp(middles - plan.lead, plan.cycle.time, plan.cycle.speed)
    return CyclePass(
        time=tuple((middles - plan.lead).tolist()),
        speed=tuple(speed.tolist()),
        power=tuple((found.pack.n_cells * np.interp(middles, run.time, power)).tolist()),
        soc=tuple(np.interp(middles, run.time, run.outputs["soc"]).tolist()),
    )


def weather(case: InCar) -> tuple[Weather, tuple[str, ...]]:
    """Ranges over `AMBIENTS` and the ambients of the table, with notes of drives that failed."""
    rest = [ambient for ambient in AMBIENTS if ambient not in case.drives]
    ends = {ambient: (one.range, one.end_reason) for ambient, one in case.drives.items()}
    more, notes = weather_ends(case, rest)
    found = sorted((ends | more).items())
    ranges, reasons = [far for _, (far, _) in found], [reason for _, (_, reason) in found]
    empty = tuple(reason == "empty" for reason in reasons)
    return Weather(tuple(ambient for ambient, _ in found), tuple(ranges), empty), tuple(notes)


def weather_ends(
    case: InCar, ambients: Sequence[float]
) -> tuple[dict[float, tuple[float, str]], tuple[str, ...]]:
    """Range [m] and reason of the end of a drive at each ambient [K], and notes of drives that failed."""
    from ionstone.simulation import Grid

    grid = Grid(*WEATHER_GRID)
    ends: dict[float, tuple[float, str]] = {}
    notes = []
    for ambient in ambients:
        try:
            found = drive_at(case, ambient, WEATHER_RESOLUTION if ambient >= COLD else DRIVE_RESOLUTION, grid)
            if found.end_reason != "empty" and ambient >= COLD:
                found = drive_at(case, ambient, DRIVE_RESOLUTION, grid)
        except SimulationError as error:
            notes.append(f"range at {ambient - 273.15:g} °C: {error}")
        else:
            ends[ambient] = (found.range, found.end_reason)
    return ends, tuple(notes)


def pack_pass(case: InCar) -> PackPass:
    """A string of cells that differ, driven over the first pass with its share of the car's power.

    Cells share one current. The coolant, at the temperature the cells start at, passes the modules in turn;
    the structure loses heat to the ambient as that of the whole pack does.
    """
    from ionstone.pack.network import Pack
    from ionstone.simulation import COARSE
    from ionstone.vehicle.demand import at_middles

    found = _first(case)
    plan, pack = found.plan, found.pack
    share = CELLS / pack.n_cells
    around = plan.ambient if plan.held_temperature is None else plan.held_temperature
    cooling: dict[str, Any] = {
        "coolant": around,
        "conductance": pack.cooling_conductance * share,
        "ambient_conductance": pack.conductance * share,
    }
    spread = {
        "capacity": CAPACITY_SPREAD.value,
        "resistance": RESISTANCE_SPREAD.value,
        "temperature": TEMPERATURE_SPREAD.value,
    }
    string = Pack(
        case.cell, series=CELLS, modules=MODULES, spread=spread, seed=SEED, cooling=cooling,
        grid=COARSE, threads=1,
    )  # fmt: skip
    start = round(plan.lead / plan.spacing)
    steps = min(float(plan.demand.time[-1]), float(found.run.time[-1]) - plan.lead) / plan.spacing
    means = share * plan.means[start : start + max(2, int(steps))]
    trace = at_middles(np.arange(means.size + 1) * plan.spacing, means)
    soc = float(np.interp(plan.lead, found.run.time, found.run.outputs["soc"]))  # after heating itself
    run = string.simulate(power=trace, soc=soc, temperature=around, ambient=plan.ambient, follow=None)
    return _thinned(run)


def _thinned(run: PackRun) -> PackPass:
    o = run.outputs
    voltage = o["cell_voltage_highest"] - o["cell_voltage_lowest"]
    soc = o["soc_highest"] - o["soc_lowest"]
    keep = thinned(run.time, [voltage], _POINTS)
    columns = (run.time, o["temperature_lowest"], o["temperature"], o["temperature_highest"], voltage, soc)
    time, coldest, mean, hottest, apart, charge = (tuple(values[keep].tolist()) for values in columns)
    limits, share = str(run.summary["limits"]), float(run.summary["limited_share"])
    return PackPass(time, coldest, mean, hottest, apart, charge, limits, share)
