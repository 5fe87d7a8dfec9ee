"""The thin-film cell of Danilov et al. 2011 at the rates shown there: jobs of the group ``cells``.

No table of the published curves is at hand and the parameters are recalled, so that nothing here has a
verdict: the computed capacities stand beside the theoretical one of 10 uAh.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np

from ionstone.study.validation.case import Case

GROUP = "cells"
SOURCE = "Danilov 2011, J. Electrochem. Soc. 158 A215, doi:10.1149/1.3521414 (recalled, not read)"
RATES = (1.6, 3.2, 6.4, 12.8, 25.6, 51.2)
THEORETICAL = 10.0  # uAh
NAME = "Danilov 2011: thin film"


def jobs() -> list[tuple[str, Callable[[], list[Case]]]]:
    """The cases as (name, function that computes them)."""
    return [(f"{NAME} at {rate:g}C", partial(_case, rate)) for rate in RATES]


@lru_cache(maxsize=len(RATES))
def curve(rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Charge [uAh] and voltage [V] of a discharge at a rate [1/h], from full to 3 V."""
    from ionstone.simulation import simulate

    run = simulate("danilov-thin-film", f"Discharge at {rate:g}C until 3.0 V", soc=1.0)
    return run.outputs["discharge_capacity"] / 3.6e-3, run.voltage


def _case(rate: float) -> list[Case]:
    found = float(curve(rate)[0][-1])
    note = (
        "estimated: recalled parameters, no published curve at hand; the theoretical capacity stands beside"
    )
    return [Case(f"{NAME} at {rate:g}C", GROUP, THEORETICAL, found, "uAh", None, SOURCE, note=note)]
