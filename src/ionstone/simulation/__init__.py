"""Simulation: model, cell and protocol meet the kernel; results come back as runs."""

from ionstone.simulation.grid import COARSE, Grid
from ionstone.simulation.simulate import Batch, simulate, simulate_batch
from ionstone.simulation.stepper import Stepper, stepper

__all__ = ["COARSE", "Batch", "Grid", "Stepper", "simulate", "simulate_batch", "stepper"]
