"""A few jobs on a few threads; what is done is kept when the user stops the rest."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def run_jobs(
    jobs: Sequence[Job],
    work: Callable[[Job], Result],
    *,
    workers: int = 2,
    finished: Callable[[Result], None] = lambda result: None,
) -> tuple[dict[int, Result], bool]:
    """Run ``work`` on every job with at most ``workers`` threads.

    Returns the results by the index of their job, and whether the user interrupted (then only what was
    done is there). The kernel releases the interpreter's lock, so threads fill both cores. An exception
    of ``work`` ends the batch and is raised here. ``finished`` is told each result once it is kept. The
    threads are daemons: an interrupted program need not wait for them.
    """
    todo: queue.SimpleQueue[int] = queue.SimpleQueue()
    for index in range(len(jobs)):
        todo.put(index)
    done: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]] = queue.SimpleQueue()
    stop = threading.Event()

    def worker() -> None:
        while not stop.is_set():
            try:
                index = todo.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((index, work(jobs[index]), None))
            except BaseException as error:
                done.put((index, None, error))

    for _ in range(max(1, min(workers, len(jobs)))):
        threading.Thread(target=worker, daemon=True).start()
    results: dict[int, Result] = {}
    try:
        for _ in range(len(jobs)):
            index, result, error = done.get()
            if error is not None:
                raise error
            kept: Result = result  # type: ignore[assignment]
            results[index] = kept
            finished(kept)
    except KeyboardInterrupt:
        return results, True
    finally:
        stop.set()
    return results, False
