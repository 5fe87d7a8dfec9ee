"""Own laws for the benchmark of ageing: a film limited by its reaction, as PyBaMM's ``reaction limited``.

The drop in the film is left out of what drives the reaction.
"""

from __future__ import annotations

from typing import Any

import ionstone as ion
from ionstone.core.constants import F, R
from ionstone.core.ops import exp

J0 = ion.parameter("1.5e-7 A/m^2", "A/m^2")
U_FILM = ion.parameter("0.4 V", "V")
VOLUME = ion.parameter(9.585e-5)  # m3/mol


def side_reaction(potential: Any, temperature: Any, j0: Any = J0, u: Any = U_FILM) -> Any:
    """Current density of the reaction [A/m2], negative: it takes ions from the electrolyte."""
    return -j0 * exp(-F * (potential - u) / (2 * R * temperature))


@ion.state("5 nm", "m", lower=0.0, upper=1e-6, description="thickness of the film")
def growth(potential: Any, temperature: Any, j0: Any = J0, u: Any = U_FILM, volume: Any = VOLUME) -> Any:
    """Growth of the film [m/s]: two lithium ions a molecule."""
    return -volume * side_reaction(potential, temperature, j0, u) / (2 * F)


laws = {"negative.film": growth, "negative.side_current_density": side_reaction}
