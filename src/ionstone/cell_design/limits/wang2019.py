r"""Current at which voids open on stripping lithium from Li7La3Zr2O12, by stack pressure.

A line in log-log through three points, recalled and to be verified: 0.1, 0.2, 0.4 mA/cm^2 at 0.4, 1.2, 2.0
MPa. The exponent is 0.63 and then 1.36: no power law.

Validity: 0.4 to 2 MPa, room temperature; beyond it marked as extrapolated. Reference: Wang et al. 2019,
Joule, doi:10.1016/j.joule.2019.06.017 (numbers recalled, hence estimated).
"""

from __future__ import annotations

from ionstone.cell_design.limits.base import Span, Threshold, power_between

SOURCE = "Wang et al. 2019, doi:10.1016/j.joule.2019.06.017 (recalled, estimated): Li | Li7La3Zr2O12"
POINTS = ((0.4e6, 1.0), (1.2e6, 2.0), (2.0e6, 4.0))  # Pa, A/m^2
RANGE = Span(0.4e6, 2.0e6)


def void_current_density(pressure: float) -> Threshold:
    """i [A/m^2] at a stack pressure [Pa]."""
    if pressure <= 0:
        return Threshold(0.0, True)
    return Threshold(power_between(pressure, POINTS), not RANGE.holds(pressure))
