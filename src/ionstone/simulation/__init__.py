"""Simulation: model, cell and protocol meet the kernel; results come back as runs."""

from ionstone.simulation.grid import COARSE, Grid
from ionstone.simulation.simulate import Batch, simulate, simulate_batch

__all__ = ["COARSE", "Batch", "Grid", "simulate", "simulate_batch"]
