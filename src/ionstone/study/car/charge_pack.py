"""Fast charging of an ``ionstone.Pack``: the charger asks, the limits of the cells answer.

At each step of time the charger gives the least of its power, its current, the published curve and the
current at which the electrolyte is not depleted; the limits of the cells (``ionstone.pack.bms``) hold the
current back further, in the weakest cell first, and name themselves. A heater of the pack is fed by the
charger too. Depletion answers slowly: below 5 % of its concentration in any cell the current is lowered by
a quarter every half minute, above 10 % it is let up again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.errors import InputError
from ionstone.study.car.charge import ChargeResult, checked_temperature, gained_range, timeline_of
from ionstone.study.car.charge_limits import charger_ceilings, check_voltage, least_concentration
from ionstone.study.car.charge_protocol import STALLED, curve_points
from ionstone.study.car.charger import read_charger
from ionstone.study.car.drive import operating_temperature
from ionstone.study.car.pack_heating import heat_up
from ionstone.vehicle import Vehicle, load_vehicle

if TYPE_CHECKING:
    from ionstone.pack.live import LivePack
    from ionstone.pack.network import Pack
    from ionstone.pack.result import PackRun
    from ionstone.study.car.charger import Charger

#: [s] first, least and largest step of time, and the longest charge
FIRST, LEAST, LARGEST, LONGEST = 0.5, 1.0, 20.0, 24 * 3600.0
#: correction of a current, over the nominal one, that a step of time may need
WORST = 2e-3
#: [s] between two rungs of the ladder of depletion, and the ratio of their currents
PAUSE, RUNG = 30.0, 0.75
#: state of charge to which the end is met
NEAR = 1e-6
#: passes of heating in which the charge at the plug is met, how near, and the share that is first added to
#: the heat that the pack stores
_PASSES, _NEAR_START, _LOST = 5, 1e-3, 0.2
_NAMES = {"critical current": "critical_current", "voids": "void"}


@dataclass
class _Ask:
    """What the charger may give: ceilings of the pack [W], [A]; points (soc, power [W]) of a curve."""

    power: float
    current: float
    cell_current: float
    curve: np.ndarray | None
    concentration: float | None
    depleted: float = inf
    waited: float = inf

    def demand(self, live: LivePack) -> tuple[str, float, str]:
        """Control, its value and the name of the least ceiling."""
        power = self.power
        if self.curve is not None:
            power = min(power, float(np.interp(live.soc, self.curve[:, 0], self.curve[:, 1])))
        amps = {"charger": self.current, "current": self.cell_current, "depletion": self.depleted}
        name = min(amps, key=lambda key: amps[key])
        if power / live.voltage <= amps[name]:
            return "power", -power, "charger"
        return "current", -amps[name], name

    def learn(self, live: LivePack, dt: float) -> None:
        """Step the current down where the electrolyte is depleted, and up again."""
        self.waited += dt
        if self.concentration is None or self.waited < PAUSE:
            return
        least = float(np.min(live.lanes.output("minimum_electrolyte_concentration")))
        if least < self.concentration:
            self.depleted, self.waited = RUNG * min(-live.current, self.depleted), 0.0
        elif least > 2 * self.concentration and self.depleted < inf:
            higher = self.depleted / RUNG
            self.depleted, self.waited = (inf if self.demand(live)[2] != "depletion" else higher), 0.0


def charge_pack(
    pack: Pack,
    vehicle: Vehicle | str | None = "tesla-model-3-lr",
    temperature: float = 298.15,
    *,
    start: float = 0.1,
    stop: float = 0.8,
    charger: Charger | str | float | None = None,
    precondition: float | None = None,
    preheated: bool = False,
    published_curve: bool = False,
    maximum_current: float | None = None,
    cells_every: float = 10.0,
) -> ChargeResult:
    """Charge an ``ionstone.Pack`` from one mean state of charge to another, as fast as every limit allows.

    The pack is at the ambient temperature [K]. ``precondition`` [K], or the operating temperature of its
    cells, is reached by its heater out of the cells before it is plugged in at ``start`` (with
    ``preheated`` it is that warm already). ``maximum_current`` [A] is that of the mean cell; the limits of
    the cells are those of the pack's ``bms`` and ``highest_temperature``. InputError where the states of
    charge are not in order, nothing limits the current, or a pack without heater is to be warmed.
    """
    if not 0 <= start < stop <= 1:
        raise InputError(f"charge: from {start:g} to {stop:g}: use 0 <= start < stop <= 1")
    car = None if vehicle is None else load_vehicle(vehicle)
    plug = read_charger(charger)
    check_voltage(pack.cell, pack, car, plug)
    ask = _asked(pack, car, plug, maximum_current, published_curve)
    own = operating_temperature(pack.cell)
    warm = max(temperature, own if own is not None else temperature)
    if precondition is not None:
        warm = max(warm, checked_temperature(precondition))
    began = perf_counter()
    live, record, heated = _plugged_in(pack, temperature, warm, start, preheated, cells_every)
    before, first = dict(live.energies), len(record) - 1
    names, message = _charge(pack, live, record, ask, stop)
    run = record.finish(f"charge until soc {stop:g}", message or "soc", perf_counter() - began)
    moved = {name: live.energies[name] - before[name] for name in live.energies}
    found = _result(run, names, first, stop, message)
    into_cells = -moved["terminal"] - moved["heater"]
    return replace(
        found, energy=-moved["terminal"], cell=str(pack.cell.name), vehicle=car.name if car else "",
        charger=plug.text, ambient=temperature, preheat_energy=heated,
        range_gained=gained_range(car, pack, into_cells),
    )  # fmt: skip


def _asked(
    pack: Pack, car: Vehicle | None, plug: Charger, maximum_current: float | None, published: bool
) -> _Ask:
    ceilings, curve = charger_ceilings(car, plug), curve_points(car) if published else None
    if not ceilings and maximum_current is None and curve is None:
        raise InputError("charge: neither charger power nor current is limited: give one of them")
    if maximum_current is not None and not maximum_current > 0:
        raise InputError(f"maximum_current is {maximum_current:g} A: give one above 0")
    return _Ask(
        ceilings.get("charger_power", inf), ceilings.get("charger_current", inf),
        inf if maximum_current is None else pack.parallel * maximum_current,
        curve, least_concentration(pack.cell),
    )  # fmt: skip


def _plugged_in(
    pack: Pack, temperature: float, warm: float, start: float, preheated: bool, every: float
) -> tuple[LivePack, Any, float]:
    """The pack as it is plugged in, warm and at the charge that was asked for, and what its heater took [J].

    What heating takes of the charge is found by repeating it.
    """
    from ionstone.pack.result import Recorder

    soc, heated, cold = start, 0.0, warm > temperature and not preheated
    at = temperature if cold else warm
    for attempt in range(_PASSES):
        live = pack.alive(soc=min(soc, 1.0), temperature=at, ambient=temperature)
        record = Recorder(pack, live, every)
        record.take(live)
        if cold and attempt == 0:
            stored = float(np.sum(live.network.stored)) * (warm - temperature)
            soc += (1 + _LOST) * stored / pack.nominal_energy
            continue
        if cold:
            heated = heat_up(pack, live, warm, record)
        record.step += 1
        if abs(live.soc - start) < _NEAR_START:
            return live, record, heated
        if soc > 1 and live.soc < start:
            break
        soc += start - live.soc
    raise InputError(
        f"charge: the pack cannot heat itself to {warm - 273.15:.0f} degC and have {start:.0%} of its charge"
        " left: start lower, or heat it while it is plugged in (preheated=True)"
    )


def _charge(pack: Pack, live: LivePack, record: Any, ask: _Ask, stop: float) -> tuple[list[str], str]:
    """Charge until the end; the limit of each step of time, and why the end was not reached."""
    names: list[str] = []
    capacity, begin, dt = pack.nominal_capacity, live.time, FIRST
    control, value, name = ask.demand(live)
    live.settle(control, value)
    names.append(_NAMES.get(live.limit, live.limit) or name)
    record.take(live)
    while live.time - begin < LONGEST:
        control, value, name = ask.demand(live)
        left = (stop - live.soc) * capacity / max(-live.current, 1e-9)
        if live.soc >= stop - NEAR:
            return names, ""
        dt = max(min(dt, LARGEST, left), 1e-3)
        worst, limit = live.advance(dt, control, value, value, pack.around(live))
        names.append(_NAMES.get(limit, limit) or name)
        record.take(live)
        ask.learn(live, dt)
        if limit and -live.current < STALLED * capacity / 3600.0:
            return (
                names,
                f"the charge ended at a state of charge of {live.soc:.3f}: {limit} leaves no current",
            )
        dt = max(LEAST, dt * float(np.clip(np.sqrt(WORST / max(worst, 1e-12)), 0.5, 2.0)))
    return names, f"the charge ended at a state of charge of {live.soc:.3f} after a day"


def _result(run: PackRun, names: list[str], first: int, stop: float, message: str) -> ChargeResult:
    """The figures of a finished charge from its first row on; a step of time has the limit at its end."""
    points = np.arange(first + 1, run.time.size)
    time = run.time[points]
    pieces, shares = timeline_of(names, time - time[0])
    total = float(time[-1] - time[0])
    reached = not message
    apart = float(np.max((run.outputs["temperature_highest"] - run.outputs["temperature_lowest"])[points]))
    notes = () if reached else (message,)
    if len(run.weight) > 1:
        notes = (*notes, f"cells up to {apart:.1f} K apart")
    return ChargeResult(
        minutes=total / 60 if reached else inf,
        limit=max(shares, key=lambda name: shares[name]) if shares else names[-1],
        points=points, limits=tuple(names), timeline=tuple(pieces), shares=shares, reached=reached,
        max_temperature=float(np.max(run.outputs["temperature_highest"][points])), energy=0.0,
        notes=notes, pack=run.pack, run=run,
    )  # fmt: skip
