"""A model form traced and packed into the integers and constants that the kernel reads."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ionstone.numerics.form import Form, Names, Region
from ionstone.numerics.tape import Group, Tape, build
from ionstone.numerics.tracer import Expr, Graph

ABI = 7


@dataclass(frozen=True)
class Packed:
    """The bytes of a packed model."""

    integers: array[int]
    constants: array[float]

    def to_bytes(self) -> bytes:
        """One block: two counts, integers, constants."""
        head = array("q", [len(self.integers), len(self.constants)])
        return head.tobytes() + self.integers.tobytes() + self.constants.tobytes()

    @staticmethod
    def from_bytes(block: bytes) -> Packed:
        """The inverse of ``to_bytes``; raises ValueError when the block is cut or does not fit its counts."""
        head = array("q")
        head.frombytes(block[:16])
        n, k = head
        if n < 0 or k < 0 or len(block) != 16 + 4 * n + 8 * k:
            raise ValueError("packed model has a wrong length")
        integers, constants = array("i"), array("d")
        integers.frombytes(block[16 : 16 + 4 * n])
        constants.frombytes(block[16 + 4 * n :])
        return Packed(integers, constants)


class _Packer:
    """Tapes of one form; every law becomes a tape of values and one of derivatives."""

    def __init__(self, form: Form) -> None:
        self.form = form
        f = form
        self.G = Group("g", len(f.globals), True)
        self.D = Group("d", len(f.node_data), True)
        self.FD = Group("f", len(f.face_data), True)
        self.P = Group("p", len(f.particle_data), True)
        self.Z = Group("z", len(f.lumped))
        self.L = Group("l", len(f.locals))
        self.tapes: list[Tape] = []
        self.known: dict[tuple[Any, ...], int] = {}

    def add(self, key: tuple[Any, ...], law: Callable[..., Sequence[Any]], groups: Sequence[Group]) -> int:
        if key not in self.known:
            self.known[key] = len(self.tapes)
            self.tapes.append(build(law, groups, self.form.tables))
        return self.known[key]

    def y(self, name: str = "y") -> Group:
        return Group(name, len(self.form.unknowns))

    # ---- laws on lists of symbols ----
    def properties(self, g: Any, d: Any, y: Any, z: Any) -> list[Any]:
        f = self.form
        return list(
            f.properties(Names(f.globals, g), Names(f.node_data, d), Names(f.unknowns, y), Names(f.lumped, z))
        )

    def face(self, g: Any, fd: Any, yl: Any, yr: Any, pl: Any, pr: Any, z: Any) -> list[Any]:
        f = self.form
        n = Names
        return list(
            f.face(
                n(f.globals, g),
                n(f.face_data, fd),
                n(f.unknowns, yl),
                n(f.unknowns, yr),
                n(f.props, pl),
                n(f.props, pr),
                n(f.lumped, z),
            )
        )

    def node_law(self, law: Any) -> Callable[..., list[Any]]:
        f = self.form

        def call(g: Any, d: Any, y: Any, z: Any, local: Any, *rest: Any) -> list[Any]:
            names = (Names(f.globals, g), Names(f.node_data, d), Names(f.unknowns, y), Names(f.lumped, z))
            return list(law(*names, Names(f.locals, local), *(r[0] for r in rest)))

        return call

    def end_law(self, law: Any) -> Callable[..., list[Any]]:
        f = self.form

        def call(g: Any, probes: Any, z: Any, red: Any) -> list[Any]:
            return list(
                law(Names(f.globals, g), f.call_probes(probes), Names(f.lumped, z), Names(f.reductions, red))
            )

        return call


def _flat(rows: Sequence[Sequence[Any]]) -> list[Any]:
    return [v for r in rows for v in r]


def _with_jacobian(
    law: Callable[..., list[Any]], wrt: Sequence[int], values: bool
) -> Callable[..., list[Any]]:
    def call(graph: Graph, *args: Any) -> list[Any]:
        v = law(*args)
        j = _flat(graph.jacobian(v, [s for i in wrt for s in args[i]]))
        return v + j if values else j

    return call


def _only(law: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    return lambda graph, *args: law(*args)


def _face_jacobian(p: _Packer, nonzero: Sequence[int]) -> Callable[..., list[Any]]:
    """Total derivatives of the fluxes: through the states and through the properties of both nodes."""
    m, npr, nz = len(p.form.unknowns), len(p.form.props), len(p.form.lumped)

    def call(
        graph: Graph, g: Any, fd: Any, yl: Any, yr: Any, pl: Any, pr: Any, z: Any, jl: Any, jr: Any
    ) -> list[Any]:
        v = p.face(g, fd, yl, yr, pl, pr, z)
        full_l: list[Any] = [0.0] * (npr * (m + nz))
        full_r: list[Any] = [0.0] * (npr * (m + nz))
        for k, at in enumerate(nonzero):
            full_l[at], full_r[at] = jl[k], jr[k]

        def seed(y: Any, props: Any, full: list[Any], c: int) -> dict[int, Any]:
            s = {props[r].index: full[r * (m + nz) + c] for r in range(npr)}
            if y is not None:
                s[y.index] = 1.0
            return s

        seeds = [seed(yl[c], pl, full_l, c) for c in range(m)] + [
            seed(yr[c], pr, full_r, c) for c in range(m)
        ]
        seeds += [{**seed(z[c], pl, full_l, m + c), **seed(None, pr, full_r, m + c)} for c in range(nz)]
        columns = [graph.jvp(v, s) for s in seeds]
        return [c[r] for r in range(m) for c in columns]

    return call


def _global_tapes(p: _Packer) -> tuple[list[int], list[int]]:
    f = p.form
    node = [p.G, p.D, p.y(), p.Z]
    props = p.add(("props",), _only(p.properties), node)
    props_jac = p.add(("props_jac",), _with_jacobian(p.properties, (2, 3), True), node)
    zero = p.tapes[props_jac].zero
    nonzero = [i for i in range(len(zero) - len(f.props)) if not zero[len(f.props) + i]]
    npr = len(f.props)
    faces = [p.G, p.FD, p.y("yl"), p.y("yr"), Group("pl", npr), Group("pr", npr), p.Z]
    face = p.add(("face",), _only(p.face), faces)
    more = [Group("jl", len(nonzero)), Group("jr", len(nonzero))]
    face_jac = p.add(("face_jac",), _face_jacobian(p, nonzero), faces + more)
    tapes = [props, props_jac, face, face_jac]
    for name, law in (("left", f.edge_left), ("right", f.edge_right)):

        def edge(g: Any, d: Any, y: Any, z: Any, law: Any = law) -> list[Any]:
            names = (Names(f.globals, g), Names(f.node_data, d), Names(f.unknowns, y), Names(f.lumped, z))
            return list(law(*names))

        tapes.append(p.add((name,), _only(edge), node))
        tapes.append(p.add((name, "jac"), _with_jacobian(edge, (2, 3), False), node))
    end = [p.G, Group("y", len(f.probes) * len(f.unknowns)), p.Z, Group("r", len(f.reductions))]
    for name, law in (("lumped", f.lumped_rows), ("outputs", f.output_law)):
        tapes.append(p.add((name,), _only(p.end_law(law)), end))
        tapes.append(p.add((name, "jac"), _with_jacobian(p.end_law(law), (1, 2, 3), False), end))
    return tapes, nonzero


def _region_tapes(p: _Packer, r: Region) -> list[int]:
    if r.local is None or r.source is None:
        return [-1] * 9
    node = [p.G, p.D, p.y(), p.Z, p.L]
    surface = Group("s", 1)
    local, source = p.node_law(r.local), p.node_law(r.source)
    tapes = [
        p.add((r.local, "local"), _only(local), [*node, surface]),
        p.add((r.local, "local_jac"), _local_jacobian(local), [*node, surface]),
        p.add((r.source, "source"), _only(source), node),
        p.add((r.source, "source_jac"), _source_jacobian(source), node),
    ]
    tapes += _radial_tapes(p, r)
    if p.form.reductions and r.contribution is not None:
        law = p.node_law(r.contribution)
        groups = [*node, surface, Group("o", 1)]
        tapes.append(p.add((r.contribution, "sum"), _only(law), groups))
        tapes.append(p.add((r.contribution, "sum_jac"), _contribution_jacobian(law), groups))
    else:
        tapes += [-1, -1]
    if r.node_outputs is None:
        tapes.append(-1)
    else:
        tapes.append(p.add((r.node_outputs, "outputs"), _only(p.node_law(r.node_outputs)), [*node, surface]))
    return tapes


def _radial_tapes(p: _Packer, r: Region) -> list[int]:
    if r.radial is None:
        return [-1, -1]
    f, law = p.form, r.radial

    def radial(pd: Any, g: Any, z: Any, left: Any, right: Any) -> list[Any]:
        names = (Names(f.particle_data, pd), Names(f.globals, g), Names(f.lumped, z))
        return list(law(*names, left[0], right[0]))

    def jacobian(graph: Graph, pd: Any, g: Any, z: Any, left: Any, right: Any) -> list[Any]:
        v = radial(pd, g, z, left, right)
        return _flat(graph.jacobian(v, [left[0], right[0], *z]))

    groups = [p.P, p.G, p.Z, Group("cl", 1), Group("cr", 1)]
    return [p.add((law, "radial"), _only(radial), groups), p.add((law, "radial_jac"), jacobian, groups)]


def _local_jacobian(law: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def call(graph: Graph, g: Any, d: Any, y: Any, z: Any, local: Any, s: Any) -> list[Any]:
        values = law(g, d, y, z, local, s)
        return _flat(graph.jacobian(values, [*y, *local, *s, *z])) + values

    return call


def _source_jacobian(law: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def call(graph: Graph, g: Any, d: Any, y: Any, z: Any, local: Any) -> list[Any]:
        return _flat(graph.jacobian(law(g, d, y, z, local), [*y, *local, *z]))

    return call


def _contribution_jacobian(law: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def call(graph: Graph, g: Any, d: Any, y: Any, z: Any, local: Any, s: Any, o: Any) -> list[Any]:
        return _flat(graph.jacobian(law(g, d, y, z, local, s, o), [*y, *local, *s, *o, *z]))

    return call


def pack(form: Form) -> Packed:
    """Trace every law of a form, differentiate, lower, and pack."""
    p = _Packer(form)
    tapes, nonzero = _global_tapes(p)
    regions = [_region_tapes(p, r) for r in form.regions]
    f = form
    sizes = [
        ABI,
        len(f.unknowns),
        len(f.locals),
        len(f.lumped),
        len(f.globals),
        len(f.node_data),
        len(f.face_data),
    ]
    sizes += [len(f.particle_data), len(f.props), len(f.reductions), len(f.outputs), len(f.node_outputs)]
    sizes += [len(f.reduced), len(f.regions), len(f.tables), len(f.probes), len(p.tapes), len(nonzero)]
    out = array("i", sizes)
    out.extend(f.node_data.index(f.storage[u]) if u in f.storage else -1 for u in f.unknowns)
    out.extend(int(name in f.stored_locals) for name in f.locals)
    out.extend(int(name in f.stored_lumped) for name in f.lumped)
    out.extend(tapes)
    for r, ids in zip(f.regions, regions, strict=True):
        out.append(int(r.local is not None))
        out.append(sum(1 << f.unknowns.index(u) for u in r.absent))
        out.extend(ids)
    order = [r.name for r in f.regions]
    for _, where, output, kind in f.reduced:
        mask = sum(1 << order.index(region) for region in where)
        out.extend([mask, f.node_outputs.index(output), int(kind == "max")])
    out.extend(nonzero)
    constants = array("d")
    for t in p.tapes:
        out.extend(t.integers)
        constants.extend(t.constants)
    return Packed(out, constants)


def expressions(law: Callable[..., Any], groups: Sequence[tuple[str, int]]) -> tuple[Graph, list[Any]]:
    """The traced outputs of a law on lists of symbols: for documentation and tests."""
    graph = Graph()
    symbols = [graph.symbols(name, count) for name, count in groups]
    return graph, [v if isinstance(v, Expr) else float(v) for v in law(*symbols)]
