"""Own laws of a user: kernel and reference agree, ions are conserved, limits are those of our laws."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ionstone import gradient, load_cell, parameter, simulate, simulate_batch, state
from ionstone.cell_model import check_law
from ionstone.cell_model.build import Builder, Conditions
from ionstone.cell_model.law_files import load_file, read_laws
from ionstone.cell_model.laws.kinetics import butler_volmer
from ionstone.cell_model.levels import LEVELS
from ionstone.cell_model.options import options_of
from ionstone.core.constants import F, R
from ionstone.core.errors import InputError
from ionstone.experiment import parse_protocol
from ionstone.numerics.kernel import Batch, Kernel
from ionstone.numerics.reference import Reference
from ionstone.simulation import Grid
from ionstone.simulation.compile import Compiler

PAGE = Path(__file__).parents[2] / "docs" / "own_laws.md"
EXAMPLES = {"mhc.py": "lg-m50", "two_phases.py": "lfp-graphite", "film.py": "lg-m50"}
SIDE = """
import ionstone as ion
from ionstone.core.constants import F, R
from ionstone.core.ops import exp

rate = ion.parameter("1 A/m^2", "A/m^2")

def side(potential, temperature, film, rate=rate):
    return -rate * 5e-9 / film * exp(-0.5 * F * potential / (R * temperature))

@ion.state("5 nm", "m")
def growth(potential, temperature, film, rate=rate):
    return -side(potential, temperature, film, rate) * 1e-4 / (2 * F)

laws = {"negative.film": growth, "negative.side_current_density": side}
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The law files of the manual, and one with a side reaction."""
    folder = tmp_path_factory.mktemp("laws")
    found = dict(re.findall(r"%%writefile (\S+)\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.S))
    assert set(found) == set(EXAMPLES)
    for name, text in {**found, "side.py": SIDE}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {name: folder / name for name in (*found, "side.py")}


class Small:
    """A short run of one cell with own laws on a tiny grid, as kernel and reference see it."""

    def __init__(self, cell: str, level: str, laws: Any, heat: str = "isothermal") -> None:
        self.own, parameters = read_laws(laws).laws, load_cell(cell).parameters()
        options = options_of([parameters], heat == "lumped", False, self.own)
        self.mesh = LEVELS[level].mesh(Grid(2, 2, 2, 3), options)
        self.form = LEVELS[level].form(options)
        own = read_laws(laws)
        values = {path: np.array([v]) for path, v in own.column(1, 0).items()}
        builder = Builder(self.form, options, [parameters], self.mesh, values)
        self.lanes = builder.build([Conditions(298.15, 298.15, None)])
        compiler = Compiler(self.form, parameters.scalars, options.planar)
        steps = compiler.protocol(parse_protocol(["Discharge at C/2 for 60 s"]))
        self.outcome = Batch(Kernel(self.form), self.mesh, self.lanes, [steps]).run(
            keep_states=True, inner_rows=False
        )
        assert self.outcome.status[0] < 10
        self.reference = Reference(self.form, self.mesh, self.lanes)

    def worst(self, most: int = 8) -> float:
        """The kernel's steps taken again: the largest difference of the states in units of their size."""
        weights = np.zeros(len(self.form.outputs))
        weights[self.form.outputs.index("c_rate")] = 1.0
        states, time = self.outcome.states[0], self.outcome.rows[0][:, 0]
        scale = np.maximum(np.max(np.abs(states), axis=0), 1e-3)
        if self.own.states:  # of metres, by their own size
            for (_, local), (_, largest) in zip(
                self.reference.split(scale)[0],
                self.reference.split(np.max(np.abs(states), axis=0))[0],
                strict=True,
            ):
                local[1] = np.where(largest[1] > 0, largest[1], 1.0)
        y, worst = states[0], 0.0
        for before, after, found in list(zip(time[:-1], time[1:], states[1:], strict=True))[:most]:
            if after == before:  # the start made consistent again: no step of time
                y = found
                continue
            y, _ = self.reference.step(y, after - before, weights, 0.5)
            worst = max(worst, float(np.max(np.abs(y - found) / scale)))
        return worst


