"""Fast charging: as fast as every limit allows, which limit that is, and for how long.

At each moment one limit is held (constant power, current, voltage, plating potential or share of the
critical current); when another one would be broken, that one is held instead. States that answer slowly
(temperature, depletion of the electrolyte) cannot be held by the current of the moment: they step it down a
ladder, and let it up again once they have recovered. Protocols jump forward only, so this automaton is
written out in rounds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ionstone.core.errors import InputError, SimulationError
from ionstone.experiment import Limit, Protocol, Step
from ionstone.pack import UniformPack
from ionstone.study.charger import read_charger
from ionstone.study.drive import (
    Simulate,
    default_simulate,
    operating_temperature,
    pack_of_car,
    with_conductance,
)
from ionstone.vehicle import Vehicle, battery_demand, load_vehicle

if TYPE_CHECKING:
    import plotly.graph_objects
    import xarray

    from ionstone.results import Run
    from ionstone.study.charger import Charger

ROUNDS = 60
LADDER = tuple(0.75**k for k in range(1, 10))  # currents of the slow limits, as shares of the largest
LONGEST = 24 * 3600.0  # s, of one hold
STALLED = 0.02  # 1/h, C/50: below it a charge is given up
DEPLETED = 0.05  # share of the initial concentration that the electrolyte must keep (estimated; 0.02-0.1)
HOTTEST = 328.15  # K, 55 degC, usual ceiling of cells at a fast charger (recalled; 45-60 degC)
HEADROOM = 15.0  # K above an operating temperature


@dataclass(frozen=True)
class Ceiling:
    """One limit (a name of `rows.LIMITS`): what breaks it, and the control that holds it (none: a ladder).

    Voids grow on stripping only, so `void` never binds while charging.

    `recovered` is the limit that lets a ladder up again; `drift` shifts the violation on each rung of a
    ladder.
    """

    limit: str
    quantity: str
    direction: Literal["<", ">"]
    value: float
    control: str = ""
    hold: float = 0.0
    recovered: float = 0.0
    drift: float = 0.0

    @property
    def slow(self) -> bool:
        """Whether the limit works by a ladder of currents."""
        return not self.control

    def violation(self, then: int, rung: int = 0) -> Limit:
        """Return the end of a hold at which this limit would be broken."""
        return Limit(self.quantity, self.direction, self.value + rung * self.drift, then)

    def recovery(self, then: int) -> Limit:
        """Return the end of a rung at which its ladder may be climbed again."""
        return Limit(self.quantity, "<" if self.direction == ">" else ">", self.recovered, then)


@dataclass(frozen=True, eq=False)
class ChargeResult:
    """A charge between two states of charge.

    `minutes` is infinite where the end was not reached; `limit` binds for the longest share of the time;
    `points` are the points of the run at which a limit is held (a step that ends at once, because it breaks
    another limit, has none), `limits` their limits; `timeline` holds (limit, start, end) in seconds; `shares`
    the share of the time of each limit; `energy` [J] goes into the pack (the cell where there is no pack);
    `notes` are sentences for the report.
    """

    minutes: float
    limit: str
    points: np.ndarray
    limits: tuple[str, ...]
    timeline: tuple[tuple[str, float, float], ...]
    shares: dict[str, float]
    reached: bool
    max_temperature: float
    energy: float
    notes: tuple[str, ...]
    pack: UniformPack | None
    run: Run
    cell: str = ""
    vehicle: str = ""
    charger: str = ""
    ambient: float = 298.15
    range_gained: float = 0.0
    preheat_energy: float = 0.0

    @property
    def summary(self) -> dict[str, float | str]:
        """The figures of the charge, SI but for `minutes` and `km_per_minute`."""
        per_minute = self.range_gained / 1000 / self.minutes if self.reached else 0.0
        return {
            "cell": self.cell, "vehicle": self.vehicle, "charger": self.charger, "ambient": self.ambient,
            "minutes": self.minutes, "energy": self.energy, "range_gained": self.range_gained,
            "km_per_minute": per_minute, "limit": self.limit, "peak_power": float(np.max(self.power)),
            "mean_power": self.energy / self.time if self.reached else 0.0,
            "max_temperature": self.max_temperature, "preheat_energy": self.preheat_energy,
        }  # fmt: skip

    def to_xarray(self) -> xarray.Dataset:
        """The charge as an xarray Dataset over `time` [s]: soc, power [W], temperature [K], limit."""
        from ionstone.study.car_tables import charge_dataset

        return charge_dataset(self)

    def chart(self) -> Any:
        """What `plot` draws, as a renderer-free chart: power and temperature over the state of charge."""
        from ionstone.study.car_charts import charge_chart

        return charge_chart([self])

    def plot(self) -> plotly.graph_objects.Figure:
        """A plotly figure: power over the state of charge, coloured by the limit that holds it."""
        from ionstone.plotting.interactive import plotly_figure

        return plotly_figure(self.chart())

    def to_json_dict(self) -> dict[str, Any]:
        """The charge as plain lists and numbers, SI; what is not finite becomes None."""
        from ionstone.study.car_tables import charge_json

        return charge_json(self)

    @property
    def time(self) -> float:
        """Time of the charge [s], infinite where its end was not reached."""
        return 60.0 * self.minutes

    @property
    def soc(self) -> np.ndarray:
        """State of charge at the points [-]."""
        return self.run.outputs["soc"][self.points]

    @property
    def power(self) -> np.ndarray:
        """Power into the pack (the cell where there is no pack) at the points [W]."""
        power = -self.run.voltage[self.points] * self.run.current[self.points]
        return power * (self.pack.n_cells if self.pack else 1.0)

    @property
    def temperature(self) -> np.ndarray:
        """Temperature of the cells at the points [K]."""
        return self.run.temperature[self.points]


@dataclass(frozen=True)
class ChargeLimits:
    """Ceilings of one cell while charging, SI, positive where they exist; None is no ceiling.

    `charger_power` [W], `charger_current` [A], `current` [A], `voltage` [V], `plating_potential` [V],
    `critical_current_ratio` [-], `temperature` [K], `concentration` [mol/m3].
    """

    charger_power: float | None = None
    charger_current: float | None = None
    current: float | None = None
    voltage: float | None = None
    plating_potential: float | None = None
    critical_current_ratio: float | None = None
    temperature: float | None = None
    concentration: float | None = None

    def ceilings(self) -> tuple[Ceiling, ...]:
        """Return the limits in the order in which a round holds them, broken a hair beyond what is held."""
        found: list[Ceiling] = []
        for name, value in (("charger", self.charger_current), ("current", self.current)):
            if value is not None:
                found.append(Ceiling(name, "current", "<", -value * 1.001, "current", -value))
        if self.charger_power is not None:
            power = self.charger_power
            found.append(Ceiling("charger", "power", "<", -power * 1.001, "power", -power))
        if self.critical_current_ratio is not None:
            ratio = self.critical_current_ratio
            name = "critical_current_ratio"
            found.append(Ceiling("critical_current", name, ">", ratio * 1.001, name, ratio))
        if self.plating_potential is not None:
            margin = self.plating_potential
            found.append(
                Ceiling("plating", "plating_potential", "<", margin - 1e-4, "plating_potential", margin)
            )
        if self.voltage is not None:
            found.append(Ceiling("voltage", "voltage", ">", self.voltage + 1e-4, "voltage", self.voltage))
        if self.temperature is not None:
            hot = self.temperature
            found.append(Ceiling("temperature", "temperature", ">", hot, recovered=hot - 2.0, drift=0.2))
        if self.concentration is not None:
            name, low = "minimum_electrolyte_concentration", self.concentration
            found.append(Ceiling("depletion", name, "<", low, recovered=2.0 * low, drift=-0.05 * low))
        return tuple(found)

    def at_least(self, start: float) -> ChargeLimits:
        """Return the ceilings for a charge that starts at a temperature [K]: 5 K above it are allowed."""
        return replace(self, temperature=max(self.temperature or HOTTEST, start + 5.0))

    def largest_current(self) -> float:
        """Return the largest current that charger and cell allow [A]. InputError where nothing limits it."""
        given = [value for value in (self.charger_current, self.current) if value is not None]
        if self.charger_power is not None and self.voltage is not None:
            given.append(self.charger_power / (0.75 * self.voltage))
        if not given:
            raise InputError("charge: neither charger power nor current is limited: give one of them")
        if min(given) <= 0:
            raise InputError("charge: a ceiling of charger power or current is not above 0: raise it")
        return min(given)


def charge_protocol(
    limits: ChargeLimits, stop: float, rounds: int = ROUNDS
) -> tuple[Protocol, tuple[str, ...]]:
    """Return the automaton until a state of charge as a protocol, and the limit that each step holds."""
    ceilings, largest = limits.ceilings(), limits.largest_current()
    places: list[tuple[Ceiling, int]] = []  # of one round: (ceiling, rung of its ladder)
    for ceiling in ceilings:
        places += [(ceiling, rung) for rung in range(len(LADDER) if ceiling.slow else 1)]
    first = {
        ceiling: next(i for i, place in enumerate(places) if place[0] is ceiling) for ceiling in ceilings
    }
    end = rounds * len(places)

    def ahead(index: int, place: int) -> int:
        start = index // len(places) * len(places)
        target = start + place if start + place > index else start + len(places) + place
        return min(target, end)

    steps: list[Step] = []
    for index in range(end):
        ceiling, rung = places[index % len(places)]
        until = [Limit("soc", ">", stop, end)]
        lower = min(index + 1, end) if rung < len(LADDER) - 1 else ahead(index, 0)
        for other in ceilings:
            if ceiling.slow:
                until.append(other.violation(lower, rung + 1 if other is ceiling else 0))
            elif other is not ceiling:
                until.append(other.violation(ahead(index, first[other])))
        if ceiling.slow:
            until.append(ceiling.recovery(ahead(index, 0)))
            step = Step(
                "current", -largest * LADDER[rung], LONGEST, tuple(until), f"charge, {ceiling.limit} {rung}"
            )
        else:
            if ceiling.limit in ("voltage", "plating"):
                until.append(Limit("abs_c_rate", "<", STALLED, end))
            step = Step(ceiling.control, ceiling.hold, LONGEST, tuple(until), f"charge, hold {ceiling.limit}")
        steps.append(step)
    text = f"charge as fast as allowed until soc {stop:g}"
    return Protocol(tuple(steps), text), tuple(places[i % len(places)][0].limit for i in range(end))


def charge_limits(
    cell: Any,
    pack: UniformPack | None = None,
    *,
    charger_power: float | None = None,
    charger_current: float | None = None,
    maximum_current: float | None = None,
    maximum_temperature: float | None = None,
    plating_margin: float | None = 0.0,
) -> ChargeLimits:
    """Return the ceilings of a cell; charger figures are the pack's, `maximum_current` [A] is the cell's.

    A porous negative electrode must stay above the potential of the metal by the margin [V] (None: it need
    not); a planar one must stay below its critical current density; a liquid electrolyte must not be
    depleted.
    """
    parameters = cell.parameters()
    s = parameters.scalars
    if (charger_power is not None or charger_current is not None) and pack is None:
        raise InputError("charge: a charger needs a pack: give pack=")
    porous = parameters.negative_kind == "porous"
    critical = s.get("negative.critical_current_density", inf)
    held = operating_temperature(cell)
    hottest = HOTTEST if held is None else max(HOTTEST, held + HEADROOM)
    regions = [r for r in ("negative", "separator", "positive") if f"{r}.electrolyte.single_ion" in s]
    liquid = [r for r in regions if not s[f"{r}.electrolyte.single_ion"]]
    concentration = min((s[f"{r}.electrolyte.initial_concentration"] for r in liquid), default=None)
    return ChargeLimits(
        charger_power=None if charger_power is None or pack is None else pack.cell_power(charger_power),
        charger_current=None
        if charger_current is None or pack is None
        else pack.cell_current(charger_current),
        current=maximum_current,
        voltage=s["voltage.upper_cutoff"],
        plating_potential=plating_margin if porous else None,
        critical_current_ratio=1.0 if not porous and isfinite(critical) else None,
        temperature=hottest if maximum_temperature is None else maximum_temperature,
        concentration=None if concentration is None else DEPLETED * concentration,
    )


def charge(
    cell: Any,
    vehicle: Vehicle | str | None = "tesla-model-3-lr",
    temperature: float = 298.15,
    *,
    pack: UniformPack | None = None,
    same: str = "mass",
    start: float = 0.1,
    stop: float = 0.8,
    charger: Charger | str | float | None = None,
    precondition: float | None = None,
    published_curve: bool = False,
    limits: ChargeLimits | None = None,
    model: str = "P2D",
    simulate: Simulate | None = None,
    **choices: Any,
) -> ChargeResult:
    """Charge a cell in the pack of a car from one state of charge to another, as fast as every limit allows.

    The cell starts at rest at the ambient temperature [K] or at its operating temperature and warms up,
    cooled by the plates of the pack, whose coolant keeps the starting temperature. `charger` ("350 kW,
    500 A") adds its ceilings to those of the car; `precondition` [K] is the temperature to which the pack is
    heated out of itself before it is plugged in; with `published_curve` the power of the car's published
    curve is a ceiling too. `limits` replaces the ceilings; `choices` of `charge_limits` (maximum_current,
    maximum_temperature, plating_margin) change some, others go to `simulate`. InputError where the states of
    charge are not in order or nothing limits the current.
    """
    if not 0 <= start < stop <= 1:
        raise InputError(f"charge: from {start:g} to {stop:g}: use 0 <= start < stop <= 1")
    simulate = simulate or default_simulate()
    car = None if vehicle is None else load_vehicle(vehicle)
    if pack is None and car is not None:
        pack = pack_of_car(cell, car, same)
    own = {
        k: choices.pop(k)
        for k in ("maximum_current", "maximum_temperature", "plating_margin")
        if k in choices
    }
    held = operating_temperature(cell)
    warm = max(temperature, held) if held is not None else temperature
    if precondition is not None:
        warm = max(warm, checked_temperature(precondition))
    plug = read_charger(charger)
    if pack is not None:
        check_voltage(cell, pack, car, plug)
    if limits is None:
        limits = charge_limits(cell, pack, **charger_ceilings(car, plug), **own)
        limits = limits.at_least(warm)
    if pack is not None:
        cell = with_conductance(cell, pack.cooling_conductance / pack.n_cells)
    if published_curve:
        protocol, names = curve_protocol(limits, car, pack, start, stop)
    else:
        protocol, names = charge_protocol(limits, stop)
    conditions = {"temperature": warm, "ambient": warm, "heat": "lumped", "soc": start}
    try:
        run = simulate(cell, protocol, model=model, **conditions, **choices)
        message = str(getattr(run, "message", ""))
    except SimulationError as error:
        if getattr(error, "run", None) is None or len(error.run.time) < 2:
            raise
        run, message = error.run, str(error)
    found = _result(run, names, stop, message, pack)
    lift = warm - temperature if pack is not None and warm > temperature else 0.0
    return replace(
        found,
        cell=str(cell.name),
        vehicle=car.name if car else "",
        charger=plug.text,
        ambient=temperature,
        preheat_energy=lift * pack.heat_capacity if pack else 0.0,
        range_gained=_gained(car, pack, found.energy),
    )


def _gained(car: Vehicle | None, pack: UniformPack | None, energy: float) -> float:
    """Range [m] that an energy gives the car on the WLTC at 23 degC, with the mass of its pack."""
    if car is None or pack is None:
        return 0.0
    extra = pack.mass - car.pack.mass.value
    return energy / battery_demand(car, "wltc_3b", 296.15, extra_mass=extra).consumption


def checked_temperature(value: float) -> float:
    """Return a temperature to which a pack may be heated [K]. InputError outside -30 to 100 degC."""
    if not 243.15 <= value <= 373.15:
        raise InputError(
            f"precondition: {value - 273.15:g} degC is outside -30 to 100 degC: choose one inside"
        )
    return value


def check_voltage(cell: Any, pack: UniformPack, car: Vehicle | None, plug: Charger) -> None:
    """InputError where the pack's voltage is above what the car or the charger takes."""
    top = pack.series * float(cell.parameters().scalars["voltage.upper_cutoff"])
    own = car.charging.maximum_voltage if car else None
    who = (("charger", plug.voltage), (f"{car.name}: pack" if car else "", own.value if own else None))
    for name, ceiling in who:
        if ceiling is not None and top > ceiling * (1 + 1e-9):
            raise InputError(
                f"{name}: {pack.series} cells in series of {cell.name} reach {top:.0f} V, above the"
                f" {ceiling:g} V that it takes: use fewer in series (pack.design.voltage)"
            )


def charger_ceilings(car: Vehicle | None, plug: Charger) -> dict[str, float]:
    """Return the ceilings of car and charger, the lower of both, as `charge_limits` takes them."""
    figures: dict[str, float] = {}
    powers = [value for value in (car.charging.maximum_power.value if car else None, plug.power) if value]
    own = car.charging.maximum_current if car else None
    currents = [value for value in (own.value if own else None, plug.current) if value]
    if powers:
        figures["charger_power"] = min(powers)
    if currents:
        figures["charger_current"] = min(currents)
    return figures


def curve_protocol(
    limits: ChargeLimits, car: Vehicle | None, pack: UniformPack | None, start: float, stop: float
) -> tuple[Protocol, tuple[str, ...]]:
    """Return the automaton with the power of the car's published curve as a ceiling, in steps of 5 % charge.

    InputError where the car's file has no `charging.curve`.
    """
    if car is None or pack is None or not car.charging.curve:
        name = car.name if car else "car"
        raise InputError(f"{name}: charging.curve is missing: add it, or charge without published_curve")
    points = np.array([(p.soc.value, p.power.value) for p in car.charging.curve])
    edges = np.unique(np.concatenate([np.arange(start, stop, 0.05), [stop]]))
    steps: list[Step] = []
    names: list[str] = []
    for low, high in pairwise(edges):
        power = float(np.interp((low + high) / 2, points[:, 0], points[:, 1]))
        cell_power = pack.cell_power(power)
        ceiling = cell_power if limits.charger_power is None else min(cell_power, limits.charger_power)
        part, held = charge_protocol(replace(limits, charger_power=ceiling), float(high), rounds=8)
        steps += _shifted(part, len(steps))
        names += held
    return Protocol(tuple(steps), f"charge along the published curve until soc {stop:g}"), tuple(names)


def _shifted(part: Protocol, by: int) -> list[Step]:
    """Return the steps of a protocol with their targets moved: what ends it leads to what comes next."""
    moved = []
    for step in part.steps:
        until = tuple(
            replace(limit, then=None if limit.then is None else limit.then + by) for limit in step.until
        )
        moved.append(replace(step, until=until))
    return moved


def _result(
    run: Any, names: tuple[str, ...], stop: float, message: str, pack: UniformPack | None
) -> ChargeResult:
    """Return the figures of a finished run; the limit of an interval is that of the step at its end."""
    time, held = run.time, tuple(names[int(index)] for index in run.step)
    pieces: list[tuple[str, float, float]] = []
    for name, begin, end in zip(held[1:], time[:-1], time[1:], strict=True):
        if pieces and pieces[-1][0] == name:
            pieces[-1] = (name, pieces[-1][1], float(end))
        elif end > begin:
            pieces.append((name, float(begin), float(end)))
    total = float(time[-1] - time[0])
    shares: dict[str, float] = {}
    for name, begin, end in pieces:
        shares[name] = shares.get(name, 0.0) + (end - begin) / total
    soc = float(run.outputs["soc"][-1])
    reached = soc >= stop - 1e-3
    notes = () if reached else (message or f"the charge ended at a state of charge of {soc:.3f}",)
    power = run.voltage * run.current * (pack.n_cells if pack else 1.0)
    points = _points(time, np.asarray(run.step))
    return ChargeResult(
        minutes=total / 60 if reached else inf,
        limit=max(shares, key=lambda name: shares[name]) if shares else held[-1],
        points=points,
        limits=tuple(held[k] for k in points),
        timeline=tuple(pieces),
        shares=shares,
        reached=reached,
        max_temperature=float(np.max(run.temperature)),
        energy=-float(np.sum((power[1:] + power[:-1]) / 2 * np.diff(time))),
        notes=notes,
        pack=pack,
        run=run,
    )


def _points(time: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Return the indices of the points that belong to steps which last."""
    starts = np.flatnonzero(np.diff(step, prepend=step[0] - 1))
    ends = np.append(starts[1:], step.size)
    spans = [np.arange(a, b) for a, b in zip(starts, ends, strict=True) if time[b - 1] > time[a]]
    return np.concatenate(spans) if spans else np.arange(step.size)
