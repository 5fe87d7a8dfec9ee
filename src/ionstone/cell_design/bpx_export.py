"""Writing a cell as a BPX file (Battery Parameter eXchange 1.1), with a list of what BPX cannot hold."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ionstone.cell_design.cell import Cell
from ionstone.core.errors import InputError
from ionstone.materials.expressions import Expression
from ionstone.materials.functions import GAS_CONSTANT, PropertyFunction

FARADAY = 96485.33212331001  # C/mol, exact product of the SI's e and N_A
VERSION = "1.1.0"
#: points of a table that BPX interpolates linearly, in place of a smooth one
POINTS = 401
#: [mol/m3] over which a property of the electrolyte is drawn as a table
CONCENTRATIONS = (1.0, 4000.0)


def to_bpx(cell: Cell) -> tuple[dict[str, Any], list[str]]:
    """Return the content of a BPX file (a DFN model) and what was lost or changed, a line each.

    Exchange currents become BPX's F k sqrt(c_e/c_e0 x (1-x)), with the share in contact in k; effective
    transport becomes a transport efficiency; a VTF law becomes the Arrhenius law with its slope at the
    reference temperature. InputError for a cell that BPX has no words for: lithium metal.
    """
    parameters = cell.parameters()
    if parameters.negative_kind != "porous":
        raise InputError(
            f"{cell.name}: BPX holds no {parameters.negative_kind.replace('_', '-')} electrode: export a cell"
            " with two porous electrodes, or pass on the cell's own YAML file"
        )
    s, f = parameters.scalars, parameters.functions
    lost = list(_lost(cell, s, f))
    pairs = max(1, round(cell["format.layers"])) if "format.layers" in cell.resolved.numbers else 1
    data = {
        "Header": {
            "BPX": VERSION,
            "Title": cell.title,
            "Description": "Written by ionstone. " + " ".join(f"Not held: {line}." for line in lost),
            "References": "; ".join(cell.config.sources.values()),
            "Model": "DFN",
        },
        "Parameterisation": {
            "Cell": _cell(cell, s, pairs),
            "Electrolyte": _electrolyte(s, f),
            "Negative electrode": _electrode("negative", s, f),
            "Positive electrode": _electrode("positive", s, f),
            "Separator": {
                "Thickness [m]": s["separator.thickness"],
                "Porosity": s["separator.porosity"],
                "Transport efficiency": s["separator.transport_factor"],
            },
        },
        "State": _state(cell, s),
    }
    return data, lost


def _cell(cell: Cell, s: Mapping[str, float], pairs: int) -> dict[str, Any]:
    return {
        "Reference temperature [K]": s["reference_temperature"],
        "Lower voltage cut-off [V]": s["voltage.lower_cutoff"],
        "Upper voltage cut-off [V]": s["voltage.upper_cutoff"],
        "Nominal cell capacity [A.h]": s["nominal_capacity"] / 3600.0,
        "Specific heat capacity [J.K-1.kg-1]": s["thermal.heat_capacity"] / cell.mass,
        "Density [kg.m-3]": cell.mass / cell.volume,
        "Volume [m3]": cell.volume,
        "Electrode area [m2]": s["electrode_area"] / pairs,
        "Number of electrode pairs connected in parallel to make a cell": pairs,
        "External surface area [m2]": cell["thermal.cooling_area"],
    }


def _state(cell: Cell, s: Mapping[str, float]) -> dict[str, Any]:
    empty, full = s["negative.stoichiometry_at_empty"], s["negative.stoichiometry_at_full"]
    start = (s["negative.initial_stoichiometry"] - empty) / (full - empty)
    temperature = s["operating_temperature"]
    temperature = s["reference_temperature"] if math.isnan(temperature) else temperature
    return {
        "Initial conditions": {
            "Initial state-of-charge": min(max(start, 0.0), 1.0),
            "Initial temperature [K]": temperature,
            "Initial electrolyte concentration [mol.m-3]": s["positive.electrolyte.initial_concentration"],
        },
        "Thermal environment": {
            "Ambient temperature [K]": temperature,
            "Heat transfer coefficient [W.m-2.K-1]": cell["thermal.heat_transfer_coefficient"],
        },
        "Degradation": {"LLI": 0.0, "LAM: Negative electrode": 0.0, "LAM: Positive electrode": 0.0},
    }


def _electrolyte(s: Mapping[str, float], f: Mapping[str, PropertyFunction]) -> dict[str, Any]:
    path = "separator.electrolyte"
    initial = s[f"{path}.initial_concentration"]
    out: dict[str, Any] = {
        "Cation transference number": float(f[f"{path}.transference_number"].evaluate(initial))
    }
    for key in ("conductivity", "diffusivity"):
        name = f"{key.capitalize()} [{'S.m-1' if key == 'conductivity' else 'm2.s-1'}]"
        out[name] = _law(f[f"{path}.{key}"], *CONCENTRATIONS)
        energy = _slope(s, f"{path}.{key}")
        out[f"{key.capitalize()} activation energy [J.mol-1]"] = energy
    return out


def _slope(s: Mapping[str, float], path: str) -> float:
    """Activation energy [J/mol] of a temperature law at the reference temperature."""
    reference = s["reference_temperature"]
    return GAS_CONSTANT * s[f"{path}_B"] * (reference / (reference - s[f"{path}_T0"])) ** 2


def _electrode(name: str, s: Mapping[str, float], f: Mapping[str, PropertyFunction]) -> dict[str, Any]:
    ends = (s[f"{name}.stoichiometry_at_full"], s[f"{name}.stoichiometry_at_empty"])
    maximum, radius = s[f"{name}.maximum_concentration"], s[f"{name}.particle_radius"]
    potential = f[f"{name}.open_circuit_potential"]
    prefactor = float(f[f"{name}.exchange_current_prefactor"].evaluate(0.5))
    reference = s[f"{name}.electrolyte.initial_concentration"]
    rate = prefactor * math.sqrt(reference) * maximum / FARADAY * s[f"{name}.contact_fraction"]
    return {
        "Thickness [m]": s[f"{name}.thickness"],
        "Porosity": s[f"{name}.porosity"],
        "Transport efficiency": s[f"{name}.transport_factor"],
        "Conductivity [S.m-1]": s[f"{name}.conductivity"],
        "Particle radius [m]": radius,
        "Surface area per unit volume [m-1]": 3.0 * s[f"{name}.active_fraction"] / radius,
        "Maximum concentration [mol.m-3]": maximum,
        "Minimum stoichiometry": min(ends),
        "Maximum stoichiometry": max(ends),
        "OCP [V]": _law(potential, max(potential.lower, 0.0), min(potential.upper, 1.0)),
        "Entropic change coefficient [V.K-1]": _law(f[f"{name}.entropic_change"], 0.0, 1.0),
        "Diffusivity [m2.s-1]": _law(f[f"{name}.diffusivity"], 0.0, 1.0),
        "Diffusivity activation energy [J.mol-1]": s[f"{name}.diffusivity_activation_energy"],
        "Reaction rate constant [mol.m-2.s-1]": rate,
        "Reaction rate constant activation energy [J.mol-1]": s[f"{name}.exchange_current_activation_energy"],
    }


def _law(function: PropertyFunction, low: float, high: float) -> Any:
    """A property in BPX's words: a number, an expression of x, or a table."""
    if function.constant is not None:
        return function.constant
    law = function.law
    if isinstance(law, Expression) and not any(word in law.text for word in ("minimum", "maximum", "log10")):
        from ionstone.cell_design.bpx import renamed

        text = law.text if law.variable == "x" else renamed(law.text, law.variable, "x")
        return text if function.scale == 1.0 else f"{function.scale!r} * ({text})"
    import numpy as np

    knots = getattr(law, "x", ())
    inside = [x for x in knots if low <= x <= high]
    linear = getattr(law, "interpolation", "") == "linear"
    x = np.array(inside) if linear else np.union1d(np.linspace(low, high, POINTS), inside)
    return {"x": x.tolist(), "y": function.evaluate(x).tolist()}


