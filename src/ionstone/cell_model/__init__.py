"""Cell models: the laws of the cell and the forms (P2D, SPMe, SPM) that compose them. Chemistry is data.

``parameter``, ``state`` and ``check_law`` are what a user's own laws are written and checked with.
"""

from __future__ import annotations

from ionstone.cell_model.check import check_law
from ionstone.cell_model.declare import parameter, state

__all__ = ["check_law", "parameter", "state"]
