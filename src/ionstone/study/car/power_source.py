"""What gives a car its power: cells that are all alike, by one of them, or a pack of cells that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ionstone.core.errors import InputError, SimulationError
from ionstone.pack import UniformPack
from ionstone.study.car.cell_power import give_power

if TYPE_CHECKING:
    from ionstone.pack.live import LivePack, PackState
    from ionstone.pack.network import Pack
    from ionstone.simulation.stepper import Stepper, StepperState

#: shares of a power that are tried in turn where the cells of a pack find no state
_SHARES = (1.0, 0.5, 0.25, 0.1, 0.0)


def network_of(pack: Any, cell: Any) -> Pack | None:
    """The pack where it is an ``ionstone.Pack``, else None. InputError where it is one of another cell."""
    from ionstone.pack.network import Pack

    if not isinstance(pack, Pack):
        return None
    if str(cell.name) != str(pack.cell.name):
        raise InputError(
            f"pack: it is made of {pack.cell.name}, and the cell is {cell.name}: give the cell of the pack"
        )
    return pack


class CellSource:
    """A UniformPack, by the stepper of one of its cells; ``lost`` [W]: heat that a held pack loses."""

    def __init__(self, cell: Stepper, pack: UniformPack, lost: float) -> None:
        self.cell, self.pack, self._lost = cell, pack, lost
        self.key = (cell.cell.fingerprint, cell.plan.level.name, cell.plan.grid, pack.n_cells)

    @property
    def time(self) -> float:
        """Time since the start [s]."""
        return self.cell.time

    @property
    def soc(self) -> float:
        """State of charge."""
        return self.cell["soc"]

    @property
    def voltage(self) -> float:
        """Voltage of the pack [V]."""
        return self.pack.series * self.cell["voltage"]

    @property
    def temperature(self) -> float:
        """Temperature of the cells [K]."""
        return self.cell["temperature"]

    @property
    def heater(self) -> float:
        """Power that holds the temperature [W], drawn at the terminals."""
        return max(0.0, self._lost - self.pack.n_cells * self.cell["heat"]) if self._lost else 0.0

    def give(self, dt: float, power: float) -> tuple[float, str]:
        """Advance under a power of the pack [W]; the mean of what was given, and what bound it."""
        given, limit = give_power(self.cell, dt, power / self.pack.n_cells)
        return given * self.pack.n_cells if limit else power, limit

    def save(self) -> StepperState:
        """The present state."""
        return self.cell.save()

    def restore(self, state: Any) -> None:
        """Go back to a saved state."""
        self.cell.restore(state)


class PackSource:
    """An ``ionstone.Pack``: each cell a model of its own; its heater hangs inside, beside the terminals.

    Powers are met to 2e-5 at each step; what is over or short is made up for in the next one, so that the
    energy of a drive is that of its demand to rounding.
    """

    def __init__(self, pack: Pack, live: LivePack) -> None:
        self.cell, self.pack = live, pack
        self._owed = 0.0
        plan = pack.plan
        self.key = (
            pack.cell.fingerprint, plan.level.name, plan.grid, pack.series, pack.parallel, pack.seed,
            pack.spread, pack.aged, live.lanes.count,
        )  # fmt: skip

    @property
    def time(self) -> float:
        """Time since the start [s]."""
        return self.cell.time

    @property
    def soc(self) -> float:
        """Mean state of charge."""
        return self.cell.soc

    @property
    def voltage(self) -> float:
        """Voltage of the pack [V]."""
        return self.cell.voltage

    @property
    def temperature(self) -> float:
        """Mean temperature of the cells [K]."""
        return self.cell.temperature

    @property
    def heater(self) -> float:
        """Power of the heater that is drawn at the terminals [W]: none, it draws on the cells before them."""
        return 0.0

    def give(self, dt: float, power: float) -> tuple[float, str]:
        """Advance under a power of the pack [W]; the mean of what was given, and what bound it.

        SimulationError where the cells find no state at rest either.
        """
        live, owed = self.cell, self._owed
        around = self.pack.around(live)
        before = live.energies["terminal"]
        for share in _SHARES:
            ask = share * (power + owed / dt)
            try:
                live.advance(dt, "power", ask, ask, around)
            except SimulationError:
                if share == 0.0:
                    raise
                continue
            break
        limit = live.limit or ("" if share == 1.0 else "cells")
        given = live.energies["terminal"] - before - owed
        if limit and not 0.0 <= power * dt <= given:
            self._owed = 0.0
            return given / dt, limit
        self._owed = power * dt - given
        return power, limit

    def save(self) -> tuple[PackState, float]:
        """The present state."""
        return self.cell.save(), self._owed

    def restore(self, state: Any) -> None:
        """Go back to a saved state."""
        self.cell.restore(state[0])
        self._owed = state[1]
