"""The adjoint against tangents of the same run: two ways through the same steps, equal but for rounding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loads import cycle, drive

import ionstone as ion
from ionstone.cell_design import load_cell
from ionstone.core.errors import InputError
from ionstone.experiment import Limit, Step, parse_protocol
from ionstone.numerics.adjoint import Recording
from ionstone.simulation import Grid
from ionstone.simulation.gradient import _Study

GRID = Grid(4, 3, 4, 6)
SHARED = [
    "separator.thickness", "separator.porosity", "separator.transport.exponent", "positive.thickness",
    "positive.porosity", "positive.active_fraction", "positive.particle_radius", "positive.conductivity",
    "positive.maximum_concentration", "positive.diffusivity", "positive.contact_fraction",
    "format.electrode_area", "nominal_capacity", "reference_temperature", "voltage.lower_cutoff",
]  # fmt: skip
POROUS = [
    "negative.thickness", "negative.porosity", "negative.active_fraction", "negative.particle_radius",
    "negative.conductivity", "negative.maximum_concentration", "negative.diffusivity",
    "negative.exchange_current_prefactor", "initial.negative_stoichiometry",
    "initial.positive_stoichiometry",
]  # fmt: skip
PLANAR = [
    "contact_resistance", "negative.exchange_current_density", "negative.interphase_resistance",
    "positive.film_resistance",
]  # fmt: skip
PATHS = {
    "lg-m50": [*SHARED, *POROUS, "positive.electrolyte.transference_number"],
    "qse5": [*SHARED, *PLANAR, "positive.exchange_current_density", "separator.electrolyte.conductivity",
             "positive.electrolyte.diffusivity"],
    "sulfide-li": [*SHARED, *PLANAR, "positive.exchange_current_density", "positive.transport.threshold",
                   "positive.electrolyte.conductivity"],
    "polymer-lfp": [*SHARED, *PLANAR, "positive.exchange_current_prefactor",
                    "positive.electrolyte.conductivity_B", "positive.electrolyte.diffusivity"],
}  # fmt: skip
#: of the products of cotangents and tangents that the derivative is a sum of (of the hundredth part of the
#: largest such sum where a parameter matters less)
SAME = 1e-9
#: metrics with differences along the tangents of the rows agree to what these differences give
METRIC = 1e-7
CC_CV = ["Discharge at 1C for 12 minutes", "Charge at 0.7C until 4.1 V", "Hold at 4.1 V until C/10"]


class Pair:
    """One run with tangents along parameters, and recorded for its adjoint."""

    def __init__(self, name: str, protocol: Any, paths: list[str], **settings: Any) -> None:
        self.study = _Study(load_cell(name), protocol, paths, {"grid": GRID, **settings})
        self.recording = Recording(self.study.batch, tolerance=self.study.tolerance)
        value = np.array([(p in PATHS[name] and load_cell(name)[p]) or 1.0 for p in paths])
        self.tangents = self.study.tangents * value
        self.value = value

    def weights(self, seed: int, columns: list[int] | None = None) -> np.ndarray:
        """Random cotangents of the rows, of the size that makes all columns matter."""
        rows = self.recording.rows
        size = np.maximum(np.max(np.abs(self.tangents), axis=(0, 2)), 1e-6 * np.max(np.abs(rows), axis=0))
        out = np.random.default_rng(seed).normal(size=rows.shape) / np.where(size > 0, size, 1.0)
        out[:, 1] = 0.0
        if columns is not None:
            out[:, np.setdiff1d(np.arange(rows.shape[1]), columns)] = 0.0
        return out

    def check(self, weights: np.ndarray) -> None:
        back = self.recording.cotangents(weights)
        ours = np.array([back.along(s) for s in self.study.seeds]) * self.value
        theirs = np.einsum("rc,rck->k", weights, self.tangents)
        size = np.einsum("rc,rck->k", np.abs(weights), np.abs(self.tangents))
        missed = np.abs(ours - theirs) > SAME * np.maximum(size, 1e-2 * np.max(size))
        assert not np.any(missed), [self.study.paths[k] for k in np.flatnonzero(missed)]


def test_rows_are_those_of_the_tangents() -> None:
    pair = Pair("lg-m50", cycle("lg-m50"), ["positive.thickness"])
    assert pair.recording.status == pair.study.status
    assert np.allclose(pair.recording.rows, pair.study.rows, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", list(PATHS))
def test_a_cycle_of_every_cell(name: str, heat: str) -> None:
    assert len(PATHS[name]) >= 20
    pair = Pair(name, cycle(name), PATHS[name], heat=heat)
    pair.check(pair.weights(1))
    pair.check(pair.weights(2, [2]))  # the voltage alone


@pytest.mark.parametrize("name", list(PATHS))
def test_a_drive_of_every_cell(name: str) -> None:
    pair = Pair(name, drive(name), PATHS[name], soc=0.7)
    pair.check(pair.weights(3))


@pytest.mark.parametrize("model", ["SPM", "SPMe"])
def test_single_particle_models(model: str, heat: str) -> None:
    pair = Pair("lg-m50", CC_CV, PATHS["lg-m50"], model=model, heat=heat, soc=0.8)
    pair.check(pair.weights(4))


def test_a_resistance_and_a_limit_on_a_node() -> None:
    step = Step("c_rate", 3.0, 600.0, (Limit("minimum_electrolyte_concentration", "<", 700.0),), "salt")
    pair = Pair("lg-m50", [parse_protocol("Discharge at 1 ohm for 60 s").steps[0], step], PATHS["lg-m50"])
    assert pair.recording.rows[-1, 0] < 600.0
    pair.check(pair.weights(5))


def test_stages_that_are_computed_again(heat: str) -> None:
    pair = Pair("lg-m50", CC_CV, PATHS["lg-m50"], soc=0.8, heat=heat)
    kept = pair.recording.cotangents(pair.weights(9))
    pair.recording = Recording(pair.study.batch, tolerance=pair.study.tolerance, stages=100_000)
    pair.check(pair.weights(9))
    again = pair.recording.cotangents(pair.weights(9))
    assert np.allclose(again.state, kept.state, rtol=1e-8, atol=1e-10 * np.max(np.abs(kept.state)))


def test_more_rows_than_one_call_holds() -> None:
    pair = Pair("lg-m50", drive("lg-m50", 900), ["positive.thickness", "voltage.lower_cutoff"], soc=0.9)
    assert len(pair.recording.rows) > 2000
    pair.check(pair.weights(6))


def test_laws_of_a_user(tmp_path: Path) -> None:
    law = tmp_path / "film.py"
    law.write_text(
        "import ionstone as ion\n"
        "from ionstone.core.constants import F, R\n"
        "from ionstone.core.ops import exp\n"
        'rate = ion.parameter("1 A/m^2", "A/m^2")\n'
        "def side(potential, temperature, film, rate=rate):\n"
        "    return -rate * 5e-9 / film * exp(-0.5 * F * potential / (R * temperature))\n"
        '@ion.state("5 nm", "m")\n'
        "def growth(potential, temperature, film, rate=rate):\n"
        "    return -side(potential, temperature, film, rate) * 1e-4 / (2 * F)\n"
        'laws = {"negative.film": growth, "negative.side_current_density": side}\n',
        encoding="utf-8",
    )
    settings = {"laws": law, "allow_laws": True, "soc": 0.3}
    study = _Study(load_cell("lg-m50"), CC_CV[1:], ["negative.rate"], {"grid": GRID, **settings})
    assert study.form.locals == ("j", "state")
    paths = ["negative.rate", "negative.film_initial", "positive.thickness", "negative.particle_radius"]
    pair = Pair("lg-m50", CC_CV[1:], paths, **settings)
    pair.check(pair.weights(7))


def test_properties_that_vary_with_the_state() -> None:
    salt = {f"{r}.electrolyte.transference_number": "0.2 + 0.1*(c/1000)"
            for r in ("negative", "separator", "positive")}  # fmt: skip
    cell = load_cell("lg-m50").replace({"negative.diffusivity": "3.3e-14*(1.3 - 0.6*x)", **salt})
    paths = [p for p in PATHS["lg-m50"] if not p.endswith(("transference_number", "negative.diffusivity"))]
    for of in ("discharge_energy", "duration"):
        ours, theirs = (
            ion.gradient(cell, CC_CV, of=of, to=paths, grid=GRID, soc=0.8, method=m)
            for m in ("adjoint", "tangents")
        )
        largest = max(abs(theirs[p] * cell[p]) for p in paths)
        for p in paths:
            assert ours[p] * cell[p] == pytest.approx(theirs[p] * cell[p], rel=METRIC, abs=METRIC * largest)


@pytest.mark.parametrize("name", ["lg-m50", "qse5", "sulfide-li"])
def test_metrics_of_a_cycle(name: str) -> None:
    cell, paths = load_cell(name), PATHS[name]
    assert any(p.endswith("thickness") for p in paths)
    for of in ("duration", "discharge_energy", "charge_capacity", "mean_charge_voltage", "final_soc"):
        ours, theirs = (
            ion.gradient(cell, cycle(name), of=of, to=paths, grid=GRID, method=m)
            for m in ("adjoint", "tangents")
        )
        scale = max(abs(theirs[p] * cell[p]) for p in paths)
        scale = max(scale, abs(float(ion.simulate(cell, cycle(name), grid=GRID).summary[of])))
        for p in paths:
            assert ours[p] * cell[p] == pytest.approx(theirs[p] * cell[p], rel=METRIC, abs=METRIC * scale), p


def test_a_run_without_events() -> None:
    pair = Pair("lg-m50", "Rest for 10 minutes", ["positive.thickness", "contact_resistance"])
    pair.check(pair.weights(8))


def test_what_the_adjoint_cannot_do_is_said() -> None:
    at = {"to": "positive.thickness", "grid": GRID}
    with pytest.raises(InputError, match=r"needs a metric of run\.summary"):
        ion.gradient("lg-m50", "Rest for 1 s", of=lambda run: 0.0, method="adjoint", **at)
    with pytest.raises(InputError, match="method is 'reverse'"):
        ion.gradient("lg-m50", "Rest for 1 s", of="duration", method="reverse", **at)
    with pytest.raises(InputError, match="of is 'range': give one of"):
        ion.gradient("lg-m50", "Rest for 1 s", of="range", method="adjoint", **at)
