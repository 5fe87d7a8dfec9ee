"""Many charges at once: each is computed alone, on all cores; one that fails is a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.errors import SimulationError
from ionstone.study.car.charge import ChargeResult
from ionstone.study.pool import run_jobs

if TYPE_CHECKING:
    import plotly.graph_objects
    import xarray

#: figures of a charge that a batch holds, SI but for the first two
FIGURES = {
    "minutes": "min", "km_per_minute": "km/min", "energy": "J", "range_gained": "m", "peak_power": "W",
    "mean_power": "W", "max_temperature": "K", "preheat_energy": "J", "ambient": "K",
}  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Charges:
    """Charges of many cells, cars, chargers or temperatures, a lane each.

    `charges[i]` is the ChargeResult of a lane. `code` is 0 where it was computed; where it was not, `message`
    says why and the figures of `summary` are not numbers.
    """

    results: tuple[ChargeResult | None, ...]
    code: np.ndarray
    message: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.results)

    def __repr__(self) -> str:
        return f"Charges({len(self)} lanes, {int(np.count_nonzero(self.code))} failed)"

    def __getitem__(self, lane: int) -> ChargeResult:
        """Return the charge of a lane. SimulationError where it could not be computed."""
        found = self.results[lane]
        if found is None:
            raise SimulationError(self.message[lane])
        return found

    @property
    def computed(self) -> list[ChargeResult]:
        """The charges that were computed, in the order of the lanes."""
        return [one for one in self.results if one is not None]

    @cached_property
    def summary(self) -> Mapping[str, np.ndarray]:
        """Figures of all lanes as arrays; names, limits, codes and messages as texts."""
        rows = [{} if one is None else one.summary for one in self.results]
        figures = {name: np.array([float(row.get(name, np.nan)) for row in rows]) for name in FIGURES}
        words = {
            name: np.array([str(row.get(name, "")) for row in rows], dtype=object)
            for name in ("cell", "vehicle", "charger", "limit")
        }
        return {**words, **figures, "code": self.code, "message": np.array(self.message, dtype=object)}

    def to_xarray(self) -> xarray.Dataset:
        """The figures as a dataset over `lane`, with units."""
        from ionstone.study.car.tables import dataset

        columns = {
            name: (values.astype(str) if values.dtype == object else values, FIGURES.get(name, ""))
            for name, values in self.summary.items()
        }
        return dataset("lane", np.arange(len(self)), "1", columns, {})

    def chart(self) -> Any:
        """What `plot` draws, as a renderer-free chart."""
        from ionstone.study.car.charts import charge_chart

        return charge_chart(self.computed)

    def plot(self) -> plotly.graph_objects.Figure:
        """A plotly figure of all charges: power over the state of charge, coloured by the limit."""
        from ionstone.plotting.interactive import plotly_figure

        return plotly_figure(self.chart())


def charge_many(
    lanes: Sequence[tuple[Any, ...]], charge: Callable[..., ChargeResult], workers: int | None = None
) -> Charges:
    """Return the charges of lanes of arguments, on as many threads as the machine has processors."""
    from ionstone.study.car.drive_batch import processors

    def work(lane: tuple[Any, ...]) -> tuple[ChargeResult | None, int, str]:
        try:
            return charge(*lane), 0, ""
        except SimulationError as error:
            return None, int(getattr(error.run, "code", 0)) or -1, str(error)

    done, stopped = run_jobs(lanes, work, workers=workers or processors())
    if stopped:
        raise KeyboardInterrupt
    found = [done[i] for i in range(len(lanes))]
    code = np.array([code for _, code, _ in found])
    return Charges(tuple(one for one, *_ in found), code, tuple(message for *_, message in found))
