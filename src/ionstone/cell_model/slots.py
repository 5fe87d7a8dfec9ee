"""The places of a cell model where a law may be a user's own, and the laws that fill them.

A law is called with the quantities that its arguments name; arguments whose default is a ``parameter`` are
parameters of the law. A quantity of the same name as the slot is what ionstone would have used there.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ionstone.cell_model.declare import LawParameter, State
from ionstone.core.errors import InputError, nearest, one_line, shown
from ionstone.numerics.tracer import COMPARE, Expr

#: quantities that laws may ask for, with their units
QUANTITIES = {
    "temperature": "K",
    "reference_temperature": "K",
    "concentration": "mol/m^3",  # of the electrolyte in the node
    "stoichiometry": "1",  # at the surface of the particle
    "potential": "V",  # of the solid against the electrolyte
    "current_density": "A/m^2",  # through the interface, positive from solid to electrolyte
    "overpotential": "V",
    "exchange_current_density": "A/m^2",
    "open_circuit_potential": "V",
    "film_resistance": "ohm*m^2",
    "conductivity": "S/m",
    "diffusivity": "m^2/s",
    "transport_factor": "1",
    "porosity": "1",
}


@dataclass(frozen=True)
class Slot:
    """What a law of a slot gives and may ask for; ``states``: it may also ask for the local state."""

    unit: str
    arguments: tuple[str, ...]
    description: str
    states: bool = False
    planar: bool = True  # also at an electrode of lithium metal


_AT = ("temperature", "reference_temperature")
_NODE = (*_AT, "concentration", "current_density")
_INTERFACE = (
    *_NODE,
    "stoichiometry",
    "exchange_current_density",
    "open_circuit_potential",
    "film_resistance",
)
RATE = Slot("", (*_INTERFACE, "overpotential", "potential"), "rate of change of a local state", True)
ELECTRODE_SLOTS = {
    "kinetics": Slot(
        "A/m^2", (*_INTERFACE, "overpotential"), "current density of the reaction at an overpotential", True
    ),
    "exchange_current_density": Slot(
        "A/m^2",
        (*_AT, "concentration", "stoichiometry", "exchange_current_density"),
        "exchange current density",
        True,
    ),
    "open_circuit_potential": Slot(
        "V", (*_AT, "stoichiometry", "open_circuit_potential"), "open-circuit potential", True, False
    ),
    "film_resistance": Slot(
        "ohm*m^2",
        (*_NODE, "stoichiometry", "film_resistance"),
        "resistance of a film on the surface, per area of surface",
        True,
    ),
    "side_current_density": Slot(
        "A/m^2",
        (*_NODE, "potential"),
        "current density of a side reaction that takes ions from the electrolyte",
        True,
        False,
    ),
    "diffusivity": Slot(
        "m^2/s", (*_AT, "stoichiometry", "diffusivity"), "diffusivity in the particles", False, False
    ),
}
REGION_SLOTS = {
    "electrolyte.conductivity": Slot(
        "S/m", (*_AT, "concentration", "conductivity"), "conductivity of the electrolyte"
    ),
    "electrolyte.diffusivity": Slot(
        "m^2/s", (*_AT, "concentration", "diffusivity"), "salt diffusivity of the electrolyte"
    ),
    "transport_factor": Slot(
        "1",
        (*_AT, "concentration", "porosity", "transport_factor"),
        "effective over bulk conductivity and diffusivity of the electrolyte",
    ),
}
ELECTRODES, REGIONS = ("negative", "positive"), ("negative", "separator", "positive")


@dataclass(frozen=True)
class OwnLaw:
    """A user's function in a slot, with the quantities and the parameters that it asks for."""

    function: Callable[..., Any]
    slot: str  # "positive.kinetics"
    arguments: tuple[str, ...]
    parameters: tuple[tuple[str, LawParameter], ...] = ()
    initial: LawParameter | None = None  # of a state

    @property
    def region(self) -> str:
        """The layer of the law."""
        return self.slot.split(".")[0]

    @property
    def key(self) -> str:
        """The slot within its layer, or the name of the state."""
        return self.slot.split(".", 1)[1]

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """The law on named values; an error in it is an InputError that shows the line."""
        try:
            given = self.function(
                **{a: values[a] for a in self.arguments}, **{n: values[n] for n, _ in self.parameters}
            )
        except InputError:
            raise
        except Exception as error:
            raise InputError(explain(error, self)) from error
        if isinstance(given, (bool, str, tuple, list, dict)) or given is None or _compares(given):
            kind = "a comparison" if _compares(given) else type(given).__name__
            raise InputError(
                f"{place(self.function)}: the law of {self.slot} gives {kind}, a law gives one number: "
                + ("use where(condition, a, b)" if _compares(given) else "add `return value`")
            )
        return given


