"""Names of data rows, tables, states and outputs that the laws of the cell share, with units."""

from __future__ import annotations

from ionstone.cell_model.slots import OwnLaws
from ionstone.numerics.form import Reduced

#: parameters of the whole cell, one value a lane
GLOBALS = (
    "temperature",  # [K] of an isothermal run
    "ambient",  # [K]
    "reference_temperature",  # [K]
    "area",  # [m2] of electrode
    "nominal_current",  # [A/m2] at 1C
    "half_right",  # [ohm m2] half a node of the positive electrode's solid
    "contact_resistance",  # [ohm m2]
    "solid_resistance",  # [ohm m2] L / (3 sigma) of both electrodes: mean drop of the solid, uniform reaction
    "negative_solid_resistance",  # [ohm m2] its share of the negative electrode, 0 for a planar one
    "usable_charge",  # [C/m2] between full and empty
    "initial_charge",  # [C/m2] passed since full charge at the start
    "lithium_excess",  # [m] of lithium metal at empty
    "lithium_per_charge",  # [m3/C]
    "heat_capacity",  # [J/(K m2)] per electrode area
    "conductance",  # [W/(K m2)] per electrode area
    "critical_current",  # [A/m2] plating limit at reference temperature
    "critical_activation",  # [K]
    "void_current",  # [A/m2] stripping limit
)

#: per node of x
NODE_DATA = (
    "dx",  # [m]
    "porosity",
    "half_path",  # [m] dx / (2 transport factor)
    "area_density",  # [1/m] surface in contact per volume
    "rate",  # [A/m2] k c_max sqrt(C0), so that i0 = rate sqrt(c x (1 - x)); without k where that is a table
    "kinetic_activation",  # [K]
    "film_resistance",  # [ohm m2] per area of particle surface in contact, or of a planar electrode
    "film_activation",  # [K]
    "flux_scale",  # [m2/C] stoichiometry flux on the unit sphere per A/m2: contact / (F R c_max)
    "transference",  # constant transference number
    "thermodynamic",  # constant thermodynamic factor
    "conductivity_activation",  # [K] B of exp(-B (1/(T-T0) - 1/(Tref-T0)))
    "conductivity_t0",  # [K]
    "diffusivity_activation",
    "diffusivity_t0",
    "single_ion",  # 1: concentration is fixed, all current is carried by the cation
    "enthalpy_scale",  # [C/m2] 3 F eps c_max dx: charge of the node's particles per unit of volume integral
    "exchange_current",  # [A/m2] of a planar electrode at the reference concentration
    "reference_concentration",  # in units of C0
    "solid_conductance",  # [S/m2] of a node's width of solid
    "share",  # [-] local current density over the cell's, where it is uniform over the electrode
    "mean",  # 1/number of nodes, negative in the negative electrode
)

#: rows of the nodes that a film on particles adds
FILM = (
    "film_depth",  # [m2/A] change of filling across the film per current density
    "film_diffusion_activation",  # [K]
)

#: rows of the nodes that a dissociating electrolyte adds
DISSOCIATION = (
    "recombination",  # [1/(C0 s)]
    "total_concentration",  # [C0] of all cations, bound or free
    "free_concentration",  # [C0] of the free ones in equilibrium
)

FACE_DATA = (
    "conductance",  # [S/m2] of the solid across the face
    "resistance",  # [ohm m2] of an interface between layers
    "blocked",  # 1: another electrolyte begins here; only the cation crosses
    "inside",  # 0: between layers; within one the arithmetic over the geometric mean of the nodes' widths
)

PARTICLE_DATA = (
    "inverse_square_radius",  # [1/m2]
    "diffusivity",  # [m2/s] where it is a number
    "activation",  # [K] of the diffusivity
    "enthalpy_scale",  # [C/m2] as of the node
)

TABLES = (
    "open_circuit_potential",  # [V] of stoichiometry
    "entropic_change",  # [V/K]
    "diffusivity",  # [m2/s] of stoichiometry
    "prefactor",  # [A/m2 (mol/m3)^-1.5]
    "electrolyte_conductivity",  # [S/m] of c / C0
    "electrolyte_diffusivity",  # [m2/s]
    "transference_number",
    "thermodynamic_factor",
)

#: outputs of every cell model, with units
OUTPUTS = {
    "voltage": "V",
    "current": "A",
    "power": "W",
    "c_rate": "1/h",
    "current_density": "A/m2",
    "temperature": "K",
    "discharge_capacity": "A s",
    "soc": "",
    "heat": "W",
    "temperature_rate": "K/s",
    "plating_potential": "V",
    "lithium_thickness": "m",
    "critical_current_ratio": "",
    "void_current_ratio": "",
    "abs_current": "A",
    "abs_c_rate": "1/h",
}

#: what a positive electrode of metal adds: a parameter [m] at full, and an output
METAL_GLOBALS = ("positive_lithium",)
METAL_OUTPUTS = {"lithium_thickness_positive": "m"}

#: least and largest values over the nodes of electrodes
REDUCED: tuple[Reduced, ...] = (
    ("minimum_electrolyte_concentration", ("negative", "positive"), "electrolyte_concentration", "min"),
    ("negative_surface_stoichiometry_min", ("negative",), "surface", "min"),
    ("negative_surface_stoichiometry_max", ("negative",), "surface", "max"),
    ("positive_surface_stoichiometry_min", ("positive",), "surface", "min"),
    ("positive_surface_stoichiometry_max", ("positive",), "surface", "max"),
)
NODE_OUTPUTS = ("electrolyte_concentration", "surface")

#: a user's own local state of an electrode, under its name in the form
STATE = "state"


def reduced_of(planar: bool, metals: bool) -> tuple[Reduced, ...]:
    """The part of REDUCED that electrodes with particles, or two of metal, have."""
    if metals:
        return tuple(r for r in REDUCED if r[2] != "surface")
    own = {"positive"} if planar else {"negative", "positive"}
    inside = ((a, tuple(e for e in where if e in own), b, c) for a, where, b, c in REDUCED)
    return tuple(r for r in inside if r[1])


def own_row(name: str) -> str:
    """The row of data that holds a parameter of a user's own law."""
    return f"own_{name}"


def own_node_data(own: OwnLaws) -> tuple[str, ...]:
    """Rows of the nodes that own laws need: their parameters, and where a law of the electrolyte holds."""
    rows = tuple(own_row(name) for name in own.names)
    if not own.transport:
        return rows
    regions = dict.fromkeys(law.region for law in own.transport)
    return (*rows, "transport_factor", *(f"in_{region}" for region in regions))


def own_particle_data(own: OwnLaws) -> tuple[str, ...]:
    """Rows of the particles that own laws need."""
    inside = [law for law in own.laws if law.key in ("diffusivity", "open_circuit_potential")]
    return tuple(dict.fromkeys(own_row(name) for law in inside for name, _ in law.parameters))


def own_reduced(own: OwnLaws) -> tuple[Reduced, ...]:
    """Least and largest values of own local states over the nodes of their electrode."""
    return tuple(
        (f"{law.region}_{law.key}_{kind}", (law.region,), STATE, kind)
        for law in own.states
        for kind in ("min", "max")
    )


def own_units(own: OwnLaws) -> dict[str, str]:
    """Units of the outputs that own local states add."""
    units = {law.slot: law.initial.unit for law in own.states if law.initial is not None}
    return {r[0]: units[f"{e}.{r[0].removeprefix(e + '_')[:-4]}"] for r in own_reduced(own) for e in r[1]}
