"""Own laws of a user bound into a form: the interface of an electrode, its particles, the electrolyte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ionstone.cell_model.laws import electrode, electrolyte
from ionstone.cell_model.laws.kinetics import butler_volmer, overpotential
from ionstone.cell_model.laws.temperature import arrhenius, vogel
from ionstone.cell_model.names import own_row
from ionstone.cell_model.slots import OwnLaw, OwnLaws
from ionstone.core.constants import C0
from ionstone.core.ops import table, where

Values = dict[str, Any]
OVERPOTENTIAL = "overpotential"


class OwnInterface:
    """The interface of one electrode where some of its laws are a user's own."""

    def __init__(self, own: OwnLaws, region: str, planar: bool, thermal: bool, variable: bool) -> None:
        self.laws, self.state = own.of(region), own.state(region)
        self.planar, self.thermal, self.variable = planar, thermal, variable

    def given(self, key: str, values: Values) -> Any:
        """The own law of a slot, or what ionstone has there."""
        law = self.laws.get(key)
        return law({**values, **parameters(law, values["d"])}) if law else values[key]

    def node(self, d: Any, y: Any, local: Any, temperature: Any, reference: Any) -> Values:
        """What every law of the interface may ask for."""
        values = {
            "d": d,
            "temperature": temperature,
            "reference_temperature": reference,
            "concentration": C0 * y.c,
            "potential": y.phi_s - y.phi_e,
            "current_density": local.j,
        }
        if self.state is not None:
            values[self.state.key] = local.state
        return values

    def values(self, d: Any, y: Any, local: Any, surface: Any, temperature: Any, reference: Any) -> Values:
        """Film, open-circuit potential, exchange current density and overpotential of a node."""
        values = self.node(d, y, local, temperature, reference)
        if self.planar:
            i0, film = electrode.planar_properties(d, y, temperature, reference)
            u = 0.0
        else:
            t, o = temperature, self.variable
            u, i0, film = electrode.porous_properties(d, y, surface, t, reference, self.thermal, o)
            values["stoichiometry"] = surface
        values |= {"open_circuit_potential": u, "exchange_current_density": i0, "film_resistance": film}
        for key in ("film_resistance", "open_circuit_potential", "exchange_current_density"):
            values[key] = self.given(key, values)
        drop = values["open_circuit_potential"] + local.j * values["film_resistance"]
        values[OVERPOTENTIAL] = values["potential"] - drop
        return values

    def kinetics(self, values: Values) -> Any:
        """Current density [A/m2] at the overpotential."""
        if "kinetics" in self.laws:
            return self.given("kinetics", values)
        return butler_volmer(values[OVERPOTENTIAL], values["temperature"], values["exchange_current_density"])

    def rate(self, values: Values) -> Any:
        """Rate of change of the local state."""
        if self.state is None:
            return 0.0
        return self.state({**values, **parameters(self.state, values["d"])})

    def potential(self, values: Values, local: Any) -> tuple[Any, Values]:
        """Solid against electrolyte potential [V] that drives a given current density, and the values there.

        The overpotential is a state where the kinetics is a user's own, else the inverse of ours.
        """
        if "kinetics" in self.laws:
            eta = local.overpotential
        else:
            eta = overpotential(local.j, values["temperature"], values["exchange_current_density"])
        u = values["open_circuit_potential"] + eta + local.j * values["film_resistance"]
        return u, {**values, OVERPOTENTIAL: eta, "potential": u}

    def side(self, values: Values) -> Any:
        """Current density of the side reaction [A/m2]."""
        return self.given("side_current_density", {**values, "side_current_density": 0.0})


def parameters(law: OwnLaw, data: Any) -> Values:
    """Parameters of a law by their own names, from rows of data."""
    return {name: getattr(data, own_row(name)) for name, _ in law.parameters}


def own_radial(law: OwnLaw, diffusivity: Callable[..., Any]) -> Callable[..., Any]:
    """Inward radial flux on the unit sphere with an own diffusivity (see ``particle.radial_flux``)."""

    def flux(p: Any, temperature: Any, reference: Any, left: Any, right: Any, variable: bool) -> Any:
        x = 0.5 * (left + right)
        ours = diffusivity(p, x, variable) * arrhenius(p.activation, temperature, reference)
        values = {
            "temperature": temperature,
            "reference_temperature": reference,
            "stoichiometry": x,
            "diffusivity": ours,
            **parameters(law, p),
        }
        return p.inverse_square_radius * law(values) * (right - left)

    return flux


def own_properties(
    own: OwnLaws, planar: Callable[[str], bool], d: Any, y: Any, temperature: Any, reference: Any, ours: Any
) -> Any:
    """Properties of the electrolyte in a node (``electrolyte.properties``) with own laws in some layers."""
    p = dict(zip(electrolyte.PROPERTIES, ours, strict=True))
    at = (temperature, reference)
    base = {
        "temperature": temperature,
        "reference_temperature": reference,
        "concentration": C0 * y.c,
        "porosity": d.porosity,
        "transport_factor": d.transport_factor,
        "conductivity": table("electrolyte_conductivity", y.c)
        * vogel(d.conductivity_activation, d.conductivity_t0, *at),
        "diffusivity": table("electrolyte_diffusivity", y.c)
        * vogel(d.diffusivity_activation, d.diffusivity_t0, *at),
    }
    conduction: Any = 1.0
    diffusion: Any = 1.0
    for law in own.transport:
        if planar(law.region):
            continue  # lithium metal holds no electrolyte
        quantity = law.key.removeprefix("electrolyte.")
        ratio = base[quantity] / law({**base, **parameters(law, d)})
        ratio = where(getattr(d, f"in_{law.region}") > 0.5, ratio, 1.0)
        if quantity != "diffusivity":
            conduction = conduction * ratio
        if quantity != "conductivity":
            diffusion = diffusion * ratio
    p["conduction"] = p["conduction"] * conduction
    p["diffusion"], p["blocked"] = p["diffusion"] * diffusion, p["blocked"] * diffusion
    return tuple(p.values())
