"""A small BPX file that exercises what the format allows: tables, expressions, activation energies, a
state.

The numbers are of the size of a 5 Ah NMC811 | graphite cell; they describe no product. Geometry, electrolyte
and potentials are those of Chen et al. 2020 (doi:10.1149/1945-7111/ab9050); activation energies, entropic
coefficients and thermal values are chosen for the check (estimated: both codes read the same). Written to a
temporary file by the check and read by both codes with their own readers. No initial state of charge is
given, so both start at the stoichiometry limits: PyBaMM turns a given one into stoichiometries by solving
for the cut-off voltages, not by these limits.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np


def document() -> dict[str, Any]:
    """The BPX 1.1 document."""
    return {
        "Header": {
            "BPX": "1.1.0",
            "Title": "5 Ah check cell",
            "Description": "Input of a comparison of two codes; describes no product.",
            "Model": "DFN",
        },
        "Parameterisation": {
            "Cell": _cell(),
            "Electrolyte": _electrolyte(),
            "Negative electrode": _negative(),
            "Positive electrode": _positive(),
            "Separator": {"Thickness [m]": 1.2e-5, "Porosity": 0.47, "Transport efficiency": 0.3222},
        },
        "State": {
            "Initial conditions": {
                "Initial temperature [K]": 298.15,
                "Initial electrolyte concentration [mol.m-3]": 1000.0,
            },
            "Thermal environment": {
                "Ambient temperature [K]": 298.15,
                "Heat transfer coefficient [W.m-2.K-1]": 10.0,
            },
        },
    }


def write(folder: Path) -> Path:
    """Write the document to ``folder`` and return its path."""
    path = folder / "check_cell.json"
    path.write_text(json.dumps(document(), indent=1), encoding="utf-8")
    return path


def _cell() -> dict[str, float]:
    return {
        "Electrode area [m2]": 0.1027,
        "External surface area [m2]": 5.31e-3,
        "Volume [m3]": 2.42e-5,
        "Number of electrode pairs connected in parallel to make a cell": 1,
        "Lower voltage cut-off [V]": 2.5,
        "Upper voltage cut-off [V]": 4.2,
        "Nominal cell capacity [A.h]": 5.0,
        "Reference temperature [K]": 298.15,
        "Density [kg.m-3]": 2830.0,
        "Specific heat capacity [J.K-1.kg-1]": 1000.0,
    }


def _electrolyte() -> dict[str, float | str]:
    return {
        "Cation transference number": 0.2594,
        "Diffusivity [m2.s-1]": "8.794e-11 * (x/1000)**2 - 3.972e-10 * (x/1000) + 4.862e-10",
        "Diffusivity activation energy [J.mol-1]": 17000.0,
        "Conductivity [S.m-1]": "0.1297 * (x/1000)**3 - 2.51 * (x/1000)**1.5 + 3.329 * (x/1000)",
        "Conductivity activation energy [J.mol-1]": 17000.0,
    }


def _negative() -> dict[str, Any]:
    return {
        "Thickness [m]": 8.52e-5,
        "Porosity": 0.25,
        "Transport efficiency": 0.125,
        "Conductivity [S.m-1]": 215.0,
        "Minimum stoichiometry": 0.0275,
        "Maximum stoichiometry": 0.9014,
        "Maximum concentration [mol.m-3]": 33133.0,
        "Particle radius [m]": 5.86e-6,
        "Surface area per unit volume [m-1]": 383959.0,
        "Diffusivity [m2.s-1]": "3.3e-14 * (1.3 - 0.6*x)",
        "Diffusivity activation energy [J.mol-1]": 17800.0,
        "OCP [V]": "1.9793*exp(-39.3631*x) + 0.2482 - 0.0909*tanh(29.8538*(x - 0.1234)) "
        "- 0.04478*tanh(14.9159*(x - 0.2769)) - 0.0205*tanh(30.4444*(x - 0.6103))",
        "Entropic change coefficient [V.K-1]": {"x": [0.0, 0.5, 1.0], "y": [1e-4, -5e-5, -1e-4]},
        "Reaction rate constant [mol.m-2.s-1]": 7.05e-6,
        "Reaction rate constant activation energy [J.mol-1]": 35000.0,
    }


def _positive() -> dict[str, Any]:
    stoichiometry = np.linspace(0.2, 1.0, 161)
    potential = (
        -0.8090 * stoichiometry
        + 4.4875
        - 0.0428 * np.tanh(18.5138 * (stoichiometry - 0.5542))
        - 17.7326 * np.tanh(15.7890 * (stoichiometry - 0.3117))
        + 17.5842 * np.tanh(15.9308 * (stoichiometry - 0.3120))
    )
    return {
        "Thickness [m]": 7.56e-5,
        "Porosity": 0.335,
        "Transport efficiency": 0.1939,
        "Conductivity [S.m-1]": 0.18,
        "Minimum stoichiometry": 0.2661,
        "Maximum stoichiometry": 0.9084,
        "Maximum concentration [mol.m-3]": 63104.0,
        "Particle radius [m]": 5.22e-6,
        "Surface area per unit volume [m-1]": 382184.0,
        "Diffusivity [m2.s-1]": 4.0e-15,
        "Diffusivity activation energy [J.mol-1]": 17800.0,
        "OCP [V]": {
            "x": [round(float(v), 4) for v in stoichiometry],
            "y": [round(float(v), 6) for v in potential],
        },
        "Entropic change coefficient [V.K-1]": -4e-5,
        "Reaction rate constant [mol.m-2.s-1]": 7.07e-5,
        "Reaction rate constant activation energy [J.mol-1]": 17800.0,
    }
