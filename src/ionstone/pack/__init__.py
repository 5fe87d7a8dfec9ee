"""From cell to pack: how many cells, how heavy, how large, how warm."""

from ionstone.pack.config import PackDesign
from ionstone.pack.pressure import pressure_mass_fraction, pressure_volume_fraction
from ionstone.pack.uniform import UniformPack, build_pack

__all__ = [
    "PackDesign",
    "UniformPack",
    "build_pack",
    "pressure_mass_fraction",
    "pressure_volume_fraction",
]
