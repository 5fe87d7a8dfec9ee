"""Protocols by name: CC-CV charge, rate test, pulse test (HPPC form), intermittent titration (GITT form).

Rates are numbers [1/h] or texts such as "C/3"; voltages and times are numbers in SI units or texts with
a unit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from ionstone.core.quantities import to_si
from ionstone.experiment.messages import bad_protocol
from ionstone.experiment.parse import parse_protocol
from ionstone.experiment.steps import Protocol, Step

Rate = float | str
Number = float | str


def _plain(number: float) -> str:
    return repr(float(number)).removesuffix(".0")


def _rate(rate: Rate) -> str:
    return rate if isinstance(rate, str) else f"{_plain(rate)}C"


def _volts(voltage: Number, name: str) -> str:
    return f"{_plain(to_si(voltage, 'V', name))} V"


def _seconds(time: Number, name: str) -> str:
    return f"{_plain(to_si(time, 's', name))} s"


def cc_cv_charge(rate: Rate, upper: Number, cutoff_rate: Rate = "C/50") -> Protocol:
    """Charge at constant current to `upper` [V], then hold it until the current falls to `cutoff_rate`."""
    top = _volts(upper, "upper")
    return parse_protocol(f"Charge at {_rate(rate)} until {top}; Hold at {top} until {_rate(cutoff_rate)}")


def rate_test(
    rates: Iterable[Rate],
    lower: Number,
    upper: Number,
    *,
    charge_rate: Rate = "C/3",
    cutoff_rate: Rate = "C/20",
    rest: Number = 1800.0,
) -> Protocol:
    """For each rate: CC-CV charge to `upper` [V], rest [s], discharge at the rate to `lower` [V], rest."""
    charge = cc_cv_charge(charge_rate, upper, cutoff_rate)
    pause = f"Rest for {_seconds(rest, 'rest')}"
    bottom = _volts(lower, "lower")
    return parse_protocol([[charge, pause, f"Discharge at {_rate(r)} until {bottom}", pause] for r in rates])


def hppc(
    lower: Number,
    upper: Number,
    *,
    pulse_rate: float = 1.0,
    rate: float = 1 / 3,
    depth: float = 0.1,
    pulse: Number = 10.0,
    rest: Number = 3600.0,
) -> Protocol:
    """Pulse test from full to empty, simple form of the hybrid pulse power characterisation.

    After a CC-CV charge and a rest, again and again: a discharge pulse of `pulse` [s] at `pulse_rate` [1/h],
    40 s of rest, a charge pulse at three quarters of that rate, then `depth` of the nominal capacity at
    `rate` [1/h] and a rest [s]. It ends when a discharge reaches `lower` [V].
    """
    top, bottom, length = _volts(upper, "upper"), _volts(lower, "lower"), _seconds(pulse, "pulse")
    share, hours = _positive(depth, "1", "depth"), 1 / _positive(rate, "1/h", "rate")
    pulses = [
        f"Discharge at {_rate(pulse_rate)} for {length} or until {bottom}",
        "Rest for 40 s",
        f"Charge at {_rate(0.75 * pulse_rate)} for {length} or until {top}",
        f"Discharge at {_rate(rate)} for {_plain(3600 * share * hours)} s or until {bottom}",
        f"Rest for {_seconds(rest, 'rest')}",
    ]
    start = [cc_cv_charge(rate, upper), f"Rest for {_seconds(rest, 'rest')}"]
    return _ending_when_empty(parse_protocol([start, {f"Repeat {_rounds(share)} times": pulses}]))


def gitt(rate: float, lower: Number, *, pulse: Number = 600.0, rest: Number = 3600.0) -> Protocol:
    """Intermittent titration on discharge: pulses of `pulse` [s] at `rate` [1/h], a rest [s] after each.

    It starts in the state of the cell at hand and ends when a pulse reaches `lower` [V].
    """
    length = _positive(pulse, "s", "pulse")
    share = _positive(rate, "1/h", "rate") * length / 3600
    pulses = [
        f"Discharge at {_rate(rate)} for {_plain(length)} s or until {_volts(lower, 'lower')}",
        f"Rest for {_seconds(rest, 'rest')}",
    ]
    return _ending_when_empty(parse_protocol({f"Repeat {_rounds(share)} times": pulses}))


def _positive(number: Number, unit: str, name: str) -> float:
    value = to_si(number, unit, name)
    if value <= 0:
        raise bad_protocol(f"{name} {value:g} {unit}", "give a number above 0")
    return value


def _rounds(share: float) -> int:
    """Rounds that pass twice the nominal capacity, more than a cell holds, if each passes `share` of it."""
    return math.ceil(min(2 / share, 1e9)) + 1  # the bound on repeats refuses more than is sensible


def _ending_when_empty(protocol: Protocol) -> Protocol:
    """The protocol, over as soon as a discharge reaches its lower voltage."""
    end = len(protocol)
    return Protocol(tuple(_jumping(step, end) for step in protocol.steps), protocol.text)


def _jumping(step: Step, end: int) -> Step:
    if step.sign <= 0:
        return step
    return replace(step, until=tuple(replace(limit, then=end) for limit in step.until))
