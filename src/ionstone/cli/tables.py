"""Tables of what named protocols are done for, as they are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ionstone.cli import console

if TYPE_CHECKING:
    from ionstone.results import Run

#: SI unit -> shown unit, scale
_UNITS = {
    "1": ("%", 100.0),
    "ohm": ("mΩ", 1e3),
    "A s": ("A h", 1 / 3600),
    "J": ("W h", 1 / 3600),
    "s": ("h", 1 / 3600),
    "1/h": ("C", 1.0),
}
_HEADINGS = {
    "soc": "SOC",
    "rest_voltage": "At rest",
    "end_voltage": "Pulse end",
    "relaxed_voltage": "Relaxed",
    "relaxation": "Relaxation",
    "instant_resistance": "R at once",
    "end_resistance": "R at end",
    "diffusion_rate": "D/L²",
    "mean_voltage": "Mean voltage",
    "discharge_voltage": "Discharge",
    "charge_voltage": "Charge",
    "open_circuit_voltage": "Open circuit",
}
_LEFT_OUT = ("end_voltage", "relaxed_voltage")
_ROWS = 21


def table_of(name: str, run: Run) -> dict[str, Any] | None:
    """The table of a named protocol; None where the protocol has none, or the run ended before."""
    from ionstone.core.errors import InputError
    from ionstone.results.pulses import TABLES

    if name not in TABLES:
        return None
    try:
        return dict(TABLES[name](run))
    except InputError:
        return None


def print_named(table: dict[str, Any]) -> None:
    """At most _ROWS rows of a table, in friendly units."""
    import numpy as np

    from ionstone.results.pulses import column_unit

    shown = {key: values for key, values in table.items() if key not in _LEFT_OUT}
    count = len(next(iter(shown.values())))
    at = np.unique(np.round(np.linspace(0, count - 1, min(_ROWS, count))).astype(int))
    headings, columns = [], []
    for key, values in shown.items():
        unit, scale = _UNITS.get(column_unit(key), (column_unit(key), 1.0))
        after = key.removeprefix("resistance_")
        title = _HEADINGS.get(key, key.capitalize() if after == key else f"R, {after[:-1]} s")
        headings.append(f"{title}, {unit}")
        columns.append([f"{v * scale:.4g}" if v == v else "-" for v in values[at].tolist()])
    rows = [list(row) for row in zip(*columns, strict=True)]
    print()
    console.print_table(headings, rows, right=range(len(headings)))
