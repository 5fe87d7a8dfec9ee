r"""Filaments by fracture: the overpotential on plating whose pressure in a flaw opens the electrolyte.

$$ \eta_\mathrm{crit} = \frac{K_\mathrm{IC}\, V_m}{1.12 \sqrt{\pi a}\, F}, \qquad
   i_\mathrm{crit} = \eta_\mathrm{crit} / \mathrm{ASR} $$

The pressure of lithium in a surface flaw is F eta / V_m, its stress intensity 1.12 p sqrt(pi a).

Validity: brittle electrolytes, a flaw filled with lithium, the resistance that the flaw sees taken as that of
the planar interface; K_IC of the pellet, not of the crystal (nanoindentation gives four times more for
Li6PS5Cl). References: Porz et al. 2017, Adv. Energy Mater. (criterion, recalled); Hamann 2026,
doi:10.1002/adfm.78540, whose three pairs of resistance and current all give 129 mV (read in a digest); Song
2025, doi:10.1021/acsaem.4c03143: K_IC 0.17 MPa m^0.5 of Li6PS5Cl (read in a digest). Symbols: K_IC fracture
toughness [Pa m^0.5], V_m molar volume of lithium [m^3/mol], a depth of the flaw [m], ASR area-specific
resistance of the interface [ohm m^2].
"""

from __future__ import annotations

from math import pi, sqrt

from ionstone.cell_design.mass import FARADAY, LITHIUM_MOLAR_MASS

LITHIUM_DENSITY = 534.0  # kg/m^3, CRC Handbook (recalled)
MOLAR_VOLUME = LITHIUM_MOLAR_MASS / LITHIUM_DENSITY  # m^3/mol
SHAPE = 1.12  # of a surface flaw
SOURCE = "fracture criterion after Porz et al. 2017; Hamann 2026, doi:10.1002/adfm.78540 (read in a digest)"


def critical_overpotential(toughness: float, flaw: float) -> float:
    """eta_crit [V] at K_IC [Pa m^0.5] and a flaw [m]."""
    return toughness * MOLAR_VOLUME / (SHAPE * sqrt(pi * flaw) * FARADAY)


def critical_current_density(toughness: float, flaw: float, resistance: float) -> float:
    """i_crit [A/m^2] at an area-specific resistance [ohm m^2]; infinite without resistance."""
    return critical_overpotential(toughness, flaw) / resistance if resistance > 0 else float("inf")


def flaw_of(toughness: float, overpotential: float) -> float:
    """The flaw [m] at which an overpotential [V] is critical."""
    return (toughness * MOLAR_VOLUME / (SHAPE * overpotential * FARADAY)) ** 2 / pi
