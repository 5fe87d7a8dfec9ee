"""The null model of ``coulombic_loss``: all lithium that is plated can be stripped."""

from __future__ import annotations

from typing import Any


def rate(*_: Any) -> Any:
    """Rate of lost charge [A/m2]."""
    return 0.0
