"""The voltage class of a pack, and whether a car can take its voltages."""

from __future__ import annotations

from math import ceil

from ionstone.core.errors import InputError

#: [V] highest voltages of a full pack of each class: Porsche Taycan 835 V, Lucid Air 924 V (estimated)
CLASSES = ((500.0, 400), (880.0, 800), (1000.0, 900))
#: [V] of a full pack below which it is of no class of cars
LOWEST = 200.0


def voltage_class(full: float) -> int:
    """400, 800 or 900 [V] of a pack of a voltage [V] when full; 0 where it is below or above them."""
    return 0 if full < LOWEST else next((name for most, name in CLASSES if full <= most), 0)


def check_voltage(series: int, voltages: tuple[float, float], lowest: float, highest: float, of: str) -> None:
    """InputError where a car that takes ``lowest`` to ``highest`` [V] cannot take a pack.

    ``voltages`` [V] are those of the empty and of the full pack of ``series`` cells in series.
    """
    low, high = voltages
    if low < lowest or high > highest:
        least, most = ceil(lowest * series / low), int(highest * series / high)
        way = f"give {least} to {most} of them" if least <= most else "no number of these cells fits"
        raise InputError(
            f"pack: {series} cells in series give {low:.0f} to {high:.0f} V, {of} takes"
            f" {lowest:g} to {highest:g} V: {way}"
        )
