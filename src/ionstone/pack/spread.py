r"""How the cells of a pack differ: drawn with a seed, so that the same pack comes out again.

A cell with the capacity factor $f$ and the resistance factor $r$ is the cell of the file with the area
$f A$ and a resistance in series that makes its terminals see $r R_0$:

$$ R_s = \left(r - \frac{1}{f}\right) R_0 $$

where $R_0$ is the resistance of the cell at once after a change of current, half charged. Both factors are
normal with mean 1, cut at three deviations. Validity: lost capacity leaves the other materials as they are
(less area), and the added resistance neither depends on temperature nor ages. Symbols: A electrode area
[m^2], R resistance [ohm]. Reference: own closure, no published law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.core.errors import InputError, nearest, shown
from ionstone.core.quantities import to_si

FloatArray = NDArray[np.float64]
#: deviations beyond which nothing is drawn
CUT = 3.0
#: widest spread that is taken: a cell three deviations off must still be a cell
WIDEST = 0.2
_UNITS = {"capacity": "", "resistance": "", "temperature": "K", "soc": "", "contact": ""}


@dataclass(frozen=True)
class Spread:
    """Standard deviations over the cells of a pack.

    ``capacity``, ``resistance`` and ``contact`` (of the joint of each cell) are shares of the mean,
    ``temperature`` [K] and ``soc`` are those at the start.
    """

    capacity: float = 0.0
    resistance: float = 0.0
    temperature: float = 0.0
    soc: float = 0.0
    contact: float = 0.0

    def __post_init__(self) -> None:
        for name, unit in _UNITS.items():
            value = getattr(self, name)
            if not value >= 0:
                raise InputError(f"spread.{name} is {value:g}: a standard deviation is 0 or more")
            most = 20.0 if unit else WIDEST
            if value > most:
                raise InputError(f"spread.{name} is {value:g} {unit}".rstrip() + f": give 0 to {most:g}")

    @classmethod
    def read(cls, value: Any) -> Spread:
        """A Spread of a Spread, a mapping, one number (capacity and resistance), or None."""
        if value is None or isinstance(value, cls):
            return value or cls()
        if isinstance(value, (int, float, str)) and not isinstance(value, bool):
            share = to_si(value, "", "spread")
            return cls(capacity=share, resistance=share)
        if not isinstance(value, Mapping):
            raise InputError(f"spread is {shown(value)}: give for example {{'capacity': '1 %'}}")
        for name in value:
            if name not in _UNITS:
                raise InputError(f"spread: unknown {shown(name)}: {nearest(str(name), _UNITS)}")
        return cls(**{name: _difference(v, _UNITS[name], f"spread.{name}") for name, v in value.items()})

    @property
    def none(self) -> bool:
        """Whether all cells are alike."""
        return not any(getattr(self, name) for name in _UNITS)


def _difference(value: Any, unit: str, name: str) -> float:
    """A difference in SI; kelvin and degrees Celsius are the same for a difference."""
    if isinstance(value, str) and unit == "K":
        value = value.replace("degC", "K").replace("°C", "K")
    return to_si(value, unit, name)


@dataclass(frozen=True)
class Aged:
    """Older cells among the fresh ones: their share, and what is left of capacity and resistance."""

    share: float
    capacity: float = 1.0
    resistance: float = 1.0

    def __post_init__(self) -> None:
        limits = {"share": (0.0, 1.0), "capacity": (0.3, 1.0), "resistance": (1.0, 10.0)}
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise InputError(f"aged.{name} is {value:g}: give {low:g} to {high:g}")

    @classmethod
    def read(cls, value: Any) -> Aged | None:
        """An Aged of an Aged, a mapping, or None."""
        if value is None or isinstance(value, cls):
            return value
        known = ("share", "capacity", "resistance")
        if not isinstance(value, Mapping) or "share" not in value:
            raise InputError(f"aged is {shown(value)}: give for example {{'share': 0.1, 'capacity': 0.85}}")
        for name in value:
            if name not in known:
                raise InputError(f"aged: unknown {shown(name)}: {nearest(str(name), known)}")
        return cls(**{name: to_si(v, "", f"aged.{name}") for name, v in value.items()})


@dataclass(frozen=True, eq=False)
class Drawn:
    """What was drawn, one value a cell: factors, differences of temperature [K] and state of charge."""

    capacity: FloatArray
    resistance: FloatArray
    temperature: FloatArray
    soc: FloatArray
    contact: FloatArray
    aged: NDArray[np.bool_]

    def blocked(self, count: int) -> Drawn:
        """The means of each ``count`` cells in a row: what a lane that stands for them has."""

        def mean(values: FloatArray) -> FloatArray:
            return values.reshape(-1, count).mean(axis=1)

        conductance = mean(1.0 / self.resistance)
        return Drawn(
            mean(self.capacity), 1.0 / conductance, mean(self.temperature), mean(self.soc),
            1.0 / mean(1.0 / self.contact), mean(self.aged.astype(float)) > 0.5,
        )  # fmt: skip


def draw(spread: Spread, aged: Aged | None, count: int, seed: int) -> Drawn:
    """Draw ``count`` cells. The same seed gives the same cells, whatever else is spread."""
    values = np.random.default_rng(seed).standard_normal((len(_UNITS), count))
    columns = dict(zip(_UNITS, np.clip(values, -CUT, CUT), strict=True))
    factor = {n: 1.0 + getattr(spread, n) * columns[n] for n in ("capacity", "resistance", "contact")}
    old = np.zeros(count, dtype=bool)
    if aged is not None:
        chosen = np.random.default_rng(seed + 1).permutation(count)[: round(aged.share * count)]
        old[chosen] = True
        factor["capacity"] = np.where(old, aged.capacity, 1.0) * factor["capacity"]
        factor["resistance"] = np.where(old, aged.resistance, 1.0) * factor["resistance"]
    return Drawn(
        factor["capacity"], factor["resistance"], spread.temperature * columns["temperature"],
        spread.soc * columns["soc"], factor["contact"], old,
    )  # fmt: skip
