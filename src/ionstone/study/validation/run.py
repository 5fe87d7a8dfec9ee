"""``ionstone validate``: published measurements and cells beside what the laws and the library give.

    cases = run_cases()                          # all groups
    cases = run_cases(only=["contact"])          # groups, or parts of names

Published data only; agreement with other codes belongs to ``verify``. A row says where a parameter was fitted
to it; what does not close is shown as not closing. Groups:

- ``composites``: effective conductivities of sulfide composites;
- ``cells``: capacities of sulfide cells by composition and rate, of oxide cells with a film;
- ``contact``: resistance against stack pressure, with its hysteresis;
- ``lithium``: critical currents, filaments, creep shorts;
- ``packs``: masses of packs;
- ``closures``: energy, mass and volume of library cells;
- ``vehicle``: energy, range and charging of cars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ionstone.core.errors import InputError, one_line
from ionstone.study.validation.case import GROUPS, Case

Progress = Callable[[int, int, str], None]
Job = tuple[str, str, Callable[[], list[Case]]]

__all__ = ["GROUPS", "Case", "run_cases"]


def run_cases(progress: Progress | None = None, only: str | Iterable[str] | None = None) -> list[Case]:
    """Compute the cases and return their records, in order.

    ``only``: names of groups, or parts of names of cases (case does not matter). A case whose computation
    breaks down says so. InputError where ``only`` fits nothing.
    """
    words = None if only is None else [w.casefold() for w in ([only] if isinstance(only, str) else only)]
    jobs = _jobs() if words is None else [job for job in _jobs() if _may_hold(job, words)]
    cases: list[Case] = []
    for done, (group, name, run) in enumerate(jobs):
        if progress is not None:
            progress(done, len(jobs), name)
        cases += _attempt(group, name, run)
    if progress is not None:
        progress(len(jobs), len(jobs), "done")
    chosen = cases if words is None else [case for case in cases if _fits(case, words)]
    if not chosen:
        raise InputError(f"--only: {', '.join(words or [])} fits no case; groups are {', '.join(GROUPS)}")
    return chosen


def _attempt(group: str, name: str, run: Callable[[], list[Case]]) -> list[Case]:
    try:
        return run()
    except Exception as error:
        return [Case.broken(name, group, one_line(f"{type(error).__name__}: {error}"))]


def _jobs() -> list[Job]:
    """All comparisons as (group, name, function)."""
    from ionstone.study.validation import cells as validate_cells
    from ionstone.study.validation import closures as validate_closures
    from ionstone.study.validation import composites as validate_composites
    from ionstone.study.validation import lithium as validate_lithium
    from ionstone.study.validation import oxides, thin_film
    from ionstone.study.validation import packs as validate_packs
    from ionstone.study.validation import vehicle as validate_vehicle

    listed = (
        (validate_composites.GROUP, validate_composites.jobs),
        (validate_cells.GROUP, validate_cells.jobs),
        (oxides.GROUP, oxides.jobs),
        (thin_film.GROUP, thin_film.jobs),
        (validate_lithium.CONTACT, validate_lithium.contact_jobs),
        (validate_lithium.GROUP, validate_lithium.jobs),
        (validate_packs.GROUP, validate_packs.jobs),
        (validate_closures.GROUP, validate_closures.jobs),
        (validate_vehicle.GROUP, validate_vehicle.jobs),
    )
    return [(group, name, run) for group, found in listed for name, run in found()]


def _may_hold(job: Job, words: list[str]) -> bool:
    """Whether a job may give a chosen case: all jobs are asked where no word is a group or in their name."""
    group = job[0]
    named = [w for w in words if w in GROUPS]
    if len(named) == len(words):
        return group in named
    return group in named or any(w not in GROUPS for w in words)


def _fits(case: Case, words: list[str]) -> bool:
    return any(word == case.group or (word not in GROUPS and word in case.name.casefold()) for word in words)
