"""Fast charging: as fast as every limit allows, which limit that is, and for how long.

`charge_limits` holds the limits, `charge_protocol` the automaton that keeps to them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.errors import InputError, SimulationError
from ionstone.experiment import Protocol
from ionstone.pack import UniformPack
from ionstone.study.car.charge_limits import ChargeLimits, charge_limits, charger_ceilings, check_voltage
from ionstone.study.car.charge_protocol import MANY_ROUNDS, ROUNDS, charge_protocol, curve_protocol
from ionstone.study.car.charger import read_charger
from ionstone.study.car.drive import (
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

    from ionstone.pack.network import Pack
    from ionstone.pack.result import PackRun
    from ionstone.results import Run
    from ionstone.study.car.charger import Charger


@dataclass(frozen=True, eq=False)
class ChargeResult:
    """A charge between two states of charge.

    `minutes` is infinite where the end was not reached; `limit` binds for the longest share of the time;
    `points` are the points of the run at which a limit is held (a step that ends at once, because it breaks
    another limit, has none), `limits` their limits; `timeline` holds (limit, start, end) in seconds; `shares`
    the share of the time of each limit; `energy` [J] goes into the pack (the cell where there is no pack),
    its heater included; `notes` are sentences for the report. `run` is that of one cell, or of an
    ``ionstone.Pack``.
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
    pack: UniformPack | Pack | None
    run: Run | PackRun
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
        from ionstone.study.car.tables import charge_dataset

        return charge_dataset(self)

    def chart(self) -> Any:
        """What `plot` draws, as a renderer-free chart: power and temperature over the state of charge."""
        from ionstone.study.car.charts import charge_chart

        return charge_chart([self])

    def plot(self) -> plotly.graph_objects.Figure:
        """A plotly figure: power over the state of charge, coloured by the limit that holds it."""
        from ionstone.plotting.interactive import plotly_figure

        return plotly_figure(self.chart())

    def to_json_dict(self) -> dict[str, Any]:
        """The charge as plain lists and numbers, SI; what is not finite becomes None."""
        from ionstone.study.car.tables import charge_json

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
        run: Any = self.run
        if self.pack is None or isinstance(self.pack, UniformPack):
            power = -run.voltage[self.points] * run.current[self.points]
            return power * (self.pack.n_cells if self.pack else 1.0)
        return -run.outputs["power"][self.points]

    @property
    def temperature(self) -> np.ndarray:
        """Temperature of the cells at the points [K]; the mean of an ``ionstone.Pack``."""
        run: Any = self.run
        if self.pack is None or isinstance(self.pack, UniformPack):
            return run.temperature[self.points]
        return run.outputs["temperature"][self.points]


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
    coolant: float | None = None,
    published_curve: bool = False,
    limits: ChargeLimits | None = None,
    model: str = "P2D",
    simulate: Simulate | None = None,
    **choices: Any,
) -> ChargeResult:
    """Charge a cell in the pack of a car from one state of charge to another, as fast as every limit allows.

    The cell starts at rest at the ambient temperature [K] or at its operating temperature and warms up,
    cooled by the plates of the pack, whose coolant is chilled to `coolant` [K] (it is never warmer than the
    pack at the start; None: as warm). `charger` ("350 kW,
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
    around = warm if coolant is None else min(warm, checked_temperature(coolant, "coolant"))
    conditions = {"temperature": warm, "ambient": around, "heat": "lumped", "soc": start}

    def run(plan: tuple[Protocol, tuple[str, ...]]) -> ChargeResult:
        return _charged(lambda p: simulate(cell, p, model=model, **conditions, **choices), *plan, stop, pack)

    if published_curve:
        found = run(curve_protocol(limits, car, pack, start, stop))
    else:
        found = _fastest(run, limits, stop)
    lift = warm - temperature if pack is not None and warm > temperature else 0.0
    return replace(
        found,
        cell=str(cell.name),
        vehicle=car.name if car else "",
        charger=plug.text,
        ambient=temperature,
        preheat_energy=lift * pack.heat_capacity if pack else 0.0,
        range_gained=gained_range(car, pack, found.energy),
    )


def _fastest(
    run: Callable[[tuple[Protocol, tuple[str, ...]]], ChargeResult], limits: ChargeLimits, stop: float
) -> ChargeResult:
    """Return the charge under its limits; in deep cold from the hold of the voltage on, in many rounds."""
    begin = None
    try:
        found = run(charge_protocol(limits, stop))
    except SimulationError:  # a cold cell may have no state at the current that all other limits allow
        if limits.voltage is None:
            raise
        begin = "voltage"
        found = run(charge_protocol(limits, stop, begin=begin))
    steps = len(charge_protocol(limits, stop, 1)[1])
    if not found.reached and int(found.run.step[-1]) >= (ROUNDS - 2) * steps:
        found = run(charge_protocol(limits, stop, MANY_ROUNDS, begin))
    return found


def _charged(
    simulate: Callable[[Protocol], Any],
    protocol: Protocol,
    names: tuple[str, ...],
    stop: float,
    pack: UniformPack | None,
) -> ChargeResult:
    """Return the figures of a run; one that failed on its way counts up to there."""
    try:
        run = simulate(protocol)
        message = str(getattr(run, "message", ""))
    except SimulationError as error:
        if getattr(error, "run", None) is None or len(error.run.time) < 2:
            raise
        run, message = error.run, str(error)
    return _result(run, names, stop, message, pack)


def gained_range(car: Vehicle | None, pack: UniformPack | Pack | None, energy: float) -> float:
    """Range [m] that an energy gives the car on the WLTC at 23 degC, with the mass of its pack."""
    if car is None or pack is None:
        return 0.0
    extra = pack.mass - car.pack.mass.value
    return energy / battery_demand(car, "wltc_3b", 296.15, extra_mass=extra).consumption


def checked_temperature(value: float, name: str = "precondition") -> float:
    """Return a temperature that a pack or its coolant may be brought to [K]. InputError outside -30 to
    100 degC."""
    if not 243.15 <= value <= 373.15:
        raise InputError(f"{name}: {value - 273.15:g} degC is outside -30 to 100 degC: choose one inside")
    return value


def _result(
    run: Any, names: tuple[str, ...], stop: float, message: str, pack: UniformPack | None
) -> ChargeResult:
    """Return the figures of a finished run; the limit of an interval is that of the step at its end."""
    time, held = run.time, tuple(names[int(index)] for index in run.step)
    pieces, shares = timeline_of(held, time)
    total = float(time[-1] - time[0])
    soc = float(run.outputs["soc"][-1])
    reached = soc >= stop - 1e-3
    notes = () if reached else (_given_up(run, held[-1], soc, message),)
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


def timeline_of(
    held: Sequence[str], time: np.ndarray
) -> tuple[list[tuple[str, float, float]], dict[str, float]]:
    """Return (limit, start, end) of the stretches that one limit holds, and the share of the time of each.

    The limit of an interval is that at its end.
    """
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
    return pieces, shares


def _given_up(run: Any, limit: str, soc: float, message: str) -> str:
    """Say why a charge did not reach its end."""
    if "abs_c_rate" in str(getattr(run, "end_reason", "")):
        return (
            f"given up at a state of charge of {soc:.3f}: held back by {limit}, the current fell below C/50"
        )
    return message or f"the charge ended at a state of charge of {soc:.3f}"


def _points(time: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Return the indices of the points that belong to steps which last."""
    starts = np.flatnonzero(np.diff(step, prepend=step[0] - 1))
    ends = np.append(starts[1:], step.size)
    spans = [np.arange(a, b) for a, b in zip(starts, ends, strict=True) if time[b - 1] > time[a]]
    return np.concatenate(spans) if spans else np.arange(step.size)
