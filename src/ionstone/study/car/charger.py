"""A charger: the most power, current and voltage that it gives."""

from __future__ import annotations

from dataclasses import dataclass

from ionstone.core.errors import InputError, shown
from ionstone.core.quantities import to_si

_KINDS = {"kW": ("power", "W"), "W": ("power", "W"), "MW": ("power", "W"), "A": ("current", "A")}
_KINDS |= {"V": ("voltage", "V"), "kV": ("voltage", "V")}


@dataclass(frozen=True)
class Charger:
    """Ceilings of a charger at its plug: `power` [W], `current` [A], `voltage` [V]; None is no ceiling."""

    power: float | None = None
    current: float | None = None
    voltage: float | None = None

    def __post_init__(self) -> None:
        for name, unit in (("power", "W"), ("current", "A"), ("voltage", "V")):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1e8:
                raise InputError(f"charger: {name} of {value:g} {unit} is not above 0: give what it can give")

    @property
    def text(self) -> str:
        """The ceilings in words."""
        parts = ((self.power, 1e-3, "kW"), (self.current, 1.0, "A"), (self.voltage, 1.0, "V"))
        found = [f"{value * scale:g} {unit}" for value, scale, unit in parts if value is not None]
        return ", ".join(found) or "no limit of its own"


def read_charger(given: Charger | str | float | None) -> Charger:
    """Return a charger from "350 kW" or "350 kW, 500 A, 920 V", from a power [W], or one without limits."""
    if isinstance(given, Charger):
        return given
    if given is None:
        return Charger()
    if not isinstance(given, str):
        return Charger(power=float(given))
    found: dict[str, float] = {}
    for part in given.split(","):
        unit = part.strip().split(" ")[-1].lstrip("0123456789.")
        if unit not in _KINDS:
            raise InputError(
                f'charger: {shown(part.strip())} is no power, current or voltage: write "350 kW"'
            )
        name, base = _KINDS[unit]
        if name in found:
            raise InputError(f"charger: {shown(given)} names the {name} twice: name it once")
        found[name] = to_si(part.strip(), base, "charger")
    return Charger(**found)
