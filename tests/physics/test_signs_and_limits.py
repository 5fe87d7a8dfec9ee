"""Signs of heat and overpotential, and the limits in which the answer is known beforehand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ionstone.core.constants import C0
from ionstone.simulation.dense import refine

#: known failures: a slow discharge from full ends at once, above the cut-off voltage
COARSE_TABLES = {
    "sodium-nvpf": "the table of the potential has a knot every 1e-3, the data of NVPF fall by 0.05 V in 3e-5"
}


def test_a_discharge_runs_below_the_open_circuit_voltage(cell: str, level: str, heat: str, case: Any) -> None:
    trace = case(cell, level, heat=heat).run(["Discharge at 1C for 20 minutes"])
    assert np.all(trace["voltage"] < trace.open_circuit_voltage())


def test_a_charge_runs_above_the_open_circuit_voltage(cell: str, level: str, heat: str, case: Any) -> None:
    trace = case(cell, level, heat=heat, soc=0.4).run(["Charge at 0.3C for 20 minutes"])
    assert np.all(trace["voltage"] > trace.open_circuit_voltage())


#: cells whose charge takes up heat, and why
COOLS = {"llzo-lco": "at 100 degC the entropy of lithium cobalt oxide outweighs the losses of a charge"}


def test_a_cell_under_load_gives_off_heat(
    cell: str, level: str, hot: str, case: Any, request: pytest.FixtureRequest
) -> None:
    if cell in COOLS:
        request.applymarker(pytest.mark.xfail(reason=COOLS[cell], strict=True))
    for protocol, soc in (("Discharge at 1C for 20 minutes", None), ("Charge at 0.5C for 20 minutes", 0.3)):
        trace = case(cell, level, heat=hot, soc=soc).run([protocol])
        assert trace.integral("heat") > 0
        if hot == "lumped":
            assert trace["temperature"][-1] > trace["temperature"][0]


def test_heat_of_polarisation_grows_with_the_current(library_cell: str, level: str, case: Any) -> None:
    lost = []
    for rate, minutes in ((0.25, 40), (0.5, 20), (1.0, 10)):
        trace = case(library_cell, level, heat="held").run([f"Discharge at {rate}C for {minutes} minutes"])
        lost.append(trace.integral("heat"))
    assert lost[0] < lost[1] < lost[2]


def test_a_very_slow_discharge_follows_the_open_circuit_voltage(
    cell: str, level: str, case: Any, request: pytest.FixtureRequest
) -> None:
    if cell in COARSE_TABLES:
        request.applymarker(pytest.mark.xfail(reason=COARSE_TABLES[cell], strict=True))
    trace = case(cell, level, soc=1.0).run(["Discharge at C/1000 for 900 hours"])
    assert trace.time[-1] == pytest.approx(900 * 3600)
    drop = trace.open_circuit_voltage() - trace["voltage"]
    assert np.max(np.abs(drop)) < 1e-3


def test_a_cell_at_rest_stays_as_it_is(cell: str, level: str, heat: str, case: Any) -> None:
    trace = case(cell, level, heat=heat, soc=0.6).run(["Rest for 10 hours"])
    assert np.max(np.abs(trace.states[1:] - trace.states[1])) < 1e-9
    assert np.max(np.abs(trace["voltage"] - trace["voltage"][0])) < 1e-9
    assert np.max(np.abs(trace["current"])) < 1e-9 * trace.case.one_c


def test_the_voltage_at_rest_is_the_open_circuit_voltage(cell: str, level: str, case: Any) -> None:
    """But for the tables, which interpolate the cell's functions."""
    trace = case(cell, level, soc=0.6).run(["Rest for 1 minute"])
    assert trace["voltage"][0] == pytest.approx(trace.open_circuit_voltage()[0], abs=1e-5)


SINGLE_ION = ("llzo-lco", "qse5", "samsung-agc", "solid-power-li", "solid-power-si", "sulfide-li")


def test_a_single_ion_conductor_keeps_its_concentration(library_cell: str, case: Any) -> None:
    trace = case(library_cell).run(["Discharge at 1C for 10 minutes", "Charge at 0.5C for 5 minutes"])
    c, seen = C0 * trace.unknown("c"), False
    for i, region in ((1, "separator"), (2, "positive")):
        if trace.case.scalars[f"{region}.electrolyte.single_ion"]:
            seen = True
            initial = trace.case.scalars[f"{region}.electrolyte.initial_concentration"]
            assert np.max(np.abs(c[:, trace.case.span(i)] / initial - 1)) < 1e-9
    assert seen == (library_cell in SINGLE_ION)


def test_with_a_transference_number_of_one_any_electrolyte_does(library_cell: str, case: Any) -> None:
    from ionstone.cell_design import load_cell

    cell = load_cell(library_cell)
    regions = ("separator", "positive")
    if cell.parameters().negative_kind == "porous":
        regions = ("negative", *regions)
    changed = cell.replace({f"{r}.electrolyte.transference_number": 1.0 for r in regions})
    trace = case(changed).run(["Discharge at 1C for 10 minutes"])
    c = trace.unknown("c")
    assert np.max(np.abs(c / c[0] - 1)) < 1e-9


#: cells whose gradients have not vanished at C/1000, and why
STEEP = dict.fromkeys(
    ("solid-power-li", "solid-power-si"),
    "34 % of sulfide in the cathode hold 90 ohm cm2 of ions: 0.53 mV even at C/1000",
)


def test_levels_agree_at_low_rate(cell: str, case: Any, request: pytest.FixtureRequest) -> None:
    """Where all gradients vanish the levels are one model."""
    if cell in STEEP:
        request.applymarker(pytest.mark.xfail(reason=STEEP[cell], strict=True))
    voltage = {}
    for level in ("P2D", "SPMe", "SPM"):
        trace = case(cell, level, soc=0.9).run(["Discharge at C/1000 for 100 hours"], tolerance=1e-6)
        dense = refine(trace.all_rows, 2)
        voltage[level] = np.interp(np.linspace(3600, 360000, 50), dense[:, 0], dense[:, 2])
    assert np.max(np.abs(voltage["SPMe"] - voltage["P2D"])) < 5e-4
    assert np.max(np.abs(voltage["SPM"] - voltage["P2D"])) < 5e-4


def test_the_plating_potential_of_a_uniform_reaction_nears_that_of_all_gradients(
    library_cell: str, case: Any
) -> None:
    """A current four times smaller leaves less than a quarter of the difference, or 0.01 mV."""
    if case(library_cell, "P2D").options.planar:
        pytest.skip("an electrode of metal")
    apart = []
    for rate in (0.4, 0.1):
        protocol = f"Charge at {rate}C for {0.2 / rate} hours"
        ends = [
            case(library_cell, level, soc=0.3).run([protocol], tolerance=1e-6)["plating_potential"][-1]
            for level in ("P2D", "SPMe")
        ]
        apart.append(abs(ends[0] - ends[1]))
    assert apart[0] < 2e-3
    assert apart[1] < max(apart[0] / 4, 1e-5)


def test_colder_cells_have_more_resistance(library_cell: str, level: str, case: Any) -> None:
    if library_cell in ("llzo-lco", "xu2019-half-cell"):
        pytest.skip("the kinetics of this set are the same at all temperatures")
    warm = case(library_cell, level).lanes.globals[0][0]
    drop = []
    for temperature in (warm - 20.0, warm):
        trace = case(library_cell, level, soc=0.6, temperature=temperature).run(
            ["Discharge at C/5 for 1 minute"]
        )
        drop.append(trace.open_circuit_voltage()[0] - trace["voltage"][0])
    assert drop[0] > drop[1]
