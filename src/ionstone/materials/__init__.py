"""Materials: property models (constants, expressions, tables) and the library of material records."""

from __future__ import annotations

from ionstone.materials.functions import Property, PropertyFunction, function_field
from ionstone.materials.library_files import load_material, material_names
from ionstone.materials.records import Material

__all__ = ["Material", "Property", "PropertyFunction", "function_field", "load_material", "material_names"]
