"""What the fast charge that is claimed for Factorial's FEST cell would need: jobs of the group ``closures``.

The cell of the library is charged from 15 % at a constant current and then at its upper cut-off. Nothing
inside it is published, so that no row has a verdict: each says what the claim implies beside what the cell of
the library has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.materials.expressions import Expression
from ionstone.study.validation.case import Case

if TYPE_CHECKING:
    from ionstone.cell_design import Cell

GROUP = "closures"
NAME = "factorial-77"
START, END, MINUTES = 0.15, 0.90, 18.0
SOURCE = "Stellantis and Factorial 2025-04-24: 15 to over 90 % in 18 min at room temperature"
#: current of the first phase over the mean current of the claim
AHEAD = 1.2
TEMPERATURE = 298.15  # K
#: shares of the conductivity and diffusivity of the electrolytes that are tried, from high to low
SHARES = tuple(np.geomspace(4.0, 0.05, 24).tolist())
_TRANSPORT = tuple(
    f"{region}.electrolyte.{key}"
    for region in ("separator", "positive")
    for key in ("conductivity", "diffusivity")
)


def jobs() -> list[tuple[str, Callable[[], list[Case]]]]:
    """The cases as (name, function that computes them)."""
    return [("Factorial FEST: what 15 to 90 % in 18 min needs", needs)]


def mean_rate() -> float:
    """Mean C-rate [1/h] of the claim."""
    return (END - START) / (MINUTES / 60.0)


def charging_minutes(cell: Cell) -> float:
    """Minutes from 15 to 90 % of charge, at the upper cut-off once it is met; not a number if never."""
    from ionstone.simulation import simulate

    top = cell["voltage.upper_cutoff"]
    steps = [f"Charge at {AHEAD * mean_rate():g}C until {top:g} V", f"Hold at {top:g} V until C/10"]
    run = simulate(cell, steps, soc=START, temperature=TEMPERATURE)
    soc, time = np.asarray(run.outputs["soc"]), np.asarray(run.time)
    if run.code or soc[-1] < END:
        return float("nan")
    return float(np.interp(END, soc, time)) / 60.0


def allowed_resistance(cell: Cell) -> float:
    """Area-specific resistance [ohm m2] that leaves the mean current below the upper cut-off up to 90 %."""
    from ionstone.simulation import simulate

    rest = simulate(cell, ["Rest for 1 s"], soc=END, temperature=TEMPERATURE)
    room = cell["voltage.upper_cutoff"] - float(rest.outputs["voltage"][-1])
    return room / mean_current(cell)


def mean_current(cell: Cell) -> float:
    """Mean current density [A/m2] of the claim."""
    return mean_rate() / 3600.0 * cell["nominal_capacity"] / cell["electrode_area"]


def resistance(cell: Cell) -> float:
    """Area-specific resistance [ohm m2] of the cell after 60 s of the mean current at half charge."""
    from ionstone.simulation import simulate

    run = simulate(cell, [f"Charge at {mean_rate():g}C for 60 s"], soc=0.5, temperature=TEMPERATURE)
    rest = simulate(cell, ["Rest for 1 s"], soc=0.5 + mean_rate() / 60.0, temperature=TEMPERATURE)
    rise = float(run.outputs["voltage"][-1]) - float(rest.outputs["voltage"][-1])
    return rise / mean_current(cell)


def scaled(cell: Cell, share: float) -> Cell:
    """The cell with conductivity and diffusivity of its electrolytes scaled."""
    changes: dict[str, Any] = {}
    for path in _TRANSPORT:
        function = cell.function(path).function
        if isinstance(function.law, Expression):
            changes[path] = {"value": function.law.text, "scale": share * function.scale}
        else:
            changes[path] = share * cell[path]
    return cell.replace(changes)


def conductivity(cell: Cell) -> float:
    """Conductivity [S/m] of the electrolyte of the positive electrode at its initial concentration."""
    initial = cell["positive.electrolyte.initial_concentration"]
    return float(cell.function("positive.electrolyte.conductivity").function.evaluate(np.array([initial]))[0])


def needed_share(cell: Cell) -> float:
    """The lowest of SHARES with which the charge takes no longer than claimed; not a number if none."""
    enough = float("nan")
    for share in SHARES:
        minutes = charging_minutes(scaled(cell, share))
        if not minutes <= MINUTES:
            break
        enough = share
    return enough


def needs() -> list[Case]:
    """What the claim implies beside what the cell of the library has."""
    from ionstone.cell_design import load_cell
    from ionstone.study.validation.closures import free_values

    cell = load_cell(NAME)
    free = free_values(cell)
    own = conductivity(cell)
    rows = (
        (
            "minutes from 15 to 90 %",
            MINUTES,
            charging_minutes(cell),
            "min",
            f"{AHEAD * mean_rate():.2g}C, then the upper cut-off",
        ),
        (
            "resistance",
            1e4 * allowed_resistance(cell),
            1e4 * resistance(cell),
            "ohm cm2",
            "implied: the most that keeps the mean current below the upper cut-off at 90 %",
        ),
        (
            "conductivity of the gel",
            10 * own * needed_share(cell),
            10 * own,
            "mS/cm",
            "implied: the least, with the diffusivity in step, all else as in the cell",
        ),
        (
            "critical current",
            0.1 * mean_current(cell),
            0.1 * cell["negative.critical_current_density"],
            "mA/cm2",
            "implied: the mean current at this areal capacity; the cell's is set from the claim",
        ),
    )
    return [
        Case(
            f"Factorial FEST in 18 min: {name}",
            GROUP,
            implied,
            found,
            unit,
            None,
            SOURCE,
            note=note,
            free=free,
        )
        for name, implied, found, unit, note in rows
    ]
