r"""Percolation with particle sizes and voids: the default of solid composites.

$$ \frac{\sigma_\mathrm{eff}}{\sigma} = p \left(\frac{1 - \varepsilon}{1 - \varepsilon_0}\right)^{3/2}
   \left(\frac{s - s_c}{1 - s_c}\right)^{t}, \qquad s = \frac{\varphi}{1 - \varepsilon}, \qquad
   s_c = s_{c0} + k \ln\frac{d / d'}{(d / d')_0} $$

Small particles of the conductor among large ones of the other phase connect at a smaller share. Where the
sizes are not known, the threshold is that of the reference.

Symbols: phi volume fraction of the conductor, eps of voids, eps_0 of the voids of the pellet at which sigma
was measured, s share of the solids, s_c threshold, t exponent, p prefactor (contacts between grains), d / d'
size of the conductor's particles over that of the others, k slope of the threshold; all [-].

The numbers (see DEFAULTS) are a calibration, not a theory: threshold and exponent are fitted to the five
composites of NCM622 (3 um) and Li6PS5Cl (3.45 um) of Minnmann et al. 2021, J. Electrochem. Soc. 168 040537,
doi:10.1149/1945-7111/abf8d7 (two numbers on five points for ions, three for electrons). The slope k is not
fitted: 7.83 vol% of the solids per e-fold of the particle size, Bielefeld et al. 2019, J. Phys. Chem. C,
doi:10.1021/acs.jpcc.8b11043; that it acts on the ratio of sizes, and on ions as on electrons, is assumed.
eps_0 of the sulfide is the mean of eight laboratories (13.3 +- 5.3 %), Ohno et al. 2020, ACS Energy Lett.,
doi:10.1021/acsenergylett.9b02764; the exponent 3/2 of the voids is Bruggeman's.

Validity: 25 to 61 % of either phase, voids of 7 to 17 %, sizes within a factor of about two of the reference.
"""

from __future__ import annotations

from math import log

from ionstone.cell_design.composite.base import Composition, Values, reduced
from ionstone.core.errors import InputError

VOID_EXPONENT = 1.5
NCM_RADIUS, SULFIDE_RADIUS = 1.5e-6, 1.725e-6  # m, Minnmann et al. 2021: 3 um and D50 of 3.45 um
MINNMANN = "fit to Minnmann et al. 2021, doi:10.1149/1945-7111/abf8d7 (docs/validation.md)"
BIELEFELD = "Bielefeld et al. 2019, doi:10.1021/acs.jpcc.8b11043: 7.83 ln(d/um) + 36.67 vol% of the solids"
OHNO = "Ohno et al. 2020, doi:10.1021/acsenergylett.9b02764: voids of pellets of 8 laboratories, sd 0.053"
SIZES = "Minnmann et al. 2021: NCM of 3 um, Li6PS5Cl of D50 3.45 um"
#: key -> (value, low, high, evidence, how known, source), for ions and for electrons
DEFAULTS: dict[str, dict[str, tuple[float, float, float, str, str, str]]] = {
    "ionic": {
        "threshold": (0.2363, 0.20, 0.26, "fitted", "derived", MINNMANN),
        "exponent": (2.414, 1.9, 2.6, "fitted", "derived", MINNMANN),
        "prefactor": (1.0, 0.9, 1.2, "estimated", "derived", "not fitted: one phase without voids is bulk"),
        "size_slope": (0.0783, 0.0, 0.16, "fitted", "read-secondary", BIELEFELD),
        "size_ratio": (SULFIDE_RADIUS / NCM_RADIUS, 0.8, 1.6, "measured", "read-secondary", SIZES),
        "reference_void_fraction": (0.133, 0.0, 0.20, "measured", "read-secondary", OHNO),
    },
    "electronic": {
        "threshold": (0.2464, 0.20, 0.27, "fitted", "derived", MINNMANN),
        "exponent": (1.474, 1.2, 2.0, "fitted", "derived", MINNMANN),
        "prefactor": (0.369, 0.25, 1.0, "fitted", "derived", MINNMANN),
        "size_slope": (0.0783, 0.0, 0.16, "fitted", "read-secondary", BIELEFELD),
        "size_ratio": (NCM_RADIUS / SULFIDE_RADIUS, 0.6, 1.25, "measured", "read-secondary", SIZES),
        "reference_void_fraction": (0.0, 0.0, 0.15, "estimated", "derived", "the prefactor holds it"),
    },
}


def threshold(composition: Composition, values: Values, path: str) -> float:
    """The share of the solids s_c at which the conductor connects [-]."""
    found = values["threshold"]
    if composition.radius is not None and composition.other_radius is not None:
        ratio = composition.radius / composition.other_radius
        found += values["size_slope"] * log(ratio / values["size_ratio"])
    if not 0.0 < found < 1.0:
        raise InputError(
            f"{path}: the percolation threshold with these particle sizes is {found:g}, outside 0 to 1:"
            " bring the sizes nearer to each other, or lower size_slope"
        )
    return found


def share(composition: Composition, values: Values, path: str) -> float:
    """sigma_eff / sigma [-]; InputError below the threshold."""
    connected = reduced(composition.of_solids, threshold(composition, values, path), path)
    voids = (1.0 - composition.void) / (1.0 - values["reference_void_fraction"])
    return float(values["prefactor"] * voids**VOID_EXPONENT * connected ** values["exponent"])
