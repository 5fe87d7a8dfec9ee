"""The null model of ``vacancy_balance``: lithium stays in contact however fast it is stripped."""

from __future__ import annotations

from typing import Any


def rate(*_: Any) -> Any:
    """Rate of voids [1/s]."""
    return 0.0


def contact_share(*_: Any) -> Any:
    """Share of the contact that is left [-]."""
    return 1.0
