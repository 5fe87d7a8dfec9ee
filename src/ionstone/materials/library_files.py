"""The material library: one YAML file per material inside the package, or a user's own file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from ionstone.core.config import load
from ionstone.core.documents import read_yaml
from ionstone.core.errors import InputError, nearest, shown
from ionstone.materials.records import KINDS, Material

LIBRARY = Path(__file__).parent / "library"


def material_names() -> list[str]:
    """Return the names of the built-in materials."""
    return sorted(path.stem for path in LIBRARY.glob("*.yaml"))


def load_material(name: str, folder: Path | None = None) -> Material:
    """Return a material by its library name, or by the path of a YAML file (relative to `folder`).

    InputError for an unknown name, with the nearest known one.
    """
    if name.endswith((".yaml", ".yml")):
        return _read((folder / name) if folder is not None else Path(name))
    if name not in material_names():
        raise InputError(f"material {shown(name)} is unknown: {nearest(name, material_names())}")
    return _library_material(name)


@lru_cache(maxsize=256)
def _library_material(name: str) -> Material:
    return _read(LIBRARY / f"{name}.yaml")


def _read(path: Path) -> Material:
    data: dict[str, Any] = read_yaml(path)
    kind = data.get("kind")
    if kind not in KINDS:
        raise InputError(f"{path.name}: kind {shown(kind)} is unknown: {nearest(str(kind), KINDS)}")
    return load(KINDS[kind], data, path.name)
