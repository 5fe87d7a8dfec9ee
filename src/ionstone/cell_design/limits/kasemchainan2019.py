r"""Current at which voids open on stripping lithium from Li6PS5Cl, by stack pressure.

$$ i = 0.2\ \mathrm{mA/cm^2} \left(\frac{P}{3\ \mathrm{MPa}}\right)^{1.90} $$

Calibrated on the two measured points, 0.2 mA/cm^2 at 3 MPa and 1.0 at 7 MPa (exponent ln 5 / ln(7/3)).
Validity: 3 to 7 MPa, 30 degC, Li6PS5Cl, three-electrode cells; what lies beyond is marked as extrapolated and
means little below 2 and above 10 MPa. Exponents of other electrolytes differ (Li7La3Zr2O12 about 0.9).
Reference: Kasemchainan et al. 2019, Nat. Mater., doi:10.1038/s41563-019-0438-9 (read in a digest).
"""

from __future__ import annotations

from ionstone.cell_design.limits.base import Span, Threshold, power_between

SOURCE = "Kasemchainan et al. 2019, doi:10.1038/s41563-019-0438-9 (read in a digest): Li | Li6PS5Cl, 30 degC"
POINTS = ((3e6, 2.0), (7e6, 10.0))  # Pa, A/m^2
RANGE = Span(3e6, 7e6)


def void_current_density(pressure: float) -> Threshold:
    """i [A/m^2] at a stack pressure [Pa]."""
    if pressure <= 0:
        return Threshold(0.0, True)
    return Threshold(power_between(pressure, POINTS), not RANGE.holds(pressure))
