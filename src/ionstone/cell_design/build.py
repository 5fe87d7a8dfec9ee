"""The one door from a cell's configuration to the flat parameters that the models read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ionstone.cell_design.balance import NO_WINDOW, Balance, Window
from ionstone.cell_design.composite import sized_percolation
from ionstone.cell_design.composite.base import Composition
from ionstone.cell_design.composite.utilisation import full_utilisation, utilisation
from ionstone.cell_design.mass import FARADAY, Stack, build_stack, outer_volume
from ionstone.cell_design.pressure.pressed import moving, pressed
from ionstone.cell_design.pressure.stack import stack_pressure
from ionstone.cell_design.resolve import Resolved, values_of
from ionstone.cell_design.transport import ALL_KEYS, transport_factor
from ionstone.core.errors import InputError
from ionstone.materials.functions import GAS_CONSTANT, PropertyFunction

NegativeKind = Literal["porous", "lithium", "anode_free"]
PositiveKind = Literal["porous", "film", "lithium", "anode_free"]
METALS = ("lithium", "anode_free")
REGIONS = ("negative", "separator", "positive")
_COPIED = (
    "thickness",
    "porosity",
    "active_fraction",
    "particle_radius",
    "contact_fraction",
    "film_resistance",
    "film_capacitance",
    "double_layer_capacitance",
)
_SEPARATOR = (
    "thickness",
    "porosity",
    "interface_resistance_negative",
    "interface_resistance_positive",
    "interface_capacitance_negative",
    "interface_capacitance_positive",
    "grain_boundary_share",
    "grain_boundary_permittivity",
)
_PLANAR = (
    "thickness",
    "exchange_current_density",
    "exchange_current_activation_energy",
    "interphase_resistance",
    "interphase_resistance_activation_energy",
    "interphase_capacitance",
    "double_layer_capacitance",
    "contact_fraction",
    "critical_current_activation_energy",
)


@dataclass(frozen=True)
class CellParameters:
    """Flat parameters of a cell, SI: scalars and functions by name. All that a model reads."""

    negative_kind: NegativeKind
    scalars: Mapping[str, float]
    functions: Mapping[str, PropertyFunction]
    positive_kind: PositiveKind = "porous"


@dataclass(frozen=True)
class Built:
    """Parameters of the models with what was computed on the way."""

    parameters: CellParameters
    window: Window
    balance: Balance
    stack: Stack
    mass: float
    volume: float
    areal_capacity: float


def build(resolved: Resolved, rounding: float = 1e-9) -> Built:
    """Return the parameters of a cell. InputError where a property is missing or nothing balances.

    The volume fractions of an electrode may sum to more than 1 by `rounding`.
    """
    numbers = values_of(resolved)
    kind: NegativeKind = resolved.choices["negative.kind"]  # type: ignore[assignment]  # the schema's literal
    other: PositiveKind = resolved.choices["positive.kind"]  # type: ignore[assignment]  # the schema's literal
    metals = tuple(n for n, k in (("negative", kind), ("positive", other)) if k in METALS)
    electrodes = tuple(name for name in ("negative", "positive") if name not in metals)
    scalars: dict[str, float] = {}
    functions: dict[str, PropertyFunction] = {}
    solid = (*metals, "positive") if other == "film" else metals
    for name in (name for name in REGIONS if name not in solid):
        _electrolyte(resolved, numbers, name, scalars, functions)
    for name in electrodes:
        _check_fractions(name, numbers, rounding)
        _electrode(resolved, numbers, name, scalars, functions)
    for key in _SEPARATOR:
        scalars[f"separator.{key}"] = numbers[f"separator.{key}"]
    for name in metals:
        for key in _PLANAR:
            scalars[f"{name}.{key}"] = numbers[f"{name}.{key}"]
        for key in ("coulombic_efficiency", "void_depth"):
            if f"{name}.{key}" in numbers:
                scalars[f"{name}.{key}"] = numbers[f"{name}.{key}"]
    scalars.update(pressed(resolved.choices, numbers))
    for name in metals:
        if f"{name}.void_depth" in scalars and not math.isfinite(scalars["negative.void_current_density"]):
            raise InputError(
                f"{name}.void_depth needs the current beyond which voids open: add"
                " negative.void_current_density, or negative.void_law"
            )
    if other not in METALS:
        balance, given = balance_of(numbers, scalars, functions, kind == "porous")
        window = balance.window(given)
        add_fillings(numbers, window, electrodes, scalars)
        areal = balance.positive_capacity * (window.positive_at_empty - window.positive_at_full)
    else:
        areal = numbers["nominal_capacity"] / numbers["format.electrode_area"]
        balance, window = metal_balance(numbers, areal), NO_WINDOW
    if any(
        resolved.choices.get(f"{name}.contact.law", "given") != "given" for name in ("negative", "positive")
    ):
        hardware = str(resolved.choices["pressure.kind"])
        ends = stack_pressure(hardware, numbers, window, areal, kind != "porous")
        scalars.update(moving(resolved.choices, numbers, ends.empty, ends.full))
    stack = build_stack(numbers, kind != "porous", areal, other in METALS)
    mass = numbers.get("format.mass", stack.mass)
    volume = numbers.get("format.volume", size_of(numbers) or outer_volume(numbers, stack))
    scalars.update(
        {
            "electrode_area": numbers["format.electrode_area"],
            "nominal_capacity": numbers["nominal_capacity"],
            "voltage.lower_cutoff": numbers["voltage.lower_cutoff"],
            "voltage.upper_cutoff": numbers["voltage.upper_cutoff"],
            "reference_temperature": numbers["reference_temperature"],
            "operating_temperature": numbers.get("operating_temperature", math.nan),
            "contact_resistance": numbers["contact_resistance"],
            "contact_capacitance": numbers["contact_capacitance"],
            "thermal.heat_capacity": numbers["thermal.heat_capacity"] * mass,
            "thermal.conductance": numbers["thermal.heat_transfer_coefficient"]
            * numbers["thermal.cooling_area"],
            "mass": mass,
            "volume": volume,
        }
    )
    return Built(CellParameters(kind, scalars, functions, other), window, balance, stack, mass, volume, areal)


def _need(values: Mapping[str, float], path: str) -> float:
    if path in values:
        return values[path]
    raise InputError(f"{path} is missing: add it to the layer, or name a material that has it")


def _function(resolved: Resolved, path: str, default: float | None = None) -> PropertyFunction:
    if path in resolved.functions:
        return resolved.functions[path].function
    if default is None:
        raise InputError(f"{path} is missing: add it to the layer, or name a material that has it")
    natural = (0.0, math.inf) if ".electrolyte." in path else (0.0, 1.0)
    return PropertyFunction(default, *natural)


def composition_of(numbers: Mapping[str, float], path: str) -> Composition:
    """The composition of a region, seen from the phase that the law of transport at a path is of."""
    region = path.split(".")[0]
    ions = Composition(
        numbers[f"{region}.porosity"],
        numbers[f"{region}.void_fraction"],
        numbers.get(f"{region}.electrolyte_particle_radius"),
        numbers.get(f"{region}.particle_radius"),
    )
    if not path.endswith("electronic_transport"):
        return ions
    return Composition(numbers[f"{region}.active_fraction"], ions.void, ions.other_radius, ions.radius)


#: numbers of a region that its laws of transport read
COMPOSITION = (
    "porosity",
    "active_fraction",
    "void_fraction",
    "electrolyte_particle_radius",
    "particle_radius",
    "utilisation",
)


def transport_of(resolved: Resolved, numbers: Mapping[str, float], path: str) -> float:
    """The share of the bulk conductivity that a region keeps, by the law of effective transport at a path."""
    law = str(resolved.choices[f"{path}.law"])
    composition = composition_of(numbers, path)
    return transport_factor(law, composition.fraction, law_values(numbers, path), path, composition)


def law_values(numbers: Mapping[str, float], path: str) -> dict[str, float]:
    """The numbers of the law of transport at a path."""
    return {key: numbers[f"{path}.{key}"] for key in ALL_KEYS if f"{path}.{key}" in numbers}


def utilisation_of(resolved: Resolved, numbers: Mapping[str, float], name: str) -> float:
    """The share of the active material of an electrode that takes part."""
    given = numbers[f"{name}.utilisation"]
    if resolved.choices.get(f"{name}.connectivity", "given") == "given":
        return given * full_utilisation()
    parts = []
    for kind, key in (("electronic", "electronic_transport"), ("ionic", "transport")):
        path = f"{name}.{key}"
        composition = composition_of(numbers, path)
        values = law_values(numbers, path)
        if "size_slope" not in values:  # of another law: the thresholds of the default one
            values = {key: row[0] for key, row in sized_percolation.DEFAULTS[kind].items()}
        parts.append((composition.of_solids, sized_percolation.threshold(composition, values, path)))
    (active, active_threshold), (electrolyte, electrolyte_threshold) = parts
    share = utilisation(active, electrolyte, active_threshold, electrolyte_threshold)
    if share <= 0.0:
        raise InputError(
            f"{name}.connectivity: no active material is connected at {active:.3g} of it among the solids"
            f" (threshold {active_threshold:.3g}): raise active_fraction, or set connectivity: given"
        )
    return given * share


def _electrolyte(
    resolved: Resolved,
    numbers: Mapping[str, float],
    region: str,
    scalars: dict[str, float],
    functions: dict[str, PropertyFunction],
) -> None:
    """Add the electrolyte of a region; a single-ion conductor needs its conductivity only."""
    path = f"{region}.electrolyte"
    single = bool(resolved.choices.get(f"{path}.single_ion", False))
    functions[f"{path}.conductivity"] = _function(resolved, f"{path}.conductivity")
    functions[f"{path}.diffusivity"] = _function(resolved, f"{path}.diffusivity", 1e-10 if single else None)
    functions[f"{path}.transference_number"] = (
        PropertyFunction(1.0, 0.0, math.inf) if single else _function(resolved, f"{path}.transference_number")
    )
    functions[f"{path}.thermodynamic_factor"] = _function(resolved, f"{path}.thermodynamic_factor", 1.0)
    initial = numbers.get(f"{path}.initial_concentration", 1000.0 if single else None)
    if initial is None:
        raise InputError(f"{path}.initial_concentration is missing: add it, for example 1000 mol/m^3")
    scalars[f"{path}.initial_concentration"] = initial
    scalars[f"{path}.reference_concentration"] = numbers.get(f"{path}.reference_concentration", initial)
    scalars[f"{path}.single_ion"] = float(single)
    _dissociation(numbers, path, scalars)
    for key in ("conductivity", "diffusivity"):
        energy = numbers.get(f"{path}.{key}_activation_energy", 0.0)
        scalars[f"{path}.{key}_B"] = numbers.get(f"{path}.{key}_B", energy / GAS_CONSTANT)
        scalars[f"{path}.{key}_T0"] = numbers.get(f"{path}.{key}_T0", 0.0)
    scalars[f"{region}.transport_factor"] = transport_of(resolved, numbers, f"{region}.transport")


def _dissociation(numbers: Mapping[str, float], path: str, scalars: dict[str, float]) -> None:
    """Add what a separator's electrolyte needs to dissociate; InputError where it is incomplete."""
    keys = ("total_concentration", "recombination_rate")
    given = [key for key in keys if f"{path}.{key}" in numbers]
    if not given or not path.startswith("separator."):
        return
    for key in keys:
        scalars[f"{path}.{key}"] = _need(numbers, f"{path}.{key}")
    free, total = scalars[f"{path}.initial_concentration"], scalars[f"{path}.total_concentration"]
    if free >= total:
        raise InputError(
            f"{path}.total_concentration is {total:g} mol/m^3, not above initial_concentration {free:g}:"
            " the free cations are part of all: raise it"
        )


