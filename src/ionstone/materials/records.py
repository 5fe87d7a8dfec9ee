"""Material records: what a material file may hold, with the quantity record of each property."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from ionstone.core.config import Evidence, FrozenConfig, KnownBy, Number, quantity_field
from ionstone.core.quantities import Quantity
from ionstone.materials.functions import Property, function_field

DENSITY = Quantity(
    "density", "kg/m^3", 0.0, 25_000.0, "density of the dense material", "rho", open_lower=True
)
HEAT_CAPACITY = Quantity("heat_capacity", "J/(kg*K)", 50.0, 10_000.0, "specific heat capacity", "c_p")
MAXIMUM_CONCENTRATION = Quantity(
    "maximum_concentration", "mol/m^3", 100.0, 4e5, "ions in the full active material per its volume", "c_max"
)
OPEN_CIRCUIT_POTENTIAL = Quantity("open_circuit_potential", "V", -2.0, 7.0, "open-circuit potential", "U")
ENTROPIC_CHANGE = Quantity("entropic_change", "V/K", -5e-3, 5e-3, "entropic change dU/dT", "dU/dT")
DIFFUSIVITY = Quantity("diffusivity", "m^2/s", 1e-24, 1e-6, "diffusivity", "D")
EXCHANGE_CURRENT_DENSITY = Quantity(
    "exchange_current_density",
    "A/m^2",
    0.0,
    1e5,
    "exchange-current density at half filling and the electrolyte's reference concentration",
    "i_0",
    open_lower=True,
)
EXCHANGE_CURRENT_PREFACTOR = Quantity(
    "exchange_current_prefactor",
    "A*m^2.5/mol^1.5",
    0.0,
    1.0,
    "prefactor m of i0 = m sqrt(c_e c_s (c_max - c_s))",
    "m",
    open_lower=True,
)
TOTAL_CONCENTRATION = Quantity(
    "total_concentration",
    "mol/m^3",
    0.0,
    1e5,
    "concentration of all cations, bound or free, of an electrolyte that dissociates",
    "c_0",
    open_lower=True,
)
RECOMBINATION = Quantity(
    "recombination_rate",
    "m^3/(mol*s)",
    0.0,
    1e3,
    "rate at which free cations recombine with the charges that they left",
    "k_r",
)
CONDUCTIVITY = Quantity("conductivity", "S/m", 0.0, 1e9, "conductivity", "sigma", open_lower=True)
SPECIFIC_CAPACITY = Quantity(
    "specific_capacity",
    "A*s/kg",
    0.0,
    2e7,
    "theoretical capacity per mass of active material",
    "q",
    open_lower=True,
)
PARTICLE_RADIUS = Quantity("particle_radius", "m", 1e-9, 1e-4, "particle radius", "R_p")
CONCENTRATION = Quantity(
    "initial_concentration", "mol/m^3", 1.0, 1e5, "ion concentration of the electrolyte", "c_e0"
)
REFERENCE_CONCENTRATION = Quantity(
    "reference_concentration",
    "mol/m^3",
    1.0,
    1e5,
    "concentration at which exchange currents are given",
    "c_ref",
)
TRANSFERENCE = Quantity("transference_number", "1", -1.0, 1.0, "cation transference number", "t_+")
THERMODYNAMIC_FACTOR = Quantity(
    "thermodynamic_factor", "1", 0.0, 100.0, "thermodynamic factor 1 + dln f/dln c", "chi", open_lower=True
)
YOUNGS_MODULUS = Quantity("youngs_modulus", "Pa", 0.0, 1e12, "modulus across the layer", "E", open_lower=True)
YIELD_STRENGTH = Quantity("yield_strength", "Pa", 0.0, 1e10, "yield strength", open_lower=True)
VOLUME_CHANGE = Quantity(
    "volume_change", "1", -0.9, 4.0, "relative change of volume of the active material from x = 0 to 1"
)
FRACTURE_TOUGHNESS = Quantity(
    "fracture_toughness", "Pa*m^0.5", 0.0, 1e8, "fracture toughness of the pellet", "K_IC", open_lower=True
)
REDUCTION_LIMIT = Quantity(
    "reduction_limit", "V", -1.0, 6.0, "potential against lithium below which the electrolyte is reduced"
)
OXIDATION_LIMIT = Quantity(
    "oxidation_limit", "V", -1.0, 7.0, "potential against lithium above which the electrolyte is oxidised"
)

PRICE = Quantity("price", "USD/kg", 0.0, 1e5, "price per mass, as bought for cells")
THERMAL_CONDUCTIVITY = Quantity(
    "thermal_conductivity", "W/(m*K)", 0.0, 5000.0, "thermal conductivity of the dense material", "lambda"
)
ELECTRONIC_CONDUCTIVITY = Quantity(
    "electronic_conductivity", "S/m", 0.0, 1e3, "conductivity for electrons", "sigma_e", open_lower=True
)


class ElectrodeProperties(FrozenConfig):
    """Properties of an active material: in its record, or overridden in a cell file."""

    density: Number | None = quantity_field(DENSITY, None)
    maximum_concentration: Number | None = quantity_field(MAXIMUM_CONCENTRATION, None)
    specific_capacity: Number | None = quantity_field(SPECIFIC_CAPACITY, None)
    open_circuit_potential: Property | None = function_field(OPEN_CIRCUIT_POTENTIAL, "x", None)
    entropic_change: Property | None = function_field(ENTROPIC_CHANGE, "x", None)
    diffusivity: Property | None = function_field(DIFFUSIVITY, "x", None)
    exchange_current_density: Property | None = function_field(EXCHANGE_CURRENT_DENSITY, "x", None)
    exchange_current_prefactor: Property | None = function_field(EXCHANGE_CURRENT_PREFACTOR, "x", None)
    conductivity: Number | None = quantity_field(CONDUCTIVITY, None)
    particle_radius: Number | None = quantity_field(PARTICLE_RADIUS, None)
    volume_change: Number | None = quantity_field(VOLUME_CHANGE, None)
    heat_capacity: Number | None = quantity_field(HEAT_CAPACITY, None)


class ElectrolyteProperties(FrozenConfig):
    """Properties of an ion conductor, liquid, polymer or ceramic: in its record, or overridden in a cell
    file.
    """

    density: Number | None = quantity_field(DENSITY, None)
    conductivity: Property | None = function_field(CONDUCTIVITY, "c", None)
    diffusivity: Property | None = function_field(DIFFUSIVITY, "c", None)
    transference_number: Property | None = function_field(TRANSFERENCE, "c", None)
    thermodynamic_factor: Property | None = function_field(THERMODYNAMIC_FACTOR, "c", None)
    initial_concentration: Number | None = quantity_field(CONCENTRATION, None)
    reference_concentration: Number | None = quantity_field(REFERENCE_CONCENTRATION, None)
    total_concentration: Number | None = quantity_field(TOTAL_CONCENTRATION, None)
    recombination_rate: Number | None = quantity_field(RECOMBINATION, None)
    single_ion: bool | None = Field(None, description="true where only the cation moves (t+ = 1)")
    youngs_modulus: Number | None = quantity_field(YOUNGS_MODULUS, None)
    fracture_toughness: Number | None = quantity_field(FRACTURE_TOUGHNESS, None)
    reduction_limit: Number | None = quantity_field(REDUCTION_LIMIT, None)
    oxidation_limit: Number | None = quantity_field(OXIDATION_LIMIT, None)
    heat_capacity: Number | None = quantity_field(HEAT_CAPACITY, None)


class _Header(FrozenConfig):
    """What every material file begins with."""

    ionstone: Literal[1] = Field(description="version of the file format")
    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9.+-]{0,60}$", description="lower-case name, as in the file's name"
    )
    title: str = Field(max_length=200, description="what the material is, for people")
    sources: dict[str, str] = Field({}, description="key -> reference (authors, journal, DOI, licence)")
    source: str = Field("", description="default source of this file's numbers: a key of `sources`, or text")
    evidence: Evidence | None = Field(None, description="default evidence grade of this file's numbers")
    known_by: KnownBy | None = Field(None, description="how we know the source, by default")
    notes: str = Field("", max_length=4000, description="remarks")
    price: Number | None = quantity_field(PRICE, None)
    thermal_conductivity: Number | None = quantity_field(THERMAL_CONDUCTIVITY, None)


class ElectrodeMaterial(_Header, ElectrodeProperties):
    """An active material, stored in particles."""

    kind: Literal["electrode"]
    youngs_modulus: Number | None = quantity_field(YOUNGS_MODULUS, None)
    plating: bool = Field(
        False, description="true where metal may plate on it on charge (graphite, hard carbon)"
    )


class ElectrolyteMaterial(_Header, ElectrolyteProperties):
    """An ion conductor."""

    kind: Literal["electrolyte"]
    electronic_conductivity: Number | None = quantity_field(ELECTRONIC_CONDUCTIVITY, None)


class InertMaterial(_Header):
    """A material that only has mass: foil, skeleton, binder, carbon, housing, or metal."""

    kind: Literal["collector", "separator", "binder", "carbon", "housing", "metal"]
    density: Number = quantity_field(DENSITY)
    heat_capacity: Number | None = quantity_field(HEAT_CAPACITY, None)
    youngs_modulus: Number | None = quantity_field(YOUNGS_MODULUS, None)
    yield_strength: Number | None = quantity_field(YIELD_STRENGTH, None)


Material = ElectrodeMaterial | ElectrolyteMaterial | InertMaterial

KINDS: dict[str, type[ElectrodeMaterial] | type[ElectrolyteMaterial] | type[InertMaterial]] = {
    "electrode": ElectrodeMaterial,
    "electrolyte": ElectrolyteMaterial,
    **dict.fromkeys(("collector", "separator", "binder", "carbon", "housing", "metal"), InertMaterial),
}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a material file."""
    kinds = Annotated[Material, Field(discriminator="kind")]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ionstone material file",
        **TypeAdapter(kinds).json_schema(),
    }


def write_json_schema(path: str) -> None:
    """Write the JSON Schema of a material file (docs/material.schema.json)."""
    import json
    from pathlib import Path

    Path(path).write_text(json.dumps(json_schema(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
