"""Simulation: model, cell and protocol meet the kernel; results come back as runs."""

from ionstone.simulation.batch import Batch
from ionstone.simulation.grid import COARSE, Grid
from ionstone.simulation.simulate import simulate, simulate_batch
from ionstone.simulation.stepper import Stepper, stepper
from ionstone.simulation.vary import Designs, vary

__all__ = ["COARSE", "Batch", "Designs", "Grid", "Stepper", "simulate", "simulate_batch", "stepper", "vary"]