def _check_fractions(name: str, numbers: Mapping[str, float], rounding: float) -> None:
    total = sum(numbers[f"{name}.{key}"] for key in ("porosity", "active_fraction", "void_fraction"))
    if total > 1 + rounding:
        raise InputError(
            f"{name}: porosity + active_fraction + void_fraction is {total:.10g},"
            " allowed at most 1: lower one"
        )


def _electrode(
    resolved: Resolved,
    numbers: dict[str, float],
    name: str,
    scalars: dict[str, float],
    functions: dict[str, PropertyFunction],
) -> None:
    for key in _COPIED:
        scalars[f"{name}.{key}"] = _need(numbers, f"{name}.{key}")
    scalars[f"{name}.active_fraction"] *= utilisation_of(resolved, numbers, name)
    _film(numbers, name, scalars)
    film = resolved.choices[f"{name}.kind"] == "film"
    electronic = 1.0 if film else transport_of(resolved, numbers, f"{name}.electronic_transport")
    scalars[f"{name}.conductivity"] = _need(numbers, f"{name}.conductivity") * electronic
    if f"{name}.maximum_concentration" not in numbers:
        if f"{name}.specific_capacity" not in numbers or f"{name}.density" not in numbers:
            raise InputError(
                f"{name}.maximum_concentration is missing: add it, or specific_capacity and density"
            )
        per_volume = numbers[f"{name}.specific_capacity"] * numbers[f"{name}.density"]
        numbers[f"{name}.maximum_concentration"] = per_volume / FARADAY
    scalars[f"{name}.maximum_concentration"] = numbers[f"{name}.maximum_concentration"]
    functions[f"{name}.open_circuit_potential"] = _function(resolved, f"{name}.open_circuit_potential")
    functions[f"{name}.entropic_change"] = _function(resolved, f"{name}.entropic_change", 0.0)
    functions[f"{name}.diffusivity"] = _function(resolved, f"{name}.diffusivity")
    touching = "separator" if film else name
    reference = scalars[f"{touching}.electrolyte.reference_concentration"]
    prefactor = _prefactor(resolved, numbers, name, reference)
    functions[f"{name}.exchange_current_prefactor"] = prefactor
    if prefactor.constant is not None:
        scalars[f"{name}.exchange_current_prefactor"] = prefactor.constant
    for key in ("exchange_current", "diffusivity"):
        scalars[f"{name}.{key}_activation_energy"] = numbers.get(f"{name}.{key}_activation_energy", 0.0)


