r"""Effective conductivity of a structure of voxels as a network of resistors.

Each voxel is a node; neighbours of conductivities sigma_1 and sigma_2 are joined by the resistors of two half
voxels and of the interface between unlike phases,

$$ R = \frac{1}{h}\left(\frac{1}{2 \sigma_1} + \frac{1}{2 \sigma_2} + \frac{r}{h}\right) $$

a potential difference is set between two opposite faces, and the current through them gives sigma_eff. The
other faces are closed. Voxels that no path joins to both faces are left out.

Validity: the structure must be large beside its grains; the scatter between seeds tells. In the manner of
Ketter & Zeier 2025, Nat. Commun., doi:10.1038/s41467-025-56514-5 (a network of resistors solved by relaxation
there; a sparse solve here, no code shared). Symbols: h edge of a voxel [m], sigma [S/m or W/(m K)], r
resistance of interfaces [ohm m^2 or m^2 K/W].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.core.errors import InputError, MissingExtraError

MOST_VOXELS = 3_000_000
TOLERANCE = 1e-8
Voxels = NDArray[np.int8]


@dataclass(frozen=True)
class NetworkResult:
    """sigma_eff in the unit of the conductivities, and the share of conducting voxels that carry current."""

    conductivity: float
    connected: float


def random_voxels(
    shape: Sequence[int], fractions: Sequence[float], clusters: Sequence[int], seed: int = 0
) -> Voxels:
    """Phases 0, 1, ... of voxels: cubes of ``clusters`` voxels of each phase, placed at random.

    The last phase fills what the others leave; a cube placed over another replaces it, and the volume
    fractions are met to within one voxel. InputError where fractions do not sum to 1.
    """
    if abs(sum(fractions) - 1.0) > 1e-9 or min(fractions) < 0:
        raise InputError(f"fractions {list(fractions)} sum to {sum(fractions):g}: let them sum to 1")
    if int(np.prod(shape)) > MOST_VOXELS:
        raise InputError(f"shape {list(shape)} has more than {MOST_VOXELS} voxels: take fewer")
    random = np.random.default_rng(seed)
    field = np.full(shape, len(fractions) - 1, dtype=np.int8)
    size = field.size
    for phase in range(len(fractions) - 1):
        wanted, edge = round(fractions[phase] * size), clusters[phase]
        free = len(fractions) - 1
        while (missing := wanted - int(np.count_nonzero(field == phase))) > 0:
            at = [int(random.integers(-edge + 1, n)) for n in shape]
            cube = field[tuple(slice(max(a, 0), a + edge) for a in at)]
            places = np.argwhere(cube == free)
            if len(places) > missing:
                places = places[random.permutation(len(places))[:missing]]
            cube[tuple(places.T)] = phase
    return field


def effective_conductivity(
    voxels: Voxels,
    conductivities: Sequence[float],
    *,
    axis: int = 0,
    voxel: float = 1.0,
    interface_resistance: Mapping[tuple[int, int], float] | None = None,
) -> NetworkResult:
    """Effective conductivity along an axis.

    ``voxels``: phase of each voxel, (nx, ny, nz); ``conductivities``: one a phase, 0 for an insulator;
    ``interface_resistance``: by pair of phases (smaller first), needs ``voxel``, the edge [m]. Returns 0
    where nothing connects the faces. Raises MissingExtraError without scipy.
    """
    field = np.moveaxis(np.asarray(voxels), axis, 0)
    sigma = np.asarray(conductivities, dtype=float)[field]
    conducts = sigma > 0
    joined = _joined(conducts)
    count = int(joined.sum())
    if not count:
        return NetworkResult(0.0, 0.0)
    number = np.full(field.shape, -1)
    number[joined] = np.arange(count)
    first, second, conductance = [], [], []
    for direction in range(3):
        here: tuple[Any, ...] = tuple(slice(None, -1) if d == direction else slice(None) for d in range(3))
        there: tuple[Any, ...] = tuple(slice(1, None) if d == direction else slice(None) for d in range(3))
        both = joined[here] & joined[there]
        half = 0.5 / sigma[here][both] + 0.5 / sigma[there][both]
        half += _between(field[here][both], field[there][both], interface_resistance, voxel)
        first.append(number[here][both])
        second.append(number[there][both])
        conductance.append(1.0 / half)
    current = _solve(
        np.concatenate(first), np.concatenate(second), np.concatenate(conductance), number, sigma, count
    )
    layers, area = field.shape[0], field[0].size
    return NetworkResult(current * layers / area, count / int(conducts.sum()))


def _between(
    one: Any, other: Any, resistances: Mapping[tuple[int, int], float] | None, voxel: float
) -> NDArray[np.float64]:
    extra = np.zeros(len(one))
    for (a, b), r in (resistances or {}).items():
        extra[((one == a) & (other == b)) | ((one == b) & (other == a))] = r / voxel
    return extra


def _joined(conducts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Voxels in clusters that touch both faces."""
    try:
        from scipy.ndimage import label
    except ImportError:
        raise MissingExtraError("scipy", "microstructure") from None
    clusters, _ = label(conducts)
    spanning = np.intersect1d(clusters[0], clusters[-1])
    return np.isin(clusters, spanning[spanning > 0])


