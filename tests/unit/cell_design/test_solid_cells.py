"""The four solid-state reference cells: they load, close, name their sources, and conduct as solids do."""

from __future__ import annotations

import math

import pytest

from ionstone.cell_design import load_cell

SOLID = ("sulfide-li", "qse5", "semi-solid-360", "polymer-lfp")
PERCOLATION = ((0.44 - 0.221) / (1 - 0.221)) ** 1.91  # fit to Minnmann 2021 at 44 % of sulfide
LITHIUM = 4.85e-6 / 36e3  # m per A s/m^2: 4.85 um per mAh/cm^2


def at_temperature(scalars, path: str, temperature: float) -> float:
    """Factor of a temperature law of an electrolyte at a temperature [K]."""
    b, t0, reference = scalars[f"{path}_B"], scalars[f"{path}_T0"], scalars["reference_temperature"]
    return math.exp(-b * (1 / (temperature - t0) - 1 / (reference - t0)))


@pytest.mark.parametrize("name", SOLID)
def test_cell_loads_under_its_own_name(name):
    cell = load_cell(name)
    assert cell.name == name
    assert cell.parameters().scalars["positive.stoichiometry_at_full"] < 0.35


@pytest.mark.parametrize("name", SOLID)
def test_published_figures_close_within_three_percent(name):
    rows = load_cell(name).closure()
    assert rows, "at least the capacity is compared"
    for row in rows:
        assert abs(row.deviation) < 0.03, f"{row.quantity}: {row.computed:g}, published {row.published:g}"


@pytest.mark.parametrize(("name", "quantities"), [
    ("qse5", {"mass", "volume", "energy", "specific energy", "energy density"}),
    ("sulfide-li", {"mass", "specific energy"}),
    ("semi-solid-360", {"mass", "energy", "specific energy"}),
])  # fmt: skip
def test_what_the_maker_published_is_compared(name, quantities):
    assert quantities <= {row.quantity for row in load_cell(name).closure()}


def test_thicker_separator_of_qse5_no_longer_closes():
    heavy = load_cell("qse5").replace({"separator.thickness": "45 um"})
    assert max(abs(row.deviation) for row in heavy.closure()) > 0.1


def test_qse5_is_as_dense_as_its_maker_says():
    cell = load_cell("qse5")
    assert 21.6 * 3600 / cell.mass == pytest.approx(301 * 3600, rel=0.005)
    assert 21.6 * 3600 / cell.volume == pytest.approx(844e3 * 3600, rel=0.005)


def test_plated_lithium_belongs_to_the_volume_at_full_charge():
    cell = load_cell("qse5")
    lithium = next(part for part in cell.stack.parts if part.name == "negative lithium")
    assert lithium.mass == 0
    assert lithium.volume == pytest.approx(LITHIUM * cell.areal_capacity * cell["electrode_area"], rel=0.01)


@pytest.mark.parametrize("name", SOLID)
def test_values_lie_in_their_ranges_and_name_their_source(name):
    for record in load_cell(name).records():
        assert record.source, record.path
        assert record.evidence, record.path
        if isinstance(record.value, float) and record.low is not None:
            assert record.low <= record.value <= record.high, record.path


@pytest.mark.parametrize("name", SOLID)
def test_estimates_carry_a_range(name):
    for record in load_cell(name).records():
        if record.evidence == "estimated" and isinstance(record.value, float) and record.value != 0.0:
            assert record.low is not None, f"{record.path} = {record.value} has no range"


@pytest.mark.parametrize("name", SOLID)
def test_what_is_recalled_is_an_estimate(name):
    recalled = [record for record in load_cell(name).records() if record.known_by == "recalled"]
    assert all(record.evidence == "estimated" for record in recalled)


def test_sulfide_cathode_conducts_by_percolation():
    cell = load_cell("sulfide-li")
    factor = cell.parameters().scalars["positive.transport_factor"]
    assert factor == pytest.approx(PERCOLATION)
    assert cell["positive.porosity"] ** 1.5 / factor > 2.5, "Bruggeman 1.5 would be far too good"


@pytest.mark.parametrize("name", ["sulfide-li", "qse5"])
def test_solid_separator_moves_one_ion_only(name):
    parameters = load_cell(name).parameters()
    assert parameters.scalars["separator.electrolyte.single_ion"] == 1
    assert parameters.functions["separator.electrolyte.transference_number"].constant == 1


@pytest.mark.parametrize("name", ["qse5", "semi-solid-360"])
def test_separator_and_cathode_hold_different_electrolytes(name):
    functions = load_cell(name).parameters().functions
    assert functions["separator.electrolyte.conductivity"] != functions["positive.electrolyte.conductivity"]


def test_qse5_may_plate_at_the_current_of_its_claimed_charging_time():
    cell = load_cell("qse5")
    mean = 0.7 * cell.areal_capacity / (15 * 60)  # 10-80 % in 15 minutes
    assert cell["negative.critical_current_density"] > mean


def test_bare_lithium_on_sulfide_limits_charging_below_one_hour():
    cell = load_cell("sulfide-li")
    one_hour = cell.areal_capacity / 3600
    assert cell["negative.void_current_density"] < cell["negative.critical_current_density"] < one_hour


def test_polymer_is_hot_in_use_and_hardly_conducts_at_room_temperature():
    cell = load_cell("polymer-lfp")
    scalars, functions = cell.parameters().scalars, cell.parameters().functions
    assert cell["operating_temperature"] == pytest.approx(353.15)
    kappa = functions["separator.electrolyte.conductivity"]
    peak = kappa.evaluate(1800.0)
    hot = peak * at_temperature(scalars, "separator.electrolyte.conductivity", 353.15)
    assert hot == pytest.approx(0.11, rel=0.01)
    assert peak < 0.01 * hot


def test_polymer_transference_number_keeps_inside_the_measured_range():
    t_plus = load_cell("polymer-lfp").parameters().functions["separator.electrolyte.transference_number"]
    values = [float(t_plus.evaluate(c)) for c in range(742, 2983, 40)]
    assert min(values) >= 0.17
    assert max(values) <= 0.60
    assert values[0] > min(values) < values[-1], "not monotone"


def test_cold_slows_sulfide_more_than_liquid():
    slower = {
        name: at_temperature(
            load_cell(name).parameters().scalars, "separator.electrolyte.conductivity", 263.15
        )
        for name in ("sulfide-li", "semi-solid-360")
    }
    assert 6 < 1 / slower["sulfide-li"] < 9
    assert slower["sulfide-li"] < slower["semi-solid-360"]
