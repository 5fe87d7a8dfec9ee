r"""Lithium that is lost where it is plated: a constant coulombic efficiency.

$$ \frac{\mathrm d q_\mathrm{lost}}{\mathrm d t} = (1 - \mathrm{CE})\,\max(i_\mathrm{plating}, 0) $$

q_lost [C/m2] is lithium that reacted or lost its contact: it is no metal any more and cannot be stripped.
Validity: a loss in proportion to what is plated, whatever the rate and the depth; nothing is lost at rest. By
the definition of the efficiency of a cycle, stripped over plated. Null model: ``no_loss``.
"""

from __future__ import annotations

from typing import Any

from ionstone.core.ops import maximum


def rate(plating_current: Any, share: Any) -> Any:
    """Rate of lost charge [A/m2] at a plating current [A/m2]; ``share`` 1 - CE [-]."""
    return share * maximum(plating_current, 0.0)
