"""Our side of the checks: discharges on the default and on refined grids, and the kernel's own states."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from ionstone.study.verification.metrics import Trace

if TYPE_CHECKING:
    from ionstone.cell_design import Cell
    from ionstone.numerics import kernel
    from ionstone.numerics.reference import Reference
    from ionstone.results import Run
    from ionstone.simulation import Grid

#: tolerance of the integrator where grids are compared
TIGHT = 1e-7
ROOM = 298.15


def refined() -> Grid:
    """The refined grid: 80 nodes in each electrode, 40 in the separator, 160 radial cells."""
    from ionstone.simulation import Grid

    return Grid(negative=80, separator=40, positive=80, radial=160)


def grid_text(grid: Grid, model: str = "P2D") -> str:
    """A grid in words, for the detail of a check."""
    nodes = "" if model == "SPM" else f"{grid.negative}+{grid.separator}+{grid.positive} nodes, "
    return f"{nodes}{grid.radial} radial"


def run_discharge(
    cell: str | Cell,
    rate: float,
    cutoff: float,
    *,
    model: str = "P2D",
    grid: Grid | None = None,
    tolerance: float = TIGHT,
) -> Run:
    """Discharge ``cell`` at ``rate`` [1/h] to ``cutoff`` [V], at 298.15 K, from its initial state."""
    from ionstone.simulation import simulate

    protocol = f"Discharge at {rate!r}C until {cutoff!r} V"
    return simulate(cell, protocol, model=model, temperature=ROOM, grid=grid, tolerance=tolerance)


def discharge(
    cell: str | Cell,
    rate: float,
    cutoff: float,
    *,
    model: str = "P2D",
    grid: Grid | None = None,
    tolerance: float = TIGHT,
) -> Trace:
    """The voltage of ``run_discharge`` over time."""
    run = run_discharge(cell, rate, cutoff, model=model, grid=grid, tolerance=tolerance)
    return Trace(run.time, run.voltage)


@dataclass(eq=False)
class Prepared:
    """A cell and a protocol as the kernel reads them: one lane."""

    form: Any
    mesh: kernel.Grid
    lanes: kernel.Lanes
    steps: list[kernel.KernelStep]
    engine: kernel.Kernel

    def run(self, tolerance: float = 1e-4, keep_states: bool = False) -> kernel.Outcome:
        """Run the kernel; with ``keep_states`` the state after each accepted step is in the outcome."""
        from ionstone.numerics.kernel import Batch

        batch = Batch(self.engine, self.mesh, self.lanes, [self.steps])
        return batch.run(tolerance=tolerance, keep_states=keep_states, inner_rows=False)

    def reference(self) -> Reference:
        """The same lane for the reference stepper."""
        from ionstone.numerics.reference import Reference

        return Reference(self.form, self.mesh, self.lanes)


def prepare(
    cell: Cell, protocol: Any, *, model: str = "P2D", heat: str = "isothermal", grid: Grid | None = None
) -> Prepared:
    """What ``simulate`` hands to the kernel, for checks that look at its states."""
    from ionstone.cell_model.build import Builder, Conditions
    from ionstone.cell_model.levels import LEVELS
    from ionstone.cell_model.options import options_of
    from ionstone.experiment import parse_protocol, with_cut_offs
    from ionstone.numerics.kernel import Kernel
    from ionstone.simulation import Grid
    from ionstone.simulation.compile import Compiler

    parameters = cell.parameters()
    options = options_of([parameters], heat == "lumped")
    level = LEVELS[model]
    engine = Kernel(level.form(options))
    mesh = level.mesh(grid or Grid(), options)
    own = parameters.scalars["operating_temperature"]
    warm = ROOM if isnan(own) else own
    lanes = Builder(engine.form, options, [parameters], mesh).build([Conditions(warm, warm)])
    low, high = parameters.scalars["voltage.lower_cutoff"], parameters.scalars["voltage.upper_cutoff"]
    parsed = with_cut_offs(parse_protocol(protocol), low, high)
    steps = Compiler(engine.form, parameters.scalars, options.planar).protocol(parsed)
    return Prepared(engine.form, mesh, lanes, steps, engine)
