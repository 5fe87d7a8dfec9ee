"""Range of a car with a pack of some cell: the cell model drives the cycle until the cell is empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.errors import InputError, SimulationError
from ionstone.experiment import Limit, Profile, Protocol, Step
from ionstone.pack import UniformPack, build_pack
from ionstone.vehicle import Cycle, Demand, Vehicle, battery_demand, load_cycle, load_vehicle
from ionstone.vehicle.demand import at_middles

if TYPE_CHECKING:
    import plotly.graph_objects
    import xarray

    from ionstone.results import Run

Simulate = Callable[..., Any]
WARM_UP_RATE = 0.2  # 1/h: a cold pack that needs its operating temperature heats itself at C/5 of its energy
FULL_BATTERY = 0.98  # above this state of charge nothing is given back (usual in cars; estimated, 0.95-1)
OVERVOLTAGE = 0.05  # V above the upper cut-off, from which on the power given back is lowered
MAX_PASSES = 8
TOLERANCES = (1e-4, 1e-5)  # of the time integration, in turn until a run does not fail
NEAR_CUT_OFF = 0.1  # V above the lower cut-off, within which a run that failed counts as a cell that is spent


@dataclass(frozen=True, eq=False)
class Drive:
    """What driving a cycle over and over until the cell is empty gave, SI, at the level of the pack.

    `range` [m]; `duration` [s] of driving; `energy` [J] net out of the terminals, warm-up included;
    `consumption` [J/m] of driving alone; `soc_left` at the end; `end_reason` says why it ended; `breakdown`
    says where the energy went [J/m]; `notes` are sentences for the report. `run` is that of one cell, or of
    an ``ionstone.Pack`` (then `plan` is the `Journey` that the car made).
    """

    cell: str
    vehicle: str
    cycle: str
    ambient: float
    range: float
    duration: float
    energy: float
    consumption: float
    soc_left: float
    end_reason: str
    warm_up_energy: float
    heater_power: float
    min_temperature: float
    max_temperature: float
    max_voltage: float
    breakdown: dict[str, float]
    notes: tuple[str, ...]
    pack: Any  # UniformPack or ionstone.Pack
    run: Any  # Run or PackRun
    plan: Any  # DrivePlan or Journey

    @property
    def summary(self) -> dict[str, float | str]:
        """The figures of the drive, SI."""
        return {
            "cell": self.cell, "vehicle": self.vehicle, "cycle": self.cycle, "ambient": self.ambient,
            "range": self.range, "duration": self.duration, "energy": self.energy,
            "consumption": self.energy / max(self.range, 1e-9), "soc_left": self.soc_left,
            "end_reason": self.end_reason, "pack_energy": self.pack.nominal_energy,
            "pack_mass": self.pack.mass, "min_temperature": self.min_temperature,
            "max_temperature": self.max_temperature, "heater_power": self.heater_power,
            "warm_up_energy": self.warm_up_energy,
        }  # fmt: skip

    def to_xarray(self) -> xarray.Dataset:
        """The drive over `time` [s]: distance [m], speed [m/s], power of the pack [W], soc, voltage, ..."""
        from ionstone.study.car.tables import drive_dataset

        return drive_dataset(self)

    def chart(self) -> Any:
        """What `plot("cycle")` draws, as a renderer-free chart."""
        from ionstone.study.car.charts import drive_chart

        return drive_chart(self)

    def plot(self, kind: str = "cycle") -> plotly.graph_objects.Figure:
        """A plotly figure: "cycle" (speed, power, voltage, charge by distance) or "energy" (Sankey)."""
        from ionstone.study.car.charts import drive_figure

        return drive_figure(self, kind)

    def to_json_dict(self) -> dict[str, Any]:
        """The figures of the drive and where its energy goes, as plain values, SI."""
        from ionstone.study.car.tables import drive_json

        return drive_json(self)


@dataclass(frozen=True, eq=False)
class DrivePlan:
    """One drive made ready for the cell model.

    `means` are powers of the pack [W] on even intervals of `spacing` [s].

    `lead` [s] is the time before the car moves, in which a pack warms itself up to its operating temperature.
    """

    cell: Any
    pack: UniformPack
    vehicle: Vehicle
    cycle: Cycle
    demand: Demand
    ambient: float
    means: np.ndarray
    spacing: float
    lead: float
    warm_up_energy: float
    heater_power: float
    held_temperature: float | None
    passes: int
    notes: tuple[str, ...] = field(default=())

    @property
    def duration(self) -> float:
        """Length of the profile [s]."""
        return self.spacing * self.means.size

    def protocol(self) -> Protocol:
        """Return the power of one cell over time, until its lower cut-off."""
        edges = np.arange(self.means.size + 1) * self.spacing
        time, power = at_middles(edges, self.pack.cell_power(self.means))
        lower = self.cell.parameters().scalars["voltage.lower_cutoff"]
        step = Step("power", Profile(tuple(time), tuple(power)), until=(Limit("voltage", "<", lower),),
                    text=f"{self.cycle.name} over and over until {lower:g} V")  # fmt: skip
        return Protocol((step,), text=step.text)

    def conditions(self) -> dict[str, Any]:
        """Return the thermal side of the run: heat goes to the warm coolant, or to the ambient."""
        around = self.ambient if self.held_temperature is None else self.held_temperature
        return {"temperature": around, "ambient": around, "heat": "lumped"}

    def distance(self, time: float) -> float:
        """Distance driven [m] at a time of the run [s]."""
        passes, rest = divmod(max(0.0, time - self.lead), float(self.demand.time[-1]))
        return passes * self.demand.length + float(np.interp(rest, self.demand.time, self.demand.distance))

    def columns(self, run: Run) -> dict[str, tuple[np.ndarray, str]]:
        """Return the columns of a drive of this plan over the time of its run: name -> (values, unit)."""
        power = run.outputs.get("power", run.voltage * run.current)
        distance = np.array([self.distance(float(t)) for t in run.time])
        rest = np.mod(np.maximum(run.time - self.lead, 0.0), self.demand.time[-1])
        speed = np.interp(rest, self.cycle.time, self.cycle.speed)
        columns = {
            "distance": (distance, "m"),
            "speed": (np.where(run.time < self.lead, 0.0, speed), "m/s"),
            "power": (self.pack.n_cells * power, "W"),
            "soc": (run.outputs["soc"], "1"),
            "voltage": (self.pack.series * run.voltage, "V"),
            "current": (self.pack.strings * run.current, "A"),
        }
        if "temperature" in run.outputs:
            columns["temperature"] = (run.outputs["temperature"], "K")
        return columns


def default_simulate() -> Simulate:
    """Return the cell model's `simulate`, loaded when first needed."""
    from ionstone.simulation import simulate

    return simulate


