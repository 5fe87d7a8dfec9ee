"""One record per number of a cell file: unit, allowed range, what it is. Read by validator, `show` and the
docs.
"""

from __future__ import annotations

from ionstone.core.quantities import Quantity

THICKNESS = Quantity("thickness", "m", 1e-8, 1e-2, "thickness of the layer", "L")
LITHIUM_THICKNESS = Quantity(
    "thickness", "m", 0.0, 1e-2, "lithium beyond the cycled amount, at full charge", "L_Li"
)
FOIL_THICKNESS = Quantity(
    "thickness", "m", 0.0, 1e-3, "thickness of the foil (half of it counts for one side)"
)
POROSITY = Quantity("porosity", "1", 1e-3, 1.0, "volume fraction of the ion conductor", "eps")
ACTIVE_FRACTION = Quantity("active_fraction", "1", 1e-3, 1.0, "volume fraction of active material", "eps_s")
VOID_FRACTION = Quantity("void_fraction", "1", 0.0, 0.9, "volume fraction of empty pores")
PARTICLE_RADIUS = Quantity("particle_radius", "m", 1e-9, 1e-4, "particle radius", "R_p")
CONTACT_FRACTION = Quantity(
    "contact_fraction",
    "1",
    0.0,
    1.0,
    "share of the surface in contact with the ion conductor",
    "theta",
    open_lower=True,
)
FILM_RESISTANCE = Quantity(
    "film_resistance", "ohm*m^2", 0.0, 100.0, "film resistance per particle surface in contact"
)
COULOMBIC_EFFICIENCY = Quantity(
    "coulombic_efficiency", "1", 0.0, 1.0, "lithium that can be stripped over what is plated", "CE"
)
VOID_DEPTH = Quantity(
    "void_depth",
    "m",
    1e-9,
    1e-3,
    "missing lithium at which voids leave 1/e of the contact, on stripping beyond the void limit",
    "d",
)
FILM_THICKNESS = Quantity(
    "film_thickness",
    "m",
    0.0,
    1e-5,
    "thickness of a film on the particles that the inserted ion crosses",
    "L_f",
)
FILM_DIFFUSIVITY = Quantity(
    "film_diffusivity",
    "m^2/s",
    1e-24,
    1e-8,
    "diffusivity of the inserted ion in the film, at the reference temperature",
    "D_f",
)
INTERFACE_RESISTANCE = Quantity(
    "interface_resistance", "ohm*m^2", 0.0, 10.0, "resistance per area of electrode"
)
INTERPHASE_RESISTANCE = Quantity(
    "interphase_resistance", "ohm*m^2", 0.0, 10.0, "interphase resistance of the metal, per area of electrode"
)
CONTACT_RESISTANCE = Quantity(
    "contact_resistance", "ohm*m^2", 0.0, 10.0, "lumped resistance per area of electrode"
)
CAPACITANCE = Quantity(
    "double_layer_capacitance",
    "F/m^2",
    0.0,
    1e4,
    "capacitance of the double layer per surface in contact (of the impedance)",
    "C_dl",
)
FILM_CAPACITANCE = Quantity(
    "film_capacitance",
    "F/m^2",
    0.0,
    1e4,
    "capacitance beside the resistance of the film or interphase, per surface in contact (of the impedance)",
)
INTERFACE_CAPACITANCE = Quantity(
    "interface_capacitance",
    "F/m^2",
    0.0,
    1e4,
    "capacitance beside the resistance of the interface, per area of electrode (of the impedance)",
)
GRAIN_BOUNDARY_SHARE = Quantity(
    "grain_boundary_share",
    "1",
    0.0,
    0.999,
    "share of the grain boundaries in the ionic resistance of the layer (of the impedance)",
)
GRAIN_BOUNDARY_PERMITTIVITY = Quantity(
    "grain_boundary_permittivity",
    "F/m",
    0.0,
    1.0,
    "capacitance of the grain boundaries times thickness over area of the layer (of the impedance)",
)
EXCHANGE_CURRENT = Quantity(
    "exchange_current_density",
    "A/m^2",
    0.0,
    1e5,
    "exchange-current density of the metal at the reference concentration",
    "i_0",
    open_lower=True,
)
CRITICAL_CURRENT = Quantity(
    "critical_current_density",
    "A/m^2",
    0.0,
    1e5,
    "plating limit (filaments), at the reference temperature",
    open_lower=True,
)
VOID_CURRENT = Quantity(
    "void_current_density",
    "A/m^2",
    0.0,
    1e5,
    "stripping limit (voids), at the reference temperature",
    open_lower=True,
)
ACTIVATION_ENERGY = Quantity("activation_energy", "J/mol", 0.0, 2.5e5, "activation energy (Arrhenius)", "E_a")
INACTIVE_DENSITY = Quantity(
    "inactive_density", "kg/m^3", 0.0, 25_000.0, "density of binder and conductive additive"
)

