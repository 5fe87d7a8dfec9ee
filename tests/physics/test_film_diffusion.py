"""A film on particles through which the inserted ion diffuses."""

from __future__ import annotations

import pytest

from ionstone.cell_design import Cell, load_cell
from ionstone.cell_model.laws import film_diffusion, no_film
from ionstone.core.constants import F
from ionstone.core.errors import InputError
from ionstone.simulation import simulate
from ionstone.simulation.gradient import gradient
from ionstone.study.validation import oxides


def test_without_current_the_film_holds_the_filling_of_the_particle():
    assert film_diffusion.outer_stoichiometry(0.6, 0.0, 0.1, 3000.0, 300.0, 298.0) == 0.6
    assert no_film.outer_stoichiometry(0.6, 1.0) == 0.6


def test_fick_across_the_film():
    # j / F = D c_max (x_surface - x_outer) / L, outward
    depth = film_diffusion.depth(1e-7, 2e-17, 51555.0)
    outer = film_diffusion.outer_stoichiometry(0.6, -0.1, depth, 0.0, 300.0, 300.0)
    assert 2e-17 * 51555 * (0.6 - outer) / 1e-7 == pytest.approx(-0.1 / F, rel=1e-12)


def test_a_film_of_no_thickness_is_the_plain_model():
    filmed = oxides.cell().replace({"positive.film_thickness": 0.0})
    settings = {"model": "P2D", "temperature": 373.15}
    plain = simulate(without_film(filmed), "Discharge at C/2 until 3.4 V", **settings)
    same = simulate(filmed, "Discharge at C/2 until 3.4 V", **settings)
    assert same.time[-1] == pytest.approx(plain.time[-1], rel=1e-7)


def without_film(cell):
    """The same cell, its file without the keys of a film."""
    positive = cell.config.positive.model_copy(update={"film_diffusivity": None})
    positive = positive.model_copy(update={"film_thickness": type(positive.thickness)(value=0.0)})
    made = Cell.from_config(cell.config.model_copy(update={"positive": positive}))
    assert "positive.film_diffusivity" not in made.parameters().scalars
    return made


@pytest.mark.parametrize("model", ["P2D", "SPMe", "SPM"])
def test_the_film_takes_its_share_of_the_capacity_at_every_level(model: str):
    cell = oxides.cell()
    s = cell.parameters().scalars
    rate = s["electrode_area"] * 3600 / s["nominal_capacity"]
    found = []
    for thickness in (0.0, 100e-9):
        run = simulate(
            cell.replace({"positive.film_thickness": thickness}), f"Discharge at {rate!r}C", model=model
        )
        found.append(run.outputs["discharge_capacity"][-1] / s["electrode_area"])
    area = 3 * s["positive.active_fraction"] * s["positive.thickness"] / s["positive.particle_radius"]
    step = film_diffusion.depth(1e-7, 2e-17, s["positive.maximum_concentration"]) / area
    full = F * s["positive.maximum_concentration"] * s["positive.active_fraction"] * s["positive.thickness"]
    assert found[0] - found[1] == pytest.approx(step * full, rel=0.01)


def test_a_film_without_diffusivity_is_refused():
    cell = load_cell("lg-m50")
    with pytest.raises(InputError, match="film_diffusivity"):
        cell.replace({"positive.film_thickness": "10 nm"}).parameters()


def test_the_capacity_can_be_differentiated_to_the_film():
    cell = oxides.cell().replace({"positive.film_thickness": 100e-9})
    protocol = "Discharge at C/10 until 3.4 V"
    found = gradient(cell, protocol, of="discharge_capacity", to=["positive.film_diffusivity"])
    value = cell["positive.film_diffusivity"]
    ends = [
        simulate(cell.replace({"positive.film_diffusivity": value * f}), protocol, tolerance=1e-7).outputs[
            "discharge_capacity"
        ][-1]
        for f in (1.01, 0.99)
    ]
    difference = (ends[0] - ends[1]) / (0.02 * value)
    assert found["positive.film_diffusivity"] == pytest.approx(difference, rel=5e-3)
