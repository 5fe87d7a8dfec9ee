"""Our side of the comparisons: discharges on the default and on refined grids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ionstone.study.verify_metrics import Trace

if TYPE_CHECKING:
    from ionstone.cell_design import Cell
    from ionstone.results import Run
    from ionstone.simulation import Grid

#: tolerance of the integrator on refined grids
TIGHT = 1e-7


def refined(model: str = "P2D", rate: float = 1.0) -> Grid:
    """The refined grid: 80 cells a layer, 160 above 1C where the electrolyte runs empty; 80 in a particle."""
    from ionstone.simulation import Grid

    if model == "SPM":
        return Grid(negative=1, separator=1, positive=1, radial=160)
    cells = 160 if rate > 1.0 else 80
    return Grid(negative=cells, separator=cells // 2, positive=cells, radial=80)


def grid_text(grid: Grid | None) -> str:
    """A grid in words, for the detail of a check."""
    if grid is None:
        return "default grid"
    return f"{grid.negative}+{grid.separator}+{grid.positive} cells, {grid.radial} radial"


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
    from ionstone.cell_design import load_cell
    from ionstone.simulation import simulate

    loaded = load_cell(cell) if isinstance(cell, str) else cell
    protocol = f"Discharge at {rate!r}C until {cutoff!r} V"
    return simulate(loaded, protocol, model=model, temperature=298.15, grid=grid, tolerance=tolerance)


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
