"""Conductivities of composites against Minnmann et al. 2021: the jobs of the group ``composites``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ionstone.cell_design.composite import sized_percolation
from ionstone.cell_design.composite.base import Composition
from ionstone.study.validation.case import Case
from ionstone.study.validation.fit_percolation import Fit, fit_percolation
from ionstone.study.validation.measured import minnmann2021 as data

GROUP = "composites"
TOLERANCE = 0.15
KINDS = ("ionic", "electronic")


def jobs() -> list[tuple[str, Callable[[], list[Case]]]]:
    """The cases as (name, function that computes them)."""
    return [(f"Minnmann 2021: {kind} conductivity", partial(_kind, kind)) for kind in KINDS]


def bulk(kind: str) -> float:
    """Conductivity [S/m] of the pure phase."""
    return data.SULFIDE if kind == "ionic" else data.NCM


def composition(row: data.Composite, kind: str, sulfide_radius: float = data.SULFIDE_RADIUS) -> Composition:
    """A composite, seen from the phase that conducts."""
    if kind == "ionic":
        return Composition(row.sulfide, row.void, sulfide_radius, data.NCM_RADIUS)
    return Composition(row.ncm, row.void, data.NCM_RADIUS, sulfide_radius)


def measured(row: data.Composite, kind: str) -> float:
    """Measured conductivity [S/m]."""
    return row.ionic if kind == "ionic" else row.electronic


def values(kind: str) -> dict[str, float]:
    """The default numbers of the law."""
    return {key: row[0] for key, row in sized_percolation.DEFAULTS[kind].items()}


def fit(kind: str, rows: tuple[data.Composite, ...] = data.COMPOSITES) -> Fit:
    """The calibration of the law on some of the composites."""
    at = [composition(row, kind) for row in rows]
    return fit_percolation(
        np.array([c.of_solids for c in at]),
        np.array([c.void for c in at]),
        np.array([measured(row, kind) / bulk(kind) for row in rows]),
        reference_voids=values(kind)["reference_void_fraction"],
        prefactor=kind == "electronic",
    )


def _kind(kind: str) -> list[Case]:
    numbers = "two numbers" if kind == "ionic" else "three numbers"
    out = []
    for row in data.COMPOSITES:
        at = composition(row, kind)
        computed = bulk(kind) * sized_percolation.share(at, values(kind), kind)
        note = f"law calibrated on these five points ({numbers})"
        out.append(_case(_name(kind, at), row, kind, computed, TOLERANCE, True, note))
    out += [_left_out(kind, k) for k in range(len(data.COMPOSITES))]
    fine = composition(data.FINE, kind, data.FINE_RADIUS)
    conductivity = data.FINE_SULFIDE if kind == "ionic" else data.NCM
    computed = conductivity * sized_percolation.share(fine, values(kind), kind)
    note = "nothing fitted: the size term is Bielefeld's slope; voids of the fine composite are not given"
    out.append(_case(f"{_name(kind, fine)}, fine electrolyte", data.FINE, kind, computed, None, False, note))
    return out


def _name(kind: str, at: Composition) -> str:
    phase = "sulfide" if kind == "ionic" else "NCM"
    return f"Minnmann 2021: {kind} conductivity at {100 * at.fraction:.0f} vol% {phase}"


def _left_out(kind: str, k: int) -> Case:
    """The law of the other four points at the one that was left out."""
    row = data.COMPOSITES[k]
    found = fit(kind, data.COMPOSITES[:k] + data.COMPOSITES[k + 1 :])
    at = composition(row, kind)
    numbers = values(kind) | {
        "threshold": found.threshold,
        "exponent": found.exponent,
        "prefactor": found.prefactor,
    }
    below = at.of_solids <= found.threshold
    computed = 0.0 if below else bulk(kind) * sized_percolation.share(at, numbers, kind)
    note = f"fit to the other four points: threshold {found.threshold:.3f}, exponent {found.exponent:.2f}"
    note += "; below that threshold nothing conducts" if below else ""
    return _case(f"{_name(kind, at)}, left out of the fit", row, kind, computed, None, False, note)


def _case(
    name: str,
    row: data.Composite,
    kind: str,
    computed: float,
    tolerance: float | None,
    fitted: bool,
    note: str,
) -> Case:
    scale = 10.0  # S/m to mS/cm
    published = scale * measured(row, kind)
    return Case(
        name, GROUP, published, scale * computed, "mS/cm", tolerance, data.SOURCE, fitted=fitted, note=note
    )
