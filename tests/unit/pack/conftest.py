"""A cell that pack tests can compute by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest


class StubCell:
    """A 5 Ah cell of 3.6 V, 70 g, 24 mL, ten electrode pairs of 160 cm^2 that do not breathe."""

    name = "stub"
    mass = 0.07
    volume = 24e-6
    open_circuit_energy = 5 * 3600 * 3.6

    def __init__(self, pressure: float = 0.0, kind: str = "cylindrical") -> None:
        self._pressure = pressure
        self.config = SimpleNamespace(format=SimpleNamespace(kind=kind))

    def __getitem__(self, path: str) -> float:
        return {"stack_pressure": self._pressure, "format.layers": 10.0}[path]

    def __contains__(self, path: str) -> bool:
        return path in ("stack_pressure", "format.layers")

    def pressure(self) -> Any:
        return SimpleNamespace(breathing=0.0, stiffness=float("inf"))

    def parameters(self) -> Any:
        scalars = {"nominal_capacity": 5 * 3600.0, "thermal.heat_capacity": 63.0, "electrode_area": 0.16}
        return SimpleNamespace(scalars=scalars)


@pytest.fixture
def stub_cell() -> type[StubCell]:
    return StubCell
