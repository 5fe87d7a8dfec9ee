"""From cell to pack: how many cells, how heavy, how large, how warm."""

from ionstone.pack.config import PackDesign
from ionstone.pack.pack import Pack, build_pack
from ionstone.pack.pressure import pressure_mass_fraction, pressure_volume_fraction

__all__ = [
    "Pack",
    "PackDesign",
    "build_pack",
    "pressure_mass_fraction",
    "pressure_volume_fraction",
]
