"""Large batches in chunks: metrics are kept, rows are not, so that memory does not grow with the lanes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.core.errors import InputError
from ionstone.numerics.kernel import STOPPED
from ionstone.results import Run
from ionstone.simulation.batch import Batch
from ionstone.simulation.codes import MESSAGES
from ionstone.simulation.job import Job, Stop, Tell

#: lanes up to which all rows are kept
KEPT = 2000
#: lanes of the first and of the largest chunk, and bytes of rows that a chunk may hold
_FIRST, _MOST, _BYTES = 64, 256, 64e6


class Streamed(Batch):
    """A batch of which metrics are kept; ``batch[i]`` computes a run again, with the same numbers."""

    def __init__(self, job: Job) -> None:
        count = len(job.lanes)
        self.job, self.cells, self.plan = job, job.lanes, job.plan
        self.stopped = False
        self.code = np.full(count, STOPPED)
        self.messages: dict[int, str] = {}
        self._metrics: dict[str, NDArray[Any]] = {"end_reason": np.full(count, "", dtype=object)}
        self._runs = {}

    def take(self, first: int, part: Batch) -> None:
        """Keep the metrics of a chunk that is done."""
        last = first + len(part)
        self.code[first:last] = part.code
        for i in np.flatnonzero(part.code):
            self.messages[first + int(i)] = part.message(int(i))
        for name, values in part.summary.items():
            if name not in self._metrics:
                self._metrics[name] = np.full(len(self.code), np.nan)
            self._metrics[name][first:last] = values

    @cached_property
    def summary(self) -> Mapping[str, NDArray[Any]]:
        """Each metric of the runs as an array; not a number where a lane failed or was not reached."""
        return self._metrics

    def message(self, i: int) -> str:
        """What happened in lane ``i``, likely why, and what to try; empty where all went well."""
        i = range(len(self))[i]
        return self.messages.get(i, MESSAGES.get(int(self.code[i]), ""))

    def _run(self, i: int) -> Run:
        run: Run = self.job.run(i, i + 1)[0]
        return run

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        return self._run(range(len(self))[i])


def run_job(
    job: Job,
    *,
    progress: bool | Callable[[float], None] | None = None,
    out: str | Path | None = None,
    curve: str | None = None,
) -> Batch:
    """Run all lanes: together where they are few, else in chunks; into a store where ``out`` names one."""
    count = len(job.lanes)
    if curve is not None and (out is None or curve not in ("time", "capacity")):
        raise InputError(f"curve is {curve!r}: give 'time' or 'capacity', and a file with out")
    if count == 1 and out is None:
        return job.run(0, 1, progress if callable(progress) else None)
    stop = Stop()
    with _told(progress) as tell, stop.listening():
        if count <= KEPT and out is None:
            batch = job.run(0, count, tell, stop)
        else:
            batch = _in_chunks(job, tell, stop, out, curve)
    if batch.stopped:
        done = int(np.count_nonzero(batch.code != STOPPED))
        warnings.warn(f"stopped by Ctrl-C: {done} of {count} lanes are done", stacklevel=4)
    return batch


def _in_chunks(job: Job, tell: Tell | None, stop: Stop, out: str | Path | None, curve: str | None) -> Batch:
    from ionstone.simulation.stores import open_store

    batch, count = Streamed(job), len(job.lanes)
    first, size = 0, _FIRST

    def keep(at: int, part: Batch) -> None:
        batch.take(at, part)
        store.add(at, part)

    with open_store(out, job.lanes, curve) as store, ThreadPoolExecutor(1) as pool:
        kept: Future[None] | None = None  # metrics of a chunk are computed while the next one runs
        while first < count and not stop.asked:
            last = min(first + size, count)
            part = job.run(first, last, _share(tell, first, last, count), stop)
            if kept is not None:
                kept.result()
            kept = pool.submit(keep, first, part)
            held = sum(r.nbytes for r in part.outcome.rows) / len(part)
            size, first = int(min(_MOST, max(8, _BYTES / max(held, 1.0)))) // 8 * 8, last
        if kept is not None:
            kept.result()
    batch.stopped = stop.asked
    return batch


def _share(tell: Tell | None, first: int, last: int, count: int) -> Tell | None:
    """Progress of a chunk as that of the batch."""
    if tell is None:
        return None
    return lambda done: tell((first + done * (last - first)) / count)


@contextmanager
def _told(progress: bool | Callable[[float], None] | None) -> Iterator[Tell | None]:
    """Where progress goes: nowhere, to a function, or to a bar on the terminal."""
    if not isinstance(progress, bool):
        yield progress
        return
    if not progress:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), "[progress.percentage]{task.percentage:>5.1f} %", TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda done: bar.update(task, completed=done)
