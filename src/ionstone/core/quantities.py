"""Quantities at the door: friendly text to SI and back, and one record per quantity."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ionstone.core.errors import InputError, shown
from ionstone.core.units import parse_unit

_NUMBER = re.compile(r"\s*([+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL)
_AVOGADRO = 6.02214076e23  # 1/mol, exact (SI)

# for showing a number: SI unit -> ((friendly unit, smallest magnitude shown in it), ...), large first
_FRIENDLY: dict[str, tuple[tuple[str, float], ...]] = {
    "m": (("km", 1e3), ("m", 1.0), ("mm", 1e-3), ("um", 1e-7), ("nm", 0.0)),
    "m^2": (("m^2", 1e-3), ("cm^2", 0.0)),
    "m^3": (("m^3", 1.0), ("L", 1e-4), ("mL", 0.0)),
    "kg": (("t", 1e4), ("kg", 1.0), ("g", 0.0)),
    "s": (("h", 3600.0), ("min", 120.0), ("s", 0.0)),
    "A*s": (("Ah", 360.0), ("mAh", 0.0)),
    "J": (("kWh", 3.6e6), ("Wh", 0.0)),
    "J/kg": (("Wh/kg", 0.0),),
    "J/m^3": (("Wh/L", 0.0),),
    "J/K": (("kJ/K", 1e4), ("J/K", 0.0)),
    "A*s/kg": (("mAh/g", 0.0),),
    "Pa": (("GPa", 1e9), ("MPa", 1e4), ("Pa", 0.0)),
    "K": (("degC", 200.0), ("K", 0.0)),
    "J/mol": (("kJ/mol", 1e3), ("J/mol", 0.0)),
    "ohm*m^2": (("ohm*m^2", 1e-1), ("ohm*cm^2", 0.0)),
    "A": (("A", 0.1), ("mA", 0.0)),
    "V": (("V", 0.1), ("mV", 0.0)),
    "W": (("kW", 1e4), ("W", 0.0)),
}

EXAMPLES = {
    "m": '"85 um"',
    "m^2": '"0.1 m^2"',
    "kg": '"70 g"',
    "s": '"10 min"',
    "A*s": '"5 Ah"',
    "K": '"25 degC"',
    "1": "0.3",
    "": "0.3",
    "V": '"4.2 V"',
    "A": '"5 A"',
    "W": '"20 W"',
    "Pa": '"5 MPa"',
    "J/mol": '"35 kJ/mol"',
    "ohm*m^2": '"10 ohm*cm^2"',
    "A/m^2": '"3 mA/cm^2"',
}


@lru_cache(maxsize=4096)
def _text_to_si(text: str, unit: str) -> float:
    """Read "85 um" for a quantity of the kind of `unit`; InputError without the field's name."""
    match = _NUMBER.fullmatch(text) if len(text) <= 80 else None
    if match is None:
        raise InputError(f"{shown(text)} is not a number with a unit: write for example {example(unit)}")
    number, written = float(match[1]), match[2]
    if not written:
        return number
    given, wanted = parse_unit(written), parse_unit(unit)
    value = (
        float(Decimal(match[1]) * Decimal(repr(given.factor))) + given.offset
    )  # decimal: "85 um" is 8.5e-05
    if given.dimensions == wanted.dimensions:
        return value
    if given.per_particle and wanted.dimensions == parse_unit("J/mol").dimensions:
        return value * _AVOGADRO
    kind = "a number without a unit" if unit in ("1", "") else f"a quantity in {unit}"
    raise InputError(
        f"{shown(text)} has a unit of the wrong kind: {kind} is needed, for example {example(unit)}"
    )


