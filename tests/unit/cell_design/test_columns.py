"""Scalars of many designs at once are those of changed cells, to the last bit, whatever is changed."""

from __future__ import annotations

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design.columns import CONSTANTS, Unsupported, columns

CELLS = (
    "lg-m50",
    "lfp-graphite",
    "polymer-lfp",
    "qse5",
    "semi-solid-360",
    "sodium-nvpf",
    "sulfide-li",
    "xu2019-half-cell",
)
FACTORS = np.array([0.97, 0.9931, 1.0, 1.01, 1.0237])


def constants(cell: ion.Cell) -> dict[str, float]:
    """Functions of the electrodes that are numbers."""
    found = {
        f"{e}.{name}": cell.resolved.functions.get(f"{e}.{name}")
        for e in ("negative", "positive")
        for name in CONSTANTS
    }
    return {p: f.function.constant for p, f in found.items() if f and f.function.constant is not None}


def possible(cell: ion.Cell, varied: dict[str, np.ndarray]) -> bool:
    """Whether each of the designs is a cell."""
    try:
        one_by_one(cell, varied)
    except ion.InputError:
        return False
    return True


def one_by_one(cell: ion.Cell, varied: dict[str, np.ndarray]) -> list[dict[str, float]]:
    """Scalars of each design from its own cell, with constants of functions beside them."""
    out = []
    for i in range(len(FACTORS)):
        p = cell.replace({path: float(values[i]) for path, values in varied.items()}).parameters()
        found = {k: f.constant for k, f in p.functions.items() if f.constant is not None}
        out.append({**found, **p.scalars})
    return out


def assert_equal(cell: ion.Cell, varied: dict[str, np.ndarray]) -> None:
    together = columns(cell, varied, len(FACTORS))
    own = cell.parameters()
    base = {k: f.constant for k, f in own.functions.items() if f.constant is not None} | dict(own.scalars)
    for i, expected in enumerate(one_by_one(cell, varied)):
        found = {**base, **{name: values[i] for name, values in together.items()}}
        different = {
            k
            for k in expected
            if not (found[k] == expected[k] or (found[k] != found[k] and expected[k] != expected[k]))
        }
        assert not different, (varied, i, {k: (found[k], expected[k]) for k in different})


@pytest.mark.parametrize("name", CELLS)
def test_every_number_reaches_the_scalars_as_a_changed_cell_has_them(name: str) -> None:
    cell = ion.load_cell(name)
    numbers = {path: n.value for path, n in cell.resolved.numbers.items()} | constants(cell)
    compared = 0
    for path, value in numbers.items():
        top = cell.resolved.quantities[path].upper
        varied = {path: value * (FACTORS if value * FACTORS[-1] <= top else FACTORS / FACTORS[-1])}
        if ".electrolyte." in path or not possible(cell, varied):
            with pytest.raises(Unsupported):
                columns(cell, varied, len(FACTORS))
            continue
        assert_equal(cell, varied)
        compared += 1
    assert compared > 35


@pytest.mark.parametrize("name", CELLS)
def test_many_paths_at_once_are_no_different(name: str) -> None:
    cell, rng = ion.load_cell(name), np.random.default_rng(1)
    paths = [
        "positive.thickness",
        "positive.active_fraction",
        "positive.particle_radius",
        "positive.porosity",
    ]
    paths += ["negative.thickness", "format.electrode_area", "separator.thickness", "nominal_capacity"]
    paths += [p for p in constants(cell) if p.startswith("positive")]
    varied = {p: cell[p] * rng.uniform(0.98, 1.001, len(FACTORS)) for p in paths}
    assert_equal(cell, varied)


def test_designs_that_do_not_balance_are_left_to_the_cell() -> None:
    cell = ion.load_cell("lg-m50")
    with pytest.raises(Unsupported):
        columns(cell, {"positive.porosity": np.array([0.3, 0.9])}, 2)
