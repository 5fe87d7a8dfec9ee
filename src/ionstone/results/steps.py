"""Metrics of each step of a protocol, and those of the whole run that follow from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ionstone.results.summary import SUMMARY_UNITS, summarize

#: of a step: its index in the protocol, its start, and the metrics of its part of the run (no means over the
#: charge, which at rest is nothing but rounding)
STEP_UNITS: dict[str, str] = {"step": "1", "start": "s"} | {
    name: unit
    for name, unit in SUMMARY_UNITS.items()
    if name != "end_reason" and not name.startswith("mean_")
}
_SUMS = (
    "points", "duration", "discharge_capacity", "charge_capacity", "discharge_energy", "charge_energy"
)  # fmt: skip


def metrics_of_steps(
    time: np.ndarray, outputs: Mapping[str, np.ndarray], step: np.ndarray
) -> dict[str, np.ndarray]:
    """Metrics of each step of a run, SI (units in ``STEP_UNITS``): name -> one value a step that was run.

    ``step``: of each point the index of its step. A step begins with a point of its own at the end of the one
    before. Not a number where a step cannot give a metric.
    """
    first = np.flatnonzero(np.diff(step, prepend=-1))
    last = [*first[1:], len(step)][: len(first)]
    parts = [
        summarize(time[a:b], {name: values[a:b] for name, values in outputs.items()})
        for a, b in zip(first, last, strict=True)
    ]
    names = [name for name in STEP_UNITS if any(name in part for part in parts)]
    table: dict[str, np.ndarray] = {"step": step[first].astype(int), "start": time[first]}
    return table | {name: np.array([float(part.get(name, np.nan)) for part in parts]) for name in names}


def metrics_of_whole(steps: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Metrics of a run from those of its steps: charge and energy add up, extremes are those of a step."""
    if not len(steps["step"]):
        return {"points": 0.0}
    whole: dict[str, float] = {}
    for name, values in steps.items():
        if name in _SUMS:
            whole[name] = float(np.sum(values))
        elif name.startswith("final_"):
            whole[name] = float(values[-1])
        elif name.startswith(("min_", "max_")):
            pick: Sequence[float] = values[np.isfinite(values)]
            whole[name] = float((min if name.startswith("min_") else max)(pick, default=np.nan))
    for side in ("discharge", "charge"):
        if whole[f"{side}_capacity"] > 0:
            whole[f"mean_{side}_voltage"] = whole[f"{side}_energy"] / whole[f"{side}_capacity"]
    return {name: whole[name] for name in SUMMARY_UNITS if np.isfinite(whole.get(name, np.nan))}
