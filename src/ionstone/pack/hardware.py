r"""Hardware that holds a row of cells under pressure: end plates, straps, and gas, springs or foam.

A row of $n$ cells of face $A = b h$ (b the short side) is pressed by two end plates that straps hold
together. The plates bend between the straps at their long sides as beams of unit width, simply supported,
span $b$, load $p$; the thicker of strength and deflection counts:

$$ t_\sigma = b \sqrt{\frac{3 p}{4 \sigma_p}}, \qquad
   t_w = \left(\frac{5\, p\, b^4}{32\, E_p\, w}\right)^{1/3} $$

Straps carry the force $F = p A$ at its highest, with the section $A_s = F / \sigma_s$ and the stiffness
$E_s A_s / L$. The cells grow by $u = n\,n_l\,\Delta L$ from empty to full ($n_l$ electrode pairs of breathing
$\Delta L$ each). Stiffnesses per area in series give the pressure over the charge:

$$ \frac{1}{K} = \frac{n\,n_l}{k} + \frac{A L}{E_s A_s} + \frac{2 \bar w}{p} + \frac{1}{K_e}, \qquad
   p(s) = p_0 + K u s $$

with $\bar w = p\,b^4 / (10 E_p t^3)$ the mean deflection of a plate. Helical steel springs store
$\tau^2 / 4 G$ per volume of wire, so that springs of stiffness $K_e A$ weigh
$m = \rho_s\, \frac{4 G}{\tau^2}\, \frac{F^2}{2 K_e A}$ at least; foam of modulus $E_f$ at its working point
is $E_f / K_e$ thick. Gas in a bellows, at constant temperature, of the length $u (1 + r) / r$ when the cells
are empty, weighs with its shell $2 p V \rho_s / \sigma_s$ (a long thin cylinder). $K_e$ is chosen so that the
pressure rises by the share $r$ that is allowed.

Lithium metal breathes by a tenth of the row: steel springs for it outweigh the cells at 7 MPa (13 kJ at
140 J/kg), which is why bellows are built for such cells.

Validity: small deflections (t below b/3), elastic parts, uniform pressure, no friction; holes, bolts, guides
of the springs are not in it. References: Timoshenko, Strength of Materials I (beams: uniform load, simply
supported); Wahl 1963, Mechanical Springs (energy of helical springs); masses of real modules to compare with
were not found. Evidence: estimated. Symbols: p pressure [Pa], sigma, tau allowed stress [Pa], E, G moduli
[Pa], w allowed deflection [m], L length of the row [m], k stiffness of an electrode pair [Pa/m], s charge.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.core.config import Number
from ionstone.core.errors import InputError
from ionstone.pack.cooling import face_area

FloatArray = NDArray[np.float64]


def _textbook(value: float, low: float, high: float, what: str) -> Number:
    return Number(
        value=value, low=low, high=high, source=f"{what}, textbook", evidence="estimated", known_by="recalled"
    )


PLATE_STRENGTH = _textbook(200e6, 120e6, 300e6, "aluminium 6082-T6 with a safety factor of about 1.3")
PLATE_MODULUS = _textbook(70e9, 69e9, 72e9, "aluminium")
PLATE_DENSITY = _textbook(2700.0, 2650.0, 2800.0, "aluminium")
STRAP_STRENGTH = _textbook(200e6, 150e6, 500e6, "mild steel with a safety factor of about 1.2")
STRAP_MODULUS = _textbook(210e9, 190e9, 215e9, "steel")
STEEL_DENSITY = _textbook(7850.0, 7800.0, 8000.0, "steel")
SPRING_STRESS = _textbook(600e6, 400e6, 900e6, "shear in spring steel wire, static load")
SPRING_SHEAR = _textbook(80e9, 78e9, 82e9, "shear modulus of spring steel")
FOAM_MODULUS = _textbook(1.0e6, 0.2e6, 3e6, "microcellular polyurethane pad near 30 % of strain")
FOAM_DENSITY = _textbook(400.0, 200.0, 600.0, "microcellular polyurethane pad")
#: largest pressure that foam holds for years without creep
FOAM_PRESSURE = _textbook(1.0e6, 0.3e6, 2e6, "microcellular polyurethane pad")
#: allowed deflection of an end plate over its span
DEFLECTION = 1.0 / 250.0
#: short side over long side of a cell's face
ASPECT = 1.0 / 3.0
KINDS = ("gas", "springs", "foam", "rigid")
#: length of the rows of cells of a pack [m] (choice: half the width of a car's floor)
STACK_LENGTH = 0.5
#: pressure above which the estimate says nothing [Pa]
HIGHEST_PRESSURE = 50e6


@dataclass(frozen=True)
class PressureHardware:
    """Hardware of one row of cells, SI: masses, lengths, and the pressure of the empty and the full cells."""

    kind: str
    cells: float
    face: float
    row_length: float
    pressure_empty: float
    pressure_full: float
    breathing: float
    plate_thickness: float
    plate_mass: float
    strap_section: float
    strap_mass: float
    elastic_mass: float
    elastic_length: float
    stiffness: float
    cells_mass: float

    @property
    def mass(self) -> float:
        """Mass of plates, straps, springs or foam [kg]."""
        return self.plate_mass + self.strap_mass + self.elastic_mass

    @property
    def mass_fraction(self) -> float:
        """Mass over that of the cells of the row [-]."""
        return self.mass / self.cells_mass

    @property
    def length(self) -> float:
        """Length that the hardware adds to the row of empty cells [m].

        That of the plates and of what yields, which is the room that the cells grow into.
        """
        return 2 * self.plate_thickness + max(self.elastic_length, self.breathing)

    @property
    def volume_fraction(self) -> float:
        """Volume over that of the cells of the row [-]."""
        return self.length / self.row_length

    def pressure(self, soc: Any) -> Any:
        """Pressure [Pa] over the charge (0 to 1)."""
        return self.pressure_empty + (self.pressure_full - self.pressure_empty) * np.asarray(soc)

    def force(self, soc: Any) -> Any:
        """Force in the straps [N] over the charge (0 to 1)."""
        return self.face * self.pressure(soc)


def plate_thickness(pressure: float, span: float, deflection: float = DEFLECTION) -> float:
    """Thickness of an end plate [m] at a pressure [Pa]; ``deflection``: allowed, over the span."""
    strong = span * sqrt(0.75 * pressure / PLATE_STRENGTH.value)
    stiff = (5 * pressure * span**3 / (32 * PLATE_MODULUS.value * deflection)) ** (1 / 3)
    return float(max(strong, stiff))


def stack_pressure(cell: Any) -> float:
    """Stack pressure a cell needs [Pa], 0 where its file names none."""
    try:
        value = float(cell["stack_pressure"])
    except (KeyError, ValueError):
        return 0.0
    return value if value == value else 0.0


def _face(cell: Any) -> tuple[float, float]:
    """Face of a cell that is pressed [m^2], and its electrode pairs; from its volume where no file says."""
    area = float(cell.parameters().scalars["electrode_area"])
    if "format.layers" in cell:
        layers = float(cell["format.layers"])
    else:
        layers = max(1.0, area / face_area(float(cell.volume)))
    return area / layers, layers


def pressure_hardware(
    cell: Any, *, cells: float | None = None, kind: str = "gas", swing: float = 0.2
) -> PressureHardware | None:
    """The hardware of a row of cells; None where the cell needs no stack pressure.

    ``cells``: in the row (default: 0.5 m of them, a real number, so that no figure jumps where one more
    fits); ``kind``: gas, springs, foam or rigid; ``swing``: rise of the pressure from empty to full over
    that of the empty cells that is allowed. A cell whose file gives no ``format.layers`` is taken to have
    the shape of ``ionstone.pack.cooling.face_area``. InputError for what cannot be held: too high a
    pressure, foam above what it holds, rigid hardware where cells breathe.
    """
    pressure = stack_pressure(cell)
    if kind not in KINDS:
        raise InputError(f"pressure hardware {kind!r} is unknown: use one of {', '.join(KINDS)}")
    if not 0.01 <= swing <= 5:
        raise InputError(f"swing is {swing:g}: give 0.01 to 5, the rise of the pressure over its lowest")
    if pressure == 0:
        return None
    if pressure > HIGHEST_PRESSURE:
        raise InputError(
            f"stack_pressure: {pressure / 1e6:g} MPa is above {HIGHEST_PRESSURE / 1e6:g} MPa, where"
            " the estimate of end plates holds: lower it"
        )
    if kind == "foam" and pressure > FOAM_PRESSURE.value:
        raise InputError(
            f"stack_pressure: {pressure / 1e6:g} MPa is above the {FOAM_PRESSURE.value / 1e6:g} MPa that foam"
            " holds: use springs"
        )
    face, layers = _face(cell)
    thickness = float(cell.volume) / face
    count = max(1.0, STACK_LENGTH / thickness) if cells is None else cells
    if count < 1:
        raise InputError(f"cells is {count}: give a number of 1 or more")
    stack = cell.pressure()
    growth, span = count * layers * max(stack.breathing, 0.0), sqrt(face * ASPECT)
    highest, row = pressure * (1 + swing), count * thickness
    plate = plate_thickness(highest, span)
    section = highest * face / STRAP_STRENGTH.value
    soft = _softness(stack.stiffness, count * layers, row, face, section, span, plate)
    wanted = growth / (swing * pressure)  # growth that a pascal may hold back
    if kind == "rigid" and wanted > soft:
        raise InputError(
            f"pressure hardware rigid: {count:.0f} cells grow by {1e3 * growth:.3g} mm, which would raise the"
            f" pressure to {(pressure + growth / soft) / 1e6:.3g} MPa: use gas, springs or foam"
        )
    elastic = 1.0 / (wanted - soft) if kind != "rigid" and wanted > soft else inf
    k = 1.0 / max(soft, wanted) if elastic < inf else 1.0 / soft
    highest = pressure + k * growth
    mass, length = _elastic(kind, elastic, highest, face, growth, swing)
    return PressureHardware(
        kind, count, face, row, pressure, highest, growth,
        plate, 2 * plate * face * PLATE_DENSITY.value,
        section, section * (row + 2 * plate) * STEEL_DENSITY.value,
        mass, length, k, count * float(cell.mass),
    )  # fmt: skip


def _softness(
    pair: float, pairs: float, row: float, face: float, section: float, span: float, plate: float
) -> float:
    """Growth that one pascal holds back [m/Pa]: cells, straps and both plates in series."""
    cells = 0.0 if pair == inf else pairs / pair
    straps = face * row / (STRAP_MODULUS.value * section)
    plates = 2 * span**4 / (10 * PLATE_MODULUS.value * plate**3)
    return cells + straps + plates


def _elastic(
    kind: str, stiffness: float, pressure: float, face: float, growth: float, swing: float
) -> tuple[float, float]:
    """Mass [kg] and length [m] of what yields, of a stiffness per area [Pa/m]; zero where none is needed."""
    if stiffness == inf:
        return 0.0, 0.0
    if kind == "gas":
        length = growth * (1 + swing) / swing
        return 2 * pressure * length * face * STEEL_DENSITY.value / STRAP_STRENGTH.value, length
    if kind == "foam":
        thick = FOAM_MODULUS.value / stiffness
        return thick * face * FOAM_DENSITY.value, thick
    force = pressure * face
    stored = force**2 / (2 * stiffness * face)
    volume = stored * 4 * SPRING_SHEAR.value / SPRING_STRESS.value**2
    # wire and the travel from free to full length, packed to half of the face
    return volume * STEEL_DENSITY.value, 2 * volume / face + pressure / stiffness
