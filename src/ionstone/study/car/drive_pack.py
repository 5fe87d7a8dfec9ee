r"""Range of a car with an ``ionstone.Pack``: cells that differ drive the cycle until the car falls behind it.

The car is stepped second by second (``ionstone.study.car.stepper``) towards the speed of the cycle. Each
second has a constant power at the terminals, with the exact mean of the power at the wheels. Power limits of
the cells go back to the car: braking power that they do not take goes into the friction brakes; where they
cannot give the power asked, the car gains less speed,

$$ \tfrac12 k m \left(v_1^2 - v_0^2\right) = \eta \left(P_{pack} - P_{aux}\right) \Delta t
   - \int_0^{\Delta t} v F(v)\, \mathrm dt $$

and asks for the speed of the cycle again in the next second. The drive ends where the car has been slower
than the tolerance of the cycle, 2 km/h below its lowest speed within a second around, for four seconds: the
break-off criterion of UN GTR 15, Annexes 6 and 8 (recalled, not read anew). Validity: as the cycle asks of
them, motors and tyres do not bound the car.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ionstone.core.errors import InputError, SimulationError
from ionstone.study.car.charge_limits import check_voltage
from ionstone.study.car.charger import Charger
from ionstone.study.car.drive import WARM_UP_RATE, Drive, operating_temperature, pack_of_car
from ionstone.study.car.energy_flow import EnergyFlow
from ionstone.study.car.pack_heating import heat_up
from ionstone.study.car.power_source import PackSource
from ionstone.study.car.stepper import CarStep, CarStepper
from ionstone.vehicle import Cycle, Vehicle, load_cycle, load_vehicle
from ionstone.vehicle.demand import WARM_UP_TIME

if TYPE_CHECKING:
    from ionstone.pack import UniformPack
    from ionstone.pack.network import Pack
    from ionstone.pack.result import PackRun

FloatArray = NDArray[np.float64]
#: tolerance of the speed [m/s], the time around a point in which it is sought [s], and how long a car may
#: be below it [s]: UN GTR 15
TOLERANCE, AROUND, BREAK_OFF = 2 / 3.6, 1.0, 4.0
#: state of charge below which a pack that ends a drive counts as empty
EMPTY = 0.1
#: [K] above which the coolant of a pack made for a car flows (estimated, 293-308)
COOL_ABOVE = 303.15
#: [K] over an operating temperature above which it flows (estimated, 5-15)
ABOVE_OPERATING = 8.0
_MOST_STEPS = 1_000_000


@dataclass(frozen=True, eq=False)
class Journey:
    """What the car did on a drive with an ``ionstone.Pack``, at the times of the pack's run; SI.

    ``lead`` [s] is the time in which the pack heated itself before the car moved; ``asked`` the speed of the
    cycle; ``energies`` [J] are those of ``CarStepper.energies`` and, by ``heater`` and ``losses``, of the
    pack while the car drove: ``losses`` are those of cells, joints and busbars; ``warm_up_energy`` [J] is
    what the heater took before.
    """

    vehicle: Vehicle
    cycle: Cycle
    ambient: float
    lead: float
    distance: FloatArray
    speed: FloatArray
    asked: FloatArray
    energies: Mapping[str, float]
    warm_up_energy: float

    @property
    def length(self) -> float:
        """Distance driven [m]."""
        return float(self.distance[-1])

    def columns(self, run: PackRun) -> dict[str, tuple[FloatArray, str]]:
        """The columns of the drive over the time of its run: name -> (values, unit)."""
        o, units = run.outputs, run.units
        own = ("soc", "voltage", "current", "temperature", "temperature_lowest", "temperature_highest",
               "cell_voltage_lowest", "cell_voltage_highest", "heater")  # fmt: skip
        return {
            "distance": (self.distance, "m"),
            "speed": (self.speed, "m/s"),
            "speed_asked": (self.asked, "m/s"),
            "power": (o["power"], "W"),
            **{name: (o[name], units[name]) for name in own},
        }

    def flow(self) -> EnergyFlow:
        """The balance of the whole drive, per distance [J/m]."""
        e, length = self.energies, max(self.length, 1e-9)
        recovered = -e["regeneration"]
        lost = (e["traction"] - e["wheel_out"]) + (-e["wheel_in"] - e["friction"] - recovered)
        return EnergyFlow(
            pack=(e["battery"] + e["heater"]) / length, rolling=e["rolling"] / length,
            drag=e["drag"] / length, brakes=e["friction"] / length, drivetrain=lost / length,
            auxiliary=e["auxiliary"] / length, cabin=e["cabin"] / length,
            battery_heating=e["heater"] / length, recovered=recovered / length,
            motor=e["traction"] / length, braking=-e["wheel_in"] / length,
            warm_up=self.warm_up_energy / length, cells=e["losses"] / length,
            kinetic=e["kinetic"] / length,
        )  # fmt: skip


def network_of_car(cell: Any, vehicle: Vehicle | str, same: str = "mass", **options: Any) -> Pack:
    """The ``ionstone.Pack`` nearest to the pack of a car in mass (or volume), in whole numbers of cells.

    Parallel cells are the nearest whole number to the strings of ``pack_of_car``, cells in series what then
    comes nearest to its number of cells. ``options``: those of ``ionstone.Pack``. Where ``cooling`` is not
    given, conductances are those of ``pack_of_car``, the coolant flows above 30 degC, and cells with an
    operating temperature get a heater of a fifth of the energy of the pack an hour.
    """
    from ionstone.cell_design import load_cell
    from ionstone.pack.network import Pack

    car, cell = load_vehicle(vehicle), load_cell(cell)
    uniform = pack_of_car(cell, car, same)
    parallel = max(1, round(uniform.strings))
    given: dict[str, Any] = {
        "series": max(1, round(uniform.n_cells / parallel)), "parallel": parallel,
        "design": car.pack.design, "cooling": _cooling_of(uniform, operating_temperature(cell)),
    }  # fmt: skip
    return Pack(cell, **{**given, **options})


def _cooling_of(uniform: UniformPack, held: float | None) -> dict[str, Any]:
    cooling: dict[str, Any] = {
        "conductance": uniform.cooling_conductance, "ambient_conductance": uniform.conductance,
        "cool_above": COOL_ABOVE if held is None else max(COOL_ABOVE, held + ABOVE_OPERATING),
    }  # fmt: skip
    if held is not None:
        cooling["heater"] = uniform.nominal_energy * WARM_UP_RATE / 3600
    return cooling


def drive_pack(
    pack: Pack,
    vehicle: Vehicle | str = "tesla-model-3-lr",
    cycle: Cycle | str = "wltc_3b",
    ambient: float = 298.15,
    *,
    soc: float | str = 1.0,
    resolution: float = 1.0,
    preheated: bool = False,
    cells_every: float = 60.0,
    progress: Callable[[float], None] | None = None,
) -> Drive:
    """Drive a cycle over and over with an ``ionstone.Pack`` until the car falls behind it.

    The pack starts at the ambient temperature [K] and at ``soc``. Cells with an operating temperature above
    it are first heated to it by the heater of the pack out of the cells themselves, or are warm already
    where ``preheated`` (while it was plugged in). ``resolution`` [s]: step of time; ``cells_every`` [s]:
    spacing at which single cells are kept; ``progress`` is told the share of the charge that is used, about
    once a minute of driving. InputError for bad input and for a pack whose voltage is above
    what the car takes, SimulationError where the pack cannot heat itself or no state of its cells is found.
    """
    from ionstone.pack.result import Recorder

    car, cycle = load_vehicle(vehicle), load_cycle(cycle)
    if not 0.1 <= resolution <= 10:
        raise InputError(f"resolution is {resolution:g} s: give 0.1 to 10 s with an ion.Pack")
    check_voltage(pack.cell, pack, car, Charger())
    own = operating_temperature(pack.cell)
    target = own if own is not None and own > ambient else None
    start = target if preheated and target is not None else ambient
    began = perf_counter()
    live = pack.alive(soc=soc, temperature=start, ambient=ambient)
    record = Recorder(pack, live, cells_every)
    record.take(live)
    warm_up = heat_up(pack, live, target, record) if target is not None else 0.0
    record.step += 1
    before, lead, points = dict(live.energies), live.time, len(record)
    stepper = CarStepper(PackSource(pack, live), car, ambient=ambient, speed=0.0)
    stepper.motion = replace(stepper.motion, motor=inf, pull=inf, brake=inf)
    rows, last = _follow(stepper, record, cycle, resolution, progress)
    distance, speed, asked = np.concatenate([np.zeros((points, 3)), np.array(rows).reshape(-1, 3)]).T
    run = record.finish(f"{cycle.name} until the car falls behind", _reason(last), perf_counter() - began)
    moved = {name: live.energies[name] - before[name] for name in live.energies}
    energies = {
        **stepper.energies, "heater": moved["heater"],
        "losses": moved["heat"] + moved["joints"] + moved["busbars"],
    }  # fmt: skip
    journey = Journey(car, cycle, ambient, lead, distance, speed, asked, energies, warm_up)
    return _drive(journey, run, run.end_reason)


def _follow(
    stepper: CarStepper,
    record: Any,
    cycle: Cycle,
    resolution: float,
    progress: Callable[[float], None] | None,
) -> tuple[array[float], CarStep]:
    """Drive until the break-off; distance, speed and asked speed after each step, and the last step."""
    trace = cycle.resampled(resolution)
    spacing = float(trace.time[1])
    lowest = _lowest(trace.speed, max(1, round(AROUND / spacing)))
    stepper.speed = float(trace.speed[0])
    live: Any = stepper.cell
    rows, behind = array("d"), 0.0
    for step in range(_MOST_STEPS):
        place = 1 + step % (trace.speed.size - 1)
        asked = float(trace.speed[place])
        found = stepper.step(spacing, speed=asked)
        record.take(live)
        rows.extend((found.distance, found.speed, asked))
        if progress is not None and step % 60 == 0:
            progress(1.0 - found.soc)
        slow = found.speed < lowest[place] - TOLERANCE
        behind = behind + spacing if slow else 0.0
        if behind >= BREAK_OFF - 1e-9:
            return rows, found
    raise SimulationError("drive: the pack never gets empty on this cycle: give one that takes energy")


def _lowest(speed: FloatArray, width: int) -> FloatArray:
    """The lowest speed within ``width`` points around each one, over the joint of two passes too."""
    shifts = range(-width, width + 1)
    ring = speed[:-1]
    found = np.min([np.roll(ring, shift) for shift in shifts], axis=0)
    return np.append(found, found[0])


def _reason(last: CarStep) -> str:
    if last.soc <= EMPTY:
        return "empty"
    return (
        f"ended with {100 * last.soc:.0f} % of the charge left: the limit of the cells ({last.limit}) leaves"
        f" {last.battery_power / 1e3:.0f} kW, so that the car falls behind the cycle"
    )


def _drive(journey: Journey, run: PackRun, reason: str) -> Drive:
    """The figures of a finished drive."""
    flow, length, o = journey.flow(), max(journey.length, 1e-9), run.outputs
    duration = float(run.time[-1]) - journey.lead
    cabin_once = journey.vehicle.build_auxiliaries().warm_up_energy(journey.ambient)
    cabin_once *= min(1.0, duration / WARM_UP_TIME)
    energies = journey.energies
    breakdown = {
        name: energies[name] / length for name in ("traction", "regeneration", "auxiliary", "cabin")
    } | {
        "battery_heating": flow.battery_heating,
        "battery_warm_up": flow.warm_up,
        "cell_losses": flow.cells,
    }
    return Drive(
        cell=str(run.pack.cell.name), vehicle=journey.vehicle.name, cycle=journey.cycle.name,
        ambient=journey.ambient, range=journey.length, duration=duration,
        energy=energies["battery"] + energies["heater"] + journey.warm_up_energy,
        consumption=flow.pack - cabin_once / length, soc_left=float(o["soc"][-1]), end_reason=reason,
        warm_up_energy=journey.warm_up_energy, heater_power=energies["heater"] / max(duration, 1e-9),
        min_temperature=float(o["temperature_lowest"].min()),
        max_temperature=float(o["temperature_highest"].max()),
        max_voltage=float(o["cell_voltage_highest"].max()), breakdown=breakdown, notes=_notes(run, journey),
        pack=run.pack, run=run, plan=journey,
    )  # fmt: skip


def _notes(run: PackRun, journey: Journey) -> tuple[str, ...]:
    """What limits of the cells did while the car drove, and how far the cells were apart."""
    driving = run.time > journey.lead
    found = []
    for name in dict.fromkeys(name for name in run.limit[driving] if name):
        share = float(np.mean(run.limit[driving] == name))
        found.append(f"{name}: a limit of the cells for {100 * share:.2g} % of the time")
    apart = float(np.max(run.outputs["temperature_highest"] - run.outputs["temperature_lowest"]))
    if len(run.weight) > 1:
        found.append(
            f"cells up to {apart:.1f} K apart, {100 * _charge_apart(run):.1f} % of charge at the end"
        )
    return tuple(found)


def _charge_apart(run: PackRun) -> float:
    return float(run.outputs["soc_highest"][-1] - run.outputs["soc_lowest"][-1])
