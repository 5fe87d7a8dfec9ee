"""Texts a person writes on the command line, read into SI numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ionstone.core.errors import InputError
from ionstone.core.quantities import to_si

#: what commands that simulate know of models, heat and drawings
MODELS = ("P2D", "SPMe", "SPM")
#: a drive knows a cell as a map, too
DRIVE_MODELS = (*MODELS, "map")
HEAT = ("isothermal", "lumped")
PLOT_KINDS = (".html", ".svg", ".png")
CellName = Annotated[str, typer.Argument(metavar="CELL", help="A cell's name, YAML file or BPX file.")]
Model = Annotated[str, typer.Option("--model", metavar="NAME", help="P2D, SPMe or SPM.")]
DriveModel = Annotated[str, typer.Option("--model", metavar="NAME", help="P2D, SPMe, SPM or map.")]
Heat = Annotated[str, typer.Option("--heat", metavar="NAME", help="isothermal or lumped.")]
Plot = Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw a .html, .svg or .png file.")]
Laws = Annotated[
    Path | None, typer.Option("--laws", metavar="FILE", help="Python file with own laws of the model.")
]
AllowLaws = Annotated[
    bool, typer.Option("--allow-laws", help="Run the Python file that the cell's file names.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Temperature = Annotated[str, typer.Option("--temperature", metavar="T", help='Temperature, as in "25 degC".')]


def temperature(text: str, name: str = "--temperature") -> float:
    """Temperature [K] between -100 and 300 degC; InputError shows how to write one."""
    value = to_si(text, "K", name)
    if not 173.15 <= value <= 573.15:
        raise InputError(
            f'{name}: {text!r} is {value:g} K, outside 173.15 to 573.15 K; write it as in "25 degC"'
        )
    return value


def fraction(text: str, name: str) -> float:
    """A fraction between 0 and 1, written as "50%" or 0.5."""
    value = to_si(text, "1", name)
    if not 0 <= value <= 1:
        raise InputError(f'{name}: {text!r} is outside 0 to 100 %; write it as in "50%"')
    return value


def duration(text: str, name: str) -> float:
    """A time above zero [s]."""
    value = to_si(text, "s", name)
    if not value > 0:
        raise InputError(f'{name}: {text!r} is not above zero; write it as in "10 s"')
    return value


def choice(text: str, name: str, allowed: tuple[str, ...]) -> str:
    """One of ``allowed``, whatever its case."""
    for word in allowed:
        if word.lower() == text.lower():
            return word
    raise InputError(f"{name}: {text!r} is unknown; use one of {', '.join(allowed)}")
