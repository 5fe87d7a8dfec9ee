"""Cells that differ: the same seed gives the same pack, and bad input is one clear line."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.core.errors import InputError
from ionstone.pack.spread import Aged, Spread, draw


def test_a_seed_gives_the_same_cells_again() -> None:
    one, two = (draw(Spread(0.02, 0.05), None, 200, seed=3) for _ in range(2))
    assert np.array_equal(one.capacity, two.capacity)
    assert not np.array_equal(one.capacity, draw(Spread(0.02, 0.05), None, 200, seed=4).capacity)


def test_another_spread_leaves_the_capacities_as_they_are() -> None:
    plain = draw(Spread(capacity=0.02), None, 50, seed=1)
    both = draw(Spread(capacity=0.02, temperature=2.0, soc=0.01), None, 50, seed=1)
    assert np.array_equal(plain.capacity, both.capacity)


def test_deviations_are_those_asked_for() -> None:
    drawn = draw(Spread(0.02, 0.05, temperature=1.5), None, 20_000, seed=0)
    assert np.std(drawn.capacity) == pytest.approx(0.02, rel=0.03)
    assert np.std(drawn.resistance) == pytest.approx(0.05, rel=0.03)
    assert np.std(drawn.temperature) == pytest.approx(1.5, rel=0.03)
    assert np.mean(drawn.capacity) == pytest.approx(1.0, abs=1e-3)


def test_aged_cells_have_their_share() -> None:
    drawn = draw(Spread(), Aged(0.25, capacity=0.8, resistance=1.5), 40, seed=0)
    assert np.count_nonzero(drawn.aged) == 10
    assert np.array_equal(drawn.capacity[drawn.aged], np.full(10, 0.8))
    assert np.array_equal(drawn.resistance[~drawn.aged], np.ones(30))


def test_cells_in_one_lane_keep_charge_and_conductance() -> None:
    drawn = draw(Spread(0.02, 0.05), None, 12, seed=0)
    blocked = drawn.blocked(4)
    assert np.sum(4 * blocked.capacity) == pytest.approx(np.sum(drawn.capacity), rel=1e-12)
    assert 4 / blocked.resistance[0] == pytest.approx(np.sum(1 / drawn.resistance[:4]), rel=1e-12)


def test_a_spread_is_read_from_friendly_input() -> None:
    assert Spread.read({"capacity": "1 %", "temperature": "2 K"}) == Spread(0.01, temperature=2.0)
    assert Spread.read("3 %") == Spread(0.03, 0.03)
    assert Spread.read(None).none


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"capacity": -0.01}, "spread.capacity is -0.01: a standard deviation is 0 or more"),
        ({"capacity": 0.5}, "give 0 to 0.2"),
        ({"capacty": 0.01}, "unknown 'capacty'"),
        ([1], "spread is"),
    ],
)
def test_a_bad_spread_is_one_clear_line(value: object, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        Spread.read(value)
    assert "\n" not in str(caught.value)
