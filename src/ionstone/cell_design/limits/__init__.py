"""Limits of a solid cell: one published law a file, each with its range; null model ``no_limit``."""
