"""What is kept of long runs: metrics and ends of the steps of a protocol, in place of all points.

Rows are worked up as they come from the kernel, so that memory grows with the steps of the protocol and not
with the steps of time.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ionstone.core.errors import InputError
from ionstone.results.steps import STEP_UNITS, metrics_of_whole
from ionstone.simulation.metrics import points_of

FloatArray = NDArray[np.float64]
KINDS = ("points", "steps")


def check_keep(keep: str, period: object, curve: object) -> bool:
    """Whether only steps are kept; InputError where a setting asks for points that are not."""
    if keep not in KINDS:
        raise InputError(
            f"keep is {keep!r}: give 'points' (all of a run) or 'steps' (metrics and ends of steps)"
        )
    for name, value in (("period", period), ("curve", curve)):
        if keep == "steps" and value is not None:
            raise InputError(f"{name} needs the points of a run, which keep='steps' drops: leave one out")
    return keep == "steps"


class Steps:
    """Steps of the lanes of a batch, from rows that come piece by piece."""

    def __init__(self, lanes: int, columns: Mapping[str, int], shown: Mapping[str, object]) -> None:
        """``columns``: of each output its place in a row, after time and step. ``shown``: outputs that the
        cells have."""
        self.columns, self.shown = columns, shown
        self._waiting: list[list[FloatArray]] = [[] for _ in range(lanes)]  # rows of a step that goes on
        self._parts: list[list[dict[str, NDArray[np.float64]]]] = [[] for _ in range(lanes)]
        self._low = np.full((lanes, len(columns)), np.inf)
        self._high = -self._low

    def take(self, lane: int, rows: FloatArray) -> FloatArray:
        """Work up rows of a lane (none: it has ended); gives the first and last row of complete steps."""
        if len(rows):
            self._low[lane] = np.fmin(self._low[lane], np.fmin.reduce(rows[:, 2:]))
            self._high[lane] = np.fmax(self._high[lane], np.fmax.reduce(rows[:, 2:]))
        waiting = self._waiting[lane]
        whole = np.concatenate([*waiting, rows]) if waiting else rows
        step = np.floor(whole[:, 1])
        first = np.flatnonzero(np.diff(step, prepend=-1.0))
        end = len(whole)
        if len(rows):  # the last step may go on
            end, first = int(first[-1]), first[:-1]
        self._waiting[lane] = [whole[end:].copy()] if end < len(whole) else []
        if not len(first):
            return np.empty((0, rows.shape[1]))
        last = np.append(first[1:], end) - 1
        pieces = [whole[a : b + 1] for a, b in zip(first, last, strict=True)]
        table = {"step": step[first].astype(int), "start": whole[first, 0]}
        metrics = points_of(pieces, self.columns, self.shown).metrics()
        self._parts[lane].append(table | {name: v for name, v in metrics.items() if name in STEP_UNITS})
        ends = np.column_stack([first, last]).ravel()
        kept: FloatArray = whole[ends[np.diff(ends, prepend=-1) > 0]]
        return kept

    def table(self, lane: int) -> dict[str, NDArray[np.float64]]:
        """Metrics of each step of a lane: see ``ionstone.results.steps``."""
        parts = self._parts[lane]
        names = parts[0] if parts else {"step": None}
        return {n: np.concatenate([p[n] for p in parts] or [np.empty(0)]) for n in names}

    def extremes(self, lane: int) -> dict[str, FloatArray]:
        """Least and largest value of each output over the whole run."""
        return {n: np.array([self._low[lane, k], self._high[lane, k]]) for n, k in self.columns.items()}

    def metrics(self) -> dict[str, FloatArray]:
        """Each metric of the whole runs, one value a lane."""
        runs = [metrics_of_whole(self.table(i)) for i in range(len(self._parts))]
        names = {name: None for run in runs for name in run}
        return {name: np.array([run.get(name, np.nan) for run in runs]) for name in names}
