r"""Tortuosity of the electrolyte in simulated composites of spheres, by size of the active material.

$$ \sigma_\mathrm{eff} = \varphi\, \sigma / \tau^2, \qquad \tau^2 = \max(1,\ a\, \varphi^{-b}) $$

a = 0.325, b = 2.018 for particles of 3 um and a = 0.668, b = 1.213 for 15 um; between them ln a and b are
taken straight in ln d (our interpolation), beyond them held. Ions only.

Validity: simulated structures without contact resistance between grains: 2.5 times too good at the 44 vol%
of Minnmann et al. 2021. The fit falls below 1 above 57 vol% (3 um), where it is held at 1 so that the pure
phase conducts as bulk. Reference: Bielefeld, Weber & Janek 2020, ACS Appl. Mater. Interfaces,
doi:10.1021/acsami.9b22788 (read in a digest). Symbols: phi volume fraction of the electrolyte [-], d diameter
of the active particles [m].
"""

from __future__ import annotations

from math import exp, log

from ionstone.cell_design.composite.base import Composition, Values, known

SMALL, LARGE = 3e-6, 15e-6  # m
A, B = (0.325, 0.668), (2.018, 1.213)


def tortuosity_factor(fraction: float, diameter: float) -> float:
    """tau^2 [-] at a volume fraction of electrolyte [-] and a diameter of the active particles [m]."""
    at = log(min(max(diameter, SMALL), LARGE) / SMALL) / log(LARGE / SMALL)
    a = exp((1 - at) * log(A[0]) + at * log(A[1]))
    return max(1.0, a * fraction ** -((1 - at) * B[0] + at * B[1]))


def share(composition: Composition, values: Values, path: str) -> float:
    """sigma_eff / sigma [-]; needs the radius of the active material."""
    del values
    diameter = 2.0 * known(composition.other_radius, path, "particle_radius")
    return composition.fraction / tortuosity_factor(composition.fraction, diameter)
