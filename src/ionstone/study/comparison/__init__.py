"""Cells side by side in one car, and the report of it."""
