"""``ionstone verify``: the laws, and agreement with other codes, with their figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from ionstone.cli import console
from ionstone.cli.options import Json

_WORDS = {True: "ok", False: "FAILED", None: "skipped"}


def verify(
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="WORD", help="A group, or part of a check's name; repeat it."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Check the laws, and agreement with other codes."""
    from ionstone.study.verify import run_checks

    with console.counter("checks") as progress:
        checks = run_checks(progress=progress, only=only or None)
    failed = [check for check in checks if check.passed is False]
    if as_json:
        console.print_json({"passed": not failed, "checks": [check.to_json_dict() for check in checks]})
    else:
        _print(checks)
        skipped = sum(check.passed is None for check in checks)
        console.message(f"{len(checks)} checks: {len(failed)} failed, {skipped} skipped")
    return 1 if failed else 0


def _print(checks: Sequence[Any]) -> None:
    rows, group = [], None
    for check in checks:
        shown = "" if check.group == group else check.group
        group = check.group
        value, limit = _number(check.value), _number(check.limit)
        rows.append(
            [shown, check.name, value, limit, check.unit or "", _WORDS[check.passed], check.detail or ""]
        )
    styles = ["bold red" if check.passed is False else "" for check in checks]
    headings = ("Group", "Check", "Value", "Limit", "Unit", "Result", "Detail")
    console.print_table(headings, rows, right=(2, 3), fold=(0, 1, 6), styles=styles)


def _number(value: float | None) -> str:
    return "" if value is None or value != value else f"{value:.3g}"
