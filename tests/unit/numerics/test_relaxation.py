"""Distributions of relaxation times of impedances whose parts are known."""

import numpy as np

from ionstone.numerics.relaxation import relaxation_times

HERTZ = np.logspace(-3, 6, 91)
S = 2j * np.pi * HERTZ


def test_two_relaxations_are_found_where_they_are_and_with_their_resistance() -> None:
    z = 1 + 2 / (1 + S * 1e-3) + 0.5 / (1 + S * 1.0)
    found = relaxation_times(HERTZ, z)
    tau, gamma = found.time_constants, found.gamma
    step = np.log(tau[1] / tau[0])
    fast = tau < 3e-2
    assert np.isclose(np.sum(gamma[fast]) * step, 2.0, rtol=0.01)
    assert np.isclose(np.sum(gamma[~fast]) * step, 0.5, rtol=0.03)
    assert abs(np.log10(tau[np.argmax(gamma)]) + 3) < 0.1
    assert np.isclose(found.resistance, 1.0, rtol=0.01)


def test_what_never_relaxes_is_a_capacitance_and_an_inductance() -> None:
    z = 1 + 2 / (1 + S * 1e-3) + 1 / (S * 5000.0) + S * 1e-7
    found = relaxation_times(HERTZ, z)
    assert np.isclose(1 / found.inverse_capacitance, 5000.0, rtol=0.05)
    assert np.isclose(found.inductance, 1e-7, rtol=0.01)


def test_less_smoothing_fits_better_and_the_distribution_is_never_negative() -> None:
    z = 1 + 2 / np.sqrt(1 + S * 1e-2)
    found = [relaxation_times(HERTZ, z, smoothing=s) for s in (1e-2, 1e-5)]
    assert found[1].misfit < found[0].misfit
    assert found[1].misfit < 5e-3
    assert all(np.all(f.gamma >= 0) for f in found)
    assert np.allclose(found[1].fit, z, rtol=1e-2)


def test_the_area_is_the_polarisation() -> None:
    z = 1 + 2 / (1 + S * 1e-3)
    assert np.isclose(relaxation_times(HERTZ, 1e-4 * z).polarisation, 2e-4, rtol=0.01)
