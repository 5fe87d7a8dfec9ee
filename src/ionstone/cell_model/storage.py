r"""What stores charge at interfaces, added to the linearised equations of a cell: double layers and films.

At each node of an electrode, per surface in contact, with v = phi_s - phi_e (small signals throughout):

    i = j + C_dl dw/dt            the total current density is that of the reaction and of the double layer
    v = w + u                     the drop v is that of the double layer and of the film
    R_f C_f du/dt = R_f i - u     the film: a resistance with its capacitance beside it
    j = reaction(w, c_s, c_e)     the linearised law of the model, without the film's drop R_f j

The total current i leaves the solid and enters the electrolyte; the reaction's part j enters the particle.
The charge of the double layer on the electrolyte's side is cations, or anions by the share ``anions`` (0:
so that a conductor of one ion keeps its concentration). A face between two layers with resistance R and
capacitance C, and grain boundaries in the separator with a share of each face's ionic resistance, are
further drops u with R C du/dt = R i - u. Every one is a row of the same linear system, so that C = 0 gives
back the model without. References: Doyle, Meyers, Darling & Newman 2000, J. Electrochem. Soc. 147 (double
layers in the porous-electrode model); Bauerle 1969, J. Phys. Chem. Solids 30 (grain boundaries beside the
bulk).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ionstone.cell_model.laws.temperature import arrhenius
from ionstone.cell_model.parts import Laws, Options
from ionstone.numerics.form import Names
from ionstone.numerics.linearise import Linear, Linearised
from ionstone.numerics.pencil import Pencil

FloatArray = NDArray[np.float64]
ELECTRODES = ("negative", "positive")


@dataclass
class _Rows:
    """Entries to add to the matrices, and unknowns to append."""

    size: int
    entries: list[tuple[Any, Any, Any]] = field(default_factory=list)
    mass: list[tuple[Any, Any, Any]] = field(default_factory=list)

    def new(self, count: int) -> NDArray[np.intp]:
        """Numbers of new unknowns, and of their rows."""
        first, self.size = self.size, self.size + count
        return np.arange(first, self.size)

    def add(self, rows: Any, columns: Any, values: Any) -> None:
        """Entries of J."""
        self.entries.append(_flat(rows, columns, values))

    def store(self, rows: Any, columns: Any, values: Any) -> None:
        """Entries of M."""
        self.mass.append(_flat(rows, columns, values))

    def drop(self, resistance: Any, capacitance: float, current: Any) -> NDArray[np.intp]:
        """Unknowns u of R C du/dt = R i - u."""
        u = self.new(len(current))
        self.add(u, current, resistance)
        self.add(u, u, -1.0)
        self.store(u, u, resistance * capacitance)
        return u


def _flat(rows: Any, columns: Any, values: Any) -> tuple[Any, Any, Any]:
    rows = np.asarray(rows)
    return rows, np.broadcast_to(columns, rows.shape), np.broadcast_to(values, rows.shape)


class Interfaces:
    """The linearised equations of one cell with what its interfaces store."""

    def __init__(
        self, linear: Linearised, options: Options, scalars: Mapping[str, float], anions: float = 0.0
    ) -> None:
        self.at, self.options, self.scalars, self.anions = linear, options, scalars, anions
        self.f, self.reference = linear.form, linear.reference
        self.j = linear.jacobian
        self.plain: Linear = linear.linear()
        self.rows = _Rows(linear.count)
        self.voltage_parts: list[tuple[Any, Any]] = []

    def pencil(self) -> Pencil:
        """All matrices."""
        for k, name in enumerate(ELECTRODES):
            self._electrode(k, name)
        if self.f.name != "SPM":  # without an electrolyte there is no ionic current across faces
            self._faces()
        n, r = self.rows.size, self.rows
        count = self.at.count
        plain = sparse.coo_array(self.j)
        entries = [(plain.row, plain.col, plain.data), *r.entries]
        diagonal = np.arange(count)
        masses = [(diagonal, diagonal, self.plain.mass), *r.mass]
        voltage = np.concatenate([self.plain.voltage, np.zeros(n - count)])
        for columns, values in self.voltage_parts:
            np.add.at(voltage, columns, values)
        load = np.concatenate([self.plain.load, np.zeros(n - count)])
        s = self.scalars
        resistance = s["contact_resistance"]
        mass, jacobian = _matrices(masses, entries, size=n)
        contact = (resistance, resistance * s["contact_capacitance"])
        # where heat is summed over the cell, all shells have a part in it
        chains = (
            ()
            if "enthalpy_rate" in self.f.reductions
            else tuple(c[:-1] for c, _ in self.at.electrodes if c is not None)
        )
        return Pencil(mass, jacobian, load, voltage, chains, contact)

    # ---- electrodes ----
    def _electrode(self, k: int, name: str) -> None:
        at, r = self.at, self.rows
        span = at.spans[k]
        c, phi_e, phi_s = (at.x[self.f.unknowns.index(u), span] for u in ("c", "phi_e", "phi_s"))
        local = at.electrodes[k][1]
        j = row = local[0]
        film = self._film_resistance(k, name)
        metal = self.options.metals or (self.options.planar and name == "negative")
        key = "interphase_capacitance" if metal else "film_capacitance"
        double, beside = self.scalars[f"{name}.double_layer_capacitance"], self.scalars[f"{name}.{key}"]
        total, w = r.new(len(j)), r.new(len(j))
        u = r.drop(film, beside, total)
        r.add(total, total, 1.0)  # 0 = i - j - C dw/dt
        r.add(total, j, -1.0)
        r.store(total, w, double)
        for unknown, share in ((c, self.anions), (phi_e, 0.0), (phi_s, 0.0)):
            self._move(unknown, j, total, 1 - share)
        if "potential" in self.f.reductions:
            self._uniform(k, row, j, total, w, u, film)
            return
        for sign, potential in ((1.0, phi_s), (-1.0, phi_e)):  # 0 = v - w - u
            r.add(w, potential, sign)
        r.add(w, w, -1.0)
        r.add(w, u, -1.0)
        by_potential = self._entries(row, phi_s)
        for column, values in ((phi_s, -by_potential), (phi_e, -self._entries(row, phi_e))):
            r.add(row, column, values)
        r.add(row, w, by_potential)
        r.add(row, j, by_potential * film)
        for other in local[1:]:  # a local state of a user may ask for the potential too
            by_potential = self._entries(other, phi_s)
            r.add(other, phi_s, -by_potential)
            r.add(other, phi_e, -self._entries(other, phi_e))
            r.add(other, w, by_potential)
            r.add(other, j, by_potential * film)

    def _uniform(self, k: int, row: Any, j: Any, total: Any, w: Any, u: Any, film: Any) -> None:
        """A reaction current that is uniform by assumption (SPMe): the potential is a sum over the nodes."""
        at, r = self.at, self.rows
        r.add(row, j, 1.0)  # 0 = share I - i, instead of share I - j
        r.add(row, total, -1.0)
        span = at.spans[k]
        sums = at.sums[at.node_rows("potential")[span]].tocoo()
        mean = self.reference.nodes[self.f.node_data.index("mean"), span]
        phi_e = at.x[self.f.unknowns.index("phi_e"), span]
        # w is the sum's potential without phi_e and without the film: 0 = sum / mean - phi_e - R j - w
        r.add(w[sums.row], sums.col, sums.data / mean[sums.row])
        r.add(w, phi_e, -1.0)
        r.add(w, j, -film)
        r.add(w, w, -1.0)
        q = self.f.reductions.index("potential")
        for i, z in enumerate(at.z):
            through = at.through[i, q]
            r.add(np.full(len(w), z), w, through * mean)
            r.add(np.full(len(w), z), u, through * mean)
            r.add(np.full(len(w), z), phi_e, through * mean)
            r.add(np.full(len(sums.col), z), sums.col, -through * sums.data)
        direct = at.through[-1, q]
        self.voltage_parts += [(x, direct * mean) for x in (w, u, phi_e)]
        self.voltage_parts.append((sums.col, -direct * sums.data))

    def _move(self, rows: Any, j: Any, total: Any, share: float) -> None:
        """Let the total current take the place of the reaction's, by a share."""
        values = share * self._entries(rows, j)
        self.rows.add(rows, j, -values)
        self.rows.add(rows, total, values)

    def _entries(self, rows: Any, columns: Any) -> FloatArray:
        return np.asarray(self.j[rows, columns]).ravel()

    def _film_resistance(self, k: int, name: str) -> FloatArray:
        """Resistance of film or interphase [ohm m2] in each node, per surface in contact."""
        r, f = self.reference, self.f
        electrodes, x, z = r.split(self.at.y)
        c, local = electrodes[k]
        region = [i for i, e in enumerate(f.regions) if e.local is not None][k]
        laws = Laws(self.options, lambda *_: 0.0)
        g: Any
        d: Any
        g, d, y, zn, at = r.node_args(f.regions[region], x, z, local)
        t = laws.temperature(g, zn)
        if name in laws.interfaces:
            surface = r.surface(region, c)

            def law(*_: Any) -> tuple[Any, ...]:
                values = laws.interfaces[name].values(d, y, at, surface, t, g.reference_temperature)
                return (values["film_resistance"],)

            value = r.call(region, law)[0]
        else:
            value = d.film_resistance * arrhenius(-d.film_activation, t, g.reference_temperature)
        return np.asarray(value + np.zeros(local.shape[1]))

    # ---- faces ----
    def _faces(self) -> None:
        """Interfaces beside the separator, and its grain boundaries."""
        span, s = self.reference.first["separator"], self.scalars
        elements = []
        share, permittivity = s["separator.grain_boundary_share"], s["separator.grain_boundary_permittivity"]
        if share * permittivity:
            elements.append(self._grain_boundaries(span, share, permittivity))
        for side, face in (("negative", span.start), ("positive", span.stop)):
            resistance = np.array([s[f"separator.interface_resistance_{side}"]])
            capacitance = s[f"separator.interface_capacitance_{side}"]
            if resistance[0] * capacitance:
                elements.append((np.array([face]), resistance, resistance * capacitance))
        if elements:
            self._split_faces(elements)

    def _grain_boundaries(self, span: slice, share: float, permittivity: float) -> tuple[Any, Any, Any]:
        """Their part of each face: share of the ionic resistance of the half nodes in the separator."""
        r, f = self.reference, self.f
        _, x, z = r.split(self.at.y)
        conduction = r.properties(x, Names(f.lumped, z))[f.props.index("conduction")]
        faces = np.arange(span.start, span.stop + 1)

        def both(of_nodes: FloatArray) -> FloatArray:
            """Sum over the nodes left and right of each face, of those in the separator."""
            inside = np.zeros(len(of_nodes) + 2)
            inside[1:-1][span] = of_nodes[span]
            return np.asarray(inside[faces] + inside[faces + 1])

        resistance = share * both(conduction)
        return faces, resistance, resistance * permittivity / both(r.nodes[0] / 2)

    def _split_faces(self, elements: list[tuple[Any, Any, Any]]) -> None:
        """Let parts of the resistance of faces have capacitances beside them: (faces, R, R C).

        The ionic current i of a face becomes an unknown: R_all i_law = (R_all - sum of R) i + sum of u.
        """
        at, r = self.at, self.rows
        which = np.unique(np.concatenate([faces for faces, _, _ in elements]))
        law, salt = at.flux_rows("phi_e")[which], at.flux_rows("c")[which]
        right = at.x[self.f.unknowns.index("phi_e"), which]
        by_right = np.asarray(at.flux[law, right]).ravel()
        whole = -1 / by_right
        transference = np.asarray(at.flux[salt, right]).ravel() / by_right
        current = r.new(len(which))
        flux = at.flux[law].tocoo()
        r.add(current[flux.row], flux.col, flux.data * whole[flux.row])
        r.add(current, current, -whole)
        for faces, resistance, times in elements:
            mine = current[np.searchsorted(which, faces)]
            u = r.new(len(faces))
            r.add(mine, mine, resistance)
            r.add(mine, u, -1.0)
            r.add(u, mine, resistance)
            r.add(u, u, -1.0)
            r.store(u, u, times)
        dx = self.reference.nodes[0]
        for name, factor in (("phi_e", np.ones(len(which))), ("c", transference)):
            rows = at.x[self.f.unknowns.index(name)]
            for node, sign in ((which, 1.0), (which - 1, -1.0)):
                scale = sign * factor / dx[node]
                r.add(rows[node], current, scale)
                r.add(rows[node][flux.row], flux.col, -scale[flux.row] * flux.data)


def _matrices(*parts: list[tuple[Any, Any, Any]], size: int) -> list[sparse.csc_array]:
    """Matrices of entries (rows, columns, values), all of one pattern."""
    flat = [[np.concatenate([np.ravel(p) for p in q]) for q in zip(*one, strict=True)] for one in parts]
    rows, columns = (np.concatenate([one[i] for one in flat]) for i in (0, 1))
    out = []
    for k in range(len(flat)):
        values = np.concatenate([one[2] if i == k else np.zeros(len(one[2])) for i, one in enumerate(flat)])
        out.append(sparse.csc_array(sparse.coo_array((values, (rows, columns)), shape=(size, size))))
    return out