@pytest.mark.parametrize("name", [*EXAMPLES, "side.py"])
def test_kernel_and_reference_take_the_same_steps(
    name: str, level: str, heat: str, files: dict[str, Path]
) -> None:
    if name == "side.py" and level == "SPMe":
        pytest.skip("SPMe refuses side reactions, see below")
    assert Small(EXAMPLES.get(name, "lg-m50"), level, files[name], heat).worst() < 1e-9


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_of_the_manual_are_short_and_their_units_fit(name: str, files: dict[str, Path]) -> None:
    assert len(files[name].read_text(encoding="utf-8").splitlines()) < 30
    check_law(files[name])


def test_marcus_hush_chidsey_follows_its_integral(files: dict[str, Path]) -> None:
    """The approximation against the integral over the energies of the electrons, both scaled at rest."""
    law = load_file(files["mhc.py"]).marcus_hush_chidsey
    x, t, energy = np.linspace(-60, 60, 200_001), 298.15, 0.35
    scale = F * energy / (R * t)

    def rate(eta: float) -> float:
        return float(np.trapezoid(np.exp(-((x - scale + eta) ** 2) / (4 * scale)) / (1 + np.exp(x)), x))

    for volts in (0.01, 0.1, 0.2, 0.4, 0.6):
        eta = F * volts / (R * t)
        exact = (rate(eta) - rate(-eta)) / rate(0.0)
        assert law(volts, t, 1.0, energy) == pytest.approx(exact, rel=0.05)
        assert law(-volts, t, 1.0, energy) == -law(volts, t, 1.0, energy)
    small = law(1e-4, t, 1.0, energy)
    assert small == pytest.approx(butler_volmer(1e-4, t, 1.0), rel=1e-4)
    assert law(0.6, t, 1.0, energy) < 0.1 * butler_volmer(0.6, t, 1.0)


def inserted(small: Small) -> np.ndarray:
    """Charge in the particles and in the salt [C/m2], over the states of the run."""
    out = []
    p = {name: i for i, name in enumerate(small.form.node_data)}
    d = small.lanes.nodes[0]
    for y in small.outcome.states[0]:
        electrodes, x, _ = small.reference.split(y)
        total = F * 1000.0 * np.sum(x[0] * d[p["porosity"]] * d[p["dx"]])
        for (c, _), region in zip(electrodes, (0, 2), strict=True):
            radial, nodes = small.mesh.radial[region], small.reference.span[region]
            assert c is not None
            assert radial is not None
            # a unit of stoichiometry in a node is area_density / (3 flux_scale) x dx of charge
            charge = d[p["area_density"], nodes] / (3 * d[p["flux_scale"], nodes]) * d[p["dx"], nodes]
            total += np.sum(np.diff(radial.edges**3)[:, None] * c * charge)
        out.append(total)
    return np.array(out)


@pytest.mark.parametrize("name", EXAMPLES)
def test_ions_are_conserved(name: str, files: dict[str, Path]) -> None:
    total = inserted(Small(EXAMPLES[name], "P2D", files[name]))
    assert np.max(np.abs(total / total[0] - 1)) < 1e-12


def test_ions_that_a_side_reaction_takes_are_in_the_film(files: dict[str, Path]) -> None:
    """The film of the file holds two ions in each molar volume of 1e-4 m3/mol."""
    small = Small("lg-m50", "P2D", files["side.py"])
    total = inserted(small)
    d, at = small.lanes.nodes[0], small.form.node_data.index
    nodes = small.reference.span[0]
    area = (d[at("area_density"), nodes] * d[at("dx"), nodes]).sum()
    film = np.array([small.reference.split(y)[0][0][1][1].mean() for y in small.outcome.states[0]])
    lost = area * (film - film[0]) * 2 * F / 1e-4
    assert lost[-1] > 1e-4 * total[0]
    assert total + lost == pytest.approx(total[0], rel=1e-8)


