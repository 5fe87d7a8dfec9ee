"""The schema of a cell file: one class per kind of layer. Numbers are SI once read; friendly units at the
door.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from ionstone.cell_design import quantities as q
from ionstone.cell_design.contact import doux2020
from ionstone.cell_design.transport import Transport
from ionstone.core.config import Evidence, FrozenConfig, KnownBy, Number, quantity_field
from ionstone.core.errors import InputError, shown
from ionstone.materials.records import YOUNGS_MODULUS, ElectrodeProperties, ElectrolyteProperties

IONIC_TRANSPORT = Transport(law="bruggeman")
ELECTRONIC_TRANSPORT = Transport(law="effective")
_CLASSES = "default of ionstone, by the classes of Irvine, Sinclair & West 1990, Adv. Mater. 2, 132"
#: what stores charge at an interface, where a file does not say: only the impedance reads it
DOUBLE_LAYER = {
    "value": 0.2,
    "low": 0.02,
    "high": 1.0,
    "evidence": "estimated",
    "source": "default of ionstone: 20 uF/cm^2, as in PyBaMM's Chen2020 set (BSD-3-Clause)",
}
FILM_CAPACITANCE = {
    "value": 0.01,
    "low": 0.001,
    "high": 0.1,
    "evidence": "estimated",
    "known_by": "recalled",
    "source": f"{_CLASSES}: 0.1 to 10 uF/cm^2 at an interface with an electrode",
}
GRAIN_BOUNDARY_PERMITTIVITY = {
    "value": 1e-7,
    "low": 1e-9,
    "high": 1e-6,
    "evidence": "estimated",
    "known_by": "recalled",
    "source": f"{_CLASSES}: 1e-11 to 1e-8 F of a body of 1 cm",
}


class Electrolyte(ElectrolyteProperties):
    """An ion conductor in a region: a material, whose properties any key here overrides."""

    material: str | None = Field(
        None, description="name of a built-in electrolyte, or path of a material file"
    )


class CurrentCollector(FrozenConfig):
    """A foil, coated on both sides: half of it counts for one electrode."""

    material: str = Field(description="name of a built-in collector material, or path of a material file")
    thickness: Number = quantity_field(q.FOIL_THICKNESS)


class _Region(FrozenConfig):
    """What every region with an ion conductor has."""

    electrolyte: Electrolyte = Field(description="name of an electrolyte, or a mapping with its properties")
    transport: Transport = Field(IONIC_TRANSPORT, description="law of the effective ionic transport")

    @field_validator("electrolyte", mode="before")
    @classmethod
    def _name_or_mapping(cls, value: Any) -> Any:
        return {"material": value} if isinstance(value, str) else value


class Contact(FrozenConfig):
    r"""How the stack pressure acts on the contact of an electrode.

    - given: it does not; `contact_fraction` is the whole of it;
    - doux2020: `contact_fraction` is that at infinite pressure, times a share with hysteresis
      (`contact/doux2020.py`); interface resistances are divided by the share.
    """

    law: Literal["given", "doux2020"] = "given"
    half_pressure: Number | None = quantity_field(q.HALF_PRESSURE, None)
    exponent: Number | None = quantity_field(q.CONTACT_EXPONENT, None)
    release_exponent: Number | None = quantity_field(q.RELEASE_EXPONENT, None)

    @model_validator(mode="after")
    def _keys_of_the_law(self) -> Contact:
        for key in ("half_pressure", "exponent", "release_exponent"):
            if self.law == "given" and getattr(self, key) is not None:
                raise InputError(f"{key} does not belong to law: given: remove it, or use law: doux2020")
        return self


def _contact(data: Any) -> Any:
    """A contact with the numbers that its law has by default."""
    if not isinstance(data, dict) or data.get("law") != "doux2020":
        return data
    return {**DOUX, **data}


DOUX: dict[str, Any] = {
    "half_pressure": {
        "value": doux2020.HALF_PRESSURE,
        "low": 5e6,
        "high": 30e6,
        "evidence": "estimated",
        "known_by": "derived",
        "source": "Doux et al. 2020, doi:10.1002/aenm.201903253; the area of its cell is not known",
    },
    "exponent": {
        "value": doux2020.EXPONENT,
        "low": 1.6,
        "high": 2.1,
        "evidence": "fitted",
        "known_by": "derived",
        "source": "fit to Doux et al. 2020, doi:10.1002/aenm.201903253, 5 to 25 MPa",
    },
    "release_exponent": {
        "value": doux2020.RELEASE_EXPONENT,
        "low": 0.5,
        "high": 1.2,
        "evidence": "estimated",
        "known_by": "derived",
        "source": "contact of rough elastic surfaces, proportional to the pressure",
    },
}


class Pressure(FrozenConfig):
    """The hardware that holds the stack; `stack_pressure` is the pressure of the empty cell."""

    kind: Literal["fixed_pressure", "fixed_gap", "spring"] = "fixed_pressure"
    spring_stiffness: Number | None = quantity_field(q.SPRING_STIFFNESS, None)
    highest_pressure: Number | None = quantity_field(q.HIGHEST_PRESSURE, None)


class PorousElectrode(_Region, ElectrodeProperties):
    """An electrode of particles in an ion conductor; every property of its material may be overridden
    here.
    """

    rounding: ClassVar[float] = 1e-9  # by which the volume fractions may sum to more than 1

    kind: Literal["porous"]
    material: str | None = Field(
        None, description="name of a built-in active material, or path of a material file"
    )
    thickness: Number = quantity_field(q.THICKNESS)
    porosity: Number = quantity_field(q.POROSITY)
    active_fraction: Number = quantity_field(q.ACTIVE_FRACTION)
    void_fraction: Number = quantity_field(q.VOID_FRACTION, 0.0)
    electrolyte_particle_radius: Number | None = quantity_field(q.ELECTROLYTE_RADIUS, None)
    utilisation: Number = quantity_field(
        q.UTILISATION,
        {"value": 1.0, "low": 0.8, "high": 1.0, "evidence": "estimated", "source": "default of ionstone"},
    )
    connectivity: Literal["given", "percolation"] = Field(
        "given",
        description="percolation: the utilisation is multiplied by the share that electrons and ions reach",
    )
    electronic_transport: Transport = Field(
        ELECTRONIC_TRANSPORT, description="law of the electronic conduction"
    )
    contact_fraction: Number = quantity_field(q.CONTACT_FRACTION, 1.0)
    contact: Contact = Field(Contact(), description="how the stack pressure acts on the contact")
    youngs_modulus: Number | None = quantity_field(YOUNGS_MODULUS, None)
    film_resistance: Number = quantity_field(q.FILM_RESISTANCE, 0.0)
    film_thickness: Number = quantity_field(q.FILM_THICKNESS, 0.0)
    film_diffusivity: Number | None = quantity_field(q.FILM_DIFFUSIVITY, None)
    film_diffusivity_activation_energy: Number = quantity_field(q.ACTIVATION_ENERGY, 0.0)
    film_capacitance: Number = quantity_field(q.FILM_CAPACITANCE, FILM_CAPACITANCE)
    double_layer_capacitance: Number = quantity_field(q.CAPACITANCE, DOUBLE_LAYER)
    inactive_density: Number = quantity_field(
        q.INACTIVE_DENSITY,
        {
            "value": 1800.0,
            "low": 1500.0,
            "high": 2000.0,
            "evidence": "estimated",
            "source": "default of ionstone",
        },
    )
    current_collector: CurrentCollector | None = None

    _defaults = field_validator("contact", mode="before")(_contact)

    @model_validator(mode="after")
    def _fractions(self) -> PorousElectrode:
        total = self.porosity.value + self.active_fraction.value + self.void_fraction.value
        if total > 1 + self.rounding:
            raise InputError(
                f"porosity + active_fraction + void_fraction is {total:.10g}, allowed at most 1: lower one"
            )
        return self


class FilmElectrode(ElectrodeProperties):
    """A dense film of active material without electrolyte, as in thin-film cells."""

    kind: Literal["film"]
    material: str | None = Field(
        None, description="name of a built-in active material, or path of a material file"
    )
    thickness: Number = quantity_field(q.THICKNESS)
    contact_fraction: Number = quantity_field(q.CONTACT_FRACTION, 1.0)
    contact: Contact = Field(Contact(), description="how the stack pressure acts on the contact")
    youngs_modulus: Number | None = quantity_field(YOUNGS_MODULUS, None)
    film_resistance: Number = quantity_field(q.FILM_RESISTANCE, 0.0)
    film_capacitance: Number = quantity_field(q.FILM_CAPACITANCE, FILM_CAPACITANCE)
    double_layer_capacitance: Number = quantity_field(q.CAPACITANCE, DOUBLE_LAYER)
    current_collector: CurrentCollector | None = None

    _defaults = field_validator("contact", mode="before")(_contact)


class PlanarElectrode(FrozenConfig):
    """Lithium metal (kind lithium), or a bare foil on which it is plated (kind anode_free)."""

    kind: Literal["lithium", "anode_free"]
    material: str = Field("lithium", description="name of the metal")
    thickness: Number = quantity_field(q.LITHIUM_THICKNESS, 0.0)
    exchange_current_density: Number = quantity_field(q.EXCHANGE_CURRENT)
    exchange_current_activation_energy: Number = quantity_field(q.ACTIVATION_ENERGY, 0.0)
    interphase_resistance: Number = quantity_field(q.INTERPHASE_RESISTANCE, 0.0)
    interphase_resistance_activation_energy: Number = quantity_field(q.ACTIVATION_ENERGY, 0.0)
    interphase_capacitance: Number = quantity_field(q.FILM_CAPACITANCE, FILM_CAPACITANCE)
    double_layer_capacitance: Number = quantity_field(q.CAPACITANCE, DOUBLE_LAYER)
    contact_fraction: Number = quantity_field(q.CONTACT_FRACTION, 1.0)
    critical_current_density: Number | None = quantity_field(q.CRITICAL_CURRENT, None)
    critical_current_activation_energy: Number = quantity_field(q.ACTIVATION_ENERGY, 0.0)
    void_current_density: Number | None = quantity_field(q.VOID_CURRENT, None)
    contact: Contact = Field(Contact(), description="how the stack pressure acts on the contact")
    youngs_modulus: Number | None = quantity_field(YOUNGS_MODULUS, None)
    coulombic_efficiency: Number | None = quantity_field(q.COULOMBIC_EFFICIENCY, None)
    void_depth: Number | None = quantity_field(q.VOID_DEPTH, None)
    void_law: Literal["given", "no_limit", "kasemchainan2019", "wang2019"] = Field(
        "given", description="law of the stripping limit; given: `void_current_density`"
    )
    short_law: Literal["no_limit", "doux2020"] = Field(
        "no_limit", description="law of the time until lithium creeps through the separator"
    )
    filament_law: Literal["given", "fracture"] = Field(
        "given", description="law of the plating limit; given: `critical_current_density`"
    )
    flaw: Number | None = quantity_field(q.FLAW, None)
    current_collector: CurrentCollector | None = None

    _defaults = field_validator("contact", mode="before")(_contact)

    @model_validator(mode="after")
    def _lithium_needs_a_thickness(self) -> PlanarElectrode:
        if self.kind == "lithium" and self.thickness.value == 0:
            raise InputError("kind: lithium needs a thickness above 0: give one, or use kind: anode_free")
        return self


class Separator(_Region):
    """The layer between the electrodes: a film soaked with liquid, a polymer, or a ceramic."""

    material: str | None = Field(
        None, description="material of the skeleton (of the volume that does not conduct)"
    )
    thickness: Number = quantity_field(q.THICKNESS)
    porosity: Number = quantity_field(q.POROSITY, 1.0)
    void_fraction: Number = quantity_field(q.VOID_FRACTION, 0.0)
    interface_resistance_negative: Number = quantity_field(q.INTERFACE_RESISTANCE, 0.0)
    interface_resistance_positive: Number = quantity_field(q.INTERFACE_RESISTANCE, 0.0)
    interface_capacitance_negative: Number = quantity_field(q.INTERFACE_CAPACITANCE, FILM_CAPACITANCE)
    interface_capacitance_positive: Number = quantity_field(q.INTERFACE_CAPACITANCE, FILM_CAPACITANCE)
    grain_boundary_share: Number = quantity_field(q.GRAIN_BOUNDARY_SHARE, 0.0)
    grain_boundary_permittivity: Number = quantity_field(
        q.GRAIN_BOUNDARY_PERMITTIVITY, GRAIN_BOUNDARY_PERMITTIVITY
    )


class VoltageLimits(FrozenConfig):
    """The voltage window."""

    lower_cutoff: Number = quantity_field(q.VOLTAGE)
    upper_cutoff: Number = quantity_field(q.VOLTAGE)

    @model_validator(mode="after")
    def _order(self) -> VoltageLimits:
        low, high = self.lower_cutoff.value, self.upper_cutoff.value
        if low >= high:
            raise InputError(
                f"lower_cutoff {low:g} V is not below upper_cutoff {high:g} V: exchange or correct them"
            )
        return self


class CellFormat(FrozenConfig):
    """The outside of the cell: area, housing, published mass and size."""

    kind: Literal["cylindrical", "pouch", "prismatic", "laboratory"]
    electrode_area: Number = quantity_field(q.ELECTRODE_AREA)
    layers: Number | None = quantity_field(q.LAYERS, None)
    mass: Number | None = quantity_field(q.MASS, None)
    volume: Number | None = quantity_field(q.VOLUME, None)
    length: Number | None = quantity_field(q.LENGTH, None)
    width: Number | None = quantity_field(q.LENGTH, None)
    height: Number | None = quantity_field(q.LENGTH, None)
    diameter: Number | None = quantity_field(q.LENGTH, None)
    housing_mass: Number = quantity_field(q.PART_MASS, 0.0)
    housing_volume: Number = quantity_field(q.PART_VOLUME, 0.0)
    tab_mass: Number = quantity_field(q.PART_MASS, 0.0)
    excess_electrolyte: Number = quantity_field(q.PART_MASS, 0.0)
    overhead: Number = quantity_field(q.OVERHEAD, 0.0)


class InitialState(FrozenConfig):
    """The parameter set's own initial state."""

    negative_stoichiometry: Number | None = quantity_field(q.STOICHIOMETRY, None)
    positive_stoichiometry: Number | None = quantity_field(q.STOICHIOMETRY, None)


