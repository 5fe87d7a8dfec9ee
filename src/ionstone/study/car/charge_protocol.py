"""A charge as a protocol: which limit is held when, written out in rounds.

At each moment one limit is held (constant power, current, voltage, plating potential or share of the
critical current); when another one would be broken, that one is held instead. States that answer slowly
(temperature, depletion of the electrolyte) cannot be held by the current of the moment: they step it down a
ladder, and let it up again once they have recovered. Protocols jump forward only, so this automaton is
written out in rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ionstone.core.errors import InputError
from ionstone.experiment import Limit, Protocol, Step
from ionstone.pack import UniformPack
from ionstone.study.car.charge_limits import Ceiling, ChargeLimits
from ionstone.vehicle import Vehicle

ROUNDS = 60
MANY_ROUNDS = 1000  # where the limits change place more often, as in deep cold
#: currents of the slow limits, as shares of the largest; rest is the last
LADDER = (*(0.75**k for k in range(1, 10)), 0.0)
LONGEST = 24 * 3600.0  # s, of one hold
STALLED = 0.02  # 1/h, C/50: below it a charge is given up


def charge_protocol(
    limits: ChargeLimits, stop: float, rounds: int = ROUNDS, begin: str | None = None
) -> tuple[Protocol, tuple[str, ...]]:
    """Return the automaton until a state of charge as a protocol, and the limit that each step holds.

    `begin` names the limit that is held first, by default the first of the limits.
    """
    ceilings, largest = limits.ceilings(), limits.largest_current()
    places: list[tuple[Ceiling, int]] = []  # of one round: (ceiling, rung of its ladder)
    for ceiling in ceilings:
        places += [(ceiling, rung) for rung in range(len(LADDER) if ceiling.slow else 1)]
    first = {
        ceiling: next(i for i, place in enumerate(places) if place[0] is ceiling) for ceiling in ceilings
    }
    skipped = next((i for ceiling, i in first.items() if ceiling.limit == begin), 0)
    end = rounds * len(places)

    def ahead(index: int, place: int) -> int:
        start = index // len(places) * len(places)
        target = start + place if start + place > index else start + len(places) + place
        return min(target, end)

    steps: list[Step] = []
    for index in range(skipped, end):
        ceiling, rung = places[index % len(places)]
        until = [Limit("soc", ">", stop, end)]
        for other in ceilings:
            if ceiling.slow:
                if LADDER[rung]:
                    until.append(other.violation(min(index + 1, end), rung + 1 if other is ceiling else 0))
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
    names = tuple(places[i % len(places)][0].limit for i in range(skipped, end))
    return Protocol(tuple(_shifted(steps, -skipped)), text), names


def curve_points(car: Vehicle | None) -> np.ndarray:
    """Return the published curve of a car: rows of state of charge and power [W]. InputError without one."""
    if car is None or not car.charging.curve:
        name = car.name if car else "car"
        raise InputError(f"{name}: charging.curve is missing: add it, or charge without published_curve")
    return np.array([(p.soc.value, p.power.value) for p in car.charging.curve])


def curve_protocol(
    limits: ChargeLimits, car: Vehicle | None, pack: UniformPack | None, start: float, stop: float
) -> tuple[Protocol, tuple[str, ...]]:
    """Return the automaton with the power of the car's published curve as a ceiling, in steps of 5 % charge.

    InputError where the car's file has no `charging.curve`.
    """
    points = curve_points(car)
    if pack is None:
        raise InputError("charge: the power of a published curve is that of a pack: give pack=")
    edges = np.unique(np.concatenate([np.arange(start, stop, 0.05), [stop]]))
    steps: list[Step] = []
    names: list[str] = []
    for low, high in pairwise(edges):
        power = float(np.interp((low + high) / 2, points[:, 0], points[:, 1]))
        cell_power = pack.cell_power(power)
        ceiling = cell_power if limits.charger_power is None else min(cell_power, limits.charger_power)
        part, held = charge_protocol(replace(limits, charger_power=ceiling), float(high), rounds=8)
        steps += _shifted(part.steps, len(steps))
        names += held
    return Protocol(tuple(steps), f"charge along the published curve until soc {stop:g}"), tuple(names)


def _shifted(steps: Sequence[Step], by: int) -> list[Step]:
    """Return steps with their targets moved: what ends them leads to what comes next."""
    moved = []
    for step in steps:
        until = tuple(
            replace(limit, then=None if limit.then is None else limit.then + by) for limit in step.until
        )
        moved.append(replace(step, until=until))
    return moved
