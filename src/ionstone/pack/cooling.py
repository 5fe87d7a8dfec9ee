"""How a pack is cooled and warmed: conductances of its network, coolant, heater. Defaults are estimates."""

from __future__ import annotations

from ionstone.core.config import FrozenConfig, Number, quantity_field
from ionstone.core.quantities import Quantity
from ionstone.pack.config import CONDUCTANCE, COOLING, PLAIN_CONDUCTANCE

FLOW = Quantity("flow", "W/K", 0.0, 1e5, "mass flow times specific heat of the coolant")
HEAT_TRANSFER = Quantity("neighbours", "W/(m^2*K)", 0.0, 1e4, "heat transfer between the faces of two cells")
TEMPERATURE = Quantity("temperature", "K", 150.0, 500.0, "temperature")
POWER = Quantity("power", "W", 0.0, 1e5, "power of the heater")

#: energy of the pack that the conductances of whole packs are for [J]; they grow with the pack's energy
REFERENCE_ENERGY = 75 * 3.6e6

#: heat capacity rate of the coolant of a pack of the reference energy
COOLANT_FLOW = Number(
    value=600.0, low=300.0, high=1200.0, evidence="estimated", known_by="recalled",
    source="10 L/min of water and glycol, 3.4 kJ/(kg K), textbook",
)  # fmt: skip
#: between the large faces of two cells
NEIGHBOURS = Number(
    value=40.0, low=10.0, high=100.0, evidence="estimated", known_by="recalled",
    source="15 mm of cell of 0.8 W/(m K) and 1 mm of pad of 0.2 W/(m K), textbook",
)  # fmt: skip
#: face of a cell of the volume below [m^2]: 0.1 m x 0.3 m x 0.015 m, other cells in proportion
FACE, FACE_VOLUME = 0.03, 0.45e-3
#: share of the way from cells to coolant that lies between cells and plate (estimated, 0.5 to 0.95)
CELL_SIDE = 0.8


class Cooling(FrozenConfig):
    """Cold plates, ambient, neighbours and heater of a pack; conductances are of the whole pack.

    What is left out takes a sourced default that grows with the energy of the pack. ``coolant`` is the
    inlet temperature (default: that of the ambient), ``flow`` 0 is a pack without coolant. The pump runs
    while the warmest cell is above ``cool_above``. A heater of ``heater`` W warms the plates while the mean
    of the cells is below ``heat_below``; its last two kelvin are proportional.
    """

    conductance: Number | None = quantity_field(CONDUCTANCE, None)
    flow: Number | None = quantity_field(FLOW, None)
    ambient_conductance: Number | None = quantity_field(CONDUCTANCE, None)
    end_conductance: Number = quantity_field(
        CONDUCTANCE, Number(value=0.0, source="ends of modules insulated", evidence="estimated")
    )
    neighbours: Number = quantity_field(HEAT_TRANSFER, NEIGHBOURS)
    coolant: Number | None = quantity_field(TEMPERATURE, None)
    cool_above: Number | None = quantity_field(TEMPERATURE, None)
    heater: Number = quantity_field(
        POWER, Number(value=0.0, source="no heater where none is given", evidence="estimated")
    )
    heat_below: Number | None = quantity_field(TEMPERATURE, None)


def scaled(given: Number | None, default: Number, energy: float) -> float:
    """A conductance of the whole pack [W/K]: as given, or the default at the pack's energy [J]."""
    return given.value if given is not None else default.value * energy / REFERENCE_ENERGY


def to_coolant(cooling: Cooling, energy: float) -> float:
    """Conductance from the cells to the coolant [W/K]."""
    return scaled(cooling.conductance, COOLING, energy)


def to_ambient(cooling: Cooling, energy: float) -> float:
    """Conductance from the structure to the ambient [W/K]."""
    return scaled(cooling.ambient_conductance, PLAIN_CONDUCTANCE, energy)


def face_area(volume: float) -> float:
    """Large face of a cell [m^2] of a volume [m^3], all cells of one shape."""
    return float(FACE * (volume / FACE_VOLUME) ** (2 / 3))
