"""Gradients against differences: of the same steps taken again, and of runs that choose their own steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from loads import cycle, drive

import ionstone as ion
from ionstone.cell_design import Cell, load_cell
from ionstone.core.errors import InputError
from ionstone.experiment import Profile, Protocol, Step
from ionstone.numerics.adjoint import Recording
from ionstone.numerics.kernel import Batch
from ionstone.numerics.radial import graded
from ionstone.numerics.tangents import run_tangents
from ionstone.simulation import Grid
from ionstone.simulation.arguments import conditions_of
from ionstone.simulation.gradient import _Study
from ionstone.simulation.prepare import prepare

GRID = Grid(4, 3, 4, 6)
#: relative agreement with differences of the same steps, and with runs of their own steps
FROZEN, FREE = 1e-5, 1e-3
#: derivatives of the logarithm of a metric below which only the absolute difference counts
SMALL = 1e-2
CENTRAL = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))
BACKWARD = ((0, 25 / 12), (-1, -4.0), (-2, 3.0), (-3, -4 / 3), (-4, 1 / 4))

SHARED = [
    "separator.thickness", "separator.porosity", "separator.transport.exponent",
    "positive.thickness", "positive.porosity", "positive.active_fraction", "positive.particle_radius",
    "positive.conductivity", "positive.maximum_concentration", "positive.diffusivity",
    "positive.contact_fraction", "format.electrode_area", "nominal_capacity", "reference_temperature",
]  # fmt: skip
POROUS = [
    "negative.thickness", "negative.porosity", "negative.active_fraction", "negative.particle_radius",
    "negative.conductivity", "negative.maximum_concentration", "negative.diffusivity",
    "negative.contact_fraction", "negative.exchange_current_prefactor", "positive.exchange_current_prefactor",
    "negative.transport.exponent", "positive.transport.exponent", "initial.negative_stoichiometry",
    "initial.positive_stoichiometry", "positive.electrolyte.transference_number",
]  # fmt: skip
PLANAR = [
    "contact_resistance", "negative.exchange_current_density", "negative.interphase_resistance",
    "positive.film_resistance", "voltage.lower_cutoff",
]  # fmt: skip
#: parameters of each cell
PATHS = {
    "lg-m50": [*SHARED, *POROUS],
    "qse5": [*SHARED, *PLANAR, "positive.exchange_current_density", "separator.electrolyte.conductivity",
             "separator.interface_resistance_positive", "positive.electrolyte.diffusivity"],
    "sulfide-li": [*SHARED, *PLANAR, "positive.exchange_current_density", "positive.transport.threshold",
                   "separator.electrolyte.conductivity", "positive.electrolyte.conductivity"],
    "polymer-lfp": [*SHARED, *PLANAR, "positive.exchange_current_prefactor",
                    "separator.electrolyte.conductivity_B", "positive.electrolyte.conductivity_B",
                    "positive.electrolyte.diffusivity"],
}  # fmt: skip
#: metrics of a cycle that move smoothly. Left out: interior extremes (``min_electrolyte_concentration``,
#: ``min_plating_potential``) jump with the points of a run that sample them
SMOOTH = (
    "duration", "discharge_capacity", "discharge_energy", "charge_capacity", "charge_energy", "final_soc",
    "mean_discharge_voltage", "mean_charge_voltage",
)  # fmt: skip


@cache
def cell_of(name: str) -> Cell:
    return load_cell(name)


def around(cell: Cell, path: str, step: float) -> list[tuple[float, Cell]]:
    """Weights and cells of a difference over the logarithm of a parameter; one-sided at its bound."""

    def stencil(points: Sequence[tuple[int, float]]) -> list[tuple[float, Cell]]:
        cells = [cell.replace({path: cell[path] * (1 + k * step)}) for k, _ in points]
        for c in cells:
            c.parameters()
        return [(w / step, c) for (_, w), c in zip(points, cells, strict=True)]

    try:
        return stencil(CENTRAL)
    except InputError:
        return stencil(BACKWARD)


def paths_of(name: str) -> list[str]:
    """Parameters of a cell that are not zero: derivatives are taken to the logarithm."""
    return [p for p in PATHS[name] if cell_of(name)[p]]


# ---- the same steps again ----
class Frozen:
    """A run whose steps of time are those of another run, for every value of the parameters."""

    #: relative step of the differences: the least that rounding allows, as the steep ends have large third
    #: derivatives
    step = 1e-5

    def __init__(self, name: str, protocol: Any, paths: Sequence[str], **settings: Any) -> None:
        settings = {"grid": GRID, "tolerance": 1e-5, **settings}
        self.settings, self.paths, self.cell = settings, paths, cell_of(name)
        found = _Study(self.cell, protocol, [paths[0]], settings)
        self.study = _Study(self.cell, self.held(found), paths, settings)
        outcome = run_tangents(self.study.batch, self.study.seeds, tolerance=1e9, first_step=1e6)
        self.rows, self.tangents = outcome.rows, outcome.tangents

    @staticmethod
    def held(study: Any) -> Protocol:
        """The protocol with a knot of the set point at each end of a step of time, which no step passes."""
        rows = study.rows[study.rows[:, 1] % 1 == 0]
        steps = []
        for i, step in enumerate(study.protocol.steps):
            time = rows[rows[:, 1] == i, 0]
            time = np.unique(time - time[0])
            value = step.value
            if step.until and not isinstance(value, Profile):  # the event lies well within the last interval
                room = 1e-2 if step.control == "voltage" else 1e-3
                time = np.append(time[time < (1 - room) * time[-1]], (1 + room) * time[-1])
            elif step.duration is not None:
                time[-1] = step.duration
            if isinstance(value, Profile):
                held = Profile(tuple(time), tuple(np.interp(time, value.time, value.value)))
            else:
                held = Profile(tuple(time), (float(value),) * len(time))
            control = "current" if step.control == "rest" else step.control
            steps.append(Step(control, held, step.duration, step.until, step.text))
        return Protocol(tuple(steps), "held steps")

    def again(self, cell: Cell) -> np.ndarray:
        """Rows of another cell in the same steps."""
        s = self.study
        p = prepare([cell], s.plan, conditions_of([cell], *s.conditions)).lanes
        steps = s.compile(cell)
        outcome = Batch(p.kernel, p.grid, p.lanes, [steps], p).run(tolerance=1e9, first_step=1e6)
        assert outcome.rows[0].shape == self.rows.shape, "an event has left its step"
        return outcome.rows[0]

    def check(self, within: float = FROZEN) -> None:
        """Every output in every row, and its time.

        Extremes over the nodes have kinks where another node takes over: these may miss a row in fifty.
        """
        whole = 2 + len(self.study.form.outputs)
        scale = np.max(np.abs(self.rows), axis=0)
        for k, path in enumerate(self.paths):
            near = around(self.cell, path, self.step)
            difference = sum(w * self.again(c) for w, c in near)
            tangent = self.tangents[:, :, k] * self.cell[path]
            rounding = 1e-12 * sum(abs(w) for w, _ in near)
            allowed = within * np.max(np.abs(tangent), axis=0) + rounding * scale
            missed = np.mean(np.abs(difference - tangent) > allowed, axis=0)
            assert not np.any(missed[:whole]), f"{path}: columns {np.flatnonzero(missed[:whole])}"
            assert np.all(missed[whole:] < 0.02), f"{path}: {missed[whole:]}"


@pytest.mark.parametrize("name", ["lg-m50", "sulfide-li"])
def test_same_steps_through_a_cycle(name: str) -> None:
    Frozen(name, cycle(name), paths_of(name)).check()


@pytest.mark.parametrize("name", ["lg-m50", "sulfide-li"])
def test_the_adjoint_of_the_same_steps(name: str) -> None:
    paths = ["positive.thickness", "separator.thickness", "positive.porosity", "positive.particle_radius"]
    frozen = Frozen(name, cycle(name), paths)
    recording = Recording(frozen.study.batch, tolerance=1e9, first_step=1e6)
    weights = np.zeros_like(recording.rows)
    weights[:, 2] = 1.0  # the sum of the voltages of all rows
    back = recording.cotangents(weights)
    for k, path in enumerate(paths):
        difference = sum(w * frozen.again(c)[:, 2] for w, c in around(frozen.cell, path, frozen.step))
        ours = back.along(frozen.study.seeds[k]) * frozen.cell[path]
        assert ours == pytest.approx(np.sum(difference), abs=FROZEN * np.sum(np.abs(difference))), path


@pytest.mark.slow
@pytest.mark.parametrize("name", list(PATHS))
def test_same_steps_of_every_cell(name: str, heat: str) -> None:
    within = 1e-4 if name == "polymer-lfp" else FROZEN  # its differences are no better: rounding, steep ends
    Frozen(name, cycle(name), paths_of(name), heat=heat).check(within)
    Frozen(name, drive(name), paths_of(name), heat=heat, soc=0.7).check(within)


def replay(name: str, paths: Sequence[str], most: int, case: Any, tiny: Grid) -> None:
    """The kernel's accepted steps taken again by the reference stepper, for changed inputs."""
    protocol = ["Discharge at C/2 for 60 s"]
    ours = ion.sensitivities(cell_of(name), protocol, to=paths, grid=tiny)
    time = ours.time[1 : most + 2]  # from the end of the first row, where the load has been switched on
    assert len(time) > 4

    def voltages(cell: Cell) -> np.ndarray:
        c = case(cell, grid=tiny)
        y, reference = c.run(protocol, inner_rows=False).states[0], c.reference()
        weights, out = c.holding(c_rate=1.0), []
        for h in np.diff(ours.time[: most + 2]):
            y, _ = reference.step(y, h, weights, 0.5)
            out.append(reference.outputs(y)[c.kernel.form.outputs.index("voltage")])
        return np.array(out)

    for path in paths:
        difference = sum(w * voltages(c) for w, c in around(cell_of(name), path, 1e-3))
        tangent = ours.tangents[path]["voltage"][1 : most + 2] * cell_of(name)[path]
        assert np.max(np.abs(difference - tangent)) < FROZEN * np.max(np.abs(tangent)) + 1e-9, path


