"""The reference stepper: the scheme of the kernel in plain numpy, dense and slow, on one page.

It evaluates the laws of a form directly, takes the Jacobian by complex steps, and solves dense systems. The
kernel's accepted steps replayed here must give the same states: an independent check of tapes, derivatives
and elimination, and the text from which the method is best learnt.

Method: RODAS4(3), Hairer & Wanner, Solving Ordinary Differential Equations II, Springer 1996, section VI.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.core.ops import TABLES
from ionstone.numerics.form import Form, Names, Region
from ionstone.numerics.kernel import Grid, Lanes

GAMMA = 0.25
A = [
    [],
    [1.544],
    [0.9466785280815826, 0.2557011698983284],
    [3.314825187068521, 2.896124015972201, 0.9986419139977817],
    [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950],
    [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1.0],
]
C = [
    [],
    [-5.6688],
    [-2.430093356833875, -0.2063599157091915],
    [-0.1073529058151375, -9.594562251023355, -20.47028614809616],
    [7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160],
    [8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054],
]
TIME = [0.0, 0.386, 0.21, 0.63, 1.0, 1.0]
SLOPE = [0.25, -0.1043, 0.1035, -0.0362, 0.0, 0.0]
Array = NDArray[Any]


class Reference:
    """The equations of one lane, written out."""

    def __init__(self, form: Form, grid: Grid, lanes: Lanes, lane: int = 0) -> None:
        self.form, self.grid = form, grid
        self.g = Names(form.globals, lanes.globals[lane])
        self.nodes, self.faces, self.particles = lanes.nodes[lane], lanes.faces[lane], lanes.particles[lane]
        self.tables = [dict(zip(form.tables, region, strict=True)) for region in lanes.tables[lane]]
        edges = np.concatenate([[0], np.cumsum(grid.cells)])
        self.span = [slice(int(a), int(b)) for a, b in pairwise(edges)]
        self.first = {r.name: s for r, s in zip(form.regions, self.span, strict=True)}
        self.mass = self._mass()

    # ---- the state vector ----
    def split(self, y: Array) -> tuple[list[tuple[Array | None, Array]], Array, Array]:
        """Electrodes (concentrations, local states), unknowns of x, lumped states."""
        at, electrodes = 0, []
        for region, n, radial in zip(self.form.regions, self.grid.cells, self.grid.radial, strict=True):
            if region.local is None:
                continue
            shells = len(radial.inverse_volume) if radial else 0
            c = y[at : at + shells * n].reshape(shells, n) if shells else None
            at += shells * n
            electrodes.append((c, y[at : at + len(self.form.locals) * n].reshape(-1, n)))
            at += len(self.form.locals) * n
        m, x = len(self.form.unknowns), sum(self.grid.cells)
        return electrodes, y[at : at + m * x].reshape(m, x), y[at + m * x :]

    def _mass(self) -> Array:
        f = self.form
        out: list[Array] = []
        for region, n, radial in zip(f.regions, self.grid.cells, self.grid.radial, strict=True):
            if region.local is not None:
                out.append(np.ones((len(radial.inverse_volume) if radial else 0) * n))
                out += [np.full(n, float(name in f.stored_locals)) for name in f.locals]
        for u in f.unknowns:
            out.append(
                self.nodes[f.node_data.index(f.storage[u])]
                if u in f.storage
                else np.zeros(sum(self.grid.cells))
            )
        out.append(np.array([float(name in f.stored_lumped) for name in f.lumped]))
        return np.concatenate(out)

    # ---- laws with the tables of a region ----
    def call(self, region: int, law: Any, *args: Any) -> list[Any]:
        """Values of a law, with the tables of a region."""
        token = TABLES.set(self.tables[region])
        try:
            return list(law(*args))
        finally:
            TABLES.reset(token)

    def outputs(self, y: Array) -> Array:
        """Outputs from probes, lumped states and reductions."""
        electrodes, x, z = self.split(y)
        red = self.reductions(electrodes, x, z)
        return np.array(self.form.output_law(self.g, self._probes(x), Names(self.form.lumped, z), red))

    def probe_nodes(self, nodes: int) -> dict[str, int]:
        """The node of each place that a probe may name."""
        ends = {f"last of {n}": s.stop - 1 for n, s in self.first.items()}
        return {"first": 0, "last": nodes - 1, **ends}

    def _probes(self, x: Array) -> Names:
        f, where = self.form, self.probe_nodes(x.shape[1])
        return f.call_probes([v for p in f.probes for v in x[:, where[p]]])

    def node_args(self, region: Region, x: Array, z: Array, local: Array) -> tuple[Names, ...]:
        """The namespaces that laws of an electrode read: g, d, y, z, l."""
        f, s = self.form, self.first[region.name]
        return (
            self.g,
            Names(f.node_data, self.nodes[:, s]),
            Names(f.unknowns, x[:, s]),
            Names(f.lumped, z),
            Names(f.locals, local),
        )

    def _radial(self, k: int, i: int, c: Array, z: Array) -> list[Any]:
        f, region = self.form, self.form.regions[i]
        p = Names(f.particle_data, self.particles[k])
        return self.call(i, region.radial, p, self.g, Names(f.lumped, z), c[:-1], c[1:])

    def surface(self, i: int, c: Array | None) -> Any:
        """Stoichiometry at the surface of the particles of a region."""
        radial = self.grid.radial[i]
        return 0.0 if c is None or radial is None else radial.read[0] * c[-1] + radial.read[1] * c[-2]

    def contributions(
        self, electrodes: Sequence[Any], x: Array, z: Array
    ) -> list[tuple[list[Any], list[Any]]]:
        """What each electrode adds to each reduction: of its nodes, and of its radial faces [face, node]."""
        f = self.form
        out: list[tuple[list[Any], list[Any]]] = []
        indices = [i for i, r in enumerate(f.regions) if r.local is not None]
        for k, i in enumerate(indices):
            region, (c, local) = f.regions[i], electrodes[k]
            radial = self.grid.radial[i]
            if not f.reductions or region.contribution is None:
                out.append(([], []))
                continue
            outer = 0.0 if c is None else c[-1]
            at = (*self.node_args(region, x, z, local), self.surface(i, c), outer)
            values = [v + np.zeros(local.shape[1]) for v in self.call(i, region.contribution, *at)]
            inner: list[Any] = []
            if c is not None and radial is not None:
                inner = [radial.weights[:, None] * v for v in self._radial(k, i, c, z)[1:]]
            out.append((values, inner))
        return out

    def reductions(self, electrodes: Sequence[Any], x: Array, z: Array) -> Names:
        """Sums over the electrodes."""
        total: list[Any] = [0.0] * len(self.form.reductions)
        for values, inner in self.contributions(electrodes, x, z):
            for q, v in enumerate(values):
                total[q] = total[q] + np.sum(v) + (np.sum(inner[q]) if inner else 0.0)
        return Names(self.form.reductions, total)

    def properties(self, x: Array, zn: Names) -> Array:
        """What faces need of the nodes: [property, node]."""
        f = self.form
        props = np.zeros((len(f.props), x.shape[1]), dtype=x.dtype)
        for i, s in enumerate(self.span):
            at = (self.g, Names(f.node_data, self.nodes[:, s]), Names(f.unknowns, x[:, s]), zn)
            props[:, s] = [v + np.zeros(s.stop - s.start) for v in self.call(i, f.properties, *at)]
        return props

    def fluxes(self, x: Array, zn: Names) -> Array:
        """Fluxes of every unknown across every face, the ends of the cell among them: [unknown, face]."""
        f, props = self.form, self.properties(x, zn)
        flux = np.zeros((len(f.unknowns), x.shape[1] + 1), dtype=x.dtype)
        sides = (Names(f.unknowns, x[:, :-1]), Names(f.unknowns, x[:, 1:]))
        both = (Names(f.props, props[:, :-1]), Names(f.props, props[:, 1:]))
        inner = self.call(0, f.face, self.g, Names(f.face_data, self.faces), *sides, *both, zn)
        for r, v in enumerate(inner):
            flux[r, 1:-1] = v
        for side, law, i in ((0, f.edge_left, 0), (-1, f.edge_right, len(f.regions) - 1)):
            at = (self.g, Names(f.node_data, self.nodes[:, side]), Names(f.unknowns, x[:, side]), zn)
            flux[:, side] = self.call(i, law, *at)
        return flux

    # ---- the equations ----
    def residual(self, y: Array, control: Array, set_point: float) -> Array:
        """F(y): everything but the storage terms."""
        f = self.form
        electrodes, x, z = self.split(y)
        out = np.zeros_like(y)
        out_electrodes, out_x, out_z = self.split(out)
        zn = Names(f.lumped, z)
        flux = self.fluxes(x, zn)
        out_x += (flux[:, :-1] - flux[:, 1:]) / self.nodes[0]
        indices = [i for i, r in enumerate(f.regions) if r.local is not None]
        for k, i in enumerate(indices):
            region, (c, local), (to, out_local) = f.regions[i], electrodes[k], out_electrodes[k]
            args = self.node_args(region, x, z, local)
            *source, surface_flux = self.call(i, region.source, *args)
            for r, v in enumerate(source):
                out_x[r, self.span[i]] += v
            for q, v in enumerate(self.call(i, region.local, *args, self.surface(i, c))):
                out_local[q] = v
            radial = self.grid.radial[i]
            if c is not None and to is not None and radial is not None:
                n = radial.weights[:, None] * self._radial(k, i, c, z)[0]
                to[:-1] += n
                to[1:] -= n
                to[-1] -= surface_flux
                to *= radial.inverse_volume[:, None]
        for region in f.regions:
            for u in region.absent:
                out_x[f.unknowns.index(u), self.first[region.name]] = 0.0
        probes, red = self._probes(x), self.reductions(electrodes, x, z)
        out_z[:] = self.call(0, f.lumped_rows, self.g, probes, zn, red)
        out_z[0] = np.sum(control * np.array(f.output_law(self.g, probes, zn, red))) - set_point
        return out

    def jacobian(self, y: Array, control: Array, set_point: float) -> Array:
        """dF/dy by complex steps of 1e-30: exact to rounding. Absent unknowns get the identity."""
        h, n = 1e-30, len(y)
        out = np.empty((n, n))
        for i in range(n):
            z = y.astype(complex)
            z[i] += 1j * h
            out[:, i] = self.residual(z, control, set_point).imag / h
        at = np.zeros_like(y)
        _, x, _ = self.split(at)
        for region in self.form.regions:
            for u in region.absent:
                x[self.form.unknowns.index(u), self.first[region.name]] = 1.0
        out[at == 1.0, :] = 0.0
        out[at == 1.0, at == 1.0] = -1.0
        return out

    def step(
        self, y: Array, h: float, control: Array, set_point: float, slope: float = 0.0
    ) -> tuple[Array, Array]:
        """One step of RODAS4(3): the new state and the embedded error."""
        matrix = np.diag(self.mass) / (GAMMA * h) - self.jacobian(y, control, set_point)
        u: list[Array] = []
        for a, c, time, weight in zip(A, C, TIME, SLOPE, strict=True):
            stage = y + sum((w * v for w, v in zip(a, u, strict=True)), np.zeros_like(y))
            r = self.residual(stage, control, set_point + slope * time * h)
            r = r + self.mass * sum((w * v for w, v in zip(c, u, strict=True)), np.zeros_like(y)) / h
            r[-len(self.form.lumped)] -= weight * h * slope
            u.append(np.linalg.solve(matrix, r))
        return stage + u[5], u[5]
