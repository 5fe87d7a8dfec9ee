"""A cell that pack and study tests can compute by hand: linear open-circuit potential, round numbers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest


class StubFunction:
    """U(x) = 4.2 V - 1.2 V x."""

    def evaluate(self, x: Any) -> Any:
        return 4.2 - 1.2 * np.asarray(x)


class StubCell:
    """A 5 Ah metal cell: 4.2 V full, 3.0 V empty, 70 g, 24 mL."""

    name = "stub"
    mass = 0.07
    volume = 24e-6
    format = SimpleNamespace(kind="cylindrical")

    def __init__(self, pressure: float = 0.0, kind: str = "cylindrical") -> None:
        self.pressure = pressure
        self.format = SimpleNamespace(kind=kind)

    def __getitem__(self, path: str) -> float:
        return {"stack_pressure": self.pressure}[path]

    def parameters(self) -> Any:
        scalars = {
            "positive.stoichiometry_at_full": 0.0,
            "positive.stoichiometry_at_empty": 1.0,
            "positive.maximum_concentration": 5 * 3600 / 96485.33212,
            "positive.active_fraction": 1.0,
            "positive.thickness": 1.0,
            "electrode_area": 1.0,
            "nominal_capacity": 5 * 3600.0,
            "thermal.heat_capacity": 63.0,
        }
        functions = {"positive.open_circuit_potential": StubFunction()}
        return SimpleNamespace(scalars=scalars, functions=functions, negative_kind="lithium")


@pytest.fixture
def stub_cell() -> type[StubCell]:
    return StubCell
