"""Derivatives of summary metrics to the rows of a run, against differences of the metrics themselves."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.numerics.points import cut, fill
from ionstone.simulation.cotangents import row_cotangents
from ionstone.simulation.metrics import Points, read_by

NAMES = ("voltage", "current", "discharge_capacity", "temperature", "soc", "plating_potential",
         "minimum_electrolyte_concentration", "critical_current_ratio", "void_current_ratio")  # fmt: skip
COLUMNS = {name: i for i, name in enumerate(NAMES)}
METRICS = (
    "points", "duration", "discharge_capacity", "charge_capacity", "discharge_energy", "charge_energy",
    "mean_discharge_voltage", "mean_charge_voltage", "min_voltage", "max_voltage", "final_voltage",
    "min_temperature", "max_temperature", "final_temperature", "final_soc", "min_plating_potential",
    "min_electrolyte_concentration", "max_critical_current_ratio", "max_void_current_ratio",
)  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """Rows of steps of time with inner rows, a current that changes its sign inside steps, and a switch."""
    random = np.random.default_rng(3)
    steps = 12
    time = np.concatenate([[0.0], np.repeat(np.arange(steps), 3) + np.tile([1 / 3, 2 / 3, 1], steps)])
    mark = np.concatenate([[0.0], np.tile([0.5, 0.5, 0.0], steps)])
    out = random.normal(size=(len(time), 2 + len(NAMES)))
    out[:, 0], out[:, 1] = time, mark
    out[:, 2] = 3.5 + 0.01 * np.sin(time) + 0.001 * out[:, 2]
    out[:, 3] = 2 * np.sin(time + 0.3)
    return out


def metric(of: str, rows: np.ndarray, parts: np.ndarray, total: int) -> float:
    names = read_by(COLUMNS, COLUMNS)
    time, *values = fill(rows, parts, total, [0, *(2 + COLUMNS[n] for n in names)])
    points = Points(np.array([total]), time, dict(zip(names, values, strict=True)))
    return float(points.metrics()[of][0])


@pytest.mark.parametrize("of", METRICS)
def test_a_metric_changes_as_its_cotangents_say(of: str, rows: np.ndarray) -> None:
    bars, (parts, total) = row_cotangents(of, rows, COLUMNS, COLUMNS), cut(rows)
    assert bars is not None
    random = np.random.default_rng(4)
    assert len(np.flatnonzero(rows[:-1, 3] * rows[1:, 3] < 0)) > 2
    for _ in range(3):
        along = random.normal(size=rows.shape)
        along[:, 1] = 0.0
        h = 1e-6
        ends = [metric(of, rows + s * h * along, parts, total) for s in (1, -1)]
        assert np.vdot(bars, along) == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("of", ["range", "range_capacity", "range_energy"])
def test_an_unknown_metric_has_no_cotangents(of: str, rows: np.ndarray) -> None:
    assert row_cotangents(of, rows, COLUMNS, COLUMNS) is None
