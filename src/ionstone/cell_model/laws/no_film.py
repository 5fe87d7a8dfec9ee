"""The null model of ``film_diffusion``: the charge transfer sees the surface of the particle."""

from __future__ import annotations

from typing import Any


def outer_stoichiometry(surface: Any, *_: Any) -> Any:
    """Filling [-] at the charge transfer."""
    return surface
