"""From a cell file and its materials to one flat set of named numbers, properties and choices with
provenance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ionstone.cell_design.config import (
    CellConfig,
    CurrentCollector,
    Electrolyte,
    FilmElectrode,
    PlanarElectrode,
    PorousElectrode,
)
from ionstone.cell_design.transport import COMPOSITE, Transport, with_defaults
from ionstone.core.config import Number, QuantityField
from ionstone.core.errors import InputError
from ionstone.core.quantities import Quantity
from ionstone.materials.functions import ACTIVATION_ENERGY, VTF_B, VTF_T0, FunctionField, Property
from ionstone.materials.library_files import load_material
from ionstone.materials.records import (
    ElectrodeMaterial,
    ElectrodeProperties,
    ElectrolyteMaterial,
    ElectrolyteProperties,
    InertMaterial,
    Material,
)

EXCLUSIVE = (
    ("exchange_current_density", "exchange_current_prefactor"),
    ("maximum_concentration", "specific_capacity"),
)
DEFAULT = Number(value=0.0, source="default of ionstone", evidence="estimated")


@dataclass
class Resolved:
    """Flat parameters of a cell: path -> Number, Property or choice, and the quantity record of each path."""

    numbers: dict[str, Number] = field(default_factory=dict)
    functions: dict[str, Property] = field(default_factory=dict)
    choices: dict[str, str | bool] = field(default_factory=dict)
    quantities: dict[str, Quantity] = field(default_factory=dict)
    markers: dict[str, FunctionField] = field(default_factory=dict)


@dataclass(frozen=True)
class _Origin:
    """Where plain numbers of a file come from."""

    sources: Mapping[str, str]
    source: str
    evidence: Any
    known_by: Any

    @classmethod
    def of(cls, file: CellConfig | Material) -> _Origin:
        return cls(file.sources, file.source, file.evidence, file.known_by)

    def stamp(self, item: Any) -> Any:
        """Return a Number or Property with the file's defaults filled in and its source spelt out."""
        source = item.source or self.source
        evidence = item.evidence or self.evidence or "estimated"
        known_by = item.known_by or (self.known_by if not item.source else None)
        if known_by == "recalled":
            evidence = "estimated"
        changes = {
            "source": self.sources.get(source, source) or "no source given",
            "evidence": evidence,
            "known_by": known_by,
        }
        if isinstance(item, Number):
            return item.model_copy(update=changes)
        from dataclasses import replace

        return replace(item, **changes)


def resolve(config: CellConfig, folder: Path | None = None) -> Resolved:
    """Return the flat parameters of a cell: its own numbers over those of its materials.

    InputError where a material is unknown or of the wrong kind.
    """
    out = Resolved()
    origin = _Origin.of(config)
    for name, value, marker in _fields(config):
        if isinstance(value, (PorousElectrode, FilmElectrode, PlanarElectrode)) or name == "separator":
            _layer(out, name, value, origin, folder)
        else:
            _add(out, name, value, marker, origin)
    return out


def _fields(model: BaseModel) -> Iterator[tuple[str, Any, Any]]:
    for name, info in type(model).model_fields.items():
        yield name, getattr(model, name), info.json_schema_extra


def _add(out: Resolved, path: str, value: Any, marker: Any, origin: _Origin) -> None:
    """Add one value, or all values of a nested config, under its path."""
    if isinstance(value, Number) and isinstance(marker, QuantityField):
        out.numbers[path] = origin.stamp(value)
        out.quantities[path] = marker.quantity
    elif isinstance(value, Property) and isinstance(marker, FunctionField):
        _add_property(out, path, value, marker, origin)
    elif isinstance(value, BaseModel):
        if isinstance(value, Transport):
            value = with_defaults(value, path)
        for name, inner, inner_marker in _fields(value):
            _add(out, f"{path}.{name}", inner, inner_marker, origin)
    elif isinstance(value, (str, bool)):
        out.choices[path] = value


#: what a dense film is as a layer of a cell
DENSE = {
    "active_fraction": 1.0,
    "porosity": 0.0,
    "void_fraction": 0.0,
    "utilisation": 1.0,
    "inactive_density": 0.0,
}


def values_of(resolved: Resolved) -> dict[str, float]:
    """All numbers of a cell [SI], with those that a dense film has by being one."""
    values = {path: number.value for path, number in resolved.numbers.items()}
    if resolved.choices.get("positive.kind") == "film":
        values |= {f"positive.{key}": value for key, value in DENSE.items()}
        values["positive.particle_radius"] = values["positive.thickness"]
    return values


def temperature_path(path: str) -> str:
    """Return the stem of the temperature law's paths: one for both ways to give an exchange current."""
    for ending in ("exchange_current_density", "exchange_current_prefactor"):
        if path.endswith("." + ending):
            return path.removesuffix(ending) + "exchange_current"
    return path