def test_a_law_equal_to_ours_changes_nothing() -> None:
    def same(overpotential: Any, temperature: Any, exchange_current_density: Any) -> Any:
        return butler_volmer(overpotential, temperature, exchange_current_density)

    for level in ("P2D", "SPMe", "SPM"):
        settings: dict[str, Any] = {"model": level, "tolerance": 1e-6}  # SPMe's own steps are others
        ours = simulate("lg-m50", "Discharge at 1C until 2.5 V", **settings)
        own = simulate("lg-m50", "Discharge at 1C until 2.5 V", **settings, laws={"positive.kinetics": same})
        assert own.time[-1] == pytest.approx(ours.time[-1], rel=1e-6)
        assert own.summary["discharge_energy"] == pytest.approx(ours.summary["discharge_energy"], rel=2e-5)


def test_transport_by_a_law_is_transport_by_a_number() -> None:
    cell = load_cell("lg-m50")
    less = {"positive.diffusivity": 0.8 * cell["positive.diffusivity"]}
    half = {"separator.transport_factor": lambda transport_factor: 0.5 * transport_factor}
    thicker = {"electrolyte.conductivity": lambda conductivity: 1.0 * conductivity}
    slow = {"positive.diffusivity": lambda diffusivity: 0.8 * diffusivity}
    plain = simulate(cell, "Discharge at 1C", period=10)
    assert simulate(cell, "Discharge at 1C", period=10, laws=thicker).voltage == pytest.approx(
        plain.voltage, abs=2e-4
    )
    by_number = simulate(cell.replace(less), "Discharge at 1C", period=10)
    by_law = simulate(cell, "Discharge at 1C", period=10, laws=slow)
    n = min(len(by_number.voltage), len(by_law.voltage)) - 1
    assert by_law.voltage[:n] == pytest.approx(by_number.voltage[:n], abs=2e-4)
    factor = cell.parameters().scalars["separator.transport_factor"]
    by_number = simulate(
        cell.replace(
            {
                "separator.electrolyte.conductivity": "0.5*("
                + cell.function("separator.electrolyte.conductivity").function.text
                + ")",
                "separator.electrolyte.diffusivity": "0.5*("
                + cell.function("separator.electrolyte.diffusivity").function.text
                + ")",
            }
        ),
        "Discharge at 1C",
        period=10,
    )
    by_law = simulate(cell, "Discharge at 1C", period=10, laws=half)
    n = min(len(by_number.voltage), len(by_law.voltage)) - 1
    assert factor > 0
    assert by_law.voltage[:n] == pytest.approx(by_number.voltage[:n], abs=2e-4)
    assert np.min(plain.voltage[:n] - by_law.voltage[:n]) > 1e-4


def test_a_potential_by_a_law_moves_the_voltage() -> None:
    laws = {"positive.open_circuit_potential": lambda open_circuit_potential: open_circuit_potential - 0.05}
    for heat in ("isothermal", "lumped"):
        ours = simulate("lg-m50", "Discharge at C/2 for 600 s", heat=heat, period=60)
        own = simulate("lg-m50", "Discharge at C/2 for 600 s", heat=heat, period=60, laws=laws)
        assert own.voltage == pytest.approx(ours.voltage - 0.05, abs=2e-4)
        assert own.temperature == pytest.approx(ours.temperature, abs=1e-3)


def test_a_batch_of_parameters_is_a_loop(files: dict[str, Path]) -> None:
    cells, energies = [load_cell("lg-m50")] * 5, [0.15, 0.2, 0.3, 0.5, 0.8]
    laws = {"file": files["mhc.py"], "positive.reorganisation": energies}
    batch = simulate_batch(cells, "Discharge at 1C until 2.5 V", laws=laws)
    assert len(set(batch.summary["discharge_energy"])) == 5
    for i, energy in enumerate(energies):
        one = {"file": files["mhc.py"], "positive.reorganisation": f"{energy} V"}
        alone = simulate(cells[i], "Discharge at 1C until 2.5 V", laws=one)
        assert batch[i].time[-1] == pytest.approx(alone.time[-1], rel=1e-9)


