"""Traced expressions lowered to a tape: operations that the kernel runs over rows of nodes and lanes.

A tape has a prologue (what depends on invariant inputs only, run once) and a main part. Rows are numbered:
inputs, invariant rows, outputs, scratch rows reused by liveness. Output -1 means structurally zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ionstone.numerics.tracer import Expr, Graph, TraceError, reachable

OPERATIONS = [
    "const",
    "copy",
    "add",
    "sub",
    "mul",
    "div",
    "inv",
    "neg",
    "exp",
    "log",
    "sqrt",
    "tanh",
    "max",
    "min",
    "pow",
    "abs",
    "fma",
    "fms",
    "fnma",
    "addk",
    "rsubk",
    "mulk",
    "fmaka",
    "fmakb",
    "gt",
    "lt",
    "ge",
    "le",
    "select",
]
CODE = {name: i for i, name in enumerate(OPERATIONS)}
#: TABLE + mask - 1: table lookup, one destination for each order of derivative in the mask
TABLE = len(OPERATIONS)
_BINARY = {"+": "add", "-": "sub", "*": "mul", "/": "div", "max": "max", "min": "min", "pow": "pow"}
_COMPARE = {">": "gt", "<": "lt", ">=": "ge", "<=": "le"}
_UNARY = {"exp": "exp", "log": "log", "sqrt": "sqrt", "tanh": "tanh", "absolute": "abs", "neg": "neg"}
_MAX_SLOTS = 250


@dataclass(frozen=True)
class Group:
    """A group of input rows; ``invariant`` rows do not change during a run."""

    name: str
    count: int
    invariant: bool = False


@dataclass(frozen=True)
class Instruction:
    """``op``: code; ``to``: destination rows; ``args``: source rows; ``k``: constant or table number."""

    op: int
    to: tuple[str, ...]
    args: tuple[str, ...]
    k: int = 0


@dataclass(frozen=True)
class Tape:
    """A packed tape: integers and constants as the kernel reads them, and which inputs are used."""

    integers: tuple[int, ...]
    constants: tuple[float, ...]
    used: tuple[bool, ...]
    zero: tuple[bool, ...]


def _lower(graph: Graph, outputs: Sequence[Any]) -> list[Any]:
    """Replace functions the kernel has not by those it has."""
    done: dict[int, Any] = {}

    def get(a: Any) -> Any:
        return done[a.index] if isinstance(a, Expr) else a

    for x in reachable(outputs):
        a = [get(z) for z in x.args]
        if x.op in ("sinh", "cosh"):
            e = graph.function("exp", a[0])
            done[x.index] = 0.5 * (e - 1.0 / e) if x.op == "sinh" else 0.5 * (e + 1.0 / e)
        elif x.op == "arcsinh":
            m = graph.function("absolute", a[0])
            r = graph.function("log", m + graph.function("sqrt", m * m + 1.0))
            done[x.index] = graph.select(graph.node(">", a[0], 0.0), r, -r)
        elif x.op in _FOLDING:
            done[x.index] = _FOLDING[x.op](graph, *a)
        else:
            done[x.index] = graph.node(x.op, *a)
    return [get(z) for z in outputs]


_FOLDING: dict[str, Callable[..., Any]] = {
    **{op: (lambda g, a, b, op=op: g.binary(op, a, b)) for op in ("+", "-", "*", "/", "max", "min")},
    "neg": lambda g, a: g.negative(a),
    "select": lambda g, c, a, b: g.select(c, a, b),
}


class _Builder:
    """Collects instructions of one tape."""

    def __init__(self, groups: Sequence[Group], outputs: Sequence[Any], tables: Sequence[str]) -> None:
        self.table_number = {name: i for i, name in enumerate(tables)}
        self.inputs = [f"{g.name}.{i}" for g in groups for i in range(g.count)]
        self.invariant = {f"{g.name}.{i}" for g in groups for i in range(g.count) if g.invariant}
        self.outputs = outputs
        self.constants: list[float] = []
        self.constant_rows: dict[float, str] = {}
        self.prologue: list[Instruction] = []
        self.main: list[Instruction] = []
        self.name: dict[int, str] = {}
        order = reachable(outputs)
        self.uses: dict[int, int] = {}
        for x in order:
            for a in x.args:
                if isinstance(a, Expr):
                    self.uses[a.index] = self.uses.get(a.index, 0) + 1
        for z in outputs:
            if isinstance(z, Expr):
                self.uses[z.index] = self.uses.get(z.index, 0) + 2
        self._find_invariants(order)
        self.fused = self._find_fused(order)
        self.tables = self._find_tables(order)
        for x in order:
            self._emit(x)

    def _find_invariants(self, order: Sequence[Expr]) -> None:
        self.fixed: set[int] = set()
        for x in order:
            if x.op == "input":
                if f"{x.args[0]}.{x.args[1]}" in self.invariant:
                    self.fixed.add(x.index)
            elif all(a.index in self.fixed for a in x.args if isinstance(a, Expr)):
                self.fixed.add(x.index)

    def _find_fused(self, order: Sequence[Expr]) -> dict[int, tuple[str, Expr, Any]]:
        """Sums with a product that is used once: (operation, product, other term)."""
        found: dict[int, tuple[str, Expr, Any]] = {}
        taken: set[int] = set()
        for x in order:
            if x.op not in ("+", "-"):
                continue
            for i in (1, 0):
                p, other = x.args[i], x.args[1 - i]
                single = (
                    isinstance(p, Expr) and p.op == "*" and self.uses[p.index] == 1 and p.index not in taken
                )
                if single and (p.index in self.fixed) == (x.index in self.fixed):
                    found[x.index] = ("fma" if x.op == "+" else "fnma" if i == 1 else "fms", p, other)
                    taken.add(p.index)
                    break
        self.taken = taken
        return found

    def _find_tables(self, order: Sequence[Expr]) -> dict[tuple[str, int], dict[int, Expr]]:
        found: dict[tuple[str, int], dict[int, Expr]] = {}
        for x in order:
            if x.op == "table":
                if not 0 <= x.args[1] <= 3:
                    raise TraceError("a table has derivatives up to the third order")
                found.setdefault((x.args[0], x.args[2].index), {})[x.args[1]] = x
        return found

    def _constant(self, value: float) -> int:
        if value not in self.constants:
            self.constants.append(value)
        return self.constants.index(value)

    def row(self, a: Any) -> str:
        """The name of the row that holds a node or a constant."""
        if isinstance(a, Expr):
            return self.name[a.index]
        value = float(a)
        if value not in self.constant_rows:
            name = f"k{value!r}"
            self.constant_rows[value] = name
            self.invariant.add(name)
            self.prologue.append(Instruction(CODE["const"], (name,), (), self._constant(value)))
        return self.constant_rows[value]

    def _put(self, x: Expr, op: str, args: Sequence[Any], k: int = 0) -> None:
        name = f"v{x.index}"
        self.name[x.index] = name
        rows = tuple(self.row(a) for a in args)
        fixed = x.index in self.fixed
        if fixed:
            self.invariant.add(name)
        (self.prologue if fixed else self.main).append(Instruction(CODE[op], (name,), rows, k))

    def _emit(self, x: Expr) -> None:
        if x.index in self.taken:
            return
        if x.op == "input":
            self.name[x.index] = f"{x.args[0]}.{x.args[1]}"
        elif x.op == "const":
            self.name[x.index] = self.row(x.args[0])
        elif x.op == "table":
            self._emit_table(x)
        elif x.index in self.fused:
            self._emit_fused(x)
        elif x.op in _BINARY:
            self._emit_binary(x)
        elif x.op in _COMPARE:
            self._put(x, _COMPARE[x.op], x.args)
        elif x.op == "select":
            self._put(x, "select", x.args)
        elif x.op in _UNARY:
            self._put(x, _UNARY[x.op], x.args)
        else:
            raise TraceError(f"{x.op} is not available on a tape")

    def _emit_table(self, x: Expr) -> None:
        if x.index in self.name:
            return
        orders = self.tables[(x.args[0], x.args[2].index)]
        names = []
        for order in sorted(orders):
            self.name[orders[order].index] = f"v{orders[order].index}"
            names.append(self.name[orders[order].index])
        mask = sum(1 << o for o in orders)
        fixed = x.index in self.fixed
        if fixed:
            self.invariant.update(names)
        target = self.prologue if fixed else self.main
        number = self.table_number.get(x.args[0])
        if number is None:
            raise TraceError(
                f"a law uses the table {x.args[0]!r}; the model has {', '.join(self.table_number)}"
            )
        target.append(Instruction(TABLE + mask - 1, tuple(names), (self.row(x.args[2]),), number))

    def _emit_fused(self, x: Expr) -> None:
        op, product, other = self.fused[x.index]
        a, b = product.args
        if not isinstance(a, Expr):
            a, b = b, a
        if not isinstance(b, Expr) and op == "fnma":
            op, b = "fma", -b
        if op == "fma" and not isinstance(b, Expr) and isinstance(other, Expr):
            self._put(x, "fmaka", (a, other), self._constant(b))
        elif op == "fma" and isinstance(b, Expr) and not isinstance(other, Expr):
            self._put(x, "fmakb", (a, b), self._constant(float(other)))
        else:
            self._put(x, op, (a, b, other))

    def _emit_binary(self, x: Expr) -> None:
        a, b = x.args
        number = not isinstance(b, Expr)
        if x.op == "+" and number:
            self._put(x, "addk", (a,), self._constant(b))
        elif x.op == "-" and number:
            self._put(x, "addk", (a,), self._constant(-b))
        elif x.op == "-" and not isinstance(a, Expr):
            self._put(x, "rsubk", (b,), self._constant(a))
        elif x.op == "*" and number:
            self._put(x, "mulk", (a,), self._constant(b))
        elif x.op == "/" and not isinstance(a, Expr) and a == 1.0:
            self._put(x, "inv", (b,))
        else:
            self._put(x, _BINARY[x.op], (a, b))


def _allocate(
    code: Sequence[Instruction], slot: dict[str, int], keep: set[str], first: int
) -> tuple[list[int], int]:
    """Numbers for rows: named ones from ``slot``, the others reused when dead.

    Returns packed code and rows used.
    """
    last: dict[str, int] = {}
    for i, ins in enumerate(code):
        for name in (*ins.to, *ins.args):
            last[name] = i
    rows, free, high, packed = dict(slot), [], first, []
    for i, ins in enumerate(code):
        sources = [rows[a] for a in ins.args]
        dying = [
            rows[a] for a in dict.fromkeys(ins.args) if last[a] == i and rows[a] >= first and a not in keep
        ]
        if len(ins.to) == 1:
            # a destination may overwrite a dying source: each element is read before it is written
            free.extend(dying)
        targets = []
        for name in ins.to:
            if name not in rows:
                if free:
                    rows[name] = free.pop()
                else:
                    rows[name], high = high, high + 1
            targets.append(rows[name])
        if len(ins.to) > 1:
            free.extend(dying)
        free.extend(rows[n] for n in ins.to if last[n] == i and rows[n] >= first and n not in keep)
        d = targets + [0] * (4 - len(targets))
        a = sources + [0] * (3 - len(sources))
        packed += [
            ins.op,
            d[0],
            a[0],
            d[1] if len(targets) > 1 else a[1],
            d[2] if len(targets) > 2 else a[2],
            ins.k,
            d[3],
            0,
        ]
    return packed, high


def build(law: Callable[..., Sequence[Any]], groups: Sequence[Group], tables: Sequence[str] = ()) -> Tape:
    """Trace ``law(graph, *symbols of each group)`` and pack the result.

    ``tables`` names the slots of tables.
    """
    graph = Graph()
    symbols = [graph.symbols(g.name, g.count) for g in groups]
    outputs = _lower(graph, [Graph.number(z) for z in law(graph, *symbols)])
    b = _Builder(groups, outputs, tables)
    out_rows = [b.row(z) if isinstance(z, Expr) or z != 0.0 else None for z in outputs]
    slot = {name: i for i, name in enumerate(b.inputs)}
    needed = {a for ins in b.main for a in ins.args} | {n for n in out_rows if n}
    for ins in b.prologue:
        for name in ins.to:
            if name in needed:
                slot[name] = len(slot)
    invariant_rows = len(slot) - len(b.inputs)
    for n in out_rows:
        if n and n not in slot:
            slot[n] = len(slot)
    full = len(slot)
    prologue, high1 = _allocate(b.prologue, slot, needed, full)
    main, high2 = _allocate(b.main, slot, {n for n in out_rows if n}, full)
    slots = max(high1, high2, full)
    if slots > _MAX_SLOTS:
        raise TraceError(f"a law needs {slots} rows of memory, at most {_MAX_SLOTS} are available: split it")
    used_rows = {a for ins in (*b.main, *b.prologue) for a in ins.args} | {n for n in out_rows if n}
    used = tuple(name in used_rows for name in b.inputs)
    out = [slot[n] if n else -1 for n in out_rows]
    head = [
        len(b.inputs),
        invariant_rows,
        full,
        slots,
        len(out),
        len(prologue) // 8,
        len(main) // 8,
        len(b.constants),
    ]
    integers = (*head, *(int(u) for u in used), *out, *prologue, *main)
    return Tape(integers, tuple(b.constants), used, tuple(n is None for n in out_rows))
