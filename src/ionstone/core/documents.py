"""Reading hand-written YAML files of untrusted origin: bounded, plain data only, no duplicate keys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ionstone.core.errors import InputError, one_line, shown

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_NODES = 100_000
_FLOAT = re.compile(r"[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)[eE][+-]?\d+")


def read_text(path: str | Path, limit: int = MAX_BYTES) -> str:
    """Return the text of a user's file. InputError where it is absent, too large, or no UTF-8 text."""
    path = Path(path)
    try:
        if not path.exists():
            raise InputError(f"{shown(str(path))}: no such file: check the path")
        if not path.is_file():
            raise InputError(f"{shown(str(path))} is not a regular file: give the path of a text file")
        with path.open("rb") as handle:
            raw = handle.read(limit + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{shown(str(path))} cannot be read ({error}): check the path and its rights"
        ) from None
    if len(raw) > limit:
        raise InputError(f"{path.name} is larger than {limit / 1e6:g} MB: this is no hand-written input file")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text: save it as UTF-8") from None
    if "\x00" in text:
        raise InputError(f"{path.name} holds binary data: give a text file")
    return text


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Return the mapping that a YAML file holds (see parse_yaml)."""
    return parse_yaml(read_text(path), Path(path).name)


def parse_yaml(text: str, name: str = "input") -> dict[str, Any]:
    """Return the mapping in a YAML text: safe loader, bounded depth and size, no aliases or duplicate keys.

    Numbers such as 1e-3, which YAML 1.1 takes for text, are numbers. InputError names file, line and remedy.
    """
    import yaml

    if len(text) > MAX_BYTES:
        raise InputError(f"{name} is larger than {MAX_BYTES / 1e6:g} MB: this is no hand-written input file")
    _check_bounds(text, name)
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        _check_keys(node, name)
        data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  safe loader
    except yaml.MarkedYAMLError as error:
        raise _no_yaml(error, name) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name} is not valid YAML ({one_line(str(error), 120)}): check the file") from None
    if not isinstance(data, dict):
        raise InputError(f"{name} holds {shown(data)}, not a mapping: write `key: value` lines")
    coerced: dict[str, Any] = _coerce(data)
    return coerced


def _no_yaml(error: Any, name: str) -> InputError:
    mark = error.problem_mark or error.context_mark
    where = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    reason = one_line(str(error.problem or error.context), 120)
    return InputError(f"{name}:{where} is not valid YAML ({reason}): check indentation, colons and quotes")


def _check_bounds(text: str, name: str) -> None:
    """Refuse deep nesting, very many nodes and aliases before anything is built from them."""
    import yaml

    depth = nodes = 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            line = event.start_mark.line + 1 if event.start_mark else 0
            if isinstance(event, yaml.AliasEvent):
                raise InputError(
                    f"{name}: line {line} uses a YAML alias (*), not allowed: write the value out"
                )
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                depth += 1
                if depth > MAX_DEPTH:
                    raise InputError(
                        f"{name}: line {line} is nested deeper than {MAX_DEPTH} levels: flatten it"
                    )
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                depth -= 1
            nodes += 1
            if nodes > MAX_NODES:
                raise InputError(
                    f"{name} has more than {MAX_NODES} entries: this is no hand-written input file"
                )
    except yaml.MarkedYAMLError as error:
        raise _no_yaml(error, name) from None
    except yaml.YAMLError as error:
        raise InputError(f"{name} is not valid YAML ({one_line(str(error), 120)}): check the file") from None


def _check_keys(node: Any, name: str) -> None:
    """Refuse duplicate keys and keys that are no plain words."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise InputError(f"{name}: line {line} has a key that is not a word: write `key: value`")
            if key.value == "<<":
                raise InputError(
                    f"{name}: line {line} uses a YAML merge key (<<), which is not allowed: write it out"
                )
            if key.value in seen:
                raise InputError(f"{name}: line {line} repeats the key {shown(key.value)}: keep one of them")
            seen.add(key.value)
            _check_keys(value, name)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check_keys(item, name)


def _coerce(value: Any) -> Any:
    """Turn texts such as 1e-3 into numbers and keys into texts, through all levels."""
    if isinstance(value, dict):
        return {str(key): _coerce(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_coerce(item) for item in value]
    if isinstance(value, str) and len(value) < 40 and _FLOAT.fullmatch(value):
        return float(value)
    return value
