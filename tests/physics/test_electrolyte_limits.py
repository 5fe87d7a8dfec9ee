"""Electrolytes in their limits: one moving ion, layers with electrolytes of their own, interfaces."""

from __future__ import annotations

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design import Cell, load_cell
from ionstone.cell_design.library import cell_names
from ionstone.core.config import load
from ionstone.core.constants import C0
from ionstone.numerics.loader import load_kernel
from ionstone.simulation import Grid
from ionstone.simulation.prepare import _kernel
from ionstone.study.verification.ours import prepare

REGIONS = ("separator", "positive")
GRID = Grid(4, 5, 6, 6)


def with_transference(cell: Cell, t_plus: float) -> Cell:
    return cell.replace({f"{r}.electrolyte.transference_number": t_plus for r in REGIONS})


def single_ion(cell: Cell) -> Cell:
    """The same cell whose electrolyte is declared a conductor of one ion."""
    file = cell.config.model_dump()
    for region in REGIONS:
        file[region]["electrolyte"]["single_ion"] = True
        # the default law of an electrode with a single-ion conductor is another one
        file[region]["transport"] |= {"law": "bruggeman"}
    return Cell.from_config(load(type(cell.config), file, "cell.yaml"))


def test_a_transference_number_of_one_is_a_conductor_of_one_ion():
    cell = load_cell("xu2019-half-cell")
    limit = ion.simulate(with_transference(cell, 1.0), "Discharge at 1C for 20 minutes", grid=GRID)
    declared = ion.simulate(single_ion(cell), "Discharge at 1C for 20 minutes", grid=GRID)
    assert declared.voltage[-1] == pytest.approx(limit.voltage[-1], abs=1e-9)


def test_the_limit_of_one_ion_is_met_in_proportion_to_the_rest():
    cell = load_cell("xu2019-half-cell")
    at = [
        ion.simulate(with_transference(cell, t), "Discharge at 1C for 20 minutes", grid=GRID, tolerance=1e-8)
        for t in (1.0, 0.99, 0.995)
    ]
    least = "minimum_electrolyte_concentration"
    far, near = (at[0].outputs[least][-1] - run.outputs[least][-1] for run in at[1:])
    assert 0 < near < far
    assert far / near == pytest.approx(2.0, rel=1e-2)
    assert all(abs(run.voltage[-1] - at[0].voltage[-1]) < 1e-5 for run in at[1:])


def salts(cell: Cell, protocol: list[str]) -> dict[str, np.ndarray]:
    """Salt of each region over a run [mol/m2]."""
    prepared = prepare(cell, protocol, grid=GRID)
    states = prepared.run(keep_states=True).states[0]
    reference, at = prepared.reference(), prepared.form.unknowns.index("c")
    c = np.array([C0 * reference.split(y)[1][at] for y in states])
    widths, spans = prepared.lanes.nodes[0, 0], reference.first
    porosity = prepared.lanes.nodes[0, prepared.form.node_data.index("porosity")]
    return {r: c[:, spans[r]] @ (widths * porosity)[spans[r]] for r in REGIONS}


def test_salt_stays_in_its_region_behind_a_solid_separator():
    found = salts(load_cell("qse5"), ["Discharge at 1C for 10 minutes", "Charge at 0.5C for 10 minutes"])
    for region, amount in found.items():
        assert np.ptp(amount) < 1e-9 * amount[0], region


def test_salt_crosses_between_two_gels_and_none_is_lost():
    cell = load_cell("polymer-lfp").replace(
        {
            "positive.electrolyte.transference_number": 0.4,
            "positive.electrolyte.diffusivity": 2e-13,
            "positive.electrolyte.conductivity": 0.05,
        }
    )
    found = salts(cell, ["Discharge at C/5 for 20 minutes"])
    assert np.ptp(found["separator"]) > 1e-3 * found["separator"][0]
    both = found["separator"] + found["positive"]
    assert np.ptp(both) < 1e-9 * both[0]


@pytest.mark.parametrize("name", ["semi-solid-360", "qse5", "polymer-lfp"])
@pytest.mark.parametrize("side", ["negative", "positive"])
def test_the_resistance_of_an_interface_drops_its_voltage_and_nothing_else(name: str, side: str):
    cell, path = load_cell(name), f"separator.interface_resistance_{side}"
    more = 5e-4
    protocol = "Discharge at C/5 for 10 minutes (10 s period)"
    plain = ion.simulate(cell, protocol, grid=GRID, tolerance=1e-7)
    resisting = ion.simulate(cell.replace({path: cell[path] + more}), protocol, grid=GRID, tolerance=1e-7)
    drop = plain.voltage[-1] - resisting.voltage[-1]
    density = plain.current[-1] / cell["format.electrode_area"]
    assert drop == pytest.approx(density * more, rel=1e-5)


def test_no_law_is_traced_again_for_another_cell_of_the_same_kind():
    names = [n for n in cell_names() if n not in ("danilov-thin-film",)]

    def run_all() -> None:
        for name in names:
            ion.simulate(name, "Rest for 1 second", grid=GRID)

    run_all()
    traced = _kernel.cache_info().misses
    run_all()
    changed = load_cell("lg-m50").replace({"positive.thickness": 60e-6, "negative.particle_radius": 3e-6})
    ion.simulate(changed, "Discharge at 1C for 1 minute", grid=GRID)
    ion.simulate("lfp-graphite", "Discharge at 1C for 1 minute", grid=GRID)
    assert _kernel.cache_info().misses == traced
    assert load_kernel() is load_kernel()  # one compiled library for all
