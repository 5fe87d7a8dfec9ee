"""Contact, critical currents and filaments at lithium: the jobs of the groups ``contact`` and ``lithium``."""

from __future__ import annotations

from collections.abc import Callable

from ionstone.cell_design.contact import doux2020 as contact
from ionstone.cell_design.limits import doux2020 as shorts
from ionstone.cell_design.limits import fracture, kasemchainan2019
from ionstone.study.validation.case import Case
from ionstone.study.validation.measured import lithium as data

CONTACT, GROUP = "contact", "lithium"
#: [ohm] of the interface at full contact: any value gives the same resistances, R0 holds the rest
INTERFACE = 10.0


def contact_jobs() -> list[tuple[str, Callable[[], list[Case]]]]:
    """The cases of contact as (name, function that computes them)."""
    return [("Doux 2020: resistance against pressure", _resistance)]


def jobs() -> list[tuple[str, Callable[[], list[Case]]]]:
    """The cases of limits as (name, function that computes them)."""
    return [
        ("Kasemchainan 2019 and Song 2025: critical current", _critical),
        ("Hamann 2026: filaments", _filaments),
        ("Doux 2020: time to a creep short", _short),
    ]


def resistance(pressure: float, highest: float) -> float:
    """Resistance [ohm] of the cell of Doux et al. at a pressure and a highest pressure so far [MPa]."""
    whole, k, n = data.FIT
    half = (k / INTERFACE) ** (1 / n)
    share = contact.contact_fraction(pressure, highest, half, n, contact.RELEASE_EXPONENT)
    return float(whole - INTERFACE + INTERFACE / share)


def _resistance() -> list[Case]:
    out = [
        Case(
            f"Doux 2020: resistance at {p} MPa",
            CONTACT,
            measured,
            resistance(p, p),
            "ohm",
            0.10,
            data.DOUX,
            fitted=True,
            note="R0 of the pellet and two numbers of the contact law fitted to these five points",
        )
        for p, measured in data.RESISTANCE.items()
    ]
    before, after, measured = data.RELEASED
    note = "release exponent 1 of rough elastic surfaces, not fitted; one point, known beforehand"
    name = f"Doux 2020: resistance at {after:.0f} MPa after {before:.0f} MPa"
    out.append(Case(name, CONTACT, measured, resistance(after, before), "ohm", 0.20, data.DOUX, note=note))
    note = "published as a lower bound; the law is extrapolated from 5 MPa"
    name = "Doux 2020: resistance at 1 MPa, at least"
    one = resistance(1.0, 1.0)
    out.append(Case(name, CONTACT, data.AT_ONE_MPA, one, "ohm", None, data.DOUX, bound=True, note=note))
    return out


def _critical() -> list[Case]:
    law = kasemchainan2019.void_current_density
    out = [
        Case(
            f"Kasemchainan 2019: critical stripping current at {p} MPa",
            GROUP,
            measured,
            0.1 * law(p * 1e6).value,
            "mA/cm^2",
            0.10,
            kasemchainan2019.SOURCE,
            fitted=True,
            note="two numbers on two points",
        )
        for p, measured in data.KASEMCHAINAN.items()
    ]
    for p, (low, high) in data.SONG_RANGES.items():
        found = law(p * 1e6)
        note = f"measured {low:g} to {high:g}, the middle stands under published; another protocol"
        note += "; extrapolated" if found.extrapolated else ""
        name, middle = f"Song 2025: critical current at {p} MPa", (low + high) / 2
        out.append(Case(name, GROUP, middle, 0.1 * found.value, "mA/cm^2", None, data.SONG, note=note))
    return out


def _filaments() -> list[Case]:
    flaw, toughness = data.HAMANN_FLAW, data.HAMANN_TOUGHNESS
    note = f"K_IC {toughness / 1e6:g} MPa m^0.5, flaw {flaw * 1e6:g} um"
    return [
        Case(
            f"Hamann 2026: critical current at {area:g} ohm cm^2",
            GROUP,
            current,
            0.1 * fracture.critical_current_density(toughness, flaw, area * 1e-4),
            "mA/cm^2",
            0.05,
            data.HAMANN,
            note=note,
        )
        for current, area in data.HAMANN_PAIRS.items()
    ]


def _short() -> list[Case]:
    pressure, hours = data.NO_SHORT
    found = shorts.time_to_short(pressure * 1e6)
    note = "published as a lower bound; extrapolated from 10 MPa"
    name = f"Doux 2020: time to a short at {pressure:.0f} MPa, at least"
    return [
        Case(name, GROUP, hours, found.value / 3600, "h", None, shorts.SOURCE, bound=True, note=note),
    ]
