"""Designs laid out for the kernel without a Cell for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_design import Cell
from ionstone.cell_design.build import CellParameters
from ionstone.cell_model.build import Builder, Conditions
from ionstone.cell_model.options import options_of
from ionstone.cell_model.parts import Options
from ionstone.core.errors import InputError
from ionstone.numerics import kernel as core
from ionstone.numerics.form import Form
from ionstone.numerics.tables import UniformTable
from ionstone.simulation.faces import Faces
from ionstone.simulation.prepare import Plan, PreparedCells, _kernel, prepare

FloatArray = NDArray[np.float64]


class ColumnBuilder(Builder):
    """Arrays of designs that share their functions: one set of parameters, and columns where they differ."""

    def __init__(
        self,
        form: Form,
        options: Options,
        base: CellParameters,
        columns: Mapping[str, FloatArray],
        count: int,
        grid: core.Grid,
        own: Mapping[str, FloatArray],
    ) -> None:
        super().__init__(form, options, [base] * count, grid, own)
        self.base, self.columns = base, columns

    def column(self, key: str, default: float | None = None) -> FloatArray:
        """One scalar of all designs."""
        if key in self.columns:
            return self.columns[key]
        scalars = self.base.scalars
        return np.full(len(self.cells), scalars[key] if default is None else scalars.get(key, default))

    def constant(self, key: str, otherwise: float) -> FloatArray:
        """A function's constant value in each design."""
        if key in self.columns:
            return self.columns[key]
        value = self.base.functions[key].constant
        return np.full(len(self.cells), otherwise if value is None else value)

    def tables(self, conditions: Sequence[Conditions]) -> list[list[list[UniformTable]]]:
        """Tables of each lane and region; designs at one temperature share them."""
        one = Builder(self.form, self.options, [self.base], self.grid)
        known: dict[float, list[list[UniformTable]]] = {}
        for at in conditions:
            if at.temperature not in known:
                known[at.temperature] = one.tables([at])[0]
        return [known[at.temperature] for at in conditions]


def prepare_faces(
    cells: Sequence[Cell], faces: Sequence[Any], plan: Plan, conditions: Sequence[Conditions]
) -> PreparedCells:
    """``prepare``, with the short way for cells whose differences are columns."""
    found = column_builder(faces, plan) if isinstance(faces, Faces) else None
    if found is None:
        return prepare(list(cells), plan, conditions)
    kernel, builder = found
    lanes = builder.build(conditions)
    return PreparedCells(core.Prepared(kernel, builder.grid, lanes), builder.options.planar)


def column_builder(faces: Faces, plan: Plan) -> tuple[core.Kernel, ColumnBuilder] | None:
    """The kernel and the builder of columns; None where what differs is read from tables."""
    base, columns = faces.base, faces.columns
    options = options_for([base], plan)
    read = tabled(options)
    if any(key.split(".")[-1] in read for key in columns):
        return None
    kernel = _kernel(plan.level.name, options)
    mesh = plan.level.mesh(plan.grid, options)
    return kernel, ColumnBuilder(kernel.form, options, base, columns, len(faces), mesh, plan.own.values)


def options_for(parameters: Sequence[CellParameters], plan: Plan) -> Options:
    """The options of a model for some cells; InputError where they are two models."""
    try:
        return options_of(parameters, plan.heat == "lumped", plan.heat == "held", plan.own.laws)
    except ValueError as error:
        raise InputError(str(error)) from None


def tabled(options: Options) -> set[str]:
    """Last words of the paths that the models read from tables, so that no column tells of them."""
    found = {"reference_temperature"}
    found |= {"diffusivity"} if options.variable_diffusivity else set()
    return found | ({"exchange_current_prefactor"} if options.variable_prefactor else set())
