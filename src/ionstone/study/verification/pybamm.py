"""Checks against PyBaMM: P2D and SPM on Chen2020, a single-ion half-cell on Xu2019, a BPX file.

Both codes run on refined grids, isothermal at 298.15 K, from the initial state of the parameter set.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ionstone.study.verification import bpx
from ionstone.study.verification import reference as verify_reference
from ionstone.study.verification.check import Check
from ionstone.study.verification.metrics import Difference, compare
from ionstone.study.verification.ours import discharge, grid_text, refined
from ionstone.study.verification.reference import Reference

if TYPE_CHECKING:
    from ionstone.cell_design import Cell

GROUP = "pybamm"
Runner = Callable[[], list[Check]]
MISSING = "needs pip install 'ionstone[crosscheck]'"


@dataclass(frozen=True)
class Limits:
    """Largest allowed differences: RMSE [V], single voltage [V], end time [1]; None where none is set.

    ``ends_with``: what the end time stands for; at constant current its difference is that of the capacity.
    """

    rmse: float | None
    largest: float
    end: float | None
    ends_with: str = "end time"


P2D_LIMITS = Limits(rmse=0.3e-3, largest=1e-3, end=5e-4)
HALF_CELL_LIMITS = Limits(rmse=None, largest=1e-3, end=1e-3, ends_with="capacity")
SPM_LIMITS = Limits(rmse=None, largest=0.5e-3, end=None)


def jobs() -> list[tuple[str, Runner]]:
    """The comparisons as (name, function that runs it); each is skipped where PyBaMM is absent."""
    listed: list[tuple[str, Runner]] = []
    for text, rate in (("C/5", 0.2), ("1C", 1.0), ("2C", 2.0)):
        listed.append((f"P2D, Chen2020 at {text}", partial(_chen2020, text, rate, "P2D", P2D_LIMITS)))
    for text, rate in (("0.1C", 0.1), ("C/3", 1.0 / 3.0), ("1C", 1.0), ("2C", 2.0), ("4C", 4.0)):
        listed.append((f"P2D, Xu2019 half-cell with t+ = 1 at {text}", partial(_xu2019, text, rate)))
    for text, rate in (("C/5", 0.2), ("1C", 1.0)):
        listed.append((f"SPM, Chen2020 at {text}", partial(_chen2020, text, rate, "SPM", SPM_LIMITS)))
    listed.append(("P2D, BPX file at 1C", _bpx))
    if verify_reference.available():
        return listed
    return [(name, partial(_skipped, name)) for name, _ in listed]


def _skipped(name: str) -> list[Check]:
    return [Check.skipped(name, GROUP, MISSING)]


def _chen2020(text: str, rate: float, model: str, limits: Limits) -> list[Check]:
    reference = verify_reference.chen2020(rate, model)
    return _checks(f"{model}, Chen2020 at {text}", "lg-m50", rate, 2.5, model, reference, limits)


def _xu2019(text: str, rate: float) -> list[Check]:
    from ionstone.cell_design import load_cell

    reference = verify_reference.xu2019(rate)
    cell = load_cell("xu2019-half-cell").replace(
        {
            "separator.electrolyte.transference_number": 1.0,
            "positive.electrolyte.transference_number": 1.0,
        }
    )
    name = f"P2D, Xu2019 half-cell with t+ = 1 at {text}"
    return _checks(name, cell, rate, 2.8, "P2D", reference, HALF_CELL_LIMITS)


def _bpx() -> list[Check]:
    from ionstone.cell_design import load_cell

    with tempfile.TemporaryDirectory() as folder:
        path = bpx.write(Path(folder))
        reference = verify_reference.bpx(path, 1.0)
        cell = load_cell(path)
        return _checks("P2D, BPX file at 1C", cell, 1.0, 2.5, "P2D", reference, P2D_LIMITS)


def _checks(
    name: str, cell: str | Cell, rate: float, cutoff: float, model: str, reference: Reference, limits: Limits
) -> list[Check]:
    """Run our side and turn the differences into checks."""
    grid = refined()
    ours = discharge(cell, rate, cutoff, model=model, grid=grid)
    detail = f"{grid_text(grid, model)}; {reference.grid.text()}"
    return difference_checks(name, compare(ours, reference.trace), limits, detail)


def difference_checks(name: str, difference: Difference, limits: Limits, detail: str) -> list[Check]:
    """One check for each limit that is set."""
    checks = []
    if limits.rmse is not None:
        value = 1e3 * difference.rmse
        checks.append(Check.at_most(f"{name}: RMSE", GROUP, value, 1e3 * limits.rmse, "mV", detail))
    where = f"{difference.text()}; {detail}"
    value = 1e3 * difference.largest
    checks.append(
        Check.at_most(f"{name}: largest difference", GROUP, value, 1e3 * limits.largest, "mV", where)
    )
    if limits.end is not None:
        value = 100.0 * difference.end
        title = f"{name}: {limits.ends_with}"
        checks.append(Check.at_most(title, GROUP, value, 100.0 * limits.end, "%", detail))
    return checks
