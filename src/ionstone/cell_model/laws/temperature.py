"""Temperature factors of transport and kinetic properties."""

from __future__ import annotations

from typing import Any

from ionstone.core.ops import exp


def arrhenius(activation: Any, temperature: Any, reference: Any) -> Any:
    r"""Factor of a thermally activated property.

    $$ f = \exp\left(-B \left(\frac{1}{T} - \frac{1}{T_\mathrm{ref}}\right)\right) $$

    ``activation`` B = E_a / R [K], temperatures [K]. Validity: one activated process over the range of
    temperature. Reference: Arrhenius 1889, Z. Phys. Chem. 4.
    """
    return exp(-activation * (1 / temperature - 1 / reference))


def vogel(activation: Any, t0: Any, temperature: Any, reference: Any) -> Any:
    r"""Vogel-Tammann-Fulcher factor; t0 = 0 gives Arrhenius.

    $$ f = \exp\left(-B \left(\frac{1}{T - T_0} - \frac{1}{T_\mathrm{ref} - T_0}\right)\right) $$

    ``activation`` B [K], ``t0`` [K] some 50 K below the glass transition of a polymer. Validity: T > T0.
    Reference: Tammann & Hesse 1926, Z. anorg. allg. Chem. 156.
    """
    return exp(-activation * (1 / (temperature - t0) - 1 / (reference - t0)))
