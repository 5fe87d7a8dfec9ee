"""Protocols by name: CC-CV charge, rate test, pulse test (HPPC form), titration (GITT form), open circuit.

Rates are numbers [1/h] or texts such as "C/3"; voltages and times are numbers in SI units or texts with
a unit. ``named_protocol`` makes one from a text, with the cut-off voltages of a cell.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from ionstone.core.errors import InputError, nearest, shown
from ionstone.core.quantities import to_si
from ionstone.experiment.messages import bad_protocol
from ionstone.experiment.parse import parse_protocol
from ionstone.experiment.steps import Protocol, Step

Rate = float | str
#: of a rate test
RATES = "C/10 C/5 C/2 1C 2C"
Number = float | str


def _plain(number: float) -> str:
    return repr(float(number)).removesuffix(".0")


def _rate(rate: Rate) -> str:
    return rate if isinstance(rate, str) else f"{_plain(rate)}C"


_RATE = re.compile(r"(?:([\d.eE+-]+)\s*C|C\s*/\s*([\d.eE+-]+))")


def _per_hour(rate: Rate, name: str) -> float:
    """A rate above zero [1/h]."""
    found = _RATE.fullmatch(rate.strip()) if isinstance(rate, str) else None
    if found is None:
        return _positive(rate, "1/h", name)
    value = to_si(found[1] or found[2], "1", name)
    if not value > 0:
        raise bad_protocol(f"{name} {rate}", "give a rate above 0, for example C/3")
    return value if found[1] else 1 / value


def _volts(voltage: Number, name: str) -> str:
    return f"{_plain(to_si(voltage, 'V', name))} V"


def _seconds(time: Number, name: str) -> str:
    return f"{_plain(to_si(time, 's', name))} s"


def cc_cv_charge(rate: Rate, upper: Number, cutoff_rate: Rate = "C/50") -> Protocol:
    """Charge at constant current to `upper` [V], then hold it until the current falls to `cutoff_rate`."""
    top = _volts(upper, "upper")
    return parse_protocol(f"Charge at {_rate(rate)} until {top}; Hold at {top} until {_rate(cutoff_rate)}")


def rate_test(
    rates: Iterable[Rate] | str = RATES,
    lower: Number = math.nan,
    upper: Number = math.nan,
    *,
    charge_rate: Rate = "C/3",
    cutoff_rate: Rate = "C/20",
    rest: Number = 1800.0,
) -> Protocol:
    """For each rate: CC-CV charge to `upper` [V], rest [s], discharge at the rate to `lower` [V], rest.

    rates: numbers [1/h] or texts; one text holds several with blanks between, "C/5 1C 2C".
    """
    rates = rates.split() if isinstance(rates, str) else rates
    charge = cc_cv_charge(charge_rate, upper, cutoff_rate)
    pause = f"Rest for {_seconds(rest, 'rest')}"
    bottom = _volts(lower, "lower")
    return parse_protocol([[charge, pause, f"Discharge at {_rate(r)} until {bottom}", pause] for r in rates])


def hppc(
    lower: Number,
    upper: Number,
    *,
    pulse_rate: Rate = 1.0,
    rate: Rate = "C/3",
    depth: Number = 0.1,
    pulse: Number = 30.0,
    charge_pulse: Number = 10.0,
    pause: Number = 40.0,
    rest: Number = 3600.0,
) -> Protocol:
    """Pulse test from full to empty, simple form of the hybrid pulse power characterisation.

    After a CC-CV charge and a rest, again and again: a discharge pulse of `pulse` [s] at `pulse_rate` [1/h],
    `pause` [s] of rest, a charge pulse of `charge_pulse` [s] at three quarters of that rate, then `depth` of
    the nominal capacity at `rate` [1/h] and a rest [s]. It ends when a discharge reaches `lower` [V]. The
    run's ``pulse_resistances`` are what it is done for.
    """
    top, bottom = _volts(upper, "upper"), _volts(lower, "lower")
    lengths = [
        _plain(_positive(time, "s", name))
        for name, time in (("pulse", pulse), ("charge_pulse", charge_pulse), ("pause", pause))
    ]
    share, hours = _positive(depth, "1", "depth"), 1 / _per_hour(rate, "rate")
    high = _per_hour(pulse_rate, "pulse_rate")
    pulses = [
        f"Discharge at {_rate(high)} for {lengths[0]} s or until {bottom}",
        f"Rest for {lengths[2]} s",
        f"Charge at {_rate(0.75 * high)} for {lengths[1]} s or until {top}",
        f"Discharge at {_rate(rate)} for {_plain(3600 * share * hours)} s or until {bottom}",
        f"Rest for {_seconds(rest, 'rest')}",
    ]
    start = [cc_cv_charge(rate, upper), f"Rest for {_seconds(rest, 'rest')}"]
    return _ending_when_empty(parse_protocol([start, {f"Repeat {_rounds(share)} times": pulses}]))


def gitt(
    rate: Rate = "C/10", lower: Number = math.nan, *, pulse: Number = 600.0, rest: Number = 3600.0
) -> Protocol:
    """Intermittent titration on discharge: pulses of `pulse` [s] at `rate` [1/h], a rest [s] after each.

    It starts in the state of the cell at hand, with a rest, and ends when a pulse reaches `lower` [V]. The
    run's ``titration`` is what it is done for.
    """
    length = _positive(pulse, "s", "pulse")
    share = _per_hour(rate, "rate") * length / 3600
    pause = f"Rest for {_seconds(rest, 'rest')}"
    pulses = [f"Discharge at {_rate(rate)} for {_plain(length)} s or until {_volts(lower, 'lower')}", pause]
    return _ending_when_empty(parse_protocol([pause, {f"Repeat {_rounds(share)} times": pulses}]))


def ocv(
    lower: Number,
    upper: Number,
    *,
    rate: Rate = "C/25",
    charge_rate: Rate = "C/3",
    cutoff_rate: Rate = "C/50",
    rest: Number = 7200.0,
) -> Protocol:
    """Open-circuit voltage by slow discharge and charge, between which it lies.

    CC-CV charge to `upper` [V] at `charge_rate` [1/h], rest [s], discharge at `rate` to `lower` [V], rest,
    charge at `rate` to `upper`. The run's ``open_circuit`` is the average of both branches.
    """
    slow, pause = _rate(_per_hour(rate, "rate")), f"Rest for {_seconds(rest, 'rest')}"
    top, bottom = _volts(upper, "upper"), _volts(lower, "lower")
    branches = [f"Discharge at {slow} until {bottom}", pause, f"Charge at {slow} until {top}"]
    return parse_protocol([cc_cv_charge(charge_rate, upper, cutoff_rate), pause, *branches])


NAMED: dict[str, Callable[..., Protocol]] = {
    "cc_cv_charge": cc_cv_charge,
    "rate_test": rate_test,
    "hppc": hppc,
    "gitt": gitt,
    "ocv": ocv,
}
_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\((.*)\))?\s*", re.DOTALL)


def protocol_name(text: object) -> str | None:
    """The name in a text such as "hppc" or "gitt(rate=C/20, rest=2 h)"; None where it names no protocol."""
    found = _CALL.fullmatch(text) if isinstance(text, str) and len(text) <= 400 else None
    return found[1].lower() if found and found[1].lower() in NAMED else None


def named_protocol(text: str, lower: Number, upper: Number, **settings: Any) -> Protocol:
    """The protocol that a text names, between the cut-off voltages `lower` and `upper` [V] of a cell.

    The text is a name of NAMED, with settings in brackets where they differ: "hppc(pulse=10 s, depth=5%)".
    InputError for an unknown name or setting.
    """
    found = _CALL.fullmatch(text)
    name = protocol_name(text)
    if found is None or name is None:
        raise InputError(f"protocol {shown(text)} has no such name: {nearest(text, NAMED)}")
    make = NAMED[name]
    known = inspect.signature(make).parameters
    given = {**_settings(found[2] or "", name), **settings}
    for key in given:
        if key not in known:
            raise InputError(f"protocol {name} has no setting {shown(key)}: {nearest(key, known)}")
    given = {"lower": lower, "upper": upper} | given
    if name == "cc_cv_charge":
        given = {"rate": "C/3"} | given
    return make(**{key: value for key, value in given.items() if key in known})


def _settings(text: str, name: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        key, sign, value = (p.strip() for p in part.partition("="))
        if not sign or not key or not value or key in out:
            raise InputError(
                f"protocol {name}: {shown(part)} is no setting: write name=value, as in {name}(rest=30 min)"
            )
        out[key] = value
    return out


def _positive(number: Number, unit: str, name: str) -> float:
    value = to_si(number, unit, name)
    if not value > 0:
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