def _solve(first: Any, second: Any, conductance: Any, number: Any, sigma: Any, count: int) -> float:
    """Current through the first face at one volt between the faces, in units of sigma times the edge."""
    from scipy.sparse import coo_matrix, diags_array
    from scipy.sparse.linalg import LinearOperator, cg

    diagonal = np.zeros(count)
    np.add.at(diagonal, first, conductance)
    np.add.at(diagonal, second, conductance)
    source = np.zeros(count)
    ends = []
    for face, potential in ((0, 1.0), (-1, 0.0)):
        inside = number[face] >= 0
        nodes, to_face = number[face][inside], 2.0 * sigma[face][inside]
        np.add.at(diagonal, nodes, to_face)
        np.add.at(source, nodes, to_face * potential)
        ends.append((nodes, to_face))
    off = coo_matrix((-conductance, (first, second)), shape=(count, count)).tocsr()
    matrix = (off + off.T + diags_array(diagonal)).tocsr()
    jacobi = LinearOperator((count, count), matvec=lambda v: v / diagonal)
    start = np.zeros(count)
    start[number[number >= 0]] = 1.0 - (np.nonzero(number >= 0)[0] + 0.5) / number.shape[0]
    potential, failed = cg(matrix, source, x0=start, rtol=TOLERANCE, maxiter=20_000, M=jacobi)
    if failed:
        raise InputError("the network of resistors did not converge: take a smaller contrast or fewer voxels")
    nodes, to_face = ends[0]
    return float(np.sum(to_face * (1.0 - potential[nodes])))


def connected_utilisation(voxels: Voxels, active: Sequence[int], electrolyte: Sequence[int]) -> float:
    """Share of active voxels that electrons reach from the last face and that touch ions from the first.

    ``active``, ``electrolyte``: the phases that conduct electrons and ions; the first of ``active`` is the
    active material that is counted. Grains count as reached where one of their clusters is.
    """
    field = np.asarray(voxels)
    electrons = _reached(np.isin(field, list(active)), -1)
    ions = _reached(np.isin(field, list(electrolyte)), 0)
    grains = _labels(electrons & (field == active[0]))
    touched = np.zeros(field.shape, dtype=bool)
    for direction in range(3):
        for shift in (1, -1):
            near = np.roll(ions, shift, axis=direction)
            edge: list[Any] = [slice(None)] * 3
            edge[direction] = 0 if shift == 1 else -1
            near[tuple(edge)] = False
            touched |= near
    fed = np.unique(grains[touched & (grains > 0)])
    total = int(np.count_nonzero(field == active[0]))
    return float(np.isin(grains, fed).sum() / total) if total and len(fed) else 0.0


def _labels(mask: NDArray[np.bool_]) -> Any:
    from scipy.ndimage import label

    return label(mask)[0]


def _reached(mask: NDArray[np.bool_], face: int) -> NDArray[np.bool_]:
    """Voxels in clusters that touch one face."""
    try:
        clusters = _labels(mask)
    except ImportError:
        raise MissingExtraError("scipy", "microstructure") from None
    at = np.unique(clusters[face])
    return np.isin(clusters, at[at > 0])
