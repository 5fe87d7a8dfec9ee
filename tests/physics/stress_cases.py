"""Random cells and protocols, seeded: each must end with a physical end or a code that says why.

Not about likely cells: thicknesses, porosities, radii, diffusivities, conductivities and rate constants over
decades, -20 to 60 degC, full and empty cells, loads of 0.01C to 10C, limits inside and outside of reach.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ionstone.cell_design import Cell, load_cell
from ionstone.cell_design.library import cell_names
from ionstone.core.errors import InputError
from ionstone.experiment import Limit, Profile, Protocol, Step
from ionstone.simulation import Grid, simulate
from ionstone.simulation.arguments import voltage_range

SEED = 20261
LEVELS, HEATS = ("P2D", "SPMe", "SPM"), ("isothermal", "held", "lumped")
GRID = Grid(6, 4, 6, 10)
#: steps of time after which a lane is given up with a code
MAX_STEPS = 50_000


@dataclass(frozen=True)
class StressCase:
    """One cell with its protocol; ``number`` and the seed give it again."""

    number: int
    name: str
    changes: dict[str, float]
    cell: Cell
    level: str
    heat: str
    protocol: Protocol
    temperature: float
    soc: float

    def __str__(self) -> str:
        changes = ", ".join(f"{k} {v:.3g}" for k, v in self.changes.items())
        at = f"{self.temperature - 273.15:.1f} degC, soc {self.soc:.3g}"
        return (
            f"case {self.number}: {self.name} {self.level} {self.heat}, {at}; {changes}; {self.protocol.text}"
        )


#: cells that store charge in particles
NAMES = tuple(n for n in cell_names() if load_cell(n).parameters().positive_kind == "porous")


class _Draw:
    """The random choices of one case."""

    def __init__(self, number: int, seed: int) -> None:
        self.rng = np.random.default_rng([seed, number])

    def one(self, values: Sequence[Any]) -> Any:
        return values[int(self.rng.integers(len(values)))]

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def even(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def decades(self, low: float, high: float) -> float:
        return float(np.exp(self.rng.uniform(np.log(low), np.log(high))))


def changed(draw: _Draw, cell: Cell) -> dict[str, float]:
    """Some parameters, each at random within wide bounds."""
    changes: dict[str, float] = {}
    numbers, functions = cell.resolved.numbers, cell.resolved.functions
    porous = [e for e in ("negative", "positive") if f"{e}.particle_radius" in numbers]

    def scaled(path: str, low: float, high: float, top: float = np.inf) -> None:
        if path in numbers and draw.chance(0.5):
            changes[path] = min(numbers[path].value * draw.decades(low, high), top)

    for e in porous:
        scaled(f"{e}.thickness", 0.4, 2.5)
        scaled(f"{e}.particle_radius", 0.2, 4.0, 9e-5)
        scaled(f"{e}.conductivity", 1e-2, 1e2)
        scaled(f"{e}.contact_fraction", 0.3, 1.0)
        if draw.chance(0.5):
            changes[f"{e}.film_resistance"] = draw.decades(1e-4, 3e-2)
        for name, low, high in (
            ("diffusivity", 1e-2, 1e2),
            ("exchange_current_prefactor", 1e-2, 10.0),
            ("exchange_current_density", 1e-2, 10.0),
        ):
            function = functions.get(f"{e}.{name}")
            if function is not None and draw.chance(0.5):
                value = function.function.constant
                if value is None and draw.chance(0.3):
                    value = float(function.function.evaluate(np.array([0.5]))[0])
                if value is not None:
                    changes[f"{e}.{name}"] = value * draw.decades(low, high)
    scaled("negative.interphase_resistance", 0.1, 10.0)
    scaled("separator.thickness", 0.3, 4.0)
    for region in (*porous, "separator"):
        scaled(f"{region}.porosity", 0.4, 1.3, 0.95)
    if draw.chance(0.4):
        value = draw.decades(1e-3, 3.0)
        for region in (*porous, "separator"):
            if functions[f"{region}.electrolyte.conductivity"].function.constant is not None or draw.chance(
                0.3
            ):
                changes[f"{region}.electrolyte.conductivity"] = value * draw.decades(0.5, 2.0)
    if draw.chance(0.4):
        value = draw.decades(1e-12, 3e-9)
        for region in (*porous, "separator"):
            changes[f"{region}.electrolyte.diffusivity"] = value
    if draw.chance(0.3):
        value = draw.even(-0.3, 0.95)
        for region in (*porous, "separator"):
            if functions[f"{region}.electrolyte.transference_number"].function.constant != 1.0:
                changes[f"{region}.electrolyte.transference_number"] = value
    return changes


class _Steps:
    """Random steps for one cell."""

    def __init__(self, draw: _Draw, cell: Cell) -> None:
        s = cell.parameters().scalars
        self.draw, self.planar = draw, cell.parameters().negative_kind != "porous"
        self.low, self.high = s["voltage.lower_cutoff"], s["voltage.upper_cutoff"]
        self.least, self.most = voltage_range(cell)
        self.one_c = s["nominal_capacity"] / 3600

    def load(self) -> float:
        """A C-rate, negative on charge."""
        rate = self.draw.decades(0.01, 10.0)
        return rate if self.draw.chance(0.6) else -rate

    def ends(self, rate: float) -> dict[str, Any]:
        """A time, and perhaps limits; a time of some charge or discharges, or a short one."""
        d = self.draw
        hours = d.decades(0.02, 3.0) / max(abs(rate), 0.02)
        limits = []
        down = rate > 0
        if d.chance(0.7):
            near = d.even(self.low, self.high) if d.chance(0.5) else self.low if down else self.high
            if d.chance(0.2):
                near = d.even(self.least, self.low) if down else d.even(self.high, self.most)
            limits.append(Limit("voltage", "<" if down else ">", near))
        if d.chance(0.15):
            limits.append(Limit("soc", "<" if down else ">", d.even(0.0, 1.0)))
        if d.chance(0.1):
            limits.append(Limit("temperature", ">", d.even(290.0, 345.0)))
        if d.chance(0.1):
            limits.append(Limit("minimum_electrolyte_concentration", "<", d.decades(1.0, 800.0)))
        if d.chance(0.1):
            limits.append(Limit("positive_surface_stoichiometry_max", ">", d.even(0.3, 1.0)))
        if d.chance(0.1):
            limits.append(
                Limit("discharge_capacity", ">" if down else "<", d.even(-1, 1) * 3600 * self.one_c)
            )
        return {"duration": 3600 * hours, "until": tuple(limits)}

    def current(self) -> list[Step]:
        rate = self.load()
        return [Step("c_rate", rate, **self.ends(rate))]

    def power(self) -> list[Step]:
        rate = self.load()
        return [Step("power", rate * self.one_c * 0.5 * (self.low + self.high), **self.ends(rate))]

    def resistance(self) -> list[Step]:
        rate = abs(self.load())
        return [Step("resistance", self.high / (rate * self.one_c), **self.ends(rate))]

    def hold(self) -> list[Step]:
        volts = self.draw.even(self.low, self.high)
        rate = self.draw.decades(0.01, 0.5)
        limit = (Limit("abs_c_rate", "<", rate),) if self.draw.chance(0.5) else ()
        return [Step("voltage", volts, duration=self.draw.decades(1.0, 2e4), until=limit)]

    def cc_cv(self) -> list[Step]:
        rate = -self.draw.decades(0.05, 10.0)
        charge = Step("c_rate", rate, until=(Limit("voltage", ">", self.high),))
        limit = Limit("abs_c_rate", "<", self.draw.decades(0.01, 0.2))
        return [charge, Step("voltage", self.high, duration=20_000.0, until=(limit,))]

    def rest(self) -> list[Step]:
        return [Step("rest", 0.0, duration=self.draw.decades(1.0, 1e5))]

    def pulses(self) -> list[Step]:
        rate, on, off = self.load(), self.draw.decades(0.1, 300.0), self.draw.decades(0.1, 3000.0)
        return [Step("c_rate", rate, duration=on), Step("rest", 0.0, duration=off)] * int(
            self.draw.rng.integers(2, 9)
        )

    def cycle(self) -> list[Step]:
        """A load that jumps from sample to sample, of current or power."""
        samples, spacing = int(self.draw.rng.integers(20, 200)), self.draw.decades(0.5, 60.0)
        rates = self.draw.even(-0.2, 0.6) + self.draw.decades(0.05, 3.0) * self.draw.rng.normal(size=samples)
        times = tuple(spacing * np.arange(samples, dtype=float))
        if self.draw.chance(0.5):
            return [Step("c_rate", Profile(times, tuple(rates)))]
        watts = self.one_c * 0.5 * (self.low + self.high)
        return [Step("power", Profile(times, tuple(watts * rates)))]

    def plating(self) -> list[Step]:
        """A charge at a potential of the negative electrode."""
        if self.planar:
            return self.rest()
        limit = Limit("voltage", ">", self.high)
        return [Step("plating_potential", self.draw.even(0.0, 0.1), duration=1800.0, until=(limit,))]

    def protocol(self) -> Protocol:
        kinds: tuple[Callable[[], list[Step]], ...] = (
            self.current,
            self.current,
            self.current,
            self.power,
            self.power,
            self.resistance,
            self.hold,
            self.cc_cv,
            self.rest,
            self.pulses,
            self.cycle,
            self.plating,
        )
        weight = np.array([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.3])
        steps: list[Step] = []
        for _ in range(int(self.draw.one((1, 1, 2, 3, 4, 6, 10)))):
            steps += kinds[int(self.draw.rng.choice(len(kinds), p=weight / weight.sum()))]()
        return Protocol(tuple(steps))


def make_case(number: int, seed: int = SEED) -> StressCase:
    """The case of a number; draws again where the changes give no possible cell."""
    draw = _Draw(number, seed)
    name = draw.one(NAMES)
    base = load_cell(name)
    for _ in range(100):
        changes = changed(draw, base)
        try:
            cell = base.replace(changes) if changes else base
            cell.parameters()
            break
        except InputError:
            continue
    steps = _Steps(draw, cell)
    at = base.parameters().scalars["operating_temperature"]
    low, high = (253.15, 333.15) if np.isnan(at) else (at - 40.0, at + 20.0)
    soc = draw.one((0.0, 1.0, draw.even(0.0, 1.0), draw.even(0.0, 1.0)))
    return StressCase(
        number,
        name,
        changes,
        cell,
        LEVELS[number % 3],
        draw.one(HEATS),
        steps.protocol(),
        draw.even(low, high),
        soc,
    )


def groups(cases: Sequence[StressCase], most: int = 64) -> Iterator[list[StressCase]]:
    """Cases that can run as one batch: one kind of negative electrode, one level, one kind of heat."""
    sorts: dict[tuple[Any, ...], list[StressCase]] = {}
    for c in cases:
        planar = c.cell.parameters().negative_kind != "porous"
        sorts.setdefault((planar, c.level, c.heat), []).append(c)
    for group in sorts.values():
        for first in range(0, len(group), most):
            yield group[first : first + most]


class Hang(Exception):
    """A batch took longer than any batch should."""


def run(group: Sequence[StressCase], seconds: float = 120.0, **settings: Any) -> Any:
    """One batch of a group; raises Hang after so many seconds of wall-clock time."""
    start = time.monotonic()

    def guard(_: float) -> None:
        if time.monotonic() - start > seconds:
            raise Hang(f"a batch of {len(group)} runs took more than {seconds:g} s: {group[0]} and others")

    c = group[0]
    return simulate(
        [g.cell for g in group],
        [g.protocol for g in group],
        model=c.level,
        heat=c.heat,
        temperature=[g.temperature for g in group],
        soc=[g.soc for g in group],
        progress=guard,
        **({"max_steps": MAX_STEPS, "grid": GRID} | settings),
    )
