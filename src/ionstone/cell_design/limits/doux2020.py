r"""Time until lithium creeps through a pellet of Li6PS5Cl and shorts it, by stack pressure.

A line in log-log through the measured times: 474, 272, 190, 48 h at 10, 15, 20, 25 MPa. At 5 MPa no short
within 1000 h, at 75 MPa at once.

Validity: 10 to 25 MPa at 75 uA/cm^2 and room temperature, the thickness of that pellet; beyond it marked as
extrapolated. Reference: Doux et al. 2020, Adv. Energy Mater., doi:10.1002/aenm.201903253 (read in a digest).
"""

from __future__ import annotations

from ionstone.cell_design.limits.base import Span, Threshold, power_between

SOURCE = "Doux et al. 2020, doi:10.1002/aenm.201903253 (read in a digest): Li | Li6PS5Cl | Li, 75 uA/cm^2"
HOUR = 3600.0
POINTS = ((10e6, 474 * HOUR), (15e6, 272 * HOUR), (20e6, 190 * HOUR), (25e6, 48 * HOUR))  # Pa, s
RANGE = Span(10e6, 25e6)


def time_to_short(pressure: float) -> Threshold:
    """t [s] at a stack pressure [Pa]."""
    if pressure <= 0:
        return Threshold(float("inf"), True)
    return Threshold(power_between(pressure, POINTS), not RANGE.holds(pressure))
