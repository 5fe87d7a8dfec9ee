"""Drive cycles: speed over time, built-in traces, steady speeds and a user's CSV, checked before use."""

from __future__ import annotations

import re
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
    "sc03": "SC03, EPA air conditioning (40 CFR 86)",
    "ftp": "FTP-75, EPA city with its second start, without the pause (40 CFR 86)",
    "nedc": "NEDC (UNECE R83/R101), from its straight lines",
    "cltc_p": "CLTC-P approximation: WLTC phases bent to the statistics of GB/T 38146.1-2019, not its trace",
}
_SPEED_UNITS = {"km/h": 1 / 3.6, "mph": 0.44704, "m/s": 1.0}
_STEADY = re.compile(r"(\d+(?:\.\d+)?) ?(km/h|mph|m/s)")
SPEED_COLUMNS = {"speed_m_s": 1.0, "speed_km_h": 1 / 3.6, "speed_mph": 0.44704}
MAX_SPEED = 115.0  # m/s, 414 km/h: beyond it the unit is wrong
MAX_ACCELERATION = 15.0  # m/s^2, beyond it a tyre does not hold
MAX_GAP = 10.0  # s
MAX_STRETCH = 2000.0  # m, between rows of a trace by distance
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
    """Return a cycle: built-in by name, a steady speed ("120 km/h"), or a user's CSV (see `read_csv`)."""
    if isinstance(name, Cycle):
        return name
    text = str(name)
    key = text.lower().replace("-", "_").replace(" ", "_")
    if key in MADE:
        return MADE[key]()
    if key in TITLES:
        return read_csv(FOLDER / f"{key}.csv", key, TITLES[key])
    found = _STEADY.fullmatch(text.strip().lower())
    if found:
        return steady(float(found[1]) * _SPEED_UNITS[found[2]])
    if text.endswith(".csv") or "/" in text:
        return read_csv(Path(text), Path(text).stem, Path(text).name)
    like = [name for name in TITLES if name[:2] == key[:2]]
    raise InputError(
        f'cycle {shown(text)} is unknown: {nearest(key, like or TITLES)} (or give "120 km/h" or a CSV)'
    )


def read_csv(path: Path, name: str, title: str = "") -> Cycle:
    """Read a CSV with a header: time_s or distance_m, and a speed column that names its unit.

    By distance the speed changes evenly in time between rows; where the car stands, `pause_s` says how long.
    """
    from ionstone.core.documents import read_text

    lines = [
        line for line in read_text(path, MAX_BYTES).splitlines() if line.strip() and not line.startswith("#")
    ]
    header = [column.strip().lower() for column in lines[0].split(",")] if lines else []
    speed_column = next((column for column in header if column in SPEED_COLUMNS), None)
    along = next((column for column in ("time_s", "distance_m") if column in header), None)
    if along is None or speed_column is None:
        raise InputError(f"cycle {path.name}: header {shown(','.join(header))}: needs time_s or distance_m,"
                         f" and one of {', '.join(SPEED_COLUMNS)}")  # fmt: skip
    names = [along, speed_column, *(["pause_s"] if "pause_s" in header else [])]
    columns = [header.index(column) for column in names]
    if len(lines) - 1 > MAX_SAMPLES:
        raise InputError(
            f"cycle {path.name}: {len(lines) - 1} rows are more than {MAX_SAMPLES}: sample it at 1 Hz"
        )
    values = np.zeros((3, len(lines) - 1))
    for i, line in enumerate(lines[1:]):
        cells = line.split(",")
        try:
            values[: len(columns), i] = [float(cells[column]) for column in columns]
        except (ValueError, IndexError):
            raise InputError(f"cycle {path.name}: row {i + 1} {shown(line)}: it needs numbers in"
                             f" {' and '.join(names)}: correct it") from None  # fmt: skip
    place, speed, pause = values[0], values[1] * SPEED_COLUMNS[speed_column], values[2]
    if along == "distance_m":
        place, speed = by_distance(name, place, speed, pause)
    return check_cycle(name, place, speed, title)


