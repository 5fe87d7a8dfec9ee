"""Effective transport of composites: one published model a file, the null model ``no_structure`` beside."""
