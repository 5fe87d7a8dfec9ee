"""Expressions of one variable, such as `8.794e-11*(c/1000)**2 + 4.862e-10`, parsed with a whitelist, never
eval'd.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ionstone.core.errors import InputError, nearest, shown

FUNCTIONS = ("exp", "log", "log10", "sqrt", "tanh", "sinh", "cosh", "abs", "minimum", "maximum")
CONSTANTS = {"pi": math.pi, "e": math.e}
MAX_LENGTH = 4000
MAX_NODES = 1000

Evaluator = Callable[[Any, Mapping[str, Callable[..., Any]]], Any]


@dataclass(frozen=True)
class Expression:
    """A law written as text in one variable ("x" stoichiometry, "c" concentration in mol/m^3).

    Allowed: numbers, the variable, + - * / **, brackets, the functions of FUNCTIONS, pi. Numbers are
    floats, so that `9**9**9` is an overflow and not a computation without end.
    """

    text: str
    variable: str = "x"

    def __post_init__(self) -> None:
        _compile(self.text, self.variable)

    def evaluate(self, x: Any) -> Any:
        """Return the value at x, elementwise over a numpy array; infinite where it overflows."""
        import numpy as np

        with np.errstate(all="ignore"):
            return self.apply(np.asarray(x, dtype=float), _numpy_functions()) + np.zeros(np.shape(x))

    def apply(self, x: Any, functions: Mapping[str, Callable[..., Any]]) -> Any:
        """Return the value with the caller's functions (exp, log, ...): numpy's, or those of a tracer."""
        return _compile(self.text, self.variable)(x, functions)


@lru_cache(maxsize=1)
def _numpy_functions() -> Mapping[str, Callable[..., Any]]:
    import numpy as np

    return {name: getattr(np, name) for name in FUNCTIONS}


@lru_cache(maxsize=1024)
def _compile(text: str, variable: str) -> Evaluator:
    """Parse a text to nested closures. InputError for what is not on the whitelist."""
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        raise InputError(
            f"expression is longer than {MAX_LENGTH} characters: use a table {{x: [...], y: [...]}}"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd literals such as `1if`, which are refused below
            tree = ast.parse(text.strip(), mode="eval")
        count = sum(1 for _ in ast.walk(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(
            f"{shown(text)} is not an expression: write for example 3.3e-14*exp(-2*{variable})"
        ) from None
    if count > MAX_NODES:
        raise InputError(f"expression has more than {MAX_NODES} terms: use a table {{x: [...], y: [...]}}")
    return _build(tree.body, variable, 0)


def _build(node: ast.AST, variable: str, depth: int) -> Evaluator:
    if depth > 100:
        raise InputError("expression is nested deeper than 100 brackets: simplify it")
    if isinstance(node, ast.Constant):
        return _number(node.value)
    if isinstance(node, ast.Name):
        return _name(node.id, variable)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        inner = _build(node.operand, variable, depth + 1)
        return inner if isinstance(node.op, ast.UAdd) else lambda x, f: -inner(x, f)
    if isinstance(node, ast.BinOp):
        return _binary(node, variable, depth)
    if isinstance(node, ast.Call):
        return _call(node, variable, depth)
    raise InputError(
        f"{shown(ast.unparse(node)) if isinstance(node, ast.expr) else 'that'} is not allowed in an "
        "expression:"
        f" use numbers, {variable}, + - * / **, and {', '.join(FUNCTIONS)}"
    )


def _number(value: object) -> Evaluator:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f"{shown(value)} is not allowed in an expression: use plain numbers")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError("a number in the expression is too large: use numbers below 1e308")
    return lambda x, f: number


def _name(name: str, variable: str) -> Evaluator:
    if name == variable:
        return lambda x, f: x
    if name in CONSTANTS:
        constant = CONSTANTS[name]
        return lambda x, f: constant
    raise InputError(f"unknown name {shown(name)} in the expression: the variable is {variable}")


def _binary(node: ast.BinOp, variable: str, depth: int) -> Evaluator:
    left, right = _build(node.left, variable, depth + 1), _build(node.right, variable, depth + 1)
    if isinstance(node.op, ast.Add):
        return lambda x, f: left(x, f) + right(x, f)
    if isinstance(node.op, ast.Sub):
        return lambda x, f: left(x, f) - right(x, f)
    if isinstance(node.op, ast.Mult):
        return lambda x, f: left(x, f) * right(x, f)
    if isinstance(node.op, ast.Div):
        return lambda x, f: _divide(left(x, f), right(x, f))
    if isinstance(node.op, ast.Pow):
        return lambda x, f: _power(left(x, f), right(x, f))
    raise InputError(f"{shown(ast.unparse(node))} uses an operator that is not allowed: use + - * / **")


def _divide(left: Any, right: Any) -> Any:
    if isinstance(right, float) and right == 0.0:
        return left * math.inf
    return left / right


def _power(left: Any, right: Any) -> Any:
    if isinstance(left, float) and isinstance(right, float):
        try:
            value = left**right
        except (OverflowError, ZeroDivisionError):
            return math.inf
        return value if isinstance(value, float) else math.nan
    return left**right


def _call(node: ast.Call, variable: str, depth: int) -> Evaluator:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in FUNCTIONS:
        raise InputError(f"function {shown(ast.unparse(node.func))} is unknown: {nearest(name, FUNCTIONS)}")
    wanted = 2 if name in ("minimum", "maximum") else 1
    if node.keywords or len(node.args) != wanted or any(isinstance(arg, ast.Starred) for arg in node.args):
        raise InputError(
            f"{name} takes {wanted} argument{'s' if wanted > 1 else ''}: write {name}({variable})"
        )
    arguments = [_build(argument, variable, depth + 1) for argument in node.args]
    if wanted == 1:
        (first,) = arguments
        return lambda x, f: f[name](first(x, f))
    first, second = arguments
    return lambda x, f: f[name](first(x, f), second(x, f))
