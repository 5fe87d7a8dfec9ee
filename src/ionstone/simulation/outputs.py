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
        columns: Mapping[str, tuple[int, ...]],
        parts: tuple[IntArray, int] | None = None,
    ) -> None:
        """``rows``: of one lane (time, step, outputs). ``columns``: those whose least value an output is.

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
            parts = fill(self._rows, *self._cut, [2 + at for at in self._columns[name]])
            found = self._known[name] = parts[0] if len(parts) == 1 else np.minimum(*parts)
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
) -> tuple[dict[str, tuple[int, ...]], dict[str, str]]:
    """Each output that means something for this cell: the columns whose least value it is; and units."""
    skip = {"temperature_rate"} | (set() if thermal else {"heat"})
    skip |= (
        {"plating_potential"}
        if planar
        else {"lithium_thickness", "critical_current_ratio", "void_current_ratio"}
    )
    least, other = "minimum_electrolyte_concentration", "minimum_electrolyte_concentration_negative"
    out: dict[str, tuple[int, ...]] = {n: (v,) for n, v in columns.items() if n not in skip and n != other}
    if other in columns:
        out[least] = (columns[least], columns[other])
    units = {n: _UNITS.get(n, "mol/m3" if "concentration" in n else "") or "1" for n in out}
    return out, units