def _film(numbers: Mapping[str, float], name: str, scalars: dict[str, float]) -> None:
    """Add the film on the particles of an electrode, where there is one that ions diffuse through."""
    keys = ("film_thickness", "film_diffusivity", "film_diffusivity_activation_energy")
    if f"{name}.film_diffusivity" in numbers:
        scalars.update({f"{name}.{key}": numbers[f"{name}.{key}"] for key in keys})
    elif numbers.get(f"{name}.film_thickness", 0.0) > 0:
        raise InputError(f"{name}.film_diffusivity is missing: a film of a thickness needs it: add it")


def _prefactor(
    resolved: Resolved, numbers: Mapping[str, float], name: str, reference: float
) -> PropertyFunction:
    """Return m(x) of i0 = m sqrt(c_e c_s (c_max - c_s)); i0 at half filling is m sqrt(c_ref) c_max / 2."""
    if f"{name}.exchange_current_prefactor" in resolved.functions:
        return resolved.functions[f"{name}.exchange_current_prefactor"].function
    if f"{name}.exchange_current_density" not in resolved.functions:
        raise InputError(f"{name}.exchange_current_density is missing: add it, or exchange_current_prefactor")
    given = resolved.functions[f"{name}.exchange_current_density"].function
    factor = 2.0 / (math.sqrt(reference) * numbers[f"{name}.maximum_concentration"])
    if given.constant is not None:
        return PropertyFunction(given.constant * factor, 0.0, 1.0)
    return replace(given, scale=given.scale * factor)


