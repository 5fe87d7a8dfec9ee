"""An equivalent circuit in place of the cell model: voltage U(soc) - R I, lumped heat, by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ionstone.experiment import Protocol


@dataclass(frozen=True)
class Circuit:
    """A 5 Ah cell of 70 g: U = 3.0 V + 1.2 V soc, R = 20 mohm; plating at 0.25 V - 0.15 V soc - 10 mohm I."""

    name: str = "circuit"
    resistance: float = 0.02
    kind: str = "porous"
    critical_current: float = np.inf
    operating_temperature: float = float("nan")
    conductance: float = 0.05
    depletion: float = 0.0  # loss of concentration per ampere of charge [mol/m3/A], within 30 s
    capacity: float = 5 * 3600.0
    mass: float = 0.07
    volume: float = 24e-6
    config: Any = field(default_factory=lambda: SimpleNamespace(format=SimpleNamespace(kind="cylindrical")))

    @property
    def open_circuit_energy(self) -> float:
        return self.capacity * 3.6

    def __getitem__(self, path: str) -> float:
        return {"thermal.cooling_area": 1.0, "stack_pressure": 0.0}[path]

    def replace(self, changes: dict[str, float]) -> Circuit:
        return replace(self, conductance=changes["thermal.heat_transfer_coefficient"])

    def parameters(self) -> Any:
        scalars = {
            "nominal_capacity": self.capacity,
            "thermal.heat_capacity": 63.0,
            "operating_temperature": self.operating_temperature,
            "voltage.lower_cutoff": 3.0,
            "voltage.upper_cutoff": 4.2,
            "negative.critical_current_density": self.critical_current,
        }
        for region in ("negative", "separator", "positive"):
            scalars[f"{region}.electrolyte.single_ion"] = 0.0
            scalars[f"{region}.electrolyte.initial_concentration"] = 1000.0
        return SimpleNamespace(scalars=scalars, negative_kind=self.kind, positive_kind="porous")

    @property
    def built(self) -> Any:
        window = SimpleNamespace(positive_at_full=0.0, positive_at_empty=1.0)
        positive = SimpleNamespace(evaluate=lambda filling: 4.2 - 1.2 * filling)
        return SimpleNamespace(window=window, balance=SimpleNamespace(negative=None, positive=positive))


def _current(cell: Circuit, control: str, value: float, soc: float) -> float:
    open_circuit = 3.0 + 1.2 * soc
    if control == "current":
        return value
    if control == "power":
        root = open_circuit**2 - 4 * cell.resistance * value
        return (open_circuit - np.sqrt(max(root, 0.0))) / (2 * cell.resistance)
    if control == "voltage":
        return (open_circuit - value) / cell.resistance
    if control == "plating_potential":
        return (value - (0.25 - 0.15 * soc)) / 0.01
    if control == "critical_current_ratio":
        return -value * cell.critical_current
    raise AssertionError(control)


def _outputs(cell: Circuit, current: float, soc: float, temperature: float, lost: float) -> dict[str, float]:
    voltage = 3.0 + 1.2 * soc - cell.resistance * current
    return {
        "voltage": voltage,
        "current": current,
        "power": voltage * current,
        "soc": soc,
        "temperature": temperature,
        "heat": cell.resistance * current**2,
        "plating_potential": 0.25 - 0.15 * soc + 0.01 * current if cell.kind == "porous" else np.inf,
        "critical_current_ratio": max(0.0, -current) / cell.critical_current,
        "minimum_electrolyte_concentration": 1000.0 - lost,
        "abs_c_rate": abs(current) / (cell.capacity / 3600),
    }


@dataclass
class FakeSimulate:
    """Steps the circuit through a protocol at a fixed step [s]; a limit already met ends its step at once."""

    dt: float = 1.0
    ceiling: float = 4.35  # V, ends a run under a profile, as the cell model does
    calls: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, cell: Circuit, protocol: Protocol, **conditions: Any) -> Any:
        self.calls.append(conditions)
        soc, temperature, lost = conditions["soc"], conditions["temperature"], 0.0
        ambient = conditions.get("ambient") or temperature
        rows: list[tuple[float, int, dict[str, float]]] = []
        clock, index, steps = 0.0, 0, protocol.steps
        while index < len(steps):
            step, begin = steps[index], clock
            values = _sampled(step.value, self.dt)
            target = index + 1
            while True:
                value = values[min(round((clock - begin) / self.dt), len(values) - 1)]
                current = _current(cell, step.control, value, soc)
                outputs = _outputs(cell, current, soc, temperature, lost)
                rows.append((clock, index, outputs))
                met = next((limit for limit in step.until if _met(limit, outputs)), None)
                if met is not None:
                    target = index + 1 if met.then is None else met.then
                    break
                if clock - begin >= step.duration:
                    break
                if len(values) > 1 and outputs["voltage"] > self.ceiling:
                    return _run(rows)
                soc -= current * self.dt / cell.capacity
                lost += self.dt / 30 * (cell.depletion * max(-current, 0.0) - lost)
                if conditions["heat"] == "lumped":
                    loss = cell.conductance * (temperature - ambient)
                    temperature += self.dt * (outputs["heat"] - loss) / 63.0
                clock += self.dt
            index = target
        return _run(rows)


def _sampled(value: Any, dt: float) -> list[float]:
    if isinstance(value, (int, float)):
        return [float(value)]
    grid = np.arange(0.0, value.time[-1] + dt, dt)
    return np.interp(grid, value.time, value.value).tolist()


def _met(limit: Any, outputs: dict[str, float]) -> bool:
    value = outputs[limit.quantity]
    return value < limit.value if limit.direction == "<" else value > limit.value


def _run(rows: list[tuple[float, int, dict[str, float]]]) -> Any:
    outputs = {name: np.array([row[2][name] for row in rows]) for name in rows[0][2]}
    return SimpleNamespace(
        time=np.array([row[0] for row in rows]),
        step=np.array([row[1] for row in rows]),
        outputs=outputs,
        voltage=outputs["voltage"],
        current=outputs["current"],
        temperature=outputs["temperature"],
        message="",
    )


@pytest.fixture
def circuit() -> type[Circuit]:
    return Circuit


@pytest.fixture
def fake_simulate() -> FakeSimulate:
    return FakeSimulate()
