"""Do library cells close energy, mass and volume against what is published? The jobs of ``closures``.

A closure is no validation: free values, listed, were chosen inside their ranges so that it closes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ionstone.study.validation.case import Case

GROUP = "closures"
TOLERANCE = 0.03
#: library cell -> what it stands for; a cell that the library does not hold is left out
CELLS = {
    "qse5": "QuantumScape QSE-5 B",
    "semi-solid-360": "Nio/WeLion",
    "factorial-77": "Factorial FEST",
    "samsung-agc": "Samsung SAIT Ag-C",
    "solid-power-si": "Solid Power target with silicon",
    "solid-power-li": "Solid Power target with lithium",
    "prologium-si": "ProLogium with silicon",
    "nmc811-fast": "Hyundai and Kia 55.6 Ah",
}
#: cells in series and parallel, energy [kWh] and its source, of a published pack
PACKS = {
    "semi-solid-360": (96, 4, 150.0, "batterydesign.net, 150 kWh NIO ES6: 96s4p of 110 Ah, 575 kg"),
    "nmc811-fast": (192, 2, 77.4, "github.com/cgalpin/hyundai-egmp-research, Battery/README.md"),
}


def jobs() -> list[tuple[str, Callable[[], list[Case]]]]:
    """The cases as (name, function that computes them)."""
    from ionstone.cell_design.library import cell_names
    from ionstone.study.validation import fast_charge

    known = set(cell_names())
    found = [(f"closure of {title}", partial(_closure, n, title)) for n, title in CELLS.items() if n in known]
    return [*found, *fast_charge.jobs()]


def _closure(name: str, title: str) -> list[Case]:
    from ionstone.cell_design import load_cell
    from ionstone.study.comparison.evaluate import closure_line, stated_energy, stated_temperature

    cell = load_cell(name)
    energy = stated_energy(cell)
    where = f"discharge at C/5 from full, {stated_temperature(cell) - 273.15:.0f} degC"
    free = free_values(cell)
    out = []
    for line in map(closure_line, cell.closure(energy)):
        if line.published is None or line.quantity == "capacity":
            continue  # the nominal capacity is a rating
        note = where if "energy" in line.quantity else "from the layers"
        if line.quantity in ("volume", "energy density"):
            note += breath(cell)
        case = Case(
            f"{title}: {line.quantity}",
            GROUP,
            line.published,
            line.computed,
            line.unit,
            TOLERANCE,
            line.source,
            note=note,
            free=free,
        )
        out.append(case)
    if name in PACKS:
        series, parallel, published, source = PACKS[name]
        computed = series * parallel * energy / 3.6e6
        note = f"{series}s{parallel}p, {where}"
        title = f"{title}: energy of the pack"
        out.append(Case(title, GROUP, published, computed, "kWh", TOLERANCE, source, note=note, free=free))
    return out


def free_values(cell: Any) -> tuple[str, ...]:
    """The estimated numbers of layers and housing, with their ranges, as lines."""
    from ionstone.core.quantities import format_parameter, format_range

    return tuple(
        f"{r.path} {format_parameter(r.path, r.value, r.unit)} of "
        f"{format_range(r.path, r.low, r.high, r.unit)}"
        for r in cell.records()
        if r.evidence == "estimated"
        and isinstance(r.value, float)
        and None not in (r.low, r.high)
        and r.low != r.high
        and r.path.rsplit(".", 1)[-1] in _GEOMETRY
    )


_GEOMETRY = {
    "electrode_area",
    "housing_mass",
    "housing_volume",
    "thickness",
    "porosity",
    "active_fraction",
    "void_fraction",
    "maximum_concentration",
    "density",
    "n_p_ratio",
}


def breath(cell: Any) -> str:
    """Charge state and pressure at which a volume holds, and how much of it the cell breathes."""
    if "stack_pressure" not in cell.resolved.numbers:
        return ", at full charge"
    pressure = cell.pressure()
    volume = pressure.breathing * cell["electrode_area"]
    text = f", at full charge and {pressure.full / 1e6:.3g} MPa"
    if volume:
        of_stack = volume / cell.stack.volume
        text += f"; breathes {volume * 1e6:.2g} mL, {volume / cell.volume:.0%} of it"
        text += f" ({of_stack:.0%} of the stack)"
    return text