def operating_temperature(cell: Any) -> float | None:
    """Temperature a cell must be held at [K], None where it needs none."""
    value = float(cell.parameters().scalars["operating_temperature"])
    return value if isfinite(value) else None


def with_conductance(cell: Any, conductance: float) -> Any:
    """Return the cell with another heat conductance to its surroundings [W/K]."""
    area = float(cell["thermal.cooling_area"])
    return cell.replace({"thermal.heat_transfer_coefficient": conductance / area})


def pack_of_car(cell: Any, vehicle: Vehicle, same: str = "mass") -> UniformPack:
    """Return the pack of a cell with the mass (or the volume) of the car's own pack.

    InputError where the volume of the car's own pack is not known, or `same` is neither mass nor volume.
    """
    heated = operating_temperature(cell) is not None
    if same == "mass":
        return build_pack(cell, vehicle.pack.design, mass=vehicle.pack.mass.value, heated=heated)
    if same != "volume":
        raise InputError(f"same: {same!r} is unknown: use mass or volume")
    if vehicle.pack.volume is None:
        raise InputError(
            f"{vehicle.name}: pack.volume is missing, so packs cannot have the same volume: add it"
        )
    return build_pack(cell, vehicle.pack.design, volume=vehicle.pack.volume.value, heated=heated)


