"""BPX files, old and new, good and hostile. The content is ours: numbers near Chen 2020 in BPX's words."""

import copy
import json
import math

import numpy as np
import pytest

from ionstone.cell_design import load_cell
from ionstone.core.errors import InputError

F = 96485.33212331001  # C/mol, exact product of the SI's e and N_A
NEGATIVE_OCP = (
    "1.9793 * exp(-39.3631 * x) + 0.2482 - 0.0909 * tanh(29.8538 * (x - 0.1234))"  # Chen 2020, cut short
)
POSITIVE_OCP = "-0.809 * x + 4.4875 - 0.0428 * tanh(18.5138 * (x - 0.5542))"  # Chen 2020, cut short


def electrode(thickness, radius, fraction, porosity, maximum, k, ocp, low, high):
    return {
        "Particle radius [m]": radius,
        "Thickness [m]": thickness,
        "Diffusivity [m2.s-1]": 3e-14,
        "Diffusivity activation energy [J.mol-1]": 20000,
        "OCP [V]": ocp,
        "Entropic change coefficient [V.K-1]": {"x": [0, 1], "y": [1e-4, -1e-4]},
        "Conductivity [S.m-1]": 10.0,
        "Surface area per unit volume [m-1]": 3 * fraction / radius,
        "Porosity": porosity,
        "Transport efficiency": porosity**1.5,
        "Reaction rate constant [mol.m-2.s-1]": k,
        "Reaction rate constant activation energy [J.mol-1]": 30000,
        "Minimum stoichiometry": low,
        "Maximum stoichiometry": high,
        "Maximum concentration [mol.m-3]": maximum,
    }


NEW = {
    "Header": {"BPX": "1.1.0", "Title": "Made for a test", "Model": "DFN"},
    "Parameterisation": {
        "Cell": {
            "Reference temperature [K]": 298.15,
            "Lower voltage cut-off [V]": 2.5,
            "Upper voltage cut-off [V]": 4.2,
            "Nominal cell capacity [A.h]": 5.0,
            "Specific heat capacity [J.K-1.kg-1]": 1000,
            "Density [kg.m-3]": 2800,
            "Electrode area [m2]": 0.05,
            "Number of electrode pairs connected in parallel to make a cell": 2,
            "External surface area [m2]": 0.00531,
            "Volume [m3]": 2.42e-5,
        },
        "Electrolyte": {
            "Cation transference number": 0.2594,
            "Conductivity [S.m-1]": "1.297e-10 * x**3 - 2.51 * (x / 1000) ** 1.5 + 3.329e-3 * x",
            "Diffusivity [m2.s-1]": {"x": [2000, 1000, 1], "y": [1e-10, 2e-10, 4e-10]},
            "Conductivity activation energy [J.mol-1]": 17000,
            "Diffusivity activation energy [J.mol-1]": 17000,
        },
        "Negative electrode": electrode(85e-6, 5.86e-6, 0.75, 0.25, 33133, 6e-6, NEGATIVE_OCP, 0.03, 0.9),
        "Positive electrode": electrode(75e-6, 5.22e-6, 0.66, 0.33, 63104, 2e-5, POSITIVE_OCP, 0.26, 0.85),
        "Separator": {"Thickness [m]": 12e-6, "Porosity": 0.47, "Transport efficiency": 0.3222},
    },
    "State": {
        "Initial conditions": {
            "Initial state-of-charge": 0.5,
            "Initial temperature [K]": 298.15,
            "Initial electrolyte concentration [mol.m-3]": 1100,
        },
        "Thermal environment": {
            "Ambient temperature [K]": 298.15,
            "Heat transfer coefficient [W.m-2.K-1]": 12,
        },
        "Degradation": {"LLI": 0.0, "LAM: Negative electrode": 0.0, "LAM: Positive electrode": 0.0},
    },
}


def old():
    """The same cell in the layout of BPX 0.4."""
    data = copy.deepcopy(NEW)
    data["Header"]["BPX"] = 0.4
    del data["State"]
    data["Parameterisation"]["Cell"].update(
        {"Ambient temperature [K]": 298.15, "Initial temperature [K]": 298.15}
    )
    data["Parameterisation"]["Electrolyte"]["Initial concentration [mol.m-3]"] = 1100
    return data


def write(tmp_path, data):
    path = tmp_path / "cell.json"
    path.write_text(json.dumps(data))
    return path


