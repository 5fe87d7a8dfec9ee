"""Checks of impedances: against closed formulas, and against PyBaMM's own EIS, from 1 mHz to 1 MHz.

Each figure is the largest difference over the frequencies, as a share of the magnitude.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.errors import MissingExtraError
from ionstone.study.verification import reference as verify_reference
from ionstone.study.verification.check import Check

if TYPE_CHECKING:
    from ionstone.cell_design import Cell

Runner = Callable[[], list[Check]]
HERTZ = np.logspace(-3, 6, 46)
#: [%] of the magnitude
LIMIT = 0.1
SOC, TEMPERATURE = 0.5, 298.15
SPHERES = "impedance of single particles, closed formula"
LINE = "impedance of a solid cell, transmission line"


def jobs() -> list[tuple[str, str, Runner]]:
    """The comparisons as (group, name, function that runs it)."""
    listed: list[tuple[str, str, Runner]] = [
        ("laws", SPHERES, partial(_closed, SPHERES, "lg-m50", "SPM")),
        ("laws", LINE, partial(_closed, LINE, "sulfide-li", "P2D")),
    ]
    for model in ("P2D", "SPM"):
        name = f"impedance, {model} of Chen2020"
        run = partial(_chen2020, name, model)
        listed.append(("pybamm", name, run if verify_reference.available() else partial(_skipped, name)))
    return listed


def _skipped(name: str) -> list[Check]:
    return [Check.skipped(name, "pybamm", "needs pip install 'ionstone[crosscheck]'")]


def _closed(name: str, cell: str, model: str) -> list[Check]:
    """A library cell against its closed formula."""
    from ionstone.cell_design import load_cell
    from ionstone.study.verification.closed_forms import ClosedForm

    loaded = load_cell(cell)
    try:
        found = _ours(loaded, model).area_specific
    except MissingExtraError as error:
        return [Check.skipped(name, "laws", str(error))]
    form = ClosedForm(loaded, 2j * np.pi * HERTZ, TEMPERATURE, SOC)
    exact = form.single_particles() if model == "SPM" else form.solid_cell()
    detail = f"{loaded.name}, 1 mHz to 1 MHz at 50 %, default grid of the impedance"
    return [_check(name, "laws", found, exact, detail)]


def _chen2020(name: str, model: str) -> list[Check]:
    """Chen2020 with double layers of 0.2 F/m2, balanced by anions as in PyBaMM."""
    from ionstone.cell_design import load_cell

    cell = load_cell("lg-m50")
    s = cell.parameters().scalars
    fillings = {
        e: s[f"{e}.stoichiometry_at_empty"]
        + SOC * (s[f"{e}.stoichiometry_at_full"] - s[f"{e}.stoichiometry_at_empty"])
        for e in ("negative", "positive")
    }
    reference = verify_reference.chen2020_impedance(HERTZ, fillings, model)
    detail = f"1 mHz to 1 MHz, default grid of the impedance; {verify_reference.EIS_GRID.text()}"
    return [_check(name, "pybamm", _ours(cell, model).impedance, reference, detail)]


def _ours(cell: Cell, model: str) -> Any:
    from ionstone.simulation.impedance import impedance

    return impedance(cell, HERTZ, soc=SOC, temperature=TEMPERATURE, model=model, anions=1.0)


def _check(name: str, group: str, found: Any, exact: Any, detail: str) -> Check:
    error = np.abs(found - exact) / np.abs(exact)
    at = int(np.argmax(error))
    where = f"largest at {HERTZ[at]:.3g} Hz; {detail}"
    return Check.at_most(f"{name}: largest difference", group, 100 * float(error[at]), LIMIT, "%", where)
