"""Reads a protocol file in YAML: a list of steps, `Repeat 3 times:` with a list below it for repeats.

All scalars stay text (a step is never a number or a date); aliases and deep nesting are refused before
anything is built.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ionstone.core.documents import MAX_DEPTH, read_text
from ionstone.core.errors import InputError, one_line, shown

EXAMPLE = 'write one step a line, "- Discharge at 1C until 2.5 V"'


def read_list(path: Path) -> list[Any]:
    """The list in a YAML file, texts inside; raises InputError with file, line and remedy."""
    import yaml

    text, name = read_text(path), f"protocol file {shown(path.name)}"
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent):
                raise InputError(
                    f"{name} uses a YAML alias (*{event.anchor}): write the steps out, use Repeat"
                )
            if depth > MAX_DEPTH:
                raise InputError(f"{name} is nested deeper than {MAX_DEPTH} levels: flatten it")
        root = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = one_line(getattr(error, "problem", None) or str(error), 120)
        raise InputError(f"{name}{where} is not valid YAML ({problem}): {EXAMPLE}") from None
    data = _plain(root, name)
    if not isinstance(data, list):
        raise InputError(f"{name} holds {shown(data)}, not a list of steps: {EXAMPLE}")
    return data


def _plain(node: Any, name: str) -> Any:
    """Lists, mappings of one key, and texts from a YAML node."""
    import yaml

    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, name) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1
        if len(node.value) != 1 or not isinstance(node.value[0][0], yaml.ScalarNode):
            raise InputError(
                f'{name} line {line}: begin each repeat with "- Repeat 3 times:", its steps below'
            )
        key, value = node.value[0]
        return {key.value: _plain(value, name)}
    return node.value if node is not None else ""
