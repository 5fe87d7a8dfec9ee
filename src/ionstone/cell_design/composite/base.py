"""What a law of effective transport reads: the composition of a region, seen from the phase that conducts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ionstone.core.errors import InputError

#: numbers of a law by their key in the cell file
Values = Mapping[str, float]


@dataclass(frozen=True)
class Composition:
    """Volume fractions and sizes, seen from the conducting phase.

    ``fraction``: volume fraction of the conductor [-]; ``void``: of empty pores [-]; ``radius``: of the
    conductor's particles [m]; ``other_radius``: of the particles between them [m]. Radii that are not known
    are None.
    """

    fraction: float
    void: float = 0.0
    radius: float | None = None
    other_radius: float | None = None

    @property
    def of_solids(self) -> float:
        """Volume fraction of the conductor among the solids [-]."""
        return self.fraction / (1.0 - self.void)

    def exchanged(self) -> Composition:
        """The same solids, seen from the other phase."""
        left = max(1.0 - self.void - self.fraction, 0.0)
        return replace(self, fraction=left, radius=self.other_radius, other_radius=self.radius)


def reduced(fraction: float, threshold: float, path: str) -> float:
    """(phi - phi_c) / (1 - phi_c) [-]; InputError below the threshold, where nothing conducts."""
    if fraction <= threshold:
        raise InputError(
            f"{path}: volume fraction {fraction:g} lies below the percolation threshold {threshold:g}, so"
            " that nothing conducts: raise the fraction or lower the threshold"
        )
    return (fraction - threshold) / (1.0 - threshold)


def known(value: float | None, path: str, key: str) -> float:
    """A radius that a law needs; InputError where it is not given."""
    if value is None:
        raise InputError(f"{path}: the law needs {key}: add it to the layer, for example `{key}: 2 um`")
    return value
