"""Mass and volume of a cell from its layers, foils, electrolyte in the pores, housing and free space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LITHIUM_MOLAR_MASS = 6.94e-3  # kg/mol, IUPAC conventional atomic weight
FARADAY = 96485.33212331001  # C/mol, exact product of the SI's e and N_A


@dataclass(frozen=True)
class Part:
    """A part of the cell: mass [kg], volume in the stack [m^3], and what its density is from."""

    name: str
    mass: float
    volume: float


@dataclass(frozen=True)
class Stack:
    """All parts of a cell; per cell, not per area."""

    parts: tuple[Part, ...]

    @property
    def mass(self) -> float:
        """Mass of all parts [kg]."""
        return sum(part.mass for part in self.parts)

    @property
    def volume(self) -> float:
        """Volume of layers and foils [m^3]."""
        return sum(part.volume for part in self.parts)


def build_stack(
    numbers: Mapping[str, float], planar: bool, cycled_lithium: float, metals: bool = False
) -> Stack:
    """Return the parts of a cell.

    A foil is coated on both sides, so half of its thickness belongs to one electrode. `cycled_lithium` is
    the charge that plates on a planar negative electrode [C/m^2]; it counts as a layer of metal at full
    charge. `metals`: the positive electrode is metal, too; then the cycled lithium is part of the negative's.
    """
    area = numbers["format.electrode_area"]
    parts: list[Part] = []
    electrodes = () if metals else ("positive",) if planar else ("negative", "positive")
    for name in electrodes:
        parts += _porous(numbers, name, area)
    for name in ("negative", "positive") if metals else ():
        thickness = numbers[f"{name}.thickness"]
        mass = thickness * numbers[f"{name}.density"] * area
        parts.append(Part(f"{name} lithium", mass, thickness * area))
    if planar and not metals:
        density = numbers["negative.density"]
        cycled = cycled_lithium * LITHIUM_MOLAR_MASS / (FARADAY * density)
        thickness = numbers["negative.thickness"] + cycled
        # the cycled lithium is weighed in the positive electrode, where it sits when the cell is assembled
        mass = numbers["negative.thickness"] * density * area
        parts.append(Part("negative lithium", mass, thickness * area))
    parts += _separator(numbers, area)
    for name in ("negative", "positive"):
        foil = numbers.get(f"{name}.current_collector.thickness")
        if foil is not None:
            volume = 0.5 * foil * area
            parts.append(Part(f"{name} foil", volume * numbers[f"{name}.current_collector.density"], volume))
    for key, label in (
        ("housing_mass", "housing"),
        ("tab_mass", "tabs"),
        ("excess_electrolyte", "excess electrolyte"),
    ):
        parts.append(Part(label, numbers[f"format.{key}"], 0.0))
    return Stack(tuple(parts))


def _left(share: float) -> float:
    """What is left of a volume, at least nothing; also of many designs at once."""
    return share * (share > 0) + 0.0


def _porous(numbers: Mapping[str, float], name: str, area: float) -> list[Part]:
    volume = numbers[f"{name}.thickness"] * area
    active, pores = numbers[f"{name}.active_fraction"], numbers[f"{name}.porosity"]
    inactive = _left(1.0 - active - pores - numbers[f"{name}.void_fraction"])
    return [
        Part(f"{name} active material", active * volume * numbers.get(f"{name}.density", 0.0), volume),
        Part(f"{name} inactive material", inactive * volume * numbers[f"{name}.inactive_density"], 0.0),
        Part(f"{name} electrolyte", pores * volume * numbers.get(f"{name}.electrolyte.density", 0.0), 0.0),
    ]


def _separator(numbers: Mapping[str, float], area: float) -> list[Part]:
    volume = numbers["separator.thickness"] * area
    pores = numbers["separator.porosity"]
    skeleton = _left(1.0 - pores - numbers["separator.void_fraction"])
    return [
        Part("separator skeleton", skeleton * volume * numbers.get("separator.density", 0.0), volume),
        Part(
            "separator electrolyte", pores * volume * numbers.get("separator.electrolyte.density", 0.0), 0.0
        ),
    ]


def outer_volume(numbers: Mapping[str, float], stack: Stack) -> float:
    """Return the outer volume [m^3] computed from the stack, the unfilled share and the housing's volume."""
    return stack.volume / (1.0 - numbers["format.overhead"]) + numbers["format.housing_volume"]
