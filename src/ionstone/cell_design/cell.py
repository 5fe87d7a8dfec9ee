"""The cell: its parameters by path, changes, records with provenance, mass, volume and closure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from ionstone.cell_design.build import Built, CellParameters, build
from ionstone.cell_design.config import CellConfig
from ionstone.cell_design.mass import Stack
from ionstone.cell_design.pressure.stack import StackPressure
from ionstone.cell_design.resolve import Resolved, resolve, values_of
from ionstone.core.config import Number, read_number
from ionstone.core.errors import InputError, nearest, shown
from ionstone.materials.functions import Property

__all__ = ["Cell", "CellParameters", "Closure", "ParameterRecord"]

ALIASES = {"electrode_area": "format.electrode_area"}


class ParameterRecord(NamedTuple):
    """One parameter as `show` prints it; `value` is a number in SI, or the text of a function.

    `spread` is the relative uncertainty of a function (numbers have low and high).
    """

    path: str
    value: float | str
    unit: str
    low: float | None
    high: float | None
    source: str
    evidence: str
    known_by: str
    description: str
    note: str = ""
    spread: float | None = None


class Closure(NamedTuple):
    """A published figure beside the computed one, SI."""

    quantity: str
    published: float
    computed: float
    unit: str
    source: str

    @property
    def deviation(self) -> float:
        """Relative difference of the computed figure."""
        return self.computed / self.published - 1.0


@dataclass(frozen=True, eq=False)
class Cell:
    """A cell design, immutable. Read a parameter with cell["positive.thickness"] (SI), change with
    replace().
    """

    config: CellConfig
    resolved: Resolved
    changed: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def from_config(cls, config: CellConfig, folder: Path | None = None) -> Cell:
        """Return the cell of a configuration; material files are looked up relative to `folder`.

        InputError where a material or property is missing or the electrodes do not balance.
        """
        cell = cls(config, resolve(config, folder))
        cell.built  # noqa: B018  the checks of the build belong to loading
        return cell

    @property
    def name(self) -> str:
        """The cell's short name."""
        return self.config.name

    @property
    def title(self) -> str:
        """What the cell is, for people."""
        return self.config.title or self.config.name

    @property
    def laws(self) -> dict[str, Any]:
        """Own laws that the cell's file names: the Python file, functions by slot, values of parameters."""
        return self.config.laws

    @cached_property
    def built(self) -> Built:
        """The parameters of the models, with the balance, the window and the stack."""
        return build(self.resolved, self.config.rounding)

    def parameters(self) -> CellParameters:
        """Return the flat parameters that the models read."""
        return self.built.parameters

    @cached_property
    def fingerprint(self) -> str:
        """A text that two cells share exactly when the models read the same parameters from them."""
        import hashlib

        parameters = self.parameters()
        content = (
            parameters.negative_kind,
            parameters.positive_kind,
            sorted(parameters.scalars.items()),
            sorted(parameters.functions.items(), key=lambda item: item[0]),
        )
        return hashlib.sha256(repr(content).encode()).hexdigest()[:24]

    def __getitem__(self, path: str) -> float:
        """Return a parameter in SI by its path; InputError for an unknown path or a function that is no
        constant.
        """
        path = ALIASES.get(path, path)
        if path in self.resolved.numbers:
            return self.resolved.numbers[path].value
        if path in self.resolved.functions:
            function = self.resolved.functions[path].function
            if function.constant is None:
                raise InputError(
                    f"{path} is a function ({function.text[:80]}): read it with cell.function({path!r})"
                )
            return function.constant
        scalars = self.parameters().scalars
        if path in scalars:
            return scalars[path]
        raise self._unknown(path)

    def __contains__(self, path: object) -> bool:
        """Whether a parameter of this path can be read."""
        path = ALIASES.get(str(path), str(path))
        return (
            path in self.resolved.numbers
            or path in self.resolved.functions
            or path in self.parameters().scalars
        )

    def function(self, path: str) -> Property:
        """Return a property by its path, for example positive.open_circuit_potential."""
        if path not in self.resolved.functions:
            raise self._unknown(path)
        return self.resolved.functions[path]

    def _unknown(self, path: str) -> InputError:
        known = [*self.resolved.numbers, *self.resolved.functions, *ALIASES]
        hint = nearest(
            path, known, otherwise="see the paths with  ionstone show " + self.name + "; some of them"
        )
        return InputError(f"{self.name}: unknown parameter {shown(path)}: {hint}")

    def paths(self) -> list[str]:
        """Return the paths that can be read and changed."""
        return [*self.resolved.numbers, *self.resolved.functions]

    def replace(self, changes: Mapping[str, Any]) -> Cell:
        """Return a cell with some parameters changed: {path: number, friendly text, expression or table}.

        Nothing else changes: in particular a given initial filling stays, while the fillings at the
        cut-offs follow from the balance. InputError for an unknown path or a value outside its allowed range.
        """
        numbers, functions = dict(self.resolved.numbers), dict(self.resolved.functions)
        for given_path, value in changes.items():
            path = ALIASES.get(given_path, given_path)
            try:
                if path in numbers:
                    number = read_number(value, self.resolved.quantities[path])
                    numbers[path] = number if number.source else number.model_copy(update=_BY_HAND)
                elif path in functions:
                    new = self.resolved.markers[path].read(value)
                    functions[path] = new if new.source else replace(new, **_BY_HAND)
                else:
                    raise self._unknown(given_path)
            except InputError as error:
                text = str(error)
                raise InputError(text if given_path in text else f"{given_path}: {text}") from None
        resolved = replace(self.resolved, numbers=numbers, functions=functions)
        return Cell(self.config, resolved, (*self.changed, *changes.items()))

    @property
    def mass(self) -> float:
        """Mass [kg]: published where the file says it, else from the layers."""
        return self.built.mass

    @property
    def volume(self) -> float:
        """Outer volume [m^3]: published or from the outer dimensions, else from the layers."""
        return self.built.volume

    @property
    def stack(self) -> Stack:
        """The parts of the cell with their masses."""
        return self.built.stack

    @property
    def areal_capacity(self) -> float:
        """Charge per area of electrode between the cut-offs at open circuit [A s/m^2]."""
        return self.built.areal_capacity

    @property
    def capacity(self) -> float:
        """Charge between the cut-offs at open circuit [A s]."""
        return self.built.areal_capacity * self["format.electrode_area"]

    @property
    def n_p_ratio(self) -> float:
        """Capacity of the negative electrode over that of the positive electrode between full and empty.

        For lithium metal: lithium at full charge over the cycled lithium (1 for an anode-free cell).
        """
        from ionstone.cell_design.mass import FARADAY, LITHIUM_MOLAR_MASS

        if self.parameters().negative_kind == "porous":
            return self.built.balance.negative_capacity / self.built.areal_capacity
        excess = self["negative.thickness"] * self["negative.density"] * FARADAY / LITHIUM_MOLAR_MASS
        return 1.0 + excess / self.built.areal_capacity

    @property
    def open_circuit_energy(self) -> float:
        """Energy between the cut-offs at open circuit [J]: what a discharge without losses would give."""
        return self.built.balance.open_circuit_energy(self.built.window) * self["format.electrode_area"]

    def specific_energy(self, energy: float) -> float:
        """Return an energy [J] per mass of cell [J/kg]."""
        return energy / self.mass

    def energy_density(self, energy: float) -> float:
        """Return an energy [J] per volume of cell [J/m^3]."""
        return energy / self.volume

    def closure(self, energy: float | None = None) -> list[Closure]:
        """Return each published figure beside the computed one.

        Mass and volume come from the layers, capacity from the balance; energies from `energy` [J], the
        energy of a discharge, or without it from the open-circuit voltage (an upper bound).
        """
        from ionstone.cell_design.mass import outer_volume

        values = values_of(self.resolved)
        energy = self.open_circuit_energy if energy is None else energy
        mass, volume = self.built.stack.mass, outer_volume(values, self.built.stack)
        rows = (
            ("capacity", "nominal_capacity", self.capacity, "A*s"),
            ("mass", "format.mass", mass, "kg"),
            ("volume", "format.volume", volume, "m^3"),
            ("energy", "published.energy", energy, "J"),
            ("specific energy", "published.specific_energy", energy / mass, "J/kg"),
            ("energy density", "published.energy_density", energy / volume, "J/m^3"),
        )
        return [
            Closure(name, values[path], computed, unit, self.resolved.numbers[path].source)
            for name, path, computed, unit in rows
            if path in values
        ]

    def pressure(self) -> StackPressure:
        """Return how the stack grows from empty to full, and the pressure at both ends.

        InputError where stack_pressure, or what the hardware needs, is missing.
        """
        from ionstone.cell_design.pressure.stack import stack_pressure

        values = values_of(self.resolved)
        planar = self.parameters().negative_kind != "porous"
        kind = str(self.resolved.choices["pressure.kind"])
        return stack_pressure(kind, values, self.built.window, self.areal_capacity, planar)

    def records(self) -> list[ParameterRecord]:
        """Return every parameter with unit, range, source and evidence, in the order of the file."""
        rows = [self._number_record(path, number) for path, number in self.resolved.numbers.items()]
        rows += [self._function_record(path, item) for path, item in self.resolved.functions.items()]
        order = {"negative": 1, "separator": 2, "positive": 3, "thermal": 4}
        return sorted(rows, key=lambda row: order.get(row.path.split(".")[0], 0))

    def _number_record(self, path: str, number: Number) -> ParameterRecord:
        quantity = self.resolved.quantities[path]
        return ParameterRecord(
            path,
            number.value,
            quantity.unit,
            number.low,
            number.high,
            number.source,
            number.evidence or "estimated",
            number.known_by or "",
            quantity.description,
            number.note,
        )

    def _function_record(self, path: str, item: Property) -> ParameterRecord:
        quantity, function = self.resolved.quantities[path], item.function
        value: float | str = function.constant if function.constant is not None else function.text
        span = (
            ""
            if function.constant is not None or math.isinf(function.upper)
            else (f", known from {function.lower:g} to {function.upper:g}")
        )
        return ParameterRecord(
            path,
            value,
            quantity.unit,
            item.low,
            item.high,
            item.source,
            item.evidence or "estimated",
            item.known_by or "",
            quantity.description + span,
            item.note,
            item.spread,
        )


_BY_HAND: dict[str, Any] = {"source": "changed by hand", "evidence": "estimated"}