def balance_of(
    numbers: Mapping[str, float],
    scalars: Mapping[str, float],
    functions: Mapping[str, PropertyFunction],
    porous: bool,
) -> tuple[Balance, dict[str, float]]:
    """The balance of a cell, and the fillings that are given for it."""

    def capacity(name: str) -> float:
        fraction, maximum = scalars[f"{name}.active_fraction"], scalars[f"{name}.maximum_concentration"]
        return FARADAY * scalars[f"{name}.thickness"] * fraction * maximum

    balance = Balance(
        positive=functions["positive.open_circuit_potential"],
        negative=functions["negative.open_circuit_potential"] if porous else None,
        positive_capacity=capacity("positive"),
        negative_capacity=capacity("negative") if porous else math.inf,
        lower_cutoff=numbers["voltage.lower_cutoff"],
        upper_cutoff=numbers["voltage.upper_cutoff"],
    )
    given = {
        key.removeprefix("stoichiometry."): value
        for key, value in numbers.items()
        if key.startswith("stoichiometry.")
    }
    for name in ("negative", "positive"):
        if f"initial.{name}_stoichiometry" in numbers:
            given[f"{name}_initial"] = numbers[f"initial.{name}_stoichiometry"]
    return balance, given


def metal_balance(numbers: Mapping[str, float], areal: float) -> Balance:
    """The balance of metal against metal: no potential, the capacity that C-rates refer to."""
    flat = PropertyFunction(0.0, 0.0, 1.0)
    return Balance(
        flat, None, areal, math.inf, numbers["voltage.lower_cutoff"], numbers["voltage.upper_cutoff"]
    )


def add_fillings(
    numbers: Mapping[str, float], window: Window, electrodes: tuple[str, ...], scalars: dict[str, float]
) -> None:
    """Add the fillings at full, at empty and at the start."""
    for name in electrodes:
        full, empty = getattr(window, f"{name}_at_full"), getattr(window, f"{name}_at_empty")
        scalars[f"{name}.stoichiometry_at_full"], scalars[f"{name}.stoichiometry_at_empty"] = full, empty
        scalars[f"{name}.initial_stoichiometry"] = numbers.get(f"initial.{name}_stoichiometry", full)


def size_of(numbers: Mapping[str, float]) -> float | None:
    """Return the volume of the outer dimensions [m^3], None where they are not given."""
    length = numbers.get("format.length")
    if length is None:
        return None
    if "format.diameter" in numbers:
        return math.pi / 4 * numbers["format.diameter"] ** 2 * length
    if "format.width" in numbers and "format.height" in numbers:
        return length * numbers["format.width"] * numbers["format.height"]
    return None
