"""Masses of packs against published ones: the group ``packs``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ionstone.study.validation.case import Case

GROUP = "packs"
TOLERANCE = 0.05
_WEIGHTS = (
    "jbaars2/Batt_Sust_Model on GitHub, result_comparison/pack_weight_2017_2020.xlsx: Tesla Model 3 2020,"
    " 80.5 kWh, 478 kg"
)
_NIO = "batterydesign.net, 150 kWh NIO ES6: 96s4p of 110 Ah, 575 kg"
_EGMP = (
    "github.com/cgalpin/hyundai-egmp-research, Battery/README.md: 77.4 kWh pack of Hyundai Ioniq 5, 192s2p,"
    " 477.1 kg"
)
_HINA = "batterydesign.net, JAC E10X: HiNa pack of 120 Wh/kg, cells of 140 Wh/kg"


def jobs() -> list[tuple[str, Callable[[], list[Case]]]]:
    """The cases as (name, function that computes them)."""
    return [
        (
            "pack of Tesla Model 3",
            partial(_mass, "lg-m50", 96, 46, 478.0, _WEIGHTS, "LG M50 cells for the car's own 21700"),
        ),
        (
            "pack of Nio",
            partial(_mass, "semi-solid-360", 96, 4, 575.0, _NIO, "share of the cells: from this pack", True),
        ),
        ("pack of Hyundai Ioniq 5", _modules),
        ("pack of JAC E10X", _sodium),
    ]


def _mass(
    cell: str, series: int, parallel: int, published: float, source: str, note: str, fitted: bool = False
) -> list[Case]:
    from ionstone.pack.network import Pack

    computed = Pack(cell, series=series, parallel=parallel).mass
    name = f"{series}s{parallel}p of {cell}: mass"
    return [Case(name, GROUP, published, computed, "kg", TOLERANCE, source, fitted=fitted, note=note)]


def _modules() -> list[Case]:
    from ionstone.pack import PackDesign
    from ionstone.pack.config import MASS_RATIOS
    from ionstone.pack.network import Pack

    with_modules = PackDesign(cell_mass_fraction=MASS_RATIOS["cylindrical"])
    computed = Pack("nmc811-fast", series=192, parallel=2, design=with_modules).mass
    note = "share of the cells as in packs with modules; foils and housing of the cell were chosen to meet it"
    name = "192s2p of nmc811-fast: mass"
    return [Case(name, GROUP, 477.1, computed, "kg", TOLERANCE, _EGMP, fitted=True, note=note)]


def _sodium() -> list[Case]:
    from ionstone.pack import PackDesign

    ratio = PackDesign().mass_ratio("prismatic", 140 * 3600.0).value
    note = "the default of prismatic cells, from LFP packs"
    return [Case("JAC E10X: pack over cell Wh/kg", GROUP, 120 / 140, ratio, "1", TOLERANCE, _HINA, note=note)]
