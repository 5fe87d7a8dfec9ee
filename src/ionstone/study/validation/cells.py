"""Capacities of sulfide cells against Minnmann et al. 2021: the jobs of the group ``cells``.

Lithium stands for In/InLi; transport is as measured on the composites. All else was fixed beforehand
(``measured/minnmann2021.yaml``). Rates above 0.1C are shown without a verdict, then diffusivity and contact
fraction are fitted to the two capacities at 42 vol% and the other compositions shown with them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

import numpy as np

from ionstone.study.validation.case import Case
from ionstone.study.validation.measured import minnmann2021 as data

if TYPE_CHECKING:
    from ionstone.cell_design import Cell

GROUP = "cells"
TOLERANCE = 0.25
AREA = 0.785e-4  # m^2
FITTED_AT = 0.42
#: grid of the fit: diffusivity [m^2/s] and contact fraction [-]
DIFFUSIVITIES = tuple(np.geomspace(2e-17, 2e-14, 16).tolist())
CONTACTS = tuple(np.geomspace(1e-3, 1.0, 13).tolist())


def jobs() -> list[tuple[str, Callable[[], list[Case]]]]:
    """The cases as (name, function that computes them)."""
    listed: list[tuple[str, Callable[[], list[Case]]]] = [
        (f"Minnmann 2021: capacity at {100 * ncm:.0f} vol%", partial(_cell, ncm)) for ncm in data.CAPACITY
    ]
    return [*listed, ("Minnmann 2021: capacity with two numbers fitted at 42 vol%", _fitted)]


@lru_cache(maxsize=1)
def _base() -> Cell:
    from ionstone.cell_design import load_cell

    with as_file(files("ionstone.study.validation.measured") / "minnmann2021.yaml") as path:
        return load_cell(path)


def cell_of(ncm: float) -> Cell:
    """The cell with a volume fraction of NCM [-]."""
    row = next(c for c in data.COMPOSITES if c.ncm == ncm)
    thickness = data.LOADING[ncm] / (ncm * data.NCM_DENSITY)
    changes = {
        "positive.thickness": thickness,
        "positive.active_fraction": ncm,
        "positive.porosity": row.sulfide,
        "positive.void_fraction": min(row.void, 1.0 - ncm - row.sulfide),
        "positive.transport.factor": row.ionic_factor,
        "positive.electronic_transport.factor": row.electronic_factor,
        "nominal_capacity": data.LOADING[ncm] * AREA * data.RATED * 3.6e3,
    }
    at = _base()
    smaller = dict(sorted(changes.items(), key=lambda item: item[1] > at[item[0]]))
    return at.replace(smaller)


def capacities(cells: list[Cell], rate: float) -> np.ndarray:
    """Discharge capacity [mAh per g of NCM] at a rate [1/h]; 0 where a run fails.

    The cell is charged at 0.1C to 4.3 V before (whether the paper holds the voltage then is not known).
    """
    from ionstone.experiment import parse_protocol
    from ionstone.simulation import simulate_batch

    protocol = parse_protocol(["Charge at C/10 until 4.3 V", f"Discharge at {rate:g}C until 2.6 V"])
    batch = simulate_batch(cells, protocol, temperature=298.15, soc=0.0)
    charge = np.where(batch.code == 0, batch.summary["discharge_capacity"], 0.0)
    grams = np.array([c["positive.thickness"] * c["positive.active_fraction"] for c in cells])
    grams = 1e3 * grams * data.NCM_DENSITY * AREA
    return np.asarray(charge / 3.6 / grams)


def _name(ncm: float, rate: float) -> str:
    return f"Minnmann 2021: capacity at {100 * ncm:.0f} vol% NCM, {rate:g}C"


def _cell(ncm: float) -> list[Case]:
    out = []
    for rate, measured in data.CAPACITY[ncm].items():
        found = float(capacities([cell_of(ncm)], rate)[0])
        verdict = TOLERANCE if rate == 0.1 else None
        note = "parameters fixed beforehand; conductivities as measured; lithium stands for In/InLi"
        out.append(Case(_name(ncm, rate), GROUP, measured, found, "mAh/g", verdict, data.SOURCE, note=note))
    return out


def fit() -> tuple[float, float]:
    """Diffusivity [m^2/s] and contact fraction [-] that meet both capacities at 42 vol% best, on a grid."""
    base = cell_of(FITTED_AT)
    pairs = [(d, c) for d in DIFFUSIVITIES for c in CONTACTS]
    cells = [base.replace({"positive.diffusivity": d, "positive.contact_fraction": c}) for d, c in pairs]
    error = np.zeros(len(pairs))
    for rate, measured in data.CAPACITY[FITTED_AT].items():
        error += (capacities(cells, rate) / measured - 1) ** 2
    return pairs[int(np.argmin(error))]


def _fitted() -> list[Case]:
    diffusivity, contact = fit()
    changes = {"positive.diffusivity": diffusivity, "positive.contact_fraction": contact}
    note = f"diffusivity {diffusivity:.2g} m^2/s and contact {contact:.2g}, the best of a grid at 42 vol%"
    out = []
    for ncm, points in data.CAPACITY.items():
        for rate, measured in points.items():
            found = float(capacities([cell_of(ncm).replace(changes)], rate)[0])
            fitted = ncm == FITTED_AT
            name = f"{_name(ncm, rate)}, {'fitted' if fitted else 'predicted by the fit'}"
            out.append(
                Case(name, GROUP, measured, found, "mAh/g", None, data.SOURCE, fitted=fitted, note=note)
            )
    return out