def by_distance(
    name: str, distance: np.ndarray, speed: np.ndarray, pause: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return (time [s], speed [m/s]) of speeds over distance [m], with pauses [s] where the car stands."""
    bad = np.flatnonzero(~np.isfinite(distance) | ~np.isfinite(speed) | ~np.isfinite(pause))
    if bad.size:
        raise InputError(f"cycle {name}: row {bad[0] + 1} holds no finite number: correct the row")
    if np.any(speed < 0):
        raise InputError(
            f"cycle {name}: speed: row {np.argmax(speed < 0) + 1} is negative: use speeds from 0 on"
        )
    step = np.diff(distance)
    if np.any(step <= 0):
        raise InputError(
            f"cycle {name}: distance_m: row {np.argmax(step <= 0) + 2} does not rise: sort the rows"
        )
    if np.any(step > MAX_STRETCH):
        raise InputError(
            f"cycle {name}: distance_m: gap of {step.max():g} m before row"
            f" {np.argmax(step > MAX_STRETCH) + 2}, allowed {MAX_STRETCH:g} m: fill it"
        )
    still = (speed[1:] == 0) & (speed[:-1] == 0)
    if np.any(still):
        raise InputError(f"cycle {name}: speed: rows {np.argmax(still) + 1} and the next are 0 at different"
                         " places: give a speed between them")  # fmt: skip
    if np.any((pause < 0) | ((pause > 0) & (speed > 0))):
        raise InputError(
            f"cycle {name}: pause_s: a pause is at least 0 and only where the speed is 0: correct it"
        )
    arrive = np.concatenate([[0.0], np.cumsum(2 * step / (speed[1:] + speed[:-1]) + pause[:-1])])
    leave = arrive + pause
    time = np.unique(np.concatenate([arrive, leave, np.arange(0.0, leave[-1])]))
    both = np.concatenate([arrive, leave])
    order = np.argsort(both, kind="stable")
    return time, np.interp(time, both[order], np.concatenate([speed, speed])[order])


def steady(speed: float, duration: float = 600.0) -> Cycle:
    """Return a drive at a constant speed [m/s] for a time [s]: a motorway in still air."""
    text = f"{speed * 3.6:g} km/h"
    if not 0 < speed <= MAX_SPEED:
        raise InputError(f"cycle {text}: give a speed above 0 and at most {MAX_SPEED * 3.6:g} km/h")
    time = np.arange(duration + 1.0)
    return Cycle(text, f"steady {text}", time, np.full(time.shape, speed))


def ftp() -> Cycle:
    """Return the FTP-75: the UDDS, then its first 505 s again, driven with a warm car."""
    udds = load_cycle("udds")
    warm = udds.time <= 505
    time = np.concatenate([udds.time, udds.duration + udds.time[warm][1:]])
    return check_cycle("ftp", time, np.concatenate([udds.speed, udds.speed[warm][1:]]), TITLES["ftp"])


def cltc_p() -> Cycle:
    """Return the approximation of the CLTC-P: see `ionstone.vehicle.cltc`."""
    from ionstone.vehicle.cltc import approximation

    time, speed = approximation(load_cycle("wltc_3b"))
    return check_cycle("cltc_p", time, speed, TITLES["cltc_p"])


def nedc() -> Cycle:
    """Return the NEDC at 1 Hz: four times the ECE 15 cycle, then the extra-urban cycle, as straight lines."""
    time, speed = [0.0], [0.0]
    for end, duration in (*_ECE15 * 4, *_EUDC):
        time.append(time[-1] + duration)
        speed.append(end / 3.6)
    grid = np.arange(time[-1] + 1.0)
    return check_cycle("nedc", grid, np.interp(grid, time, speed), TITLES["nedc"])


MADE = {"nedc": nedc, "ftp": ftp, "cltc_p": cltc_p}