def to_si(value: object, unit: str, name: str = "") -> float:
    """Return the SI value of a number or a text such as "85 um", "3 mAh/cm^2", "60 degC", "50%", "0.39 eV".

    `unit` states the kind of quantity ("m", "A*s", "J/mol", "1"); plain numbers, and texts without a unit,
    are SI. InputError, one line naming `name`, for a unit of another kind or unknown, or no finite number.
    """
    before = f"{name}: " if name else ""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        try:
            value = float(value.item())  # type: ignore[attr-defined]  # numpy scalars
        except (AttributeError, TypeError, ValueError):
            raise InputError(
                f"{before}{shown(value)} is not a number: write for example {example(unit)}"
            ) from None
    if isinstance(value, str):
        try:
            number = _text_to_si(value, unit)
        except InputError as error:
            raise InputError(f"{before}{error}") from None
    else:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    if not math.isfinite(number):
        raise InputError(f"{before}{shown(value)} is not a finite number: write for example {example(unit)}")
    return number


def example(unit: str) -> str:
    """Return an example of a number of this kind as a person would write it."""
    return EXAMPLES.get(unit, f'"1 {unit}"')


def format_si(value: float, unit: str, digits: int = 5) -> str:
    """Return friendly text for an SI value: format_si(8.5e-5, "m") is "85 um"."""
    if value is None or not math.isfinite(value):
        return "none" if value is None or math.isnan(value) else ("no limit" if value > 0 else "-inf")
    for friendly, smallest in _FRIENDLY.get(unit, ()):
        if abs(value) >= smallest and (value != 0 or smallest == 0.0):
            record = parse_unit(friendly)
            return f"{_digits((value - record.offset) / record.factor, digits)} {friendly}"
    return _digits(value, digits) + ("" if unit in ("1", "") else f" {unit}")


def _digits(number: float, digits: int) -> str:
    """A number with so many digits; written out where an exponent would be no shorter."""
    text = f"{number:.{digits}g}"
    return f"{float(text):.0f}" if "e+" in text and abs(number) < 1e6 else text


def format_parameter(path: str, value: float, unit: str, digits: int = 5) -> str:
    """Return friendly text for a parameter; the constants of a temperature law stay in kelvin."""
    if path.endswith(("_B", "_T0")):
        return f"{value:.{digits}g} K"
    return format_si(value, unit, digits)


def format_range(path: str, low: float, high: float, unit: str) -> str:
    """Return friendly text for the range of a parameter, its unit once: "5 to 20 um"."""
    first, last = (format_parameter(path, end, unit) for end in (low, high))
    number, _, word = first.partition(" ")
    return f"{number if word and last.endswith(f' {word}') else first} to {last}"


@dataclass(frozen=True)
class Quantity:
    """One record per quantity: unit [SI], allowed range, what it is; read by validator, `show` and docs."""

    name: str
    unit: str
    lower: float = -math.inf
    upper: float = math.inf
    description: str = ""
    symbol: str = ""
    open_lower: bool = False  # the lower bound itself is not allowed (a thickness of zero)

    def allowed(self) -> str:
        """Return the allowed range as text: "1 nm to 5 mm"."""
        if math.isinf(self.lower) and math.isinf(self.upper):
            return "any finite number"
        if math.isinf(self.upper):
            return ("above " if self.open_lower else "at least ") + format_si(self.lower, self.unit)
        if math.isinf(self.lower):
            return "at most " + format_si(self.upper, self.unit)
        low = ("above " if self.open_lower else "") + format_si(self.lower, self.unit)
        return f"{low} to {format_si(self.upper, self.unit)}"

    def check(self, value: float, name: str | None = None) -> float:
        """Return value where it lies in the allowed range; else InputError naming the field and the range."""
        inside = self.lower < value if self.open_lower else self.lower <= value
        if inside and value <= self.upper:
            return value
        field = self.name if name is None else name
        before = f"{field}: " if field else ""
        raise InputError(
            f"{before}{format_si(value, self.unit)} is outside the allowed range {self.allowed()}"
            f" ({self.description or self.name}): change it"
        )

    def read(self, value: object, name: str | None = None) -> float:
        """Return the checked SI value of a number or friendly text; InputError names `name`."""
        return self.check(to_si(value, self.unit, self.name if name is None else name), name)
