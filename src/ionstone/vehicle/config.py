"""The car as data: one YAML file a car, each number with its source and grade."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from ionstone.core.config import Evidence, FrozenConfig, KnownBy, Number, load, quantity_field
from ionstone.core.documents import read_yaml
from ionstone.core.errors import InputError, nearest, shown
from ionstone.core.quantities import Quantity
from ionstone.pack import PackDesign
from ionstone.vehicle.auxiliaries import Auxiliaries
from ionstone.vehicle.drivetrain import Drivetrain
from ionstone.vehicle.road_load import RoadLoad

DEFAULT_VEHICLE = "tesla-model-3-lr"
LIBRARY = Path(__file__).parent / "library"

MASS = Quantity("mass", "kg", 300.0, 60000.0, "mass of the car with its own pack and the test load")
CONSTANT = Quantity("constant", "N", 0.0, 1e4, "coast-down coefficient A")
LINEAR = Quantity("linear", "N*s/m", -50.0, 200.0, "coast-down coefficient B")
QUADRATIC = Quantity("quadratic", "N*s^2/m^2", 0.0, 20.0, "coast-down coefficient C")
INERTIA = Quantity("rotating_mass_factor", "1", 1.0, 1.2, "inertia of car and wheels over the mass")
DRAG = Quantity("drag_coefficient", "1", 0.05, 1.5, "drag coefficient")
AREA = Quantity("frontal_area", "m^2", 0.5, 12.0, "frontal area")
ROLLING = Quantity("rolling_resistance", "1", 0.002, 0.05, "rolling resistance coefficient")
EFFICIENCY = Quantity("efficiency", "1", 0.0, 1.0, "efficiency", open_lower=True)
POWER = Quantity("power", "W", 0.0, 1e7, "electric power")
LARGE_POWER = Quantity("power", "W", 0.0, 1e7, "electric power", open_lower=True)
CURRENT = Quantity("current", "A", 0.0, 5000.0, "direct current of the charger", open_lower=True)
TEMPERATURE = Quantity("temperature", "K", 273.15, 313.15, "temperature of the cabin")
CONDUCTANCE = Quantity(
    "conductance", "W/K", 0.0, 1e4, "heat conductance cabin to ambient, fresh air included"
)
HEAT_CAPACITY = Quantity("heat_capacity", "J/K", 0.0, 1e8, "heat capacity of the cabin")
PACK_MASS = Quantity("mass", "kg", 10.0, 20000.0, "mass of the car's own pack")
PACK_VOLUME = Quantity("volume", "m^3", 0.005, 20.0, "volume of the car's own pack")
ENERGY = Quantity("energy", "J", 3.6e6, 3.6e10, "energy of the car's own pack")
MOTOR_POWER = Quantity("power", "W", 1e3, 3e6, "largest mechanical power of all motors")
DRIVEN = Quantity("driven_weight", "1", 0.1, 1.0, "share of the weight on driven wheels")
GRIP = Quantity("grip", "1", 0.3, 1.6, "largest friction of the tyres on a dry road")
VOLTAGE = Quantity("maximum_voltage", "V", 20.0, 2000.0, "largest voltage of a pack that the car takes")
COUNT = Quantity("count", "1", 1.0, 1e5, "number of cells in series or in parallel")
TRAILER = Quantity("trailer", "kg", 0.0, 50000.0, "braked trailer that the maker allows")
SOC = Quantity("soc", "1", 0.0, 1.0, "state of charge shown by the car")
CURVE_POWER = Quantity("power", "W", 0.0, 1e7, "charging power at a state of charge")
DISTANCE = Quantity("range", "m", 1e3, 1e7, "published range")


class CoastDown(FrozenConfig):
    """Road load from a coast-down test: coefficients A, B, C."""

    kind: Literal["coast_down"]
    constant: Number = quantity_field(CONSTANT)
    linear: Number = quantity_field(LINEAR)
    quadratic: Number = quantity_field(QUADRATIC)
    rotating_mass_factor: Number = quantity_field(INERTIA, 1.03)

    def build(self, mass: float) -> RoadLoad:
        """Return the road load of the car at the mass of its test [kg]."""
        coefficients = self.constant.value, self.linear.value, self.quadratic.value
        return RoadLoad(*coefficients, mass, self.rotating_mass_factor.value)


class Shape(FrozenConfig):
    """Road load from drag and rolling resistance."""

    kind: Literal["shape"]
    drag_coefficient: Number = quantity_field(DRAG)
    frontal_area: Number = quantity_field(AREA)
    rolling_resistance: Number = quantity_field(ROLLING)
    rotating_mass_factor: Number = quantity_field(INERTIA, 1.03)

    def build(self, mass: float) -> RoadLoad:
        """Return the road load of the car at a mass [kg]."""
        drag_area = self.drag_coefficient.value * self.frontal_area.value
        return RoadLoad.from_shape(
            mass, drag_area, self.rolling_resistance.value, self.rotating_mass_factor.value
        )


class DrivetrainChoice(FrozenConfig):
    """Constant efficiencies, and the most power that braking may give back at the battery."""

    efficiency: Number = quantity_field(EFFICIENCY)
    regeneration: Number = quantity_field(EFFICIENCY)
    maximum_regeneration: Number | None = quantity_field(POWER, None)


class Cabin(FrozenConfig):
    """Heating of the cabin."""

    heater: Literal["none", "ptc", "heat_pump"]
    temperature: Number = quantity_field(TEMPERATURE)
    conductance: Number = quantity_field(CONDUCTANCE)
    heat_capacity: Number = quantity_field(HEAT_CAPACITY)


class Motor(FrozenConfig):
    """What drives the wheels: the largest power, the weight on driven wheels and their grip."""

    power: Number = quantity_field(MOTOR_POWER)
    driven_weight: Number = quantity_field(DRIVEN)
    grip: Number = quantity_field(GRIP)


class CurvePoint(FrozenConfig):
    """A point of a published charging curve."""

    soc: Number = quantity_field(SOC)
    power: Number = quantity_field(CURVE_POWER)


class Charging(FrozenConfig):
    """What the car takes at most at a charger: power, current, voltage, power by state of charge."""

    maximum_power: Number = quantity_field(LARGE_POWER)
    maximum_current: Number | None = quantity_field(CURRENT, None)
    maximum_voltage: Number | None = quantity_field(VOLTAGE, None)
    curve: tuple[CurvePoint, ...] = ()


class OwnPack(FrozenConfig):
    """The pack the car is sold with."""

    mass: Number = quantity_field(PACK_MASS)
    volume: Number | None = quantity_field(PACK_VOLUME, None)
    gross_energy: Number = quantity_field(ENERGY)
    usable_energy: Number = quantity_field(ENERGY)
    series: Number | None = quantity_field(COUNT, None)
    parallel: Number | None = quantity_field(COUNT, None)
    chemistry: str = ""
    design: PackDesign = PackDesign()


class PublishedRange(FrozenConfig):
    """A range that the maker or an authority publishes."""

    cycle: str
    range: Number = quantity_field(DISTANCE)


class Vehicle(FrozenConfig):
    """A car: road load, drivetrain, consumers, its own pack, and what is published about it."""

    ionstone: Literal[1]
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")]
    title: str
    body: Literal["city car", "hatchback", "sedan", "suv", "van", "truck", ""] = ""
    sources: dict[str, str]
    source: str
    evidence: Evidence
    known_by: KnownBy = "read"
    mass: Number = quantity_field(MASS)
    road_load: CoastDown | Shape = Field(discriminator="kind")
    drivetrain: DrivetrainChoice
    auxiliary_power: Number = quantity_field(POWER)
    cabin: Cabin
    charging: Charging
    motor: Motor | None = None
    trailer: Number | None = quantity_field(TRAILER, None)
    pack: OwnPack
    published: tuple[PublishedRange, ...] = ()

    def build_road_load(self, mass: float | None = None) -> RoadLoad:
        """Return the road load at 20 degC, at a mass [kg] that replaces the car's own."""
        own = self.road_load.build(self.mass.value)
        return own if mass is None else own.with_mass(mass)

    def build_drivetrain(self) -> Drivetrain:
        """Return the drivetrain."""
        d = self.drivetrain
        limit = float("inf") if d.maximum_regeneration is None else d.maximum_regeneration.value
        return Drivetrain(d.efficiency.value, d.regeneration.value, limit)

    def build_auxiliaries(self) -> Auxiliaries:
        """Return the consumers beside the motor."""
        c = self.cabin
        cabin = c.temperature.value, c.conductance.value, c.heat_capacity.value
        return Auxiliaries(self.auxiliary_power.value, c.heater, *cabin)

    def numbers(self) -> list[tuple[str, Number, str]]:
        """Return all numbers as (path, number, unit), sources written out."""
        return [(path, number, unit) for path, number, unit in _walk(self, "")]


