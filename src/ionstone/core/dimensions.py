"""Numbers that carry dimensions: a law called with them shows whether its units fit.

They work with the functions of ``core.ops``: sums and comparisons need equal dimensions, functions such as
exp need none.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ionstone.core.errors import InputError
from ionstone.core.units import NONE, Dimensions, parse_unit

_BASE = ("m", "kg", "s", "A", "K", "mol")


def text_of(dimensions: Dimensions) -> str:
    """Dimensions as a product of SI units: "kg m^2 s^-3 A^-1"."""
    parts = [f"{b}^{p:g}" if p != 1 else b for b, p in zip(_BASE, dimensions, strict=True) if p]
    return " ".join(parts) or "no unit"


@dataclass(frozen=True, eq=False)
class Dimensional:
    """A number with powers of the SI base units."""

    value: float
    dimensions: Dimensions = NONE

    @classmethod
    def of(cls, value: Any) -> Dimensional:
        """A number, which has no unit, or what has one already."""
        return value if isinstance(value, Dimensional) else cls(float(value))

    @classmethod
    def unit(cls, value: float, unit: str) -> Dimensional:
        """A value in SI with the dimensions of a unit text."""
        return cls(value, parse_unit(unit).dimensions)

    def _same(self, other: Any, doing: str) -> Dimensional:
        o = Dimensional.of(other)
        if o.dimensions != self.dimensions and not (o.value == 0 and o.dimensions == NONE):
            raise InputError(f"{doing} of {text_of(self.dimensions)} and {text_of(o.dimensions)}")
        return o

    def __add__(self, o: Any) -> Dimensional:
        return Dimensional(self.value + self._same(o, "sum").value, self.dimensions)

    def __radd__(self, o: Any) -> Dimensional:
        return self + o

    def __sub__(self, o: Any) -> Dimensional:
        return Dimensional(self.value - self._same(o, "difference").value, self.dimensions)

    def __rsub__(self, o: Any) -> Dimensional:
        return -(self - o)

    def __neg__(self) -> Dimensional:
        return Dimensional(-self.value, self.dimensions)

    def __pos__(self) -> Dimensional:
        return self

    def __abs__(self) -> Dimensional:
        return Dimensional(abs(self.value), self.dimensions)

    def __mul__(self, other: Any) -> Dimensional:
        o = Dimensional.of(other)
        return Dimensional(self.value * o.value, _add(self.dimensions, o.dimensions, 1.0))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Dimensional:
        o = Dimensional.of(other)
        return Dimensional(self.value / o.value, _add(self.dimensions, o.dimensions, -1.0))

    def __rtruediv__(self, other: Any) -> Dimensional:
        return Dimensional.of(other) / self

    def __pow__(self, power: Any) -> Dimensional:
        p = plain(power, "an exponent")
        return Dimensional(self.value**p, tuple(p * d for d in self.dimensions))

    def __rpow__(self, base: Any) -> Dimensional:
        return Dimensional(float(base) ** plain(self, "an exponent"))

    def __gt__(self, o: Any) -> bool:
        return self.value > self._same(o, "comparison").value

    def __lt__(self, o: Any) -> bool:
        return self.value < self._same(o, "comparison").value

    def __ge__(self, o: Any) -> bool:
        return self.value >= self._same(o, "comparison").value

    def __le__(self, o: Any) -> bool:
        return self.value <= self._same(o, "comparison").value


def _add(a: Dimensions, b: Dimensions, sign: float) -> Dimensions:
    return tuple(round(x + sign * y, 9) for x, y in zip(a, b, strict=True))


def plain(value: Any, what: str) -> float:
    """A number without unit; InputError for anything else."""
    v = Dimensional.of(value)
    if any(v.dimensions):
        raise InputError(f"{what} has the unit {text_of(v.dimensions)}: it must have none")
    return v.value


class _Ops:
    """What ``core.ops`` calls."""

    def __getattr__(self, name: str) -> Callable[[Any], Dimensional]:
        function = getattr(math, {"arcsinh": "asinh"}.get(name, name))
        return lambda x: Dimensional(function(plain(x, f"the argument of {name}")))

    @staticmethod
    def sqrt(x: Any) -> Dimensional:
        return Dimensional.of(x) ** 0.5

    @staticmethod
    def absolute(x: Any) -> Dimensional:
        return abs(Dimensional.of(x))

    @staticmethod
    def maximum(a: Any, b: Any) -> Dimensional:
        a, b = _both(a, b, "maximum")
        return a if a.value >= b.value else b

    @staticmethod
    def minimum(a: Any, b: Any) -> Dimensional:
        a, b = _both(a, b, "minimum")
        return a if a.value <= b.value else b

    @staticmethod
    def where(condition: Any, a: Any, b: Any) -> Dimensional:
        a, b = _both(a, b, "where")
        return a if condition else b


def _both(a: Any, b: Any, name: str) -> tuple[Dimensional, Dimensional]:
    a, b = Dimensional.of(a), Dimensional.of(b)
    if a.value == 0 and a.dimensions == NONE:
        a = Dimensional(0.0, b.dimensions)
    if b.value == 0 and b.dimensions == NONE:
        b = Dimensional(0.0, a.dimensions)
    a._same(b, name)
    return a, b


Dimensional._ionstone_ops = _Ops()  # type: ignore[attr-defined]
