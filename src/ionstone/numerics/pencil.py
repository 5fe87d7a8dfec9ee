r"""Small signals of a linear system at complex frequencies: (s M - J) x = b, the answer v x, and its adjoint.

The inner shells of the particles are coupled to their neighbours alone, so that their elimination is a
continued fraction, done for all nodes and frequencies together; what is left has a dozen unknowns a node
and is factorised at each frequency.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Pencil:
    """(s M - J) x = b i; the voltage is v x. Both matrices are CSC of one pattern.

    ``chains``: numbers of unknowns [shell, node] from the centres of particles outward, each of which is
    coupled to its neighbours in the chain alone, but for the last. ``series``: a resistance [ohm m2] in the
    voltage and its time constant [s], where a capacitance is beside it.
    """

    mass: sparse.csc_array
    jacobian: sparse.csc_array
    load: FloatArray
    voltage: FloatArray
    chains: tuple[IntArray, ...] = ()
    series: tuple[float, float] = (0.0, 0.0)

    def series_change(self, s: ComplexArray) -> ComplexArray:
        """What the capacitance takes from the resistance in series [ohm m2]."""
        r, tau = self.series
        return np.asarray(r / (1 + s * tau) - r)

    def impedance(self, s: ComplexArray) -> ComplexArray:
        """-v x at each s [ohm m2]."""
        found = [-(self.voltage @ x) for x, _ in self.solutions(s)]
        return np.array(found) + self.series_change(s)

    def solutions(self, s: ComplexArray, adjoint: bool = False) -> Iterator[tuple[ComplexArray, Any]]:
        """At each s: x of (s M - J) x = b, and with ``adjoint`` l of (s M - J)^T l = v, else None."""
        chains = [_Chain(self, at, s) for at in self.chains if len(at) > 1]
        gone = [c.inner.ravel() for c in chains]
        kept = np.setdiff1d(np.arange(len(self.load)), np.concatenate(gone) if gone else [])
        m, j = (sparse.csc_matrix(a)[kept][:, kept] for a in (self.mass, self.jacobian))
        rows, columns = m.indices, np.repeat(np.arange(len(kept)), np.diff(m.indptr))
        place = np.full(len(self.load), -1)
        place[kept] = np.arange(len(kept))
        ends = []
        for c in chains:
            key = place[c.last] * len(kept) + place[c.last]
            order = np.argsort(rows * len(kept) + columns)
            ends.append(order[np.searchsorted((rows * len(kept) + columns)[order], key)])
        load, voltage = (v[kept].astype(complex) for v in (self.load, self.voltage))
        for k, value in enumerate(s):
            data = value * m.data - j.data
            for c, end in zip(chains, ends, strict=True):
                data[end] += c.change[k]
            matrix = sparse.csc_matrix((data, rows, m.indptr), shape=m.shape)
            factors = splu(matrix)
            x = self._whole(kept, _solved(factors, matrix, load), [(c, c.forward[k]) for c in chains])
            left = None
            if adjoint:
                y = _solved(factors, matrix, voltage, "T")
                left = self._whole(kept, y, [(c, c.backward[k]) for c in chains])
            yield x, left

    def _whole(self, kept: IntArray, part: ComplexArray, chains: list[tuple[_Chain, Any]]) -> ComplexArray:
        """All unknowns, those of the chains from the outside inward."""
        x = np.zeros(len(self.load), dtype=complex)
        x[kept] = part
        for chain, ratio in chains:
            for k in range(len(chain.inner) - 1, -1, -1):
                outer = chain.inner[k + 1] if k + 1 < len(chain.inner) else chain.last
                x[chain.inner[k]] = ratio[k] * x[outer]
        return x


def _solved(factors: Any, matrix: Any, right: ComplexArray, trans: str = "N") -> ComplexArray:
    """A solution with one refinement: the rows differ by ten orders of magnitude."""
    x = factors.solve(right, trans=trans)
    again = right - (matrix if trans == "N" else matrix.T) @ x
    return np.asarray(x + factors.solve(again, trans=trans))


class _Chain:
    """Shells of the particles of one electrode, eliminated at all frequencies."""

    def __init__(self, pencil: Pencil, at: IntArray, s: ComplexArray) -> None:
        self.inner, self.last = at[:-1], at[-1]
        j = sparse.csr_array(pencil.jacobian)
        mass = pencil.mass.diagonal()[at]
        diagonal = np.asarray(j[at.ravel(), at.ravel()]).reshape(at.shape)
        outward = np.asarray(j[at[:-1].ravel(), at[1:].ravel()]).reshape(self.inner.shape)
        inward = np.asarray(j[at[1:].ravel(), at[:-1].ravel()]).reshape(self.inner.shape)
        count = (len(s), *self.inner.shape)
        #: x of a shell over that of the next one outward, of both sides: [frequency, shell, node]
        self.forward, self.backward = np.empty(count, dtype=complex), np.empty(count, dtype=complex)
        pivot = s[:, None] * mass[0] - diagonal[0]
        for k in range(len(self.inner)):
            self.forward[:, k] = outward[k] / pivot
            self.backward[:, k] = inward[k] / pivot
            #: what the inner shells add to the diagonal of the next
            self.change = -outward[k] * inward[k] / pivot
            pivot = s[:, None] * mass[k + 1] - diagonal[k + 1] + self.change
