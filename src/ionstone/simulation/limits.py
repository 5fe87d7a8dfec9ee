"""The limits of a run: voids, filaments, creep shorts, stability of the electrolytes.

Currents are those per area of the planar electrode, which is uniform in these models. The pressure follows
the charge between those of the empty and the full cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from ionstone.cell_design.limits import doux2020, fracture, kasemchainan2019, no_limit, wang2019
from ionstone.cell_design.limits.base import LimitRecord, Threshold

if TYPE_CHECKING:
    from ionstone.cell_design import Cell
    from ionstone.results import Run

VOID_LAWS: dict[str, ModuleType] = {"kasemchainan2019": kasemchainan2019, "wang2019": wang2019}
SHORT_LAWS: dict[str, ModuleType] = {"doux2020": doux2020, "no_limit": no_limit}
WINDOW_NOTE = "thermodynamic: beyond it an interphase grows, and may stop; kinetic windows are wider"


def limits_of(cell: Cell, run: Run) -> tuple[LimitRecord, ...]:
    """The limits of a run of a cell, each with law, inputs and margin; without numbers none."""
    if not run.time.size:
        return ()
    found: list[LimitRecord | None] = []
    if cell.parameters().negative_kind != "porous":
        found += [voids(cell, run), filaments(cell, run), creep_short(cell, run)]
    found += [reduction(cell, run), oxidation(cell, run)]
    return tuple(record for record in found if record is not None)


def pressure_over(cell: Cell, run: Run) -> np.ndarray:
    """Stack pressure [Pa] at each point of a run; InputError where the cell has none."""
    ends = cell.pressure()
    share = run.outputs["soc"] if "soc" in run.outputs else np.ones_like(run.time)
    return np.maximum(ends.empty + (ends.full - ends.empty) * share, 0.0)


def _record(
    name: str,
    law: str,
    value: np.ndarray,
    threshold: np.ndarray,
    run: Run,
    source: str,
    inputs: tuple[str, ...],
    extrapolated: np.ndarray | None = None,
    unit: str = "A/m2",
    note: str = "",
) -> LimitRecord:
    """The worst point: where the value comes nearest to, or farthest beyond, its threshold."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(value > 0, value / threshold, 0.0)
    at = int(np.argmax(ratio))
    beyond = bool(extrapolated[at]) if extrapolated is not None else False
    return LimitRecord(
        name,
        law,
        float(value[at]),
        float(threshold[at]),
        unit,
        1.0 - float(ratio[at]),
        float(run.time[at]),
        beyond,
        source,
        inputs,
        note=note,
    )


def _given(cell: Cell, path: str) -> str:
    number = cell.resolved.numbers[path]
    return number.source or "no source given"


def _line(cell: Cell, path: str) -> str:
    from ionstone.core.quantities import format_parameter

    number, quantity = cell.resolved.numbers[path], cell.resolved.quantities[path]
    return f"{path} {format_parameter(path, number.value, quantity.unit)} ({number.evidence})"


