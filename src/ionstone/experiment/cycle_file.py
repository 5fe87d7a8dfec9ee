"""Reads a load over time, a drive cycle for example, from a CSV file into a Profile.

Format: a header line, then one sample a line; columns `time_s` and `current_A` or `power_W` (positive on
discharge) of the one cell; other columns are left alone; lines that begin with # are comments.
"""

from __future__ import annotations

import csv
import math
from itertools import pairwise
from pathlib import Path
from statistics import median

from ionstone.core.documents import read_text
from ionstone.core.errors import InputError, shown
from ionstone.experiment.steps import Profile

MAX_BYTES = 10_000_000
COLUMNS = {"A": "current_A", "W": "power_W"}
CONTROLS = {"A": "current", "W": "power"}
EXAMPLE = 'the first line must be "time_s,current_A" or "time_s,power_W"'

# A file is evenly sampled where this share of its spacings equals the median; a spacing this many times the
# median is then a gap: lost samples, not a slow load.
EVEN_SHARE = 0.9
GAP = 10


def read_cycle(path: Path, unit: str | None = None) -> tuple[str, Profile]:
    """The unit, "A" or "W", and the load in a cycle file; `unit` None takes what the header names.

    Raises InputError for a file that cannot be read, is over 10 MB, lacks a column, or whose samples have
    gaps, are not numbers, or do not go forward in time.
    """
    name = f"cycle file {shown(path.name)}"
    lines = [(number, line) for number, line in enumerate(read_text(path, MAX_BYTES).splitlines(), 1)
             if line.strip() and not line.lstrip().startswith("#")]  # fmt: skip
    if not lines:
        raise InputError(f"{name}: it is empty: {EXAMPLE}")
    header = [cell.strip().strip('"') for cell in lines[0][1].split(",")]
    unit = _unit(header, unit, name)
    time_at, value_at = header.index("time_s"), header.index(COLUMNS[unit])
    time, value = [], []
    try:
        rows = csv.reader((line for _, line in lines[1:]), strict=True)
        for (number, _), row in zip(lines[1:], rows, strict=True):
            where = f"{name} line {number}"
            time.append(_number(row, time_at, "time_s", where))
            value.append(_number(row, value_at, COLUMNS[unit], where))
            if len(time) > 1 and time[-1] <= time[-2]:
                raise InputError(
                    f"{where}: time_s {time[-1]:.9g} follows {time[-2]:.9g}: times must rise, sort them"
                )
    except (csv.Error, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{name}: it is no CSV table ({error}): one sample a line, no line breaks in quotes"
        ) from None
    if len(time) < 2:
        raise InputError(f"{name}: it holds {len(time)} samples: a cycle needs two or more")
    if time[0] != 0:
        raise InputError(
            f"{name}: its time starts at {time[0]:.9g} s: subtract that from time_s, a cycle starts at 0"
        )
    _refuse_gaps(time, value, name)
    return unit, Profile(tuple(time), tuple(value))


def _unit(header: list[str], unit: str | None, name: str) -> str:
    held = [key for key, column in COLUMNS.items() if column in header]
    if "speed_m_s" in header and not held:
        raise InputError(
            f"{name}: it holds a speed, not a load of the cell: drive it with  ionstone compare --cycle"
        )
    if "time_s" not in header or not held:
        raise InputError(f"{name}: its columns are {shown(', '.join(header))}: {EXAMPLE}")
    if len(set(header)) != len(header):
        raise InputError(f"{name}: two columns have the same name: keep one of them")
    if unit is None and len(held) == 2:
        raise InputError(
            f'{name}: it holds current_A and power_W: say which, "Run FILE (A)" or "Run FILE (W)"'
        )
    if unit is not None and unit not in held:
        raise InputError(f"{name}: it has no column {COLUMNS[unit]}: write ({held[0]}) after its name")
    return unit or held[0]


def _number(row: list[str], column: int, field: str, where: str) -> float:
    text = row[column].strip() if column < len(row) else ""
    if not text:
        raise InputError(f"{where}: {field} is missing: fill in the sample or drop the line")
    try:
        number = float(text)
    except ValueError:
        raise InputError(
            f"{where}: {field} {shown(text, 30)} is not a number: write for example 1.5"
        ) from None
    if not math.isfinite(number):
        raise InputError(
            f"{where}: {field} {shown(text, 30)} is not finite: fill in the sample or drop the line"
        )
    return number


def _refuse_gaps(time: list[float], value: list[float], name: str) -> None:
    """Refuse lost samples: in an evenly sampled file, a long spacing over which the load changes."""
    spacings = [after - before for before, after in pairwise(time)]
    usual = median(spacings)
    even = sum(abs(spacing - usual) <= 0.01 * usual for spacing in spacings)
    if even < EVEN_SHARE * len(spacings):
        return
    for index, spacing in enumerate(spacings):
        if spacing > GAP * usual and value[index] != value[index + 1]:
            between = f"{time[index]:.9g} s and {time[index + 1]:.9g} s"
            wrong = f"a gap between {between} in samples every {usual:.6g} s"
            raise InputError(f"{name}: {wrong}: fill it in, over a gap a load may only stay constant")