def test_a_new_file_gives_the_parameters_that_bpx_defines(tmp_path):
    cell = load_cell(write(tmp_path, NEW))
    scalars, functions = cell.parameters().scalars, cell.parameters().functions
    assert cell.name == "Made-for-a-test"
    assert scalars["electrode_area"] == pytest.approx(0.1)
    assert scalars["nominal_capacity"] == 18000
    assert scalars["negative.active_fraction"] == pytest.approx(0.75)
    assert scalars["negative.transport_factor"] == pytest.approx(0.25**1.5)
    assert scalars["separator.transport_factor"] == pytest.approx(0.3222)
    assert scalars["negative.conductivity"] == 10.0
    assert scalars["negative.diffusivity_activation_energy"] == 20000
    assert scalars["mass"] == pytest.approx(2800 * 2.42e-5)
    assert scalars["thermal.conductance"] == pytest.approx(12 * 0.00531)
    assert scalars["negative.initial_stoichiometry"] == pytest.approx(0.03 + 0.5 * 0.87)
    assert scalars["positive.initial_stoichiometry"] == pytest.approx(0.85 - 0.5 * 0.59)
    assert scalars["positive.stoichiometry_at_full"] == 0.26
    # i0 = F k sqrt(c_e/c_e0 x (1-x)) at half filling and c_e0 is F k / 2
    half = functions["negative.exchange_current_prefactor"].evaluate(0.5) * math.sqrt(1100) * 33133 / 2
    assert half == pytest.approx(F * 6e-6 / 2)
    c = np.array([500.0, 1500.0])
    assert np.allclose(
        functions["positive.electrolyte.diffusivity"].evaluate(c),
        np.interp(c, [1, 1000, 2000], [4e-10, 2e-10, 1e-10]),
    )
    assert functions["separator.electrolyte.conductivity"].evaluate(1000.0) == pytest.approx(0.9487)
    assert functions["negative.entropic_change"].evaluate(0.25) == pytest.approx(5e-5)


def test_an_old_file_gives_the_same_cell_fully_charged(tmp_path):
    new = copy.deepcopy(NEW)
    new["State"]["Initial conditions"]["Initial state-of-charge"] = 1
    new["State"]["Thermal environment"].pop("Heat transfer coefficient [W.m-2.K-1]")
    first = load_cell(write(tmp_path, new)).parameters()
    second = load_cell(write(tmp_path, old())).parameters()
    assert first.scalars == pytest.approx(second.scalars, nan_ok=True)


@pytest.mark.parametrize(("excess", "loads"), [(1e-7, True), (9e-4, True), (2e-3, False)])
def test_rounded_fractions_may_sum_to_a_little_more_than_one(tmp_path, excess, loads):
    data = copy.deepcopy(NEW)
    electrode = data["Parameterisation"]["Negative electrode"]
    electrode["Surface area per unit volume [m-1]"] = 3 * (0.75 + excess) / electrode["Particle radius [m]"]
    path = write(tmp_path, data)
    if loads:
        cell = load_cell(path).replace({"positive.thickness": 70e-6})
        assert cell["negative.active_fraction"] == pytest.approx(0.75 + excess, rel=1e-12)
    else:
        with pytest.raises(InputError, match="allowed at most 1"):
            load_cell(path)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("Header", "Model"), "SPM", "cell.json"),
        (("Header", "BPX"), "99", "cell.json"),
        (
            ("Parameterisation", "Negative electrode", "OCP [V]"),
            "__import__('os').system('true')",
            "is unknown",
        ),
        (("Parameterisation", "Negative electrode", "OCP [V]"), "exit(1)", "function 'exit' is unknown"),
        (("Parameterisation", "Negative electrode", "OCP [V]"), "9**9**9**9", "cannot read it"),
        (("Parameterisation", "Negative electrode", "Thickness [m]"), -1, "negative.thickness"),
        (("Parameterisation", "Negative electrode", "Porosity"), "thick", "unknown name 'thick'"),
        (("Parameterisation", "Cell", "Nominal cell capacity [A.h]"), None, "Nominal cell capacity"),
        (("Parameterisation", "Cell"), {"a": 1}, "cell.json"),
        (("Parameterisation",), [1], "no BPX file"),
        (("State", "Initial conditions", "Initial state-of-charge"), 7, "cell.json"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tmp_path, path, value, says):
    data = copy.deepcopy(NEW)
    target = data
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(InputError) as caught:
        load_cell(write(tmp_path, data)).parameters()
    message = str(caught.value)
    assert message.startswith("cell.json")
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[1]", '{"a": NaN}', "\x00"])
def test_what_is_no_bpx_is_refused(tmp_path, text):
    path = tmp_path / "cell.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"cell\.json"):
        load_cell(path)
