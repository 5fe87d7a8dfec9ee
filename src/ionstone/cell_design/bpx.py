"""Reading a BPX file (Battery Parameter eXchange, 0.x and 1.x) as a cell."""

from __future__ import annotations

import ast
import json
import math
import warnings
from pathlib import Path
from typing import Any

from ionstone.cell_design.cell import Cell
from ionstone.cell_design.config import RoundedCellConfig
from ionstone.core.config import load
from ionstone.core.documents import read_text
from ionstone.core.errors import InputError, one_line
from ionstone.materials.expressions import Expression

MAX_BYTES = 10_000_000
MAX_DEPTH = 20
FARADAY = 96485.33212331001  # C/mol, exact product of the SI's e and N_A
SOURCE = "BPX file"


def read_bpx(path: str | Path) -> Cell:
    """Return the cell of a BPX file with a DFN parameterisation and one active material per electrode.

    The exchange current is BPX's F k sqrt(c_e/c_e0 x (1-x)); conductivities of the electrodes are
    effective; the transport efficiency B becomes a Bruggeman exponent ln B / ln porosity; the surface area
    per volume a sets the active fraction a R / 3, which may exceed what the pores leave by 1e-3, because such
    files hold rounded numbers. InputError, one line, for a file that is no such BPX.
    """
    path = Path(path)
    data = _read_json(path)
    try:
        bpx = _parse(data, path.name)
        return Cell.from_config(load(RoundedCellConfig, _cell_data(bpx, path), path.name), path.parent)
    except InputError as error:
        text = str(error)
        raise InputError(text if text.startswith(path.name) else f"{path.name}: {text}") from None


