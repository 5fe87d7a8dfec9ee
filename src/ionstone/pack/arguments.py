"""Arguments of a pack, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ionstone.core.config import load as read_config
from ionstone.core.errors import InputError, shown
from ionstone.core.quantities import to_si
from ionstone.pack.cooling import Cooling

#: controls of a step and their units
CONTROLS = {"power": "W", "current": "A", "c_rate": "1/h", "voltage": "V", "resistance": "ohm"}


def count_of(value: Any, name: str) -> int:
    """A whole number of 1 or more; InputError otherwise."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(f"{name} is {shown(value)}: give a whole number of 1 or more")
    return value


def resistance_of(value: Any, name: str) -> float:
    """A resistance [ohm] of 0 to 1 ohm; InputError otherwise."""
    number = to_si(value, "ohm", name)
    if not 0 <= number <= 1:
        raise InputError(f"{name} is {number:g} ohm: give 0 to 1 ohm, for example '50 uohm'")
    return number


def cooling_of(value: Any) -> Cooling:
    """A Cooling of a Cooling, a mapping, "none" or None; InputError otherwise."""
    if value is None or isinstance(value, Cooling):
        return value or Cooling()
    if value == "none":
        return read_config(Cooling, {"flow": 0.0}, "cooling")
    if not isinstance(value, Mapping):
        raise InputError(f"cooling is {shown(value)}: give a mapping, for example {{'coolant': '20 degC'}}")
    return read_config(Cooling, dict(value), "cooling")


def load_asked(rest: bool, **given: Any) -> tuple[str, float]:
    """The one load of a step, as control and value in SI; InputError where it is not one."""
    loads = [(name, v) for name, v in given.items() if v is not None]
    if len(loads) + bool(rest) != 1:
        raise InputError(f"step needs one load: give one of {', '.join(CONTROLS)}, rest")
    control, value = loads[0] if loads else ("current", 0.0)
    return control, to_si(value, CONTROLS[control], control)
