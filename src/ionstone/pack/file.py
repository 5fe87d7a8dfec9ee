"""A pack in a YAML file::

ionstone: 1
cell: lfp-graphite          # a name, or a path from the file's folder
series: 96
parallel: 2
modules: 8
spread: {capacity: 1 %, resistance: 3 %}
seed: 1
busbar: 50 uohm
cooling: {coolant: 20 degC}
design: {cell_mass_fraction: 0.72}
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from ionstone.cell_design import load_cell
from ionstone.core.config import FrozenConfig, load_yaml
from ionstone.core.errors import InputError
from ionstone.pack.config import PackDesign
from ionstone.pack.cooling import Cooling
from ionstone.pack.network import Pack


class PackFile(FrozenConfig):
    """The fields of a pack file; all but ``cell`` and ``series`` may be left out."""

    ionstone: int = 1
    cell: str
    series: int
    parallel: int = 1
    modules: int = 1
    spread: Any = None
    aged: Any = None
    seed: int = 0
    lanes: int | None = None
    busbar: float | str = 0.0
    joint: float | str = 0.0
    bms: Any = "own"
    pressure: str = "gas"
    highest_temperature: float | str | None = None
    cooling: Cooling = Field(default_factory=Cooling)
    design: PackDesign = Field(default_factory=PackDesign)


def load_pack(path: str | Path, **changes: Any) -> Pack:
    """The pack of a YAML file; InputError, with file and field, where it is none."""
    file = Path(path)
    if not file.is_file():
        raise InputError(f"{path}: there is no such pack file: give a YAML file with cell and series")
    config = load_yaml(PackFile, file)
    near = file.parent / config.cell
    cell = load_cell(near if near.is_file() else config.cell)
    given = {
        name: getattr(config, name) for name in PackFile.model_fields if name not in ("ionstone", "cell")
    }
    try:
        return Pack(cell, **{**given, **changes})
    except InputError as error:
        raise InputError(f"{file.name}: {error}") from None
