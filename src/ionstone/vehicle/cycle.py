"""Drive cycles: speed over time, built-in traces and a user's CSV, checked before use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ionstone.core.errors import InputError, nearest, shown

DEFAULT_CYCLE = "wltc_3b"
FOLDER = Path(__file__).parent / "cycles"
TITLES = {
    "wltc_3b": "WLTC class 3b (UNECE GTR 15)",
    "wltc_3a": "WLTC class 3a (UNECE GTR 15)",
    "udds": "UDDS, EPA city (40 CFR 86)",
    "hwfet": "HWFET, EPA highway (40 CFR 600)",
    "us06": "US06, EPA aggressive (40 CFR 86)",
    "nedc": "NEDC (UNECE R83/R101), from its straight lines",
}
SPEED_COLUMNS = {"speed_m_s": 1.0, "speed_km_h": 1 / 3.6, "speed_mph": 0.44704}
MAX_SPEED = 115.0  # m/s, 414 km/h: beyond it the unit is wrong
MAX_ACCELERATION = 15.0  # m/s^2, beyond it a tyre does not hold
MAX_GAP = 10.0  # s
MAX_SAMPLES = 200_000
MAX_BYTES = 20_000_000

# (end speed [km/h], duration [s]) of the straight lines of UNECE R83, annex on the type I test
_ECE15 = (
    (0, 11), (15, 4), (15, 8), (10, 2), (0, 3), (0, 21), (15, 5), (15, 2), (32, 5), (32, 24), (10, 8),
    (0, 3), (0, 21), (15, 5), (15, 2), (35, 9), (35, 2), (50, 8), (50, 12), (35, 8), (35, 13), (32, 2),
    (10, 7), (0, 3), (0, 7),
)  # fmt: skip
_EUDC = (
    (0, 20), (15, 5), (15, 2), (35, 9), (35, 2), (50, 8), (50, 2), (70, 13), (70, 50), (50, 8), (50, 69),
    (70, 13), (70, 50), (100, 35), (100, 30), (120, 20), (120, 10), (80, 16), (50, 8), (0, 10), (0, 20),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Cycle:
    """A speed trace: time [s] from 0, rising; speed [m/s], linear between the samples."""

    name: str
    title: str
    time: np.ndarray
    speed: np.ndarray

    @property
    def duration(self) -> float:
        """Length in time [s]."""
        return float(self.time[-1])

    @property
    def distance(self) -> float:
        """Length in space [m]."""
        return float(np.sum((self.speed[1:] + self.speed[:-1]) / 2 * np.diff(self.time)))

    def resampled(self, spacing: float = 1.0) -> Cycle:
        """Return the cycle on even steps of about `spacing` [s], interpolated where the grids differ."""
        n = max(1, round(self.duration / spacing))
        time = np.linspace(0.0, self.duration, n + 1)
        return Cycle(self.name, self.title, time, np.interp(time, self.time, self.speed))


def check_cycle(name: str, time: np.ndarray, speed: np.ndarray, title: str = "") -> Cycle:
    """Return the checked cycle. InputError for gaps, disorder, negative, missing or impossible speeds."""
    if len(time) < 2 or len(time) != len(speed):
        raise InputError(f"cycle {name}: {len(time)} times, {len(speed)} speeds: give two or more")
    if len(time) > MAX_SAMPLES:
        raise InputError(f"cycle {name}: {len(time)} samples are more than {MAX_SAMPLES}: sample it at 1 Hz")
    for what, values in (("time_s", time), ("speed", speed)):
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise InputError(f"cycle {name}: {what}: row {bad[0] + 1} is no finite number: correct the row")
    step = np.diff(time)
    if np.any(step <= 0):
        row = int(np.argmax(step <= 0)) + 2
        raise InputError(f"cycle {name}: time_s: row {row} does not rise: sort the rows")
    if np.any(step > MAX_GAP):
        row = int(np.argmax(step > MAX_GAP)) + 2
        raise InputError(f"cycle {name}: time_s: gap of {step.max():g} s before row {row}, allowed"
                         f" {MAX_GAP:g} s: fill the gap, or cut the trace there")  # fmt: skip
    if np.any(speed < 0):
        row = int(np.argmax(speed < 0)) + 1
        raise InputError(f"cycle {name}: speed: row {row} is negative: use speeds from 0 on")
    if speed.max() > MAX_SPEED:
        raise InputError(f"cycle {name}: speed: {speed.max():.4g} m/s is above {MAX_SPEED:g} m/s: for km/h"
                         " name the column speed_km_h")  # fmt: skip
    acceleration = np.abs(np.diff(speed) / step)
    if acceleration.max() > MAX_ACCELERATION:
        row = int(np.argmax(acceleration)) + 2
        raise InputError(f"cycle {name}: speed: jump to row {row} is {acceleration.max():.3g} m/s^2, at most"
                         f" {MAX_ACCELERATION:g}: correct the row or the unit")  # fmt: skip
    if speed.max() == 0:
        raise InputError(
            f"cycle {name}: speed: all speeds are 0, no distance is driven: give a trace that moves"
        )
    return Cycle(name, title or name, np.asarray(time, float) - time[0], np.asarray(speed, float))


def list_cycles() -> list[str]:
    """Return the names of the built-in cycles."""
    return list(TITLES)


def load_cycle(name: str | Path | Cycle = DEFAULT_CYCLE) -> Cycle:
    """Return a built-in cycle by name, or a user's CSV with time_s and speed_m_s, speed_km_h or speed_mph."""
    if isinstance(name, Cycle):
        return name
    text = str(name)
    key = text.lower().replace("-", "_").replace(" ", "_")
    if key == "nedc":
        return nedc()
    if key in TITLES:
        return read_csv(FOLDER / f"{key}.csv", key, TITLES[key])
    if text.endswith(".csv") or "/" in text:
        return read_csv(Path(text), Path(text).stem, Path(text).name)
    extra = ": no free trace that keeps its standard exists, give it as CSV" if key.startswith("cltc") else ""
    raise InputError(f"cycle {shown(text)} is unknown{extra}: {nearest(key, TITLES)} (or give a CSV file)")


