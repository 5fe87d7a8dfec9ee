r"""The pseudo-two-dimensional cell model (Doyle, Fuller & Newman 1993, J. Electrochem. Soc. 140).

For porous and planar negative electrodes, liquid, gel, polymer and single-ion electrolytes.

Regions: negative | separator | positive. A planar negative electrode (lithium metal, anode-free) is a region
of one node without electrolyte volume and without particles, whose solid potential is the ground.

Heat is lumped and in enthalpy form, so that it contains ohmic, reaction, reversible and mixing heat:

    C dT/dt = sum over particles of F U_H dn/dt - i V - conductance (T - T_ambient),  U_H = U - T dU/dT
"""

from __future__ import annotations

from typing import Any

from ionstone.cell_model import contact, metal, names
from ionstone.cell_model.laws import electrolyte
from ionstone.cell_model.parts import Laws, Options
from ionstone.numerics.form import Form, Region


def voltage(g: Any, probes: Any, z: Any, red: Any) -> Any:
    """Terminal voltage [V]: the right collector against the grounded left one."""
    return probes.last.phi_s - z.current * (g.half_right + g.contact_resistance)


def _porous(name: str, law: Laws) -> Region:
    """An electrode with particles."""
    return Region(
        name,
        local=law.local_of(name),
        source=law.source_of(name),
        radial=law.radial_of(name),
        contribution=law.contribution_of(name),
        node_outputs=law.node_outputs_of(name),
    )


def _planar(name: str, law: Laws) -> Region:
    """An electrode of lithium metal, without particles; the negative one is the ground."""
    return Region(
        name,
        ("phi_s",) if name == "negative" else (),
        local=law.local_of(name),
        source=law.source_of(name),
        contribution=law.no_contribution,
        node_outputs=law.node_outputs_of(name),
    )


def p2d(options: Options) -> Form:
    """The form of the P2D model with given options."""
    law, own = Laws(options, voltage), options.own
    negative = _planar("negative", law) if options.planar else _porous("negative", law)
    reduced = names.reduced_of(options.planar, options.metals)
    states = tuple(names.STATE for _ in own.states[:1])
    positive = _planar("positive", law) if options.metals else _porous("positive", law)
    negative, positive = law.on_contact(negative), law.on_contact(positive)
    lossy, voided = options.lossy, options.voided
    stored = ("charge", *options.lumped)
    return Form(
        name="P2D",
        regions=(negative, Region("separator", ("phi_s",)), positive),
        globals=names.GLOBALS
        + (contact.GLOBALS if options.contact else ())
        + (names.METAL_GLOBALS if options.metals else ())
        + metal.parameters(lossy, voided),
        node_data=names.NODE_DATA
        + (names.FILM if options.film else ())
        + (names.DISSOCIATION if options.dissociation else ())
        + names.own_node_data(own),
        face_data=names.FACE_DATA + (contact.FACES if options.touching else ()),
        particle_data=names.PARTICLE_DATA + names.own_particle_data(own),
        tables=names.TABLES,
        unknowns=("c", "phi_e", "phi_s"),
        storage={"c": "porosity"},
        locals=("j", *states),
        stored_locals=states,
        lumped=("current", *stored),
        stored_lumped=stored,
        props=electrolyte.PROPERTIES,
        properties=law.properties,
        face=law.face_of(),
        edge_left=law.left,
        edge_right=law.right,
        probes=("first", "last", "last of negative"),
        lumped_rows=law.lumped,
        outputs=tuple(names.OUTPUTS)
        + (tuple(contact.OUTPUTS) if options.contact else ())
        + (tuple(names.METAL_OUTPUTS) if options.metals else ())
        + tuple(metal.outputs(lossy, voided)),
        output_law=law.outputs,
        reductions=("enthalpy_rate",) if options.heat else (),
        node_outputs=names.NODE_OUTPUTS + states,
        reduced=reduced + names.own_reduced(own),
    )
