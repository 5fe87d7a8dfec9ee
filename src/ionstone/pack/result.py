"""What a run of a pack gave: the pack over time, its cells at fewer points, energies, pictures."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ionstone.core.errors import MissingExtraError
from ionstone.pack.live import LivePack

if TYPE_CHECKING:
    import plotly.graph_objects
    import xarray

    from ionstone.pack.network import Pack

FloatArray = NDArray[np.float64]
#: points of single cells that are kept at most
POINTS = 500
#: outputs of the pack and their units
UNITS = {
    "voltage": "V",
    "current": "A",
    "power": "W",
    "soc": "1",
    "soc_lowest": "1",
    "soc_highest": "1",
    "temperature": "K",
    "temperature_lowest": "K",
    "temperature_highest": "K",
    "cell_voltage_lowest": "V",
    "cell_voltage_highest": "V",
    "cell_current_lowest": "A",
    "cell_current_highest": "A",
    "plate_temperature": "K",
    "heater": "W",
    "string_current": "A",
    "current_sum_error": "1",
}
CELL_UNITS = {"voltage": "V", "current": "A", "temperature": "K", "soc": "1"}


class Recorder:
    """Rows of a run while it goes on."""

    def __init__(self, pack: Pack, live: LivePack, every: float) -> None:
        self.pack, self.live, self.every = pack, live, max(every, 1e-3)
        self.step = 0
        self._rows = array("d")
        self._steps: list[int] = []
        self._limits: list[str] = []
        self._cells: list[tuple[float, FloatArray]] = []

    def __len__(self) -> int:
        return len(self._steps)

    def take(self, live: LivePack) -> None:
        """Keep the present point."""
        t, v = live.lanes.output("temperature"), live.voltages
        soc, layout = live.lanes.output("soc"), live.layout
        sums = layout.sum_groups(layout.cells * live.currents)
        scale = max(abs(live.current), 1e-3 * self.pack.nominal_capacity / 3600.0)
        mean = float(np.average(t, weights=layout.weight))
        self._rows.extend(
            (
                live.time, live.voltage, live.load_current, live.power, live.soc, float(soc.min()),
                float(soc.max()), mean, float(t.min()), float(t.max()), float(v.min()), float(v.max()),
                float(live.currents.min()), float(live.currents.max()), float(np.mean(live.network.plates)),
                live.heater, live.current, float(np.max(np.abs(sums - live.current))) / scale,
            )
        )  # fmt: skip
        self._steps.append(self.step)
        self._limits.append(live.limit)
        if not self._cells or live.time >= self._cells[-1][0] + self.every - 1e-9:
            if len(self._cells) >= POINTS:
                self._cells, self.every = self._cells[::2], 2 * self.every
            self._cells.append((live.time, np.stack([v, live.currents, t, soc]).astype(np.float32)))

    def finish(self, text: str, reason: str, wall: float) -> PackRun:
        """The run."""
        rows = np.array(self._rows).reshape(-1, 1 + len(UNITS))
        return PackRun(
            pack=self.pack, time=rows[:, 0],
            outputs={name: rows[:, 1 + i] for i, name in enumerate(UNITS)},
            step=np.array(self._steps), limit=np.array(self._limits, dtype=object),
            cell_time=np.array([t for t, _ in self._cells]),
            cells={n: np.stack([c[i] for _, c in self._cells]) for i, n in enumerate(CELL_UNITS)},
            weight=self.live.layout.weight, group=self.live.layout.group,
            energies=dict(self.live.energies), protocol=text, end_reason=reason, wall=wall,
            passes=self.live.passes,
        )  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class PackRun:
    """A run of a pack, SI; current and power are those of the load, positive on discharge.

    The cells carry ``string_current``, that of the load and of the heater beside it.

    ``outputs`` over ``time`` are of the pack, ``cells[name][point, lane]`` of the cells at ``cell_time``;
    ``weight`` is the number of cells that a lane stands for and ``group`` its place in series; ``limit``
    names the limit of the cells that bound at each point, empty where the demand was met; ``energies`` [J]
    are sums over the run, all by one rule; ``wall`` [s] is the time that it took to compute.
    """

    pack: Pack
    time: FloatArray
    outputs: Mapping[str, FloatArray]
    step: NDArray[Any]
    limit: NDArray[Any]
    cell_time: FloatArray
    cells: Mapping[str, FloatArray]
    weight: FloatArray
    group: NDArray[Any]
    energies: Mapping[str, float]
    protocol: str
    end_reason: str
    wall: float
    passes: int

    @property
    def units(self) -> dict[str, str]:
        """Unit of each output."""
        return {"time": "s", **UNITS}

    def __repr__(self) -> str:
        return f"PackRun({self.pack!r}, {self.time[-1]:.6g} s, {self.end_reason})"

    @cached_property
    def summary(self) -> dict[str, float | str]:
        """Figures of the run.

        ``balance`` [-]: energy of the cells less terminals, heater, joints and busbars, over the energy that
        moved; ``energy`` [J]: at the terminals; ``heater_energy`` [J]: out of the cells beside it;
        ``heat_balance`` [-]: heat made and put in less heat stored and lost, over heat made;
        ``cells_per_second``: cells of the pack times cycles, one cycle being the load of this run, over the
        time that it took.
        """
        o, e = self.outputs, self.energies
        given = np.abs(o["power"]) + o["heater"]
        moved = float(np.sum(0.5 * (given[1:] + given[:-1]) * np.diff(self.time)))
        electrical = e["cells"] - e["terminal"] - e["heater"] - e["joints"] - e["busbars"]
        warm = e["heat"] + e["heater"] - e["stored_heat"] - e["to_ambient"] - e["to_coolant"]
        spread = o["temperature_highest"] - o["temperature_lowest"]
        figures: dict[str, Any] = {
            "duration": float(self.time[-1] - self.time[0]),
            "energy": e["terminal"],
            "charge": float(np.sum(0.5 * (o["current"][1:] + o["current"][:-1]) * np.diff(self.time))),
            "heat": e["heat"],
            "busbar_loss": e["busbars"] + e["joints"],
            "heater_energy": e["heater"],
            "coolant_heat": e["to_coolant"],
            "soc_end": float(o["soc"][-1]),
            "soc_spread": float(o["soc_highest"][-1] - o["soc_lowest"][-1]),
            "temperature_highest": float(o["temperature_highest"].max()),
            "temperature_spread": float(spread.max()),
            "current_sum_error": float(o["current_sum_error"].max()),
            "balance": abs(electrical) / max(moved, 1e-9),
            "heat_balance": abs(warm) / max(abs(e["heat"]), abs(e["heater"]), 1e-9),
            "limited_share": float(np.mean([bool(name) for name in self.limit])),
            "limits": ", ".join(dict.fromkeys(name for name in self.limit if name)),
            "cells_per_second": self.pack.n_cells / max(self.wall, 1e-9),
            "lanes": float(len(self.weight)),
            "end_reason": self.end_reason,
        }
        return {name: v if isinstance(v, str) else float(v) for name, v in figures.items()}

    @property
    def force(self) -> FloatArray | None:
        """Force [N] in the straps of a row of cells over ``time``; None without stack pressure."""
        held = self.pack.hardware
        return None if held is None else np.asarray(held.force(self.outputs["soc"]), dtype=float)

    def to_xarray(self) -> xarray.Dataset:
        """The run as an xarray Dataset: the pack over ``time``, the cells over ``cell_time`` and ``lane``."""
        try:
            import xarray
        except ImportError as error:
            raise MissingExtraError("xarray", "io") from error
        data: dict[str, Any] = {n: ("time", v, {"units": UNITS[n]}) for n, v in self.outputs.items()}
        data["limit"] = ("time", self.limit.astype(str))
        for name, values in self.cells.items():
            data[f"cell_{name}"] = (("cell_time", "lane"), values, {"units": CELL_UNITS[name]})
        data["weight"], data["group"] = ("lane", self.weight), ("lane", self.group)
        return xarray.Dataset(
            data, {"time": self.time, "cell_time": self.cell_time}, {"end_reason": self.end_reason}
        )

    def plot(self) -> plotly.graph_objects.Figure:
        """A plotly figure: power, bands of voltage and temperature, and each cell at its place."""
        from ionstone.plotting.interactive import plotly_figure

        return plotly_figure(self.chart())

    def chart(self) -> Any:
        """What ``plot`` draws, as a renderer-free chart."""
        from ionstone.pack.picture import pack_chart

        return pack_chart(self)
