"""The limits of a charge: what breaks each of them, and the control that holds it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Literal

from ionstone.core.errors import InputError
from ionstone.experiment import Limit
from ionstone.pack import UniformPack
from ionstone.study.car.drive import operating_temperature
from ionstone.vehicle import Vehicle

if TYPE_CHECKING:
    from ionstone.pack.network import Pack
    from ionstone.study.car.charger import Charger

DEPLETED = 0.05  # share of the initial concentration that the electrolyte must keep (estimated; 0.02-0.1)
HOTTEST = 328.15  # K, 55 degC, usual ceiling of cells at a fast charger (recalled; 45-60 degC)
HEADROOM = 15.0  # K above an operating temperature


@dataclass(frozen=True)
class Ceiling:
    """One limit (a name of `rows.LIMITS`): what breaks it, and the control that holds it (none: a ladder).

    Voids grow on stripping only, so `void` never binds while charging.

    `recovered` is the limit that lets a ladder up again; `drift` shifts the violation on each rung of a
    ladder.
    """

    limit: str
    quantity: str
    direction: Literal["<", ">"]
    value: float
    control: str = ""
    hold: float = 0.0
    recovered: float = 0.0
    drift: float = 0.0

    @property
    def slow(self) -> bool:
        """Whether the limit works by a ladder of currents."""
        return not self.control

    def violation(self, then: int, rung: int = 0) -> Limit:
        """Return the end of a hold at which this limit would be broken."""
        return Limit(self.quantity, self.direction, self.value + rung * self.drift, then)

    def recovery(self, then: int) -> Limit:
        """Return the end of a rung at which its ladder may be climbed again."""
        return Limit(self.quantity, "<" if self.direction == ">" else ">", self.recovered, then)


@dataclass(frozen=True)
class ChargeLimits:
    """Ceilings of one cell while charging, SI, positive where they exist; None is no ceiling.

    `charger_power` [W], `charger_current` [A], `current` [A], `voltage` [V], `plating_potential` [V],
    `critical_current_ratio` [-], `temperature` [K], `concentration` [mol/m3].
    """

    charger_power: float | None = None
    charger_current: float | None = None
    current: float | None = None
    voltage: float | None = None
    plating_potential: float | None = None
    critical_current_ratio: float | None = None
    temperature: float | None = None
    concentration: float | None = None

    def ceilings(self) -> tuple[Ceiling, ...]:
        """Return the limits in the order in which a round holds them, broken a hair beyond what is held."""
        found: list[Ceiling] = []
        for name, value in (("charger", self.charger_current), ("current", self.current)):
            if value is not None:
                found.append(Ceiling(name, "current", "<", -value * 1.001, "current", -value))
        if self.charger_power is not None:
            power = self.charger_power
            found.append(Ceiling("charger", "power", "<", -power * 1.001, "power", -power))
        if self.critical_current_ratio is not None:
            ratio = self.critical_current_ratio
            name = "critical_current_ratio"
            found.append(Ceiling("critical_current", name, ">", ratio * 1.001, name, ratio))
        if self.plating_potential is not None:
            margin = self.plating_potential
            found.append(
                Ceiling("plating", "plating_potential", "<", margin - 1e-4, "plating_potential", margin)
            )
        if self.voltage is not None:
            found.append(Ceiling("voltage", "voltage", ">", self.voltage + 1e-4, "voltage", self.voltage))
        if self.temperature is not None:
            hot = self.temperature
            found.append(Ceiling("temperature", "temperature", ">", hot, recovered=hot - 2.0, drift=0.2))
        if self.concentration is not None:
            name, low = "minimum_electrolyte_concentration", self.concentration
            found.append(Ceiling("depletion", name, "<", low, recovered=2.0 * low, drift=-0.05 * low))
        return tuple(found)

    def at_least(self, start: float) -> ChargeLimits:
        """Return the ceilings for a charge that starts at a temperature [K]: 5 K above it are allowed."""
        return replace(self, temperature=max(self.temperature or HOTTEST, start + 5.0))

    def largest_current(self) -> float:
        """Return the largest current that charger and cell allow [A]. InputError where nothing limits it."""
        given = [value for value in (self.charger_current, self.current) if value is not None]
        if self.charger_power is not None and self.voltage is not None:
            given.append(self.charger_power / (0.75 * self.voltage))
        if not given:
            raise InputError("charge: neither charger power nor current is limited: give one of them")
        if min(given) <= 0:
            raise InputError("charge: a ceiling of charger power or current is not above 0: raise it")
        return min(given)


def charge_limits(
    cell: Any,
    pack: UniformPack | None = None,
    *,
    charger_power: float | None = None,
    charger_current: float | None = None,
    maximum_current: float | None = None,
    maximum_temperature: float | None = None,
    plating_margin: float | None = 0.0,
) -> ChargeLimits:
    """Return the ceilings of a cell; charger figures are the pack's, `maximum_current` [A] is the cell's.

    A porous negative electrode must stay above the potential of the metal by the margin [V] (None: it need
    not); a planar one must stay below its critical current density; a liquid electrolyte must not be
    depleted.
    """
    parameters = cell.parameters()
    s = parameters.scalars
    if (charger_power is not None or charger_current is not None) and pack is None:
        raise InputError("charge: a charger needs a pack: give pack=")
    porous = parameters.negative_kind == "porous"
    critical = s.get("negative.critical_current_density", inf)
    held = operating_temperature(cell)
    hottest = HOTTEST if held is None else max(HOTTEST, held + HEADROOM)
    return ChargeLimits(
        charger_power=None if charger_power is None or pack is None else pack.cell_power(charger_power),
        charger_current=None
        if charger_current is None or pack is None
        else pack.cell_current(charger_current),
        current=maximum_current,
        voltage=s["voltage.upper_cutoff"],
        plating_potential=plating_margin if porous else None,
        critical_current_ratio=1.0 if not porous and isfinite(critical) else None,
        temperature=hottest if maximum_temperature is None else maximum_temperature,
        concentration=least_concentration(cell),
    )


def least_concentration(cell: Any) -> float | None:
    """Return what an electrolyte with two mobile ions must keep [mol/m3]; None where the cell has none."""
    s = cell.parameters().scalars
    regions = [r for r in ("negative", "separator", "positive") if f"{r}.electrolyte.single_ion" in s]
    liquid = [r for r in regions if not s[f"{r}.electrolyte.single_ion"]]
    initial = min((s[f"{r}.electrolyte.initial_concentration"] for r in liquid), default=None)
    return None if initial is None else DEPLETED * initial


def check_voltage(cell: Any, pack: UniformPack | Pack, car: Vehicle | None, plug: Charger) -> None:
    """InputError where the pack's voltage is above what the car or the charger takes."""
    top = pack.series * float(cell.parameters().scalars["voltage.upper_cutoff"])
    own = car.charging.maximum_voltage if car else None
    who = (("charger", plug.voltage), (f"{car.name}: pack" if car else "", own.value if own else None))
    for name, ceiling in who:
        if ceiling is not None and top > ceiling * (1 + 1e-9):
            raise InputError(
                f"{name}: {pack.series} cells in series of {cell.name} reach {top:.0f} V, above the"
                f" {ceiling:g} V that it takes: use fewer in series (pack.design.voltage)"
            )


def charger_ceilings(car: Vehicle | None, plug: Charger) -> dict[str, float]:
    """Return the ceilings of car and charger, the lower of both, as `charge_limits` takes them."""
    figures: dict[str, float] = {}
    powers = [value for value in (car.charging.maximum_power.value if car else None, plug.power) if value]
    own = car.charging.maximum_current if car else None
    currents = [value for value in (own.value if own else None, plug.current) if value]
    if powers:
        figures["charger_power"] = min(powers)
    if currents:
        figures["charger_current"] = min(currents)
    return figures
