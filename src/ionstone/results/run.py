"""The result of one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.results.outputs import output
from ionstone.results.steps import metrics_of_steps
from ionstone.results.summary import SUMMARY_UNITS, summarize

if TYPE_CHECKING:
    import plotly.graph_objects
    import xarray


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """Named outputs over time of one cell under one protocol, all SI; current is positive on discharge.

    ``code`` is zero for a run that ended as its protocol says; else ``message`` says what happened, why,
    and what to try. ``summary`` holds the metrics of ``ionstone.results.summary``.
    """

    time: np.ndarray
    outputs: Mapping[str, np.ndarray]
    step: np.ndarray
    units: Mapping[str, str]
    cell: str = ""
    model: str = ""
    protocol: str = ""
    code: int = 0
    message: str = ""
    end_reason: str = ""
    given: Mapping[str, float | str] | Callable[[], Mapping[str, float | str]] = field(default_factory=dict)
    limiter: Callable[[Run], tuple[Any, ...]] | None = None
    given_steps: Mapping[str, np.ndarray] | None = None

    @cached_property
    def summary(self) -> Mapping[str, float | str]:
        """The metrics of the run, computed when first read; ``given`` adds to or overrides them.

        ``given`` is a mapping, or a function that makes one when it is needed.
        """
        given = self.given() if callable(self.given) else self.given
        return summarize(self.time, self.outputs, self.end_reason) | dict(given)

    @cached_property
    def steps(self) -> Mapping[str, np.ndarray]:
        """Metrics of each step of the protocol that was run: name -> array, one value a step.

        ``step`` is the index in the protocol and ``start`` the time [s] at which it begins; the others are
        those of ``summary``, of the step alone. Units: ``ionstone.results.steps.STEP_UNITS``.
        """
        if self.given_steps is not None:
            return self.given_steps
        return metrics_of_steps(self.time, self.outputs, self.step)

    @classmethod
    def from_outputs(
        cls,
        time: np.ndarray,
        outputs: Mapping[str, np.ndarray],
        *,
        step: np.ndarray | None = None,
        units: Mapping[str, str] | None = None,
        cell: str = "",
        model: str = "",
        protocol: str = "",
        code: int = 0,
        message: str = "",
        end_reason: str = "",
        summary: Mapping[str, float | str] | None = None,
        limiter: Callable[[Run], tuple[Any, ...]] | None = None,
    ) -> Run:
        """Build a run from the arrays of a solver.

        ``outputs`` needs ``voltage`` [V] and ``current`` [A]; each array has one value per time [s].
        ``summary`` adds to, or overrides, the computed metrics; ``limiter`` evaluates the limits of the run.
        ValueError where an array is missing or has the wrong length.
        """
        time = np.asarray(time, dtype=float)
        arrays = {name: np.asarray(values, dtype=float) for name, values in outputs.items() if name != "time"}
        for name in ("voltage", "current"):
            if name not in arrays:
                raise ValueError(f"a run needs the output {name!r}")
        for name, values in arrays.items():
            if values.shape != time.shape:
                raise ValueError(f"output {name!r} has shape {values.shape}, the time has {time.shape}")
        steps = np.zeros(time.shape, dtype=int) if step is None else np.asarray(step, dtype=int)
        given = dict(units or {})
        return cls(
            time=time,
            outputs=arrays,
            step=steps,
            units={name: given.get(name, output(name).unit) for name in ("time", *arrays)},
            cell=cell,
            model=model,
            protocol=protocol,
            code=int(code),
            message=message,
            end_reason=end_reason,
            given=dict(summary or {}),
            limiter=limiter,
        )

    @property
    def voltage(self) -> np.ndarray:
        """Terminal voltage [V]."""
        return self.outputs["voltage"]

    @property
    def current(self) -> np.ndarray:
        """Current [A], positive on discharge."""
        return self.outputs["current"]

    @property
    def temperature(self) -> np.ndarray:
        """Temperature of the cell [K]."""
        return self.outputs["temperature"]

    @property
    def succeeded(self) -> bool:
        """Whether the run ended as its protocol says."""
        return self.code == 0

    def __repr__(self) -> str:
        end = self.summary.get("end_reason") or ("done" if self.succeeded else self.message)
        span = float(self.time[-1] - self.time[0]) if self.time.size else 0.0
        return f"Run({self.cell}, {self.model}, {span:.6g} s, {self.time.size} points, {end})"

    def limits(self) -> tuple[Any, ...]:
        """The limits of the cell against this run: voids, filaments, creep shorts, stability windows.

        Each is a ``LimitRecord`` with law, inputs, threshold, worst value and margin; limits without numbers
        in the cell are left out. Empty for a run that was read from a file.
        """
        return () if self.limiter is None else self.limiter(self)

    def to_xarray(self) -> xarray.Dataset:
        """The run as an xarray Dataset over ``time``, units and descriptions as attributes."""
        from ionstone.results.write import to_xarray

        return to_xarray(self)

    def plot(self, names: tuple[str, ...] | None = None) -> plotly.graph_objects.Figure:
        """A plotly figure of the run: voltage, current, temperature and state of charge, or the outputs
        named."""
        from ionstone.plotting.interactive import plotly_figure

        return plotly_figure(self.chart(names))

    def chart(self, names: tuple[str, ...] | None = None) -> Any:
        """What ``plot`` draws, as a renderer-free ``ionstone.plotting.chart.Chart``."""
        from ionstone.plotting.figures import run_chart

        return run_chart(
            self.time,
            self.outputs,
            units=self.units,
            titles={name: output(name).title for name in self.outputs},
            title=" | ".join(part for part in (self.cell, self.model, self.protocol) if part),
            names=names,
        )

    def pulse_resistances(self, times: Sequence[float | str] = (0.0, 10.0, 30.0)) -> dict[str, np.ndarray]:
        """Resistance of each pulse after a rest, at times since it began: of the protocol ``hppc``."""
        from ionstone.results.pulses import pulse_resistances

        return pulse_resistances(self, times)

    def titration(self) -> dict[str, np.ndarray]:
        """Drop, relaxation and rate of diffusion of each pulse between rests: of the protocol ``gitt``."""
        from ionstone.results.pulses import titration

        return titration(self)

    def rate_capability(self) -> dict[str, np.ndarray]:
        """Capacity and energy of each discharge after a rest: of the protocol ``rate_test``."""
        from ionstone.results.pulses import rate_capability

        return rate_capability(self)

    def open_circuit(self, points: int = 101) -> dict[str, np.ndarray]:
        """The average of slow discharge and charge over the state of charge: of the protocol ``ocv``."""
        from ionstone.results.pulses import open_circuit

        return open_circuit(self, points)

    def write(self, path: str | Path) -> Path:
        """Write the run to ``path``: ``.csv`` and ``.parquet`` (Battery Data Format columns) or ``.nc``."""
        from ionstone.results.write import write_run

        return write_run(self, path)

    def to_json_dict(self) -> dict[str, Any]:
        """The run as plain lists and numbers, SI, for JSON; numbers that are not finite become ``None``."""
        series = {"time": self.time, **self.outputs}
        return {
            "cell": self.cell,
            "model": self.model,
            "protocol": self.protocol,
            "code": self.code,
            "message": self.message,
            "summary": {key: _plain(value) for key, value in self.summary.items()},
            "summary_units": {key: SUMMARY_UNITS[key] for key in self.summary if key in SUMMARY_UNITS},
            "limits": [limit.to_json_dict() for limit in self.limits()],
            "sign_convention": "current, power and charge are positive on discharge",
            "units": dict(self.units),
            "step": self.step.tolist(),
            "outputs": {
                name: [_plain(value) for value in values.tolist()] for name, values in series.items()
            },
        }


def _plain(value: float | str) -> float | str | None:
    if isinstance(value, str):
        return value
    return float(value) if np.isfinite(value) else None
