r"""Where the energy of a drive goes, from the cells to the road: a balance within one set of integrals.

All parts are those of one pass of the cycle, in joules per metre, so that

$$ E_{pack} = E_{rolling} + E_{drag} + E_{brakes} + E_{drivetrain} + E_{aux} + E_{cabin} + E_{heat}
   + E_{kin} $$

closes exactly on a cycle that begins and ends at the same speed; `closure` is what is left over. A drive with
an ``ionstone.Pack`` is balanced as a whole, with the motion $E_{kin}$ that the car has left where it ends.
"""

from __future__ import annotations

from dataclasses import dataclass

from ionstone.vehicle import Demand


@dataclass(frozen=True)
class EnergyFlow:
    """Energies per distance [J/m]: what the pack gives net of what comes back, and where it ends."""

    pack: float
    rolling: float
    drag: float
    brakes: float
    drivetrain: float
    auxiliary: float
    cabin: float
    battery_heating: float
    recovered: float
    motor: float
    braking: float
    warm_up: float = 0.0
    cells: float = 0.0
    kinetic: float = 0.0

    @property
    def closure(self) -> float:
        """What the pack gives less all that is used, over what the pack gives [-]."""
        used = self.rolling + self.drag + self.brakes + self.drivetrain
        used += self.auxiliary + self.cabin + self.battery_heating + self.kinetic
        return (self.pack - used) / self.pack


def energy_flow(demand: Demand, warm_up: float = 0.0, cells: float = 0.0) -> EnergyFlow:
    """Return the balance of a pass.

    `warm_up` and `cells` [J/m] are what the start took, and the losses in the cells, before the terminals.
    """
    p, length = demand.parts, demand.length
    friction = p["friction"]
    recovered = -p["regeneration"]
    lost = (p["traction"] - p["wheel_out"]) + (-p["wheel_in"] - friction - recovered)
    parts = (p["rolling"], p["drag"], friction, lost, p["auxiliary"], p["cabin"], p["battery_heating"])
    rolling, drag, brakes, drivetrain, auxiliary, cabin, heating = (value / length for value in parts)
    return EnergyFlow(
        pack=demand.energy / length, rolling=rolling, drag=drag, brakes=brakes, drivetrain=drivetrain,
        auxiliary=auxiliary, cabin=cabin, battery_heating=heating, recovered=recovered / length,
        motor=p["traction"] / length, braking=-p["wheel_in"] / length, warm_up=warm_up, cells=cells,
    )  # fmt: skip
