"""What every run must fulfil, whatever its cell and protocol; used on the cases of ``stress_cases``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from stress_cases import StressCase, groups, make_case, run

from ionstone.cell_model.levels import LEVELS
from ionstone.cell_model.parts import Options
from ionstone.core.constants import C0, F
from ionstone.experiment import Profile, Protocol, Step
from ionstone.numerics.kernel import NO_INITIAL_STATE, STEP_TOO_SMALL

REGIONS = ("negative", "separator", "positive")
#: how far a depleted salt [mol/m3] and a full or empty particle may be past their ends: their laws go on
#: steeply there
LEFT, OVER = 0.1, 0.02


class Checked:
    """What the runs of one batch must fulfil, whatever their cells and protocols."""

    def __init__(self, group: Sequence[StressCase], batch: Any) -> None:
        self.group, self.batch, self.outcome = group, batch, batch.outcome
        self.form = batch._compilers[0].form
        planar = group[0].cell.parameters().negative_kind != "porous"
        level = LEVELS[group[0].level]
        self.mesh = level.mesh(batch.plan.grid, Options(planar=planar))
        self.planar = planar

    def column(self, i: int, name: str) -> Any:
        """One output of lane ``i`` at all rows."""
        return self.outcome.rows[i][:, 2 + self.form.all_outputs.index(name)]

    def end(self, i: int) -> str:
        """The kind of end of lane ``i``."""
        if self.batch.code[i]:
            return f"code {self.batch.code[i]}: {self.batch.message(i).split(': ', 1)[1].split(':')[0]}"
        reason = str(self.batch.summary["end_reason"][i])
        return reason.split(" (")[0].split(" <")[0].split(" >")[0]

    def faults(self, i: int) -> list[str]:
        """All that is wrong with lane ``i``."""
        rows = self.outcome.rows[i]
        checks = (self.ends_for_a_reason, self.is_finite, self.stays_in_range, self.keeps_what_is_stored)
        found = [fault for check in checks[:2] for fault in check(i)]
        if len(rows) and not found:
            found += [fault for check in checks[2:] for fault in check(i)] + self.meets_its_limit(i)
        return [f"{fault}: {self.group[i]}" for fault in found]

    def ends_for_a_reason(self, i: int) -> list[str]:
        """An end by name, or a code with a message that says why."""
        code, message = int(self.batch.code[i]), self.batch.message(i)
        if code == 0:
            return [] if self.batch.summary["end_reason"][i] else ["no reason of the end"]
        if code not in (STEP_TOO_SMALL, NO_INITIAL_STATE):
            return [f"code {code}: {message}"]
        step = self.group[i].protocol.steps[int(self.outcome.step[i])]
        if code == NO_INITIAL_STATE and self.could_go_on(i, step):
            return [f"a state exists but was not found: {message}"]
        if code == STEP_TOO_SMALL and "at that point" not in message:
            return [f"no cause: {message}"]
        return []

    def could_go_on(self, i: int, step: Step) -> bool:
        """Whether a state meets the load: always, but for more power than any resistance draws, and for a
        plating potential that 300C does not reach."""
        rows, at, value = self.outcome.rows[i], int(self.outcome.step[i]), step.value
        here = rows[np.floor(rows[:, 1]) == at, 0]
        inside = float(here[-1] - here[0]) if len(here) else 0.0
        if isinstance(value, Profile):
            value = float(np.interp(inside, value.time, value.value))
        before = self.group[i].protocol.steps[:at]
        before += (replace(step, duration=inside, until=()),) if inside else ()
        if step.control == "plating_potential":
            tried = [Step("c_rate", rate, duration=1e-3) for rate in (-300.0, 300.0)]
            low, high = self.first_of(i, before, tried, step.control)
            return bool(low <= value <= high)
        if step.control != "power" or value <= 0:
            return True
        ohms = self.group[i].cell.parameters().scalars["voltage.upper_cutoff"] ** 2 / value
        tried = [Step("resistance", float(ohms * k), duration=1e-3) for k in np.logspace(-3, 2, 64)]
        drawn = [watts for watts in self.first_of(i, before, tried, "power") if np.isfinite(watts)]
        return max(drawn, default=0.0) > 1.003 * value  # none: within a step, where the power itself ends

    def first_of(self, i: int, before: tuple[Step, ...], tried: Sequence[Step], name: str) -> Any:
        """An output of lane ``i`` at the beginning of each of some steps after what went before."""
        drawn = [replace(self.group[i], protocol=Protocol((*before, step))) for step in tried]
        rows = run(drawn, grid=self.batch.plan.grid).outcome.rows
        first = [r[np.floor(r[:, 1]) == len(before)] for r in rows]
        return [r[0, 2 + self.form.all_outputs.index(name)] if len(r) else np.nan for r in first]

    def is_finite(self, i: int) -> list[str]:
        """Every number that is kept."""
        return [] if np.all(np.isfinite(self.outcome.rows[i])) else ["a row is not finite"]

    def stays_in_range(self, i: int) -> list[str]:
        """Voltage between the stops once a step has begun; fillings and concentrations in bounds."""
        found, rows = [], self.outcome.rows[i]
        salt = np.min(self.column(i, "minimum_electrolyte_concentration"))
        if salt < -LEFT:
            found.append(f"minimum_electrolyte_concentration {salt:.4g} mol/m3")
        for e in ("negative", "positive")[self.planar :]:
            low = np.min(self.column(i, f"{e}_surface_stoichiometry_min"))
            high = np.max(self.column(i, f"{e}_surface_stoichiometry_max"))
            if low < -OVER or high > 1 + OVER:
                found.append(f"{e} surface stoichiometry from {low:.5g} to {high:.5g}")
        v = self.column(i, "voltage")
        later = np.concatenate([[False], np.floor(rows[1:, 1]) == np.floor(rows[:-1, 1])])
        for n in np.unique(np.floor(rows[later, 1]).astype(int)):
            step = self.group[i].protocol.steps[n]
            stops = [e for e in self.batch._compilers[i].stops(step) if e.output == 0]
            at = v[later & (np.floor(rows[:, 1]) == n)]
            low, high = stops[0].level - 1e-3, stops[1].level + 1e-3
            if np.min(at) < low or np.max(at) > high:
                found.append(
                    f"voltage from {np.min(at):.6g} to {np.max(at):.6g} V in step {n}, stops {low}, {high}"
                )
        return found

    def keeps_what_is_stored(self, i: int) -> list[str]:
        """The charge passed is the integral of the current; lithium and salt are conserved."""
        charge = self.column(i, "discharge_capacity")[-1]
        passed, total = integral(self.outcome.rows[i], self.column(i, "current"))
        found = []
        if abs(passed - charge) > 1e-3 * total + 1e-6:
            found.append(f"current integrates to {passed:.8g} A s, the counter says {charge:.8g} A s")
        particles, c = self.state(i)
        for e, mean in particles.items():
            error = mean - self.filling(i, e, charge)
            if abs(error) > 1e-7:
                found.append(f"lithium of the {e} electrode is off by {error:.3g} of its filling")
        s, first, salt, initial = self.group[i].cell.parameters().scalars, 0, 0.0, 0.0
        for region, cells in zip(REGIONS, self.mesh.cells, strict=True):
            if not (self.planar and region == "negative"):
                volume = s[f"{region}.porosity"] * s[f"{region}.thickness"]
                salt += volume * C0 * float(np.mean(c[first : first + cells]))
                initial += volume * s[f"{region}.electrolyte.initial_concentration"]
            first += cells
        if abs(salt / initial - 1) > 1e-7:
            found.append(f"salt is off by {salt / initial - 1:.3g}")
        return found

    def state(self, i: int) -> tuple[dict[str, float], Any]:
        """The last state of lane ``i``: mean fillings of the electrodes, concentrations in units of C0."""
        at, state, means = 0, self.outcome.state[i], {}
        for region, cells, radial in zip(REGIONS, self.mesh.cells, self.mesh.radial, strict=True):
            if radial is not None:
                shells = len(radial.inverse_volume)
                x = state[at : at + shells * cells].reshape(shells, cells)
                means[region] = float(np.mean(radial.volume_fraction @ x))
                at += shells * cells
            if region != "separator":
                at += len(self.form.locals) * cells
        return means, state[at : at + sum(self.mesh.cells)]

    def filling(self, i: int, e: str, charge: float) -> float:
        """The mean stoichiometry that an electrode has after so much charge [A s] was taken from the cell."""
        s = self.group[i].cell.parameters().scalars
        full, empty = s[f"{e}.stoichiometry_at_full"], s[f"{e}.stoichiometry_at_empty"]
        most = F * s[f"{e}.thickness"] * s[f"{e}.active_fraction"] * s[f"{e}.maximum_concentration"]
        sign = 1.0 if e == "positive" else -1.0
        return empty + self.group[i].soc * (full - empty) + sign * charge / (s["electrode_area"] * most)

    def meets_its_limit(self, i: int) -> list[str]:
        """A run that an event ended is at its level, or it was past it when the step began."""
        event = None if self.batch.code[i] else self.batch._ending(i)
        if event is None:
            return []
        rows = self.outcome.rows[i]
        if len(rows) == 1 or np.floor(rows[-1, 1]) != np.floor(rows[-2, 1]):
            return []
        off = abs(rows[-1, 2 + event.output] - event.level) / max(1.0, abs(event.level))
        return [f"{self.form.all_outputs[event.output]} is off its limit by {off:.3g}"] if off > 1e-6 else []


def integral(rows: Any, values: Any) -> tuple[float, float]:
    """Time integral of an output over the cubics of a run (Simpson's 3/8 rule), and that of its size."""
    inner = rows[:, 1] % 1 != 0
    at = np.flatnonzero(inner & ~np.roll(inner, 1))
    h = rows[at + 2, 0] - rows[at - 1, 0]
    weight = np.array([1, 3, 3, 1]) / 8
    pieces = values[at[:, None] + np.arange(-1, 3)]
    return float(np.sum(h * (pieces @ weight))), float(np.sum(h * (np.abs(pieces) @ weight)))


def faults_of(numbers: range) -> tuple[list[str], Counter[str]]:
    """What is wrong with the cases of these numbers, and how often each kind of end came."""
    found: list[str] = []
    ends: Counter[str] = Counter()
    for group in groups([make_case(i) for i in numbers]):
        checked = Checked(group, run(group))
        for i in range(len(group)):
            found += checked.faults(i)
            ends[checked.end(i)] += 1
    return found, ends
