"""``ionstone validate``: published measurements and cells beside what is computed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ionstone.cli import console
from ionstone.cli.options import Json

if TYPE_CHECKING:
    from ionstone.study.validation.case import Case


def validate(
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="A group, or part of a case's name; repeat it."),
    ] = None,
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the report, one self-contained .html page."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where a case misses its tolerance.")
    ] = False,
) -> int:
    """Compare with published measurements and cells.

    Each case is printed with the published and the computed figure, its tolerance, and whether a parameter
    was fitted to it. The exit status is 0 when all was computed, misses included.
    """
    from ionstone.results.files import check_writable

    if out is not None:
        check_writable(out, (".html",))
    from ionstone.study.validation.report import counts
    from ionstone.study.validation.run import run_cases

    with console.counter("cases") as progress:
        cases = run_cases(progress=progress, only=only or None)
    if as_json:
        console.print_json({"cases": [case.to_json_dict() for case in cases]})
    else:
        print_cases(cases)
        console.message(counts(cases))
    for case in cases:
        if case.failed:
            console.error_line(f"{case.name}: {case.note}")
    if out is not None:
        from ionstone.results.files import write_atomically
        from ionstone.study.validation.report import render

        console.message(f"report: {write_atomically(out, render(cases)).resolve()}")
    if any(case.failed for case in cases):
        return 1
    return 1 if strict and any(case.within is False for case in cases) else 0


def print_cases(cases: Sequence[Case]) -> None:
    """A table a group, then the sources."""
    from ionstone.study.validation.report import TITLES, tolerance, verdict

    headings = ("Case", "Published", "Computed", "Unit", "Diff.", "Allowed", "Verdict")
    for group in dict.fromkeys(case.group for case in cases):
        rows, styles = [], []
        for case in (c for c in cases if c.group == group):
            figures = ("-", "-", "", "-") if case.failed else _figures(case)
            word = verdict(case) + (", fitted" if case.fitted else "")
            rows.append([case.name, *figures, tolerance(case), word])
            styles.append("red" if case.within is False else "")
        title = f"\n{TITLES[group]}"
        console.print_table(headings, rows, title=title, right=(1, 2, 4, 5), fold=(0,), styles=styles)
    sources = dict.fromkeys(case.source for case in cases if case.source)
    console.message("")
    for source in sources:
        console.message(f"source: {source}")


def _figures(case: Case) -> tuple[str, str, str, str]:
    deviation = f"{100 * case.deviation:+.1f} %"
    return f"{case.published:.4g}", f"{case.computed:.4g}", case.unit, deviation