def _read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file of bounded size and depth whose expressions are harmless."""
    text = read_text(path, MAX_BYTES)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path.name} is not valid JSON ({one_line(str(error), 100)}): check the file"
        ) from None
    if (
        not isinstance(data, dict)
        or "Header" not in data
        or not isinstance(data.get("Parameterisation"), dict)
    ):
        raise InputError(
            f"{path.name} is no BPX file (Header and Parameterisation are missing): give a BPX .json file"
        )
    data["Parameterisation"] = {
        key: _with_plain_expressions(value, f"{path.name}: {key}", 0)
        for key, value in data["Parameterisation"].items()
        if key != "User-defined"
    }
    data.pop("Validation", None)
    return data


def _with_plain_expressions(value: Any, where: str, depth: int) -> Any:
    """Check every text as an expression of x, and write its numbers as floats.

    The bpx package turns expressions into Python code and runs it: so only those on our whitelist reach it,
    and with floats `9**9**9` overflows instead of computing without end.
    """
    if depth > MAX_DEPTH:
        raise InputError(f"{where} is nested deeper than {MAX_DEPTH} levels: flatten it")
    if isinstance(value, dict):
        return {
            key: _with_plain_expressions(item, f"{where}.{key}", depth + 1) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_with_plain_expressions(item, where, depth + 1) for item in value]
    if not isinstance(value, str):
        return value
    try:
        Expression(value, "x")
    except InputError as error:
        raise InputError(f"{one_line(where, 120)}: {error}") from None
    tree = ast.parse(value.strip(), mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.value = float(str(node.value))
    return ast.unparse(tree)


def _parse(data: dict[str, Any], name: str) -> Any:
    from pydantic import ValidationError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package warns of legacy files and of its own dependencies
            import bpx

            return bpx.parse_bpx_obj(data)
    except ImportError:
        raise InputError("bpx is not installed: run  pip install bpx") from None
    except ValidationError as error:
        problem = error.errors(include_url=False)[-1]
        where = ".".join(str(part) for part in problem["loc"] if not str(part).startswith("function-"))
        message = one_line(problem["msg"], 160)
        raise InputError(f"{name}: {one_line(where, 160)}: {message}: correct the BPX file") from None
    except Exception as error:  # whatever else the package raises on a bad file
        raise InputError(
            f"{name}: the bpx package cannot read it ({one_line(str(error), 160)}): correct it"
        ) from None


def _cell_data(bpx: Any, path: Path) -> dict[str, Any]:
    """Return the content of our cell file for a parsed BPX object."""
    parameters = bpx.parameterisation
    if bpx.header.model not in ("DFN", "Partial") or getattr(parameters, "electrolyte", None) is None:
        raise InputError(
            f"Header.Model is {bpx.header.model}, only DFN files hold all that is needed: give a DFN file"
        )
    for name in ("negative_electrode", "positive_electrode"):
        electrode = getattr(parameters, name)
        if electrode is None or getattr(electrode, "particle", None) is not None:
            raise InputError(
                f"{name} is blended or missing: only one active material per electrode is supported"
            )
        if getattr(electrode, "ocp", None) is None:
            raise InputError(
                f"{name}: OCP [V] is missing (hysteresis branches are not supported): add OCP [V]"
            )
    cell, state = parameters.cell, bpx.state
    conditions = state.initial_conditions if state is not None else None
    concentration = getattr(conditions, "initial_electrolyte_concentration", None) or 1000.0
    soc = getattr(conditions, "initial_soc", None)
    electrolyte = _electrolyte(parameters.electrolyte, concentration)
    negative, positive = parameters.negative_electrode, parameters.positive_electrode
    reference = cell.reference_temperature or 298.15
    number_of_pairs = cell.number_of_electrodes or 1
    return {
        "ionstone": 1,
        "name": _slug(bpx.header.title or path.stem),
        "title": one_line(bpx.header.title or path.stem, 190),
        "sources": {"bpx": one_line(bpx.header.references or f"{SOURCE} {path.name}", 900)},
        "source": "bpx",
        "evidence": "fitted",
        "known_by": "read",
        "nominal_capacity": cell.nominal_cell_capacity * 3600.0,
        "voltage": {"lower_cutoff": cell.lower_voltage_cutoff, "upper_cutoff": cell.upper_voltage_cutoff},
        "reference_temperature": reference,
        "format": _format(cell, number_of_pairs),
        "initial": {
            "negative_stoichiometry": _at(negative, soc, full="maximum"),
            "positive_stoichiometry": _at(positive, soc, full="minimum"),
        },
        "stoichiometry": {
            "negative_at_full": negative.maximum_stoichiometry,
            "negative_at_empty": negative.minimum_stoichiometry,
            "positive_at_full": positive.minimum_stoichiometry,
            "positive_at_empty": positive.maximum_stoichiometry,
        },
        "negative": _electrode(negative, electrolyte, concentration),
        "separator": {
            "thickness": parameters.separator.thickness,
            "porosity": parameters.separator.porosity,
            "transport": _transport(parameters.separator),
            "electrolyte": electrolyte,
        },
        "positive": _electrode(positive, electrolyte, concentration),
        "thermal": _thermal(cell, state),
    }


def _slug(text: str) -> str:
    kept = "".join(ch if ch.isascii() and ch.isalnum() else "-" for ch in text).strip("-")
    while "--" in kept:
        kept = kept.replace("--", "-")
    return kept[:60] or "bpx-cell"


def _at(electrode: Any, soc: float | None, full: str) -> float:
    """Return the filling at a state of charge (1 where the file names none), linear between BPX's limits."""
    low, high = electrode.minimum_stoichiometry, electrode.maximum_stoichiometry
    soc = 1.0 if soc is None else soc
    if not 0 <= soc <= 1:
        raise InputError(f"State.Initial state-of-charge is {soc:g}, allowed 0 to 1: correct it")
    return float(low + soc * (high - low) if full == "maximum" else high - soc * (high - low))


def _format(cell: Any, pairs: int) -> dict[str, Any]:
    out: dict[str, Any] = {
        "kind": "laboratory",
        "electrode_area": cell.electrode_area * pairs,
        "layers": pairs,
    }
    if cell.volume:
        out["volume"] = cell.volume
        if cell.density:
            out["mass"] = {
                "value": cell.volume * cell.density,
                "known_by": "derived",
                "note": "density times volume",
            }
    return out


def _thermal(cell: Any, state: Any) -> dict[str, Any]:
    out: dict[str, Any] = {"cooling_area": cell.external_surface_area or 0.0}
    if cell.specific_heat_capacity:
        out["heat_capacity"] = cell.specific_heat_capacity
    environment = state.thermal_environment if state is not None else None
    transfer = getattr(environment, "heat_transfer_coefficient", None)
    if transfer is not None:
        out["heat_transfer_coefficient"] = transfer
    return out


