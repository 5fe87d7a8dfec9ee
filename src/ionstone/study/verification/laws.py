"""Laws of nature: the lithium inventory and the balance of enthalpy, and the jobs of the group ``laws``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.constants import C0, F
from ionstone.study.verification import convergence
from ionstone.study.verification.check import Check
from ionstone.study.verification.ours import ROOM, Prepared, grid_text, prepare, refined

if TYPE_CHECKING:
    from ionstone.cell_design import Cell
    from ionstone.simulation import Grid

GROUP = "laws"
INVENTORY_LIMIT = 1e-9
ENTHALPY_LIMIT, ENTHALPY_LIMIT_REFINED = 1e-3, 1e-4
CYCLE = ("Discharge at 1C until 2.8 V", "Rest for 10 minutes", "Charge at 0.5C for 20 minutes")
TRANSPORT: dict[str, Any] = {
    "negative.electrolyte.transference_number": "0.2 + 0.1*(c/1000)",
    "separator.electrolyte.transference_number": "0.2 + 0.1*(c/1000)",
    "positive.electrolyte.transference_number": "0.2 + 0.1*(c/1000)",
    "negative.diffusivity": "3.3e-14*(1.3 - 0.6*x)",
    "positive.diffusivity": "4e-15*(0.5 + x)",
}
#: name of a case, cell, changes of its parameters, protocol, heat
INVENTORIES: tuple[tuple[str, str, dict[str, Any], Any, str], ...] = (
    ("lg-m50", "lg-m50", {}, CYCLE, "isothermal"),
    (
        "lg-m50, contact 0.6 and 0.7",
        "lg-m50",
        {"negative.contact_fraction": 0.6, "positive.contact_fraction": 0.7},
        CYCLE,
        "isothermal",
    ),
    ("lg-m50, t+(c) and D(c)", "lg-m50", TRANSPORT, CYCLE, "lumped"),
    (
        "lithium metal half-cell, t+ = 1, contact 0.6",
        "xu2019-half-cell",
        {
            "positive.contact_fraction": 0.6,
            "separator.electrolyte.transference_number": 1.0,
            "positive.electrolyte.transference_number": 1.0,
        },
        ("Discharge at 1C until 3.5 V", "Rest for 10 minutes", "Charge at 0.5C for 20 minutes"),
        "isothermal",
    ),
    (
        "sodium-nvpf, D(c) tables",
        "sodium-nvpf",
        {},
        ("Discharge at 1C until 2.5 V", "Rest for 10 minutes", "Charge at 0.5C for 20 minutes"),
        "isothermal",
    ),
)


def jobs() -> list[tuple[str, Callable[[], list[Check]]]]:
    """The checks as (name, function that runs it)."""
    listed: list[tuple[str, Callable[[], list[Check]]]] = []
    for case in INVENTORIES:
        listed.append((f"lithium inventory, {case[0]}", partial(_inventory, *case)))
    for text, grid, limit in (
        ("default", None, ENTHALPY_LIMIT),
        ("refined", refined(), ENTHALPY_LIMIT_REFINED),
    ):
        for rate in (0.2, 1.0):
            listed.append(
                (f"enthalpy balance at {rate:g}C, {text} grid", partial(_enthalpy, text, rate, grid, limit))
            )
    return listed + convergence.jobs()


def _inventory(name: str, cell: str, changes: dict[str, Any], protocol: Any, heat: str) -> list[Check]:
    from ionstone.cell_design import load_cell

    changed = load_cell(cell).replace(changes)
    prepared = prepare(changed, list(protocol), heat=heat)
    outcome = prepared.run()
    if outcome.status[0] >= 10:
        return [
            Check.failed(f"lithium inventory, {name}", GROUP, f"the run failed with code {outcome.status[0]}")
        ]
    before = inventory(changed, prepared, prepared.lanes.state[0])
    after = inventory(changed, prepared, outcome.state[0])
    value = abs(after / before - 1.0)
    detail = f"discharge, rest, charge on the default grid, {outcome.accepted[0]} steps"
    return [Check.at_most(f"lithium inventory, {name}", GROUP, value, INVENTORY_LIMIT, "1", detail)]


def inventory(cell: Cell, prepared: Prepared, state: np.ndarray) -> float:
    """Lithium (or sodium) in particles, electrolyte and metal [mol/m2], from the state of the kernel.

    The metal counts from its amount at the start, by the charge that has passed.
    """
    scalars = cell.parameters().scalars
    electrodes, unknowns, lumped = prepared.reference().split(state)
    planar = cell.parameters().negative_kind != "porous"
    total = 0.0
    for (concentration, _), name, index in zip(electrodes, ("negative", "positive"), (0, 2), strict=True):
        radial = prepared.mesh.radial[index]
        if concentration is None or radial is None:
            continue
        width = scalars[f"{name}.thickness"] / prepared.mesh.cells[index]
        mean = (3.0 / radial.inverse_volume) @ concentration
        capacity = scalars[f"{name}.active_fraction"] * scalars[f"{name}.maximum_concentration"]
        total += float(np.sum(mean)) * width * capacity
    salt = unknowns[prepared.form.unknowns.index("c")]
    at = 0
    for region, nodes in zip(("negative", "separator", "positive"), prepared.mesh.cells, strict=True):
        if not (planar and region == "negative"):
            width = scalars[f"{region}.thickness"] / nodes
            total += C0 * float(np.sum(salt[at : at + nodes])) * width * scalars[f"{region}.porosity"]
        at += nodes
    if planar:
        total -= float(lumped[prepared.form.lumped.index("charge")]) / F
    return total


def _enthalpy(text: str, rate: float, grid: Grid | None, limit: float) -> list[Check]:
    from ionstone.cell_design import load_cell
    from ionstone.simulation import Grid

    cell = load_cell("lg-m50").replace(
        {"positive.entropic_change": "-1e-4*(x - 0.3)", "negative.entropic_change": "1e-4*(0.5 - x)"}
    )
    value, energy = enthalpy_defect(cell, rate, grid)
    grids = grid_text(grid or Grid())
    detail = f"discharge, rest to equilibrium, lumped heat, {grids}; {energy / 3600:.2f} Wh"
    return [Check.at_most(f"enthalpy balance at {rate:g}C, {text} grid", GROUP, value, limit, "1", detail)]


def enthalpy_defect(cell: Cell, rate: float, grid: Grid | None) -> tuple[float, float]:
    """|work + heat - enthalpy set free| / work of a discharge and a rest to equilibrium, and the work [J].

    At both ends the particles are uniform, so that the enthalpy follows from the charge and the potentials
    alone: integral of U_p - T dU_p/dT - (U_n - T dU_n/dT) over the charge. Nothing of the model enters.
    """
    from ionstone.simulation import simulate

    tolerance = 1e-4 if grid is None else 1e-6
    protocol = [f"Discharge at {rate!r}C until 2.8 V", "Rest for 20 hours"]
    run = simulate(cell, protocol, heat="lumped", temperature=ROOM, grid=grid, tolerance=tolerance)
    work = float(np.trapezoid(run.outputs["power"], run.time))
    heat = float(np.trapezoid(run.outputs["heat"], run.time))
    charge = float(run.outputs["discharge_capacity"][-1])
    return abs(work + heat - enthalpy_of_charge(cell, charge)) / work, work


def enthalpy_of_charge(cell: Cell, charge: float) -> float:
    """Enthalpy [J] that ``charge`` [C] sets free between uniform states, from the initial one."""
    parameters = cell.parameters()
    scalars, functions = parameters.scalars, parameters.functions
    passed = np.linspace(0.0, charge, 20001)
    potential = np.zeros_like(passed)
    for name, sign in (("negative", -1.0), ("positive", 1.0)):
        amount = scalars[f"{name}.thickness"] * scalars[f"{name}.active_fraction"] * scalars["electrode_area"]
        capacity = F * amount * scalars[f"{name}.maximum_concentration"]
        x = scalars[f"{name}.initial_stoichiometry"] + sign * passed / capacity
        u = functions[f"{name}.open_circuit_potential"].evaluate(x)
        potential += sign * (
            u - scalars["reference_temperature"] * functions[f"{name}.entropic_change"].evaluate(x)
        )
    return float(np.trapezoid(potential, passed))
