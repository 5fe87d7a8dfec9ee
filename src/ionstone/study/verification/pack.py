"""A pack of P2D cells over a WLTC against one cell alone, and against its own laws: the group ``pack``."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.study.verification.check import Check

if TYPE_CHECKING:
    from ionstone.pack.network import Pack

GROUP = "pack"
CELL, SERIES, PARALLEL = "lfp-graphite", 96, 2  # 135 Ah a cell
SPREAD = {"capacity": 0.01, "resistance": 0.05, "temperature": 1.0}
#: joints and busbars of a car's pack (estimated)
OHMS = {"busbar": 50e-6, "joint": 20e-6}
START = 0.9
#: seconds of the cycle in which the power between steps is looked at: the hardest accelerations of the WLTC
HARD = (1500, 1560)


def jobs() -> list[tuple[str, Callable[[], list[Check]]]]:
    """The checks as (name, function that runs it)."""
    return [
        ("pack: uniform against one cell", _uniform),
        ("pack: laws over a WLTC", _laws),
        ("pack: in a car", _in_a_car),
    ]


@lru_cache(maxsize=1)
def trace() -> tuple[np.ndarray, np.ndarray]:
    """Times [s] and power of the pack [W] of a car on the WLTC, a point a second."""
    from ionstone.vehicle import battery_demand, load_cycle, load_vehicle

    demand = battery_demand(load_vehicle("tesla-model-3-rwd"), load_cycle("wltc_3b"), 298.15)
    time = np.arange(np.floor(demand.time[-1]) + 1)
    return time, np.interp(time, demand.time, demand.power)


def _uniform() -> list[Check]:
    """Energy of a drive until the charge of the single cell is spent, as the pack counts it."""
    import ionstone as ion
    from ionstone.pack.network import Pack
    from ionstone.simulation.grid import COARSE

    time, power = trace()
    tight = {"conductance": 0.0, "ambient_conductance": 0.0}
    pack = Pack(CELL, series=SERIES, parallel=PARALLEL, grid=COARSE, cooling=tight)
    run = pack.simulate(power=(time, power), soc=START)
    step = ion.Step("power", ion.Profile(tuple(time), tuple(power / pack.n_cells)))
    adiabatic = pack.cell.replace({"thermal.heat_transfer_coefficient": 0.0})
    alone = ion.simulate(
        adiabatic, ion.Protocol((step,)), soc=START, grid=COARSE, heat="lumped", temperature=298.15
    )
    used = [START - float(run.summary["soc_end"]), START - float(alone.outputs["soc"][-1])]
    return [
        Check.at_most(
            "uniform pack against one cell, charge of a WLTC", GROUP, 100 * abs(used[0] / used[1] - 1), 0.5,
            "%", f"{SERIES}s{PARALLEL}p of {CELL} without busbars: {100 * used[0]:.4f} and"
            f" {100 * used[1]:.4f} % of the charge at the same energy, no heat lost",
        )
    ]  # fmt: skip


def _laws() -> list[Check]:
    from ionstone.pack.network import Pack
    from ionstone.simulation.grid import COARSE

    time, power = trace()
    pack = Pack(
        CELL,
        series=SERIES,
        parallel=PARALLEL,
        modules=8,
        spread=SPREAD,
        grid=COARSE,
        **OHMS,  # type: ignore[arg-type]
    )
    run = pack.simulate(power=(time, power), soc=START)
    s = run.summary
    kind = f"{SERIES}s{PARALLEL}p, {int(s['lanes'])} P2D cells that all differ"
    speed = f"{s['cells_per_second']:.3g} cells x cycles a second on {pack.threads} cores"
    asked = np.interp(run.time, time, power)
    ends = _followed(run.outputs["power"], asked, np.abs(asked), pack.n_cells)
    return [
        Check.at_most(
            "currents of parallel cells less that of the string", GROUP, float(s["current_sum_error"]), 1e-9,
            "", f"{kind}, one WLTC in {run.wall:.1f} s: {speed}",
        ),
        Check.at_most(
            "power at the ends of steps", GROUP, ends, 1e-4,
            "", "of the demand, or of a hundredth of the power at 1C where it is less",
        ),
        Check.at_most(
            "power between steps", GROUP, _between(pack), 1e-4, "",
            f"in the middle of steps, of the larger power of a second, {HARD[0]} to {HARD[1]} s of the WLTC",
        ),
        Check.at_most("energy: cells, joints, busbars, terminals", GROUP, float(s["balance"]), 1e-6, ""),
        Check.at_most("heat: made, stored, lost", GROUP, float(s["heat_balance"]), 1e-6, ""),
    ]  # fmt: skip


def _in_a_car() -> list[Check]:
    """A car over a WLTC, with the pack and with one cell for all; energy from the cells to the road."""
    import ionstone as ion
    from ionstone.pack.network import Pack
    from ionstone.simulation.grid import COARSE
    from ionstone.study.car.drive import pack_of_car
    from ionstone.vehicle import load_cycle, load_vehicle

    car = load_vehicle("tesla-model-3-rwd")
    pack = Pack(CELL, series=SERIES, parallel=PARALLEL, grid=COARSE, cooling={"flow": 0.0})
    alike = pack_of_car(pack.cell, car).scaled_to_energy(pack.nominal_energy).with_mass(pack.mass)
    used, steppers = [], []
    for found in (pack, alike):
        stepper = ion.car_stepper(pack.cell, car, soc=START, pack=found, grid=COARSE)
        for speed in load_cycle("wltc_3b").speed[1:].tolist():
            stepper.step(1.0, speed=speed)
        used.append(START - stepper.source.soc)
        steppers.append(stepper)
    live: Any = steppers[0].cell
    e, inside = steppers[0].energies, live.energies
    lost = inside["joints"] + inside["busbars"] + inside["heater"]
    constant = e["auxiliary"] + e["cabin"] + e["battery_heating"]
    drivetrain = e["traction"] + e["regeneration"] - (e["wheel_out"] + e["wheel_in"] + e["friction"])
    road = e["rolling"] + e["drag"] + e["kinetic"] + e["friction"]
    left = inside["cells"] - (lost + constant + drivetrain + road)
    return [
        Check.at_most(
            "uniform pack in a car against one cell for all, charge of a WLTC", GROUP,
            100 * abs(used[0] / used[1] - 1), 0.5, "%",
            f"{SERIES}s{PARALLEL}p of {CELL}: {100 * used[0]:.4f} and {100 * used[1]:.4f} % of the charge",
        ),
        Check.at_most(
            "energy: cells, terminals, drivetrain, brakes, road", GROUP, abs(left) / inside["cells"], 1e-6,
            "", "of what the cells give over the WLTC, each step's own integrals",
        ),
    ]  # fmt: skip


def _followed(got: np.ndarray, wanted: np.ndarray, scale: np.ndarray, cells: int) -> float:
    """Largest difference of powers over the larger power of each second, or a hundredth of that at 1C."""
    least = 0.01 * cells * 135 * 3.2
    return float(np.max(np.abs(got - wanted) / np.maximum(scale, least)))


def _between(pack: Pack) -> float:
    """Power in the middle of each step of the hard part against the demand there."""
    power = trace()[1]
    live = pack.alive(soc=START)
    live.settle("power", float(power[HARD[0]]))
    got, wanted, scale = [], [], []
    for first in range(*HARD):
        ends = power[first : first + 2]
        parts = live.parts_of(float(ends[0]), float(ends[1]), 1e-4)
        knots = np.linspace(ends[0], ends[1], parts + 1).tolist()
        for one, two in pairwise(knots):
            before, around = live.save(), pack.around(live)
            live.advance(1.0 / parts, "power", one, two, around)
            after = live.save()
            middle, current = (
                0.5 * (before.currents + after.currents),
                0.5 * (before.current + after.current),
            )
            live.restore(before)
            live.lanes.advance(0.5 / parts, before.currents, middle)
            got.append(current * live.terminal(middle, current))
            wanted.append(0.5 * (one + two))
            scale.append(float(np.max(np.abs(ends))))
            live.restore(after)
    return _followed(np.array(got), np.array(wanted), np.array(scale), pack.n_cells)