def _walk(config: FrozenConfig, prefix: str) -> list[tuple[str, Number, str]]:
    found: list[tuple[str, Number, str]] = []
    for name, field in type(config).model_fields.items():
        value = getattr(config, name)
        if isinstance(value, Number):
            unit = getattr(field.json_schema_extra, "quantity").unit  # noqa: B009
            found.append((f"{prefix}{name}", value, unit))
        elif isinstance(value, FrozenConfig):
            found += _walk(value, f"{prefix}{name}.")
        elif isinstance(value, tuple):
            for item in value:
                soc = f"{100 * item.soc.value:g}%" if isinstance(item, CurvePoint) else name
                found += _walk(item, f"{prefix}{name}.{getattr(item, 'cycle', soc)}.")
    return found


def _with_sources(config: Any, vehicle: Vehicle, name: str = "") -> Any:
    """Return the config with the file's default source and grade in every number that names none."""
    if isinstance(config, Number):
        if config.source and config.source not in vehicle.sources and " " not in config.source:
            hint = nearest(config.source, vehicle.sources)
            raise InputError(
                f"{vehicle.name}: {name}.source: {shown(config.source)} is not in sources: {hint}"
            )
        return config.model_copy(
            update={
                "source": vehicle.sources.get(config.source or vehicle.source, config.source),
                "evidence": config.evidence or vehicle.evidence,
                "known_by": config.known_by or vehicle.known_by,
            }
        )
    if isinstance(config, tuple):
        return tuple(_with_sources(item, vehicle, name) for item in config)
    if isinstance(config, FrozenConfig):
        fields = {key: getattr(config, key) for key in type(config).model_fields}
        return config.model_copy(
            update={key: _with_sources(item, vehicle, key) for key, item in fields.items()}
        )
    return config


