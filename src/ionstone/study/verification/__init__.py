"""Computed figures beside laws, closed formulas and other codes."""
