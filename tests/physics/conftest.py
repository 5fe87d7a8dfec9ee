"""The shared suite: what every cell at every level must obey. Each law is stated once and run on all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

from ionstone.cell_design import Cell, load_cell
from ionstone.cell_design.library import cell_names
from ionstone.cell_model import names
from ionstone.cell_model.build import Builder, Conditions
from ionstone.cell_model.levels import LEVELS
from ionstone.cell_model.options import options_of
from ionstone.cell_model.parts import Options
from ionstone.core.constants import C0, F
from ionstone.experiment import parse_protocol, with_cut_offs
from ionstone.numerics.kernel import Batch, Grid, Kernel, KernelStep, Lanes, Outcome
from ionstone.numerics.reference import Reference
from ionstone.simulation import Grid as GridChoice
from ionstone.simulation.compile import Compiler

SMALL = GridChoice(4, 3, 4, 6)
TINY = GridChoice(2, 2, 2, 3)
#: changes of parameters that move a library cell to a corner of the model, by name of the variant
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "lg-m50, half contact": (
        "lg-m50",
        {"negative.contact_fraction": 0.5, "positive.contact_fraction": 0.5},
    ),
    "lg-m50, t+(c) and D(c)": (
        "lg-m50",
        {
            **{
                f"{r}.electrolyte.transference_number": "0.2 + 0.1*(c/1000)"
                for r in ("negative", "separator", "positive")
            },
            "negative.diffusivity": "3.3e-14*(1.3 - 0.6*x)",
            "positive.diffusivity": "4e-15*(0.5 + x)",
        },
    ),
    "sulfide-li, half contact": (
        "sulfide-li",
        {"negative.contact_fraction": 0.5, "positive.contact_fraction": 0.5},
    ),
}
#: cells that store charge; those of metal against metal have laws of their own (``test_metal_cells``)
LIBRARY = tuple(n for n in cell_names() if load_cell(n).parameters().positive_kind == "porous")
ALL_CELLS = (*LIBRARY, *VARIANTS)


@cache
def cell_of(name: str) -> Cell:
    """A library cell or a variant of one."""
    if name in VARIANTS:
        base, changes = VARIANTS[name]
        return load_cell(base).replace(changes)
    return load_cell(name)


@cache
def kernel_of(level: str, options: Options) -> Kernel:
    """Each form is traced once in the whole suite."""
    return Kernel(LEVELS[level].form(options))


@dataclass(eq=False)
class Case:
    """One cell at one level, as the kernel sees it; all that the laws are tested with."""

    cell: Cell
    level: str
    kernel: Kernel
    options: Options
    mesh: Grid
    lanes: Lanes

    @property
    def scalars(self) -> Any:
        return self.cell.parameters().scalars

    @property
    def one_c(self) -> float:
        """Current [A] at 1C."""
        return self.scalars["nominal_capacity"] / 3600

    @property
    def electrodes(self) -> list[tuple[int, str]]:
        """Index of the region and name of each electrode with particles."""
        return [(i, r) for i, r in ((0, "negative"), (2, "positive")) if self.mesh.radial[i] is not None]

    def steps(self, protocol: Any) -> list[KernelStep]:
        s = self.scalars
        parsed = with_cut_offs(parse_protocol(protocol), s["voltage.lower_cutoff"], s["voltage.upper_cutoff"])
        return Compiler(self.kernel.form, s, self.options.planar).protocol(parsed)

    def batch(self, protocol: Any) -> Batch:
        return Batch(self.kernel, self.mesh, self.lanes, [self.steps(protocol)])

    def run(self, protocol: Any, **settings: Any) -> Trace:
        outcome = self.batch(protocol).run(keep_states=True, **settings)
        assert outcome.status[0] < 10, f"the run ended with code {outcome.status[0]}"
        return Trace(self, outcome)

    def reference(self) -> Reference:
        return Reference(self.kernel.form, self.mesh, self.lanes)

    def holding(self, **weights: float) -> np.ndarray:
        """Weights of outputs in a control row."""
        w = np.zeros(len(self.kernel.form.outputs))
        for name, value in weights.items():
            w[self.kernel.form.outputs.index(name)] = value
        return w

    def widths(self, region: int, name: str) -> float:
        return self.scalars[f"{name}.thickness"] / self.mesh.cells[region]

    def span(self, region: int) -> slice:
        first = sum(self.mesh.cells[:region])
        return slice(first, first + self.mesh.cells[region])


class Trace:
    """A run and its stored states."""

    def __init__(self, case: Case, outcome: Outcome) -> None:
        self.case, self.outcome = case, outcome
        rows = outcome.rows[0]
        self.all_rows = rows
        ends = rows[:, 1] % 1 == 0  # inner points of a step have no state
        self.rows, self.states = rows[ends], outcome.states[0][ends]
        self.columns = case.kernel.form.all_outputs
        reference = case.reference()
        self.split = [reference.split(y) for y in self.states]

    @property
    def time(self) -> np.ndarray:
        return self.rows[:, 0]

    @property
    def step(self) -> np.ndarray:
        return self.rows[:, 1].astype(int)

    def __getitem__(self, name: str) -> np.ndarray:
        """An output at the stored states."""
        return self.rows[:, 2 + self.columns.index(name)]

    def integral(self, name: str) -> float:
        """Time integral of an output: the cubics of the dense output, exactly (Simpson's 3/8 rule)."""
        t, v = self.all_rows[:, 0], self.all_rows[:, 2 + self.columns.index(name)]
        inner = self.all_rows[:, 1] % 1 != 0
        total, i = 0.0, 0
        while i + 1 < len(t):
            if inner[i + 1]:
                total += (t[i + 3] - t[i]) * (v[i] + 3 * v[i + 1] + 3 * v[i + 2] + v[i + 3]) / 8
                i += 3
            else:
                assert t[i + 1] == t[i], "a step of time without inner points"
                i += 1
        return total

    def stoichiometry(self, k: int) -> np.ndarray:
        """[time, shell, node] of electrode ``k`` of those with particles."""
        case = self.case
        at = k if not case.options.planar else 1
        return np.array([s[0][at][0] for s in self.split])

    def local(self, region: int) -> np.ndarray:
        """Local current density [A/m2], [time, node]."""
        at = 0 if region == 0 else 1
        return np.array([s[0][at][1][0] for s in self.split])

    def unknown(self, name: str) -> np.ndarray:
        """[time, node]."""
        at = self.case.kernel.form.unknowns.index(name)
        return np.array([s[1][at] for s in self.split])

    def lumped(self, name: str) -> np.ndarray:
        at = self.case.kernel.form.lumped.index(name)
        return np.array([s[2][at] for s in self.split])

    def volumes(self, k: int) -> np.ndarray:
        """Charge [C/m2] per unit of stoichiometry of each shell and node, [shell, 1]."""
        case = self.case
        region, name = case.electrodes[k]
        s, radial = case.scalars, case.mesh.radial[region]
        assert radial is not None
        per_node = F * case.widths(region, name) * s[f"{name}.active_fraction"]
        return (per_node * s[f"{name}.maximum_concentration"] * np.diff(radial.edges**3))[:, None]

    def mean(self, k: int) -> np.ndarray:
        """Mean stoichiometry of an electrode, [time]."""
        weight = self.volumes(k) * np.ones(self.stoichiometry(k).shape[2])
        return np.einsum("tsn,sn->t", self.stoichiometry(k), weight) / np.sum(weight)

    def salt(self) -> np.ndarray:
        """Cations in the electrolyte [mol/m2], [time]."""
        case, c = self.case, C0 * self.unknown("c")
        total = np.zeros(len(c))
        for i, name in enumerate(("negative", "separator", "positive")):
            if not (case.options.planar and name == "negative"):
                porosity = case.scalars[f"{name}.porosity"]
                total += np.sum(c[:, case.span(i)], axis=1) * case.widths(i, name) * porosity
        return total

    def inserted(self) -> np.ndarray:
        """Lithium or sodium in the particles [mol/m2], [time]."""
        parts = [
            np.einsum("tsn,s->t", self.stoichiometry(k), self.volumes(k)[:, 0])
            for k in range(len(self.case.electrodes))
        ]
        return sum(parts, np.zeros(len(self.states))) / F

    def open_circuit_voltage(self) -> np.ndarray:
        """From the mean stoichiometries, by the cell's own functions [V], [time]."""
        functions = self.case.cell.parameters().functions
        total = np.zeros(len(self.states))
        offset = (
            self.case.lanes.globals[0][names.GLOBALS.index("temperature")]
            - self.case.scalars["reference_temperature"]
        )
        for k, (_, name) in enumerate(self.case.electrodes):
            x, sign = self.mean(k), 1.0 if name == "positive" else -1.0
            u = functions[f"{name}.open_circuit_potential"].evaluate(x)
            total += sign * (u + offset * functions[f"{name}.entropic_change"].evaluate(x))
        return total


def make_case(
    name: str | Cell,
    level: str = "P2D",
    *,
    heat: str = "isothermal",
    grid: GridChoice = SMALL,
    soc: float | None = None,
    temperature: float | None = None,
    ambient: float | None = None,
) -> Case:
    """A case; heat is isothermal, held or lumped as in ``simulate``."""
    cell = name if isinstance(name, Cell) else cell_of(name)
    parameters = cell.parameters()
    options = options_of([parameters], heat == "lumped", heat == "held")
    mesh = LEVELS[level].mesh(grid, options)
    kernel = kernel_of(level, options)
    own = parameters.scalars["operating_temperature"]
    at = temperature or (298.15 if np.isnan(own) else own)
    conditions = [Conditions(at, at if ambient is None else ambient, soc)]
    lanes = Builder(kernel.form, options, [parameters], mesh).build(conditions)
    return Case(cell, level, kernel, options, mesh, lanes)


@pytest.fixture(scope="session")
def case() -> Any:
    """The maker of cases."""
    return make_case


@pytest.fixture(scope="session")
def tiny() -> GridChoice:
    """A grid on which dense algebra is quick."""
    return TINY


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``cell``, ``level`` and ``heat`` range over the library, the levels and the kinds of heat."""
    ranges: dict[str, Sequence[str]] = {
        "cell": ALL_CELLS,
        "library_cell": LIBRARY,
        "level": tuple(LEVELS),
        "heat": ("isothermal", "lumped"),
        "hot": ("held", "lumped"),
    }
    for name, values in ranges.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, values)
