"""A pack of cells that are all alike, by mass or by volume."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ionstone.core.errors import InputError
from ionstone.pack.config import INSULATION, PACK_HEIGHT, PLAIN_CONDUCTANCE, STRUCTURE_HEAT, PackDesign
from ionstone.pack.hardware import pressure_hardware


@dataclass(frozen=True)
class UniformPack:
    """A pack, SI units.

    The number of cells in series is an integer chosen for the voltage class; the number of strings in
    parallel is a real number of *equivalent strings*, so that packs of different cells match in mass (or
    volume) exactly and a comparison is not blurred by rounding to whole strings.
    """

    cell: str
    series: int
    strings: float
    voltage: float
    nominal_energy: float
    mass: float
    volume: float
    cells_mass: float
    cells_volume: float
    pressure_mass: float
    heat_capacity: float
    conductance: float
    cooling_conductance: float
    cell_mass_fraction: float
    cell_volume_fraction: float
    sources: tuple[str, ...] = ()

    @property
    def n_cells(self) -> float:
        """Number of cells (real: series times equivalent strings)."""
        return self.series * self.strings

    @property
    def specific_energy(self) -> float:
        """Nominal energy per mass of the pack [J/kg]."""
        return self.nominal_energy / self.mass

    @property
    def energy_density(self) -> float:
        """Nominal energy per volume of the pack [J/m^3]."""
        return self.nominal_energy / self.volume

    def cell_power(self, pack_power: Any) -> Any:
        """Power of one cell [W] at a power of the pack [W]; all cells are alike."""
        return pack_power / self.n_cells

    def cell_current(self, pack_current: float) -> float:
        """Current of one cell [A] at a current of the pack [A]."""
        return pack_current / self.strings

    def scaled_to_energy(self, energy: float) -> UniformPack:
        """Return the same kind of pack at another nominal energy [J], all extensive figures in proportion."""
        s = energy / self.nominal_energy
        return replace(
            self, strings=s * self.strings, nominal_energy=energy, mass=s * self.mass, volume=s * self.volume,
            cells_mass=s * self.cells_mass, cells_volume=s * self.cells_volume,
            pressure_mass=s * self.pressure_mass, heat_capacity=s * self.heat_capacity,
            conductance=s * self.conductance,
            cooling_conductance=s * self.cooling_conductance,
        )  # fmt: skip

    def with_mass(self, mass: float) -> UniformPack:
        """Return the same cells in a pack of another mass [kg]: a heavier or lighter housing."""
        return replace(self, mass=mass, cell_mass_fraction=self.cells_mass / mass)


def outer_area(volume: float) -> float:
    """Outer area [m^2] of a floor pack of a volume [m^3]: faces and rim of a plate twice as long as wide."""
    height = PACK_HEIGHT.value
    face = volume / height
    return 2 * face + 3 * (2 * face) ** 0.5 * height


def build_pack(
    cell: Any,
    design: PackDesign | None = None,
    *,
    mass: float | None = None,
    volume: float | None = None,
    cell_energy: float | None = None,
    heated: bool = False,
) -> UniformPack:
    """Build the pack of a given mass [kg] or a given volume [m^3] (exactly one of both) from a cell.

    `cell_energy` [J] is the nominal energy of one cell (default: between the cut-offs at rest). `heated`
    packs carry thermal insulation. Cells that need stack pressure get the hardware of
    `ionstone.pack.hardware`, with gas where they breathe. InputError where not one of mass and volume is
    given, or is not positive, or the cell stores nothing.
    """
    design = design or PackDesign()
    if (mass is None) == (volume is None):
        raise InputError("pack: give exactly one of mass and volume")
    given = mass if mass is not None else volume
    if given is None or not 0 < given < 1e6:
        raise InputError(f"pack: a {'mass' if volume is None else 'volume'} of {given}: give one above 0")
    kind = cell_format(cell)
    held = pressure_hardware(cell)
    energy = float(cell.open_circuit_energy) if cell_energy is None else cell_energy
    if not energy > 0:
        raise InputError(f"pack: {cell.name} stores no energy between its cut-offs: use another cell")
    mass_ratio, volume_ratio = design.mass_ratio(kind, energy / cell.mass), design.volume_ratio(kind)
    pack_per_cell_mass = design.mass_per_cells(kind, energy / cell.mass, held)
    pack_per_cell_volume = design.volume_per_cells(kind, held)
    if mass is not None:
        n = mass / (cell.mass * pack_per_cell_mass)
    else:
        n = given / (cell.volume * pack_per_cell_volume)
    cell_voltage = energy / cell.parameters().scalars["nominal_capacity"]
    series = max(1, round(design.voltage.value / cell_voltage))
    cells_mass, cells_volume = n * cell.mass, n * cell.volume
    pack_mass, pack_volume = cells_mass * pack_per_cell_mass, cells_volume * pack_per_cell_volume
    cell_heat = float(cell.parameters().scalars["thermal.heat_capacity"])
    if design.conductance is not None:
        conductance = design.conductance.value
    else:
        conductance = INSULATION.value * outer_area(pack_volume) if heated else PLAIN_CONDUCTANCE.value
    return UniformPack(
        cell=str(cell.name), series=series, strings=n / series, voltage=series * cell_voltage,
        nominal_energy=n * energy, mass=pack_mass, volume=pack_volume,
        cells_mass=cells_mass, cells_volume=cells_volume,
        pressure_mass=0.0 if held is None else cells_mass * held.mass_fraction,
        heat_capacity=n * cell_heat + (pack_mass - cells_mass) * STRUCTURE_HEAT.value,
        conductance=conductance, cooling_conductance=design.cooling_conductance.value,
        cell_mass_fraction=cells_mass / pack_mass, cell_volume_fraction=cells_volume / pack_volume,
        sources=tuple(f.source for f in (mass_ratio, volume_ratio, design.cooling_conductance) if f.source),
    )  # fmt: skip


def cell_format(cell: Any) -> str:
    """Return the format of a cell: cylindrical, pouch, prismatic or laboratory."""
    return str(cell.config.format.kind)
