"""What changes at electrodes of metal: voids that open on stripping, lithium that is lost on plating.

Both are lumped states of an electrode, where its cell asks for them (``void_depth``,
``coulombic_efficiency``): the electrode is planar and its current is that of the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_model.laws import coulombic_loss, no_voids, vacancy_balance

FloatArray = NDArray[np.float64]
#: depth of voids [m] of a cell of a batch that has none: they never fill it
NO_DEPTH = 1e30


def lost(e: str) -> str:
    """The state of lost lithium [C/m2] of an electrode."""
    return f"lost_{e}"


def voids(e: str) -> str:
    """The state of voids [-] of an electrode."""
    return f"voids_{e}"


def states(lossy: Sequence[str], voided: Sequence[str]) -> tuple[str, ...]:
    """Lumped states of electrodes of metal."""
    return (*map(lost, lossy), *map(voids, voided))


def parameters(lossy: Sequence[str], voided: Sequence[str]) -> tuple[str, ...]:
    """Parameters of the cell that the states add."""
    return (*(f"loss_share_{e}" for e in lossy), *(f"void_scale_{e}" for e in voided))


def outputs(lossy: Sequence[str], voided: Sequence[str]) -> dict[str, str]:
    """Outputs that the states add, and their units."""
    return {f"lithium_lost_{e}": "m" for e in lossy} | {f"void_contact_{e}": "" for e in voided}


def stripping(z: Any, e: str) -> Any:
    """Current density [A/m2] that strips an electrode."""
    return z.current if e == "negative" else -z.current


def rates(g: Any, z: Any, lossy: Sequence[str], voided: Sequence[str]) -> tuple[Any, ...]:
    """Rates of the states."""
    found = [coulombic_loss.rate(-stripping(z, e), vars(g)[f"loss_share_{e}"]) for e in lossy]
    for e in voided:
        scale = vars(g)[f"void_scale_{e}"]
        found.append(vacancy_balance.rate(vars(z)[voids(e)], stripping(z, e), g.void_current, scale))
    return tuple(found)


def values_of(g: Any, z: Any, lossy: Sequence[str], voided: Sequence[str]) -> tuple[Any, ...]:
    """Values of ``outputs``."""
    thickness = [g.lithium_per_charge * vars(z)[lost(e)] for e in lossy]
    return (*thickness, *(contact_share(z, e, voided) for e in voided))


def contact_share(z: Any, e: str, voided: Sequence[str]) -> Any:
    """Share of the contact that voids leave at an electrode [-]."""
    return vacancy_balance.contact_share(vars(z)[voids(e)]) if e in voided else no_voids.contact_share()


def rows(
    column: Callable[..., FloatArray], per_charge: float, lossy: Sequence[str], voided: Sequence[str]
) -> dict[str, FloatArray]:
    """The rows of ``parameters``; ``column(key, default)`` gives a scalar of each cell."""
    found = {f"loss_share_{e}": 1.0 - column(f"{e}.coulombic_efficiency", 1.0) for e in lossy}
    return found | {f"void_scale_{e}": per_charge / column(f"{e}.void_depth", NO_DEPTH) for e in voided}
