"""Points of runs: cut where a cubic bends, any columns, several runs in one call."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.numerics.points import LINEAR_ERROR, cut, fill


def run(seed: int) -> np.ndarray:
    """Rows of a made-up run: time, step, voltage, another output; three steps of time."""
    g = np.random.default_rng(seed)
    rows = [(0.0, 0.0, 4.0, 1.0)]
    for k in range(3):
        rows += [
            (k + s, 0.5 if s < 1 else 0.0, 4.0 - 0.1 * g.random(), g.random()) for s in (1 / 3, 2 / 3, 1)
        ]
    return np.array(rows)


def test_each_step_is_cut_as_its_voltage_bends() -> None:
    rows = run(0)
    parts, total = cut(rows)
    assert total == parts.sum()
    assert np.all(parts[rows[:, 1] % 1 > 0] == 0)
    for end in range(3, len(rows), 3):
        a, b, c, d = rows[end - 3 : end + 1, 2]
        bend = max(abs(9 * (2 * a - 5 * b + 4 * c - d)), abs(9 * (-a + 4 * b - 5 * c + 2 * d)))
        assert parts[end] == min(64, np.ceil(np.sqrt(bend / (8 * LINEAR_ERROR))))


def test_points_lie_on_the_cubic_through_the_rows() -> None:
    rows = run(1)
    parts, total = cut(rows)
    out = fill(rows, parts, total, [0, 2, 3])
    for end in range(3, len(rows), 3):
        piece = rows[end - 3 : end + 1]
        inside = (out[0] >= piece[0, 0]) & (out[0] <= piece[3, 0])
        assert inside.sum() == parts[end] + 1
        for column, values in ((2, out[1]), (3, out[2])):
            cubic = np.polynomial.Polynomial.fit(piece[:, 0], piece[:, column], 3)
            assert np.allclose(cubic(out[0][inside]), values[inside], rtol=0, atol=1e-12)


def test_runs_one_after_the_other_are_cut_as_each_alone() -> None:
    several = [run(k) for k in range(4)]
    together = np.concatenate(several)
    alone = [fill(r, *cut(r), [2, 3]) for r in several]
    assert np.array_equal(fill(together, *cut(together), [2, 3]), np.concatenate(alone, axis=1))


def test_numbers_that_are_none_give_one_part() -> None:
    rows = run(2)
    rows[2, 2] = np.nan
    assert cut(rows)[0][3] == 1


def test_no_rows_give_no_points() -> None:
    rows = np.empty((0, 4))
    parts, total = cut(rows)
    assert fill(rows, parts, total, [0, 2]).shape == (2, 0)


def test_a_column_that_is_not_there_is_refused() -> None:
    rows = run(3)
    with pytest.raises(ValueError, match="columns"):
        fill(rows, *cut(rows), [4])