def _by_pressure(law: Callable[[float], Threshold], pressures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known: Mapping[float, Threshold] = {p: law(p) for p in np.unique(pressures).tolist()}
    found = [known[p] for p in pressures.tolist()]
    return np.array([t.value for t in found]), np.array([t.extrapolated for t in found])


def _at_metal(cell: Cell, current: np.ndarray) -> np.ndarray:
    """A current out of the negative electrode; between two metals one is stripped and one plated always."""
    return (
        np.abs(current)
        if cell.parameters().positive_kind in ("lithium", "anode_free")
        else np.maximum(current, 0.0)
    )


def voids(cell: Cell, run: Run) -> LimitRecord | None:
    """Stripping current against the current at which voids open."""
    stripping = _at_metal(cell, run.outputs["current_density"])
    law = str(cell.resolved.choices.get("negative.void_law", "given"))
    if law in VOID_LAWS:
        module = VOID_LAWS[law]
        pressures = pressure_over(cell, run)
        threshold, beyond = _by_pressure(module.void_current_density, pressures)
        inputs = (_line(cell, "stack_pressure"), f"hardware {cell.pressure().hardware}")
        return _record("voids", law, stripping, threshold, run, module.SOURCE, inputs, beyond)
    path = "negative.void_current_density"
    if law == "no_limit" or path not in cell.resolved.numbers:
        return None
    threshold = np.full_like(stripping, cell[path])
    return _record("voids", "given", stripping, threshold, run, _given(cell, path), (_line(cell, path),))


def filaments(cell: Cell, run: Run) -> LimitRecord | None:
    """Plating current against the critical current, which follows the temperature."""
    scalars = cell.parameters().scalars
    critical = scalars["negative.critical_current_density"]
    if not np.isfinite(critical):
        return None
    from ionstone.cell_model.laws.temperature import arrhenius
    from ionstone.core.constants import R

    energy = scalars["negative.critical_current_activation_energy"] / R
    factor = arrhenius(energy, run.temperature, scalars["reference_temperature"])
    plating = _at_metal(cell, -run.outputs["current_density"])
    law = str(cell.resolved.choices.get("negative.filament_law", "given"))
    if law == "fracture":
        resistance = (
            scalars["negative.interphase_resistance"] + scalars["separator.interface_resistance_negative"]
        )
        inputs: tuple[str, ...] = (
            _line(cell, "separator.electrolyte.fracture_toughness"),
            _line(cell, "negative.flaw"),
            f"area-specific resistance {1e4 * resistance:.4g} ohm cm^2 of interphase and interface",
        )
        source = fracture.SOURCE
    else:
        path = "negative.critical_current_density"
        inputs, source = (_line(cell, path),), _given(cell, path)
    return _record("filaments", law, plating, critical * factor, run, source, inputs)


def creep_short(cell: Cell, run: Run) -> LimitRecord | None:
    """Time under pressure against the time to a creep short; parts of it add up as shares."""
    law = str(cell.resolved.choices.get("negative.short_law", "no_limit"))
    if law == "no_limit":
        return None
    module, pressures = SHORT_LAWS[law], pressure_over(cell, run)
    times, beyond = _by_pressure(module.time_to_short, pressures)
    duration = float(run.time[-1] - run.time[0])
    rate = 1.0 / times
    used = float(np.sum(np.diff(run.time) * (rate[1:] + rate[:-1]) / 2)) if run.time.size > 1 else 0.0
    worst = int(np.argmin(times))
    return LimitRecord(
        "creep short",
        law,
        duration,
        duration / used if used > 0 else float(times[worst]),
        "s",
        1.0 - used,
        float(run.time[-1]),
        bool(np.any(beyond)),
        module.SOURCE,
        (_line(cell, "stack_pressure"), f"hardware {cell.pressure().hardware}"),
        note="measured at 0.075 mA/cm^2 in one pellet",
    )


def _window(
    cell: Cell, run: Run, name: str, path: str, potential: np.ndarray, least: bool
) -> LimitRecord | None:
    if path not in cell.resolved.numbers:
        return None
    limit = cell[path]
    margin = potential - limit if least else limit - potential
    at = int(np.argmin(margin))
    return LimitRecord(
        name,
        "stability window",
        float(potential[at]),
        limit,
        "V",
        float(margin[at]),
        float(run.time[at]),
        False,
        _given(cell, path),
        (_line(cell, path),),
        least,
        WINDOW_NOTE,
    )


def _negative_potential(cell: Cell, run: Run) -> np.ndarray:
    """The negative electrode against lithium [V]: 0 for lithium itself."""
    if cell.parameters().negative_kind != "porous":
        return np.zeros_like(run.time)
    return np.asarray(run.outputs.get("plating_potential", np.zeros_like(run.time)))


def reduction(cell: Cell, run: Run) -> LimitRecord | None:
    """The potential of the negative electrode against the reduction of the electrolyte that touches it."""
    region = "separator" if cell.parameters().negative_kind != "porous" else "negative"
    path = f"{region}.electrolyte.reduction_limit"
    return _window(cell, run, "reduction of the electrolyte", path, _negative_potential(cell, run), True)


def oxidation(cell: Cell, run: Run) -> LimitRecord | None:
    """The potential of the positive electrode against the oxidation of its electrolyte.

    Terminal voltage plus the potential of the negative electrode: the drops inside the cell are in it.
    """
    potential = run.voltage + _negative_potential(cell, run)
    path = "positive.electrolyte.oxidation_limit"
    return _window(cell, run, "oxidation of the electrolyte", path, potential, False)
