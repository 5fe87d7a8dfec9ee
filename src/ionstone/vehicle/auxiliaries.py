r"""Electric consumers beside the motor: electronics, heating and cooling of the cabin.

$$ P = P_0 + \frac{G (T_{set} - T)}{COP(T)}, \qquad E_{start} = \frac{C (T_{set} - T)}{COP(T)} $$

and above 25 degC the air conditioning, with the load of the sun coming in over the first 5 K:

$$ P = P_0 + \frac{G (T - T_c) + Q_{sun} \min(1, (T - T_c) / 5\,K)}{COP_c} $$

A resistive heater (PTC) has COP 1. The heat pump of the model is one at -10 degC and below, as measured,
and gains in milder weather (estimated). Validity: steady load; humidity is left out. References: ADAC 2022,
seven electric cars at -10 degC ambient and 20 degC inside: 1.5-2 kW to hold, 1.5-2.3 kWh to warm up, no
significant advantage of the heat pump (krafthand.de, giga.de).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Heater = Literal["none", "ptc", "heat_pump"]
# ambient [K], coefficient of performance [-]: first two points ADAC 2022, the others estimated (range +-0.5)
HEAT_PUMP_TEMPERATURE = (253.15, 263.15, 273.15, 283.15, 293.15)
HEAT_PUMP_COP = (1.0, 1.0, 1.8, 2.5, 3.0)
COOLING_FROM = 298.15  # K, estimated (295-300): above it the cabin is cooled
COOLING_COP = 2.5  # -, estimated (1.8-3.5) of a compressor for a car's cabin
SUN = 800.0  # W, estimated (300-1500): heat of the sun into a car in hot weather
SUN_COMES_IN = 5.0  # K


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

    def cooling_power(self, ambient: float) -> float:
        """Electric power of the air conditioning [W] at an ambient temperature [K]."""
        lift = 0.0 if self.heater == "none" else max(0.0, ambient - COOLING_FROM)
        sun = SUN * min(1.0, lift / SUN_COMES_IN)
        return (self.cabin_conductance * lift + sun) / COOLING_COP

    def warm_up_energy(self, ambient: float) -> float:
        """Electric energy that warms the cabin at the start [J], beside the power that holds it."""
        return self.cabin_heat_capacity * self._lift(ambient) / self.coefficient_of_performance(ambient)

    def cabin_power(self, ambient: float) -> float:
        """Electric power that heats or cools the cabin [W]."""
        return self.heating_power(ambient) + self.cooling_power(ambient)

    def battery_power(self, ambient: float) -> float:
        """Electric power of all auxiliaries with a warm cabin [W]."""
        return self.power + self.cabin_power(ambient)

    def _lift(self, ambient: float) -> float:
        return 0.0 if self.heater == "none" else max(0.0, self.cabin_temperature - ambient)
