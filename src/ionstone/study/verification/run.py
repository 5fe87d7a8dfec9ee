"""`ionstone verify`: the laws of nature, the kernel against its reference, and agreement with another code.

    checks = run_checks()                       # all groups
    checks = run_checks(only=["laws"])          # groups, or parts of a name

Each check is a figure against a limit; what cannot run says why and is skipped. Groups:

- ``laws``: lithium inventory, enthalpy balance, convergence of the grid and of the integrator, impedances
  against closed formulas;
- ``kernel``: the compiled kernel against the reference stepper in numpy;
- ``pack``: a pack of cells over a WLTC against one cell, and its currents, power, energy and heat;
- ``range``: cars with their own packs against the published range;
- ``closure``: mass, volume and energy of the reference cells against what is published of them;
- ``pybamm``: voltage over time, and impedance over frequency, against PyBaMM, both codes on refined grids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ionstone.core.errors import InputError, one_line
from ionstone.study.verification.check import GROUPS, Check

#: called before each comparison with the number done, the number of all, and the name of the next
Progress = Callable[[int, int, str], None]
Job = tuple[str, str, Callable[[], list[Check]]]

__all__ = ["GROUPS", "Check", "run_checks"]


def run_checks(progress: Progress | None = None, only: str | Iterable[str] | None = None) -> list[Check]:
    """Run the checks and return their records, in order.

    ``only``: names of groups, or parts of names of checks (case does not matter). A check whose computation
    breaks down counts as failed, with the error as its detail. InputError where ``only`` fits nothing.
    """
    chosen = _chosen(_jobs(), only)
    checks: list[Check] = []
    for done, (group, name, run) in enumerate(chosen):
        if progress is not None:
            progress(done, len(chosen), name)
        checks += _attempt(group, name, run)
    if progress is not None:
        progress(len(chosen), len(chosen), "done")
    return checks


def _attempt(group: str, name: str, run: Callable[[], list[Check]]) -> list[Check]:
    try:
        return run()
    except Exception as error:
        return [Check.failed(name, group, one_line(f"{type(error).__name__}: {error}"))]


def _jobs() -> list[Job]:
    """All comparisons as (group, name, function)."""
    from ionstone.study.verification import closure as verify_closure
    from ionstone.study.verification import impedance as verify_impedance
    from ionstone.study.verification import kernel as verify_kernel
    from ionstone.study.verification import laws as verify_laws
    from ionstone.study.verification import pack as verify_pack
    from ionstone.study.verification import pybamm as verify_pybamm
    from ionstone.study.verification import range as verify_range

    jobs: list[Job] = []
    for module in (verify_laws, verify_kernel, verify_pack, verify_range, verify_closure, verify_pybamm):
        jobs += [(module.GROUP, name, run) for name, run in module.jobs()]
    return sorted(jobs + verify_impedance.jobs(), key=lambda job: GROUPS.index(job[0]))


def _chosen(jobs: list[Job], only: str | Iterable[str] | None) -> list[Job]:
    if only is None:
        return jobs
    words = [word.casefold() for word in ([only] if isinstance(only, str) else only)]
    chosen = [
        job
        for job in jobs
        if any(word == job[0] or (word not in GROUPS and word in job[1].casefold()) for word in words)
    ]
    if not chosen:
        raise InputError(f"--only: {', '.join(words)} fits no check; groups are {', '.join(GROUPS)}")
    return chosen
