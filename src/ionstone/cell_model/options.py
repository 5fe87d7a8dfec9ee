"""What a set of cells asks of a form: the choices that change its equations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ionstone.cell_model.parts import Options
from ionstone.cell_model.slots import NONE, REGIONS, OwnLaws
from ionstone.cell_model.tables import Function


class Parameters(Protocol):
    """Flat parameters of one cell (``ionstone.cell_design``)."""

    @property
    def negative_kind(self) -> str:
        """porous, lithium or anode_free."""

    @property
    def positive_kind(self) -> str:
        """porous, film, lithium or anode_free."""

    @property
    def scalars(self) -> Mapping[str, float]:
        """Numbers by path, in SI."""

    @property
    def functions(self) -> Mapping[str, Function]:
        """Functions of stoichiometry or concentration by path."""


def options_of(
    cells: Sequence[Parameters], thermal: bool, heat: bool = False, own: OwnLaws | None = None
) -> Options:
    """The options that a set of cells needs; mixed porous and planar cells are two models.

    thermal: temperature is a state. heat: heat is an output also where temperature is held. own: laws of a
    user.
    """
    planar = {c.negative_kind != "porous" for c in cells}
    if len(planar) != 1:
        raise ValueError("porous and planar negative electrodes are two models: run them as two batches")
    kinds = {c.positive_kind if c.positive_kind in ("porous", "film") else "metal" for c in cells}
    if len(kinds) != 1:
        raise ValueError("porous and planar positive electrodes are two models: run them as two batches")
    metals, sheet = "metal" in kinds, "film" in kinds
    absent = {"negative": True in planar, "positive": metals}
    porous = [e for e, gone in absent.items() if not gone]

    def variable(*keys: str) -> bool:
        return any(c.functions[k].constant is None for c in cells for k in keys if k in c.functions)

    own = own or NONE
    for e, gone in absent.items():
        if gone:
            own.check_planar(e)
    salt = [
        f"{r}.electrolyte.{name}" for r in REGIONS for name in ("transference_number", "thermodynamic_factor")
    ]
    return Options(
        planar=True in planar,
        thermal=thermal,
        heat=heat or thermal,
        variable_transference=variable(*salt),
        variable_diffusivity=variable(*(f"{e}.diffusivity" for e in porous)),
        variable_prefactor=variable(*(f"{e}.exchange_current_prefactor" for e in porous)),
        hybrid=any(
            blocked(c, "separator", e) or _mixed(c, "separator", e)
            for c in cells
            for e in porous
            if not (sheet and e == "positive")
        ),
        contact=any("contact.full_pressure" in c.scalars for c in cells),
        metals=metals,
        lossy=tuple(e for e in absent if any(f"{e}.coulombic_efficiency" in c.scalars for c in cells)),
        voided=tuple(e for e in absent if any(f"{e}.void_depth" in c.scalars for c in cells)),
        sheet=sheet,
        dissociation=any("separator.electrolyte.recombination_rate" in c.scalars for c in cells),
        film=any(f"{e}.film_diffusivity" in c.scalars for c in cells for e in porous),
        own=own,
    )


def blocked(cell: Parameters, a: str, b: str) -> bool:
    """Whether a single-ion conductor meets another electrolyte: salt does not cross. Liquids and gels mix."""
    s, f = cell.scalars, cell.functions
    if not s[f"{a}.electrolyte.single_ion"] and not s[f"{b}.electrolyte.single_ion"]:
        return False
    keys = ("initial_concentration", "conductivity_B", "single_ion")
    same = all(s[f"{a}.electrolyte.{k}"] == s[f"{b}.electrolyte.{k}"] for k in keys)
    return not (same and f[f"{a}.electrolyte.conductivity"] == f[f"{b}.electrolyte.conductivity"])


def _mixed(cell: Parameters, a: str, b: str) -> bool:
    """Whether two layers differ in how their electrolytes drive salt."""
    f = cell.functions
    names = ("transference_number", "thermodynamic_factor")
    return any(f[f"{a}.electrolyte.{n}"] != f[f"{b}.electrolyte.{n}"] for n in names)
