"""The frozen config base, numbers with their provenance, and pydantic's errors as one clear line."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError, PydanticUndefined

from ionstone.core.errors import InputError, nearest, shown
from ionstone.core.quantities import Quantity

Evidence = Literal["measured", "fitted", "estimated", "vendor claim"]
KnownBy = Literal["read", "read-secondary", "derived", "computed", "digitised", "recalled"]


class DoorField(ABC):
    """Marks a config field whose value `read` reads from friendly input; called, writes its JSON Schema."""

    @abstractmethod
    def read(self, value: Any) -> Any:
        """Return the config value of a user's input; InputError without the field's name."""

    @abstractmethod
    def __call__(self, schema: dict[str, Any]) -> None:
        """Complete the field's JSON Schema in place."""


class QuantityField(DoorField):
    """Marks a config field as a number of one quantity; also writes the field's JSON Schema."""

    def __init__(self, quantity: Quantity) -> None:
        self.quantity = quantity

    def read(self, value: Any) -> Number:
        """Return the Number of a plain number, a text with a unit, or a record."""
        return read_number(value, self.quantity)

    def __call__(self, schema: dict[str, Any]) -> None:
        """Rewrite the field's schema: a number in SI, a text with a unit, or a record with provenance."""
        schema.update(unit=self.quantity.unit, allowed=self.quantity.allowed())


def quantity_field(quantity: Quantity, default: Any = PydanticUndefined) -> Any:
    """Return a pydantic field whose numbers are read, converted to SI and checked by `quantity`."""
    if default is not PydanticUndefined and default is not None:
        default = read_number(default, quantity)
        if not default.source:
            default = default.model_copy(update={"source": "default of ionstone", "evidence": "estimated"})
    text = f"{quantity.description} [{quantity.unit}], {quantity.allowed()}"
    return Field(default, description=text, json_schema_extra=QuantityField(quantity))


class FrozenConfig(BaseModel):
    """Base of every config: frozen, unknown keys are errors, quantity fields read friendly units."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _read_quantities(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        read = dict(data)
        for name, field in cls.model_fields.items():
            extra = field.json_schema_extra
            if isinstance(extra, DoorField) and read.get(name) is not None:
                try:
                    read[name] = extra.read(read[name])
                except InputError as error:
                    raise PydanticCustomError(
                        "quantity", "{reason}", {"field": name, "reason": str(error)}
                    ) from None
        return read


def _number_schema(schema: dict[str, Any]) -> None:
    """Let the JSON Schema of a number accept what people write: a number, a text with a unit, or a record."""
    record = {key: schema.pop(key) for key in ("type", "properties", "required", "additionalProperties")}
    for key in ("value", "low", "high"):
        record["properties"][key] = {
            "type": ["number", "string", "null"] if key != "value" else ["number", "string"]
        }
    schema["anyOf"] = [{"type": "number"}, {"type": "string"}, record]


class Number(BaseModel):
    """A number in SI with its range, source and evidence: how the source knows it, and how we know the
    source.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_number_schema)

    value: float
    low: float | None = None
    high: float | None = None
    source: str = ""
    evidence: Evidence | None = None
    known_by: KnownBy | None = None
    note: str = ""

    @model_validator(mode="after")
    def _provenance(self) -> Number:
        if self.known_by == "recalled" and self.evidence != "estimated":
            raise ValueError(
                "a number known_by: recalled must carry evidence: estimated: change its evidence"
            )
        if self.known_by == "recalled" and (self.low is None or self.high is None):
            raise ValueError("a number known_by: recalled needs a range: add low and high")
        if self.low is not None and self.value < self.low * (1 - 1e-12 * _sign(self.low)):
            raise ValueError(f"value {self.value:g} lies below low {self.low:g}: correct the range")
        if self.high is not None and self.value > self.high * (1 + 1e-12 * _sign(self.high)):
            raise ValueError(f"value {self.value:g} lies above high {self.high:g}: correct the range")
        return self


def _sign(value: float) -> float:
    return -1.0 if value < 0 else 1.0


def read_number(value: Any, quantity: Quantity) -> Number:
    """Return the Number for a plain number, a text with a unit, or a record {value, low, high, source,
    ...}.
    """
    if isinstance(value, Number):
        quantity.check(value.value, "")
        return value
    if not isinstance(value, dict):
        return Number(value=quantity.read(value, ""))
    if "value" not in value:
        raise InputError(
            f"a record needs `value`: write {{value: {shown(value.get('low', 1.0))}, source: ...}}"
        )
    record = dict(value)
    for key in set(record) - set(Number.model_fields):
        raise InputError(f"unknown key {shown(key)} in the record: {nearest(key, Number.model_fields)}")
    if record.get("known_by") == "recalled":
        record.setdefault("evidence", "estimated")
    record["value"] = quantity.read(record["value"], "")
    for key in ("low", "high"):
        if record.get(key) is not None:
            record[key] = quantity.read(record[key], key)
    for key, words in (("evidence", get_args(Evidence)), ("known_by", get_args(KnownBy))):
        if record.get(key) is not None and record[key] not in words:
            raise InputError(f"{key} {shown(record[key])} is unknown: use one of {', '.join(words)}")
    try:
        return Number.model_validate(record)
    except ValidationError as error:
        raise InputError(_reason(error.errors()[0])) from None


