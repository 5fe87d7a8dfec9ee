"""What a protocol is made of: limits, profiles, steps. Plain frozen records in SI units.

Sign convention: current, C-rate, current density and power are positive on discharge, negative on charge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import Literal

from ionstone.experiment.messages import bad_protocol, bad_step

# Named outputs of a cell model that a step can hold or end on, with their SI units.
OUTPUTS: dict[str, str] = {
    "voltage": "V",
    "current": "A",
    "power": "W",
    "c_rate": "1/h",
    "current_density": "A/m^2",
    "temperature": "K",
    "discharge_capacity": "A*s",
    "soc": "1",
    "heat": "W",
    "plating_potential": "V",
    "minimum_electrolyte_concentration": "mol/m^3",
    "lithium_thickness": "m",
    "critical_current_ratio": "1",
    "void_current_ratio": "1",
    "negative_surface_stoichiometry_max": "1",
    "negative_surface_stoichiometry_min": "1",
    "positive_surface_stoichiometry_max": "1",
    "positive_surface_stoichiometry_min": "1",
    "abs_current": "A",
    "abs_c_rate": "1/h",
}
_UNITS = {name: unit if unit != "1" else "" for name, unit in OUTPUTS.items()} | {"resistance": "ohm"}

CURRENT_CONTROLS = ("current", "c_rate", "current_density")
CELL_ENDED_CONTROLS = (*CURRENT_CONTROLS, "power", "resistance")  # these drive the voltage to a cut-off


def _is_finite(value: object) -> bool:
    try:
        return not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(value)
    except OverflowError:
        return False


@dataclass(frozen=True)
class Limit:
    """An end of a step: `quantity` falls below (`"<"`) or rises above (`">"`) `value` [SI].

    `then` is the index of the step that follows when this limit ends the step: a later step of the same
    protocol, or the number of steps to end the protocol; None is the next step.
    """

    quantity: str
    direction: Literal["<", ">"]
    value: float
    then: int | None = None

    def __post_init__(self) -> None:
        if self.direction not in ("<", ">"):
            raise bad_step(self, f"direction {self.direction!r} of a limit", 'it is "<" or ">"')
        if not isinstance(self.quantity, str) or not self.quantity.isidentifier():
            raise bad_step(
                self, "a limit needs the name of an output", 'for example Limit("voltage", "<", 2.5)'
            )
        if not _is_finite(self.value):
            raise bad_step(self, f"limit value {self.value!r}", "a limit needs a finite number in SI units")
        if self.then is not None and (not isinstance(self.then, int) or self.then < 0):
            raise bad_step(self, f"then={self.then!r}", "it is None or the index of a later step, from 0")

    def describe(self) -> str:
        """The limit in words, in SI units."""
        return f"{self.quantity} {self.direction} {self.value:.6g} {_UNITS.get(self.quantity, '')}".strip()


@dataclass(frozen=True)
class Profile:
    """A load over time, linear between its samples: `time` [s] from 0, strictly rising; `value` [SI]."""

    time: tuple[float, ...]
    value: tuple[float, ...]

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "time", tuple(map(float, self.time)))
            object.__setattr__(self, "value", tuple(map(float, self.value)))
        except (TypeError, ValueError, OverflowError) as error:
            raise bad_protocol(
                f"a profile that is no rows of numbers ({error})", "give time and value"
            ) from None
        time, value = self.time, self.value
        if len(time) != len(value) or len(time) < 2:
            wrong = f"a profile with {len(time)} times and {len(value)} values"
            raise bad_protocol(wrong, "give two or more samples, one value for each time")
        if not all(map(math.isfinite, time)) or not all(map(math.isfinite, value)):
            raise bad_protocol("a profile holds a number that is not finite", "remove or fill in that sample")
        if time[0] != 0:
            raise bad_protocol(
                f"a profile starts at {time[0]:g} s", "its first time must be 0 s: shift the times"
            )
        for before, after in pairwise(time):
            if after <= before:
                wrong = f"the times of a profile do not rise: {after:.9g} s follows {before:.9g} s"
                raise bad_protocol(wrong, "sort the samples and drop repeated ones")

    @property
    def duration(self) -> float:
        """Length of the profile [s]."""
        return self.time[-1]


@dataclass(frozen=True)
class Step:
    """One control with its ends; the step is over at the first of them.

    control:  "current" [A], "c_rate" [1/h], "current_density" [A/m^2], "power" [W] (positive on discharge),
              "voltage" [V], "resistance" [ohm], "rest" (value 0), or another output to hold at `value`
    value:    a number in SI units or a Profile
    duration: the longest time [s]; None is without end in time (a profile: its own length)
    until:    limits
    text:     the step as written; made from the numbers if not given
    period:   spacing of the output [s]; None leaves it to the simulation
    """

    control: str
    value: float | Profile
    duration: float | None = None
    until: tuple[Limit, ...] = ()
    text: str = ""
    period: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "until", tuple(self.until))
        if isinstance(self.value, Profile) and self.duration is None:
            object.__setattr__(self, "duration", self.value.duration)
        self._check()
        if not self.text:
            object.__setattr__(self, "text", self.describe())

    def _check(self) -> None:
        shown = self.text or f"Step({self.control!r}, ...)"
        if not isinstance(self.control, str) or not self.control.isidentifier():
            raise bad_step(
                shown, f"control {self.control!r}", "it is the name of an output, current for example"
            )
        if not isinstance(self.value, Profile) and not _is_finite(self.value):
            raise bad_step(shown, f"value {self.value!r}", "give a finite number in SI units or a Profile")
        if self.control == "rest" and self.value != 0:
            raise bad_step(shown, "a rest has current 0", 'write Step("rest", 0.0, duration=3600)')
        for name in ("duration", "period"):
            value = getattr(self, name)
            if value is not None and not (_is_finite(value) and value > 0):
                raise bad_step(shown, f"{name} {value!r} s", f"a {name} is a number of seconds above 0")
        if not all(isinstance(limit, Limit) for limit in self.until):
            raise bad_step(
                shown, "until holds something else than limits", 'give (Limit("voltage", "<", 2.5),)'
            )
        if isinstance(self.value, Profile) and self.duration > self.value.duration:  # type: ignore[operator]
            wrong = f"it lasts {self.duration:g} s but its profile ends at {self.value.duration:g} s"
            raise bad_step(shown, wrong, "shorten the step, or repeat it: Repeat 2 times: [...]")

    @property
    def sign(self) -> int:
        """1 on discharge, -1 on charge, 0 where the step itself does not say (rest, hold, profile)."""
        if isinstance(self.value, Profile) or self.control not in CELL_ENDED_CONTROLS:
            return 0
        return (self.value > 0) - (self.value < 0)

    def describe(self) -> str:
        """The step in words, in SI units."""
        unit = _UNITS.get(self.control, "")
        value = "profile" if isinstance(self.value, Profile) else f"{self.value:.6g} {unit}".strip()
        words = "rest" if self.control == "rest" else f"{self.control} = {value}"
        ends = [f"for {self.duration:g} s"] if self.duration is not None else []
        ends += [f"until {limit.describe()}" for limit in self.until]
        return " ".join([words, " or ".join(ends)]).strip()


@dataclass(frozen=True)
class Protocol:
    """Steps in the order in which they run, repeats written out."""

    steps: tuple[Step, ...]
    text: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        if not all(isinstance(step, Step) for step in self.steps):
            raise bad_protocol(
                "it holds something else than steps", "use parse_protocol for texts and mixed lists"
            )
        if not self.text:
            object.__setattr__(self, "text", "; ".join(step.text for step in self.steps))

    def __len__(self) -> int:
        return len(self.steps)
