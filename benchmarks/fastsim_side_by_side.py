"""Cars of FASTSim 3 on the same cycles: energy beside FASTSim's, and the time of both, with a cell of ours.

    python3.11 -m venv /tmp/fastsim && /tmp/fastsim/bin/pip install fastsim numpy pydantic pyyaml typer
    PYTHONPATH=src /tmp/fastsim/bin/python benchmarks/fastsim_side_by_side.py [--cell lg-m50] [--quick]

Mass, drag, rolling resistance, inertia of the wheels, efficiency of the transmission and of the motor over
its load, and the power of the auxiliaries are read from FASTSim's own vehicle. As in FASTSim, the motor's map
is a step function where the vehicle says so, and braking is recovered at the map's efficiency at no load.
Compared is the electric energy at the terminals of the battery, and the time of one pass of a cycle: from the
speed trace to the energies. FASTSim: its `run` alone, with its own battery, a constant efficiency and power
limits. Here: with cells of ours, as many as have the energy of the car's battery, as a map, as SPM and as P2D
(coarse grid; with lumped heat where FASTSim's vehicle has it, else isothermal; the map always has it). A
batch is 1,000 cars that differ in mass and drag, in one process and in one a core, against 1,000 times one
run of FASTSim.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from multiprocessing import get_context
from typing import Any

import fastsim  # type: ignore[import-not-found]
import numpy as np
from common import _processor, median_time, table

from ionstone import load_cell, simulate
from ionstone.experiment import Profile, Protocol, Step
from ionstone.simulation import COARSE
from ionstone.study.car.cell_map import CellMap, cell_map
from ionstone.study.car.map_lanes import Loads, follow
from ionstone.vehicle import Cycle, load_cycle
from ionstone.vehicle.demand import at_middles

VEHICLES = (
    "2016 Nissan Leaf 30 kWh thrml.yaml",
    "2020 Chevrolet Bolt EV thrml.yaml",
    "2022 Tesla Model 3 RWD thrml.yaml",
    "2022_Renault_Zoe_ZE50_R135.yaml",
)
CYCLES = ("udds", "hwfet", "us06", "wltc_3b")
GRAVITY, AIR = 9.8, 1.172  # m/s^2 and kg/m^3, as FASTSim 3.1 takes them (its own sums of energy)
AMBIENT = 295.15  # K, of FASTSim's battery at the start
ALLOWED = 0.05
BATCH, ROWS = 1000, 40
GRAIN = 0.02  # of the shares of FASTSim's maps
#: W/K of a pack to its surroundings: as of FASTSim's Leaf and Bolt
CONDUCTANCE = 26.5


@dataclass(frozen=True)
class Car:
    """What is read of a vehicle; mass [kg] and drag area [m^2] may be arrays, one value a lane.

    `inertia` [kg] of the wheels; `power` of the motor [W] with its efficiency `motor` over
    `share` of it; `warms`: whether FASTSim computes the temperature of the battery.
    """

    mass: Any
    drag: Any
    rolling: float
    inertia: float
    power: float
    share: np.ndarray
    motor: np.ndarray
    steps: bool
    transmission: float
    auxiliary: float
    energy: float
    soc: float
    warms: bool

    def demand(self, cycle: Cycle) -> np.ndarray:
        """Mean power at the battery [W] of each interval: (intervals,) or (intervals, lanes)."""
        start, end, step = cycle.speed[:-1], cycle.speed[1:], np.diff(cycle.time)
        kinetic = (end**2 - start**2) / 2 / step
        shapes = np.stack([kinetic, (start + end) / 2, (start + end) * (start**2 + end**2) / 4], axis=1)
        factors = (self.mass + self.inertia, self.mass * (GRAVITY * self.rolling), self.drag * (AIR / 2))
        if not np.ndim(self.mass):
            return self.battery(shapes @ np.array(factors))
        found = np.empty((len(step), np.size(self.mass)))
        for at in range(0, len(step), ROWS):  # so that what is worked stays in the cache
            found[at : at + ROWS] = self.battery(shapes[at : at + ROWS] @ np.array(factors))
        return found

    def battery(self, wheel: np.ndarray) -> np.ndarray:
        """Power at the battery [W] for a power at the wheels [W]."""
        out = np.maximum(wheel, 0.0)
        out *= 1 / self.transmission
        out /= self.efficiency(out / self.power)
        np.minimum(wheel, 0.0, out=wheel)
        wheel *= self.transmission * self.motor[0]
        out += wheel
        out += self.auxiliary
        return out

    def efficiency(self, load: np.ndarray) -> np.ndarray:
        """Efficiency of the motor at shares of its power, whose points are multiples of `GRAIN`."""
        load *= 1 / GRAIN
        at = (load + 1e-9).astype(np.intp)
        np.minimum(at, self.fine.size - 2, out=at)
        if self.steps:
            return self.fine[at]
        load -= at
        load *= self.slope[at]
        load += self.fine[at]
        return load

    @cached_property
    def fine(self) -> np.ndarray:
        """The motor's map on even shares of its power."""
        even = np.arange(round(1 / GRAIN) + 2) * GRAIN
        assert np.allclose(self.share / GRAIN, np.round(self.share / GRAIN))
        if self.steps:
            return self.motor[np.searchsorted(self.share, even + 1e-9, side="right") - 1]
        return np.interp(even, self.share, self.motor)

    @cached_property
    def slope(self) -> np.ndarray:
        """Change of the map over one of these shares."""
        return np.diff(self.fine, append=self.fine[-1])


