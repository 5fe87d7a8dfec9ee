"""Options of a form, and the laws that the levels of detail share, bound to namespaces of scalars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ionstone.cell_model import contact, metal
from ionstone.cell_model.laws import electrode, electrolyte, film_diffusion, no_film, particle
from ionstone.cell_model.laws.temperature import arrhenius
from ionstone.cell_model.own import OwnInterface, own_properties, own_radial, parameters
from ionstone.cell_model.slots import ELECTRODES, NONE, OwnLaws, place
from ionstone.core.constants import C0
from ionstone.core.errors import InputError
from ionstone.core.ops import absolute, maximum, table
from ionstone.numerics.form import Region

Law = Callable[..., Any]


@dataclass(frozen=True)
class Options:
    """What a form is made of: choices that change the equations, never numbers."""

    planar: bool = False  # planar negative electrode
    thermal: bool = False  # temperature is a state
    heat: bool = False  # heat is an output (always so in thermal models)
    variable_transference: bool = False  # transference number or thermodynamic factor depend on concentration
    variable_diffusivity: bool = False  # diffusivity of a particle depends on stoichiometry
    variable_prefactor: bool = False  # prefactor of an exchange current depends on stoichiometry
    hybrid: bool = False  # layers hold different electrolytes; salt may be blocked between them
    contact: bool = False  # contact follows the pressure of a breathing stack
    metals: bool = False  # the positive electrode is planar metal, too
    sheet: bool = False  # the positive electrode is a dense film
    dissociation: bool = False  # ions of the separator recombine
    lossy: tuple[str, ...] = ()  # electrodes of metal that lose lithium on plating
    voided: tuple[str, ...] = ()  # electrodes of metal that open voids on stripping
    film: bool = False  # the inserted ion diffuses through a film on particles
    own: OwnLaws = NONE  # laws of a user

    @property
    def lumped(self) -> tuple[str, ...]:
        """Lumped states of the cell beside current and charge."""
        of_metal = metal.states(self.lossy, self.voided)
        return (contact.STATE,) * self.contact + ("temperature",) * self.thermal + of_metal

    @property
    def touching(self) -> bool:
        """Whether contact changes in a run."""
        return self.contact or bool(self.voided)


def solid_against_electrolyte(g: Any, probes: Any, z: Any, red: Any) -> Any:
    """Potential of the solid against the electrolyte [V] where the negative electrode ends."""
    return probes.last_of_negative.phi_s - probes.last_of_negative.phi_e


class Laws:
    """The laws of a form with given options, bound to namespaces."""

    def __init__(
        self,
        options: Options,
        voltage: Callable[..., Any],
        plating: Callable[..., Any] = solid_against_electrolyte,
    ) -> None:
        self.o, self.voltage, self.plating, self.own = options, voltage, plating, options.own
        self.interfaces = {
            e: OwnInterface(self.own, e, self.is_planar(e), options.thermal, options.variable_prefactor)
            for e in ELECTRODES
            if self.own.interface(e)
        }

    def is_planar(self, region: str) -> bool:
        """Whether an electrode is of metal, without particles."""
        return self.o.metals or (self.o.planar and region == "negative")

    def temperature(self, g: Any, z: Any) -> Any:
        """Temperature [K]: a state, or a parameter of the run."""
        return z.temperature if self.o.thermal else g.temperature

    def table_temperature(self, g: Any) -> Any:
        """Temperature [K] of the table of open-circuit potentials."""
        return g.reference_temperature if self.o.thermal else g.temperature

    def properties(self, g: Any, d: Any, y: Any, z: Any) -> tuple[Any, ...]:
        """What a face needs of a node."""
        t, ref = self.temperature(g, z), g.reference_temperature
        ours = electrolyte.properties(d, y, t, ref, self.o.variable_transference, self.o.hybrid)
        return own_properties(self.own, self.is_planar, d, y, t, ref, ours) if self.own.transport else ours

    def face(self, g: Any, f: Any, yl: Any, yr: Any, pl: Any, pr: Any, z: Any) -> tuple[Any, ...]:
        """Fluxes of cation, ionic and electronic charge (Ohm's law in the solid)."""
        n, i = electrolyte.flux(f, yl, yr, pl, pr, self.o.hybrid)
        return n, i, -f.conductance * (yr.phi_s - yl.phi_s)

    def face_of(self) -> Law:
        """``face``, with contact that follows the pressure, or opens by voids."""
        if not self.o.touching:
            return self.face
        factors = {e: found for e in ELECTRODES if (found := self.factor(e)) is not None}
        return contact.face(self.face, factors)

    def factor(self, region: str) -> Law | None:
        """The law of the contact of an electrode over that of the build; None where it does not change."""
        pressed, voided = self.o.contact, self.o.voided
        if not pressed and region not in voided:
            return None

        def found(g: Any, z: Any) -> Any:
            share = metal.contact_share(z, region, voided)
            return contact.change(g, z, region) * share if pressed else share

        return found

    def touched(self, law: Law, region: str) -> Law:
        """A law of an electrode's nodes, on the area that is in contact."""
        factor = self.factor(region)
        return law if factor is None else contact.touched(law, factor) or law

    def on_contact(self, region: Region) -> Region:
        """An electrode whose laws act on the area in contact."""
        factor = self.factor(region.name)
        return region if factor is None else contact.region(region, factor)

    def left(self, g: Any, d: Any, y: Any, z: Any) -> tuple[Any, ...]:
        """Left current collector: nothing leaves the electrolyte; a porous electrode is grounded here."""
        return 0.0, 0.0, 0.0 if self.o.planar else -2.0 * d.solid_conductance * y.phi_s

    def right(self, g: Any, d: Any, y: Any, z: Any) -> tuple[Any, ...]:
        """Right current collector: the cell's current leaves through the solid."""
        return 0.0, 0.0, z.current

    def outer(self, g: Any, d: Any, z: Any, local: Any, surface: Any) -> Any:
        """Filling at the charge transfer of a porous electrode: of the particle, or of a film on it."""
        if not self.o.film:
            return no_film.outer_stoichiometry(surface)
        rows = d.film_depth, d.film_diffusion_activation
        at = self.temperature(g, z), g.reference_temperature
        return film_diffusion.outer_stoichiometry(surface, local.j, *rows, *at)

    def local(self, g: Any, d: Any, y: Any, z: Any, local: Any, surface: Any) -> tuple[Any, ...]:
        """Interfacial current density of a porous electrode."""
        t, ref = self.temperature(g, z), g.reference_temperature
        o, surface = self.o, self.outer(g, d, z, local, surface)
        return (electrode.porous_residual(d, y, local.j, surface, t, ref, o.thermal, o.variable_prefactor),)

    def planar(self, g: Any, d: Any, y: Any, z: Any, local: Any, surface: Any) -> tuple[Any, ...]:
        """Interfacial current density of a planar electrode."""
        return (electrode.planar_residual(d, y, local.j, self.temperature(g, z), g.reference_temperature),)

    def source(self, g: Any, d: Any, y: Any, z: Any, local: Any) -> tuple[Any, ...]:
        """Sources of a node."""
        return electrode.sources(d, local.j)

    def radial(self, p: Any, g: Any, z: Any, left: Any, right: Any) -> tuple[Any, ...]:
        """Radial flux, and the heat of mixing it sets free [W/m2]."""
        return self._radial(p, g, z, left, right, particle.radial_flux, particle.enthalpy_potential)

    def _radial(
        self, p: Any, g: Any, z: Any, left: Any, right: Any, flux: Law, enthalpy: Law
    ) -> tuple[Any, ...]:
        t, ref = self.temperature(g, z), g.reference_temperature
        n = flux(p, t, ref, left, right, self.o.variable_diffusivity)
        if not self.o.heat:
            return (n,)
        at = self.table_temperature(g)
        drop = enthalpy(right, at) - enthalpy(left, at)
        return n, -p.enthalpy_scale * n * drop

    def contribution(
        self, g: Any, d: Any, y: Any, z: Any, local: Any, surface: Any, outer: Any
    ) -> tuple[Any, ...]:
        """Enthalpy set free by the surface flux out of the outermost cells [W/m2]."""
        u = particle.enthalpy_potential(outer, self.table_temperature(g))
        return (-d.enthalpy_scale * u * d.flux_scale * local.j,)

    # ---- the same of one electrode, with a user's own laws where there are some ----
    def local_of(self, region: str) -> Law:
        """Local equations of an electrode: its current density, and the rate of its own local state."""
        ours = self.planar if self.is_planar(region) else self.local
        mine, states = self.interfaces.get(region), bool(self.own.states)
        if mine is None and not states:
            return ours

        def law(g: Any, d: Any, y: Any, z: Any, local: Any, surface: Any) -> tuple[Any, ...]:
            if mine is None:
                return *ours(g, d, y, z, local, surface), 0.0
            if not mine.planar:
                surface = self.outer(g, d, z, local, surface)
            values = mine.values(d, y, local, surface, self.temperature(g, z), g.reference_temperature)
            j = mine.kinetics(values) - local.j
            return (j, mine.rate(values)) if states else (j,)

        return law

    def source_of(self, region: str) -> Law:
        """Sources of a node of an electrode, with a side reaction where there is one."""
        if "side_current_density" not in self.own.of(region):
            return self.source
        mine = self.interfaces[region]

        def law(g: Any, d: Any, y: Any, z: Any, local: Any) -> tuple[Any, ...]:
            values = mine.node(d, y, local, self.temperature(g, z), g.reference_temperature)
            return electrode.sources(d, local.j, mine.side(values))

        return law

    def _enthalpy_of(self, region: str, data: Any) -> Law:
        law = self.own.of(region).get("open_circuit_potential")
        if law is None:
            return particle.enthalpy_potential
        state = self.own.state(region)
        if state is not None and state.key in law.arguments:
            raise InputError(
                f"{place(law.function)}: the law of {law.slot} asks for {state.key}: such a potential "
                "has no heat here: use heat='isothermal'"
            )

        def enthalpy(x: Any, temperature: Any) -> Any:
            u = table("open_circuit_potential", x)
            at = {"temperature": temperature, "reference_temperature": temperature, "stoichiometry": x}
            values = {**at, "open_circuit_potential": u, **parameters(law, data)}
            return law(values) - temperature * table("entropic_change", x)

        return enthalpy

    def radial_of(self, region: str) -> Law:
        """The radial flux of an electrode."""
        mine = self.own.of(region)
        law = mine.get("diffusivity")
        if law is None and not (self.o.heat and "open_circuit_potential" in mine):
            return self.radial
        flux = own_radial(law, particle.diffusivity) if law else particle.radial_flux

        def radial(p: Any, g: Any, z: Any, left: Any, right: Any) -> tuple[Any, ...]:
            return self._radial(p, g, z, left, right, flux, self._enthalpy_of(region, p))

        return radial

    def contribution_of(self, region: str) -> Law:
        """The enthalpy set free at the surface of the particles of an electrode."""
        if "open_circuit_potential" not in self.own.of(region):
            return self.contribution

        def law(g: Any, d: Any, y: Any, z: Any, local: Any, surface: Any, outer: Any) -> tuple[Any, ...]:
            u = self._enthalpy_of(region, d)(outer, self.table_temperature(g))
            return (-d.enthalpy_scale * u * d.flux_scale * local.j,)

        return law

    def node_outputs_of(self, region: str) -> Law | None:
        """Outputs of the nodes of an electrode, its own local state the last of them."""
        planar = self.is_planar(region) and not self.o.metals
        if not self.own.states:
            return None if planar else self.node_outputs

        def law(g: Any, d: Any, y: Any, z: Any, local: Any, surface: Any) -> tuple[Any, ...]:
            return *self.node_outputs(g, d, y, z, local, surface), local.state

        return None if planar and self.own.state(region) is None else law

    def no_contribution(self, *_: Any) -> tuple[Any, ...]:
        """Lithium metal is the reference of enthalpy."""
        return (0.0,)

    def node_outputs(self, g: Any, d: Any, y: Any, z: Any, local: Any, surface: Any) -> tuple[Any, ...]:
        """Electrolyte concentration [mol/m3] and surface stoichiometry."""
        return C0 * y.c, surface + 0.0 * y.c

    def heat(self, g: Any, probes: Any, z: Any, red: Any) -> Any:
        """Heat of the cell [W/m2]: enthalpy set free less electrical power."""
        return red.enthalpy_rate - z.current * self.voltage(g, probes, z, red)

    def lumped(self, g: Any, probes: Any, z: Any, red: Any) -> tuple[Any, ...]:
        """Charge passed, highest pressure and temperature; the first row is the control row."""
        rows: tuple[Any, ...] = (0.0, z.current)
        if self.o.contact:
            rows += (contact.rate(g, z),)
        if self.o.thermal:
            loss = g.conductance * (z.temperature - g.ambient)
            rows += ((self.heat(g, probes, z, red) - loss) / g.heat_capacity,)
        return rows + metal.rates(g, z, self.o.lossy, self.o.voided)

    def outputs(self, g: Any, probes: Any, z: Any, red: Any) -> tuple[Any, ...]:
        """All scalars of names.OUTPUTS, in their order."""
        v, i, t = self.voltage(g, probes, z, red), z.current, self.temperature(g, z)
        heat = self.heat(g, probes, z, red) if self.o.heat else 0.0
        rate = (heat - g.conductance * (t - g.ambient)) / g.heat_capacity if self.o.thermal else 0.0
        charge = g.initial_charge + z.charge
        critical = g.critical_current * arrhenius(g.critical_activation, t, g.reference_temperature)
        plated = absolute(i) if self.o.metals else maximum(-i, 0.0)
        stripped = absolute(i) if self.o.metals else maximum(i, 0.0)
        plating = 1.0 if self.o.planar else self.plating(g, probes, z, red)
        thickness = g.lithium_excess + (g.usable_charge - charge) * g.lithium_per_charge
        rate_c = i / g.nominal_current
        more = contact.outputs(g, z) if self.o.contact else ()
        gone = {e: g.lithium_per_charge * vars(z)[metal.lost(e)] for e in self.o.lossy}
        thickness = thickness - gone.get("negative", 0.0)
        if self.o.metals:
            left_over = g.positive_lithium + charge * g.lithium_per_charge
            more = (*more, left_over - gone.get("positive", 0.0))
        more = (*more, *metal.values_of(g, z, self.o.lossy, self.o.voided))
        return (
            v,
            i * g.area,
            i * v * g.area,
            rate_c,
            i,
            t,
            z.charge * g.area,
            1.0 - charge / g.usable_charge,
            heat * g.area,
            rate,
            plating,
            thickness,
            plated / critical,
            stripped / g.void_current,
            absolute(i) * g.area,
            absolute(rate_c),
            *more,
        )
