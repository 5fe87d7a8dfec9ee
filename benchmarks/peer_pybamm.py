"""PyBaMM's side of the benchmarks: the same cell, grid and designs, with its fastest settings."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np

from ionstone.study.verification.metrics import Trace
from ionstone.study.verification.reference import load_pybamm

#: cells in each of the three layers, and in each particle
CELLS = 20
#: path of ionstone -> parameter of PyBaMM
NAMES = {
    "negative.thickness": "Negative electrode thickness [m]",
    "positive.thickness": "Positive electrode thickness [m]",
    "negative.particle_radius": "Negative particle radius [m]",
    "positive.particle_radius": "Positive particle radius [m]",
    "negative.conductivity": "Negative electrode conductivity [S.m-1]",
    "positive.conductivity": "Positive electrode conductivity [S.m-1]",
    "separator.porosity": "Separator porosity",
}
#: tolerances (relative, absolute) from loose to tight
TOLERANCES = (
    (1e-3, 1e-3),
    (1e-3, 1e-4),
    (1e-3, 1e-5),
    (1e-4, 1e-4),
    (1e-4, 1e-5),
    (1e-5, 1e-5),
    (1e-6, 1e-6),
)
#: whole process: import, build, solve, first V(t)
COLD = """
import pybamm
model = pybamm.lithium_ion.DFN()
solver = pybamm.IDAKLUSolver(rtol={rtol}, atol={atol})
simulation = pybamm.Simulation(model, parameter_values=pybamm.ParameterValues("Chen2020"), solver=solver)
print(simulation.solve([0, 3700])["Voltage [V]"].entries[-1])
"""


class Peer:
    """Chen2020 at 1C to 2.5 V, built once and solved again and again.

    ``varied`` makes the parameters of ``NAMES`` inputs (the mesh then scales with the thicknesses);
    ``compiled`` turns the equations into machine code with the system's C compiler, once.
    """

    def __init__(
        self,
        tolerance: tuple[float, float],
        *,
        varied: bool = False,
        compiled: bool = False,
        threads: int = 1,
        only_voltage: bool = False,
    ) -> None:
        pybamm = load_pybamm()
        model = pybamm.lithium_ion.DFN()
        values = pybamm.ParameterValues("Chen2020")
        self.base = {path: float(values[name]) for path, name in NAMES.items()}
        meshes = dict(model.default_submesh_types)
        if varied:
            values.update(dict.fromkeys(NAMES.values(), "[input]"))
            for layer in ("negative electrode", "separator", "positive electrode"):
                meshes[layer] = pybamm.SymbolicUniform1DSubMesh
            for particle in ("negative particle", "positive particle"):
                meshes[particle] = pybamm.SymbolicUniform1DSubMesh
        solver = pybamm.IDAKLUSolver(
            rtol=tolerance[0],
            atol=tolerance[1],
            on_failure="ignore",
            output_variables=["Voltage [V]"] if only_voltage else None,
            options={
                "num_threads": threads,
                "num_solvers": threads,
                "compile": compiled,
                "silence_sundials_errors": True,
            },
        )
        self._simulation = pybamm.Simulation(
            model,
            parameter_values=values,
            submesh_types=meshes,
            var_pts=dict.fromkeys(("x_n", "x_s", "x_p", "r_n", "r_p"), CELLS),
            solver=solver,
        )

    def solve(self) -> Any:
        """One discharge, with the voltage at the solver's own times."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            solution = self._simulation.solve([0.0, 3700.0])
        return solution, solution["Voltage [V]"].entries

    def trace(self) -> Trace:
        """One discharge, sampled densely."""
        solution, _ = self.solve()
        end = float(solution.t[-1])
        times = np.unique(np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 200), np.linspace(0.0, end, 8001)]))
        return Trace(times, np.asarray(solution["Voltage [V]"](times)))

    def batch(self, factors: dict[str, np.ndarray]) -> tuple[np.ndarray, float]:
        """End times [s] (NaN where a design failed) and wall time [s] of designs given as factors."""
        count = len(next(iter(factors.values())))
        inputs = [
            {name: float(self.base[path] * factors[path][i]) for path, name in NAMES.items()}
            for i in range(count)
        ]
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            solutions = self._simulation.solve([0.0, 5400.0], inputs=inputs)
        voltages = [solution["Voltage [V]"].entries for solution in solutions]
        wall = time.perf_counter() - start
        ended = [abs(float(voltage[-1]) - 2.5) < 1e-3 for voltage in voltages]
        times = [float(s.t[-1]) if good else np.nan for s, good in zip(solutions, ended, strict=True)]
        return np.array(times), wall
