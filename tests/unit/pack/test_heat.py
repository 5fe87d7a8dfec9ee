"""The network of heat: energy is kept to rounding, and the rule is of second order."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.pack.heat import HeatLayout, HeatNetwork

LAYOUT = HeatLayout(
    np.array([1000.0, 1200.0, 900.0, 500.0, 500.0]),
    ((0, 1, 2.0), (1, 2, 1.0), (0, 3, 5.0), (1, 3, 4.0), (2, 4, 6.0)),
    np.array([0.0, 0.0, 0.0, 0.5, 0.7]),
    cells=3,
    plate=20.0,
    flow=30.0,
)
CELLS, PLATES = np.array([310.0, 305.0, 300.0]), np.array([295.0, 296.0])


def advanced(dt: float, steps: int, heater: float = 0.0) -> tuple[np.ndarray, float, float, HeatNetwork]:
    network, cells, lost, cooled = HeatNetwork(LAYOUT, PLATES), CELLS, 0.0, 0.0
    for _ in range(steps):
        cells, a, b = network.advance(dt, cells, 290.0, 288.0, True, np.full(5, heater / 5))
        lost, cooled = lost + a, cooled + b
    return np.concatenate([cells, network.plates]), lost, cooled, network


def test_what_leaves_is_what_is_lost() -> None:
    after, lost, cooled, network = advanced(3.0, 100, heater=50.0)
    stored = float(np.sum(network.stored * (after - np.concatenate([CELLS, PLATES]))))
    assert stored + lost + cooled == pytest.approx(50.0 * 300.0, rel=1e-10)


def test_the_rule_is_of_second_order() -> None:
    fine = advanced(0.25, 400)[0]
    errors = [np.max(np.abs(advanced(dt, round(100 / dt))[0] - fine)) for dt in (10.0, 5.0)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.15)


def test_all_comes_to_the_ambient_without_coolant() -> None:
    network, cells = HeatNetwork(LAYOUT, PLATES), CELLS
    for _ in range(400):
        cells, *_ = network.advance(200.0, cells, 290.0, 288.0, False, np.zeros(5))
    assert cells == pytest.approx([290.0] * 3, abs=1e-3)


def test_the_second_plate_gets_the_coolant_of_the_first() -> None:
    network = HeatNetwork(LAYOUT, np.array([320.0, 300.0]))
    alone = HeatNetwork(LAYOUT, np.array([288.0, 300.0]))
    heats = [n._coolant @ (np.concatenate([CELLS, n.plates]) - 288.0) for n in (network, alone)]
    share = 1 - np.exp(-20.0 / 30.0)
    assert heats[0][3] == pytest.approx(share * 30.0 * 32.0)
    out = 288.0 + share * 32.0
    assert heats[0][4] == pytest.approx(share * 30.0 * (300.0 - out))
    assert heats[1][4] == pytest.approx(share * 30.0 * 12.0)
