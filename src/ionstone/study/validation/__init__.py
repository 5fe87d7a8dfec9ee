"""Computed figures beside measured and published ones."""