def read(name: str) -> Car:
    """Read a vehicle of FASTSim."""
    d = fastsim.Vehicle.from_resource(name).to_dict()
    c, parts = d["chassis"], d["pt_type"]["BEV"]
    found = parts["em"]["eff_interp_achieved"]
    share, motor = (np.array(x["data"], float) for x in (found["data"]["grid"][0], found["data"]["values"]))
    transmission = parts["transmission"]["eff_interp"]
    if isinstance(transmission, dict):
        transmission = next(iter(transmission.values()))
    return Car(
        mass=float(d["mass_kilograms"]),
        drag=c["drag_coef"] * c["frontal_area_square_meters"],
        rolling=c["wheel_rr_coef"],
        inertia=c["num_wheels"] * c["wheel_inertia_kilogram_square_meters"] / c["wheel_radius_meters"] ** 2,
        power=parts["em"]["pwr_out_max_watts"],
        share=share,
        motor=motor,
        steps=found["strategy"] != "Linear",
        transmission=float(transmission),
        auxiliary=d["pwr_aux_base_watts"],
        energy=parts["res"]["energy_capacity_joules"],
        soc=parts["res"]["state"]["soc"],
        warms=parts["res"]["thrml"] != "None",
    )


def theirs(name: str, cycle: Cycle, repeats: int) -> tuple[float, float, float]:
    """Energy at the terminals and out of the cells [J], and median time [s]; NaN where it cannot follow."""
    trace = {"name": cycle.name, "time_seconds": cycle.time.tolist()}
    made = fastsim.Cycle.from_dict({**trace, "speed_meters_per_second": cycle.speed.tolist()})
    times = []
    for _ in range(repeats + 1):
        vehicle = fastsim.Vehicle.from_resource(name)
        vehicle.set_save_interval(None)
        drive = fastsim.SimDrive(vehicle, made)
        start = time.perf_counter()
        try:
            drive.run()
        except Exception:
            return np.nan, np.nan, np.nan
        times.append(time.perf_counter() - start)
    state = drive.to_dict()["veh"]["pt_type"]["BEV"]["res"]["state"]
    return (
        state["energy_out_electrical_joules"],
        state["energy_out_chemical_joules"],
        statistics.median(times[1:]),
    )


@dataclass(frozen=True)
class Battery:
    """Cells of ours that have the energy of a car's battery together, and their map."""

    cell: Any
    count: float
    map: CellMap

    def loads(self, power: np.ndarray, soc: float) -> Loads:
        """Powers of the battery [W] (intervals, lanes) of 1 s as loads of a cell's map."""
        lanes = power.shape[1]
        scalars = self.cell.parameters().scalars
        same = np.full(lanes, AMBIENT)
        return Loads(
            [self.map], np.zeros(lanes, dtype=int), power / self.count, 1.0,
            np.full(lanes, len(power)), np.full(lanes, soc), same, same,
            np.full(lanes, CONDUCTANCE / self.count), np.full(lanes, scalars["thermal.heat_capacity"]),
        )  # fmt: skip

    def as_map(self, car: Car, cycle: Cycle) -> tuple[float, float]:
        """Energy at the terminals and losses of one pass [J]."""
        done = follow(self.loads(car.demand(cycle)[:, None], car.soc))
        return float(done.energy[0] * self.count), float(done.heat[0] * self.count)

    def as_model(self, model: str, car: Car, cycle: Cycle) -> tuple[float, float]:
        """The same with a cell model; the heat of reaction (entropy) is part of the losses."""
        time_, power = at_middles(cycle.time, car.demand(cycle) / self.count)
        protocol = Protocol((Step("power", Profile(tuple(time_), tuple(power))),), text=cycle.name)
        heat = "lumped" if car.warms else "held"
        run = simulate(self.cell, protocol, model=model, grid=COARSE, soc=car.soc, heat=heat, dense=False,
                       temperature=AMBIENT, ambient=AMBIENT)  # fmt: skip
        energies = [
            _integral(run.time, values) for values in (run.voltage * run.current, run.outputs["heat"])
        ]
        return energies[0] * self.count, energies[1] * self.count


