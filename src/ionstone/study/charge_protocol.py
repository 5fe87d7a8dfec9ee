"""A charge as a protocol: which limit is held when, written out in rounds.

At each moment one limit is held (constant power, current, voltage, plating potential or share of the
critical current); when another one would be broken, that one is held instead. States that answer slowly
(temperature, depletion of the electrolyte) cannot be held by the current of the moment: they step it down a
ladder, and let it up again once they have recovered. Protocols jump forward only, so this automaton is
written out in rounds.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from ionstone.core.errors import InputError
from ionstone.experiment import Limit, Protocol, Step
from ionstone.pack import UniformPack
from ionstone.study.charge_limits import Ceiling, ChargeLimits
from ionstone.vehicle import Vehicle

ROUNDS = 60
LADDER = tuple(0.75**k for k in range(1, 10))  # currents of the slow limits, as shares of the largest
LONGEST = 24 * 3600.0  # s, of one hold
STALLED = 0.02  # 1/h, C/50: below it a charge is given up


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
