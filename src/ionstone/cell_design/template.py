"""The commented cell file that `ionstone init` writes."""

from __future__ import annotations

import re
from pathlib import Path

from ionstone.core.errors import InputError, shown

_TEMPLATE = Path(__file__).with_name("template.yaml")


def template_text(name: str = "my-cell") -> str:
    """Return a complete, commented cell file that loads as it stands."""
    return _TEMPLATE.read_text(encoding="utf-8").replace("@NAME@", name)


def write_template(path: str | Path) -> Path:
    """Write the commented cell file to a new path and return it. InputError where the path exists or is no
    YAML.
    """
    path = Path(path)
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise InputError(f"{shown(str(path))}: a cell file ends in .yaml: write for example mycell.yaml")
    name = re.sub(r"[^A-Za-z0-9._+-]+", "-", path.stem).strip("-._+")[:60] or "my-cell"
    try:
        with path.open("x", encoding="utf-8") as handle:
            handle.write(template_text(name))
    except FileExistsError:
        raise InputError(f"{shown(str(path))} exists already: give a new name, or remove it") from None
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise InputError(f"{shown(str(path))} cannot be written ({reason}): give another folder") from None
    return path
