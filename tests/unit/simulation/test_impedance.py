"""The door of ``ionstone.impedance``: what it takes, what it refuses, own laws, graded grids."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ionstone as ion
from ionstone.core.errors import InputError
from ionstone.core.ops import sinh
from ionstone.simulation import Grid
from ionstone.simulation.grid import _shares

SMALL = Grid(4, 3, 4, 6)


def test_texts_numbers_and_nothing_are_frequencies() -> None:
    z = ion.impedance("lg-m50", ["1 mHz", 1.0, "2 kHz"], soc="50%", temperature="10 degC", grid=SMALL)
    assert z.frequencies.tolist() == [1e-3, 1.0, 2000.0]
    assert (z.soc, z.temperature) == (0.5, 283.15)
    every = ion.impedance("lg-m50", model="SPM").frequencies
    assert (every[0], every[-1], len(every)) == (1e-3, pytest.approx(1e6), 61)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"frequencies": [0.0]}, "frequencies: 0 Hz is outside"),
        ({"frequencies": "1 V"}, "wrong kind"),
        ({"frequencies": []}, "0 are given"),
        ({"frequencies": [float("nan")]}, "finite"),
        ({"anions": 2.0}, "anions"),
        ({"soc": 1.5}, "soc"),
        ({"model": "P3D"}, "model"),
        ({"heat": "warm"}, "heat"),
        ({"grid": 20}, "grid"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        ion.impedance("lg-m50", **arguments)


def test_a_stepper_brings_its_settings_with_it() -> None:
    with pytest.raises(InputError, match="soc: a stepper has its own"):
        ion.impedance(ion.stepper("lg-m50", grid=SMALL), 1.0, soc=0.5)


def test_an_unknown_path_of_a_gradient_is_named() -> None:
    with pytest.raises(InputError, match=r"positive\.thicknes"):
        ion.impedance("lg-m50", 1.0, model="SPM").gradient("positive.thicknes")


def test_a_run_has_no_graded_grid() -> None:
    with pytest.raises(InputError, match=r"grid\.edge"):
        ion.simulate("lg-m50", "Rest for 1 s", grid=Grid(4, 4, 4, 4, edge=0.01))
    with pytest.raises(InputError, match=r"grid\.edge"):
        Grid(edge=2.0)


@pytest.mark.parametrize(("nodes", "edge"), [(1, 0.1), (2, 0.1), (7, 0.01), (20, 0.004), (5, 0.9)])
def test_nodes_widen_from_both_ends(nodes: int, edge: float) -> None:
    share = _shares(nodes, edge)
    assert np.isclose(np.sum(share), 1.0)
    assert np.allclose(share, share[::-1])
    assert np.isclose(share[0], edge) or edge * nodes >= 1 or nodes <= 2


FACTOR = ion.parameter(1.0, "1")


def own_kinetics(overpotential: Any, exchange_current_density: Any, temperature: Any, slow: Any) -> Any:
    return (
        slow
        * 2
        * exchange_current_density
        * sinh(96485.33212 * overpotential / (2 * 8.314462618 * temperature))
    )


def test_own_kinetics_have_an_impedance_and_a_gradient() -> None:
    def kinetics(
        overpotential: Any,
        exchange_current_density: Any,
        temperature: Any,
        slow: Any = FACTOR,
    ) -> Any:
        return own_kinetics(overpotential, exchange_current_density, temperature, slow)

    hertz = [1e-2, 1.0, 1e2]
    ours = ion.impedance("lg-m50", hertz, soc=0.5, grid=SMALL).impedance
    own = ion.impedance("lg-m50", hertz, soc=0.5, grid=SMALL, laws={"positive.kinetics": kinetics})
    assert np.allclose(own.impedance, ours, rtol=1e-9)

    def at(value: float) -> Any:
        laws = {"positive.kinetics": kinetics, "positive.slow": value}
        return ion.impedance("lg-m50", hertz, soc=0.5, grid=SMALL, laws=laws).impedance

    slope = own.gradient("positive.slow")["positive.slow"]
    assert np.allclose(slope, (at(1 + 1e-4) - at(1 - 1e-4)) / 2e-4, rtol=1e-6)
