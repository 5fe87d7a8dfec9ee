"""Measured points that ``ionstone validate`` compares with: figures of papers, each with its source."""
