r"""The single particle model: one particle an electrode, no electrolyte.

Validity: low rates, where the drops in electrolyte and solid are small. The electrolyte is the ground, so the
voltage is U_p + eta_p - U_n - eta_n less the contact resistance. References: Atlung, West & Jacobsen 1979,
J. Electrochem. Soc. 126; Marquis et al. 2019, J. Electrochem. Soc. 166.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ionstone.cell_model.p2d import p2d
from ionstone.cell_model.parts import Laws, Options
from ionstone.numerics.form import Form


def voltage(g: Any, probes: Any, z: Any, red: Any) -> Any:
    """Terminal voltage [V]."""
    return probes.last.phi_s - probes.first.phi_s - z.current * g.contact_resistance


def _collector(g: Any, d: Any, y: Any, z: Any) -> tuple[Any, ...]:
    """The cell's current enters and leaves through the solid."""
    return 0.0, 0.0, z.current


def spm(options: Options) -> Form:
    """The form of the single particle model: the P2D form on one node a region without an electrolyte."""
    law, base = Laws(options, voltage), p2d(options)
    absent = ("c", "phi_e")
    negative, separator, positive = base.regions
    regions = (
        replace(negative, absent=absent),
        replace(separator, absent=(*absent, "phi_s")),
        replace(positive, absent=absent),
    )
    return replace(
        base,
        name="SPM",
        regions=regions,
        edge_left=_collector,
        edge_right=_collector,
        lumped_rows=law.lumped,
        output_law=law.outputs,
    )
