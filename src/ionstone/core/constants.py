"""Physical constants (CODATA 2018, exact since the 2019 revision of the SI)."""

#: Faraday constant [C/mol]
F = 96485.33212
#: molar gas constant [J/(mol K)]
R = 8.314462618
#: 0 degC in kelvin [K]
ZERO_CELSIUS = 273.15
#: concentration unit in which models carry electrolyte concentrations [mol/m^3]
C0 = 1000.0
