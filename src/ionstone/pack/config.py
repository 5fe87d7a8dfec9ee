"""Choices of a pack, and the sourced ratios between cell and pack that fill what is not chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ionstone.core.config import FrozenConfig, Number, quantity_field
from ionstone.core.errors import InputError
from ionstone.core.quantities import Quantity

if TYPE_CHECKING:
    from ionstone.pack.hardware import PressureHardware

FRACTION = Quantity("fraction", "1", 0.0, 1.0, "share of the cells in the pack", open_lower=True)
VOLTAGE = Quantity("voltage", "V", 10.0, 2000.0, "nominal voltage of the pack: 350 V, 400 V, 800 V class")
CONDUCTANCE = Quantity("conductance", "W/K", 0.0, 1e5, "heat conductance of the whole pack")

_MODULES = "pushevs.com 2021-07-13: NCM/NCA packs with modules, cells 60-65 % of mass, 40-45 % of volume"
_CELL_TO_PACK = "pushevs.com 2021-07-13: LFP cell-to-pack, cells are 85-90 % of the mass, 60 % of the volume"
_NIO = "Nio 150 kWh pack 260 Wh/kg over cell 360 Wh/kg (carsbite 14228)"

MASS_RATIOS: dict[str, Number] = {
    "cylindrical": Number(
        value=0.625, low=0.60, high=0.65, source=_MODULES, evidence="measured", known_by="read",
        note="middle of the range",
    ),
    "pouch": Number(
        value=0.722, low=0.60, high=0.80, source=_NIO, evidence="vendor claim", known_by="derived",
        note="range from packs with modules upwards",
    ),
}  # fmt: skip
VOLUME_RATIOS: dict[str, Number] = {
    "cylindrical": Number(
        value=0.425, low=0.40, high=0.45, source=_MODULES, evidence="measured", known_by="read",
        note="middle of the range",
    ),
    "pouch": Number(
        value=0.425, low=0.40, high=0.60, source=_MODULES, evidence="estimated", known_by="read",
        note="no figure of a pouch pack was found: that of packs with modules; range up to cell-to-pack",
    ),
    "prismatic": Number(
        value=0.60, low=0.55, high=0.66, source=_CELL_TO_PACK, evidence="measured", known_by="read",
    ),
}  # fmt: skip
#: prismatic cells, cell to pack: share of the mass at the least and the most specific energy of a cell [J/kg]
PRISMATIC_LEAN = Number(
    value=0.875, low=0.85, high=0.90, source=_CELL_TO_PACK, evidence="measured", known_by="read",
    note="at 160 Wh/kg of the cell (BYD Blade, teardown)",
)  # fmt: skip
PRISMATIC_RICH = Number(
    value=0.722, low=0.70, high=0.75, source=_NIO, evidence="vendor claim", known_by="derived",
    note="at 360 Wh/kg of the cell",
)  # fmt: skip
LEAN, RICH = 160 * 3600.0, 360 * 3600.0

_AS_POUCH = {"evidence": "estimated", "note": "a laboratory cell, taken as a pouch cell"}
MASS_RATIOS["laboratory"] = MASS_RATIOS["pouch"].model_copy(update=_AS_POUCH)
VOLUME_RATIOS["laboratory"] = VOLUME_RATIOS["pouch"].model_copy(update=_AS_POUCH)

#: specific heat of all of the pack that is not cell [J/(kg K)]
STRUCTURE_HEAT = Number(
    value=900.0, low=800.0, high=1000.0, source="specific heat of aluminium, textbook", evidence="estimated",
    known_by="recalled",
)  # fmt: skip
#: conductance from a pack without thermal insulation to the ambient [W/K]
PLAIN_CONDUCTANCE = Number(
    value=47.7, low=20.0, high=80.0, evidence="fitted", known_by="read",
    source="NREL/fastsim, 2022 Tesla Model 3 RWD with thermal model, conductance_to_amb_watts_per_kelvin",
    note="scaled there from a calibrated Chevrolet Bolt",
)  # fmt: skip
#: heat transfer through the insulation of a pack that is held at an operating temperature [W/(m^2 K)]
INSULATION = Number(
    value=1.75, low=1.0, high=3.0, evidence="estimated", known_by="recalled",
    source="20 mm of foam of 0.035 W/(m K), textbook",
)  # fmt: skip
#: height of a floor pack [m]; with the volume it gives the outer area
PACK_HEIGHT = Number(
    value=0.15, low=0.12, high=0.19, evidence="estimated", known_by="recalled",
    source="floor packs; the 150 kWh pack of Nio is 2062 x 1539 x 186 mm (paultan.org)",
)  # fmt: skip
#: conductance from the cells to the coolant of the cold plates [W/K], coolant at the ambient temperature
COOLING = Number(
    value=400.0, low=200.0, high=800.0, evidence="estimated", known_by="recalled",
    source="8 kW of heat at a fast charger with cells 20 K above the coolant",
)  # fmt: skip

#: voltage of a pack where the car names none [V]
DEFAULT_VOLTAGE = Number(
    value=355.0, low=330.0, high=400.0, evidence="vendor claim", known_by="read",
    source="400 V class: Tesla Model 3 357 V, Nio ET7 358 V (evkx.net model pages)",
)  # fmt: skip


class PackDesign(FrozenConfig):
    """How cells become a pack; what is left out takes the sourced default of the cell's format."""

    voltage: Number = quantity_field(VOLTAGE, DEFAULT_VOLTAGE)
    cell_mass_fraction: Number | None = quantity_field(FRACTION, None)
    cell_volume_fraction: Number | None = quantity_field(FRACTION, None)
    conductance: Number | None = quantity_field(CONDUCTANCE, None)
    cooling_conductance: Number = quantity_field(CONDUCTANCE, COOLING)

    def mass_ratio(self, kind: str, specific_energy: float) -> Number:
        """Mass of the cells over that of the pack, pressure hardware left out [-].

        Prismatic cells go straight into the pack; richer cells [J/kg] need more around them, which is taken
        to be linear between the two packs that are known.
        """
        if self.cell_mass_fraction is not None:
            return self.cell_mass_fraction
        return _prismatic(specific_energy) if kind == "prismatic" else _by_format(MASS_RATIOS, kind)

    def volume_ratio(self, kind: str) -> Number:
        """Volume of the cells over that of the pack, end plates left out [-]."""
        return self.cell_volume_fraction or _by_format(VOLUME_RATIOS, kind)

    def mass_per_cells(self, kind: str, specific_energy: float, held: PressureHardware | None) -> float:
        """Mass of the pack over that of its cells [-], with the hardware that presses them."""
        more = 0.0 if held is None else held.mass_fraction
        return 1.0 / self.mass_ratio(kind, specific_energy).value + more

    def volume_per_cells(self, kind: str, held: PressureHardware | None) -> float:
        """Volume of the pack over that of its cells [-]; that of the hardware is added as it is."""
        more = 0.0 if held is None else held.volume_fraction
        return 1.0 / self.volume_ratio(kind).value + more


def _prismatic(specific_energy: float) -> Number:
    way = min(1.0, max(0.0, (specific_energy - LEAN) / (RICH - LEAN)))
    ends = [(getattr(PRISMATIC_LEAN, key), getattr(PRISMATIC_RICH, key)) for key in ("value", "low", "high")]
    value, low, high = (lean + way * (rich - lean) for lean, rich in ends)
    source = f"between {PRISMATIC_LEAN.source}, and {PRISMATIC_RICH.source}"
    return Number(value=value, low=low, high=high, source=source, evidence="estimated", known_by="derived")


def _by_format(table: dict[str, Number], kind: str) -> Number:
    if kind not in table:
        raise InputError(
            f"format.kind: {kind!r} has no cell-to-pack ratio: use one of {', '.join(VOLUME_RATIOS)}"
        )
    return table[kind]
