"""Properties: a number, an expression or a table of one variable, with temperature law and provenance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import PydanticUndefined, core_schema

from ionstone.core.config import DoorField, Evidence, KnownBy, Number, read_number
from ionstone.core.errors import InputError, nearest, shown
from ionstone.core.quantities import Quantity, to_si
from ionstone.materials.continuation import continued
from ionstone.materials.expressions import Expression
from ionstone.materials.tables import Interpolation, Table

if TYPE_CHECKING:
    import numpy as np

GAS_CONSTANT = 8.314462618153241  # J/(mol K), exact product of the SI's k and N_A

ACTIVATION_ENERGY = Quantity("activation_energy", "J/mol", 0.0, 2.5e5, "activation energy (Arrhenius)", "E_a")
VTF_B = Quantity("B", "K", 0.0, 1e4, "pseudo activation temperature of the Vogel-Tammann-Fulcher law", "B")
VTF_T0 = Quantity("T0", "K", 0.0, 300.0, "ideal glass temperature of the Vogel-Tammann-Fulcher law", "T_0")


@dataclass(frozen=True)
class PropertyFunction:
    """A function of one variable: x (stoichiometry) or c (mol/m^3), in SI, at the reference temperature.

    `lower` and `upper` bound the data, or the natural range where the law has no data range; `constant` is
    the value of a constant law, else None. A potential (`falls`) continues monotone, steep and smooth
    beyond its data (`materials/continuation.py`).
    """

    law: float | Expression | Table
    lower: float
    upper: float
    scale: float = 1.0
    falls: bool = False

    @property
    def constant(self) -> float | None:
        """The value where the law is a constant, else None."""
        return self.law * self.scale if isinstance(self.law, float) else None

    @property
    def text(self) -> str:
        """The law as a person reads it."""
        factor = "" if self.scale == 1.0 else f"{self.scale:g} * "
        if isinstance(self.law, float):
            return f"{self.law * self.scale:g}"
        if isinstance(self.law, Expression):
            return factor + (f"({self.law.text})" if factor else self.law.text)
        return f"{factor}table of {len(self.law.x)} points, {self.law.interpolation}"

    def evaluate(self, x: Any) -> np.ndarray:
        """Return the value at x, elementwise; beyond the range potentials fall steeply, other expressions
        go on and other tables go on straight.
        """
        if self.falls:
            return continued(self._law, x, self.lower, self.upper)
        return self._law(x)

    def _law(self, x: Any) -> np.ndarray:
        import numpy as np

        if isinstance(self.law, float):
            return np.full(np.shape(x), self.law * self.scale)
        return np.asarray(self.law.evaluate(x) * self.scale)


@dataclass(frozen=True)
class Distribution:
    """How laboratories scatter: standard deviation (of the logarithm where lognormal) of `samples`."""

    kind: Literal["normal", "lognormal"]
    deviation: float
    samples: int


@dataclass(frozen=True)
class Property:
    """A property as a file gives it: its function, its temperature law, and where it comes from."""

    function: PropertyFunction
    activation_energy: Number | None = None
    vtf_b: Number | None = None
    vtf_t0: Number | None = None
    spread: float | None = None
    distribution: Distribution | None = None
    low: float | None = None
    high: float | None = None
    source: str = ""
    evidence: Evidence | None = None
    known_by: KnownBy | None = None
    note: str = ""

    def temperature_law(self) -> tuple[float, float]:
        """Return (B [K], T0 [K]) of the factor exp(-B (1/(T-T0) - 1/(Tref-T0))); Arrhenius is B = Ea/R, T0
        = 0.
        """
        if self.vtf_b is not None and self.vtf_t0 is not None:
            return self.vtf_b.value, self.vtf_t0.value
        return (self.activation_energy.value / GAS_CONSTANT if self.activation_energy else 0.0), 0.0

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return PROPERTY_SCHEMA


_TABLE_SCHEMA = {
    "type": "object",
    "required": ["x", "y"],
    "properties": {
        "x": {"type": "array", "items": {"type": "number"}},
        "y": {"type": "array", "items": {"type": "number"}},
        "interpolation": {"enum": list(get_args(Interpolation))},
        "x_scale": {"type": "number"},
        "y_scale": {"type": "number"},
    },
}
PROPERTY_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "number"},
        {"type": "string", "description": "a number with a unit, or an expression in x or c"},
        {**_TABLE_SCHEMA, "description": "a table, with the keys of a record beside it"},
        {
            "type": "object",
            "required": ["value"],
            "description": "a record: value, range, temperature law, source",
        },
    ]
}
_TABLE_KEYS = ("x", "y", "interpolation", "x_scale", "y_scale")
_RECORD_KEYS = (
    "value",
    "range",
    "scale",
    "activation_energy",
    "vtf",
    "spread",
    "distribution",
    "low",
    "high",
    "source",
    "evidence",
    "known_by",
    "note",
)


class FunctionField(DoorField):
    """Marks a config field as a property: a function of `variable` whose values are of `quantity`."""

    def __init__(self, quantity: Quantity, variable: str, natural: tuple[float, float]) -> None:
        self.quantity, self.variable, self.natural = quantity, variable, natural

    def read(self, value: Any) -> Property:
        """Return the Property of a number, an expression, a table, or a record."""
        if isinstance(value, Property):
            return value
        if not isinstance(value, dict):
            return Property(self._function(value, None))
        known = {*_TABLE_KEYS, *_RECORD_KEYS}
        for key in value:
            if key not in known:
                raise InputError(f"unknown key {shown(key)}: {nearest(key, known)}")
        law = {key: value[key] for key in _TABLE_KEYS if key in value} if "x" in value else value.get("value")
        if law is None:
            raise InputError(
                "a property needs a number, an expression, or a table: write `value: ...` or x and y"
            )
        function = self._function(law, value.get("range"), float(value.get("scale", 1.0)))
        return Property(function, **self._temperature(value), **self._provenance(value, function))

    def _temperature(self, value: dict[str, Any]) -> dict[str, Any]:
        if "vtf" in value and "activation_energy" in value:
            raise InputError("activation_energy and vtf exclude each other: keep one of them")
        if "activation_energy" in value:
            return {"activation_energy": _part(value["activation_energy"], ACTIVATION_ENERGY)}
        if "vtf" in value:
            if not isinstance(value["vtf"], dict) or set(value["vtf"]) != {"B", "T0"}:
                raise InputError("vtf needs exactly B and T0: write {B: 1200 K, T0: 200 K}")
            return {"vtf_b": _part(value["vtf"]["B"], VTF_B), "vtf_t0": _part(value["vtf"]["T0"], VTF_T0)}
        return {}

    def _provenance(self, value: dict[str, Any], function: PropertyFunction) -> dict[str, Any]:
        """Return source, evidence and range; the rules of a Number hold for a property too."""
        keys = ("source", "evidence", "known_by", "note")
        record: dict[str, Any] = {key: value[key] for key in keys if key in value}
        for key in ("low", "high"):
            if key in value:
                record[key] = self.quantity.read(value[key], key)
        if "spread" in value:
            record["spread"] = Quantity("spread", "1", 0.0, 10.0, "relative spread").read(value["spread"])
        if record.get("known_by") == "recalled":
            record.setdefault("evidence", "estimated")
        if "distribution" in value:
            record["distribution"] = self._distribution(value["distribution"], function)
        middle = function.constant if function.constant is not None else 1.0
        checked = dict(record)
        spread = checked.pop("spread", None)
        checked.pop("distribution", None)
        if spread is not None and "low" not in checked:
            checked["low"], checked["high"] = middle - abs(middle) * spread, middle + abs(middle) * spread
        if function.constant is None and ("low" in value or "high" in value):
            raise InputError("low and high belong to a constant: give `spread` (relative) for a function")
        wide = Quantity("value", "1")
        read_number({"value": middle, **checked}, wide)
        return record

    def _distribution(self, value: Any, function: PropertyFunction) -> Distribution:
        """Return the scatter between laboratories. InputError where a key is missing or makes no sense."""
        keys = {"kind", "deviation", "samples"}
        if not isinstance(value, dict) or set(value) != keys or function.constant is None:
            raise InputError(
                "distribution belongs to a constant and needs exactly kind, deviation and samples: "
                "write {kind: normal, deviation: 0.9 mS/cm, samples: 8}"
            )
        kind, samples = value["kind"], value["samples"]
        if kind not in ("normal", "lognormal"):
            raise InputError(f"distribution.kind {shown(kind)} is unknown: use normal or lognormal")
        if not isinstance(samples, int) or isinstance(samples, bool) or samples < 2:
            raise InputError(f"distribution.samples is {shown(samples)}, allowed 2 or more: correct it")
        unit = self.quantity.unit if kind == "normal" else "1"
        deviation = to_si(value["deviation"], unit, "distribution.deviation")
        if not 0 < deviation < math.inf:
            raise InputError(f"distribution.deviation is {deviation:g}, allowed above 0: correct it")
        return Distribution(kind, deviation, samples)

    def _function(self, law: Any, bounds: Any, scale: float = 1.0) -> PropertyFunction:
        lower, upper = self.natural
        falls = self.quantity.name == "open_circuit_potential"
        if bounds is not None:
            lower, upper = _bounds(bounds)
        if isinstance(law, dict):
            table = _table(law)
            if bounds is None:
                lower, upper = table.x[0], table.x[-1]
            return self._checked(PropertyFunction(table, lower, upper, scale, falls))
        if isinstance(law, str):
            try:
                number = to_si(law, self.quantity.unit)
            except InputError:
                if _is_number_with_unit(law, self.variable):
                    raise
                return self._checked(
                    PropertyFunction(Expression(law.strip(), self.variable), lower, upper, scale, falls)
                )
            return self._checked(PropertyFunction(number, lower, upper, scale, falls))
        number = to_si(law, self.quantity.unit)
        return self._checked(PropertyFunction(number, lower, upper, scale, falls))

    def _checked(self, function: PropertyFunction) -> PropertyFunction:
        """Evaluate inside the range; InputError where a value is not finite or outside the allowed range."""
        if function.constant is not None:
            self.quantity.check(function.constant, "")
            return function
        import numpy as np

        upper = function.upper if math.isfinite(function.upper) else 1200.0
        lower = max(function.lower, 1.0) if self.variable == "c" else function.lower
        inset = 0.01 * (upper - lower) if isinstance(function.law, Expression) else 0.0
        points = np.linspace(lower + inset, upper - inset, 25)
        values = function.evaluate(points)
        for point, value in zip(points, values, strict=True):
            if not math.isfinite(value):
                raise InputError(
                    f"{function.text[:60]} is not finite at {self.variable} = {point:g}: correct it"
                )
            try:
                self.quantity.check(float(value), "")
            except InputError as error:
                raise InputError(f"at {self.variable} = {point:g}: {error}") from None
        return function

    def __call__(self, schema: dict[str, Any]) -> None:
        """Write unit, variable and allowed range into the field's JSON Schema."""
        schema.update(unit=self.quantity.unit, variable=self.variable, allowed=self.quantity.allowed())


