"""The power of a cell over a step of time, or the most of it that the limits of the cell allow."""

from __future__ import annotations

from ionstone.core.errors import SimulationError
from ionstone.simulation.stepper import Stepper

_TRIALS = 8
_SHORTEST = 1e-6  # s, of a step of a cell
_AT_CUT_OFF = 1e-6  # V


def give_power(cell: Stepper, dt: float, power: float) -> tuple[float, str]:
    """Advance a cell for ``dt`` [s] under a power [W]; the mean power given, and what bound it, if any.

    From where a cut-off is met on, it is held for the rest of the step: the power is then that voltage times
    the charge over the time. For another limit of the stepper, the most power that keeps it over the whole
    step is found by halving. The limit is the name of its output, or "cell" where no state was found.
    SimulationError where none is found at rest either.
    """
    origin, side = cell.save(), 0 if power > 0 else 1
    if power and abs(cell["voltage"] - cell.limits["voltage"][side]) < _AT_CUT_OFF:
        mean = _at_cut_off(cell, dt, side)
        if mean is not None and abs(mean) <= abs(power):
            return mean, "voltage"
        cell.restore(origin)
    moved, limit = _tried(cell, dt, power)
    if not limit:
        return power, ""
    if limit in ("voltage", "cell"):
        mean = _at_cut_off(cell, dt - moved, side)
        if mean is not None:
            return power * (moved / dt) + mean * (1 - moved / dt), "voltage"
    low, high = 0.0, power
    for _ in range(_TRIALS):
        cell.restore(origin)
        middle = (low + high) / 2
        low, high = (low, middle) if _tried(cell, dt, middle)[1] else (middle, high)
    cell.restore(origin)
    cell.step(dt, power=low)
    return low, limit


def _tried(cell: Stepper, dt: float, power: float) -> tuple[float, str]:
    """Advance a cell under a power [W]; the time advanced [s], and the limit that ended it, if any."""
    try:
        moved = cell.step(dt, power=power)
    except SimulationError:
        return 0.0, "cell"
    return moved, cell.end_reason.split()[0] if cell.ended else ""


def _at_cut_off(cell: Stepper, dt: float, side: int) -> float | None:
    """Hold a cell at its lower (0) or upper (1) cut-off, or at rest where that would turn the current.

    Returns its mean power [W]; None, with nothing changed, where no state or another limit was met.
    """
    if dt < _SHORTEST:
        return 0.0
    origin, charge, level = cell.save(), cell["discharge_capacity"], cell.limits["voltage"][side]
    try:
        cell.step(dt, voltage=level)
    except SimulationError:
        return None
    given, sign = cell["discharge_capacity"] - charge, -1.0 if side else 1.0
    if not cell.ended and sign * given >= 0 and sign * cell["current"] >= 0:
        return level * given / dt
    ended = cell.ended
    cell.restore(origin)
    if ended:
        return None
    cell.step(dt, rest=True)
    return 0.0
