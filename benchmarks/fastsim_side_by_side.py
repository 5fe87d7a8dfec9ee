"""Energy per cycle beside FASTSim 3, with the parameters of its own vehicles, and the time of both.

    python -m venv /tmp/fastsim && /tmp/fastsim/bin/pip install fastsim numpy pydantic pyyaml
    PYTHONPATH=src /tmp/fastsim/bin/python benchmarks/fastsim_side_by_side.py

Mass, drag, rolling resistance, inertia of the wheels, efficiency of the transmission and of the motor over
its load, and the power of the auxiliaries are read from FASTSim's own vehicle. Compared is the electric
energy at the terminals of the battery. FASTSim lets recovery fade at low speed, which is left out here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import fastsim  # type: ignore[import-not-found]
import numpy as np

from ionstone.vehicle import Cycle, load_cycle
from ionstone.vehicle.road_load import RoadLoad

VEHICLES = (
    "2016 Nissan Leaf 30 kWh thrml.yaml",
    "2020 Chevrolet Bolt EV thrml.yaml",
    "2022 Tesla Model 3 RWD thrml.yaml",
    "2022_Renault_Zoe_ZE50_R135.yaml",
)
CYCLES = ("udds", "hwfet", "us06", "wltc_3b")


@dataclass(frozen=True)
class Car:
    """What is read of a vehicle: road load, motor power [W], its efficiency over its load, and the rest."""

    load: RoadLoad
    power: float
    share: np.ndarray
    motor: np.ndarray
    transmission: float
    auxiliary: float

    def energy(self, cycle: Cycle) -> float:
        """Electric energy of a cycle at the battery [J]."""
        step = np.diff(cycle.time)
        wheel = self.load.mean_wheel_power(cycle.speed[:-1], cycle.speed[1:], step)
        out = np.maximum(wheel, 0.0) / self.transmission
        back = -np.minimum(wheel, 0.0) * self.transmission
        efficiency = np.interp((out + back) / self.power, self.share, self.motor)
        return float(np.sum((out / efficiency - back * efficiency + self.auxiliary) * step))


def read(name: str) -> Car:
    """Read a vehicle of FASTSim."""
    d = fastsim.Vehicle.from_resource(name).to_dict()
    c, parts = d["chassis"], d["pt_type"]["BEV"]
    table = parts["em"]["eff_interp_achieved"]["data"]
    share, motor = (np.array(x["data"], float) for x in (table["grid"][0], table["values"]))
    mass = float(d["mass_kilograms"])
    inertia = c["num_wheels"] * c["wheel_inertia_kilogram_square_meters"] / c["wheel_radius_meters"] ** 2
    drag = c["drag_coef"] * c["frontal_area_square_meters"]
    load = RoadLoad.from_shape(mass, drag, c["wheel_rr_coef"], 1 + inertia / mass)
    transmission = parts["transmission"]["eff_interp"]
    value = transmission if isinstance(transmission, float) else _constant(transmission)
    return Car(load, parts["em"]["pwr_out_max_watts"], share, motor, value, d["pwr_aux_base_watts"])


def _constant(found: Any) -> float:
    return float(next(iter(found.values())) if isinstance(found, dict) else found)


def theirs(name: str, cycle: Cycle) -> tuple[float, float]:
    """Electric energy [J] and time [s] of a run of FASTSim; NaN where it cannot follow the trace."""
    trace = {"name": cycle.name, "time_seconds": cycle.time.tolist()}
    vehicle = fastsim.Vehicle.from_resource(name)
    vehicle.set_save_interval(None)
    drive = fastsim.SimDrive(
        vehicle, fastsim.Cycle.from_dict({**trace, "speed_meters_per_second": cycle.speed.tolist()})
    )
    start = time.perf_counter()
    try:
        drive.run()
    except Exception:
        return np.nan, np.nan
    spent = time.perf_counter() - start
    return drive.to_dict()["veh"]["pt_type"]["BEV"]["res"]["state"]["energy_out_electrical_joules"], spent


def main() -> None:
    """Print a table, one row a vehicle and cycle."""
    print(f"{'vehicle':38}{'cycle':9}{'FASTSim':>9}{'ours':>9}{'diff':>8}{'ms':>8}{'ms':>8}  ratio")
    for name in VEHICLES:
        car = read(name)
        for cycle in map(load_cycle, CYCLES):
            found, spent = theirs(name, cycle)
            start = time.perf_counter()
            for _ in range(20):
                ours = car.energy(cycle)
            mine = (time.perf_counter() - start) / 20
            figures = (found / cycle.distance / 36, ours / cycle.distance / 36)
            print(
                f"{name[:36]:38}{cycle.name:9}{figures[0]:9.2f}{figures[1]:9.2f}{ours / found - 1:8.1%}"
                f"{1e3 * spent:8.1f}{1e3 * mine:8.3f}{spent / mine:7.0f}"
            )


if __name__ == "__main__":
    main()
