"""Units as people write them ("mAh/cm^2"), turned into a factor and dimensions without importing pint.

A unit text is a product of symbols with powers: `W/(m^2 K)`, `ohm*cm2`, `J kg^-1 K^-1`. What the
table does not hold goes to pint.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ionstone.core.errors import InputError, shown

Dimensions = tuple[float, ...]  # powers of (m, kg, s, A, K, mol)
NONE: Dimensions = (0.0,) * 6


class Unit(NamedTuple):
    """A unit: SI value = factor * number + offset."""

    factor: float
    offset: float
    dimensions: Dimensions
    per_particle: bool = False  # electron volts: an energy per particle, which is also an energy per mole


# dimensions of the coherent SI units                 m  kg  s  A  K  mol
_COHERENT: dict[str, tuple[int, ...]] = {
    "m": (1, 0, 0, 0, 0, 0), "kg": (0, 1, 0, 0, 0, 0), "s": (0, 0, 1, 0, 0, 0), "A": (0, 0, 0, 1, 0, 0),
    "K": (0, 0, 0, 0, 1, 0), "mol": (0, 0, 0, 0, 0, 1), "N": (1, 1, -2, 0, 0, 0), "J": (2, 1, -2, 0, 0, 0),
    "W": (2, 1, -3, 0, 0, 0), "V": (2, 1, -3, -1, 0, 0), "ohm": (2, 1, -3, -2, 0, 0),
    "S": (-2, -1, 3, 2, 0, 0),
    "C": (0, 0, 1, 1, 0, 0), "F": (-2, -1, 4, 2, 0, 0), "Pa": (-1, 1, -2, 0, 0, 0), "Hz": (0, 0, -1, 0, 0, 0),
}  # fmt: skip
_PREFIXES = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9}
# exact factors by definition (source: SI brochure, 9th edition; mile and inch: international yard of 1959)
_OTHER: dict[str, tuple[float, str]] = {
    "g": (1e-3, "kg"), "mg": (1e-6, "kg"), "ug": (1e-9, "kg"), "t": (1e3, "kg"),
    "cm": (1e-2, "m"), "dm": (1e-1, "m"), "angstrom": (1e-10, "m"), "mile": (1609.344, "m"),
    "inch": (2.54e-2, "m"),
    "min": (60.0, "s"), "minute": (60.0, "s"), "minutes": (60.0, "s"), "h": (3600.0, "s"),
    "hr": (3600.0, "s"),
    "hour": (3600.0, "s"), "hours": (3600.0, "s"), "second": (1.0, "s"), "seconds": (1.0, "s"),
    "sec": (1.0, "s"),
    "day": (86400.0, "s"), "days": (86400.0, "s"), "d": (86400.0, "s"),
    "Ah": (3600.0, "C"), "mAh": (3.6, "C"), "uAh": (3.6e-3, "C"), "kAh": (3.6e6, "C"),
    "Wh": (3600.0, "J"), "mWh": (3.6, "J"), "kWh": (3.6e6, "J"), "MWh": (3.6e9, "J"),
    "bar": (1e5, "Pa"), "mbar": (1e2, "Pa"), "atm": (101325.0, "Pa"),
    "Ohm": (1.0, "ohm"), "mOhm": (1e-3, "ohm"), "kOhm": (1e3, "ohm"), "Ω": (1.0, "ohm"), "mΩ": (1e-3, "ohm"),
}  # fmt: skip
_ELECTRON_VOLT = 1.602176634e-19  # J, exact (SI)
_SPELLINGS = {
    "µ": "u",
    "μ": "u",
    "Ω": "Ω",
    "°C": "degC",
    "℃": "degC",
    "·": "*",
    "²": "^2",
    "³": "^3",
    "−": "-",
}


@lru_cache(maxsize=1)
def _table() -> dict[str, Unit]:
    table = {"": Unit(1.0, 0.0, NONE), "1": Unit(1.0, 0.0, NONE), "%": Unit(0.01, 0.0, NONE),
             "percent": Unit(0.01, 0.0, NONE), "ppm": Unit(1e-6, 0.0, NONE),
             "USD": Unit(1.0, 0.0, NONE)}  # fmt: skip
    for symbol, powers in _COHERENT.items():
        dimensions = tuple(float(p) for p in powers)
        table[symbol] = Unit(1.0, 0.0, dimensions)
        if symbol != "kg":
            for prefix, factor in _PREFIXES.items():
                table[prefix + symbol] = Unit(factor, 0.0, dimensions)
    for symbol, (factor, base) in _OTHER.items():
        table[symbol] = Unit(factor, 0.0, table[base].dimensions)
    litre = tuple(3 * p for p in table["m"].dimensions)
    for symbol, factor in {"L": 1e-3, "l": 1e-3, "mL": 1e-6, "ml": 1e-6, "uL": 1e-9}.items():
        table[symbol] = Unit(factor, 0.0, litre)
    for symbol in ("degC", "celsius"):
        table[symbol] = Unit(1.0, 273.15, table["K"].dimensions)  # exact (SI)
    table["eV"] = Unit(_ELECTRON_VOLT, 0.0, table["J"].dimensions, per_particle=True)
    table["meV"] = Unit(1e-3 * _ELECTRON_VOLT, 0.0, table["J"].dimensions, per_particle=True)
    return table


_FACTOR = re.compile(r"\s*([*/]?)\s*(\(|[A-Za-zΩ%]+|1(?![\d.]))\s*")
_POWER = re.compile(r"\s*(?:\^|\*\*)?\s*([+-]?\d+(?:\.\d+)?)")


def _parse(text: str, position: int, depth: int) -> tuple[float, list[float], int]:
    """Read a product from position to its end or closing bracket; return factor, dimensions, new position."""
    factor, powers = 1.0, [0.0] * 6
    while position < len(text):
        if text[position] == ")":
            return factor, powers, position
        match = _FACTOR.match(text, position)
        if match is None or depth > 4:
            raise KeyError(text)
        position = match.end()
        if match[2] == "(":
            item, item_powers, position = _parse(text, position, depth + 1)
            if position >= len(text):
                raise KeyError(text)
            position += 1
        else:
            unit = _table()[match[2]]
            if unit.offset or unit.per_particle:
                raise KeyError(text)
            item, item_powers = unit.factor, list(unit.dimensions)
        exponent = 1.0
        if power := _POWER.match(text, position):
            exponent, position = float(power[1]), power.end()
        if match[1] == "/":
            exponent = -exponent
        if abs(exponent) > 9:
            raise KeyError(text)
        factor *= item**exponent
        powers = [a + exponent * b for a, b in zip(powers, item_powers, strict=True)]
        while position < len(text) and text[position] == " ":
            position += 1
    return factor, powers, position


@lru_cache(maxsize=1024)
def parse_unit(text: str) -> Unit:
    """Return the Unit of a text such as "mAh/cm^2". InputError for an unknown unit."""
    plain = text.strip()
    for spelling, ours in _SPELLINGS.items():
        plain = plain.replace(spelling, ours)
    if plain in _table():
        return _table()[plain]
    try:
        factor, powers, end = _parse(plain, 0, 0)
        if end != len(plain):
            raise KeyError(plain)
    except KeyError:
        return _with_pint(plain)
    return Unit(factor, 0.0, tuple(powers))


def _with_pint(text: str) -> Unit:
    """Ask pint for a unit that the table does not hold ("psi", "degF", "lb")."""
    problem = InputError(f"unit {shown(text)} is unknown: use for example um, mAh/cm^2, degC, MPa, S/m")
    if len(text) > 40 or not re.fullmatch(r"[A-Za-z0-9*/^() .+\-]+", text) or re.search(r"\d{3}", text):
        raise problem
    try:
        registry = _registry()
    except ImportError:
        raise problem from None
    base = {"[length]": 0, "[mass]": 1, "[time]": 2, "[current]": 3, "[temperature]": 4, "[substance]": 5}
    try:
        one = registry.Quantity(1.0, text).to_base_units()
        zero = registry.Quantity(0.0, text).to_base_units()
        powers = [0.0] * 6
        for name, power in one.dimensionality.items():
            powers[base[name]] = float(power)
        offset = float(zero.magnitude)
        return Unit(float(one.magnitude) - offset, offset, tuple(powers))
    except Exception:  # pint raises many kinds; each means: not a unit we know
        raise problem from None


@lru_cache(maxsize=1)
def _registry():  # type: ignore[no-untyped-def]
    import pint

    return pint.UnitRegistry()
