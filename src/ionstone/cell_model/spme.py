r"""The single particle model with electrolyte (Marquis et al. 2019, J. Electrochem. Soc. 166).

The reaction is uniform over each electrode; the electrolyte is resolved along x. The voltage is the
difference of the electrodes' means of U + eta + phi_e, less the solid's mean drop i L / (3 sigma) and the
contact resistance. Validity: moderate rates, where the reaction is nearly uniform.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ionstone.cell_model.laws import electrode
from ionstone.cell_model.p2d import p2d
from ionstone.cell_model.parts import Laws, Options
from ionstone.numerics.form import Form


def voltage(g: Any, probes: Any, z: Any, red: Any) -> Any:
    """Terminal voltage [V]: a lumped state, so that the error control sees it."""
    return z.voltage


def _left(g: Any, d: Any, y: Any, z: Any) -> tuple[Any, ...]:
    """The ground is the electrolyte at the left: the sources balance, so nothing flows through it."""
    return 0.0, -y.phi_e, 0.0


def _right(g: Any, d: Any, y: Any, z: Any) -> tuple[Any, ...]:
    return 0.0, 0.0, 0.0


def _uniform(g: Any, d: Any, y: Any, z: Any, local: Any, surface: Any) -> tuple[Any, ...]:
    """The same local current density in all nodes of an electrode."""
    return (d.share * z.current - local.j,)


def _potentials(law: Laws, planar: bool, heat: Callable[..., Any]) -> Callable[..., Any]:
    """Contributions of a node.

    They are its enthalpy (where heat is an output) and its share of the electrode's mean potential [V].
    """

    def contribution(g: Any, d: Any, y: Any, z: Any, local: Any, surface: Any, outer: Any) -> tuple[Any, ...]:
        t, ref, o = law.temperature(g, z), g.reference_temperature, law.o
        if planar:
            u = electrode.planar_potential(d, y, local.j, t, ref)
        else:
            u = electrode.porous_potential(d, y, local.j, surface, t, ref, o.thermal, o.variable_prefactor)
        first = heat(g, d, y, z, local, surface, outer) if o.heat else ()
        return (*first, d.mean * (u + y.phi_e))

    return contribution


def spme(options: Options) -> Form:
    """The form of the single particle model with electrolyte: the P2D form with a uniform reaction."""
    law, base = Laws(options, voltage), p2d(options)
    negative, separator, positive = base.regions

    def lumped(g: Any, probes: Any, z: Any, red: Any) -> tuple[Any, ...]:
        drop = z.current * (g.solid_resistance + g.contact_resistance)
        return (*law.lumped(g, probes, z, red), red.potential - drop - z.voltage)

    flat = law.no_contribution if options.planar else law.contribution

    def radial(p: Any, g: Any, z: Any, left: Any, right: Any) -> tuple[Any, ...]:
        return (*law.radial(p, g, z, left, right), 0.0)

    regions = (
        replace(
            negative,
            local=_uniform,
            contribution=_potentials(law, options.planar, flat),
            radial=None if options.planar else radial,
        ),
        separator,
        replace(
            positive,
            absent=("phi_s",),
            local=_uniform,
            contribution=_potentials(law, False, law.contribution),
            radial=radial,
        ),
    )
    if not options.planar:
        regions = (replace(regions[0], absent=("phi_s",)), *regions[1:])
    return replace(
        base,
        name="SPMe",
        regions=regions,
        edge_left=_left,
        edge_right=_right,
        lumped=(*base.lumped, "voltage"),
        lumped_rows=lumped,
        output_law=law.outputs,
        reductions=(*base.reductions, "potential"),
    )
