"""The library of reference cells, and the loading of a user's cell file (YAML or BPX)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ionstone.cell_design.cell import Cell
from ionstone.cell_design.config import CellConfig
from ionstone.core.config import load
from ionstone.core.documents import read_yaml
from ionstone.core.errors import InputError, nearest, shown

LIBRARY = Path(__file__).parent / "library"


def cell_names() -> list[str]:
    """Return the names of the built-in cells."""
    return sorted(path.stem for path in LIBRARY.glob("*.yaml"))


def load_cell(source: str | Path | Cell) -> Cell:
    """Return a cell by its name in the library, or from a YAML or BPX (JSON) file.

    InputError, one line, for an unknown name or a bad file: file, field, value, allowed range, remedy.
    """
    if isinstance(source, Cell):
        return source
    text = str(source)
    if text in cell_names():
        return _library_cell(text)
    path = Path(source)
    if path.suffix.lower() in (".yaml", ".yml"):
        return _read(path)
    if path.suffix.lower() == ".json":
        from ionstone.cell_design.bpx import read_bpx

        return read_bpx(path)
    if "/" in text or path.suffix in (".toml", ".txt", ".csv"):
        raise InputError(
            f"{shown(text)} is no cell file: give a .yaml file, a BPX .json file, or a cell's name"
        )
    hint = nearest(text, cell_names(), otherwise="built-in cells")
    raise InputError(f"cell {shown(text)} is unknown: {hint} (or give the path of a .yaml or BPX .json file)")


@lru_cache(maxsize=64)
def _library_cell(name: str) -> Cell:
    return _read(LIBRARY / f"{name}.yaml")


def _read(path: Path) -> Cell:
    config = load(CellConfig, read_yaml(path), path.name)
    if config.laws:
        file = str((path.parent / str(config.laws["file"])).absolute())
        config = config.model_copy(update={"laws": {**config.laws, "file": file}})
    try:
        return Cell.from_config(config, path.parent)
    except InputError as error:
        text = str(error)
        raise InputError(text if text.startswith(path.name) else f"{path.name}: {text}") from None