def _transport(region: Any) -> dict[str, Any]:
    efficiency, porosity = region.transport_efficiency, region.porosity
    if porosity >= 1.0 or efficiency >= 1.0:
        return {"law": "effective"}
    if efficiency <= 0 or porosity <= 0:
        raise InputError(f"Transport efficiency is {efficiency:g}, allowed above 0 to 1: correct it")
    return {"law": "bruggeman", "exponent": math.log(efficiency) / math.log(porosity)}


def _law(value: Any, variable: str, energy: float | None, scale: float = 1.0) -> dict[str, Any]:
    """Return a property of our file format for BPX's number, expression of x, or table."""
    out: dict[str, Any] = {"scale": scale}
    if hasattr(value, "x") and hasattr(value, "y"):
        points = sorted(zip(value.x, value.y, strict=True))
        out.update(x=[point[0] for point in points], y=[point[1] for point in points], interpolation="linear")
    elif isinstance(value, str):
        out["value"] = value if variable == "x" else renamed(value, "x", variable)
    else:
        out["value"] = float(value)
    if energy:
        out["activation_energy"] = float(energy)
    return out


def _potential(electrode: Any) -> dict[str, Any]:
    """Return the open-circuit potential, known from where to where its expression is a potential at all.

    Fits with steep exponentials leave all bounds outside BPX's stoichiometry limits: the range grows from
    these limits outwards as long as the value stays within -1 to 6 V.
    """
    out = _law(electrode.ocp, "x", None)
    if not isinstance(out.get("value"), str):
        return out
    import numpy as np

    low, high = electrode.minimum_stoichiometry, electrode.maximum_stoichiometry
    down, up = np.linspace(low, 0.0, 401), np.linspace(high, 1.0, 401)
    law = Expression(out["value"], "x")
    ends = []
    for points in (down, up):
        values = law.evaluate(points)
        bad = ~((values > -1.0) & (values < 6.0))
        ends.append(float(points[max(int(np.argmax(bad)) - 1, 0) if bad.any() else -1]))
    out["range"] = ends
    return out


def renamed(text: str, old: str, new: str) -> str:
    """Return an expression in another variable."""
    tree = ast.parse(str(text), mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == old:
            node.id = new
    return ast.unparse(tree)


def _electrolyte(electrolyte: Any, concentration: float) -> dict[str, Any]:
    return {
        "initial_concentration": concentration,
        "conductivity": _law(electrolyte.conductivity, "c", electrolyte.conductivity_activation_energy),
        "diffusivity": _law(electrolyte.diffusivity, "c", electrolyte.diffusivity_activation_energy),
        "transference_number": electrolyte.cation_transference_number,
        "thermodynamic_factor": 1.0,
        "single_ion": False,
    }


def _electrode(electrode: Any, electrolyte: dict[str, Any], concentration: float) -> dict[str, Any]:
    """Return our porous electrode; i0 = F k sqrt(c_e/c_e0 x (1-x)) gives the prefactor F k / (sqrt(c_e0)
    c_max).
    """
    maximum = electrode.maximum_concentration
    fraction = electrode.surface_area_per_unit_volume * electrode.particle_radius / 3.0
    prefactor = FARADAY * electrode.reaction_rate_constant / (math.sqrt(concentration) * maximum)
    entropic = 0.0 if electrode.dudt is None else electrode.dudt
    return {
        "kind": "porous",
        "thickness": electrode.thickness,
        "porosity": electrode.porosity,
        "active_fraction": {
            "value": fraction,
            "known_by": "derived",
            "note": "surface area times radius / 3",
        },
        "particle_radius": electrode.particle_radius,
        "electrolyte": electrolyte,
        "transport": _transport(electrode),
        "conductivity": electrode.conductivity,
        "maximum_concentration": maximum,
        "open_circuit_potential": _potential(electrode),
        "entropic_change": _law(entropic, "x", None),
        "diffusivity": _law(electrode.diffusivity, "x", electrode.diffusivity_activation_energy),
        "exchange_current_prefactor": {
            "value": prefactor,
            "activation_energy": float(electrode.reaction_rate_constant_activation_energy or 0.0),
        },
    }
