"""The levels of detail of a cell model: the same configuration runs on each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ionstone.cell_model.laws import dissociation
from ionstone.cell_model.p2d import p2d
from ionstone.cell_model.parts import Options
from ionstone.cell_model.spm import spm
from ionstone.cell_model.spme import spme
from ionstone.numerics.form import Form
from ionstone.numerics.kernel import Grid


class GridChoice(Protocol):
    """A user's grid."""

    def mesh(self, planar: bool, single: bool = False, metals: bool = False, sheet: bool = False) -> Grid:
        """The kernel's grid."""


@dataclass(frozen=True)
class Level:
    """A level: its form for given options, and whether electrodes are single nodes."""

    name: str
    form: Callable[[Options], Form]
    single: bool = False

    def mesh(self, grid: GridChoice, options: Options) -> Grid:
        """The kernel's grid of this level."""
        return grid.mesh(options.planar, self.single, options.metals, options.sheet)


def _dissociating(form: Callable[[Options], Form]) -> Callable[[Options], Form]:
    """A level with an electrolyte whose ions recombine, where the options say so."""

    def made(options: Options) -> Form:
        found = form(options)
        return dissociation.dissociating(found) if options.dissociation else found

    return made


LEVELS = {
    "P2D": Level("P2D", _dissociating(p2d)),
    "SPMe": Level("SPMe", _dissociating(spme)),
    "SPM": Level("SPM", spm, single=True),
}