class StoichiometryWindow(FrozenConfig):
    """Fillings of the electrodes at the cut-offs; what is not given follows from the potentials."""

    negative_at_full: Number | None = quantity_field(q.STOICHIOMETRY, None)
    negative_at_empty: Number | None = quantity_field(q.STOICHIOMETRY, None)
    positive_at_full: Number | None = quantity_field(q.STOICHIOMETRY, None)
    positive_at_empty: Number | None = quantity_field(q.STOICHIOMETRY, None)


class Thermal(FrozenConfig):
    """Lumped heat of the cell."""

    heat_capacity: Number = quantity_field(
        q.HEAT_CAPACITY,
        {
            "value": 1000.0,
            "low": 800.0,
            "high": 1200.0,
            "evidence": "estimated",
            "source": "default of ionstone",
        },
    )
    heat_transfer_coefficient: Number = quantity_field(
        q.HEAT_TRANSFER,
        {"value": 10.0, "low": 5.0, "high": 50.0, "evidence": "estimated", "source": "default of ionstone"},
    )
    cooling_area: Number = quantity_field(q.COOLING_AREA)


class Published(FrozenConfig):
    """Published figures that the closure is compared with (mass and volume stand in `format`)."""

    energy: Number | None = quantity_field(q.ENERGY, None)
    specific_energy: Number | None = quantity_field(q.SPECIFIC_ENERGY, None)
    energy_density: Number | None = quantity_field(q.ENERGY_DENSITY, None)


