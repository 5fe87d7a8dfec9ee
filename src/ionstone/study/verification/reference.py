"""Reference discharges computed with PyBaMM on grids on which it is converged.

PyBaMM's default (uniform) cells converge with first order in x, because transport coefficients jump at the
layer boundaries, and need some 100 cells in a particle for the first second. Cells clustered at the layer
boundaries and at the particle surface get below 0.1 mV with few. Measured against twice the cells in every
direction, from 1 s to 99 % of the discharge, the grids below err by at most: P2D Chen2020 0.002 mV at C/5,
0.01 mV at 1C, 0.08 mV at 2C (end time 1e-5); half-cell 0.07 mV (4C); SPM 0.006 mV; BPX cell 0.02 mV.
PyBaMM's own extension of the open-circuit potentials beyond their data is left as it is.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ionstone.study.verification.metrics import Trace

#: relative and absolute tolerance of IDAKLU; 1e-8 changes no voltage by more than 0.01 mV
TOLERANCE = 1e-7


@dataclass(frozen=True)
class ReferenceGrid:
    """Cells of a PyBaMM solution: in each electrode, in the separator, in a particle, and their grading.

    ``along`` and ``radial`` are stretches: cells at the layer boundaries are cosh(along)^2 times finer than
    in the middle, cells at the particle surface exp(radial) times finer than at its centre; 0 is uniform.
    """

    electrode: int
    separator: int
    particle: int
    along: float = 2.0
    radial: float = 3.5

    def text(self) -> str:
        """The grid in words, for the detail of a check."""
        cells = f"{self.electrode}+{self.separator}+{self.electrode} cells, {self.particle} radial"
        return f"PyBaMM {cells}, graded"


#: grid of each reference
CHEN2020_GRID = ReferenceGrid(electrode=120, separator=40, particle=240, along=1.8)
XU2019_GRID = ReferenceGrid(electrode=40, separator=20, particle=320)
BPX_GRID = ReferenceGrid(electrode=80, separator=30, particle=200)
EIS_GRID = ReferenceGrid(electrode=80, separator=40, particle=160, along=3.0, radial=5.0)
SPM_GRID = ReferenceGrid(electrode=20, separator=10, particle=320)


@dataclass(frozen=True, eq=False)
class Reference:
    """A reference discharge and the surface stoichiometries it passed, {electrode: (lowest, highest)}."""

    trace: Trace
    stoichiometry: dict[str, tuple[float, float]]
    grid: ReferenceGrid


def available() -> bool:
    """Whether PyBaMM is installed (the extra ``crosscheck``)."""
    return find_spec("pybamm") is not None


def chen2020(rate: float, model: str = "P2D", grid: ReferenceGrid | None = None) -> Reference:
    """Chen2020 at ``rate`` [1/h], 298.15 K, from the set's own initial state to 2.5 V; model P2D or SPM."""
    pybamm = load_pybamm()
    chosen = grid or (CHEN2020_GRID if model == "P2D" else SPM_GRID)
    built = pybamm.lithium_ion.DFN() if model == "P2D" else pybamm.lithium_ion.SPM()
    return _discharge(pybamm, built, pybamm.ParameterValues("Chen2020"), rate, chosen)


def xu2019(rate: float, grid: ReferenceGrid | None = None) -> Reference:
    """Xu2019, NMC against lithium metal, with transference number 1, at ``rate`` [1/h], 298.15 K, to 2.8
    V."""
    pybamm = load_pybamm()
    values = pybamm.ParameterValues("Xu2019")
    values.update({"Cation transference number": 1.0, "Lower voltage cut-off [V]": 2.8})
    built = pybamm.lithium_ion.DFN({"working electrode": "positive"})
    return _discharge(pybamm, built, values, rate, grid or XU2019_GRID)


def chen2020_impedance(
    hertz: np.ndarray, fillings: Mapping[str, float], model: str = "P2D", grid: ReferenceGrid | None = None
) -> np.ndarray:
    """Impedance [ohm] of Chen2020 with double layers at fillings of the electrodes: PyBaMM's own EIS.

    ``fillings``: stoichiometries of "negative" and "positive". Model P2D or SPM.
    """
    pybamm = load_pybamm()
    chosen = grid or EIS_GRID
    options = {"surface form": "differential"}
    built = pybamm.lithium_ion.DFN(options) if model == "P2D" else pybamm.lithium_ion.SPM(options)
    values = pybamm.ParameterValues("Chen2020")
    for electrode, filling in fillings.items():
        most = values[f"Maximum concentration in {electrode} electrode [mol.m-3]"]
        values[f"Initial concentration in {electrode} electrode [mol.m-3]"] = filling * most
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        simulation = pybamm.EISSimulation(
            built,
            parameter_values=values,
            submesh_types=_meshes(pybamm, built, values, chosen, False),
            var_pts=_counts(chosen),
        )
        return np.asarray(simulation.solve(hertz).impedance)