def _compares(value: Any) -> bool:
    return isinstance(value, Expr) and value.op in COMPARE


def place(function: Callable[..., Any]) -> str:
    """File, line and name of a function."""
    code = getattr(function, "__code__", None)
    if code is None:
        return f"law {getattr(function, '__name__', function)!s}"
    return f"{_short(code.co_filename)}, line {code.co_firstlineno}, in {code.co_name}"


def _short(file: str) -> str:
    return file.replace("\\", "/").rsplit("/", 1)[-1]


def explain(error: Exception, law: OwnLaw) -> str:
    """File, line, text of the line and what to write instead, of an error raised within a law."""
    code = getattr(law.function, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if code is not None and f.filename == code.co_filename]
    reason = one_line(str(error), 260) or type(error).__name__
    if isinstance(error, (NameError, AttributeError)) and "'" in reason:
        reason += ": import what the law uses from ionstone.core.ops (exp, log, sqrt, tanh, where, ...)"
    if not own:
        return f"{place(law.function)}: the law of {law.slot}: {reason}"
    last = own[-1]
    text = f" `{one_line(last.line, 100)}`" if last.line else ""
    return f"{_short(last.filename)}, line {last.lineno}:{text} in the law of {law.slot}: {reason}"


def read_law(slot: str, function: Any) -> OwnLaw:
    """The law of a slot, its arguments checked; InputError where the slot or an argument is unknown."""
    region, _, key = slot.partition(".")
    known = {**(ELECTRODE_SLOTS if region in ELECTRODES else {}), **REGION_SLOTS}
    initial = None
    if region not in REGIONS or not key:
        names = [f"{r}.{k}" for r in ELECTRODES for k in (*ELECTRODE_SLOTS, *REGION_SLOTS)]
        raise InputError(f"laws: {shown(slot)} is no place of a law: {nearest(slot, names)}")
    if isinstance(function, State):
        if key in known or not key.isidentifier() or key in QUANTITIES or region not in ELECTRODES:
            raise InputError(
                f"laws: {slot}: a state needs a new name at an electrode: write it as in negative.film"
            )
        function, initial = function.rate, function.initial
    elif key not in known:
        hint = nearest(key, known)
        raise InputError(f"laws: {shown(slot)} is no place of a law: {hint} (a state is marked with @state)")
    if not callable(function):
        raise InputError(f"laws: {slot}: {shown(function)} is no function: give one, or the name of one")
    arguments, parameters = _signature(function, slot)
    return OwnLaw(function, slot, arguments, parameters, initial)


def _signature(
    function: Callable[..., Any], slot: str
) -> tuple[tuple[str, ...], tuple[tuple[str, LawParameter], ...]]:
    arguments, parameters = [], []
    for name, p in inspect.signature(function).parameters.items():
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD, p.POSITIONAL_ONLY):
            raise InputError(f"{place(function)}: the law of {slot} has *{name}: name each argument")
        if isinstance(p.default, LawParameter):
            if name in QUANTITIES:
                raise InputError(
                    f"{place(function)}: {name} is a quantity of the model: rename the parameter"
                )
            parameters.append((name, p.default))
        elif p.default is p.empty:
            arguments.append(name)
    return tuple(arguments), tuple(parameters)


