r"""Hardware that keeps a stack under pressure: end plates and straps.

Two end plates of width $b$ bend under the pressure $p$ (simply supported, strength only), straps of length
$L$ carry its force; both relative to the mass of a stack of length $L$ and density $\rho$:

$$ t = b \sqrt{0.75\, p / \sigma_p}, \qquad
   \frac{m}{m_{cells}} = \frac{2\, t\, \rho_p}{L\, \rho} + \frac{p\, \rho_s}{\sigma_s\, \rho} $$

Validity: strength only; stiffness limits and the breathing of the cells add to it.
Reference: own beam estimate, no measurement (evidence: estimated, range half to twice the value).
"""

from __future__ import annotations

from math import sqrt

from ionstone.core.errors import InputError

FACE_WIDTH = 0.1  # m, short side of the cell face 0.1 m x 0.3 m
STACK_LENGTH = 0.5  # m
STACK_DENSITY = 2200.0  # kg/m^3, mean of the cells
PLATE_STRENGTH = 200e6  # Pa, aluminium
PLATE_DENSITY = 2700.0  # kg/m^3
STRAP_STRENGTH = 200e6  # Pa, steel with its safety factor
STRAP_DENSITY = 7850.0  # kg/m^3
HIGHEST_PRESSURE = 50e6  # Pa, above it the estimate says nothing
SOURCE = "own beam estimate: aluminium end plates (200 MPa), steel straps, 0.5 m stack of 2.2 kg/L cells"


def _checked(pressure: float) -> float:
    if not 0.0 <= pressure <= HIGHEST_PRESSURE:
        raise InputError(
            f"stack_pressure: {pressure / 1e6:g} MPa is outside 0 to {HIGHEST_PRESSURE / 1e6:g} MPa,"
            " where the end-plate estimate holds: lower it"
        )
    return pressure


def plate_thickness(pressure: float) -> float:
    """Thickness of one end plate [m] at a stack pressure [Pa]."""
    return FACE_WIDTH * sqrt(0.75 * _checked(pressure) / PLATE_STRENGTH)


def pressure_mass_fraction(pressure: float) -> float:
    """Mass of plates and straps over the mass of the cells [-] at a stack pressure [Pa]."""
    plates = 2 * plate_thickness(pressure) * PLATE_DENSITY / (STACK_LENGTH * STACK_DENSITY)
    straps = pressure * STRAP_DENSITY / (STRAP_STRENGTH * STACK_DENSITY)
    return plates + straps


def pressure_volume_fraction(pressure: float) -> float:
    """Volume of the end plates over the volume of the cells [-] at a stack pressure [Pa]."""
    return 2 * plate_thickness(pressure) / STACK_LENGTH