def _add_property(out: Resolved, path: str, value: Property, marker: FunctionField, origin: _Origin) -> None:
    stamped = origin.stamp(value)
    out.functions[path], out.quantities[path], out.markers[path] = stamped, marker.quantity, marker
    stem = temperature_path(path)
    if value.vtf_b is not None and value.vtf_t0 is not None:
        out.numbers[f"{stem}_B"], out.quantities[f"{stem}_B"] = origin.stamp(value.vtf_b), VTF_B
        out.numbers[f"{stem}_T0"], out.quantities[f"{stem}_T0"] = origin.stamp(value.vtf_t0), VTF_T0
        return
    energy = origin.stamp(value.activation_energy) if value.activation_energy is not None else DEFAULT
    out.numbers[f"{stem}_activation_energy"] = energy
    out.quantities[f"{stem}_activation_energy"] = ACTIVATION_ENERGY


def _layer(out: Resolved, path: str, layer: Any, origin: _Origin, folder: Path | None) -> None:
    """Add a layer: its own values first, then what its materials know and it does not say."""
    for name, value, marker in _fields(layer):
        if isinstance(value, Electrolyte):
            _with_material(out, f"{path}.electrolyte", value, ElectrolyteMaterial, origin, folder)
        elif isinstance(value, CurrentCollector):
            _inert(out, f"{path}.current_collector", value.material, ("collector",), folder)
            _add(out, f"{path}.current_collector", value, None, origin)
        elif name not in ElectrodeProperties.model_fields or not isinstance(layer, ElectrodeProperties):
            _add(out, f"{path}.{name}", value, marker, origin)
    if isinstance(layer, PorousElectrode):
        _with_material(out, path, layer, ElectrodeMaterial, origin, folder)
        if out.choices.get(f"{path}.electrolyte.single_ion") and "transport" not in layer.model_fields_set:
            out.numbers.pop(f"{path}.transport.exponent", None)
            _add(out, f"{path}.transport", COMPOSITE, None, origin)
    elif isinstance(layer, FilmElectrode):
        _with_material(out, path, layer, ElectrodeMaterial, origin, folder)
    elif isinstance(layer, PlanarElectrode):
        _inert(out, path, layer.material, ("metal",), folder)
    elif layer.material is not None:
        _inert(out, path, layer.material, ("separator", "binder"), folder)


def _with_material(
    out: Resolved,
    path: str,
    own: PorousElectrode | FilmElectrode | Electrolyte,
    kind: type[ElectrodeMaterial] | type[ElectrolyteMaterial],
    origin: _Origin,
    folder: Path | None,
) -> None:
    """Add the properties of an electrode or electrolyte: own values override those of the material."""
    base = ElectrodeProperties if kind is ElectrodeMaterial else ElectrolyteProperties
    material = _material(own.material, kind, path, folder) if own.material else None
    given = {name for name in base.model_fields if getattr(own, name) is not None}
    hidden = {
        other
        for pair in EXCLUSIVE
        for name, other in (pair, pair[::-1])
        if name in given and other not in given
    }
    for name, info in base.model_fields.items():
        if name in given:
            _add(out, f"{path}.{name}", getattr(own, name), info.json_schema_extra, origin)
        elif material is not None and name not in hidden:
            value = getattr(material, name)
            _add(out, f"{path}.{name}", value, info.json_schema_extra, _Origin.of(material))
    if isinstance(own, Electrolyte):
        out.choices[f"{path}.material"] = own.material or "given here"
    if isinstance(material, ElectrodeMaterial):
        out.choices[f"{path}.plating"] = material.plating


def _material(name: str, kind: Any, path: str, folder: Path | None) -> Any:
    try:
        material = load_material(name, folder)
    except InputError as error:
        raise InputError(f"{path}.material: {error}") from None
    if not isinstance(material, kind):
        wanted = "electrode" if kind is ElectrodeMaterial else "electrolyte"
        raise InputError(
            f"{path}.material: {name} is of kind {material.kind}, an {wanted} is needed: name another"
        )
    return material


def _inert(out: Resolved, path: str, name: str, kinds: tuple[str, ...], folder: Path | None) -> None:
    """Add density and heat capacity of a foil, a skeleton or a metal."""
    material = _material(name, InertMaterial, path, folder)
    if material.kind not in kinds:
        raise InputError(
            f"{path}.material: {name} is of kind {material.kind}, allowed {' or '.join(kinds)}: name another"
        )
    for key in ("density", "heat_capacity"):
        marker = InertMaterial.model_fields[key].json_schema_extra
        _add(out, f"{path}.{key}", getattr(material, key), marker, _Origin.of(material))