_URGENCY = {"extra_forbidden": 0, "missing": 2}  # a misspelt key explains the missing one

Model = TypeVar("Model", bound=BaseModel)


def load(model: type[Model], data: Any, file: str = "") -> Model:
    """Validate data as a config; InputError of one line `file: field: what is wrong, value, allowed,
    remedy`.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InputError(explain(error, model, file)) from None


def load_yaml(model: type[Model], path: str | Path) -> Model:
    """Read a YAML file as a config (bounded and safe, see core.documents)."""
    from ionstone.core.documents import read_yaml

    return load(model, read_yaml(path), Path(path).name)


def explain(error: ValidationError, model: type[BaseModel], file: str = "") -> str:
    """Return the most useful of pydantic's errors as one line: misspelt keys first, then what comes first."""
    problems = error.errors(include_url=False)
    problems.sort(key=lambda item: _URGENCY.get(item["type"], 1))
    problem = problems[0]
    location = problem["loc"]
    if problem["type"] == "quantity":
        location = (*location, problem["ctx"]["field"])
    path, known = _walk(model, location)
    where = ".".join(path)
    before = f"{file}: " if file else ""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    if problem["type"] == "extra_forbidden":
        hint = nearest(path[-1], known)
        return f"{before}{where}: unknown key {shown(path[-1])}: {hint}{more}"
    if problem["type"] == "missing":
        return f"{before}{where} is missing: add the line `{path[-1]}: ...`{_describe(model, location)}{more}"
    return f"{before}{where}: {_reason(problem)}{more}" if where else f"{before}{_reason(problem)}{more}"


def _reason(problem: Any) -> str:
    """Return what one pydantic error says, with the value and the remedy, without the path."""
    kind, value, context = problem["type"], problem.get("input"), problem.get("ctx", {})
    if kind == "quantity":
        return str(context["reason"])
    if kind == "value_error":
        return str(context.get("error", problem["msg"]))
    if kind in ("literal_error", "enum"):
        expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        return (
            f"{shown(value)} is unknown: {nearest(str(value), expected.split(', '), otherwise='use one of')}"
        )
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tags = context.get("expected_tags", "").replace("'", "")
        key = str(context.get("discriminator", "kind")).strip("'")
        given = f"{key} {shown(context['tag'])} is unknown" if "tag" in context else f"{key} is missing"
        return f"{given}: use one of {tags}" if tags else f"{given}: add `{key}: ...`"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"{shown(value)} is not a mapping: write `key: value` lines below it"
    return f"{shown(value)}: {problem['msg'][0].lower()}{problem['msg'][1:]}: correct it"


def _walk(model: type[BaseModel], location: tuple[Any, ...]) -> tuple[list[str], list[str]]:
    """Return the field path without pydantic's union tags, and the keys known at the place of its last
    part.
    """
    path: list[str] = []
    models: list[type[BaseModel]] = [model]
    known: list[str] = []
    for part in location:
        fields = {name: field for item in models for name, field in item.model_fields.items()}
        tags = {str(tag): item for item in models for tag in _tags(item)}
        if isinstance(part, str) and part in tags and part not in fields and len(models) > 1:
            models = [tags[part]]
            continue
        if isinstance(part, str) and (part.startswith("function-") or part in ("constrained-str", "Number")):
            continue
        known = sorted(fields) or known
        path.append(str(part))
        models = _models_in(fields[part].annotation) if part in fields else []
    return path, known


def _tags(model: type[BaseModel]) -> tuple[Any, ...]:
    field = model.model_fields.get("kind") or model.model_fields.get("law")
    return (*get_args(field.annotation), model.__name__) if field else (model.__name__,)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the config classes inside an annotation such as `A | B | None` or `dict[str, A]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _models_in(inner)]


def _describe(model: type[BaseModel], location: tuple[Any, ...]) -> str:
    models: list[type[BaseModel]] = [model]
    text = ""
    for part in location:
        for item in models:
            if part in item.model_fields:
                field = item.model_fields[part]
                text, models = field.description or "", _models_in(field.annotation)
                break
    return f" ({text})" if text else ""
