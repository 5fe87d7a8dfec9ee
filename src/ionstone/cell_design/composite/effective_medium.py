r"""Thermal conductivity of a composite whose phases all conduct: Bruggeman's symmetric effective medium.

$$ \sum_i \varphi_i\, \frac{\kappa_i - \kappa}{\kappa_i + 2 \kappa} = 0, \qquad
   \frac{1}{\kappa_i'} = \frac{1}{\kappa_i} + \frac{r}{d_i} $$

with the resistance r between grains in series with a grain of size d_i where it is given.

Validity: phases that alternate at random and differ by less than about ten times; between the bounds of
Wiener for any composition. References: Bruggeman 1935, Ann. Phys. 416, 636-664; values for Li6PS5Cl (0.32),
NCM83 (0.71 W/(m K)) and r = 2e-6 m^2 K/W in Ketter & Zeier 2025, Nat. Commun.,
doi:10.1038/s41467-025-56514-5 (read in a digest). Symbols: phi_i volume fractions [-], kappa_i thermal
conductivities [W/(m K)], r [m^2 K/W], d_i [m].
"""

from __future__ import annotations

from collections.abc import Sequence

from ionstone.core.errors import InputError

ROUNDS = 200


def thermal_conductivity(
    fractions: Sequence[float],
    conductivities: Sequence[float],
    sizes: Sequence[float] | None = None,
    interface_resistance: float = 0.0,
) -> float:
    """kappa [W/(m K)] of phases whose fractions sum to 1; InputError where they do not."""
    if abs(sum(fractions) - 1.0) > 1e-6:
        raise InputError(f"fractions sum to {sum(fractions):g}: give all phases, voids too, so that it is 1")
    phases = list(conductivities)
    if interface_resistance and sizes is not None:
        phases = [1.0 / (1.0 / k + interface_resistance / d) for k, d in zip(phases, sizes, strict=True)]
    low, high = min(phases), max(phases)
    for _ in range(ROUNDS):  # the sum falls with kappa
        middle = 0.5 * (low + high)
        rest = sum(f * (k - middle) / (k + 2 * middle) for f, k in zip(fractions, phases, strict=True))
        low, high = (middle, high) if rest > 0 else (low, middle)
    return 0.5 * (low + high)


def no_structure(fractions: Sequence[float], conductivities: Sequence[float]) -> float:
    """The null model: layers in parallel, the upper bound of Wiener [W/(m K)]."""
    return sum(f * k for f, k in zip(fractions, conductivities, strict=True))
