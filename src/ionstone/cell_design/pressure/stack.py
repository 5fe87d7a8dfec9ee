"""The pressure on the stack of a cell over its charge: growth of each layer, stiffness, hardware."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

from ionstone.cell_design.balance import Window
from ionstone.cell_design.pressure import fixed_gap, fixed_pressure, spring
from ionstone.cell_design.pressure.breathing import composite_thickness, lithium_thickness
from ionstone.cell_design.pressure.stiffness import series_stiffness
from ionstone.core.errors import InputError

HARDWARE: dict[str, Callable[[float, float, float, float], float]] = {
    "fixed_pressure": fixed_pressure.pressure,
    "fixed_gap": fixed_gap.pressure,
    "spring": spring.pressure,
}


@dataclass(frozen=True)
class StackPressure:
    """Growth of one electrode pair from empty to full, and the pressures at both ends.

    ``growth``: of each layer [m], by name; ``stiffness``: of the pair [Pa/m]; ``soft``: the layers whose
    modulus is known, the others are taken as rigid; ``empty``, ``full``: pressures [Pa].
    """

    hardware: str
    growth: Mapping[str, float]
    stiffness: float
    soft: tuple[str, ...]
    empty: float
    full: float

    @property
    def breathing(self) -> float:
        """Growth of the pair [m] from empty to full."""
        return sum(self.growth.values())


def stack_pressure(
    kind: str, numbers: Mapping[str, float], window: Window, areal: float, planar: bool
) -> StackPressure:
    """The pressures of a cell; ``areal``: charge per area between the cut-offs [C/m^2]; ``stack_pressure`` is
    that of the empty cell. InputError where the pressure, or what the hardware needs, is missing.
    """
    if "stack_pressure" not in numbers:
        raise InputError("stack_pressure is missing: add for example `stack_pressure: 5 MPa`")
    growth = layers_growth(numbers, window, areal, planar)
    soft = tuple(
        name
        for name in ("negative", "separator", "positive")
        if _modulus(numbers, name) is not None and numbers.get(f"{name}.thickness", 0.0) > 0
    )
    stiffness = series_stiffness(
        [numbers[f"{name}.thickness"] for name in soft], [_modulus(numbers, name) or inf for name in soft]
    )
    empty, grown = numbers["stack_pressure"], sum(growth.values())
    if kind == "fixed_gap" and not soft and grown:
        raise InputError(
            "pressure.kind: fixed_gap needs the stiffness of at least one layer: add youngs_modulus to an"
            " electrode, or to the electrolyte of the separator"
        )
    held = 0.0
    if kind == "spring":
        if "pressure.spring_stiffness" not in numbers:
            raise InputError("pressure.spring_stiffness is missing: add it, for example 1e11 Pa/m, per area")
        held = numbers["pressure.spring_stiffness"] * numbers.get("format.layers", 1.0)
    full = HARDWARE[kind](empty, grown, stiffness, held)
    return StackPressure(kind, growth, stiffness, soft, empty, full)


def layers_growth(
    numbers: Mapping[str, float], window: Window, areal: float, planar: bool
) -> dict[str, float]:
    """Growth [m] of each layer that changes, from empty to full."""
    growth: dict[str, float] = {}
    if "positive.active_fraction" not in numbers:  # metal against metal
        for name, sign in (("negative", 1.0), ("positive", -1.0)):
            growth[name] = sign * lithium_thickness(areal, numbers[f"{name}.density"])
        return growth
    if planar:
        growth["negative"] = lithium_thickness(areal, numbers["negative.density"])
    for name in ("positive",) if planar else ("negative", "positive"):
        if f"{name}.volume_change" not in numbers:
            continue
        filled = getattr(window, f"{name}_at_full") - getattr(window, f"{name}_at_empty")
        share = numbers[f"{name}.active_fraction"] * numbers[f"{name}.utilisation"]
        thickness, change = numbers[f"{name}.thickness"], numbers[f"{name}.volume_change"]
        growth[name] = composite_thickness(thickness, share, change, filled)
    return growth


def _modulus(numbers: Mapping[str, float], name: str) -> float | None:
    own = numbers.get(f"{name}.youngs_modulus")
    return numbers.get("separator.electrolyte.youngs_modulus") if own is None and name == "separator" else own