def bpx(path: Path, rate: float, grid: ReferenceGrid | None = None) -> Reference:
    """The cell of a BPX file at ``rate`` [1/h] from its own state to its lower cut-off, read by PyBaMM."""
    pybamm = load_pybamm()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = pybamm.ParameterValues.create_from_bpx(str(path))
    return _discharge(pybamm, pybamm.lithium_ion.DFN(), values, rate, grid or BPX_GRID)


def load_pybamm() -> Any:
    """Import PyBaMM with its telemetry off."""
    os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pybamm
    pybamm.set_logging_level("ERROR")
    return pybamm


def _discharge(pybamm: Any, model: Any, values: Any, rate: float, grid: ReferenceGrid) -> Reference:
    """Solve a constant-current discharge to the cut-off and sample it densely."""
    values["Current function [A]"] = rate * values["Nominal cell capacity [A.h]"]
    half_cell = model.options["working electrode"] == "positive"
    simulation = pybamm.Simulation(
        model,
        parameter_values=values,
        submesh_types=_meshes(pybamm, model, values, grid, half_cell),
        var_pts=_counts(grid),
        solver=pybamm.IDAKLUSolver(rtol=TOLERANCE, atol=TOLERANCE),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = simulation.solve([0.0, 10800.0 / rate])
    if "event" not in solution.termination:
        raise RuntimeError(f"PyBaMM stopped without reaching the cut-off: {solution.termination}")
    end = float(solution.t[-1])
    times = np.unique(np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 400), np.linspace(0.0, end, 12001)]))
    electrodes = ("positive",) if half_cell else ("negative", "positive")
    stoichiometry = {}
    for electrode in electrodes:
        surface = solution[f"{electrode.capitalize()} particle surface stoichiometry"].entries
        stoichiometry[electrode] = (float(surface.min()), float(surface.max()))
    return Reference(Trace(times, np.asarray(solution["Voltage [V]"](times))), stoichiometry, grid)


def _counts(grid: ReferenceGrid) -> dict[str, int]:
    return {
        "x_n": grid.electrode,
        "x_s": grid.separator,
        "x_p": grid.electrode,
        "r_n": grid.particle,
        "r_p": grid.particle,
    }


def _meshes(pybamm: Any, model: Any, values: Any, grid: ReferenceGrid, half_cell: bool) -> dict[str, Any]:
    """Graded cells in every layer and particle, as PyBaMM sub-meshes."""
    negative = values["Negative electrode thickness [m]"]
    separator = negative + values["Separator thickness [m]"]
    positive = separator + values["Positive electrode thickness [m]"]
    meshes = dict(model.default_submesh_types)
    edges = {
        "separator": between(negative, separator, grid.separator, grid.along),
        "positive electrode": between(separator, positive, grid.electrode, grid.along),
        "positive particle": outward(values["Positive particle radius [m]"], grid.particle, grid.radial),
    }
    if not half_cell:
        edges["negative electrode"] = between(0.0, negative, grid.electrode, grid.along)
        edges["negative particle"] = outward(
            values["Negative particle radius [m]"], grid.particle, grid.radial
        )
    for domain, points in edges.items():
        meshes[domain] = pybamm.MeshGenerator(pybamm.UserSupplied1DSubMesh, {"edges": points})
    return meshes


def between(lower: float, upper: float, cells: int, stretch: float) -> np.ndarray:
    """Edges from ``lower`` to ``upper``, clustered at both ends by tanh(stretch u)."""
    u = np.linspace(-1.0, 1.0, cells + 1)
    shape = np.tanh(stretch * u) / np.tanh(stretch) if stretch else u
    edges = lower + (upper - lower) * (shape + 1.0) / 2.0
    edges[0], edges[-1] = lower, upper
    return np.asarray(edges)


def outward(radius: float, cells: int, stretch: float) -> np.ndarray:
    """Edges from 0 to ``radius``, the last cell exp(stretch) times finer than the first."""
    i = np.arange(cells + 1)
    shape = 1.0 - np.expm1(stretch * (cells - i) / cells) / np.expm1(stretch) if stretch else i / cells
    edges = radius * shape
    edges[0], edges[-1] = 0.0, radius
    return np.asarray(edges)
