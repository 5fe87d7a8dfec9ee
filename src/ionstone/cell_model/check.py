"""Dimensions of laws: each is called once with numbers that carry units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ionstone.cell_model.slots import ELECTRODE_SLOTS, QUANTITIES, REGION_SLOTS, OwnLaw, explain
from ionstone.core import constants
from ionstone.core.dimensions import Dimensional, text_of
from ionstone.core.errors import InputError
from ionstone.core.units import parse_unit

if TYPE_CHECKING:
    from ionstone.cell_model.law_files import LawsInput

_CONSTANTS = {
    id(constants.F): Dimensional.unit(constants.F, "C/mol"),
    id(constants.R): Dimensional.unit(constants.R, "J/(mol K)"),
    id(constants.C0): Dimensional.unit(constants.C0, "mol/m^3"),
}
#: values at which laws are called [SI]; what is not here is 1
_TYPICAL = {
    "temperature": 310.0,
    "reference_temperature": 298.15,
    "concentration": 1100.0,
    "stoichiometry": 0.4,
    "potential": 3.7,
    "overpotential": 0.02,
    "open_circuit_potential": 3.65,
    "film_resistance": 1e-3,
    "diffusivity": 1e-14,
    "porosity": 0.3,
    "transport_factor": 0.2,
}


def check_law(laws: LawsInput) -> None:
    """Check the units of all own laws of a file or a mapping (as of ``simulate``).

    Each law is called with quantities that have units; the constants F, R and C0 of
    ``ionstone.core.constants`` have theirs. Raises InputError with the line where units do not fit, or where
    the result has not the unit of its slot.
    """
    from ionstone.cell_model.law_files import read_laws

    own = read_laws(laws).laws
    for law in own.laws:
        state = own.state(law.region)
        units = dict(QUANTITIES)
        if state is not None and state.initial is not None:
            units[state.key] = state.initial.unit
        if law.initial is not None:
            gives = f"({law.initial.unit})/s" if law.initial.unit != "1" else "1/s"
        else:
            gives = {**ELECTRODE_SLOTS, **REGION_SLOTS}[law.key].unit
        typical = {n: p.value for n, p in law.parameters} | (
            {state.key: state.initial.value} if state is not None and state.initial is not None else {}
        )
        units |= {n: p.unit for n, p in law.parameters}
        check_dimensions(law, units, gives, typical)


def check_dimensions(
    law: OwnLaw, units: Mapping[str, str], gives: str, typical: Mapping[str, float] | None = None
) -> None:
    """Call a law with numbers of given units; InputError unless it gives the unit ``gives``."""
    values = {**_TYPICAL, **(typical or {})}
    names = (*law.arguments, *(n for n, _ in law.parameters))
    given = {n: Dimensional.unit(values.get(n, 1.0), units[n]) for n in names}
    try:
        result = Dimensional.of(_with_units(law.function)(**given))
    except Exception as error:
        raise InputError(explain(error, law)) from error
    wanted = parse_unit(gives).dimensions
    if result.dimensions != wanted:
        raise InputError(
            f"the law of {law.slot} gives {text_of(result.dimensions)}, its unit is {gives} "
            f"({text_of(wanted)}): correct the law or the unit of a parameter"
        )


def _with_units(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function of a module where constants have units."""
    if not isinstance(function, FunctionType):
        return function
    old = function.__globals__
    new: dict[str, Any] = dict(old)
    for name, value in old.items():
        if id(value) in _CONSTANTS:
            new[name] = _CONSTANTS[id(value)]
        elif isinstance(value, FunctionType) and value.__globals__ is old:
            new[name] = _copy(value, new)
    return _copy(function, new)


def _copy(function: FunctionType, names: dict[str, Any]) -> FunctionType:
    made = FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )
    made.__kwdefaults__ = function.__kwdefaults__
    return made
