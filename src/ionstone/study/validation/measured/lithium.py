"""Lithium on Li6PS5Cl and Li7La3Zr2O12: resistance, critical currents, filaments, as published."""

from __future__ import annotations

DOUX = "Doux et al. 2020, doi:10.1002/aenm.201903253 (read in a digest): Li | Li6PS5Cl | Li, whole cell"
#: pressure [MPa] -> resistance [ohm], on loading
RESISTANCE = {5: 110.0, 10: 50.0, 15: 40.0, 20: 35.0, 25: 32.0}
RELEASED = (25.0, 5.0, 50.0)  # MPa before, MPa after, ohm
AT_ONE_MPA = 500.0  # ohm, lower bound
NO_SHORT = (5.0, 1000.0)  # MPa, h without a short
#: three numbers fitted to RESISTANCE: R0 [ohm] of the pellet and of full contact, k [ohm MPa^n], n
FIT = (28.4, 1602.0, 1.85)

KASEMCHAINAN = {3: 0.2, 7: 1.0}  # MPa -> mA/cm^2
SONG = "Song 2025, doi:10.1021/acsaem.4c03143 (read in a digest): Li6PS5Cl, another protocol"
SONG_RANGES = {3: (0.7, 1.1), 5: (0.7, 1.3), 8: (1.6, 2.4)}  # MPa -> mA/cm^2

HAMANN = "Hamann 2026, doi:10.1002/adfm.78540 (read in a digest): planar Li7La3Zr2O12"
HAMANN_PAIRS = {1.0: 129.0, 3.0: 43.0, 10.0: 13.0}  # mA/cm^2 -> ohm cm^2
HAMANN_TOUGHNESS, HAMANN_FLAW = 1.25e6, 0.4e-6  # Pa m^0.5, m
