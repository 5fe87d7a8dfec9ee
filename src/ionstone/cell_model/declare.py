"""What a user's law file is written with: parameters with unit and bounds, and local states that grow."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ionstone.core.quantities import Quantity, to_si

__all__ = ["LawParameter", "State", "parameter", "state"]


@dataclass(frozen=True)
class LawParameter:
    """A parameter that a law adds: value in SI, unit, allowed range, where it is from."""

    value: float
    unit: str
    lower: float = -math.inf
    upper: float = math.inf
    source: str = ""
    evidence: str = "estimated"
    description: str = ""

    def read(self, value: object, name: str) -> float:
        """The checked SI value of a number or text; InputError names ``name``."""
        return Quantity(name, self.unit, self.lower, self.upper, self.description).read(value)


def parameter(
    value: float | str,
    unit: str = "1",
    *,
    lower: float | str | None = None,
    upper: float | str | None = None,
    source: str = "",
    evidence: str = "estimated",
    description: str = "",
) -> Any:
    """A parameter of an own law, written as the default of an argument: ``rate=parameter("1 nm/h", "m/s")``.

    value: a number in SI or a text with its unit. unit: SI. lower, upper: bounds within which the value may
    be changed. source, evidence, description: where it is from and what it is. Raises InputError for a value
    of the wrong kind or out of bounds.
    """
    low = -math.inf if lower is None else to_si(lower, unit, "lower")
    high = math.inf if upper is None else to_si(upper, unit, "upper")
    made = LawParameter(to_si(value, unit, "value"), unit, low, high, source, evidence, description)
    made.read(made.value, "parameter")
    return made


@dataclass(frozen=True)
class State:
    """A quantity of each node of an electrode that changes by a law of its rate."""

    rate: Callable[..., Any]
    initial: LawParameter

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The rate of change."""
        return self.rate(*args, **named)


def state(initial: float | str, unit: str = "1", **record: Any) -> Callable[[Callable[..., Any]], State]:
    """Decorator: the function is the rate of change of a new local state [unit/s].

    initial: value at the start of a run, a number in SI or a text with its unit; unit: SI. Other keywords as
    of ``parameter``. The state is an argument of every law of its electrode, under the name it is given
    there, and its least and largest values over the nodes are outputs of the run.
    """
    first = parameter(initial, unit, **record)
    return lambda rate: State(rate, first)
