"""Cells as arrays of the kernel: options, data of nodes and faces, states at the start."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.cell_design import load_cell
from ionstone.cell_design.library import cell_names
from ionstone.cell_model import names
from ionstone.cell_model.build import Builder, Conditions
from ionstone.cell_model.levels import LEVELS
from ionstone.cell_model.options import blocked, options_of
from ionstone.core.constants import F
from ionstone.simulation import Grid

AT = Conditions(298.15, 298.15)
#: all but metal against metal
STORING = [n for n in cell_names() if load_cell(n).parameters().positive_kind == "porous"]


def built(name: str, level: str = "P2D", soc: float | None = None, grid: Grid | None = None):
    """Builder and lanes of one cell."""
    p = load_cell(name).parameters()
    options = options_of([p], False)
    mesh = LEVELS[level].mesh(grid or Grid(4, 3, 5, 6), options)
    builder = Builder(LEVELS[level].form(options), options, [p], mesh)
    return builder, builder.build([Conditions(298.15, 298.15, soc)])


def test_options_follow_the_chemistry() -> None:
    def of(name: str, thermal: bool = False):
        return options_of([load_cell(name).parameters()], thermal)

    assert not of("lg-m50").planar
    assert of("sulfide-li").planar
    assert of("qse5").hybrid
    assert of("semi-solid-360").hybrid
    assert not of("lg-m50").hybrid
    assert of("sodium-nvpf").variable_diffusivity
    assert of("polymer-lfp").variable_transference
    assert of("lg-m50", True).thermal
    assert of("lg-m50", True).heat


def test_a_batch_has_the_options_that_any_of_its_cells_needs() -> None:
    both = [load_cell(n).parameters() for n in ("lg-m50", "sodium-nvpf")]
    assert options_of(both, False).variable_diffusivity


def test_porous_and_planar_cells_are_two_batches() -> None:
    with pytest.raises(ValueError, match="two batches"):
        options_of([load_cell(n).parameters() for n in ("lg-m50", "sulfide-li")], False)


def test_salt_is_blocked_between_a_single_ion_conductor_and_another_electrolyte() -> None:
    qse5, sulfide, gel = (load_cell(n).parameters() for n in ("qse5", "sulfide-li", "semi-solid-360"))
    assert blocked(qse5, "separator", "positive")
    assert not blocked(sulfide, "separator", "positive")
    assert not blocked(gel, "separator", "positive")


@pytest.mark.parametrize("name", cell_names())
@pytest.mark.parametrize("level", list(LEVELS))
def test_all_data_are_finite(name: str, level: str) -> None:
    _, lanes = built(name, level)
    for part in ("globals", "nodes", "faces", "particles", "state", "lumped_weight"):
        assert np.all(np.isfinite(getattr(lanes, part))), part


@pytest.mark.parametrize("name", STORING)
def test_widths_add_up_to_the_layers(name: str) -> None:
    builder, lanes = built(name)
    s = builder.cells[0].scalars
    total = np.sum(lanes.nodes[0, names.NODE_DATA.index("dx")])
    layers = s["separator.thickness"] + s["positive.thickness"]
    layers += 1.0 if builder.options.planar else s["negative.thickness"]  # a planar electrode has unit width
    assert total == pytest.approx(layers)


@pytest.mark.parametrize("name", STORING)
def test_the_surface_of_an_electrode_is_that_of_its_particles(name: str) -> None:
    builder, lanes = built(name)
    s = builder.cells[0].scalars
    row = lanes.nodes[0, names.NODE_DATA.index("area_density"), -1]
    spheres = 3 * s["positive.active_fraction"] / s["positive.particle_radius"]
    assert row == pytest.approx(s["positive.contact_fraction"] * spheres)


@pytest.mark.parametrize("name", STORING)
def test_state_of_charge_sets_the_stoichiometries(name: str) -> None:
    for soc in (0.0, 0.3, 1.0):
        builder, lanes = built(name, soc=soc)
        s = builder.cells[0].scalars
        full, empty = s["positive.stoichiometry_at_full"], s["positive.stoichiometry_at_empty"]
        start = builder.start([Conditions(298.15, 298.15, soc)])["positive"][0]
        assert start == pytest.approx(empty + soc * (full - empty))
        passed = lanes.globals[0, names.GLOBALS.index("initial_charge")]
        usable = lanes.globals[0, names.GLOBALS.index("usable_charge")]
        assert 1 - passed / usable == pytest.approx(soc, abs=1e-12)


@pytest.mark.parametrize("name", cell_names())
def test_the_usable_charge_is_about_the_nominal_capacity(name: str) -> None:
    builder, lanes = built(name)
    usable = lanes.globals[0, names.GLOBALS.index("usable_charge")] * builder.column("electrode_area")[0]
    nominal = builder.cells[0].scalars["nominal_capacity"]
    # a half-cell is rated by the part of its window that it was cycled in
    assert 0.8 < usable / nominal < (1.7 if name == "xu2019-half-cell" else 1.25)


def test_no_state_of_charge_means_the_cells_own_start() -> None:
    builder, _ = built("lg-m50")
    start = builder.start([AT])
    own = load_cell("lg-m50").parameters().scalars
    for e in ("negative", "positive"):
        assert start[e][0] == own[f"{e}.initial_stoichiometry"] != own[f"{e}.stoichiometry_at_full"]


def test_changing_one_parameter_changes_its_rows_only() -> None:
    cell = load_cell("lg-m50")
    builder, one = built("lg-m50")
    changed = cell.replace({"positive.conductivity": 2 * cell["positive.conductivity"]}).parameters()
    two = Builder(builder.form, builder.options, [changed], builder.grid).build([AT])
    rows = np.flatnonzero(np.any(one.nodes != two.nodes, axis=(0, 2)))
    assert [names.NODE_DATA[r] for r in rows] == ["solid_conductance"]
    assert np.array_equal(one.particles, two.particles)
    assert np.array_equal(one.state, two.state)


def test_equal_cells_share_their_tables() -> None:
    p = load_cell("lg-m50").parameters()
    builder, _ = built("lg-m50")
    many = Builder(builder.form, builder.options, [p] * 3, builder.grid).tables([AT] * 3)
    assert many[0] is many[1] is many[2]


def test_the_charge_of_an_electrode_is_faradays() -> None:
    builder, _ = built("lg-m50")
    s = builder.cells[0].scalars
    wanted = F * s["positive.thickness"] * s["positive.active_fraction"] * s["positive.maximum_concentration"]
    assert builder.capacity("positive")[0] == pytest.approx(wanted)


def test_an_electrode_begins_at_its_open_circuit_potential() -> None:
    builder, lanes = built("lg-m50")
    functions = builder.cells[0].functions
    phi_s = lanes.state[0][-2 - 5]
    u = {
        e: functions[f"{e}.open_circuit_potential"].evaluate(np.array([x]))[0]
        for e, (x,) in builder.start([AT]).items()
    }
    assert phi_s == pytest.approx(u["positive"] - u["negative"], abs=1e-6)
