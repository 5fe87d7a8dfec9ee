"""Run one cell or a batch of cells through protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_design import Cell, load_cell
from ionstone.cell_model import names
from ionstone.cell_model.build import Conditions
from ionstone.cell_model.law_files import NO_LAWS, BatchLaws, LawsInput, laws_of
from ionstone.cell_model.levels import LEVELS, Level
from ionstone.core.errors import InputError, SimulationError
from ionstone.experiment import Protocol, check_against_cell, parse_protocol, with_cut_offs
from ionstone.numerics import kernel as core
from ionstone.results import Run
from ionstone.simulation.codes import MESSAGES
from ionstone.simulation.compile import Compiler
from ionstone.simulation.dense import refine, sample
from ionstone.simulation.grid import Grid
from ionstone.simulation.prepare import Plan, prepare

if TYPE_CHECKING:
    from pathlib import Path

ROOM_TEMPERATURE = 298.15
#: [V] beyond the data of the open-circuit potentials in which a cut-off may lie
ROOM = 0.1
DEFAULT_TOLERANCE = 1e-4
#: knots of a load profile beyond which only the ends of time steps are kept
_LONG_PROFILE = 5000


def _level(model: str) -> Level:
    if model not in LEVELS:
        raise InputError(f"model is {model!r}: give one of {', '.join(LEVELS)}")
    return LEVELS[model]


def _number(value: float | str | None, unit: str, name: str) -> float | None:
    if value is None or isinstance(value, (int, float)):
        return None if value is None else float(value)
    from ionstone.core.quantities import to_si

    return to_si(value, unit, name)


def _temperature(cell: Cell, temperature: float | None) -> float:
    if temperature is not None:
        if not 150.0 <= temperature <= 600.0:
            raise InputError(f"temperature is {temperature:g} K: give 150 to 600 K, for example '25 degC'")
        return temperature
    own = cell.parameters().scalars["operating_temperature"]
    return ROOM_TEMPERATURE if np.isnan(own) else own


class Batch(Sequence[Run]):
    """Runs of a batch.

    ``batch[i]`` is a run, ``code`` an array, ``message(i)`` a sentence, ``summary`` a mapping of arrays.
    """

    def __init__(
        self,
        cells: Sequence[Cell],
        protocols: Sequence[Protocol],
        plan: Plan,
        outcome: core.Outcome,
        compilers: Any,
    ) -> None:
        self.cells, self.protocols, self.plan, self.outcome, self._compilers = (
            cells,
            protocols,
            plan,
            outcome,
            compilers,
        )
        self.code = np.where(outcome.status < core.STEP_TOO_SMALL, 0, outcome.status)
        self._runs: dict[int, Run] = {}

    def __len__(self) -> int:
        return len(self.code)

    def message(self, i: int) -> str:
        """What happened in lane ``i``, likely why, and what to try; empty where all went well."""
        return MESSAGES.get(int(self.code[i]), "")

    @property
    def summary(self) -> Mapping[str, NDArray[Any]]:
        """Each metric of the runs as an array; not a number where a lane failed."""
        runs = [self[i] for i in range(len(self))]
        keys = [k for k, v in runs[0].summary.items() if not isinstance(v, str)] if runs else []
        ok = self.code == 0
        return {k: np.where(ok, [float(r.summary.get(k, np.nan)) for r in runs], np.nan) for k in keys}

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        i = range(len(self))[i]
        if i not in self._runs:
            self._runs[i] = self._run(i)
        return self._runs[i]

    def _run(self, i: int) -> Run:
        rows, cell, plan = self.outcome.rows[i], self.cells[i], self.plan
        compiler: Compiler = self._compilers[i]
        form = compiler.form
        inner = bool(len(rows)) and bool(np.any(rows[:, 1] % 1))
        if inner:
            rows = refine(rows, 2) if plan.period is None else sample(rows, plan.period)
        columns = dict(zip(form.all_outputs, rows[:, 2:].T, strict=True))
        outputs, units = _named(columns, compiler.planar, plan.heat != "isothermal")
        units |= names.own_units(plan.own.laws)
        steps = self.protocols[i].steps
        reason = "" if self.code[i] else compiler.describe(self._ending(i), steps, int(self.outcome.step[i]))
        return Run.from_outputs(
            rows[:, 0],
            outputs,
            step=rows[:, 1].astype(int),
            units=units,
            cell=cell.name,
            model=plan.level.name,
            protocol=self.protocols[i].text,
            code=int(self.code[i]),
            message=self.message(i),
            end_reason=reason,
            summary=_data_range(cell, outputs),
        )

    def _ending(self, i: int) -> core.Event | None:
        rows, event = self.outcome.rows[i], self.outcome.event[i]
        if event is None or not len(rows):
            return None
        value = rows[-1, 2 + event.output]
        return event if event.sign * (value - event.level) > -1e-6 * max(1.0, abs(event.level)) else None


def _named(columns: Mapping[str, Any], planar: bool, thermal: bool) -> tuple[dict[str, Any], dict[str, str]]:
    """Outputs that mean something for this cell, with units."""
    parts, units = named_outputs(columns, planar, thermal)
    return {n: np.minimum(p[0], p[1]) if len(p) > 1 else p[0] for n, p in parts.items()}, units


def named_outputs(
    columns: Mapping[str, Any], planar: bool, thermal: bool
) -> tuple[dict[str, tuple[Any, ...]], dict[str, str]]:
    """Each output that means something for this cell: the columns whose least value it is; and units."""
    skip = {"temperature_rate"} | (set() if thermal else {"heat"})
    skip |= (
        {"plating_potential"}
        if planar
        else {"lithium_thickness", "critical_current_ratio", "void_current_ratio"}
    )
    least, other = "minimum_electrolyte_concentration", "minimum_electrolyte_concentration_negative"
    out: dict[str, tuple[Any, ...]] = {n: (v,) for n, v in columns.items() if n not in skip and n != other}
    if other in columns:
        out[least] = (columns[least], columns[other])
    units = {n: names.OUTPUTS.get(n, "mol/m3" if "concentration" in n else "") or "1" for n in out}
    return out, units


def _data_range(cell: Cell, outputs: Mapping[str, Any]) -> dict[str, str]:
    """Names the electrodes whose open-circuit potential was read outside its data."""
    left = []
    for e in ("negative", "positive"):
        f = cell.parameters().functions.get(f"{e}.open_circuit_potential")
        low, high = (
            outputs.get(f"{e}_surface_stoichiometry_min"),
            outputs.get(f"{e}_surface_stoichiometry_max"),
        )
        if f is None or low is None or high is None or not len(low):
            continue
        if np.min(low) < f.lower or np.max(high) > f.upper:
            left.append(
                f"{e} (data from {f.lower:.4g} to {f.upper:.4g}, "
                f"used {np.min(low):.4g} to {np.max(high):.4g})"
            )
    return {"left_data_range": "; ".join(left)} if left else {}


def simulate_batch(
    cells: Sequence[Cell],
    protocols: Sequence[Any] | Any,
    *,
    model: str = "P2D",
    temperature: float | str | Sequence[float] | None = None,
    heat: str = "isothermal",
    ambient: float | str | None = None,
    soc: float | str | Sequence[float] | None = None,
    period: float | str | None = None,
    grid: Grid | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
    threads: int | None = None,
    max_steps: int = 2_000_000,
    dense: bool | None = None,
    laws: LawsInput | None = None,
    allow_laws: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Batch:
    """Run many cells, each through its protocol (one for all, or one a cell), in vector lanes and threads.

    All cells of a batch have a porous, or all a planar, negative electrode. Arguments as in ``simulate``;
    ``temperature`` and ``soc`` may be sequences. A lane that fails has a code and a message; the others go
    on. Raises InputError for bad input.
    """
    cells = list(cells)
    if not cells:
        raise InputError("a batch needs at least one cell")
    plan = plan_of(model, heat, grid, tolerance, period, max_steps, laws_of(cells, laws, allow_laws))
    shared = isinstance(protocols, (str, Protocol)) or not isinstance(protocols, Sequence)
    parsed = _protocols(cells, [protocols] if shared else list(protocols), shared)
    prepared = prepare(cells, plan, conditions_of(cells, temperature, ambient, soc))
    form, planar = prepared.form, prepared.planar
    compilers = [Compiler(form, c.parameters().scalars, planar) for c in cells]
    compiled: dict[Any, Any] = {}
    steps = []
    for compiler, protocol in zip(compilers, parsed, strict=True):
        key = (id(protocol), *compiler.key)
        if key not in compiled:
            compiled[key] = compiler.protocol(protocol)
        steps.append(compiled[key])
    if dense is None:
        dense = max(sum(len(k.profile) for k in s) for s in steps) < _LONG_PROFILE
    capacity = (600 if dense else 200) if len(cells) > 1 else 4000
    p = prepared.lanes
    outcome = core.Batch(p.kernel, p.grid, p.lanes, steps, p).run(
        tolerance=tolerance,
        max_attempts=max_steps,
        inner_rows=dense,
        capacity=capacity,
        threads=_threads(threads),
        progress=progress,
    )
    return Batch(cells, parsed, plan, outcome, compilers)


def _threads(threads: int | None) -> int:
    if threads is not None:
        return threads
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def plan_of(
    model: str,
    heat: str,
    grid: Grid | None,
    tolerance: float,
    period: Any = None,
    max_steps: int = 2_000_000,
    own: BatchLaws = NO_LAWS,
) -> Plan:
    """The plan of a batch from a user's arguments; InputError where one is out of range."""
    if heat not in ("isothermal", "held", "lumped"):
        raise InputError(
            f"heat is {heat!r}: give isothermal, held (isothermal, with the heat as an output) or lumped"
        )
    if not 1e-12 <= tolerance <= 0.1:
        raise InputError(f"tolerance is {tolerance!r}: give 1e-12 to 0.1, for example 1e-4")
    spacing = _number(period, "s", "period")
    if spacing is not None and not 1e-3 <= spacing <= 1e7:
        raise InputError(f"period is {spacing:g} s: give 0.001 s to 1e7 s, for example '10 s'")
    return Plan(_level(model), heat, grid or Grid(), tolerance, spacing, max_steps, own)


