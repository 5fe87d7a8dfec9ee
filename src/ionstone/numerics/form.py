"""The model form: what a cell model is to a solver.

A model is a declaration of regions along x, unknowns, data rows and laws. A law is a function of namespaces
of scalars and returns a tuple. The residual that a form stands for, for node i of x with width dx, is

    storage dy/dt = (flux_left - flux_right) / dx + source(y, local, z)     unknowns of x
    dlocal/dt or 0 = local(y, local, surface, z)                            local states of electrodes
    dc/dt = div(radial flux), outward surface flux from source              particles (unit sphere)
    dz/dt or 0 = lumped(y at probes, z, reductions)                         lumped states; row 0: control row
    0 = sum of weight x output - set point                                  the control row
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

Law = Callable[..., Sequence[Any]]
#: a least or largest value over the nodes of regions: (name, regions, node output, "min" | "max")
Reduced = tuple[str, tuple[str, ...], str, str]


class Names:
    """Scalars by name, as laws read them: ``g.temperature``."""

    def __init__(self, names: Sequence[str], values: Iterable[Any]) -> None:
        self.__dict__.update(zip(names, values, strict=True))


def _nothing(*_: Any) -> tuple[Any, ...]:
    return ()


@dataclass(frozen=True)
class Region:
    """A layer along x. ``local=None``: no electrode. ``radial=None``: a planar electrode, no particles.

    Laws: ``local(g, d, y, z, l, surface)``, ``source(g, d, y, z, l)`` -> one value an unknown and the outward
    particle flux, ``radial(p, g, z, left, right)`` -> flux and one value a reduction,
    ``contribution(g, d, y, z, l, surface, outer)`` -> one value a reduction, ``node_outputs`` as ``local``.
    """

    name: str
    absent: tuple[str, ...] = ()
    local: Law | None = None
    source: Law | None = None
    radial: Law | None = None
    contribution: Law | None = None
    node_outputs: Law | None = None


@dataclass(frozen=True)
class Form:
    """A cell model as data for the tracer, the kernel and the reference stepper."""

    name: str
    regions: tuple[Region, ...]
    globals: tuple[str, ...]
    node_data: tuple[str, ...]  # the first is the width of the node, "dx"
    face_data: tuple[str, ...]
    particle_data: tuple[str, ...]
    tables: tuple[str, ...]
    unknowns: tuple[str, ...]
    storage: dict[str, str]  # unknown -> row of node data; absent: algebraic
    locals: tuple[str, ...]
    stored_locals: tuple[str, ...]
    lumped: tuple[str, ...]  # the first is the current density, fixed by the control row
    stored_lumped: tuple[str, ...]
    props: tuple[str, ...]
    properties: Law  # (g, d, y, z) -> props
    face: Law  # (g, f, yl, yr, pl, pr, z) -> fluxes
    edge_left: Law  # (g, d, y, z) -> fluxes
    edge_right: Law
    probes: tuple[str, ...]  # "first", "last", or "last of <region>"
    lumped_rows: Law  # (g, probes, z, reductions) -> residuals; the first is ignored
    outputs: tuple[str, ...]
    output_law: Law  # (g, probes, z, reductions) -> outputs
    reductions: tuple[str, ...] = ()
    node_outputs: tuple[str, ...] = ()
    reduced: tuple[Reduced, ...] = ()
    options: tuple[Any, ...] = field(default=())

    @property
    def all_outputs(self) -> tuple[str, ...]:
        """Names of the columns that a run records."""
        return self.outputs + tuple(r[0] for r in self.reduced)

    def call_probes(self, values: Sequence[Any]) -> Names:
        """Namespace of namespaces: ``probes.first.phi_s``."""
        m = len(self.unknowns)
        keys = [p.replace("last of ", "last_of_") for p in self.probes]
        return Names(keys, [Names(self.unknowns, values[i * m : (i + 1) * m]) for i in range(len(keys))])

    def electrodes(self) -> list[Region]:
        """Regions with local states, in order."""
        return [r for r in self.regions if r.local is not None]
