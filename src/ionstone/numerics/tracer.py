"""Scalar expressions as a graph: operator overloading, hash-consing, constant folding, forward derivatives.

A law is traced once by calling it with symbols. Derivatives are taken on the graph, so values and derivatives
of all orders share their common parts.
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

HINT = "The value of an expression is not known while a law is traced. "
COMPARE = (">", "<", ">=", "<=")
FUNCTIONS = ("exp", "log", "sqrt", "sinh", "cosh", "tanh", "arcsinh", "absolute")


class TraceError(TypeError):
    """A law used Python that cannot be traced; the message says what to write instead."""


class Expr:
    """One node of the graph; ``args`` are nodes, numbers or names."""

    __slots__ = ("args", "graph", "index", "op")

    def __init__(self, graph: Graph, op: str, args: tuple[Any, ...], index: int) -> None:
        self.graph, self.op, self.args, self.index = graph, op, args, index

    def __add__(self, o: Any) -> Any:
        return self.graph.binary("+", self, o)

    def __radd__(self, o: Any) -> Any:
        return self.graph.binary("+", o, self)

    def __sub__(self, o: Any) -> Any:
        return self.graph.binary("-", self, o)

    def __rsub__(self, o: Any) -> Any:
        return self.graph.binary("-", o, self)

    def __mul__(self, o: Any) -> Any:
        return self.graph.binary("*", self, o)

    def __rmul__(self, o: Any) -> Any:
        return self.graph.binary("*", o, self)

    def __truediv__(self, o: Any) -> Any:
        return self.graph.binary("/", self, o)

    def __rtruediv__(self, o: Any) -> Any:
        return self.graph.binary("/", o, self)

    def __pow__(self, o: Any) -> Any:
        return self.graph.power(self, o)

    def __rpow__(self, o: Any) -> Any:
        return self.graph.power(o, self)

    def __neg__(self) -> Any:
        return self.graph.negative(self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self.graph.function("absolute", self)

    def __gt__(self, o: Any) -> Any:
        return self.graph.node(">", self, self.graph.number(o))

    def __lt__(self, o: Any) -> Any:
        return self.graph.node("<", self, self.graph.number(o))

    def __ge__(self, o: Any) -> Any:
        return self.graph.node(">=", self, self.graph.number(o))

    def __le__(self, o: Any) -> Any:
        return self.graph.node("<=", self, self.graph.number(o))

    __hash__ = object.__hash__

    def __eq__(self, o: object) -> Any:
        raise TraceError(f"{HINT}`==` cannot be traced: compare with < or > inside where(condition, a, b).")

    def __bool__(self) -> bool:
        raise TraceError(
            f"{HINT}It was used in an if, while, and, or, not, min() or max(): "
            "write where(condition, a, b), maximum(a, b) or minimum(a, b) from ionstone.core.ops instead."
        )

    def __float__(self) -> float:
        raise TraceError(
            f"{HINT}It was converted to a number, for instance by a function of the math module: "
            "use the functions of ionstone.core.ops (exp, log, sqrt, ...)."
        )

    __int__ = __index__ = __complex__ = __float__

    def __iter__(self, *_: Any) -> Any:
        raise TraceError(
            "A law is made of scalars: an expression cannot be indexed or iterated over, write each term out."
        )

    __getitem__ = __len__ = __iter__

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **_: Any) -> Any:
        """Arithmetic with numbers of numpy; every other function of numpy is an error."""
        if ufunc.__name__ in _ARITHMETIC and method == "__call__":
            a, b = (z if isinstance(z, Expr) else self.graph.number(z) for z in inputs)
            return _ARITHMETIC[ufunc.__name__](a, b)
        raise TraceError(
            f"{HINT}It was given to numpy.{ufunc.__name__}: use the functions of ionstone.core.ops "
            "(exp, log, sqrt, where, maximum, ...)."
        )

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TraceError(
            f"{HINT}It was given to a function of numpy: use the functions of ionstone.core.ops "
            "(exp, log, sqrt, where, maximum, ...)."
        )


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "true_divide": operator.truediv,
    "power": operator.pow,
    "greater": operator.gt,
    "less": operator.lt,
    "greater_equal": operator.ge,
    "less_equal": operator.le,
}


class _TracedOps:
    """What ``ionstone.core.ops`` calls on traced expressions."""

    def __getattr__(self, name: str) -> Any:
        if name in FUNCTIONS:
            return lambda x: x.graph.function(name, x)
        raise TraceError(f"{name} is not available in a law")

    @staticmethod
    def where(condition: Any, a: Any, b: Any) -> Any:
        if not isinstance(condition, Expr):
            return a if condition else b
        return condition.graph.select(condition, a, b)

    @staticmethod
    def maximum(a: Any, b: Any) -> Any:
        return (a if isinstance(a, Expr) else b).graph.binary("max", a, b)

    @staticmethod
    def minimum(a: Any, b: Any) -> Any:
        return (a if isinstance(a, Expr) else b).graph.binary("min", a, b)

    @staticmethod
    def table(name: str, x: Expr) -> Any:
        return x.graph.node("table", name, 0, x)


Expr._ionstone_ops = _TracedOps()  # type: ignore[attr-defined]
Value = Expr | float


class Graph:
    """All expressions of one trace; equal expressions are one node."""

    def __init__(self) -> None:
        self.known: dict[tuple[Any, ...], Expr] = {}
        self.nodes: list[Expr] = []

    def node(self, op: str, *args: Any) -> Expr:
        """The node ``op(args)``, made once."""
        for a in args:
            if isinstance(a, Expr) and a.graph is not self:
                raise TraceError(
                    "a law must depend on its arguments only, not on an expression of another trace"
                )
        key = (op, *(("#", a.index) if isinstance(a, Expr) else a for a in args))
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = Expr(self, op, args, len(self.nodes))
            self.nodes.append(found)
        return found

    def symbols(self, group: str, count: int) -> list[Expr]:
        """Input symbols of one group."""
        return [self.node("input", group, i) for i in range(count)]

    @staticmethod
    def number(x: Any) -> Any:
        """A node or a float."""
        if isinstance(x, Expr):
            return x
        try:
            return float(x)
        except (TypeError, ValueError):
            raise TraceError(
                f"{type(x).__name__} cannot be used in arithmetic with a traced expression"
            ) from None

    def binary(self, op: str, a: Any, b: Any) -> Any:
        """``a op b`` with folding of constants, zeros and ones."""
        a, b = self.number(a), self.number(b)
        if not isinstance(a, Expr) and not isinstance(b, Expr) and not (op == "/" and b == 0):
            return _FOLD[op](a, b)
        simple = _SIMPLIFY[op](self, a, b)
        if simple is not None:
            return simple
        swap = not isinstance(a, Expr) or (isinstance(b, Expr) and a.index > b.index)
        if op in ("+", "*", "max", "min") and swap:
            a, b = b, a
        return self.node(op, a, b)

    def negative(self, a: Any) -> Any:
        """``-a``."""
        if not isinstance(a, Expr):
            return -a
        if a.op == "neg":
            return a.args[0]
        if a.op == "*" and not isinstance(a.args[1], Expr):
            return self.binary("*", a.args[0], -a.args[1])
        return self.node("neg", a)

    def power(self, a: Any, b: Any) -> Any:
        """``a ** b``; small whole powers become products."""
        a, b = self.number(a), self.number(b)
        if not isinstance(a, Expr) and not isinstance(b, Expr):
            return a**b
        if isinstance(b, Expr):
            return self.node("pow", self.constant(a), b)
        if b == 0.5:
            return self.function("sqrt", a)
        if b == int(b) and 0 <= b <= 8:
            result: Any = 1.0
            for _ in range(int(b)):
                result = self.binary("*", result, a)
            return result
        if b == int(b) and -8 <= b < 0:
            return self.binary("/", 1.0, self.power(a, -b))
        return self.node("pow", a, b)

    def constant(self, a: Any) -> Any:
        """A number as a node where an instruction needs a row."""
        return a if isinstance(a, Expr) else self.node("const", float(a))

    def function(self, name: str, a: Any) -> Any:
        """A function of one argument."""
        if isinstance(a, Expr):
            return self.node(name, a)
        return (
            builtins.abs(a) if name == "absolute" else getattr(math, {"arcsinh": "asinh"}.get(name, name))(a)
        )

    def select(self, c: Any, a: Any, b: Any) -> Any:
        """``a`` where ``c`` else ``b``."""
        a, b = self.number(a), self.number(b)
        if a is b or (not isinstance(a, Expr) and not isinstance(b, Expr) and a == b):
            return a
        return self.node("select", c, a, b)

    def partials(self, x: Expr) -> tuple[Any, ...]:
        """Partial derivatives of a node with respect to its arguments (0 for names)."""
        rule = _RULES.get(x.op)
        return rule(self, x, *x.args) if rule else (0.0,) * len(x.args)

    def jvp(self, outputs: Sequence[Any], seed: Mapping[int, Any]) -> list[Any]:
        """Derivatives of ``outputs`` along ``seed``: node index -> tangent (number or node)."""
        tangent: dict[int, Any] = dict(seed)
        for x in reachable(outputs):
            if x.index in tangent:
                continue
            total: Any = 0.0
            if x.op == "select":  # selected, not multiplied: a NaN of the other branch must not leak
                a, b = (self._tangent(tangent, z) for z in x.args[1:])
                total = self.select(x.args[0], a, b)
            else:
                for p, a in zip(self.partials(x), x.args, strict=True):
                    t = self._tangent(tangent, a)
                    if isinstance(t, Expr) or t != 0.0:
                        total = self.binary("+", total, self.binary("*", p, t))
            tangent[x.index] = total
        return [self._tangent(tangent, z) for z in outputs]

    @staticmethod
    def _tangent(tangent: Mapping[int, Any], a: Any) -> Any:
        return tangent.get(a.index, 0.0) if isinstance(a, Expr) else 0.0

    def jacobian(self, outputs: Sequence[Any], inputs: Iterable[Any]) -> list[list[Any]]:
        """``J[output][input]`` by forward mode."""
        columns = [self.jvp(outputs, {x.index: 1.0}) for x in inputs]
        return [[c[r] for c in columns] for r in range(len(outputs))]


def reachable(outputs: Iterable[Any]) -> list[Expr]:
    """Nodes that the outputs need, arguments before users."""
    seen: set[int] = set()
    stack = [z for z in outputs if isinstance(z, Expr)]
    found: list[Expr] = []
    while stack:
        x = stack.pop()
        if x.index in seen:
            continue
        seen.add(x.index)
        found.append(x)
        stack.extend(a for a in x.args if isinstance(a, Expr))
    return sorted(found, key=lambda x: x.index)


_FOLD: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "max": max,
    "min": min,
}


def _is(a: Any, value: float) -> bool:
    return not isinstance(a, Expr) and a == value


def _add(g: Graph, a: Any, b: Any) -> Any:
    if _is(a, 0):
        return b
    if _is(b, 0):
        return a
    if isinstance(b, Expr) and b.op == "neg":
        return g.binary("-", a, b.args[0])
    if isinstance(a, Expr) and a.op == "neg":
        return g.binary("-", b, a.args[0])
    return None


def _subtract(g: Graph, a: Any, b: Any) -> Any:
    if _is(b, 0):
        return a
    if _is(a, 0):
        return g.negative(b)
    if a is b:
        return 0.0
    if isinstance(b, Expr) and b.op == "neg":
        return g.binary("+", a, b.args[0])
    return None


def _multiply(g: Graph, a: Any, b: Any) -> Any:
    if not isinstance(a, Expr):
        a, b = b, a
    if not isinstance(b, Expr):
        if b == 0:
            return 0.0  # hides NaN and infinity of a: wanted, structural zeros stay zeros
        if b == 1:
            return a
        if b == -1:
            return g.negative(a)
        if a.op == "*" and not isinstance(a.args[1], Expr):
            return g.binary("*", a.args[0], a.args[1] * b)
        if a.op == "neg":
            return g.binary("*", a.args[0], -b)
        return None
    if a.op == "neg":
        return g.negative(g.binary("*", a.args[0], b))
    if b.op == "neg":
        return g.negative(g.binary("*", a, b.args[0]))
    return None


def _divide(g: Graph, a: Any, b: Any) -> Any:
    if _is(a, 0):
        return 0.0
    if not isinstance(b, Expr):
        if b == 0:
            raise TraceError("a law divides by the constant 0")
        return g.binary("*", a, 1.0 / b)
    return None


def _extreme(g: Graph, a: Any, b: Any) -> Any:
    return a if a is b else None


_SIMPLIFY = {"+": _add, "-": _subtract, "*": _multiply, "/": _divide, "max": _extreme, "min": _extreme}


def _log_of(g: Graph, a: Any) -> Any:
    return g.function("log", a)


_RULES: dict[str, Any] = {
    "+": lambda g, x, a, b: (1.0, 1.0),
    "-": lambda g, x, a, b: (1.0, -1.0),
    "*": lambda g, x, a, b: (b, a),
    "/": lambda g, x, a, b: (1.0 / b, -x / b),
    "neg": lambda g, x, a: (-1.0,),
    "pow": lambda g, x, a, b: (
        b * g.power(a, b - 1.0) if not isinstance(b, Expr) else b * x / a,
        x * _log_of(g, a) if isinstance(b, Expr) else 0.0,
    ),
    "max": lambda g, x, a, b: (g.select(g.node(">", a, b), 1.0, 0.0), g.select(g.node(">", a, b), 0.0, 1.0)),
    "min": lambda g, x, a, b: (g.select(g.node("<", a, b), 1.0, 0.0), g.select(g.node("<", a, b), 0.0, 1.0)),
    "table": lambda g, x, name, order, a: (0.0, 0.0, g.node("table", name, order + 1, a)),
    "exp": lambda g, x, a: (x,),
    "log": lambda g, x, a: (1.0 / a,),
    "sqrt": lambda g, x, a: (0.5 / x,),
    "sinh": lambda g, x, a: (g.function("cosh", a),),
    "cosh": lambda g, x, a: (g.function("sinh", a),),
    "tanh": lambda g, x, a: (1.0 - x * x,),
    "arcsinh": lambda g, x, a: (1.0 / g.function("sqrt", 1.0 + a * a),),
    "absolute": lambda g, x, a: (g.select(g.node(">", a, 0.0), 1.0, -1.0),),
}