def _protocols(cells: Sequence[Cell], given: Sequence[Any], shared: bool) -> list[Protocol]:
    if not shared and len(given) != len(cells):
        raise InputError(
            f"{len(given)} protocols for {len(cells)} cells: give one protocol, or one for each cell"
        )
    parsed = [parse_protocol(p) for p in given]
    known: dict[tuple[int, float, float], Protocol] = {}
    out = []
    for i, cell in enumerate(cells):
        s, p = cell.parameters().scalars, parsed[0 if shared else i]
        key = (id(p), s["voltage.lower_cutoff"], s["voltage.upper_cutoff"])
        if key not in known:
            check_against_cell(p, *voltage_range(cell), cell=cell.name)
            known[key] = with_cut_offs(p, key[1], key[2])
        out.append(known[key])
    return out


def voltage_range(cell: Cell) -> tuple[float, float]:
    """Voltages [V] that the data of the open-circuit potentials can reach, with some room beyond.

    A cut-off further out would rest on the continuation of the potentials alone.
    """
    p = cell.parameters()
    ends = {}
    for e in ("negative", "positive"):
        f = p.functions.get(f"{e}.open_circuit_potential")
        ends[e] = (
            np.array([0.0]) if f is None else f.evaluate(np.array([max(f.lower, 0.0), min(f.upper, 1.0)]))
        )
    low = float(np.min(ends["positive"]) - np.max(ends["negative"]))
    high = float(np.max(ends["positive"]) - np.min(ends["negative"]))
    s = p.scalars
    return min(low - ROOM, s["voltage.lower_cutoff"]), max(high + ROOM, s["voltage.upper_cutoff"])


