r"""The impedance of a cell: the equations of its model, linearised, at given frequencies. No time is stepped.

With small signals x about the state y and i of the current density, M dx/dt = J x + b i, hence

    Z(w) = -dV/di = -v (i w M - J)^-1 b

where v is the derivative of the voltage. One sparse factorisation a frequency.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_design import Cell, load_cell
from ionstone.cell_model.law_files import BatchLaws, LawsInput, laws_of
from ionstone.cell_model.options import options_of
from ionstone.core.errors import InputError, MissingExtraError
from ionstone.core.quantities import to_si
from ionstone.numerics.reference import Reference
from ionstone.results.spectrum import Gradient, Spectrum
from ionstone.simulation.arguments import conditions_of, plan_of
from ionstone.simulation.grid import SPECTRAL, Grid
from ionstone.simulation.prepare import Plan, prepare
from ionstone.simulation.seeds import around
from ionstone.simulation.stepper import Stepper

try:
    from ionstone.cell_model.storage import Interfaces
    from ionstone.numerics.linearise import Linearised
    from ionstone.numerics.pencil import Pencil
except ImportError as error:  # pragma: no cover
    raise MissingExtraError("scipy", "impedance") from error

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]
#: [Hz] frequencies that are allowed, and where there are none given
LOWEST, HIGHEST = 1e-9, 1e9
FREQUENCIES = (1e-3, 1e6, 61)
MOST = 100_000


def impedance(
    cell: Cell | str | Path | Stepper,
    frequencies: Any = None,
    *,
    soc: float | str | None = None,
    temperature: float | str | None = None,
    model: str = "P2D",
    heat: str = "isothermal",
    ambient: float | str | None = None,
    grid: Grid | None = None,
    laws: LawsInput | None = None,
    allow_laws: bool = False,
    anions: float = 0.0,
) -> Spectrum:
    """Return the impedance of a cell at rest, or of a stepper in its present state and under its load.

    cell: a name, a file, a Cell; or a Stepper, which brings its cell, model and state with it. frequencies:
    numbers [Hz] or texts ("1 mHz"); default 61 from 1 mHz to 1 MHz, evenly in their logarithm. soc: default
    the cell's own initial state, else full. temperature, model ("P2D", "SPMe", "SPM"), heat, ambient, laws,
    allow_laws: as in ``simulate``; heat="lumped" lets the temperature swing with the current (reversible
    heat). grid: default fine at the ends of the layers. anions: share of the double layer's charge on the
    electrolyte's side that is anions (0: cations, as in a conductor of one ion).

    Double layers, films, interphases, interfaces, grain boundaries and the contact store charge as the cell
    says (``double_layer_capacitance`` and others; ``ionstone show``). Validity: signals so small that the
    model is linear (a few mV); no inductance; bulk permittivity is left out (above about 1 MHz).

    InputError for bad input.
    """
    hertz = frequencies_of(frequencies)
    if not 0.0 <= anions <= 1.0:
        raise InputError(f"anions is {anions!r}: give 0 to 1, the share of anions in the double layer")
    if isinstance(cell, Stepper):
        given = {"soc": soc, "temperature": temperature, "ambient": ambient, "grid": grid, "laws": laws}
        for name, value in given.items():
            if value is not None:
                raise InputError(f"{name}: a stepper has its own: leave it out")
        prepared, y = cell.equations()
        reference = Reference(prepared.form, prepared.grid, prepared.lanes)
        return spectrum_of(reference, y, cell.cell, cell.plan, hertz, anions)
    loaded = cell if isinstance(cell, Cell) else load_cell(cell)
    own = laws_of([loaded], laws, allow_laws)
    plan = plan_of(model, heat, grid or SPECTRAL, 1e-4, own=own, at_rest=True)
    study = _Study(loaded, plan, (temperature, ambient, soc), hertz, anions)
    return study.spectrum()


def frequencies_of(given: Any) -> FloatArray:
    """Frequencies [Hz] as a user gives them; InputError where one is out of range."""
    if given is None:
        low, high, points = FREQUENCIES
        return np.logspace(math.log10(low), math.log10(high), points)
    many = isinstance(given, (list, tuple, np.ndarray))
    values = np.array([to_si(v, "Hz", "frequencies") for v in (given if many else [given])])
    if not 1 <= values.size <= MOST:
        raise InputError(f"frequencies: {values.size} are given: give 1 to {MOST}")
    outside = values[(values < LOWEST) | (values > HIGHEST)]
    if outside.size:
        raise InputError(f"frequencies: {outside[0]:g} Hz is outside {LOWEST:g} to {HIGHEST:g} Hz: change it")
    return values


def circular(hertz: FloatArray) -> ComplexArray:
    """i w of frequencies [Hz]."""
    return np.asarray(2j * np.pi * hertz, dtype=complex)


def pencil_of(reference: Reference, y: FloatArray, cell: Cell, plan: Plan, anions: float = 0.0) -> Pencil:
    """The linearised equations of a cell with its interfaces, at a state."""
    parameters = cell.parameters()
    options = options_of([parameters], plan.heat == "lumped", plan.heat == "held", plan.own.laws)
    if options.dissociation and plan.level.name != "SPM":
        raise InputError(
            f"{cell.name}: no impedance of an electrolyte that dissociates: use model='SPM', or a cell"
            " without separator.electrolyte.recombination_rate"
        )
    return Interfaces(Linearised(reference, y), options, parameters.scalars, anions).pencil()


@dataclass(eq=False)
class _Study:
    """One cell at rest, at frequencies."""

    cell: Cell
    plan: Plan
    conditions: tuple[Any, Any, Any]
    hertz: FloatArray
    anions: float

    @property
    def s(self) -> ComplexArray:
        return circular(self.hertz)

    def pencils(self, cells: Sequence[Cell], plan: Plan) -> list[Pencil]:
        """The equations of cells at their own state of rest, laid out as one model."""
        lanes = prepare(cells, plan, conditions_of(cells, *self.conditions)).lanes
        return [
            pencil_of(
                Reference(lanes.form, lanes.grid, lanes.lanes, i), lanes.lanes.state[i], c, plan, self.anions
            )
            for i, c in enumerate(cells)
        ]

    def spectrum(self) -> Spectrum:
        """The impedance, with the way to its gradient."""
        lanes = prepare([self.cell], self.plan, conditions_of([self.cell], *self.conditions)).lanes
        reference = Reference(lanes.form, lanes.grid, lanes.lanes)
        y = lanes.lanes.state[0]
        return spectrum_of(reference, y, self.cell, self.plan, self.hertz, self.anions, self.gradient)

    def gradient(self, paths: Sequence[str]) -> Mapping[str, ComplexArray]:
        """Derivatives of the impedance [ohm]: implicit, with differences of the matrices."""
        if not paths:
            raise InputError("gradient needs at least one path in `to`")
        out = {}
        for path in paths:
            out[path] = self._derivative(path)
        return out

    def _derivative(self, path: str) -> ComplexArray:
        step, weights, cells, plan = self._around(path)
        every = self.pencils([*cells, self.cell], plan)
        pencil, changed = every[-1], every[:-1]

        def difference(of: Callable[[Pencil], Any]) -> Any:
            return sum(w * of(p) for (_, w), p in zip(weights, changed, strict=True)) / step

        m, j = difference(lambda p: p.mass.data), difference(lambda p: p.jacobian.data)
        load, voltage = difference(lambda p: p.load), difference(lambda p: p.voltage)
        contact = difference(lambda p: p.series_change(self.s))
        columns = np.repeat(np.arange(len(load)), np.diff(pencil.mass.indptr))
        rows = pencil.mass.indices
        z, dz = pencil.series_change(self.s), np.empty(len(self.s), dtype=complex)
        for k, (x, left) in enumerate(pencil.solutions(self.s, adjoint=True)):
            z[k] -= pencil.voltage @ x
            through = np.sum(left[rows] * (self.s[k] * m - j) * x[columns])
            dz[k] = through - left @ load - voltage @ x
        area = self.cell.parameters().scalars["electrode_area"]
        areas = [c.parameters().scalars["electrode_area"] for c in cells]
        change = sum(w / a for (_, w), a in zip(weights, areas, strict=True)) / step
        return np.asarray((dz + contact) / area + z * change)

    def _around(self, path: str) -> tuple[float, Sequence[tuple[int, float]], Sequence[Cell], Plan]:
        """Cells with one parameter changed; of a parameter of own laws the cell itself, and its values."""
        own = self.plan.own
        if path not in own.values:
            step, weights, cells = around(self.cell, path)
            count = len(cells) + 1
            values = {p: np.repeat(v, count) for p, v in own.values.items()}
            return step, weights, cells, replace(self.plan, own=BatchLaws(own.laws, values))
        weights = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))
        value = float(own.values[path][0])
        step = 1e-4 * abs(value) if value else 1e-4
        values = {p: np.repeat(v, 5) for p, v in own.values.items()}
        values[path] = np.array([*(value + k * step for k, _ in weights), value])
        return step, weights, [self.cell] * 4, replace(self.plan, own=BatchLaws(own.laws, values))


def spectrum_of(
    reference: Reference,
    y: FloatArray,
    cell: Cell,
    plan: Plan,
    hertz: FloatArray,
    anions: float,
    differentiate: Gradient | None = None,
) -> Spectrum:
    """The impedance of a cell at a state."""
    z = pencil_of(reference, y, cell, plan, anions).impedance(circular(hertz))
    outputs = dict(zip(reference.form.outputs, reference.outputs(y), strict=True))
    area = cell.parameters().scalars["electrode_area"]
    state = (float(outputs["soc"]), float(outputs["temperature"]))
    return Spectrum(hertz, z / area, area, cell.name, plan.level.name, *state, differentiate)
