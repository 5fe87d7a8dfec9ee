"""The null model of ``dissociation``: all ions are free, none are made or taken."""

from __future__ import annotations

from typing import Any


def rate(*_: Any) -> Any:
    """Net rate of dissociation [mol/(m3 s)]."""
    return 0.0