Electrode = Annotated[PorousElectrode | PlanarElectrode, Field(discriminator="kind")]


class CellConfig(FrozenConfig):
    """A cell file."""

    ionstone: Literal[1] = Field(description="version of the file format: 1")
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,60}$", description="short name without blanks")
    title: str = Field("", max_length=200, description="what the cell is, for people")
    notes: str = Field("", max_length=8000, description="remarks")
    sources: dict[str, str] = Field({}, description="key -> reference (authors, journal, DOI, licence)")
    source: str = Field("", description="default source of this file's numbers: a key of `sources`, or text")
    evidence: Evidence | None = Field(None, description="default evidence grade of this file's numbers")
    known_by: KnownBy | None = Field(None, description="how we know the source, by default")
    nominal_capacity: Number = quantity_field(q.CAPACITY)
    voltage: VoltageLimits
    operating_temperature: Number | None = quantity_field(q.TEMPERATURE, None)
    reference_temperature: Number = quantity_field(q.TEMPERATURE, 298.15)
    stack_pressure: Number | None = quantity_field(q.STACK_PRESSURE, None)
    pressure: Pressure = Field(Pressure(), description="the hardware that holds the stack")
    contact_resistance: Number = quantity_field(q.CONTACT_RESISTANCE, 0.0)
    contact_capacitance: Number = quantity_field(q.INTERFACE_CAPACITANCE, 0.0)
    format: CellFormat
    published: Published = Published()
    initial: InitialState = InitialState()
    stoichiometry: StoichiometryWindow = StoichiometryWindow()
    negative: Electrode
    separator: Separator
    positive: Annotated[PorousElectrode | FilmElectrode | PlanarElectrode, Field(discriminator="kind")]
    thermal: Thermal
    laws: dict[str, str | float] = Field(
        {},
        description="own laws: `file` (a Python file), its functions by slot (positive.kinetics: name) and "
        "values of their parameters; run only where the user allows it",
    )

    @property
    def rounding(self) -> float:
        """By which the volume fractions of an electrode may sum to more than 1."""
        return getattr(self.positive, "rounding", PorousElectrode.rounding)

    @model_validator(mode="after")
    def _metal_against_metal(self) -> CellConfig:
        if self.positive.kind != "porous" and self.negative.kind == "porous":
            raise InputError(
                "positive.kind: a positive electrode of metal or film needs one of metal on the other side: "
                "exchange the electrodes, or set negative.kind: lithium"
            )
        if self.positive.kind in ("porous", "film") and self.voltage.lower_cutoff.value < 0:
            value = self.voltage.lower_cutoff.value
            raise InputError(
                f"voltage.lower_cutoff is {value:g} V, allowed 0 to 6 V: below zero only metal against metal"
            )
        return self

    @field_validator("laws", mode="after")
    @classmethod
    def _laws_of_a_file(cls, value: dict[str, str | float]) -> dict[str, str | float]:
        if value and not str(value.get("file", "")).endswith(".py"):
            raise InputError(f"file is {shown(value.get('file'))}: give the path of a .py file")
        return value

    @field_validator("sources", mode="after")
    @classmethod
    def _short_sources(cls, value: dict[str, str]) -> dict[str, str]:
        for key, text in value.items():
            if len(text) > 1000:
                raise InputError(
                    f"source {shown(key)} has {len(text)} characters, allowed at most 1000: shorten it"
                )
        return value


class RoundedElectrode(PorousElectrode):
    """An electrode of a file in another format, whose fractions follow from rounded numbers."""

    rounding: ClassVar[float] = 1e-3


class RoundedCellConfig(CellConfig):
    """A cell of a file in another format."""

    negative: RoundedElectrode
    positive: RoundedElectrode


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a cell file."""
    schema = CellConfig.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ionstone cell file",
        **schema,
    }


def write_json_schema(path: str) -> None:
    """Write the JSON Schema of a cell file (docs/cell.schema.json)."""
    import json
    from pathlib import Path

    Path(path).write_text(json.dumps(json_schema(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
