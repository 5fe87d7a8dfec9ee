"""Named outputs of runs, each made from the kernel's rows when it is first read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_model import contact, metal, names
from ionstone.numerics.points import IntArray, cut, fill

FloatArray = NDArray[np.float64]


class Outputs(Mapping[str, FloatArray]):
    """Outputs of one run over its points; ``time`` and ``step`` are those of the points."""

    def __init__(
        self,
        rows: FloatArray,
        columns: Mapping[str, int],
        parts: tuple[IntArray, int] | None = None,
    ) -> None:
        """``rows``: of one lane (time, step, outputs). ``columns``: the column of each output.

        ``parts``: where the steps are cut, if not as the voltage of these rows asks for (``cut``).
        """
        self._rows, self._columns = rows, columns
        self._cut = cut(rows) if parts is None else parts
        self.time, voltage = fill(rows, *self._cut, (0, 2))
        self.step: NDArray[Any] = np.repeat(rows[:, 1].astype(int), self._cut[0])
        self._known: dict[str, FloatArray] = {"voltage": voltage}

    def __getitem__(self, name: str) -> FloatArray:
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = fill(self._rows, *self._cut, [2 + self._columns[name]])[0]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __contains__(self, name: object) -> bool:
        return name in self._columns


_METALS = ("negative", "positive")
_UNITS = {
    **names.OUTPUTS,
    **contact.OUTPUTS,
    **names.METAL_OUTPUTS,
    **metal.outputs(_METALS, _METALS),
}


def named_outputs(
    columns: Mapping[str, int], planar: bool, thermal: bool
) -> tuple[dict[str, int], dict[str, str]]:
    """The columns of the outputs that mean something for this cell, and their units."""
    skip = {"temperature_rate"} | (set() if thermal else {"heat"})
    skip |= (
        {"plating_potential"}
        if planar
        else {"lithium_thickness", "critical_current_ratio", "void_current_ratio"}
    )
    out = {n: v for n, v in columns.items() if n not in skip}
    units = {n: _UNITS.get(n, "mol/m3" if "concentration" in n else "") or "1" for n in out}
    return out, units