@pytest.mark.parametrize("name", ["lg-m50", "sulfide-li"])
def test_reference_takes_the_same_steps(name: str, case: Any, tiny: Grid) -> None:
    replay(name, ["positive.thickness", "separator.porosity"], 6, case, tiny)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(PATHS))
def test_reference_takes_the_same_steps_for_all_parameters(name: str, case: Any, tiny: Grid) -> None:
    replay(name, paths_of(name), 12, case, tiny)


# ---- runs that choose their own steps ----
def free(
    name: str,
    protocol: Any,
    metrics: Sequence[str | Callable[[Any], float]],
    paths: Sequence[str],
    **settings: Any,
) -> int:
    """Compare with differences of runs at tolerance 1e-8; how many derivatives were not small."""
    cell, settings = cell_of(name), {"grid": GRID, "tolerance": 1e-8, **settings}
    study, known = _Study(cell, protocol, paths, settings), 0

    def value(of: Any, run: Any) -> float:
        return float(of(run) if callable(of) else run.summary[of])

    for k, path in enumerate(paths):
        near = around(cell, path, 1e-3)
        runs = [(w, ion.simulate(c, protocol, **settings)) for w, c in near]
        large = False
        for of in metrics:
            scale = max(abs(value(of, run)) for _, run in runs)
            difference = sum(w * value(of, run) for w, run in runs)
            ours = study.derivative(of, k) * cell[path]
            allowed = FREE * max(abs(difference), SMALL * scale)
            assert abs(ours - difference) <= allowed, f"{path}, {of}: {ours} against {difference}"
            large = large or abs(difference) > SMALL * scale
        known += large
    return known


