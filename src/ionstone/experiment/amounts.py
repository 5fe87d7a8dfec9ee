"""Reads the amounts of a protocol, "50 mA", "C/3", "half an hour", into a kind and a number in SI units.

The unit decides what a step controls or ends on, so the small table of units is here and not in a general
unit reader.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ionstone.core.errors import shown
from ionstone.experiment.messages import bad_step

# kind -> {unit: factor to SI}
UNITS: dict[str, dict[str, float]] = {
    "current": {"A": 1, "mA": 1e-3, "uA": 1e-6, "µA": 1e-6, "μA": 1e-6, "kA": 1e3, "amp": 1, "amps": 1,
                "ampere": 1, "amperes": 1},
    "voltage": {"V": 1, "mV": 1e-3, "volt": 1, "volts": 1},
    "power": {"W": 1, "mW": 1e-3, "kW": 1e3, "MW": 1e6, "watt": 1, "watts": 1},
    "resistance": {"ohm": 1, "ohms": 1, "mohm": 1e-3, "kohm": 1e3, "\u03a9": 1, "\u2126": 1, "m\u03a9": 1e-3,
                   "m\u2126": 1e-3},
    "current_density": {"A/m^2": 1, "A/m2": 1, "mA/cm^2": 10, "mA/cm2": 10},
    "soc": {"%": 1e-2, "%soc": 1e-2},
    "duration": {"s": 1, "sec": 1, "second": 1, "seconds": 1, "ms": 1e-3, "m": 60, "min": 60, "mins": 60,
                 "minute": 60, "minutes": 60, "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
                 "d": 86400, "day": 86400, "days": 86400},
    # known only to be refused with the right word
    "temperature": {"degC": 1, "oC": 1, "°C": 1, "K": 1, "degF": 1, "celsius": 1, "kelvin": 1, "deg": 1},
    "charge": {"Ah": 3600, "mAh": 3.6, "As": 1},
    "energy": {"Wh": 3600, "kWh": 3.6e6, "J": 1, "kJ": 1e3},
}  # fmt: skip

# kind -> (least, largest, unit) of what may be written; bounds against slips of the pen, wide on purpose
RANGES: dict[str, tuple[float, float, str]] = {
    "current": (0, 1e6, "A"),
    "c_rate": (0, 1e4, "C"),
    "current_density": (0, 1e7, "A/m^2"),
    "power": (0, 1e9, "W"),
    "resistance": (0, 1e9, "ohm"),
    "voltage": (-10, 10, "V"),
    "soc": (0, 1, "(0 to 100 %)"),
    "duration": (0, 1e9, "s"),
}
POSITIVE = ("current", "c_rate", "current_density", "power", "resistance", "duration")  # zero is refused too
NAMES = {
    "c_rate": "C-rate",
    "soc": "state of charge",
    "current_density": "current density",
    "duration": "time",
}

_UNSIGNED = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_C_RATE = re.compile(rf"([+-]?{_UNSIGNED})?\s*[cC]\s*(?:/\s*({_UNSIGNED}))?")
_AMOUNT = re.compile(rf"([+-]?{_UNSIGNED})\s*(\S.*)?")
_TIME = re.compile(
    rf"(?:((?:half(?:\s+an?)?|an?|one)\s)|([+-]?{_UNSIGNED})(?:\s*/\s*({_UNSIGNED}))?)\s*([a-zA-Z]+)(?:\s+and\s)?\s*",
    re.IGNORECASE,
)

_EXACT = {unit: (kind, factor) for kind, units in UNITS.items() for unit, factor in units.items()}
_ANY_CASE: dict[str, list[str]] = {}
for _unit in _EXACT:
    _ANY_CASE.setdefault(_unit.lower(), []).append(_unit)


@dataclass(frozen=True)
class Amount:
    """A number with its kind: value in SI units (C-rate in 1/h)."""

    kind: str
    value: float


def name_of(kind: str) -> str:
    """The kind in words."""
    return NAMES.get(kind, kind)


def _known_unit(unit: str) -> tuple[str, float] | None:
    squeezed = "".join(unit.split())
    if squeezed in _EXACT:
        return _EXACT[squeezed]
    alike = _ANY_CASE.get(squeezed.lower(), [])
    return _EXACT[alike[0]] if len(alike) == 1 else None


def _ratio(number: str | None, divisor: str | None) -> float:
    top = float(number) if number else 1.0
    bottom = float(divisor) if divisor else 1.0
    return top / bottom if bottom else math.inf


def read_amount(text: str, step: str) -> Amount:
    """Read "50 mA", "C/3", "2.5V", "80 %"; the range is not checked yet.

    Raises InputError naming the step for a number without unit, an unknown unit or no number at all.
    """
    rate = _C_RATE.fullmatch(text.strip())
    if rate:
        return Amount("c_rate", _ratio(rate[1], rate[2]))
    match = _AMOUNT.fullmatch(text.strip())
    if not match:
        wrong = f"cannot read the amount {shown(text, 30)}"
        raise bad_step(step, wrong, 'write a number with its unit, for example "2.5 V"')
    if not match[2]:
        wrong = f"the number {shown(text, 30)} has no unit"
        raise bad_step(step, wrong, "add A, C, W, V, ohm, s, min or h")
    unit = _known_unit(match[2])
    if unit is None:
        wrong = f"unknown unit {shown(match[2], 20)}"
        raise bad_step(step, wrong, "use A, mA, C, W, mW, kW, MW, V, mV, ohm, mA/cm^2, %, s, min or h")
    return Amount(unit[0], float(match[1]) * unit[1])


def checked(amount: Amount, step: str) -> float:
    """The value of an amount [SI] where it lies in the range of its kind, else InputError."""
    least, largest, unit = RANGES[amount.kind]
    value, positive = amount.value, amount.kind in POSITIVE
    if least <= value <= largest and not (positive and value == 0):
        return value
    allowed = f"{'above ' if positive else ''}{least:g} to {largest:g} {unit}"
    remedy = "check the number and its unit"
    if amount.kind == "duration" and value <= 0:
        remedy = 'write for example "for 30 minutes"'
    elif positive and value < 0:
        remedy = "the words charge and discharge give the sign, drop the minus"
    elif positive and value == 0:
        remedy = 'for no current write for example "Rest for 1 hour"'
    raise bad_step(step, f"{name_of(amount.kind)} {value:g} {unit} is not allowed ({allowed})", remedy)


def read_duration(text: str, step: str) -> float:
    """Read a time [s]: "30 minutes", "1/2 hour", "half an hour", "1 hour and 30 minutes"."""
    text = text.strip()
    total, at = 0.0, 0
    while at < len(text):
        part = _TIME.match(text, at)
        if not part:
            break
        unit = _known_unit(part[4])
        if unit is None or unit[0] != "duration":
            what = "unknown unit" if unit is None else f"unit of {name_of(unit[0])}, not of time,"
            raise bad_step(
                step, f"{what} {shown(part[4], 20)}", 'use s, min or h, for example "for 30 minutes"'
            )
        count = (0.5 if part[1].lower().startswith("half") else 1.0) if part[1] else _ratio(part[2], part[3])
        total += checked(Amount("duration", count * unit[1]), step)
        at = part.end()
    if not text or at < len(text):
        kind = read_amount(text[at:], step).kind  # its own error says what is wrong with number or unit
        wrong = f"{shown(text, 30)} is no time but a {name_of(kind)}"
        raise bad_step(step, wrong, 'use s, min or h, for example "for 30 minutes"')
    return checked(Amount("duration", total), step)