def plan_drive(
    cell: Any,
    vehicle: Vehicle | str = "tesla-model-3-lr",
    cycle: Cycle | str = "wltc_3b",
    ambient: float = 298.15,
    *,
    pack: UniformPack | None = None,
    same: str = "mass",
    heater_power: float | None = None,
    passes: int | None = None,
    resolution: float = 1.0,
) -> DrivePlan:
    """Make a drive ready: the pack, its power over enough passes of the cycle, and how it is kept warm.

    A cell with an operating temperature above the ambient is brought to it out of the pack before the car
    moves, and held at it by a heater (`heater_power` [W], by default all that the insulation loses).
    `resolution` [s] averages the power over longer intervals, which keeps its energy.
    """
    vehicle, cycle = load_vehicle(vehicle), load_cycle(cycle)
    pack = pack or pack_of_car(cell, vehicle, same)
    target = operating_temperature(cell)
    held = target if target is not None and target > ambient else None
    lift = 0.0 if held is None else held - ambient
    heater = pack.conductance * lift if heater_power is None else heater_power
    extra = pack.mass - vehicle.pack.mass.value
    demand = battery_demand(vehicle, cycle, ambient, extra_mass=extra, battery_heating=heater)
    spacing = float(demand.time[2] - demand.time[1])
    warm_up = pack.heat_capacity * lift
    warm_up_power = pack.nominal_energy * WARM_UP_RATE / 3600
    lead = ceil(warm_up / warm_up_power / spacing) * spacing if warm_up else 0.0
    count = passes or ceil(1.1 * pack.nominal_energy / max(demand.energy, 1.0)) + 1
    means = np.tile(demand.power[1:-1], count)
    cabin = round(demand.warm_up_time / spacing)
    means[:cabin] += demand.warm_up_energy / (spacing * means[:cabin].size)
    full = np.cumsum(np.maximum(means, 0.0)) * spacing < (1 - FULL_BATTERY) * pack.nominal_energy - warm_up
    means = np.where(full, np.maximum(means, 0.0), means)
    if lead:
        means = np.concatenate([np.full(round(lead / spacing), warm_up / lead), means])
    group = max(1, round(resolution / spacing))
    if group > 1:
        means = means[: means.size // group * group].reshape(-1, group).mean(axis=1)
    conductance = pack.conductance if held is None else pack.cooling_conductance
    own = with_conductance(cell, conductance / pack.n_cells)
    return DrivePlan(
        cell=own, pack=pack, vehicle=vehicle, cycle=cycle, demand=demand, ambient=ambient,
        means=means, spacing=spacing * group, lead=lead, warm_up_energy=warm_up, heater_power=heater,
        held_temperature=held, passes=count,
    )  # fmt: skip


def drive(
    cell: Any,
    vehicle: Vehicle | str = "tesla-model-3-lr",
    cycle: Cycle | str = "wltc_3b",
    ambient: float = 298.15,
    *,
    pack: UniformPack | None = None,
    same: str = "mass",
    model: str = "P2D",
    resolution: float = 1.0,
    simulate: Simulate | None = None,
    **options: Any,
) -> Drive:
    """Drive a cycle over and over until the cell reaches its lower cut-off, and return the range.

    The cell starts full, at the ambient temperature [K] or at its operating temperature; its pack has the
    mass (or volume) of the car's own. Where the cell cannot give the power asked, the drive ends there, as
    in the test procedure of an electric car that cannot follow the trace. `options` go to `simulate`.
    SimulationError where not even the first second was computed.
    """
    simulate = simulate or default_simulate()
    choices = {"pack": pack, "same": same, "resolution": resolution}
    plan = plan_drive(cell, vehicle, cycle, ambient, **choices)  # type: ignore[arg-type]
    run = _run(plan, simulate, model, options)
    for _ in range(MAX_PASSES):
        better = _improved(plan, run, choices)
        if better is None:
            break
        plan = better
        run = _run(plan, simulate, model, options)
    return _drive(plan, run)


def _run(plan: DrivePlan, simulate: Simulate, model: str, options: dict[str, Any]) -> Any:
    """Return the run; one that failed counts as ended only where the voltage was at its lower cut-off."""
    lower = plan.cell.parameters().scalars["voltage.lower_cutoff"]
    protocol, conditions = plan.protocol(), plan.conditions()
    for tolerance in TOLERANCES:
        settings = {"tolerance": tolerance, **conditions, **options}
        try:
            return simulate(plan.cell, protocol, model=model, soc=1.0, **settings)
        except SimulationError as error:
            failure, part = error, error.run
            if part is not None and len(part.time) > 1 and part.voltage[-1] < lower + NEAR_CUT_OFF:
                return part
    raise failure


def _improved(plan: DrivePlan, run: Any, choices: dict[str, Any]) -> DrivePlan | None:
    """Return the plan of a better pass, or None where this one stands."""
    if run.time[-1] >= plan.duration - 1e-6 * plan.spacing:  # the load ended before the cell
        return plan_drive(plan.cell, plan.vehicle, plan.cycle, plan.ambient, **choices,
                          heater_power=plan.heater_power, passes=2 * plan.passes)  # fmt: skip
    if plan.held_temperature is not None and not plan.notes:  # the heat of the cells spares heater power
        lost = plan.pack.conductance * (plan.held_temperature - plan.ambient)
        own = plan.pack.n_cells * _mean(run.time, run.outputs["heat"])
        next_plan = plan_drive(plan.cell, plan.vehicle, plan.cycle, plan.ambient, **choices,
                               heater_power=max(0.0, lost - own), passes=plan.passes)  # fmt: skip
        level = plan.held_temperature - 273.15
        note = f"held at {level:.0f} degC: {lost:.0f} W lost, {own:.0f} W from the cells"
        return replace(next_plan, notes=(note,))
    return _with_less_regeneration(plan, run)


def _with_less_regeneration(plan: DrivePlan, run: Any) -> DrivePlan | None:
    """Return the plan with less power given back where that lifts the voltage too far, None if nowhere.

    The most that a cell takes follows from its open voltage V + R I, with the resistance R of the steps of
    current within two minutes around; after the end of the run the last resistance holds, and the open
    voltage falls as that at rest does while the cell is emptied.
    """
    upper = plan.cell.parameters().scalars["voltage.upper_cutoff"]
    if float(np.max(run.voltage)) <= upper + OVERVOLTAGE:
        return None
    ceiling = upper + 0.5 * OVERVOLTAGE
    middles = (np.arange(plan.means.size) + 0.5) * plan.spacing
    middles = middles[middles <= run.time[-1]]
    if middles.size < 3:
        return None
    voltage, current = (np.interp(middles, run.time, values) for values in (run.voltage, run.current))
    window = np.ones(min(middles.size, max(3, round(120 / plan.spacing))))
    dv, di = np.diff(voltage, append=voltage[-1]), np.diff(current, append=current[-1])
    steps = np.convolve(di * di, window, mode="same")
    resistance = np.maximum(-np.convolve(dv * di, window, mode="same") / np.maximum(steps, 1e-30), 1e-9)
    open_voltage = np.minimum(voltage + resistance * current, ceiling)
    later_voltage = np.minimum(open_voltage[-1] - _fall(plan, run, middles.size), ceiling)
    taken = -ceiling * (ceiling - later_voltage) / resistance[-1]
    taken[: middles.size] = -ceiling * (ceiling - open_voltage) / resistance
    means = np.maximum(plan.means, taken * plan.pack.n_cells)
    if run.voltage[-1] > upper + OVERVOLTAGE:
        # the cell stopped there: halve all that is given back within two minutes
        near = np.abs((np.arange(means.size) + 0.5) * plan.spacing - run.time[-1]) < 120
        means = np.where(near & (means < 0), 0.5 * means, means)
    if np.allclose(means, plan.means):
        return None
    note = "less power is given back in places: the cells would exceed their upper cut-off"
    return replace(plan, means=means, notes=tuple(dict.fromkeys((*plan.notes, note))))


def _fall(plan: DrivePlan, run: Any, start: int) -> np.ndarray:
    """Return the fall of the voltage at rest [V] since the end of a run, which is where a step starts."""
    from ionstone.study.car.cell_map import open_circuit_voltage

    drawn = np.cumsum(plan.means[start:]) * plan.spacing / plan.pack.nominal_energy
    left = float(run.outputs["soc"][-1])
    soc = np.clip(left - np.concatenate([np.zeros(start), drawn]), 0.0, 1.0)
    rest = open_circuit_voltage(plan.cell, soc)
    return np.maximum(rest[0] - rest, 0.0)


def _mean(time: np.ndarray, value: np.ndarray) -> float:
    return float(np.sum((value[1:] + value[:-1]) / 2 * np.diff(time)) / (time[-1] - time[0]))


def _drive(plan: DrivePlan, run: Any) -> Drive:
    """Return the figures of a finished run."""
    end = float(run.time[-1])
    if plan.lead and end <= plan.lead:
        raise SimulationError(
            f"{plan.pack.cell}: the pack is empty before the car moves: to warm it from"
            f" {plan.ambient - 273.15:g} degC to its operating temperature takes"
            f" {plan.warm_up_energy / 3.6e6:.1f} kWh, and it holds {plan.pack.nominal_energy / 3.6e6:.1f} kWh"
        )
    reached = plan.distance(end)
    power = run.outputs.get("power", run.voltage * run.current)
    energy = plan.pack.n_cells * _mean(run.time, power) * (end - float(run.time[0]))
    left = float(run.outputs["soc"][-1])
    heat = plan.pack.n_cells * _mean(run.time, run.outputs["heat"]) * end if "heat" in run.outputs else 0.0
    if end >= plan.duration - 1e-6 * plan.spacing:
        reason = "the load ended before the cell was empty"
    elif run.voltage[-1] > plan.cell.parameters().scalars["voltage.upper_cutoff"]:
        reason = "the power given back lifts the voltage too far"
    elif left > 0.1:
        asked = plan.pack.n_cells * float(power[-1]) / 1000
        reason = (
            f"ended with {100 * left:.0f} % of the charge left: the pack cannot give the {asked:.0f} kW"
            " of an acceleration, so that the car falls behind the cycle"
        )
    else:
        reason = "empty"
    length = max(reached, 1e-9)
    parts = plan.demand.parts
    breakdown = {
        name: parts[name] / plan.demand.length
        for name in ("traction", "regeneration", "auxiliary", "cabin", "battery_heating")
    }
    breakdown["cabin"] += plan.demand.warm_up_energy / length
    breakdown["battery_warm_up"] = plan.warm_up_energy / length
    breakdown["cell_losses"] = heat / length
    temperature = run.outputs.get("temperature")
    low, high = (
        (float(temperature.min()), float(temperature.max())) if temperature is not None else (0.0, 0.0)
    )
    return Drive(
        cell=plan.pack.cell, vehicle=plan.vehicle.name, cycle=plan.cycle.name, ambient=plan.ambient,
        range=reached, duration=max(0.0, end - plan.lead), energy=energy, consumption=plan.demand.consumption,
        soc_left=left, end_reason=reason, warm_up_energy=plan.warm_up_energy, heater_power=plan.heater_power,
        min_temperature=low, max_temperature=high, max_voltage=float(np.max(run.voltage)),
        breakdown=breakdown, notes=plan.notes,
        pack=plan.pack, run=run, plan=plan,
    )  # fmt: skip