def test_a_film_on_lithium_metal_grows() -> None:
    rate = parameter("1 nm/h", "m/s")

    @state("10 nm", "m")
    def film(rate: Any = rate) -> Any:
        return rate

    def resistance(film_resistance: Any, film: Any) -> Any:
        return film_resistance + film / 1e-6

    laws = {"negative.film": film, "negative.film_resistance": resistance}
    run = simulate("sulfide-li", "Discharge at C/5 for 2 h", laws=laws)
    assert run.outputs["negative_film_max"][-1] == pytest.approx(12e-9, rel=1e-9)
    assert run.units["negative_film_max"] == "m"


def test_transport_of_a_cell_with_lithium_metal() -> None:
    laws = {"electrolyte.conductivity": lambda conductivity: 0.5 * conductivity}
    ours = simulate("sulfide-li", "Discharge at C/5 for 600 s", period=60)
    own = simulate("sulfide-li", "Discharge at C/5 for 600 s", period=60, laws=laws)
    assert np.min(ours.voltage[1:] - own.voltage[1:]) > 1e-3


def test_lithium_metal_has_no_stoichiometry() -> None:
    for slot in ("negative.kinetics", "negative.diffusivity"):
        with pytest.raises(InputError, match="lithium metal has no particles"):
            simulate("sulfide-li", "Discharge at C/5", laws={slot: lambda stoichiometry: stoichiometry})


def test_a_potential_that_depends_on_a_state_has_no_heat() -> None:
    @state(0.0)
    def memory(current_density: Any, pace: Any = parameter(1e-4, "m^2/C")) -> Any:  # noqa: B008
        return pace * current_density

    def potential(open_circuit_potential: Any, memory: Any) -> Any:
        return open_circuit_potential + 0.01 * memory

    laws = {"positive.memory": memory, "positive.open_circuit_potential": potential}
    ours = simulate("lg-m50", "Discharge at C/2 for 600 s", period=60)
    own = simulate("lg-m50", "Discharge at C/2 for 600 s", period=60, laws=laws)
    moved = own.voltage - ours.voltage
    assert moved[0] == pytest.approx(0.0, abs=1e-6)
    assert moved[-1] < -1e-4
    with pytest.raises(InputError, match="heat='isothermal'"):
        simulate("lg-m50", "Discharge at C/2 for 600 s", heat="lumped", laws=laws)


@pytest.mark.parametrize(
    ("name", "path"), [("mhc.py", "positive.reorganisation"), ("film.py", "negative.rate")]
)
def test_gradients_to_parameters_of_laws(name: str, path: str, files: dict[str, Path]) -> None:
    settings: dict[str, Any] = {"grid": Grid(3, 2, 3, 5), "tolerance": 1e-7}
    protocol = "Discharge at 1C until 3 V"
    found = gradient(
        "lg-m50",
        protocol,
        of="discharge_energy",
        to=[path, "positive.thickness"],
        laws=files[name],
        **settings,
    )
    value = read_laws(files[name]).laws.parameters[path].value
    ends = [
        simulate("lg-m50", protocol, laws={"file": files[name], path: k * value}, **settings)
        for k in (0.99, 1.01)
    ]
    by_difference = (ends[1].summary["discharge_energy"] - ends[0].summary["discharge_energy"]) / (
        0.02 * value
    )
    assert found[path] == pytest.approx(by_difference, rel=1e-3)
    assert found["positive.thickness"] > 0


def test_spme_says_what_it_has_not(files: dict[str, Path]) -> None:
    with pytest.raises(InputError, match="SPMe has no side reaction: use model='P2D'"):
        simulate("lg-m50", "Discharge at 1C", model="SPMe", laws=files["side.py"])