def at_a_minute(run: Any) -> float:
    """A metric of a user's own: energy left after the first minute, in watt-hours."""
    later = run.time > 60.0
    return float(np.trapezoid(run.outputs["power"][later], run.time[later]) / 3600)


def test_free_runs_of_a_cycle() -> None:
    paths = ["positive.thickness", "negative.particle_radius", "separator.porosity"]
    assert free("lg-m50", cycle("lg-m50"), SMOOTH, paths) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("name", list(PATHS))
def test_free_runs_of_a_cycle_in_every_cell(name: str) -> None:
    assert len(paths_of(name)) >= 20
    assert free(name, cycle(name), SMOOTH, paths_of(name)) >= 7


@pytest.mark.slow
@pytest.mark.parametrize("name", list(PATHS))
def test_free_runs_of_a_drive_with_lumped_heat(name: str) -> None:
    of = ("discharge_capacity", "mean_discharge_voltage", "final_voltage", "max_temperature", "final_soc")
    assert free(name, drive(name), of, paths_of(name), heat="lumped", soc=0.7) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("model", ["SPM", "SPMe"])
def test_free_runs_of_single_particle_models(model: str) -> None:
    metrics = ("duration", "discharge_capacity", "discharge_energy")
    assert free("lg-m50", "Discharge at 1C until 2.5 V", metrics, POROUS, model=model) >= 5


