"""Jobs run on a few threads; what is done when the user stops is kept."""

import threading
import time
from itertools import count

import pytest

from ionstone.study.pool import run_jobs


def test_results_belong_to_their_jobs_in_any_order_of_finishing():
    results, interrupted = run_jobs([0.02, 0.0, 0.01], lambda t: (time.sleep(t), t)[1])
    assert (results, interrupted) == ({0: 0.02, 1: 0.0, 2: 0.01}, False)


def test_no_more_threads_work_than_allowed():
    lock, busy, most = threading.Lock(), set(), []

    def work(job):
        with lock:
            busy.add(job)
            most.append(len(busy))
        time.sleep(0.01)
        with lock:
            busy.discard(job)

    run_jobs(range(6), work, workers=2)
    assert max(most) == 2


def test_an_exception_is_raised_to_the_caller():
    with pytest.raises(ZeroDivisionError):
        run_jobs([1, 0], lambda x: 1 / x)


def test_an_interruption_keeps_what_is_done_and_starts_nothing_more():
    order = count()
    started = []

    def work(job):
        started.append(job)
        if next(order) == 1:
            raise KeyboardInterrupt
        time.sleep(0.02)
        return job

    results, interrupted = run_jobs(list("abcdef"), work, workers=1)
    assert interrupted
    assert results == {0: "a"}
    time.sleep(0.05)
    assert len(started) < 6