@dataclass(frozen=True)
class OwnLaws:
    """All own laws of a model: structure only, never values, so that a form is traced once."""

    laws: tuple[OwnLaw, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.laws)

    def of(self, region: str) -> dict[str, OwnLaw]:
        """Laws of one layer by their slot, without states."""
        return {law.key: law for law in self.laws if law.region == region and law.initial is None}

    def state(self, region: str) -> OwnLaw | None:
        """The rate law of the local state of an electrode."""
        return next((law for law in self.laws if law.region == region and law.initial is not None), None)

    def interface(self, region: str) -> bool:
        """Whether the interface of an electrode differs from ours."""
        keys = set(ELECTRODE_SLOTS) - {"diffusivity"}
        return self.state(region) is not None or any(k in self.of(region) for k in keys)

    @property
    def transport(self) -> tuple[OwnLaw, ...]:
        """Laws of the electrolyte."""
        return tuple(law for law in self.laws if law.key in REGION_SLOTS)

    @property
    def states(self) -> tuple[OwnLaw, ...]:
        """The rate laws of local states."""
        return tuple(law for law in self.laws if law.initial is not None)

    @property
    def kinetics(self) -> bool:
        """Whether an electrode has its own kinetics."""
        return any(law.key == "kinetics" for law in self.laws)

    @property
    def parameters(self) -> dict[str, LawParameter]:
        """Parameters and initial values of states by path: "positive.reorganisation_energy"."""
        found: dict[str, LawParameter] = {}
        for law in self.laws:
            for name, p in law.parameters:
                if found.setdefault(f"{law.region}.{name}", p) != p:
                    raise InputError(f"laws: two laws of {law.region} declare {name} differently: rename one")
            if law.initial is not None:
                found[f"{law.region}.{law.key}_initial"] = law.initial
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """Names of parameters, each once: one row of data of the nodes."""
        return tuple(dict.fromkeys(name for law in self.laws for name, _ in law.parameters))

    def names_of(self, region: str) -> tuple[str, ...]:
        """Names of the parameters of the laws of one layer."""
        found = (name for law in self.laws if law.region == region for name, _ in law.parameters)
        return tuple(dict.fromkeys(found))

    def check(self) -> None:
        """InputError where a law asks for what its slot has not, or an electrode has two states."""
        for region in ELECTRODES:
            if sum(law.region == region for law in self.states) > 1:
                names = ", ".join(law.slot for law in self.states if law.region == region)
                raise InputError(
                    f"laws: {names}: an electrode has room for one local state: keep one of them"
                )
        for law in self.laws:
            slot = RATE if law.initial is not None else {**ELECTRODE_SLOTS, **REGION_SLOTS}[law.key]
            own = self.state(law.region) if slot.states else None
            known = (*slot.arguments, *((own.key,) if own else ()))
            for name in law.arguments:
                if name not in known:
                    hint = nearest(name, known, otherwise="a law of this slot may ask for")
                    raise InputError(
                        f"{place(law.function)}: the law of {law.slot} asks for {name}: {hint}; "
                        f"a number of your own is written {name}=parameter(value, unit)"
                    )
        _ = self.parameters

    def check_planar(self, region: str = "negative") -> None:
        """InputError where a law makes no sense at an electrode of lithium metal."""
        for law in self.laws:
            slot = ELECTRODE_SLOTS.get(law.key, RATE)
            if law.region != region or law.key in REGION_SLOTS:
                continue
            if not slot.planar or "stoichiometry" in law.arguments:
                raise InputError(
                    f"laws: {law.slot}: an electrode of lithium metal has no particles: leave it out"
                )


#: no own laws
NONE = OwnLaws()
