"""Charts made from named outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from ionstone.core.errors import InputError, nearest
from ionstone.plotting.chart import Chart, Panel, Series
from ionstone.plotting.display import shown_unit, time_unit
from ionstone.plotting.theme import series_colour

_USUAL = ("voltage", "current", "temperature", "soc")
_MOST_POINTS = 4000
_LONGEST_TITLE = 80


def run_chart(
    time: np.ndarray,
    outputs: Mapping[str, np.ndarray],
    *,
    units: Mapping[str, str],
    titles: Mapping[str, str] | None = None,
    title: str = "",
    names: Sequence[str] | None = None,
) -> Chart:
    """One panel an output over time; without ``names``: voltage, current, temperature, state of charge.

    ``units`` are SI and are shown friendly (K as °C, A s as A h). InputError for a name that is not an
    output.
    """
    chosen = tuple(names) if names is not None else tuple(name for name in _USUAL if name in outputs)
    for name in chosen:
        if name not in outputs:
            raise InputError(f"plot: there is no output {name!r}; {nearest(name, outputs)}")
    keep = thinned(time, [outputs[name] for name in chosen])
    clock = time_unit(float(time[-1] - time[0]) if time.size else 0.0)
    x = clock.convert(time[keep]).tolist()
    panels = []
    for index, name in enumerate(chosen):
        unit = shown_unit(units.get(name, ""))
        label = (titles or {}).get(name, name.replace("_", " ").capitalize())
        y = unit.convert(outputs[name][keep]).tolist()
        line = Series(label, x, y, colour=series_colour(index), in_legend=False)
        x_title = clock.label("Time") if index == len(chosen) - 1 else ""
        panels.append(Panel((line,), x_title=x_title, y_title=unit.label(label), y_range=_room(y)))
    short = title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…"
    return Chart(tuple(panels), title=short, legend=False)


def thinned(x: np.ndarray, curves: Sequence[np.ndarray], most: int = _MOST_POINTS) -> np.ndarray:
    """Indices of the points to draw: all of them, or of each bin in x the ends and every curve's
    extremes."""
    if x.size <= most:
        return np.arange(x.size)
    bins = max(1, most // (2 * len(curves) + 1))
    edges = np.unique(np.linspace(0, x.size, bins + 1).astype(int))
    kept = [0, x.size - 1]
    for start, stop in pairwise(edges.tolist()):
        kept.append(start)
        for curve in curves:
            part = np.nan_to_num(curve[start:stop], posinf=0.0, neginf=0.0)
            kept += [start + int(np.argmin(part)), start + int(np.argmax(part))]
    return np.unique(kept)


def _room(values: Sequence[float]) -> tuple[float, float] | None:
    """A range for a line that hardly varies, so that rounding is not drawn as mountains; None: leave it
    free."""
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    if finite.size == 0:
        return None
    low, high = float(finite.min()), float(finite.max())
    least = max(abs(high) * 1e-3, 1e-9)
    return (low - least * 10, high + least * 10) if high - low < least else None
