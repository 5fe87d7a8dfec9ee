"""``ionstone verify``: the laws, and agreement with other codes, with their figures."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Annotated, Any

import typer

from ionstone.cli import console
from ionstone.cli.options import Json

_WORDS = {True: "ok", False: "FAILED", None: "skipped"}
_OUTSIDE = "outside"  # of its limit, where that is told for information
_INDENT = 9  # columns before the name of a check


def verify(
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="WORD", help="A group, or part of a check's name; repeat it."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Check the laws, and agreement with other codes.

    Also: the ranges of cars with their own packs, and the closure of the built-in cells, against what is
    published. Each figure is printed with its limit and where it comes from.
    """
    from ionstone.study.verification.run import run_checks

    with console.counter("checks") as progress:
        checks = run_checks(progress=progress, only=only or None)
    failed = sum(check.failing for check in checks)
    if as_json:
        console.print_json({"passed": not failed, "checks": [check.to_json_dict() for check in checks]})
    else:
        _print(checks)
        skipped = sum(check.passed is None for check in checks)
        outside = sum(check.passed is False for check in checks) - failed
        told = f", {outside} outside their limit (for information)" if outside else ""
        console.message(f"{len(checks)} checks: {failed} failed, {skipped} skipped{told}")
    return 1 if failed else 0


def _print(checks: Sequence[Any]) -> None:
    """Each check on a line, result, name, value and limit; below it where the figure comes from."""
    from rich.text import Text

    out, group = console.output(), None
    for check in checks:
        if check.group != group:
            out.print(Text(f"\n{check.group}" if group else check.group, style="bold"))
            group = check.group
        out.print(Text(_line(check, out.width), style="bold red" if check.failing else ""))
        for line in wrap(check.detail, out.width - _INDENT):
            out.print(Text(" " * _INDENT + line, style="dim"))
    for check in checks:
        if check.inputs and check.required:
            out.print(Text(f"\nInputs of {check.name}, fixed beforehand", style="bold"))
            for line in check.inputs:
                for part in wrap(line, out.width, initial_indent="  ", subsequent_indent="      "):
                    out.print(Text(part, style="dim"))


def _line(check: Any, width: int) -> str:
    outside = check.passed is False and not check.required
    word = _OUTSIDE if outside else _WORDS[check.passed]
    figure = ""
    if check.passed is not None and check.value == check.value:
        sign = "at least" if check.least else "within"
        unit = "" if check.unit in ("", "1") else f" {check.unit}"
        figure = f"{_number(check.value)}{unit}, {sign} {_number(check.limit)}{unit}"
    room = width - _INDENT - len(figure) - 1
    return f"{word:<{_INDENT}}{check.name:<{room}} {figure}".rstrip()


def _number(value: float) -> str:
    return f"{value:.3g}"
