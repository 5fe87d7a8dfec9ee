r"""Electric consumers beside the motor: electronics and the heating of the cabin.

$$ P = P_0 + \frac{G (T_{set} - T)}{COP(T)}, \qquad E_{start} = \frac{C (T_{set} - T)}{COP(T)} $$

A resistive heater (PTC) has COP 1. The heat pump of the model is one at -10 degC and below, as measured,
and gains in milder weather (estimated). Validity: heating only; air conditioning in the heat is not
modelled. References: ADAC 2022, seven electric cars at -10 degC ambient and 20 degC inside: 1.5-2 kW to
hold, 1.5-2.3 kWh to warm up, no significant advantage of the heat pump (krafthand.de, giga.de).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Heater = Literal["none", "ptc", "heat_pump"]
# ambient [K], coefficient of performance [-]: first two points ADAC 2022, the others estimated (range +-0.5)
HEAT_PUMP_TEMPERATURE = (253.15, 263.15, 273.15, 283.15, 293.15)
HEAT_PUMP_COP = (1.0, 1.0, 1.8, 2.5, 3.0)


@dataclass(frozen=True)
class Auxiliaries:
    """Constant power [W], and the cabin: heater, temperature [K], conductance [W/K], heat capacity [J/K]."""

    power: float
    heater: Heater = "none"
    cabin_temperature: float = 293.15
    cabin_conductance: float = 0.0
    cabin_heat_capacity: float = 0.0

    def coefficient_of_performance(self, ambient: float) -> float:
        """Heat per electric energy of the cabin heater [-] at an ambient temperature [K]."""
        if self.heater == "heat_pump":
            return float(np.interp(ambient, HEAT_PUMP_TEMPERATURE, HEAT_PUMP_COP))
        return 1.0

    def heating_power(self, ambient: float) -> float:
        """Electric power that holds the cabin temperature [W]."""
        return self.cabin_conductance * self._lift(ambient) / self.coefficient_of_performance(ambient)

    def warm_up_energy(self, ambient: float) -> float:
        """Electric energy that warms the cabin at the start [J], beside the power that holds it."""
        return self.cabin_heat_capacity * self._lift(ambient) / self.coefficient_of_performance(ambient)

    def battery_power(self, ambient: float) -> float:
        """Electric power of all auxiliaries with a warm cabin [W]."""
        return self.power + self.heating_power(ambient)

    def _lift(self, ambient: float) -> float:
        return 0.0 if self.heater == "none" else max(0.0, self.cabin_temperature - ambient)
