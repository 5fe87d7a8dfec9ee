"""Closed formulas of impedances, written from the cell's own parameters: the independent side of checks.

Spherical diffusion behind a double layer, and the porous electrode of uniform properties as a transmission
line with two rails: Meyers, Doyle, Darling & Newman 2000, J. Electrochem. Soc. 147 (the line without
resistance of the solid: de Levie 1967, Adv. Electrochem. Electrochem. Eng. 6).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ionstone.cell_design import Cell
from ionstone.cell_model.tables import potential_table
from ionstone.core.constants import F, R

Array = np.ndarray[Any, Any]


class ClosedForm:
    """Impedances [ohm m2 of electrode] of the parts of a cell at s = i w."""

    def __init__(self, cell: Cell, s: Array, temperature: float, soc: float) -> None:
        p = cell.parameters()
        self.q, self.f, self.s, self.t, self.soc = p.scalars, p.functions, s, temperature, soc

    def factor(self, key: str) -> float:
        """Arrhenius factor of an activation energy."""
        change = 1 / self.t - 1 / self.q["reference_temperature"]
        return float(np.exp(-self.q.get(key, 0.0) / R * change))

    def value(self, name: str, x: float) -> float:
        """A function of the cell at a stoichiometry or concentration."""
        return float(self.f[name].evaluate(np.array([x]))[0])

    def beside(self, resistance: float, capacitance: float) -> Array:
        """A resistance with a capacitance beside it."""
        return np.asarray(resistance / (1 + self.s * resistance * capacitance))

    def particle(self, e: str) -> tuple[Array, float]:
        """Impedance of the interface per surface in contact, and that surface per volume [1/m]."""
        q, s = self.q, self.s
        full, empty = q[f"{e}.stoichiometry_at_full"], q[f"{e}.stoichiometry_at_empty"]
        x, most = empty + self.soc * (full - empty), q[f"{e}.maximum_concentration"]
        radius, contact = q[f"{e}.particle_radius"], q[f"{e}.contact_fraction"]
        offset = self.t - q["reference_temperature"]
        potential = potential_table(
            self.f[f"{e}.open_circuit_potential"], self.f[f"{e}.entropic_change"], offset
        )
        slope = float(np.imag(potential(np.array(x + 1e-30j)))) / 1e-30
        diffusivity = self.value(f"{e}.diffusivity", x) * self.factor(f"{e}.diffusivity_activation_energy")
        k = self.value(f"{e}.exchange_current_prefactor", x)
        k *= self.factor(f"{e}.exchange_current_activation_energy")
        salt = q[f"{e}.electrolyte.initial_concentration"]
        transfer = R * self.t / (F * k * np.sqrt(salt * most**2 * x * (1 - x)))
        b = radius * np.sqrt(s / diffusivity)
        diffusion = -slope * contact * radius / (F * diffusivity * most) * np.tanh(b) / (b - np.tanh(b))
        film = self.beside(q[f"{e}.film_resistance"], q[f"{e}.film_capacitance"])
        interface = film + 1 / (s * q[f"{e}.double_layer_capacitance"] + 1 / (transfer + diffusion))
        return interface, contact * 3 * q[f"{e}.active_fraction"] / radius

    def single_particles(self) -> Array:
        """The single particle model."""
        total = self.q["contact_resistance"] + 0 * self.s
        for e in ("negative", "positive"):
            interface, area = self.particle(e)
            total = total + interface / (area * self.q[f"{e}.thickness"])
        return total

    def conductivity(self, region: str) -> float:
        """Effective ionic conductivity of a layer [S/m]."""
        q, e = self.q, f"{region}.electrolyte"
        b, t0, ref = q[f"{e}.conductivity_B"], q[f"{e}.conductivity_T0"], q["reference_temperature"]
        bulk = self.value(f"{e}.conductivity", q[f"{e}.initial_concentration"])
        return float(
            bulk * q[f"{region}.transport_factor"] * np.exp(-b * (1 / (self.t - t0) - 1 / (ref - t0)))
        )

    def transmission_line(self, e: str) -> Array:
        """A porous electrode between separator and collector."""
        interface, area = self.particle(e)
        ionic, electronic, length = (
            self.conductivity(e),
            self.q[f"{e}.conductivity"],
            self.q[f"{e}.thickness"],
        )
        nu = length * np.sqrt((1 / ionic + 1 / electronic) * area / interface)
        ratio = electronic / ionic + ionic / electronic
        return np.asarray(
            length / (ionic + electronic) * (1 + (2 + ratio * np.cosh(nu)) / (nu * np.sinh(nu)))
        )

    def metal(self) -> Array:
        """Planar lithium with its interphase."""
        q, contact = self.q, self.q["negative.contact_fraction"]
        i0 = q["negative.exchange_current_density"]
        i0 *= self.factor("negative.exchange_current_activation_energy")
        film = q["negative.interphase_resistance"] * contact
        film /= self.factor("negative.interphase_resistance_activation_energy")
        layer = 1 / (self.s * q["negative.double_layer_capacitance"] + F * i0 / (R * self.t))
        return (self.beside(film, q["negative.interphase_capacitance"]) + layer) / contact

    def separator(self) -> Array:
        """A conductor of one ion with grain boundaries."""
        q, bulk = self.q, self.conductivity("separator")
        share, permittivity = q["separator.grain_boundary_share"], q["separator.grain_boundary_permittivity"]
        grains = (1 - share) + share / (1 + self.s * share * permittivity / bulk)
        return np.asarray(q["separator.thickness"] / bulk * grains)

    def solid_cell(self) -> Array:
        """Lithium | conductor of one ion | porous electrode."""
        q = self.q
        total = self.beside(q["contact_resistance"], q["contact_capacitance"]) + self.metal()
        for side in ("negative", "positive"):
            r, c = q[f"separator.interface_resistance_{side}"], q[f"separator.interface_capacitance_{side}"]
            total = total + self.beside(r, c)
        return np.asarray(total + self.separator() + self.transmission_line("positive"))
