"""Gradients through the laws of solid cells are those of differences, and of closed forms."""

from importlib.resources import files
from math import log

import pytest

import ionstone as ion

SULFIDE = files("ionstone.cell_design").joinpath("library/sulfide-li.yaml").read_text(encoding="utf-8")
LAWS = """  void_law: kasemchainan2019
  filament_law: fracture
  flaw: {value: 1 um, low: 0.5 um, high: 5 um, evidence: estimated, source: test}
  current_collector: {material: copper"""
COMPOSITE = """  electrolyte_particle_radius: 1 um
  connectivity: percolation
  transport: {law: sized_percolation}
  conductivity: {value: 3.8e-3 S/cm"""


@pytest.fixture(scope="module")
def composite(tmp_path_factory):
    """sulfide-li with percolation by particle size, isolated grains left out, limits by pressure."""
    text = SULFIDE.replace("  current_collector: {material: copper", LAWS, 1)
    head, tail = text.split("  conductivity: {value: 3.8e-3 S/cm", 1)
    head = head[: head.rindex("  transport:\n    law: percolation")]
    path = tmp_path_factory.mktemp("cell") / "cell.yaml"
    path.write_text(head + COMPOSITE + tail, encoding="utf-8")
    return ion.load_cell(path)


PATHS = [
    "positive.transport.threshold",
    "positive.transport.size_slope",
    "positive.electrolyte_particle_radius",
    "positive.utilisation",
    "positive.void_fraction",
    "positive.electronic_transport.threshold",
]


@pytest.mark.parametrize("path", PATHS)
def test_gradients_to_the_composition_are_those_of_differences(composite, path):
    composite = composite.replace({"positive.utilisation": 0.9})
    protocol = "Discharge at C/2 for 20 minutes"
    found = ion.gradient(composite, protocol, of="discharge_energy", to=path)[path]
    step = 1e-4 * composite[path]
    changed = [composite.replace({path: composite[path] + s}) for s in (-step, step)]
    runs = [ion.simulate(cell, protocol, tolerance=1e-7) for cell in changed]
    low, high = (run.summary["discharge_energy"] for run in runs)
    assert found != 0.0
    assert found == pytest.approx((high - low) / (2 * step), rel=5e-3)


def test_the_margin_to_voids_has_the_gradient_of_its_power_law(composite):
    cell = composite.replace({"stack_pressure": "5 MPa"})
    load, of = "Discharge at C/5 for 10 minutes", "max_void_current_ratio"
    ratio = ion.simulate(cell, load).summary[of]
    exponent = log(5) / log(7 / 3)
    found = ion.gradient(cell, load, of=of, to="stack_pressure")["stack_pressure"]
    assert found == pytest.approx(-exponent * ratio / 5e6, rel=1e-5)


def test_the_margin_to_filaments_has_the_gradient_of_the_criterion(composite):
    # the charge begins below full; of = i / i_crit, i_crit ~ K_IC / (sqrt(a) ASR)
    paths = ("separator.electrolyte.fracture_toughness", "negative.flaw", "negative.interphase_resistance")
    load, of = "Charge at C/5 for 10 minutes", "max_critical_current_ratio"
    ratio = ion.simulate(composite, load, soc=0.3).summary[of]
    found = ion.gradient(composite, load, of=of, to=list(paths), soc=0.3)
    for path, power in zip(paths, (-1.0, 0.5, 1.0), strict=True):
        assert found[path] == pytest.approx(power * ratio / composite[path], rel=1e-5), path