def list_vehicles() -> list[str]:
    """Return the names of the built-in cars, the default first."""
    names = sorted(path.stem for path in LIBRARY.glob("*.yaml"))
    return sorted(names, key=lambda name: name != DEFAULT_VEHICLE)


def load_vehicle(name: str | Path | Vehicle = DEFAULT_VEHICLE) -> Vehicle:
    """Return a car by built-in name or from a YAML file. InputError names the field and the remedy."""
    if isinstance(name, Vehicle):
        return name
    text = str(name)
    if text in list_vehicles():
        path = LIBRARY / f"{text}.yaml"
    elif text.endswith((".yaml", ".yml")) or "/" in text:
        path = Path(text)
    else:
        like = [name for name in list_vehicles() if text.lower() in name]
        hint = f"known: {', '.join(like[:12])}" if len(like) > 1 else nearest(text, like or list_vehicles())
        raise InputError(f"vehicle {shown(text)} is unknown: {hint} (or give a YAML file)")
    vehicle = load(Vehicle, read_yaml(path), path.name)
    if vehicle.source not in vehicle.sources:
        raise InputError(f"{path.name}: source: {shown(vehicle.source)} is not in sources: add it there")
    if vehicle.pack.mass.value >= vehicle.mass.value:
        raise InputError(f"{path.name}: pack.mass: it is not below the mass of the car: correct one of them")
    filled: Vehicle = _with_sources(vehicle, vehicle)
    return filled
