"""What the stack pressure of a cell file changes at the build: contact, resistances of interfaces, limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from ionstone.cell_design.contact import doux2020 as doux_contact
from ionstone.cell_design.contact import full_contact
from ionstone.cell_design.limits import fracture, kasemchainan2019, no_limit, wang2019
from ionstone.cell_design.limits.base import Threshold
from ionstone.core.errors import InputError

CONTACT: dict[str, Callable[[Any, Any, Any, Any, Any], Any]] = {
    "given": full_contact.contact_fraction,
    "doux2020": doux_contact.contact_fraction,
}
VOIDS: dict[str, Callable[[float], Threshold]] = {
    "no_limit": no_limit.void_current_density,
    "kasemchainan2019": kasemchainan2019.void_current_density,
    "wang2019": wang2019.void_current_density,
}
#: numbers that these laws read, by layer; with stack_pressure and pressure.highest_pressure
READ = {
    "negative": (
        "contact_fraction",
        "contact.half_pressure",
        "contact.exponent",
        "contact.release_exponent",
        "interphase_resistance",
        "critical_current_density",
        "void_current_density",
        "flaw",
    ),
    "positive": (
        "contact_fraction",
        "contact.half_pressure",
        "contact.exponent",
        "contact.release_exponent",
    ),
    "separator": (
        "interface_resistance_negative",
        "interface_resistance_positive",
        "electrolyte.fracture_toughness",
    ),
}
PATHS = (
    "stack_pressure",
    "pressure.highest_pressure",
    *(f"{layer}.{key}" for layer, keys in READ.items() for key in keys),
)


def pressure_of(numbers: Mapping[str, float], what: str) -> float:
    """The stack pressure [Pa]; InputError, naming what needs it, where it is missing."""
    if "stack_pressure" not in numbers:
        raise InputError(
            f"stack_pressure is missing: {what} needs it: add for example `stack_pressure: 5 MPa`"
        )
    return numbers["stack_pressure"]


def contact_of(choices: Mapping[str, Any], numbers: Mapping[str, float], name: str) -> float:
    """The share of contact [-] that the pressure leaves at an electrode, 1 where the file gives it."""
    law = str(choices.get(f"{name}.contact.law", "given"))
    if law == "given":
        return 1.0
    pressure = max(pressure_of(numbers, f"{name}.contact"), doux_contact.LOWEST_PRESSURE)
    highest = max(pressure, numbers.get("pressure.highest_pressure", 0.0))
    values = (numbers[f"{name}.contact.{k}"] for k in ("half_pressure", "exponent", "release_exponent"))
    return float(CONTACT[law](pressure, highest, *values))


def pressed(choices: Mapping[str, Any], numbers: Mapping[str, float]) -> dict[str, float]:
    """Scalars of the models that depend on the pressure: contact fractions, resistances, limits."""
    planar = choices["negative.kind"] != "porous"
    out: dict[str, float] = {}
    for name in ("negative", "positive"):
        contact = contact_of(choices, numbers, name)
        out[f"{name}.contact_fraction"] = numbers[f"{name}.contact_fraction"] * contact
        key = f"separator.interface_resistance_{name}"
        out[key] = numbers[key] / contact
        if choices[f"{name}.kind"] in ("lithium", "anode_free"):
            out[f"{name}.interphase_resistance"] = numbers[f"{name}.interphase_resistance"] / contact
    if planar:
        out["negative.void_current_density"] = void_limit(choices, numbers).value
        resistance = out["negative.interphase_resistance"] + out["separator.interface_resistance_negative"]
        out["negative.critical_current_density"] = filament_limit(choices, numbers, resistance)
    return out


def moving(
    choices: Mapping[str, Any], numbers: Mapping[str, float], empty: float, full: float
) -> dict[str, float]:
    """Scalars of the models whose contact follows the pressure of a breathing cell; none where it cannot.

    ``empty``, ``full``: pressures of the empty and the full cell [Pa].
    """
    laws = {n: str(choices.get(f"{n}.contact.law", "given")) for n in ("negative", "positive")}
    if empty == full or set(laws.values()) == {"given"}:
        return {}
    lowest = doux_contact.LOWEST_PRESSURE
    out = {
        "contact.empty_pressure": empty,
        "contact.full_pressure": full,
        "contact.highest_pressure": max(numbers.get("pressure.highest_pressure", 0.0), empty, lowest),
    }
    for name, law in laws.items():
        if law != "given":
            out[f"{name}.contact.share"] = contact_of(choices, numbers, name)
            for key in ("half_pressure", "exponent", "release_exponent"):
                out[f"{name}.contact.{key}"] = numbers[f"{name}.contact.{key}"]
    return out


def void_limit(choices: Mapping[str, Any], numbers: Mapping[str, float]) -> Threshold:
    """Current density [A/m^2] at which voids open on stripping."""
    law = str(choices.get("negative.void_law", "given"))
    if law == "given":
        return Threshold(numbers.get("negative.void_current_density", inf))
    return VOIDS[law](pressure_of(numbers, "negative.void_law"))


def filament_limit(choices: Mapping[str, Any], numbers: Mapping[str, float], resistance: float) -> float:
    """Current density [A/m^2] at which filaments grow, at an area-specific resistance [ohm m^2]."""
    if str(choices.get("negative.filament_law", "given")) == "given":
        return numbers.get("negative.critical_current_density", inf)
    for path in ("negative.flaw", "separator.electrolyte.fracture_toughness"):
        if path not in numbers:
            raise InputError(f"{path} is missing: negative.filament_law: fracture needs it: add it")
    toughness, flaw = numbers["separator.electrolyte.fracture_toughness"], numbers["negative.flaw"]
    return fracture.critical_current_density(toughness, flaw, resistance)
