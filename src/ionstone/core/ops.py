"""The functions that laws are written with.

Each works on Python numbers, numpy arrays (real or complex, so that derivatives can be taken by a complex
step), quantities with units, and traced expressions: an argument that knows its own operations decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

__all__ = [
    "absolute",
    "arcsinh",
    "cosh",
    "exp",
    "log",
    "maximum",
    "minimum",
    "sinh",
    "sqrt",
    "table",
    "tanh",
    "where",
]


#: tables by name while laws are evaluated on numbers and arrays
TABLES: ContextVar[Mapping[str, Callable[[Any], Any]] | None] = ContextVar("ionstone_tables", default=None)


def _real(a: Any) -> Any:
    """The part of a value that comparisons look at; quantities with units are real."""
    import numpy as np

    return a if hasattr(a, "units") else np.real(a)


class _NumpyOps:
    """Operations on numpy arrays; comparisons look at real parts only, so complex steps pass through."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        import numpy as np

        return getattr(np, name)

    def maximum(self, a: Any, b: Any) -> Any:
        import numpy as np

        return np.where(_real(a) >= _real(b), a, b)

    def minimum(self, a: Any, b: Any) -> Any:
        import numpy as np

        return np.where(_real(a) <= _real(b), a, b)

    def absolute(self, a: Any) -> Any:
        import numpy as np

        return np.where(_real(a) >= 0, a, -a)


class _NumberOps:
    """Operations on plain Python numbers."""

    exp, log, sqrt = staticmethod(math.exp), staticmethod(math.log), staticmethod(math.sqrt)
    sinh, cosh, tanh = staticmethod(math.sinh), staticmethod(math.cosh), staticmethod(math.tanh)
    arcsinh, absolute = staticmethod(math.asinh), staticmethod(abs)
    maximum, minimum = staticmethod(max), staticmethod(min)

    @staticmethod
    def where(condition: Any, a: Any, b: Any) -> Any:
        return a if condition else b


_NUMPY, _NUMBERS = _NumpyOps(), _NumberOps()


def _ops(*arguments: Any) -> Any:
    """The operations of the argument of highest rank: its own, numpy's, or those of plain numbers."""
    found: Any = _NUMBERS
    for a in arguments:
        own = getattr(type(a), "_ionstone_ops", None)
        if own is not None:
            return own
        if not isinstance(a, (int, float)) or type(a).__module__ == "numpy":
            found = _NUMPY
    return found


def exp(x: Any) -> Any:
    """Exponential of a dimensionless argument."""
    return _ops(x).exp(x)


def log(x: Any) -> Any:
    """Natural logarithm of a dimensionless argument."""
    return _ops(x).log(x)


def sqrt(x: Any) -> Any:
    """Square root."""
    return _ops(x).sqrt(x)


def sinh(x: Any) -> Any:
    """Hyperbolic sine."""
    return _ops(x).sinh(x)


def cosh(x: Any) -> Any:
    """Hyperbolic cosine."""
    return _ops(x).cosh(x)


def tanh(x: Any) -> Any:
    """Hyperbolic tangent."""
    return _ops(x).tanh(x)


def arcsinh(x: Any) -> Any:
    """Inverse hyperbolic sine."""
    return _ops(x).arcsinh(x)


def absolute(x: Any) -> Any:
    """Absolute value."""
    return _ops(x).absolute(x)


def maximum(a: Any, b: Any) -> Any:
    """The larger of two values."""
    return _ops(a, b).maximum(a, b)


def minimum(a: Any, b: Any) -> Any:
    """The smaller of two values."""
    return _ops(a, b).minimum(a, b)


def where(condition: Any, a: Any, b: Any) -> Any:
    """``a`` where the condition holds, else ``b``; both are evaluated."""
    return _ops(condition, a, b).where(condition, a, b)


def table(name: str, x: Any) -> Any:
    """Value of a tabulated function at ``x``.

    The tracer keeps its name; on numbers and arrays it is looked up in ``TABLES``, KeyError where it is not.
    """
    own = getattr(type(x), "_ionstone_ops", None)
    if own is not None:
        return own.table(name, x)
    tables = TABLES.get()
    if tables is None or name not in tables:
        raise KeyError(f"no table {name!r}: set ionstone.core.ops.TABLES before a law is called on numbers")
    return tables[name](x)