def _part(value: Any, quantity: Quantity) -> Number:
    try:
        return read_number(value, quantity)
    except InputError as error:
        raise InputError(f"{quantity.name}: {error}") from None


def _is_number_with_unit(text: str, variable: str) -> bool:
    """Whether a text looks like "85 um" and not like an expression: digits, a blank, letters, no brackets."""
    import re

    return re.fullmatch(r"\s*[+-]?[\d.]+(?:[eE][+-]?\d+)?\s+[A-Za-z%µΩ°][^()]*", text) is not None


def _bounds(bounds: Any) -> tuple[float, float]:
    if not isinstance(bounds, list) or len(bounds) != 2:
        raise InputError(f"range {shown(bounds)}: write [lower, upper]")
    lower, upper = (to_si(item, "1", "range") for item in bounds)
    if not lower < upper:
        raise InputError(f"range [{lower:g}, {upper:g}] is empty: write [lower, upper]")
    return lower, upper


def _table(law: dict[str, Any]) -> Table:
    for key in ("x", "y"):
        if not isinstance(law.get(key), list):
            raise InputError(f"table needs a list {key}: write {key}: [...]")
    kind = law.get("interpolation", "linear")
    if kind not in get_args(Interpolation):
        raise InputError(
            f"interpolation {shown(kind)} is unknown: use one of {', '.join(get_args(Interpolation))}"
        )
    scales = [to_si(law.get(f"{key}_scale", 1.0), "1", f"{key}_scale") for key in ("x", "y")]
    columns = [
        tuple(to_si(item, "1", f"{key}[{i}]") * scale for i, item in enumerate(law[key]))
        for key, scale in zip(("x", "y"), scales, strict=True)
    ]
    return Table(columns[0], columns[1], kind)


@lru_cache(maxsize=1)
def _natural_ranges() -> dict[str, tuple[float, float]]:
    return {"x": (0.0, 1.0), "c": (0.0, math.inf)}


def function_field(quantity: Quantity, variable: str, default: Any = PydanticUndefined) -> Any:
    """Return a pydantic field that holds a Property of `variable` ("x" or "c") with values of `quantity`."""
    marker = FunctionField(quantity, variable, _natural_ranges()[variable])
    if default is not PydanticUndefined and default is not None:
        default = marker.read(default)
    text = f"{quantity.description}, a function of {variable} [{quantity.unit}], {quantity.allowed()}"
    return Field(default, description=text, json_schema_extra=marker)
