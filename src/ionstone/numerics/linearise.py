r"""A form linearised at a state: sparse matrices of M dx/dt = J x + b i, of small signals about it.

Derivatives are complex steps of 1e-30 of the reference's own residual, exact to rounding. Unknowns that no
equation couples share a step (Curtis, Powell & Reid 1974, IMA J. Appl. Math. 13), so that a Jacobian costs
some twenty residuals, whatever the grid. The rows that sum over the whole cell follow by the chain rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ionstone.numerics.form import Names
from ionstone.numerics.reference import Reference

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
H = 1e-30


@dataclass(frozen=True, eq=False)
class Linear:
    """Small signals x of a cell under a current density i [A/m2]: M dx/dt = J x + b i.

    The voltage is ``voltage @ x``. Matrices are CSR; entries that happen to be zero are kept, so that cells
    of one grid have one pattern.
    """

    mass: FloatArray  # the diagonal of M
    jacobian: sparse.csr_array
    load: FloatArray  # b
    voltage: FloatArray

    @property
    def size(self) -> int:
        """The number of unknowns."""
        return len(self.mass)


class Linearised:
    """Derivatives of a lane's equations at a state ``y``, controlled by its current density."""

    def __init__(self, reference: Reference, y: FloatArray) -> None:
        self.reference, self.y, self.form = reference, np.asarray(y, dtype=float), reference.form
        self.count = len(self.y)
        #: number of each unknown, split as states are
        self.electrodes, self.x, self.z = reference.split(np.arange(self.count))
        self.spans = [
            s for r, s in zip(self.form.regions, reference.span, strict=True) if r.local is not None
        ]
        f, x, faces = self.form, self.x.shape[1], self.x.shape[1] + 1
        self._main: list[tuple[Any, Any, Any]] = []
        self._flux: list[tuple[Any, Any, Any]] = []
        self._sums: list[tuple[Any, Any, Any]] = []
        self._flux_row = np.arange(len(f.unknowns) * faces).reshape(-1, faces)
        self._node_row = np.arange(len(f.reductions) * x).reshape(-1, x)
        self._control = np.zeros(len(f.outputs))
        self._control[f.outputs.index("current_density")] = 1.0
        self._differentiate()
        square = (self.count, self.count)
        #: d(fluxes of unknown u across face k) / dx, row u * faces + k
        self.flux = _sparse(self._flux, (self._flux_row.size, self.count))
        #: d(what node k adds to reduction q) / dx, row q * nodes + k
        self.sums = _sparse(self._sums, (self._node_row.size, self.count))
        self._lumped()
        self._absent()
        self.jacobian = _sparse(self._main, square)

    def linear(self) -> Linear:
        """The matrices as they are, without storage in double layers."""
        load = np.zeros(self.count)
        load[self.z[0]] = -1.0
        return Linear(self.reference.mass, self.jacobian, load, self.voltage)

    def flux_rows(self, unknown: str) -> IntArray:
        """Rows of ``flux`` of one unknown, by face."""
        return self._flux_row[self.form.unknowns.index(unknown)]

    def node_rows(self, reduction: str) -> IntArray:
        """Rows of ``sums`` of one reduction, by node."""
        return self._node_row[self.form.reductions.index(reduction)]

    # ---- steps ----
    def _differentiate(self) -> None:
        shells = max([len(c) for c, _ in self.electrodes if c is not None], default=0)
        for q in range(min(3, shells)):
            self._step_particles(q)
        for k in range(len(self.form.locals)):
            self._step_locals(k)
        for u in range(len(self.form.unknowns)):
            for q in range(min(3, self.x.shape[1])):
                self._step_nodes(u, q)
        for k in range(len(self.form.lumped)):
            self._step_lumped(k)

    def _evaluate(self, columns: IntArray) -> tuple[Any, Any, Any, list[Any]]:
        """Derivatives along unknowns that move together: of the residual, split, fluxes, contributions."""
        y = self.y.astype(complex)
        y[columns] += 1j * H
        r, f = self.reference, self.form
        electrodes, x, z = r.split(y)
        residual = r.residual(y, self._control, 0.0).imag / H
        flux = r.fluxes(x, Names(f.lumped, z)).imag / H
        parts = [
            ([np.imag(v) / H for v in nodes], [np.imag(v) / H for v in inner])
            for nodes, inner in r.contributions(electrodes, x, z)
        ]
        return *r.split(residual)[:2], flux, parts

    def _step_particles(self, q: int) -> None:
        """Shells q, q + 3, ... of all particles at once: a shell acts on its neighbours only."""
        moved = [c[q::3].ravel() for c, _ in self.electrodes if c is not None]
        electrodes, _, _, parts = self._evaluate(np.concatenate(moved))
        for k, (c, local) in enumerate(self.electrodes):
            if c is None:
                continue
            own, inside = _owner(len(c), q)
            self._put(self._main, c[inside], c[own[inside]], electrodes[k][0][inside])
            last = len(c) - 1 - (len(c) - 1 - q) % 3
            for rows, values in zip(local, electrodes[k][1], strict=True):
                self._put(self._main, rows, c[last], values)
            nodes, inner = parts[k]
            for i, v in enumerate(nodes):
                self._put(self._sums, self._node_row[i, self.spans[k]], c[last], v)
            faces = np.arange(len(c) - 1)
            side = faces + ((q - faces) % 3 == 1)  # the shell beside the face that has moved
            right = ((q - faces) % 3) < 2
            for i, v in enumerate(inner):
                rows = np.broadcast_to(self._node_row[i, self.spans[k]], (len(faces), c.shape[1]))
                values = v + np.zeros(rows.shape)
                self._put(self._sums, rows[right], c[side[right]], values[right])

    def _step_locals(self, ell: int) -> None:
        electrodes, x, _, parts = self._evaluate(np.concatenate([at[ell] for _, at in self.electrodes]))
        for k, (c, local) in enumerate(self.electrodes):
            self._put_nodes(k, c, local, local[ell], electrodes[k], parts[k])
            for u, rows in enumerate(self.x[:, self.spans[k]]):
                self._put(self._main, rows, local[ell], x[u, self.spans[k]])

    def _step_nodes(self, u: int, q: int) -> None:
        electrodes, x, flux, parts = self._evaluate(self.x[u, q::3])
        nodes = self.x.shape[1]
        own, inside = _owner(nodes, q)
        for rows, values in zip(self.x, x, strict=True):
            self._put(self._main, rows[inside], self.x[u, own[inside]], values[inside])
        faces = np.arange(nodes + 1)  # face k is between the nodes k - 1 and k
        side = faces - 1 + ((q - faces) % 3 == 0)
        touched = ((q - faces) % 3 != 1) & (side >= 0) & (side < nodes)
        for rows, values in zip(self._flux_row, flux, strict=True):
            self._put(self._flux, rows[touched], self.x[u, side[touched]], values[touched])
        for k, (c, local) in enumerate(self.electrodes):
            mine = np.arange(nodes)[self.spans[k]] % 3 == q
            span = np.arange(nodes)[self.spans[k]]
            self._put_nodes(k, c, local, self.x[u, span], electrodes[k], parts[k], mine)

    def _put_nodes(
        self, k: int, c: Any, local: Any, columns: IntArray, found: Any, parts: Any, mine: Any = slice(None)
    ) -> None:
        """Entries of an electrode's rows, each node's own column."""
        for rows, values in zip(local, found[1], strict=True):
            self._put(self._main, rows[mine], columns[mine], values[mine])
        if c is not None:
            self._put(self._main, c[-1][mine], columns[mine], found[0][-1][mine])
        for i, v in enumerate(parts[0]):
            self._put(self._sums, self._node_row[i, self.spans[k]][mine], columns[mine], v[mine])

    def _step_lumped(self, k: int) -> None:
        electrodes, x, flux, parts = self._evaluate(self.z[k : k + 1])
        for e, (c, local) in enumerate(self.electrodes):
            for rows, values in zip(local, electrodes[e][1], strict=True):
                self._put(self._main, rows, self.z[k], values)
            if c is not None:
                self._put(self._main, c, self.z[k], electrodes[e][0])
            nodes, inner = parts[e]
            for i, v in enumerate(nodes):
                rows = self._node_row[i, self.spans[e]]
                self._put(self._sums, rows, self.z[k], v + (np.sum(inner[i], axis=0) if inner else 0.0))
        self._put(self._main, self.x, self.z[k], x)
        self._put(self._flux, self._flux_row, self.z[k], flux)

    @staticmethod
    def _put(to: list[tuple[Any, Any, Any]], rows: Any, columns: Any, values: Any) -> None:
        shape = np.shape(rows)
        parts = (rows, np.broadcast_to(columns, shape), np.broadcast_to(values, shape))
        to.append(tuple(np.ravel(p) for p in parts))  # type: ignore[arg-type]

    # ---- rows over the whole cell ----
    def _lumped(self) -> None:
        """The lumped rows and the voltage, by the chain rule through probes, lumped states and reductions."""
        f, r = self.form, self.reference
        electrodes, x, z = r.split(self.y)
        red = list(r.reductions(electrodes, x, z).__dict__.values())
        where = r.probe_nodes(x.shape[1])
        columns = np.concatenate([self.x[:, [where[p] for p in f.probes]].T.ravel(), self.z])
        values = np.concatenate([self.y[columns], red])
        split = (len(columns) - len(self.z), len(columns))

        def laws(v: Any) -> Any:
            probes, zn = f.call_probes(list(v[: split[0]])), Names(f.lumped, v[split[0] : split[1]])
            sums = Names(f.reductions, v[split[1] :])
            outputs = f.output_law(r.g, probes, zn, sums)
            rows = list(r.call(0, f.lumped_rows, r.g, probes, zn, sums))
            rows[0] = outputs[f.outputs.index("current_density")]
            return np.array([*rows, outputs[f.outputs.index("voltage")]])

        change = _jacobian(laws, values)
        for i, row in enumerate(self.z):
            self._put(self._main, np.full(len(columns), row), columns, change[i, : len(columns)])
        self.voltage = np.zeros(self.count)
        np.add.at(self.voltage, columns, change[-1, : len(columns)])
        #: d(lumped rows, voltage) / d(reductions)
        self.through = change[:, len(columns) :]
        totals = [self.sums[rows].sum(axis=0) for rows in self._node_row]
        for q, total in enumerate(totals):
            at = np.unique(self.sums[self._node_row[q]].indices)
            for i, row in enumerate(self.z):
                self._put(self._main, np.full(len(at), row), at, change[i, len(columns) + q] * total[at])
            self.voltage += change[-1, len(columns) + q] * total

    def _absent(self) -> None:
        """Unknowns that a region does not have stay where they are: the identity."""
        for region in self.form.regions:
            for u in region.absent:
                at = self.x[self.form.unknowns.index(u), self.reference.first[region.name]]
                self._put(self._main, at, at, -1.0)


def _owner(count: int, q: int) -> tuple[IntArray, NDArray[np.bool_]]:
    """Of each place, the one of q, q + 3, ... that is it or beside it, and whether there is one."""
    place = np.arange(count)
    own = place + (q - place + 1) % 3 - 1
    return own, (own >= 0) & (own < count)


def _jacobian(law: Callable[[Any], Any], at: FloatArray) -> FloatArray:
    columns = []
    for i in range(len(at)):
        moved = at.astype(complex)
        moved[i] += 1j * H
        columns.append(np.imag(law(moved)) / H)
    return np.stack(columns, axis=1)


def _sparse(parts: Sequence[tuple[Any, Any, Any]], shape: tuple[int, int]) -> sparse.csr_array:
    if not parts:
        return sparse.csr_array(shape)
    rows, columns, values = (np.concatenate(p) for p in zip(*parts, strict=True))
    return sparse.csr_array(sparse.coo_array((values, (rows, columns)), shape=shape))
