"""Flat parameters of cells -> the arrays that a form reads: the one build between the worlds of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_model import contact, metal, names
from ionstone.cell_model.laws import film_diffusion
from ionstone.cell_model.options import Parameters, blocked
from ionstone.cell_model.parts import Options
from ionstone.cell_model.slots import REGIONS
from ionstone.cell_model.tables import concentration_table, potential_table, stoichiometry_table
from ionstone.core.constants import C0, F, R
from ionstone.numerics.form import Form
from ionstone.numerics.kernel import Grid, Lanes
from ionstone.numerics.tables import UniformTable, constant_table

FloatArray = NDArray[np.float64]
#: molar volume of lithium metal [m3/mol]: 6.94 g/mol / 0.534 g/cm3 (CRC Handbook density at 20 degC)
LITHIUM_VOLUME = 1.300e-5

#: stands for "no limit" of a current density [A/m2] where infinity would spoil derivatives
UNLIMITED = 1e30


@dataclass(frozen=True)
class Conditions:
    """How a lane starts: temperature and ambient [K], state of charge (None: the cell's initial state)."""

    temperature: float
    ambient: float
    soc: float | None = None


def _column(cells: Sequence[Parameters], key: str, default: float | None = None) -> FloatArray:
    if default is None:
        return np.array([c.scalars[key] for c in cells])
    return np.array([c.scalars.get(key, default) for c in cells])


class Builder:
    """Arrays of a batch of cells on one grid."""

    def __init__(
        self,
        form: Form,
        options: Options,
        cells: Sequence[Parameters],
        grid: Grid,
        own: Mapping[str, FloatArray] | None = None,
    ) -> None:
        """``own``: values of parameters of own laws by path, one a cell; else as they are declared."""
        self.form, self.options, self.cells, self.grid = form, options, cells, grid
        self.distinct = {id(cell): cell for cell in cells}
        declared = {path: np.full(len(cells), p.value) for path, p in options.own.parameters.items()}
        self.own = {**declared, **(own or {})}
        self.electrodes = [(0, "negative"), (2, "positive")]
        #: regions with states of their own: electrodes, and an electrolyte that dissociates
        self.local = [(i, REGIONS[i]) for i, r in enumerate(form.regions) if r.local is not None]

    def column(self, key: str, default: float | None = None) -> FloatArray:
        """One scalar of all cells."""
        return _column(self.cells, key, default)

    def porous(self, region: str) -> bool:
        """Whether a region has particles."""
        return region != "separator" and not self.planar(region)

    def planar(self, region: str) -> bool:
        """Whether a region is an electrode of metal."""
        o = self.options
        return (region == "negative" and o.planar) or (region == "positive" and o.metals)

    def width(self, region: str) -> FloatArray:
        """Widths of the nodes of a region [m], [lane, node]; one column where they are equal."""
        i, thickness = REGIONS.index(region), self.column(f"{region}.thickness")[:, None]
        shares = self.grid.shares
        return thickness / self.grid.cells[i] if shares is None else thickness * shares[i]

    def sheet(self, region: str) -> bool:
        """Whether a region is a dense film of active material."""
        return region == "positive" and self.options.sheet

    def solid(self, region: str) -> bool:
        """Whether a region holds no electrolyte: a metal, or a dense film."""
        return self.planar(region) or self.sheet(region)

    def electrolyte(self, region: str) -> str:
        """Whose electrolyte a region holds: the node of a solid electrode sees the separator's."""
        return "separator" if self.solid(region) else region

    def constant(self, key: str, otherwise: float) -> FloatArray:
        """A function's constant value in each cell."""
        values = [c.functions[key].constant for c in self.cells]
        return np.array([otherwise if v is None else v for v in values])

    def node_data(self) -> FloatArray:
        """Rows of names.NODE_DATA, and of own laws, over the nodes: [lane, row, node]."""
        n, x = len(self.cells), sum(self.grid.cells)
        out = np.zeros((n, len(self.form.node_data), x))
        edges = np.concatenate([[0], np.cumsum(self.grid.cells)])
        for i, region in enumerate(REGIONS):
            values = self.region_data(region) | self.own_data(region)
            for row, name in enumerate(self.form.node_data):
                if name in values:
                    given = np.asarray(values[name])
                    out[:, row, edges[i] : edges[i + 1]] = given if given.ndim == 2 else given.reshape(-1, 1)
        return out

    def own_data(self, region: str) -> dict[str, FloatArray]:
        """Data that own laws read in one region; elsewhere a parameter has some value of its kind."""
        own = self.options.own
        data = {names.own_row(path.split(".", 1)[1]): values for path, values in self.own.items()}
        data |= {names.own_row(name): self.own[f"{region}.{name}"] for name in own.names_of(region)}
        if own.transport:
            outside = self.solid(region)
            data["transport_factor"] = self.column(f"{region}.transport_factor", 1.0 if outside else None)
            data[f"in_{region}"] = np.ones(len(self.cells))
        return data

    def region_data(self, region: str) -> dict[str, FloatArray]:
        """Data of the nodes of one region."""
        c = self.column
        e = f"{self.electrolyte(region)}.electrolyte"
        data = {
            "transference": self.constant(f"{e}.transference_number", 0.5),
            "thermodynamic": self.constant(f"{e}.thermodynamic_factor", 1.0),
            "conductivity_activation": c(f"{e}.conductivity_B"),
            "conductivity_t0": c(f"{e}.conductivity_T0"),
            "diffusivity_activation": c(f"{e}.diffusivity_B"),
            "diffusivity_t0": c(f"{e}.diffusivity_T0"),
            "single_ion": c(f"{e}.single_ion"),
            "reference_concentration": c(f"{e}.reference_concentration") / C0,
        }
        if self.planar(region):
            return data | self.planar_data(region)
        if self.sheet(region):
            return data | self.sheet_data(region)
        if region == "separator" and self.options.dissociation:
            data |= self.dissociation_data()
        width = self.width(region)
        data["dx"] = width
        data["porosity"] = c(f"{region}.porosity")
        data["half_path"] = width / (2 * c(f"{region}.transport_factor")[:, None])
        return data | (self.porous_data(region, width) if self.porous(region) else {})

    def planar_data(self, e: str) -> dict[str, FloatArray]:
        """A planar electrode: one node of unit width, all surface."""
        c, one = self.column, np.ones(len(self.cells))
        contact, sign = c(f"{e}.contact_fraction"), 1.0 if e == "negative" else -1.0
        return {
            "dx": one,
            "area_density": contact,
            "kinetic_activation": c("negative.exchange_current_activation_energy") / R,
            "film_resistance": c("negative.interphase_resistance") * contact,
            "film_activation": c("negative.interphase_resistance_activation_energy") / R,
            "exchange_current": c("negative.exchange_current_density"),
            "solid_conductance": one,
            "share": sign / contact,
            "mean": -sign * one,
        }

    def dissociation_data(self) -> dict[str, FloatArray]:
        """The ions of the separator; none recombine where a cell does not say so."""
        c, e = self.column, "separator.electrolyte"
        free = c(f"{e}.initial_concentration") / C0
        total = c(f"{e}.total_concentration", 0.0) / C0
        return {
            "recombination": c(f"{e}.recombination_rate", 0.0) * C0,
            "total_concentration": total + 2 * free * (total == 0.0),
            "free_concentration": free,
        }

    def sheet_data(self, e: str) -> dict[str, FloatArray]:
        """A dense film: one node of unit width, all surface; its plate holds thickness times c_max."""
        one = np.ones(len(self.cells))
        thickness, maximum = self.column(f"{e}.thickness"), self.column(f"{e}.maximum_concentration")
        contact = self.column(f"{e}.contact_fraction")
        return self.porous_data(e, thickness[:, None]) | {
            "dx": one,
            "area_density": contact,
            "flux_scale": contact / (F * thickness * maximum),
            "enthalpy_scale": self.enthalpy_scale(e, thickness[:, None]),
            "share": -1 / contact,
            "mean": one,
        }

    def porous_data(self, e: str, width: FloatArray) -> dict[str, FloatArray]:
        """A porous electrode; reaction on the surface in contact, storage in the whole particle."""
        c = self.column
        radius, fraction, contact = (
            c(f"{e}.particle_radius"),
            c(f"{e}.active_fraction"),
            c(f"{e}.contact_fraction"),
        )
        maximum, sign = c(f"{e}.maximum_concentration"), 1.0 if e == "negative" else -1.0
        return {
            "area_density": contact * 3 * fraction / radius,
            "rate": self.prefactor(e) * maximum * np.sqrt(C0),
            "kinetic_activation": c(f"{e}.exchange_current_activation_energy") / R,
            "film_resistance": c(f"{e}.film_resistance"),
            "film_activation": c(f"{e}.film_resistance_activation_energy", 0.0) / R,
            "flux_scale": contact / (F * radius * maximum),
            "enthalpy_scale": self.enthalpy_scale(e, width),
            "solid_conductance": c(f"{e}.conductivity")[:, None] / width,
            "share": sign * radius / (contact * 3 * fraction * c(f"{e}.thickness")),
            "mean": -sign * width / c(f"{e}.thickness")[:, None],
        } | (self.film(e, maximum) if self.options.film else {})

    def film(self, e: str, maximum: FloatArray) -> dict[str, FloatArray]:
        """A film on the particles of an electrode, through which the inserted ion diffuses."""
        c = self.column
        thickness, diffusivity = c(f"{e}.film_thickness", 0.0), c(f"{e}.film_diffusivity", 1.0)
        return {
            "film_depth": film_diffusion.depth(thickness, diffusivity, maximum),
            "film_diffusion_activation": c(f"{e}.film_diffusivity_activation_energy", 0.0) / R,
        }

    def prefactor(self, e: str) -> FloatArray:
        """The prefactor of the exchange current where no cell of the batch has a table for it, else 1."""
        if self.options.variable_prefactor:
            return np.ones(len(self.cells))
        return self.constant(f"{e}.exchange_current_prefactor", 1.0)

    def enthalpy_scale(self, e: str, width: FloatArray) -> FloatArray:
        """3 F eps c_max dx [C/m2]."""
        volume = 1 if self.sheet(e) else 3  # unit of volume of a plate, or of a sphere
        charge = volume * F * self.column(f"{e}.active_fraction") * self.column(f"{e}.maximum_concentration")
        return np.asarray(charge[:, None] * width)

    def face_data(self) -> FloatArray:
        """Rows of names.FACE_DATA over the inner faces: [lane, row, face]."""
        n, x = len(self.cells), sum(self.grid.cells)
        out = np.zeros((n, len(self.form.face_data), x - 1))
        edges = np.cumsum(self.grid.cells)
        out[:, 3, :] = self.evenness()
        out[:, 3, edges[:-1] - 1] = 0.0
        for i, region in enumerate(REGIONS):
            if self.porous(region):
                first = edges[i] - self.grid.cells[i]
                width = self.width(region)
                apart = width if width.shape[1] == 1 else 0.5 * (width[:, 1:] + width[:, :-1])
                out[:, 0, first : edges[i] - 1] = self.column(f"{region}.conductivity")[:, None] / apart
        for side, key in ((0, "negative"), (1, "positive")):
            face = edges[side] - 1
            if self.options.touching:
                out[:, len(names.FACE_DATA) + side, face] = 1.0
            out[:, 1, face] = self.column(f"separator.interface_resistance_{key}", 0.0)
            if not self.solid(key):
                stops = {k: blocked(cell, "separator", key) for k, cell in self.distinct.items()}
                out[:, 2, face] = [stops[id(cell)] for cell in self.cells]
        return out

    def evenness(self) -> FloatArray:
        """Arithmetic over geometric mean of the widths on both sides of each face; 1 where they are equal."""
        if self.grid.shares is None:
            return np.ones(sum(self.grid.cells) - 1)
        share = np.concatenate(self.grid.shares)
        return np.asarray((share[1:] + share[:-1]) / (2 * np.sqrt(share[1:] * share[:-1])))

    def particle_data(self) -> FloatArray:
        """Rows of names.PARTICLE_DATA, and of own laws: [lane, electrode, row]."""
        out = np.zeros((len(self.cells), len(self.local), len(self.form.particle_data)))
        for k, (_, e) in enumerate(self.local):
            if self.porous(e):
                out[:, k, 0] = 1 / self.column(f"{e}.particle_radius") ** 2
                out[:, k, 1] = self.constant(f"{e}.diffusivity", 1.0)
                out[:, k, 2] = self.column(f"{e}.diffusivity_activation_energy") / R
                # of nodes of equal width; heat of mixing vanishes at rest, where other grids are used
                out[:, k, 3] = np.mean(self.enthalpy_scale(e, self.width(e)), axis=1)
                own = self.own_data(e)
                for row, name in enumerate(self.form.particle_data[4:], 4):
                    out[:, k, row] = own[name]
        return out

    def tables(self, conditions: Sequence[Conditions]) -> list[list[list[UniformTable]]]:
        """Tables of each lane and region; equal cells share one list."""
        known: dict[tuple[int, float], list[list[UniformTable]]] = {}
        out = []
        for cell, at in zip(self.cells, conditions, strict=True):
            offset = 0.0 if self.options.thermal else at.temperature - cell.scalars["reference_temperature"]
            signature = hash(tuple(cell.functions.items()))
            initial = tuple(
                cell.scalars[f"{self.electrolyte(r)}.electrolyte.initial_concentration"] for r in REGIONS
            )
            key = (hash((signature, initial)), offset)
            if key not in known:
                known[key] = [self.region_tables(cell, r, offset) for r in REGIONS]
            out.append(known[key])
        return out

    def region_tables(self, cell: Parameters, region: str, offset: float) -> list[UniformTable]:
        """Tables of one region in the order of names.TABLES."""
        f, e = cell.functions, f"{self.electrolyte(region)}.electrolyte"
        none = constant_table(0.0)
        solid = [none, none, none, none]
        if self.porous(region):
            u, s = f[f"{region}.open_circuit_potential"], f[f"{region}.entropic_change"]
            solid = [
                potential_table(u, s, offset),
                stoichiometry_table(s, False),
                stoichiometry_table(f[f"{region}.diffusivity"], True),
                stoichiometry_table(f[f"{region}.exchange_current_prefactor"], True),
            ]
        initial = cell.scalars[f"{e}.initial_concentration"]
        return [
            *solid,
            concentration_table(f[f"{e}.conductivity"], initial, True),
            concentration_table(f[f"{e}.diffusivity"], initial, True),
            concentration_table(f[f"{e}.transference_number"], initial, False),
            concentration_table(f[f"{e}.thermodynamic_factor"], initial, False),
        ]

    def start(self, conditions: Sequence[Conditions]) -> dict[str, FloatArray]:
        """Stoichiometries at the start and the charge passed since full, per lane."""
        out: dict[str, FloatArray] = {}
        for e in ("negative", "positive"):
            if not self.porous(e):
                continue
            full, empty = (
                self.column(f"{e}.stoichiometry_at_full"),
                self.column(f"{e}.stoichiometry_at_empty"),
            )
            own = self.column(f"{e}.initial_stoichiometry")
            soc = np.array([np.nan if a.soc is None else a.soc for a in conditions])
            out[e] = np.where(np.isnan(soc), own, empty + soc * (full - empty))
        return out

    def capacity(self, e: str) -> FloatArray:
        """Charge of an electrode per unit of stoichiometry [C/m2]."""
        c = self.column
        return F * c(f"{e}.thickness") * c(f"{e}.active_fraction") * c(f"{e}.maximum_concentration")

    def charges(
        self, conditions: Sequence[Conditions], start: Mapping[str, FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """Charge between full and empty, and passed since full at the start [C/m2]."""
        c = self.column
        if not self.options.metals:
            full, empty = c("positive.stoichiometry_at_full"), c("positive.stoichiometry_at_empty")
            capacity = self.capacity("positive")
            return capacity * (empty - full), capacity * (start["positive"] - full)
        usable = c("nominal_capacity") / c("electrode_area")
        return usable, usable * np.array([0.0 if a.soc is None else 1.0 - a.soc for a in conditions])

    def lithium_at_empty(self, usable: FloatArray) -> FloatArray:
        """Lithium metal of the negative electrode that is left at empty [m]; 1 where there is no metal."""
        if not self.options.planar:
            return np.ones(len(self.cells))  # a porous electrode holds no metal; the output is left out
        thickness = self.column("negative.thickness")
        return thickness - usable * LITHIUM_VOLUME / F if self.options.metals else thickness

    def solid_resistance(self, e: str) -> FloatArray:
        """Mean drop of the solid of an electrode over the current [ohm m2], where the reaction is uniform."""
        if not self.porous(e):
            return np.zeros(len(self.cells))
        return self.column(f"{e}.thickness") / (3 * self.column(f"{e}.conductivity"))

    def globals(self, conditions: Sequence[Conditions], start: Mapping[str, FloatArray]) -> FloatArray:
        """Rows of names.GLOBALS: [lane, row]."""
        c, n = self.column, len(self.cells)
        area = c("electrode_area")
        usable, passed = self.charges(conditions, start)
        values = {
            "temperature": np.array([a.temperature for a in conditions]),
            "ambient": np.array([a.ambient for a in conditions]),
            "reference_temperature": c("reference_temperature"),
            "area": area,
            "nominal_current": c("nominal_capacity") / 3600.0 / area,
            "half_right": self.width("positive")[:, -1] / (2 * c("positive.conductivity"))
            if self.porous("positive")
            else np.zeros(n),
            "contact_resistance": c("contact_resistance"),
            "solid_resistance": self.solid_resistance("negative") + self.solid_resistance("positive"),
            "negative_solid_resistance": self.solid_resistance("negative"),
            "usable_charge": usable,
            "initial_charge": passed,
            "lithium_excess": self.lithium_at_empty(usable),
            "lithium_per_charge": np.full(n, LITHIUM_VOLUME / F),
            "heat_capacity": c("thermal.heat_capacity") / area,
            "conductance": c("thermal.conductance") / area,
            "critical_current": np.minimum(c("negative.critical_current_density", np.inf), UNLIMITED),
            "critical_activation": c("negative.critical_current_activation_energy", 0.0) / R,
            "void_current": np.minimum(c("negative.void_current_density", np.inf), UNLIMITED),
        }
        if self.options.metals:
            values["positive_lithium"] = c("positive.thickness")
        values |= metal.rows(c, LITHIUM_VOLUME / F, self.options.lossy, self.options.voided)
        if self.options.contact:
            soc = 1.0 - values["initial_charge"] / values["usable_charge"]
            values |= contact.values(c, soc)
        return np.stack([values[name] for name in self.form.globals], axis=1)

    def state(self, conditions: Sequence[Conditions], start: Mapping[str, FloatArray]) -> FloatArray:
        """Equilibrium at the start: [lane, states]."""
        n, m, x = len(self.cells), 3, sum(self.grid.cells)
        parts: list[FloatArray] = []
        potential = {}
        for i, e in self.local:
            radial, cells = self.grid.radial[i], self.grid.cells[i]
            if self.porous(e):
                potential[e] = self.potentials(e, start[e], conditions)
            if radial is not None:
                parts.append(np.repeat(start[e][:, None], len(radial.inverse_volume) * cells, axis=1))
            parts += [np.repeat(self.own_start(name, e)[:, None], cells, axis=1) for name in self.form.locals]
        unknowns = np.zeros((n, m, x))
        edges = np.concatenate([[0], np.cumsum(self.grid.cells)])
        for i, r in enumerate(REGIONS):
            concentration = self.column(f"{self.electrolyte(r)}.electrolyte.initial_concentration") / C0
            unknowns[:, 0, edges[i] : edges[i + 1]] = concentration[:, None]
        ground = potential.get("negative", np.zeros(n))
        if "phi_e" in self.form.regions[0].absent:  # the electrolyte is the ground
            unknowns[:, 2, : edges[1]] = ground[:, None]
            ground = np.zeros(n)
        unknowns[:, 1, :] = -ground[:, None]
        positive = potential.get("positive", np.zeros(n))  # metal against metal is at 0 V
        unknowns[:, 2, edges[2] :] = (positive - ground)[:, None]
        parts.append(unknowns.reshape(n, -1))
        lumped = np.zeros((n, len(self.form.lumped)))
        at_start = {
            "temperature": np.array([a.temperature for a in conditions]),
            "voltage": positive - potential.get("negative", np.zeros(n)),
            contact.STATE: np.ones(n),
        }
        for name, values in at_start.items():
            if name in self.form.lumped:
                lumped[:, self.form.lumped.index(name)] = values
        parts.append(lumped)
        return np.concatenate(parts, axis=1)

    def own_start(self, name: str, e: str) -> FloatArray:
        """A local state of an electrode at the start: its initial value, or 0."""
        law = self.options.own.state(e) if name == names.STATE else None
        return np.zeros(len(self.cells)) if law is None else self.own[f"{e}.{law.key}_initial"]

    def own_potential(self, e: str, x: FloatArray, u: FloatArray, conditions: Sequence[Conditions]) -> Any:
        """Open-circuit potential at the start by an own law of it."""
        own = self.options.own
        law, state = own.of(e).get("open_circuit_potential"), own.state(e)
        if law is None:
            return u
        values = {name: self.own[f"{e}.{name}"] for name in own.names_of(e)}
        if state is not None:
            values[state.key] = self.own_start(names.STATE, e)
        values |= {"open_circuit_potential": u, "stoichiometry": x}
        values["temperature"] = np.array([a.temperature for a in conditions])
        return law({**values, "reference_temperature": self.column("reference_temperature")}) + 0.0 * u

    def potentials(self, e: str, x: FloatArray, conditions: Sequence[Conditions]) -> FloatArray:
        """Open-circuit potential of an electrode at the start, lanes with the same table together."""
        lanes: dict[tuple[int, float], list[int]] = {}
        for k, (cell, at) in enumerate(zip(self.cells, conditions, strict=True)):
            lanes.setdefault((id(cell), at.temperature), []).append(k)
        same: dict[int, tuple[UniformTable, list[int]]] = {}
        for (cell_id, temperature), which in lanes.items():
            f = self.distinct[cell_id].functions
            u, s = f[f"{e}.open_circuit_potential"], f[f"{e}.entropic_change"]
            offset = temperature - self.distinct[cell_id].scalars["reference_temperature"]
            table = potential_table(u, s, offset)
            same.setdefault(id(table), (table, []))[1].extend(which)
        out = np.empty(len(x))
        for table, which in same.values():
            out[which] = table(x[which])
        return np.asarray(self.own_potential(e, x, out, conditions))

    def build(self, conditions: Sequence[Conditions]) -> Lanes:
        """All arrays of the batch."""
        start = self.start(conditions)
        g = self.globals(conditions, start)
        weight = np.zeros((len(self.cells), len(self.form.lumped)))
        weight[:, 0] = 1.0 / g[:, names.GLOBALS.index("nominal_current")]
        # an error of 3 mK counts like 0.1 mV
        for name, scale in (
            ("temperature", 30.0),
            ("voltage", 1.0),
            (contact.STATE, 1.0),
            *((metal.voids(e), 1.0) for e in self.options.voided),
        ):
            if name in self.form.lumped:
                weight[:, self.form.lumped.index(name)] = 1.0 / scale
        return Lanes(
            globals=g,
            nodes=self.node_data(),
            faces=self.face_data(),
            particles=self.particle_data(),
            tables=self.tables(conditions),
            lumped_weight=weight,
            state=self.state(conditions, start),
        )
