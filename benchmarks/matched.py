"""The tolerances at which both codes err by less than 0.1 mV on the P2D discharge of ``p2d_vs_pybamm.py``."""

from __future__ import annotations

from common import loosest
from peer_pybamm import CELLS, TOLERANCES, Peer

import ionstone as ion
from ionstone.simulation import Grid
from ionstone.study.verification.metrics import Trace

PROTOCOL = "Discharge at 1C until 2.5 V"
OUR_TOLERANCES = (3e-3, 2e-3, 1e-3, 5e-4, 3e-4, 2e-4, 1e-4, 3e-5, 1e-5)
GRID = Grid(negative=CELLS, separator=CELLS, positive=CELLS, radial=CELLS)


def our_trace(tolerance: float) -> Trace:
    """Our discharge."""
    run = ion.simulate("lg-m50", PROTOCOL, grid=GRID, tolerance=tolerance)
    return Trace(run.time, run.voltage)


def ours() -> tuple[float, float]:
    """Our loosest tolerance, and its error [V]."""
    return loosest(OUR_TOLERANCES, our_trace, our_trace(1e-8))


def theirs() -> tuple[tuple[float, float], float]:
    """PyBaMM's loosest tolerance, and its error [V]."""
    return loosest(TOLERANCES, lambda t: Peer(t).trace(), Peer((1e-9, 1e-9)).trace())
