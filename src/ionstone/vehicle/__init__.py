"""From pack to kilometre: road load, drivetrain, auxiliaries, drive cycles."""

from ionstone.vehicle.config import Vehicle, list_vehicles, load_vehicle
from ionstone.vehicle.cycle import Cycle, list_cycles, load_cycle
from ionstone.vehicle.demand import Demand, battery_demand

__all__ = [
    "Cycle",
    "Demand",
    "Vehicle",
    "battery_demand",
    "list_cycles",
    "list_vehicles",
    "load_cycle",
    "load_vehicle",
]
