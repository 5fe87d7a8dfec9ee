r"""Contact as a state: the pressure follows the charge, the highest pressure is remembered.

$$ P = P_\mathrm{empty} + (P_\mathrm{full} - P_\mathrm{empty})\, z, \qquad
   \frac{\mathrm d P_m}{\mathrm d t} = \frac{\max(P - P_m, 0)}{\tau} $$

z is the state of charge; P_m a lumped state in units of its initial value, tau = 1 s (numerical, far below
the time in which a cell breathes). The contact law (``cell_design.contact``) gives the share theta(P, P_m);
area in contact, particle flux and the resistances of interfaces change by theta over the share at the build.

Validity: the lithium that is plated, and all growth, in proportion to the charge of the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ionstone.cell_design.contact import doux2020
from ionstone.core.ops import maximum
from ionstone.numerics.form import Names, Region

ELECTRODES = ("negative", "positive")
KEYS = ("half_pressure", "exponent", "release_exponent", "share")
#: parameters of the cell that the state adds
GLOBALS = (
    "empty_pressure",
    "full_pressure",
    "highest_pressure",
    *(f"{key}_{e}" for e in ELECTRODES for key in KEYS),
)
#: rows of the faces: 1 where an electrode meets the separator
FACES = ("at_negative", "at_positive")
STATE = "highest"
OUTPUTS = {"stack_pressure": "Pa", "contact_share_negative": "", "contact_share_positive": ""}
DELAY = 1.0  # s
#: half pressure [Pa] of an electrode without a law: its contact is full
NONE = 1e-30
Law = Callable[..., Any]


def pressure(g: Any, z: Any) -> Any:
    """Stack pressure [Pa]."""
    soc = 1.0 - (g.initial_charge + z.charge) / g.usable_charge
    found = g.empty_pressure + (g.full_pressure - g.empty_pressure) * soc
    return maximum(found, doux2020.LOWEST_PRESSURE)


def share(g: Any, z: Any, electrode: str) -> Any:
    """Contact of an electrode by pressure [-]."""
    values = vars(g)
    half, n, m = (values[f"{key}_{electrode}"] for key in KEYS[:3])
    return doux2020.contact_fraction(pressure(g, z), z.highest * g.highest_pressure, half, n, m)


def change(g: Any, z: Any, electrode: str) -> Any:
    """Contact over that of the build [-]."""
    return share(g, z, electrode) / vars(g)[f"share_{electrode}"]


def rate(g: Any, z: Any) -> Any:
    """Rate of the highest pressure, relative [1/s]."""
    return maximum(pressure(g, z) / g.highest_pressure - z.highest, 0.0) / DELAY


def outputs(g: Any, z: Any) -> tuple[Any, ...]:
    """Values of OUTPUTS."""
    return pressure(g, z), share(g, z, "negative"), share(g, z, "positive")


def touching(d: Any, factor: Any) -> Names:
    """The data of a node whose contact has changed by a factor."""
    rows = dict(vars(d))
    rows["area_density"] = d.area_density * factor
    rows["flux_scale"] = d.flux_scale * factor
    rows["share"] = d.share / factor
    return Names(list(rows), list(rows.values()))


def touched(law: Law | None, factor: Law) -> Law | None:
    """A law of the nodes of an electrode, ``law(g, d, y, z, ...)``, on the area that is in contact.

    ``factor(g, z)``: contact over that of the build.
    """
    if law is None:
        return None

    def found(g: Any, d: Any, y: Any, z: Any, *rest: Any) -> Any:
        return law(g, touching(d, factor(g, z)), y, z, *rest)

    return found


def region(given: Region, factor: Law) -> Region:
    """An electrode whose laws act on the area in contact."""
    return replace(
        given,
        local=touched(given.local, factor),
        source=touched(given.source, factor),
        contribution=touched(given.contribution, factor),
    )


def face(law: Law, factors: Mapping[str, Law]) -> Law:
    """The law of a face, resistances of interfaces divided by the change of contact of each electrode."""

    def found(g: Any, f: Any, yl: Any, yr: Any, pl: Any, pr: Any, z: Any) -> Any:
        rows = dict(vars(f))
        more = sum(vars(f)[f"at_{e}"] * (1.0 / factor(g, z) - 1.0) for e, factor in factors.items())
        rows["resistance"] = f.resistance * (1.0 + more)
        return law(g, Names(list(rows), list(rows.values())), yl, yr, pl, pr, z)

    return found


def values(column: Callable[..., Any], start: Any) -> Mapping[str, Any]:
    """The rows of GLOBALS of cells; ``column(key, default)`` gives a scalar of each, ``start`` their charge.

    The highest pressure so far is at least that of the start.
    """
    empty, full = column("contact.empty_pressure", 1e6), column("contact.full_pressure", 1e6)
    defaults = {"half_pressure": NONE, "exponent": 1.0, "release_exponent": 1.0, "share": 1.0}
    at_start = empty + (full - empty) * start
    highest = column("contact.highest_pressure", 1e6)
    out = {
        "empty_pressure": empty,
        "full_pressure": full,
        "highest_pressure": at_start * (at_start > highest) + highest * (at_start <= highest),
    }
    for e in ELECTRODES:
        for key in KEYS:
            out[f"{key}_{e}"] = column(f"{e}.contact.{key}", defaults[key])
    return out