def test_temperature_with_lumped_heat() -> None:
    paths = ["thermal.heat_capacity", "thermal.heat_transfer_coefficient", "positive.thickness"]
    metrics = ("max_temperature", "final_temperature")
    protocol = "Discharge at 2C for 10 minutes"
    cell = cell_of("lg-m50")
    ours = {of: ion.gradient(cell, protocol, of=of, to=paths, grid=GRID, heat="lumped", tolerance=1e-8)
            for of in metrics}  # fmt: skip
    for path in paths:
        runs = [(w, ion.simulate(c, protocol, grid=GRID, heat="lumped", tolerance=1e-8).summary)
                for w, c in around(cell, path, 1e-3)]  # fmt: skip
        for of in metrics:
            difference = sum(w * float(s[of]) for w, s in runs)
            assert ours[of][path] * cell[path] == pytest.approx(difference, rel=FREE)


def test_a_metric_of_the_users_own() -> None:
    protocol = ["Discharge at 1C for 60 s", "Discharge at 0.5C for 60 s"]
    paths = ["positive.thickness", "negative.conductivity"]
    ours = ion.gradient("lg-m50", protocol, of=at_a_minute, to=paths, grid=GRID, tolerance=1e-8)
    for path in paths:
        difference = sum(
            w * at_a_minute(ion.simulate(c, protocol, grid=GRID, tolerance=1e-8))
            for w, c in around(cell_of("lg-m50"), path, 1e-3)
        )
        assert ours[path] * cell_of("lg-m50")[path] == pytest.approx(difference, rel=FREE)


def test_voltage_over_time() -> None:
    protocol = ["Discharge at 1C for 200 s", "Discharge at C/2 for 200 s", "Discharge at C/4 for 200 s"]
    path, cell = "negative.particle_radius", cell_of("lg-m50")
    ours = ion.sensitivities(cell, protocol, to=path, grid=GRID, tolerance=1e-8)
    assert np.all(np.diff(ours.time) >= 0)

    def at_ends(time: np.ndarray) -> list[int]:  # each end of a step is there twice: before the switch, after
        return [np.flatnonzero(np.abs(time - t) < 1e-9)[0] for t in (200.0, 400.0, 600.0)]

    def voltages(c: Cell) -> np.ndarray:
        run = ion.simulate(c, protocol, grid=GRID, tolerance=1e-8)
        return run.voltage[at_ends(run.time)]

    ends = at_ends(ours.time)

    difference = sum(w * voltages(c) for w, c in around(cell, path, 1e-3))
    assert ours.tangents[path]["voltage"][ends] * cell[path] == pytest.approx(difference, rel=FREE)
    assert ours.outputs["voltage"][ends] == pytest.approx(voltages(cell), abs=1e-7)


