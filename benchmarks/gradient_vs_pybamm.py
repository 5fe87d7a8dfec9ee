"""Gradient of the capacity of a P2D discharge to 20 parameters: ionstone against PyBaMM's sensitivities.

    python benchmarks/gradient_vs_pybamm.py [--repeats 5]

Chen2020 at 1C to 2.5 V, 3 x 20 cells and 20 radial cells, at the tolerances of ``p2d_vs_pybamm.py``. PyBaMM:
IDAKLU with ``calculate_sensitivities``, built once with the parameters as inputs, timed with reading dV/dp;
the capacity follows by the implicit function theorem at the cut-off, which is not timed. ionstone:
``ion.gradient(..., of="discharge_capacity")``, all of it, by tangents and by the adjoint. A cost in solves is
the time over that of one warm solve of the same code.
"""

from __future__ import annotations

import argparse
import warnings
from typing import Any

import matched
import numpy as np
from common import heading, median_time, table
from matched import PROTOCOL
from peer_pybamm import CELLS, NAMES

import ionstone as ion
from ionstone.study.verification.reference import load_pybamm

COUNTS = (1, 4, 8, 20)
#: parameters that both codes vary, in this order
PARAMETERS = {
    **NAMES,
    "separator.thickness": "Separator thickness [m]",
    "negative.diffusivity": "Negative particle diffusivity [m2.s-1]",
    "positive.diffusivity": "Positive particle diffusivity [m2.s-1]",
    "negative.active_fraction": "Negative electrode active material volume fraction",
    "positive.active_fraction": "Positive electrode active material volume fraction",
    "negative.porosity": "Negative electrode porosity",
    "positive.porosity": "Positive electrode porosity",
    "negative.transport.exponent": "Negative electrode Bruggeman coefficient (electrolyte)",
    "separator.transport.exponent": "Separator Bruggeman coefficient (electrolyte)",
    "positive.transport.exponent": "Positive electrode Bruggeman coefficient (electrolyte)",
    "format.electrode_area": "Electrode height [m]",
    "initial.negative_stoichiometry": "Initial concentration in negative electrode [mol.m-3]",
    "initial.positive_stoichiometry": "Initial concentration in positive electrode [mol.m-3]",
}


class Peer:
    """PyBaMM's discharge with some parameters as inputs."""

    def __init__(self, count: int, tolerance: tuple[float, float]) -> None:
        pybamm = load_pybamm()
        model = pybamm.lithium_ion.DFN()
        values = pybamm.ParameterValues("Chen2020")
        self.names = list(PARAMETERS.values())[:count]
        self.base = {name: float(values[name]) for name in self.names}
        values.update(dict.fromkeys(self.names, "[input]"))
        meshes = dict(model.default_submesh_types)
        for domain in (
            "negative electrode", "separator", "positive electrode", "negative particle", "positive particle",
        ):  # fmt: skip
            meshes[domain] = pybamm.SymbolicUniform1DSubMesh
        self.simulation = pybamm.Simulation(
            model,
            parameter_values=values,
            submesh_types=meshes,
            var_pts=dict.fromkeys(("x_n", "x_s", "x_p", "r_n", "r_p"), CELLS),
            solver=pybamm.IDAKLUSolver(rtol=tolerance[0], atol=tolerance[1]),
        )

    def solve(self, sensitivities: bool) -> Any:
        """One discharge; the voltage is read, and its derivatives where they are wanted."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            solution = self.simulation.solve(
                [0.0, 3700.0], inputs=self.base, calculate_sensitivities=sensitivities
            )
            voltage = solution["Voltage [V]"]
            return solution, voltage.sensitivities if sensitivities else voltage.entries

    def elasticities(self) -> np.ndarray:
        """d log(capacity) / d log(parameter), by the implicit function theorem at the cut-off."""
        solution, tangents = self.solve(True)
        end = float(solution.t[-1])
        volts = solution["Voltage [V]"]
        slope = float((volts(end) - volts(end - 0.5)) / 0.5)
        return np.array([-tangents[n][-1] * self.base[n] / slope / end for n in self.names], dtype=float)


def ours(cell: ion.Cell, paths: list[str], tolerance: float, method: str | None = None) -> dict[str, float]:
    """Our gradient, as a user calls it."""
    return ion.gradient(cell, PROTOCOL, of="discharge_capacity", to=paths, tolerance=tolerance, method=method)


def main() -> None:
    """Measure both codes and print the table."""
    parser = argparse.ArgumentParser(description="gradients: ionstone against PyBaMM")
    parser.add_argument("--repeats", type=int, default=5, help="repeats; the median counts")
    repeats = parser.parse_args().repeats
    heading()
    cell = ion.load_cell("lg-m50")
    (mine, _), (their, _) = matched.ours(), matched.theirs()

    def discharge() -> np.ndarray:
        return ion.simulate(cell, PROTOCOL, tolerance=mine).voltage

    solve = median_time(discharge, 4 * repeats)
    peer = Peer(1, their)
    plain = median_time(lambda: peer.solve(False), repeats)
    rows = [
        ["parameters", "PyBaMM [ms]", "tangents [ms]", "adjoint [ms]", "ratio", "goal", "PyBaMM, solves",
         "tangents, solves", "adjoint, solves"]
    ]  # fmt: skip
    for count in COUNTS:
        peer, paths = Peer(count, their), list(PARAMETERS)[:count]
        a = median_time(lambda: peer.solve(True), repeats)  # noqa: B023
        b, c = (
            median_time(lambda: ours(cell, paths, mine, method), repeats)  # noqa: B023
            for method in ("tangents", "adjoint")
        )
        goal = "20" if count == max(COUNTS) else ""
        times = [f"{1e3 * a:.1f}", f"{1e3 * b:.1f}", f"{1e3 * c:.1f}", f"{a / min(b, c):.1f}", goal]
        rows.append([str(count), *times, f"{a / plain:.1f}", f"{b / solve:.1f}", f"{c / solve:.1f}"])
    print(table(rows))
    print(f"one warm solve: PyBaMM {1e3 * plain:.1f} ms (one input), ionstone {1e3 * solve:.2f} ms")
    print(f"tolerances: PyBaMM {their}, ionstone {mine}")
    capacity = float(ion.simulate(cell, PROTOCOL, tolerance=mine).summary["discharge_capacity"])
    gradient = ours(cell, paths, mine)
    a, b = np.array([gradient[p] * cell[p] / capacity for p in paths]), peer.elasticities()
    worst = int(np.argmax(np.abs(a - b)))
    print(
        f"d log(capacity)/d log(parameter) differ by {np.abs(a - b).max():.1e} at most ({paths[worst]}: "
        f"PyBaMM {b[worst]:.5f}, ionstone {a[worst]:.5f}; grids differ: uniform against graded)"
    )


if __name__ == "__main__":
    main()
