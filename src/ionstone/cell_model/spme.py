r"""The single particle model with electrolyte (Marquis et al. 2019, J. Electrochem. Soc. 166).

The reaction is uniform over each electrode; the electrolyte is resolved along x. The voltage is the
difference of the electrodes' means of U + eta + phi_e, less the solid's mean drop i L / (3 sigma) and the
contact resistance. Validity: moderate rates, where the reaction is nearly uniform.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ionstone.cell_model import names
from ionstone.cell_model.laws import electrode
from ionstone.cell_model.own import OVERPOTENTIAL
from ionstone.cell_model.p2d import p2d
from ionstone.cell_model.parts import Laws, Options
from ionstone.cell_model.slots import OwnLaws
from ionstone.core.errors import InputError
from ionstone.numerics.form import Form


def voltage(g: Any, probes: Any, z: Any, red: Any) -> Any:
    """Terminal voltage [V]: a lumped state, so that the error control sees it."""
    return z.voltage


def plating(g: Any, probes: Any, z: Any, red: Any) -> Any:
    """Potential of the solid against the electrolyte where the negative electrode ends [V].

    The solid's mean is that of U + eta + phi_e over the electrode; with a uniform reaction its end lies
    i L / (6 sigma) below the mean, half of what the mean lies below the collector.
    """
    solid = -red.negative_potential - 0.5 * z.current * g.negative_solid_resistance
    return solid - probes.last_of_negative.phi_e


def _left(g: Any, d: Any, y: Any, z: Any) -> tuple[Any, ...]:
    """The ground is the electrolyte at the left: the sources balance, so nothing flows through it."""
    return 0.0, -y.phi_e, 0.0


def _right(g: Any, d: Any, y: Any, z: Any) -> tuple[Any, ...]:
    return 0.0, 0.0, 0.0


def _uniform(g: Any, d: Any, y: Any, z: Any, local: Any, surface: Any) -> tuple[Any, ...]:
    """The same local current density in all nodes of an electrode."""
    return (d.share * z.current - local.j,)


def _uniform_of(law: Laws, region: str, states: int) -> Callable[..., Any]:
    """``_uniform`` with an own local state or an own kinetics of an electrode."""
    mine = law.interfaces.get(region)
    if not states:
        return _uniform

    def local_law(g: Any, d: Any, y: Any, z: Any, local: Any, surface: Any) -> tuple[Any, ...]:
        j = d.share * z.current - local.j
        if mine is None:
            return j, -local.overpotential if law.own.kinetics else 0.0
        if not mine.planar:
            surface = law.outer(g, d, z, local, surface)
        values = mine.values(d, y, local, surface, law.temperature(g, z), g.reference_temperature)
        _, values = mine.potential(values, local)
        if not law.own.kinetics:
            return j, mine.rate(values)
        return j, mine.kinetics(values) - local.j if "kinetics" in mine.laws else -local.overpotential

    return local_law


def _own_locals(own: OwnLaws) -> tuple[str, ...]:
    """Local states besides the current density: an own one, or the overpotential of an own kinetics."""
    for law in own.laws:
        if law.key == "side_current_density":
            raise InputError(f"laws: {law.slot}: SPMe has no side reaction: use model='P2D' or 'SPM'")
    if own.kinetics and own.states:
        raise InputError(
            f"laws: {own.states[0].slot}: in SPMe an own kinetics leaves no room for a state: use model='P2D'"
        )
    return (OVERPOTENTIAL,) if own.kinetics else (names.STATE,) if own.states else ()


def _potentials(law: Laws, region: str, heat: Callable[..., Any]) -> Callable[..., Any]:
    """Contributions of a node.

    They are its enthalpy (where heat is an output), its share of the electrode's mean potential [V], and that
    of the negative electrode alone.
    """

    planar, mine = law.is_planar(region), law.interfaces.get(region)

    def contribution(g: Any, d: Any, y: Any, z: Any, local: Any, surface: Any, outer: Any) -> tuple[Any, ...]:
        t, ref, o = law.temperature(g, z), g.reference_temperature, law.o
        inner = surface
        if not planar:
            surface = law.outer(g, d, z, local, inner)
        if mine is not None:
            u, _ = mine.potential(mine.values(d, y, local, surface, t, ref), local)
        elif planar:
            u = electrode.planar_potential(d, y, local.j, t, ref)
        else:
            u = electrode.porous_potential(d, y, local.j, surface, t, ref, o.thermal, o.variable_prefactor)
        first = heat(g, d, y, z, local, inner, outer) if o.heat else ()
        share = d.mean * (u + y.phi_e)
        more = () if law.o.planar else (share if region == "negative" else 0.0,)
        return (*first, share, *more)

    return contribution


def spme(options: Options) -> Form:
    """The form of the single particle model with electrolyte: the P2D form with a uniform reaction."""
    law, base = Laws(options, voltage, plating), p2d(options)
    negative, separator, positive = base.regions

    def lumped(g: Any, probes: Any, z: Any, red: Any) -> tuple[Any, ...]:
        drop = z.current * (g.solid_resistance + g.contact_resistance)
        return (*law.lumped(g, probes, z, red), red.potential - drop - z.voltage)

    flat = law.no_contribution if options.planar else law.contribution_of("negative")
    into = law.no_contribution if options.metals else law.contribution_of("positive")
    more = _own_locals(options.own)
    sums = ("potential",) if options.planar else ("potential", "negative_potential")
    nothing = (0.0,) * len(sums)
    radials: dict[Any, Callable[..., Any]] = {}

    def radial(region: str) -> Callable[..., Any]:
        flux = law.radial_of(region)
        if flux not in radials:
            radials[flux] = lambda p, g, z, left, right: (*flux(p, g, z, left, right), *nothing)
        return radials[flux]

    regions = (
        replace(
            negative,
            local=law.touched(_uniform_of(law, "negative", len(more)), "negative"),
            contribution=law.touched(_potentials(law, "negative", flat), "negative"),
            radial=None if options.planar else radial("negative"),
        ),
        separator,
        replace(
            positive,
            absent=("phi_s",),
            local=law.touched(_uniform_of(law, "positive", len(more)), "positive"),
            contribution=law.touched(_potentials(law, "positive", into), "positive"),
            radial=None if options.metals else radial("positive"),
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
        locals=("j", *more),
        stored_locals=base.stored_locals,
        lumped=(*base.lumped, "voltage"),
        lumped_rows=lumped,
        output_law=law.outputs,
        reductions=(*base.reductions, *sums),
    )
