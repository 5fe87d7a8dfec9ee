r"""An electrolyte whose cations are bound for the most part: they dissociate and recombine.

$$ \mathrm{Li}_0 \rightleftharpoons \mathrm{Li}^+ + \mathrm{n}^-, \qquad
   r = k_d\,(c_0 - c) - k_r\, c^2, \qquad k_d = k_r\, \frac{c_\mathrm{eq}^2}{c_0 - c_\mathrm{eq}} $$

c [mol/m3] of free cations, equal to that of the uncompensated charges n- (electroneutrality); those that are
bound and the n- share the sites, so that c_0 - c are bound; c_eq = delta c_0 is the initial concentration.
Validity: ideal ions, sites that do not move. Both ions diffuse and migrate as a binary salt (``electrolyte``)
of t+ = D+ / (D+ + D-) and D = 2 D+ D- / (D+ + D-). Reference: Danilov, Niessen & Notten 2011, J. Electrochem.
Soc. 158 A215, doi:10.1149/1.3521414 (recalled, not read). Null model: ``no_dissociation``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ionstone.core.constants import C0
from ionstone.numerics.form import Form


def rate(c: Any, recombination: Any, total: Any, free: Any) -> Any:
    """Net rate of dissociation r [mol/(m3 s)], or in units of C0 where all concentrations are.

    ``recombination`` k_r [m3/(mol s)], ``total`` c_0 and ``free`` c_eq [mol/m3].
    """
    return recombination * (free**2 * (total - c) / (total - free) - c**2)


def dissociating(form: Form) -> Form:
    """A form whose separator makes and takes ions; the rate [mol/(m3 s)] is its local unknown."""
    others = form.locals[1:]

    def local(g: Any, d: Any, y: Any, z: Any, l: Any, surface: Any) -> tuple[Any, ...]:  # noqa: E741
        r = C0 * rate(y.c, d.recombination, d.total_concentration, d.free_concentration)
        idle = (0.0 if n in form.stored_locals else -vars(l)[n] for n in others)
        return (r - l.j, *idle)

    def source(g: Any, d: Any, y: Any, z: Any, l: Any) -> tuple[Any, ...]:  # noqa: E741
        return d.porosity * l.j / C0, 0.0, 0.0, 0.0

    def contribution(*_: Any) -> tuple[Any, ...]:
        return (0.0,) * len(form.reductions)

    first, separator, last = form.regions
    changed = replace(separator, local=local, source=source, contribution=contribution)
    return replace(form, regions=(first, changed, last))