def test_a_parameter_at_its_bound() -> None:
    cell = cell_of("lg-m50")
    path = "negative.porosity"  # with the active material it fills the electrode
    with pytest.raises(InputError):
        cell.replace({path: cell[path] * 1.001}).parameters()
    assert cell["contact_resistance"] == 0.0
    protocol, settings = "Discharge at 1C until 2.5 V", {"grid": GRID, "tolerance": 1e-8}
    ours = ion.gradient(cell, protocol, of="discharge_energy", to=[path, "contact_resistance"], **settings)

    def energy(c: Cell) -> float:
        return float(ion.simulate(c, protocol, **settings).summary["discharge_energy"])

    left = sum(w * energy(c) for w, c in around(cell, path, 1e-3))
    assert ours[path] * cell[path] == pytest.approx(left, rel=FREE)
    h = 1e-6  # ohm m2
    points = (-25 / 12, 4.0, -3.0, 4 / 3, -1 / 4)
    right = sum(w * energy(cell.replace({"contact_resistance": k * h})) for k, w in enumerate(points)) / h
    assert ours["contact_resistance"] == pytest.approx(right, rel=FREE)


@pytest.mark.parametrize(
    ("name", "protocol", "path"),
    [
        ("lg-m50", "Discharge at 1C", "voltage.lower_cutoff"),  # the level of an event
        (
            "qse5",
            ["Discharge at 1C for 20 minutes", "Charge at 1C"],
            "voltage.upper_cutoff",
        ),  # and the balance
        ("polymer-lfp", "Discharge at C/3", "operating_temperature"),  # where the run starts
        (
            "sulfide-li",
            "Discharge at C/2",
            "separator.electrolyte.conductivity",
        ),  # of one of two equal layers
        ("lg-m50", "Discharge at 1C", "positive.electrolyte.transference_number"),
    ],
)
def test_what_a_parameter_reaches_by_another_way(name: str, protocol: Any, path: str) -> None:
    cell, settings = cell_of(name), {"grid": GRID, "tolerance": 1e-8}
    ours = ion.gradient(cell, protocol, of="duration", to=path, **settings)[path] * cell[path]
    near = around(cell, path, 1e-4)
    difference = sum(w * ion.simulate(c, protocol, **settings).summary["duration"] for w, c in near)
    assert ours == pytest.approx(difference, rel=FREE)


# ---- with another code ----
def single_particle(jax: Any, radial: Any, seconds: float) -> Callable[[Any], Any]:
    """V after constant current of a single particle model with constant D, exact in time, in JAX."""
    jnp, gas, faraday = jax.numpy, 8.31446261815324, 96485.33212331001
    n = len(radial.inverse_volume)
    flow = np.zeros((n - 1, n))
    flow[np.arange(n - 1), np.arange(n - 1)], flow[np.arange(n - 1), np.arange(1, n)] = -1.0, 1.0
    matrix = -radial.inverse_volume[:, None] * (flow.T @ (radial.weights[:, None] * flow))
    unit = np.zeros(n)
    unit[-1] = radial.inverse_volume[-1]

    def electrode(p: Any, e: str, density: Any) -> Any:
        """Surface stoichiometry and overpotential at a current density [A/m2] out of the particles."""
        radius, maximum = p[f"{e}.particle_radius"], p[f"{e}.maximum_concentration"]
        local = density * radius / (3 * p[f"{e}.active_fraction"] * p[f"{e}.thickness"])
        a = jnp.zeros((n + 1, n + 1))
        a = a.at[:n, :n].set(jnp.asarray(matrix) * p[f"{e}.diffusivity"] / radius**2)
        a = a.at[:n, n].set(-jnp.asarray(unit) * local / (faraday * radius * maximum))
        start = jnp.append(jnp.full(n, p[f"initial.{e}_stoichiometry"]), 1.0)
        y = jax.scipy.linalg.expm(a * seconds, max_squarings=40) @ start
        x = radial.read[0] * y[n - 1] + radial.read[1] * y[n - 2]
        prefactor = p[f"{e}.exchange_current_prefactor"] * maximum * np.sqrt(1000.0)
        i0 = prefactor * jnp.sqrt(x * (1 - x))
        return x, 2 * gas * 298.15 / faraday * jnp.arcsinh(local / (2 * i0))

    def voltage(p: Any) -> Any:
        density = p["nominal_capacity"] / 3600 / p["format.electrode_area"]
        xn, eta_n = electrode(p, "negative", density)
        xp, eta_p = electrode(p, "positive", -density)
        un = (
            1.9793 * jnp.exp(-39.3631 * xn) + 0.2482 - 0.0909 * jnp.tanh(29.8538 * (xn - 0.1234))
            - 0.04478 * jnp.tanh(14.9159 * (xn - 0.2769)) - 0.0205 * jnp.tanh(30.4444 * (xn - 0.6103))
        )  # fmt: skip
        up = (
            -0.8090 * xp + 4.4875 - 0.0428 * jnp.tanh(18.5138 * (xp - 0.5542))
            - 17.7326 * jnp.tanh(15.7890 * (xp - 0.3117)) + 17.5842 * jnp.tanh(15.9308 * (xp - 0.3120))
        )  # fmt: skip
        return up + eta_p - un - eta_n

    return voltage