def _lost(cell: Cell, s: Mapping[str, float], f: Mapping[str, PropertyFunction]) -> Iterator[str]:
    """What BPX has no place for, where it acts."""
    regions = ("negative", "separator", "positive")
    keys = ("conductivity", "diffusivity", "transference_number", "thermodynamic_factor")
    first = [f[f"separator.electrolyte.{key}"] for key in keys]
    for region in ("negative", "positive"):
        if [f[f"{region}.electrolyte.{key}"] for key in keys] != first:
            yield f"the electrolyte of the {region} electrode (BPX has one: that of the separator is taken)"
    for key, what in (
        ("transference_number", "dependence of the transference number on concentration"),
        ("thermodynamic_factor", "thermodynamic factor"),
    ):
        law = f[f"separator.electrolyte.{key}"]
        if law.constant is None or (key == "thermodynamic_factor" and law.constant != 1.0):
            yield what
    if any(s[f"separator.electrolyte.{key}_T0"] for key in ("conductivity", "diffusivity")):
        yield "VTF laws of temperature (Arrhenius with the same slope at the reference temperature)"
    for name, what in (("film_resistance", "film resistance"), ("void_fraction", "closed voids")):
        for region in regions:
            if cell.resolved.numbers.get(f"{region}.{name}") and cell[f"{region}.{name}"]:
                yield f"{what} of the {region} {'layer' if region == 'separator' else 'electrode'}"
    for end in ("negative", "positive"):
        if s[f"separator.interface_resistance_{end}"]:
            yield f"interface resistance between separator and {end} electrode"
        if f[f"{end}.exchange_current_prefactor"].constant is None:
            yield f"dependence of the exchange-current prefactor on filling, {end} (that at one half)"
        drawn = f[f"{end}.open_circuit_potential"].law
        if getattr(drawn, "interpolation", "linear") != "linear":
            yield f"smooth interpolation of the potential, {end} (a linear table of {POINTS} points)"
        if cell.resolved.choices.get(f"{end}.contact.law", "given") != "given":
            yield f"contact by stack pressure, {end} (the fraction given is in the rate constant)"
    if s["contact_resistance"]:
        yield "contact resistance of foils and tabs"
    if "stack_pressure" in cell.resolved.numbers:
        yield "stack pressure and the hardware that holds it"
    if cell.laws:
        yield "own laws"
    yield "double layers and film capacitances, mass and volume of parts, foils, published figures"
    yield "range, source and evidence of each number"
