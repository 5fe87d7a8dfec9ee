"""The sparse linearisation is the dense Jacobian of the reference stepper, for every cell and level."""

from __future__ import annotations

from typing import Any

import numpy as np

from ionstone.numerics.linearise import Linearised


def moved(reference: Any, y: np.ndarray) -> np.ndarray:
    """A state some way off equilibrium, with currents in the local states."""
    rng = np.random.default_rng(4)
    electrodes, x, z = reference.split(y.copy())
    for c, local in electrodes:
        if c is not None:
            c *= 1 + 0.01 * rng.standard_normal(c.shape)
        local += 0.3 * rng.standard_normal(local.shape)
    x[0] *= 1 + 0.05 * rng.standard_normal(x.shape[1])
    x[1:] += 0.01 * rng.standard_normal(x[1:].shape)
    z[0] = 5.0
    parts = [p for c, local in electrodes for p in (c, local) if p is not None] + [x, z]
    return np.concatenate([p.ravel() for p in parts])


def test_the_sparse_jacobian_is_the_dense_one(cell: str, level: str, heat: str, case: Any, tiny: Any) -> None:
    made = case(cell, level, heat=heat, grid=tiny, soc=0.6)
    reference = made.reference()
    y = moved(reference, made.lanes.state[0])
    found = Linearised(reference, y)
    dense = reference.jacobian(y, made.holding(current_density=1.0), 0.0)
    scale = np.max(np.abs(dense), axis=1, keepdims=True)
    assert np.max(np.abs(found.jacobian.toarray() - dense) / scale) < 1e-13


def test_the_voltage_row_is_the_derivative_of_the_voltage(
    cell: str, level: str, heat: str, case: Any, tiny: Any
) -> None:
    made = case(cell, level, heat=heat, grid=tiny, soc=0.6)
    reference = made.reference()
    y = moved(reference, made.lanes.state[0])
    rng = np.random.default_rng(5)
    direction = rng.standard_normal(len(y))
    wanted = reference.outputs(y + 1e-30j * direction).imag[0] / 1e-30
    assert np.isclose(Linearised(reference, y).voltage @ direction, wanted, rtol=1e-12)