def test_single_particle_model_in_jax() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    cell, seconds, grid = cell_of("lg-m50"), 900.0, Grid(1, 1, 1, 12)
    kinds = ("thickness", "active_fraction", "particle_radius", "diffusivity", "maximum_concentration",
             "exchange_current_prefactor")  # fmt: skip
    paths = [f"{e}.{kind}" for e in ("negative", "positive") for kind in kinds]
    paths += ["nominal_capacity", "format.electrode_area"]
    paths += [f"initial.{e}_stoichiometry" for e in ("negative", "positive")]
    voltage = single_particle(jax, graded(12), seconds)
    values = {p: cell[p] for p in paths}
    protocol = f"Discharge at 1C for {seconds:g} s"
    settings = {"model": "SPM", "grid": grid, "tolerance": 1e-9}
    run = ion.simulate(cell, protocol, **settings)
    assert float(voltage(values)) == pytest.approx(run.voltage[-1], abs=1e-6)
    theirs = jax.grad(voltage)(values)
    ours = ion.gradient(cell, protocol, of="final_voltage", to=paths, **settings)
    for path in paths:
        assert ours[path] == pytest.approx(float(theirs[path]), rel=1e-4), path


# ---- what is refused ----
@pytest.mark.parametrize(
    ("of", "to", "says"),
    [
        ("duration", "positive.thicknes", "did you mean 'positive.thickness'"),
        ("range", "positive.thickness", "of is 'range': give one of"),
        ("end_reason", "positive.thickness", "of is 'end_reason'"),
        ("duration", "positive.open_circuit_potential", "is a function"),
        ("duration", [], "at least one path"),
        ("duration", "mass", "cannot be varied"),
    ],
)
def test_one_line_says_what_is_wrong(of: str, to: Any, says: str) -> None:
    with pytest.raises(InputError) as raised:
        ion.gradient("lg-m50", "Discharge at 1C for 60 s", of=of, to=to, grid=GRID)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_parameter_that_makes_another_model_is_refused() -> None:
    path = "separator.electrolyte.initial_concentration"  # the single-ion conductor is that of the cathode
    with pytest.raises(InputError, match="parts electrolytes that are one"):
        ion.gradient("sulfide-li", "Discharge at 1C for 60 s", of="duration", to=path, grid=GRID)
    with pytest.raises(InputError, match="knots of a property table"):
        ion.gradient("polymer-lfp", "Discharge at C/3 for 60 s", of="duration", to=path, grid=GRID)


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(InputError, match="no setting 'period'"):
        ion.gradient("lg-m50", "Rest for 1 s", of="duration", to="positive.thickness", period=1.0)
