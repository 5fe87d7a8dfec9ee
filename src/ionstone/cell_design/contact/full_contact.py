"""The null model: pressure does not act on contact."""

from __future__ import annotations

from typing import Any


def contact_fraction(pressure: Any, highest: Any, half: Any, exponent: Any, release: Any) -> Any:
    """theta [-], always 1."""
    del pressure, highest, half, exponent, release
    return 1.0
