r"""Road load: the force a car needs to keep its speed on a flat road.

$$ F(v) = A\, \frac{m}{m_0} (1 + K_0 (T - T_0)) + B\, v + C\, v^2\, \frac{T_0}{T} $$

A is mostly rolling resistance: it grows with the weight and, by $K_0$, in the cold; C is mostly drag: it
follows the density of the air. A, B, C come from a coast-down test, or from a drag area and a rolling
resistance:

$$ A = m g\, c_{rr}, \quad B = 0, \quad C = \tfrac12 \rho\, c_d A_f $$

Validity: flat road, no wind; all of A is taken to scale with the weight, and nothing of B and C.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

GRAVITY = 9.80665  # m/s^2, standard gravity (exact by definition)
AIR_DENSITY = 1.2041  # kg/m^3, dry air at 20 degC and 101325 Pa (ideal gas, 28.9647 g/mol)
REFERENCE_TEMPERATURE = 293.15  # K, coast-down results are corrected to 20 degC
# K0 of the coast-down correction in UNECE GTR 15 [1/K]; recalled, range -5e-3 to -12e-3
ROLLING_TEMPERATURE_FACTOR = -8.6e-3


@dataclass(frozen=True)
class RoadLoad:
    """Coefficients A [N], B [N s/m], C [N s^2/m^2] at 20 degC of a car of a mass [kg] with its load.

    `rotating_mass_factor` is the inertia of car and wheels over the mass of the car [-].
    """

    constant: float
    linear: float
    quadratic: float
    mass: float
    rotating_mass_factor: float = 1.03

    @classmethod
    def from_shape(
        cls, mass: float, drag_area: float, rolling_resistance: float, rotating_mass_factor: float = 1.03
    ) -> RoadLoad:
        """Return the road load of a mass [kg], a drag area [m^2] and a rolling resistance [-]."""
        quadratic = 0.5 * AIR_DENSITY * drag_area
        return cls(mass * GRAVITY * rolling_resistance, 0.0, quadratic, mass, rotating_mass_factor)

    def with_mass(self, mass: float) -> RoadLoad:
        """Return the road load at another mass [kg]: A grows with it."""
        return replace(self, constant=self.constant * mass / self.mass, mass=mass)

    def at_temperature(self, ambient: float) -> RoadLoad:
        """Return the road load at an ambient temperature [K]: stiffer tyres and denser air in the cold."""
        rolling = 1 + ROLLING_TEMPERATURE_FACTOR * (ambient - REFERENCE_TEMPERATURE)
        return replace(
            self,
            constant=self.constant * rolling,
            quadratic=self.quadratic * REFERENCE_TEMPERATURE / ambient,
        )

    def force(self, speed: Any) -> Any:
        """Force [N] at a steady speed [m/s]; none at rest."""
        return (self.constant + self.linear * speed + self.quadratic * speed**2) * (speed > 0)

    def mean_resistance(self, start: Any, end: Any) -> tuple[Any, Any]:
        """Mean power [W] of rolling (A and B) and of drag (C) while the speed changes evenly [m/s]."""
        mean = (start + end) / 2
        mean_square = (start**2 + start * end + end**2) / 3
        mean_cube = (start + end) * (start**2 + end**2) / 4
        return self.constant * mean + self.linear * mean_square, self.quadratic * mean_cube

    def mean_wheel_power(self, start: Any, end: Any, duration: Any) -> Any:
        r"""Mean power at the wheels [W] while the speed changes evenly from start to end [m/s] in a time [s].

        Exact for a linear speed: the means of v, v^2, v^3 and the change of the kinetic energy over the
        duration.
        """
        rolling, drag = self.mean_resistance(start, end)
        kinetic = self.rotating_mass_factor * self.mass * (end**2 - start**2) / 2
        return rolling + drag + kinetic / duration
