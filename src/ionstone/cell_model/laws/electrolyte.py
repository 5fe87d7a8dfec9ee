"""Transport in the electrolyte: half-node resistances and the fluxes between two nodes.

Concentrated-solution theory with the potential measured against a lithium electrode in the local
electrolyte:

    i = -kappa dphi/dx + (2 R T / F) kappa (1 - t+) chi dln c/dx
    N = -D dc/dx + t+ i / F

A single-ion conductor (t+ = 1) keeps its concentration by the same equations. Validity: binary electrolyte,
no convection. Reference: Newman & Thomas-Alyea 2004, Electrochemical Systems, ch. 12.
"""

from __future__ import annotations

from typing import Any

from ionstone.cell_model.laws.depletion import log_concentration, positive
from ionstone.cell_model.laws.temperature import vogel
from ionstone.core.constants import C0, F, R
from ionstone.core.ops import sqrt, table, where


def properties(
    d: Any, y: Any, temperature: Any, reference: Any, variable: bool, hybrid: bool
) -> tuple[Any, ...]:
    """What a face needs of a node, in the order of PROPERTIES.

    Half-node resistances to diffusion [s/m] and conduction [ohm m2], ln c, diffusion potential per ln c [V],
    transference number, and the resistance that a blocked face adds [ohm m2].

    ``variable``: transference number and thermodynamic factor are tables, else data of the node.
    ``hybrid``: the stack has blocked faces or several electrolytes.
    """
    path_k = d.half_path / vogel(d.conductivity_activation, d.conductivity_t0, temperature, reference)
    path_d = d.half_path / vogel(d.diffusivity_activation, d.diffusivity_t0, temperature, reference)
    kappa, diffusivity = table("electrolyte_conductivity", y.c), table("electrolyte_diffusivity", y.c)
    t_plus = table("transference_number", y.c) if variable else d.transference
    chi = table("thermodynamic_factor", y.c) if variable else d.thermodynamic
    diffusion = path_d / diffusivity
    potential = 2 * R * temperature / F * (1 - t_plus) * chi
    blocked = potential * (1 - t_plus) * diffusion / (F * C0 * positive(y.c)) if hybrid else 0.0
    return (
        diffusion,
        path_k / kappa,
        log_concentration(y.c),
        potential,
        t_plus,
        blocked,
    )


PROPERTIES = ("diffusion", "conduction", "log_c", "potential", "transference", "blocked")


def flux(f: Any, left: Any, right: Any, pl: Any, pr: Any, hybrid: bool) -> tuple[Any, Any]:
    """Fluxes across a face: cation [C0 m/s] and ionic current density [A/m2].

    Where salt cannot cross (``hybrid`` stacks, ``f.blocked``) only the cation does: N = i / F, and the
    concentration in the half node beside the face is linearised. The diffusivity of a face is the geometric
    mean inside a layer, and follows from resistances in series between layers.
    """
    resistance = (pl.conduction + pr.conduction) + f.resistance
    if hybrid:
        open_ = 1 - f.blocked
        concentration, t_plus, extra = _between_electrolytes(left, right, pl, pr)
        concentration, t_plus = open_ * concentration, open_ * t_plus + f.blocked
        resistance = resistance + open_ * extra + f.blocked * (pl.blocked + pr.blocked)
    else:
        open_ = 1.0
        concentration = 0.5 * (pl.potential + pr.potential) * (pr.log_c - pl.log_c)
        t_plus = 0.5 * (pl.transference + pr.transference)
    i = (concentration - (right.phi_e - left.phi_e)) / resistance
    inside = 2 * f.inside * sqrt(pl.diffusion * pr.diffusion)
    both = where(f.inside > 0.5, inside, pl.diffusion + pr.diffusion)
    n = t_plus * (1 / (F * C0)) * i - open_ * (right.c - left.c) / both
    return n, i


def _between_electrolytes(left: Any, right: Any, pl: Any, pr: Any) -> tuple[Any, Any, Any]:
    """Diffusion potential [V], transference number, extra resistance [ohm m2] between two electrolytes.

    The concentration of the face follows from equal fluxes in both half nodes; its part that is linear in the
    current acts as a resistance.
    """
    total = pl.diffusion + pr.diffusion
    t_plus = (pl.transference * pl.diffusion + pr.transference * pr.diffusion) / total
    c = (left.c * pr.diffusion + right.c * pl.diffusion) / total
    per_current = pl.diffusion * pr.diffusion * (pr.transference - pl.transference) / (total * F * C0)
    log_c = log_concentration(c)
    potential = pl.potential * (log_c - pl.log_c) + pr.potential * (pr.log_c - log_c)
    return potential, t_plus, (pl.potential - pr.potential) * per_current / positive(c)
