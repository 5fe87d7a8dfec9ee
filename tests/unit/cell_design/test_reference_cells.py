"""Reference cells beyond the seven: they close against what is published, charge and discharge."""

import pytest

from ionstone.cell_design import cell_names, load_cell
from ionstone.simulation import simulate
from ionstone.study.comparison.evaluate import stated_energy, stated_temperature

CELLS = {  # what the maker published
    "samsung-agc": {"capacity", "energy density"},
    "solid-power-si": {"capacity", "specific energy"},
    "solid-power-li": {"capacity", "specific energy"},
    "prologium-si": {"capacity", "energy density"},
    "factorial-77": {"capacity", "specific energy"},
    "blue-polymer": {"capacity"},
    "llzo-lco": {"capacity"},
    "nmc532-pouch": {"capacity", "volume"},
    "nmc811-fast": {"capacity", "energy"},
}


@pytest.mark.parametrize("name", CELLS)
def test_what_is_published_closes_within_three_percent(name):
    cell = load_cell(name)
    rows = cell.closure(stated_energy(cell))
    assert {row.quantity for row in rows} == CELLS[name]
    for row in rows:
        assert abs(row.deviation) < 0.03, f"{row.quantity}: {row.computed:g}, published {row.published:g}"


@pytest.mark.parametrize("name", CELLS)
def test_a_discharge_and_a_charge_run_to_their_ends(name):
    cell = load_cell(name)
    low, high = cell["voltage.lower_cutoff"], cell["voltage.upper_cutoff"]
    discharge = simulate(
        cell, [f"Discharge at C/5 until {low:g} V"], soc=1.0, temperature=stated_temperature(cell)
    )
    charge = simulate(
        cell,
        [f"Charge at C/3 until {high:g} V", f"Hold at {high:g} V until C/20"],
        soc=0.0,
        temperature=stated_temperature(cell),
    )
    assert discharge.code == charge.code == 0
    assert discharge.summary["discharge_capacity"] == pytest.approx(cell.capacity, rel=0.05)
    assert charge.summary["charge_capacity"] == pytest.approx(cell.capacity, rel=0.05)


@pytest.mark.parametrize("name", CELLS)
def test_every_estimate_has_a_range_and_every_number_a_source(name):
    for record in load_cell(name).records():
        assert record.source, record.path
        if record.evidence == "estimated" and isinstance(record.value, float) and record.value != 0.0:
            assert record.low is not None or record.source.startswith("default of ionstone"), record.path
            if record.low is not None:
                assert record.low <= record.value <= record.high, record.path


@pytest.mark.parametrize("name", [name for name in CELLS if name not in ("llzo-lco", "nmc532-pouch")])
def test_a_cell_whose_recipe_is_not_published_says_so(name):
    cell = load_cell(name)
    assert "not" in cell.config.notes
    assert "published" in cell.config.notes
    assert cell.function("positive.open_circuit_potential").evidence in ("estimated", "fitted")
    assert {r.path: r.evidence for r in cell.records()}["positive.thickness"] == "estimated"


def test_sintered_oxides_do_not_conduct_by_the_fit_to_sulfides():
    llzo = load_cell("llzo-lco")
    assert llzo.resolved.choices["positive.transport.law"] == "bruggeman"
    assert llzo["positive.transport_factor"] == pytest.approx(0.30**1.5)


def test_a_run_that_leaves_the_data_of_a_potential_names_electrode_and_ranges():
    cell = load_cell("llzo-lco")
    run = simulate(cell, ["Discharge at 0.1 mA until 3.4 V"], soc=1.0, temperature=373.15)
    assert run.end_reason == "voltage < 3.4"  # the cut-off is below the data, and is not missed
    assert str(run.summary["left_data_range"]).startswith("positive (data from 0.4 to 0.99, used 0.52")


def test_garnet_conducts_as_its_paper_says_at_both_temperatures():
    from math import exp

    s = load_cell("llzo-lco").parameters().scalars
    b = s["separator.electrolyte.conductivity_B"]
    assert 0.054 * exp(-b * (1 / 373.15 - 1 / 298.15)) == pytest.approx(1.1, rel=0.01)


def test_the_comparison_without_names_still_runs_seven_cells():
    from ionstone.study.comparison.compare import REFERENCE_CELLS

    assert len(REFERENCE_CELLS) == 7
    assert set(CELLS) <= set(cell_names())
    assert not set(CELLS) & set(REFERENCE_CELLS)


def test_the_pouch_cell_is_the_set_of_its_source():
    pybamm = pytest.importorskip("pybamm")
    source = pybamm.ParameterValues("Mohtat2020")
    cell = load_cell("nmc532-pouch")
    for path, name in {
        "negative.thickness": "Negative electrode thickness [m]",
        "positive.thickness": "Positive electrode thickness [m]",
        "separator.thickness": "Separator thickness [m]",
        "negative.maximum_concentration": "Maximum concentration in negative electrode [mol.m-3]",
        "positive.maximum_concentration": "Maximum concentration in positive electrode [mol.m-3]",
        "negative.active_fraction": "Negative electrode active material volume fraction",
        "positive.active_fraction": "Positive electrode active material volume fraction",
        "negative.particle_radius": "Negative particle radius [m]",
        "positive.particle_radius": "Positive particle radius [m]",
        "separator.porosity": "Separator porosity",
        "format.volume": "Cell volume [m3]",
        "separator.electrolyte.transference_number": "Cation transference number",
        "voltage.lower_cutoff": "Lower voltage cut-off [V]",
    }.items():
        assert cell[path] == pytest.approx(source[name]), path
