"""What the claimed fast charge of the FEST cell would need."""

import pytest

from ionstone.cell_design import load_cell
from ionstone.study.validation import fast_charge as fast


def test_15_to_90_percent_in_18_minutes_is_two_and_a_half_c():
    assert fast.mean_rate() == pytest.approx(2.5)


def test_rows_carry_no_verdict_and_list_the_free_values():
    rows = fast.needs()
    assert [row.within for row in rows] == [None] * 4
    assert all(row.free for row in rows)


def test_a_better_conductor_charges_faster():
    cell = load_cell(fast.NAME)
    slow, fast_ = (fast.charging_minutes(fast.scaled(cell, share)) for share in (0.5, 2.0))
    assert fast_ < fast.charging_minutes(cell) < slow


def test_the_conductivity_that_is_called_needed_is_enough_and_the_next_one_is_not():
    cell = load_cell(fast.NAME)
    share = fast.needed_share(cell)
    after = fast.SHARES[fast.SHARES.index(share) + 1]
    assert fast.charging_minutes(fast.scaled(cell, share)) <= fast.MINUTES
    assert not fast.charging_minutes(fast.scaled(cell, after)) <= fast.MINUTES
