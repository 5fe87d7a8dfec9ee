"""From cell to pack: how many cells, how heavy, how large, how warm."""

from ionstone.pack.config import PackDesign
from ionstone.pack.uniform import UniformPack, build_pack

__all__ = ["PackDesign", "UniformPack", "build_pack"]
