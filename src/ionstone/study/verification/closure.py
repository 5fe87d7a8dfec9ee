"""Do the cells close? Mass, volume and energy from the layers against what is published: group ``closure``.

A published parameter set is taken as it is, so a cell need not close; it is then told by how much it does
not. Energies are those of a discharge at C/5, at 25 degC or at the temperature that the cell is held at.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ionstone.study.verification.check import Check

GROUP = "closure"


def jobs() -> list[tuple[str, Callable[[], list[Check]]]]:
    """The checks as (name, function that runs it), one a reference cell."""
    from ionstone.study.comparison.compare import REFERENCE_CELLS

    return [(f"closure of {name}", partial(_closure, name)) for name in REFERENCE_CELLS]


def _closure(name: str) -> list[Check]:
    from ionstone.cell_design import load_cell
    from ionstone.study.comparison.evaluate import CLOSES_WITHIN, closure_line, stated_energy

    cell = load_cell(name)
    energy, where = stated_energy(cell), f"discharge at C/5, {_held(cell):.0f} degC"
    lines = [closure_line(found) for found in cell.closure(energy)]
    checks: list[Check] = []
    told = ""
    for line in lines:
        if line.deviation is None or line.quantity == "capacity":
            continue  # the nominal capacity is a rating, and what C-rates refer to
        detail = f"{line.computed:.4g} {line.unit} computed, {line.published:.4g} {line.unit} published"
        detail += f"; {where}" if "energy" in line.quantity else ""
        detail += f" ({line.source})" if line.source != told else ""
        told = line.source
        checks.append(_check(f"{name}: {line.quantity}", line.deviation, CLOSES_WITHIN, detail))
    if not checks:
        computed = f"{energy / 3600:.4g} Wh, {1e3 * cell.mass:.4g} g, {1e3 * cell.volume:.4g} L computed"
        text = f"no mass, volume or energy is published; {computed}"
        checks = [Check.skipped(f"{name}: mass, volume, energy", GROUP, text)]
    return checks


def _check(name: str, deviation: float, limit: float, detail: str) -> Check:
    met = abs(deviation) <= limit
    return Check(name, GROUP, 100 * deviation, 100 * limit, "%", met, detail, required=False)


def _held(cell: object) -> float:
    from ionstone.study.comparison.evaluate import stated_temperature

    return stated_temperature(cell) - 273.15
