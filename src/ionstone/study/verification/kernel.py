"""The compiled kernel against the reference stepper, which evaluates the laws directly with dense algebra."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.study.verification.check import Check
from ionstone.study.verification.ours import Prepared, prepare

if TYPE_CHECKING:
    from ionstone.cell_design import Cell

GROUP = "kernel"
Runner = Callable[[], list[Check]]
LIMIT = 1e-9
CELLS = ("lg-m50", "lfp-graphite", "sodium-nvpf", "sulfide-li", "qse5", "semi-solid-360", "polymer-lfp")


def jobs() -> list[tuple[str, Runner]]:
    """The checks as (name, function that runs it)."""
    return [(f"kernel against reference, {name}", partial(_replay, name)) for name in CELLS]


def _replay(name: str) -> list[Check]:
    from ionstone.cell_design import load_cell

    cell = load_cell(name)
    checks = []
    for heat in ("isothermal", "lumped"):
        difference, steps = replay(cell, heat)
        title = f"kernel against reference, {name}, {heat}"
        detail = (
            f"{steps} accepted steps replayed on 3+2+3 nodes, 4 radial; relative to the largest of each state"
        )
        checks.append(Check.at_most(title, GROUP, difference, LIMIT, "1", detail))
    return checks


def replay(cell: Cell, heat: str) -> tuple[float, int]:
    """Largest difference of the states after replaying the kernel's accepted steps, and their number."""
    from ionstone.simulation import Grid

    prepared = prepare(cell, "Discharge at 0.5C for 20 minutes", heat=heat, grid=Grid(3, 2, 3, 4))
    return replay_prepared(prepared)


def replay_prepared(prepared: Prepared) -> tuple[float, int]:
    """Replay one step of a protocol of constant current.

    States are compared relative to the largest of their kind. Where an event cuts the last step short, its
    end is a point on the dense output, not a step of the method, and is left out.
    """
    outcome = prepared.run(tolerance=1e-4, keep_states=True)
    if outcome.status[0] >= 10:
        raise RuntimeError(f"the kernel stopped with code {outcome.status[0]}")
    rows, states = outcome.rows[0], outcome.states[0]
    reference, step = prepared.reference(), prepared.steps[0]
    set_point = float(step.profile[0, 1])
    scale = _scale(prepared, states)
    if rows[-1][0] < step.duration:
        rows, states = rows[:-1], states[:-1]
    y: Any = states[0]
    worst, count = 0.0, 0
    for previous, row, state in zip(rows[:-1], rows[1:], states[1:], strict=True):
        h = float(row[0] - previous[0])
        if h <= 0.0:
            y = state
            continue
        y = reference.step(y, h, step.weights, set_point)[0]
        worst = max(worst, float(np.max(np.abs(y - state) / scale)))
        count += 1
    return worst, count


def _scale(prepared: Prepared, states: np.ndarray) -> np.ndarray:
    """The largest absolute value of each kind of state over the run, at least 1e-3."""
    reference = prepared.reference()
    scale = np.ones(states.shape[1])
    electrodes, unknowns, lumped = reference.split(scale)
    largest = np.max(np.abs(states), axis=0)
    big_electrodes, big_unknowns, big_lumped = reference.split(largest)
    for (shells, local), (big_shells, big_local) in zip(electrodes, big_electrodes, strict=True):
        if shells is not None and big_shells is not None:
            shells[:] = np.max(big_shells)
        local[:] = np.max(big_local, axis=1, keepdims=True)
    unknowns[:] = np.max(big_unknowns, axis=1, keepdims=True)
    lumped[:] = big_lumped
    return np.maximum(scale, 1e-3)
