"""Cell design: the layer stack of a cell, its balance, mass and volume, and the parameters handed to the
models.
"""

from __future__ import annotations

from ionstone.cell_design.cell import Cell, CellParameters, ParameterRecord
from ionstone.cell_design.library import cell_names, load_cell

__all__ = ["Cell", "CellParameters", "ParameterRecord", "cell_names", "load_cell"]