CAPACITY = Quantity(
    "nominal_capacity", "A*s", 0.0, 3.6e7, "nominal capacity; C-rates refer to it", open_lower=True
)
VOLTAGE = Quantity("voltage", "V", -6.0, 6.0, "cell voltage", "V")
TEMPERATURE = Quantity("temperature", "K", 150.0, 500.0, "temperature", "T")
STACK_PRESSURE = Quantity("stack_pressure", "Pa", 0.0, 1e9, "pressure on the stack")
STOICHIOMETRY = Quantity("stoichiometry", "1", 0.0, 1.0, "filling of the active material", "x")

ELECTRODE_AREA = Quantity(
    "electrode_area", "m^2", 0.0, 1e4, "area of one electrode facing the other, all layers", open_lower=True
)
LAYERS = Quantity("layers", "1", 1.0, 1e5, "electrode pairs in the cell")
MASS = Quantity("mass", "kg", 0.0, 1e4, "mass of the cell", "m", open_lower=True)
PART_MASS = Quantity("mass", "kg", 0.0, 1e4, "mass of a part")
VOLUME = Quantity("volume", "m^3", 0.0, 10.0, "outer volume of the cell", open_lower=True)
PART_VOLUME = Quantity("volume", "m^3", 0.0, 10.0, "volume of housing and free space")
LENGTH = Quantity("length", "m", 0.0, 10.0, "outer dimension", open_lower=True)
OVERHEAD = Quantity("overhead", "1", 0.0, 0.95, "share of the outer volume that the stack does not fill")
HEAT_CAPACITY = Quantity(
    "heat_capacity", "J/(kg*K)", 50.0, 10_000.0, "specific heat capacity of the cell", "c_p"
)
HEAT_TRANSFER = Quantity(
    "heat_transfer_coefficient", "W/(m^2*K)", 0.0, 1e5, "heat transfer to the surroundings", "h"
)
COOLING_AREA = Quantity("cooling_area", "m^2", 0.0, 100.0, "area through which the cell is cooled")
ENERGY = Quantity("energy", "J", 0.0, 1e9, "energy of one discharge", open_lower=True)
SPECIFIC_ENERGY = Quantity("specific_energy", "J/kg", 0.0, 1e7, "energy per mass of cell", open_lower=True)
ENERGY_DENSITY = Quantity("energy_density", "J/m^3", 0.0, 1e11, "energy per volume of cell", open_lower=True)

EXPONENT = Quantity("exponent", "1", 0.0, 10.0, "exponent of the transport law")
THRESHOLD = Quantity("threshold", "1", 0.0, 0.95, "percolation threshold of the volume fraction", "phi_c")
TORTUOSITY = Quantity(
    "factor", "1", 1.0, 1e5, "tortuosity factor tau^2 of sigma_eff = phi sigma / tau^2", "tau^2"
)
PREFACTOR = Quantity("prefactor", "1", 0.0, 10.0, "prefactor of the percolation law", open_lower=True)
SIZE_SLOPE = Quantity(
    "size_slope",
    "1",
    0.0,
    1.0,
    "rise of the percolation threshold per e-fold of the ratio of particle sizes",
    "k",
)
SIZE_RATIO = Quantity(
    "size_ratio",
    "1",
    0.0,
    1e3,
    "size of the conductor's particles over the others', where the threshold was fitted",
    open_lower=True,
)
REFERENCE_VOIDS = Quantity(
    "reference_void_fraction", "1", 0.0, 0.9, "voids of the pellet at which the conductivity was measured"
)
ELECTROLYTE_RADIUS = Quantity(
    "electrolyte_particle_radius", "m", 1e-9, 1e-4, "particle radius of a solid electrolyte in the electrode"
)
UTILISATION = Quantity(
    "utilisation",
    "1",
    0.0,
    1.0,
    "share of the active material that takes part, isolated particles left out",
    "u",
    open_lower=True,
)
HALF_PRESSURE = Quantity(
    "half_pressure", "Pa", 0.0, 1e9, "pressure of half contact on first loading", "P_half", open_lower=True
)
CONTACT_EXPONENT = Quantity("exponent", "1", 0.0, 10.0, "exponent of the contact on first loading", "n")
RELEASE_EXPONENT = Quantity("release_exponent", "1", 0.0, 10.0, "exponent of the contact on release", "m")
HIGHEST_PRESSURE = Quantity(
    "highest_pressure", "Pa", 0.0, 1e9, "highest pressure that the stack has seen before (forming)"
)
SPRING_STIFFNESS = Quantity(
    "spring_stiffness", "Pa/m", 0.0, 1e18, "stiffness of the hardware per area of electrode"
)
FLAW = Quantity("flaw", "m", 1e-9, 1e-3, "depth of the flaws at the face of the separator", "a")
