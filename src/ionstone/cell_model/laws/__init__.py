"""Laws of the cell: pure functions of scalars, written with ``ionstone.core.ops``."""