def conditions_of(cells: Sequence[Cell], temperature: Any, ambient: Any, soc: Any) -> list[Conditions]:
    """How each lane starts, from a user's arguments; InputError where one is out of range."""

    def each(value: Any, unit: str, name: str) -> list[float | None]:
        many = isinstance(value, (list, tuple, np.ndarray))
        values = list(value) if many else [value] * len(cells)
        if len(values) != len(cells):
            raise InputError(
                f"{len(values)} values of {name} for {len(cells)} cells: give one, or one for each"
            )
        return [_number(float(v) if isinstance(v, np.floating) else v, unit, name) for v in values]

    out = []
    ambients = each(ambient, "K", "ambient")
    for cell, t, a, s in zip(
        cells, each(temperature, "K", "temperature"), ambients, each(soc, "", "soc"), strict=True
    ):
        if s is not None and not 0.0 <= s <= 1.0:
            raise InputError(f"soc is {s:g}: give 0 to 1, or a text like '50%'")
        at = _temperature(cell, t)
        out.append(Conditions(at, at if a is None else _temperature(cell, a), s))
    return out


def simulate(
    cell: Cell | str | Path,
    protocol: Any,
    *,
    model: str = "P2D",
    temperature: float | str | None = None,
    heat: str = "isothermal",
    ambient: float | str | None = None,
    soc: float | str | None = None,
    period: float | str | None = None,
    grid: Grid | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
    max_steps: int = 2_000_000,
    dense: bool | None = None,
    laws: LawsInput | None = None,
    allow_laws: bool = False,
) -> Run:
    """Run one cell through a protocol.

    cell: a name, a file, or a Cell. protocol: text, list of texts, or objects (``ionstone.experiment``).
    model: "P2D", "SPMe" or "SPM". temperature [K or text]: of an isothermal run, or at the start; default the
    cell's operating temperature, else 25 degC. heat: "isothermal"; "held", the same with heat as an output;
    or "lumped", cooled to ``ambient``. soc: state of charge at the start (0 to 1); default the cell's own
    initial state, else full. period [s]: spacing of the output; default points between which straight lines
    err under 0.1 mV. tolerance: of the time integration, about volts. laws: own laws, a Python file or a
    mapping from slot to function, in place of those that the cell's file names; allow_laws: run the code that
    a cell's file names.

    Returns a Run. Raises InputError for bad input, SimulationError (with the part computed) for a failed run.
    """
    loaded = cell if isinstance(cell, Cell) else load_cell(cell)
    given = [protocol] if isinstance(protocol, (list, tuple)) else protocol
    batch = simulate_batch(
        [loaded],
        given,
        model=model,
        temperature=temperature,
        heat=heat,
        ambient=ambient,
        soc=soc,
        period=period,
        grid=grid,
        tolerance=tolerance,
        threads=1,
        max_steps=max_steps,
        dense=dense,
        laws=laws,
        allow_laws=allow_laws,
    )
    run: Run = batch[0]
    if batch.code[0]:
        raise SimulationError(f"{loaded.name}: {batch.message(0)}", run)
    return run
