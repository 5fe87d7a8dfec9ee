"""Composites of NCM622 (3 um) and Li6PS5Cl, and cells with them: Minnmann et al. 2021 (CC BY 4.0).

J. Electrochem. Soc. 168 040537, doi:10.1149/1945-7111/abf8d7, read in a digest. 25 degC, pressed at 380 MPa,
measured at about 40 MPa; bulk NCM 1.0e-2 S/cm, bulk sulfide 1.6e-3 S/cm (1.2e-3 the fine one). The row of 25
vol% sums to 93.6 % by volume.
"""

from __future__ import annotations

from typing import NamedTuple

SOURCE = "Minnmann et al. 2021, doi:10.1149/1945-7111/abf8d7 (CC BY 4.0, read in a digest)"
NCM, SULFIDE, FINE_SULFIDE = 1.0, 0.16, 0.12  # S/m of bulk
NCM_RADIUS, SULFIDE_RADIUS, FINE_RADIUS = 1.5e-6, 1.725e-6, 1.225e-6  # m
NCM_DENSITY = 4650.0  # kg/m^3


class Composite(NamedTuple):
    """Volume fractions [-], conductivities [S/m] and tortuosity factors [-] of one composite."""

    ncm: float
    sulfide: float
    void: float
    electronic: float
    ionic: float
    electronic_factor: float
    ionic_factor: float


COMPOSITES = (
    Composite(0.25, 0.61, 0.076, 2.06e-3, 4.08e-2, 120, 2.40),
    Composite(0.33, 0.53, 0.13, 2.36e-2, 2.66e-2, 13.7, 3.23),
    Composite(0.42, 0.44, 0.17, 5.56e-2, 1.66e-2, 7.44, 4.27),
    Composite(0.53, 0.33, 0.17, 1.11e-1, 3.45e-3, 4.77, 15.3),
    Composite(0.61, 0.25, 0.15, 1.43e-1, 3.06e-4, 4.29, 130),
)
#: voids are not given: those of the coarse composite of the same fractions are taken
FINE = Composite(0.61, 0.25, 0.15, 6.97e-2, 1.17e-3, 8.79, 33.8)

#: loading of NCM [kg/m^2] and discharge capacity [mAh/g] by rate [1/h], by volume fraction of NCM
LOADING = {0.33: 0.0917, 0.42: 0.107, 0.61: 0.131}
CAPACITY = {
    0.33: {0.1: 137.0, 1.0: 83.0},
    0.42: {0.1: 154.0, 1.0: 91.0},
    0.61: {0.1: 132.0, 0.25: 80.2, 0.5: 43.2, 1.0: 15.9},
}
RATED = 200.0  # mAh/g, from the areal capacities given (1.83 mAh/cm^2 at 9.17 mg/cm^2)
