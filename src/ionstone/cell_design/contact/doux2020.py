r"""Contact that forms by plastic flow under pressure, and opens elastically when it is released.

$$ \frac{1}{\theta} - 1 = \left(\frac{P_{1/2}}{P_m}\right)^{n} \left(\frac{P_m}{P}\right)^{m}, \qquad
   P_m = \max_{t' \le t} P(t') $$

On first loading (P = P_m) a resistance R / theta is R + R (P_half / P)^n, the form that fits the Li |
Li6PS5Cl | Li cell of Doux et al. 2020, Adv. Energy Mater., doi:10.1002/aenm.201903253, between 5 and 25 MPa:
28.4 ohm + 1602 ohm (MPa/P)^1.85, three numbers on five points. On release m = 1: the contact of rough elastic
surfaces is proportional to the pressure; the one published point (25 to 5 MPa) does not test it.

Validity: 5 to 25 MPa. The fit gives the product R P_half^n only, ohms of a cell whose area is not given, so
that P_half itself is an estimate (5 to 30 MPa). Infinite pressure gives full contact. Symbols: P pressure,
P_m highest pressure so far, P_half pressure of half contact [Pa], n, m exponents [-].
"""

from __future__ import annotations

from typing import Any

from ionstone.core.ops import exp, log

EXPONENT, RELEASE_EXPONENT = 1.85, 1.0
HALF_PRESSURE = 12e6  # Pa
LOWEST_PRESSURE = 1e3  # Pa, below which the contact is taken there (numerical)


def contact_fraction(pressure: Any, highest: Any, half: Any, exponent: Any, release: Any) -> Any:
    """theta [-] at a pressure [Pa] after a highest pressure [Pa]."""
    open_share = exp(exponent * log(half / highest) + release * log(highest / pressure))
    return 1.0 / (1.0 + open_share)
