"""The named outputs of a run: unit, title, and the column they are exported to.

One record per output, read by the container (units), the writers (columns) and the plots (titles). The
first columns follow the Battery Data Format of the Battery Data Alliance (ontology 1.3.0: labels such as
``Test Time / s``), in which "positive current charges the test object". In Python, ionstone counts
current, power, C-rate, current density and passed charge positive on discharge; ``reverse`` marks the
columns whose sign the export turns round.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Output:
    """One named output: SI unit and meaning in Python, label and scaling in an exported file.

    ``exported = (-1 if reverse else 1) * (value * scale + offset)``
    """

    name: str
    unit: str
    title: str
    column: str
    scale: float = 1.0
    offset: float = 0.0
    reverse: bool = False
    description: str = ""


_RECORDS = (
    Output("time", "s", "Time", "Test Time / s", description="Time since the start of the run."),
    Output("voltage", "V", "Voltage", "Voltage / V", description="Terminal voltage of the cell."),
    Output(
        "current",
        "A",
        "Current",
        "Current / A",
        reverse=True,
        description="Current of the cell. File: positive on charge. Python: positive on discharge.",
    ),
    Output("step", "1", "Step", "Step ID", description="Index of the protocol step, counted from zero."),
    Output(
        "temperature",
        "K",
        "Temperature",
        "Temperature T1 / degC",
        offset=-273.15,
        description="Temperature of the cell (lumped).",
    ),
    Output(
        "power",
        "W",
        "Power",
        "Power / W",
        reverse=True,
        description="Voltage times current. File: positive on charge. Python: positive on discharge.",
    ),
    Output(
        "discharge_capacity",
        "A s",
        "Discharged charge",
        "Net Capacity / Ah",
        scale=1 / 3600,
        reverse=True,
        description="Net charge since the start. File: grows on charge. Python: grows on discharge.",
    ),
    Output(
        "soc",
        "1",
        "State of charge",
        "State of Charge / 1",
        description="Usable charge left over usable charge.",
    ),
    Output(
        "c_rate",
        "1/h",
        "C-rate",
        "C-Rate / h-1",
        reverse=True,
        description="Current over nominal capacity per hour. File: positive on charge. Python: on discharge.",
    ),
    Output(
        "current_density",
        "A/m2",
        "Current density",
        "Current Density / A.m-2",
        reverse=True,
        description="Current per electrode area. File: positive on charge. Python: positive on discharge.",
    ),
    Output("heat", "W", "Heat", "Heat Generation / W", description="Heat generated in the cell."),
    Output(
        "plating_potential",
        "V",
        "Plating potential",
        "Plating Potential / V",
        description="Solid against electrolyte potential where the negative electrode meets the separator; "
        "lithium can plate below zero.",
    ),
    Output(
        "minimum_electrolyte_concentration",
        "mol/m3",
        "Lowest electrolyte concentration",
        "Minimum Electrolyte Concentration / mol.m-3",
        description="Lowest salt concentration in the cell.",
    ),
    Output(
        "lithium_thickness",
        "m",
        "Lithium thickness",
        "Lithium Thickness / um",
        scale=1e6,
        description="Thickness of the lithium-metal layer.",
    ),
    Output(
        "lithium_thickness_positive",
        "m",
        "Lithium on the positive electrode",
        "Positive Lithium Thickness / um",
        scale=1e6,
        description="Thickness of the lithium-metal layer of a positive electrode of metal.",
    ),
    Output(
        "critical_current_ratio",
        "1",
        "Plating current over critical current",
        "Critical Current Ratio / 1",
        description="Plating current density over the density at which filaments grow.",
    ),
    Output(
        "void_current_ratio",
        "1",
        "Stripping current over void limit",
        "Void Current Ratio / 1",
        description="Stripping current density over the density at which voids open.",
    ),
    Output(
        "stack_pressure",
        "Pa",
        "Stack pressure",
        "Stack Pressure / MPa",
        scale=1e-6,
        description="Pressure on the stack, where it follows the breathing of the cell.",
    ),
    Output(
        "contact_share_negative",
        "1",
        "Contact at the negative electrode",
        "Negative Contact Share / 1",
        description="Share of the contact at infinite pressure.",
    ),
    Output(
        "contact_share_positive",
        "1",
        "Contact at the positive electrode",
        "Positive Contact Share / 1",
        description="Share of the contact at infinite pressure.",
    ),
)

OUTPUTS: dict[str, Output] = {record.name: record for record in _RECORDS}

DERIVED = frozenset({"abs_current", "abs_c_rate"})
"""Outputs that only restate another one (they exist for cut-offs) and are left out of files."""


def output(name: str, unit: str = "") -> Output:
    """The record of an output; one that the table does not know gets a title made from its name."""
    known = OUTPUTS.get(name)
    if known is not None:
        return known
    title = name.replace("_", " ").replace(".", " ")
    unit = unit or "1"
    label = " ".join(word[:1].upper() + word[1:] for word in title.split())
    return Output(name, unit, title[:1].upper() + title[1:], f"{label} / {unit.replace('/', ' per ')}")