def read_csv(path: Path, name: str, title: str = "") -> Cycle:
    """Read a CSV with a header: time_s and a speed column that names its unit."""
    from ionstone.core.documents import read_text

    lines = [
        line for line in read_text(path, MAX_BYTES).splitlines() if line.strip() and not line.startswith("#")
    ]
    header = [column.strip().lower() for column in lines[0].split(",")] if lines else []
    speed_column = next((column for column in header if column in SPEED_COLUMNS), None)
    if "time_s" not in header or speed_column is None:
        raise InputError(f"cycle {path.name}: header {shown(','.join(header))}: it needs time_s and one"
                         f" of {', '.join(SPEED_COLUMNS)}")  # fmt: skip
    columns = header.index("time_s"), header.index(speed_column)
    if len(lines) - 1 > MAX_SAMPLES:
        raise InputError(
            f"cycle {path.name}: {len(lines) - 1} rows are more than {MAX_SAMPLES}: sample it at 1 Hz"
        )
    values = np.empty((2, len(lines) - 1))
    for i, line in enumerate(lines[1:]):
        cells = line.split(",")
        try:
            values[:, i] = float(cells[columns[0]]), float(cells[columns[1]])
        except (ValueError, IndexError):
            raise InputError(f"cycle {path.name}: row {i + 1} {shown(line)}: it needs numbers in time_s"
                             f" and {speed_column}: correct it") from None  # fmt: skip
    return check_cycle(name, values[0], values[1] * SPEED_COLUMNS[speed_column], title)


def nedc() -> Cycle:
    """Return the NEDC at 1 Hz: four times the ECE 15 cycle, then the extra-urban cycle, as straight lines."""
    time, speed = [0.0], [0.0]
    for end, duration in (*_ECE15 * 4, *_EUDC):
        time.append(time[-1] + duration)
        speed.append(end / 3.6)
    grid = np.arange(time[-1] + 1.0)
    return check_cycle("nedc", grid, np.interp(grid, time, speed), TITLES["nedc"])