def _integral(at: np.ndarray, values: np.ndarray) -> float:
    return float(np.sum((values[1:] + values[:-1]) / 2 * np.diff(at)))


#: what the workers of a batch work on: battery, car, cycle, and factors of mass and drag
_job: list[Any] = []


def _work(lanes: slice) -> np.ndarray:
    """Energies [J] of some cars of the batch, from trace to energy."""
    battery, car, cycle, spread = _job
    some = replace(car, mass=car.mass * spread[0, lanes], drag=car.drag * spread[1, lanes])
    return follow(battery.loads(some.demand(cycle), car.soc)).energy


def batch(battery: Battery, car: Car, cycle: Cycle, workers: int) -> float:
    """Time [s] of `BATCH` cars of different mass and drag, in this process or in some that stand ready."""
    spread = np.random.default_rng(1).uniform(0.9, 1.1, (2, BATCH))
    _job[:] = battery, car, cycle, spread
    chunk = -(-BATCH // workers)
    parts = [slice(at, at + chunk) for at in range(0, BATCH, chunk)]
    if workers == 1:
        found = _work(slice(None))
        alone = _work(slice(BATCH - 1, BATCH))
        assert abs(found[-1] / alone[0] - 1) < 1e-9
        return median_time(lambda: _work(slice(None)), 3)
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        return median_time(lambda: list(pool.map(_work, parts)), 3)


def rows_of(name: str, cell: Any, repeats: int, workers: int) -> tuple[list[list[str]], list[list[str]]]:
    """Rows of the energies and of the times of one vehicle."""
    car = read(name)
    battery = Battery(cell, car.energy / cell.open_circuit_energy, cell_map(cell))
    energies, times = [], []
    for cycle in map(load_cycle, CYCLES):
        spent, chemical, each = theirs(name, cycle, repeats)
        ours, lost = battery.as_map(car, cycle)
        models = {model: battery.as_model(model, car, cycle) for model in ("SPM", "P2D")}
        per = cycle.distance * 36  # J -> kWh/100 km
        error = ours / spent - 1
        off = "-" if np.isnan(error) else f"{error:+.2%}" + (" misses" if abs(error) > ALLOWED else "")
        closes = max(abs(energy / ours - 1) for energy, _ in models.values())
        losses = [
            (chemical - spent) / spent,
            lost / ours,
            *(heat / energy for energy, heat in models.values()),
        ]
        title = f"{name[5:].split('.')[0].replace('_', ' ')[:22]}, {cycle.name}"
        energies.append([title, f"{spent / per:.2f}", f"{ours / per:.2f}", off, f"{closes:.0e}",
                         *(f"{100 * loss:.1f}" for loss in losses)])  # fmt: skip
        mine = [
            median_time(lambda c=cycle: battery.as_map(car, c), 4 * repeats),
            median_time(lambda c=cycle: battery.as_model("SPM", car, c), repeats),
            median_time(lambda c=cycle: battery.as_model("P2D", car, c), repeats),
        ]
        many = [batch(battery, car, cycle, count) for count in (1, workers)]
        ratios = [f"{each / one:.1f}" for one in mine] + [f"{BATCH * each / one:.0f}" for one in many]
        shown = [f"{1e3 * one:.2f}" for one in (each, *mine)] + [f"{1e3 * one:.0f}" for one in many]
        times.append([title, *shown, *ratios])
    return energies, times


def main() -> None:
    """Print machine, energies and times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cell", default="lg-m50", help="a cell of the library or a file")
    parser.add_argument("--quick", action="store_true", help="one vehicle, fewer repeats")
    given = parser.parse_args()
    cell, workers = load_cell(given.cell), len(os.sched_getaffinity(0))
    names, repeats = (VEHICLES[:1], 1) if given.quick else (VEHICLES, 5)
    packages = {name: version(name) for name in ("fastsim", "numpy")}
    print(f"{_processor()}, {workers} cores, load {os.getloadavg()[0]:.1f}, {packages}, cells: {cell.name}")
    start = time.perf_counter()
    cell_map(cell)
    print(f"the map of the cell, once: {time.perf_counter() - start:.2f} s\n")
    energies = [["kWh/100 km at the terminals", "FASTSim", "ours", "off by", "SPM, P2D off", "lost there / %",
                 "map", "SPM", "P2D"]]  # fmt: skip
    wide = f"{workers} processes"
    times = [["ms a cycle", "FASTSim", "map", "SPM", "P2D", f"{BATCH} as maps", wide, "x map", "x SPM",
              "x P2D", "x batch", f"x {wide}"]]  # fmt: skip
    for name in names:
        more_energies, more_times = rows_of(name, cell, repeats, workers)
        energies += more_energies
        times += more_times
    print(table(energies), table(times), sep="\n\n")


if __name__ == "__main__":
    main()
