"""What the codes of the kernel mean: what happened, likely why, and what to try."""

from __future__ import annotations

from collections.abc import Mapping

from ionstone.numerics.kernel import NO_INITIAL_STATE, STEP_TOO_SMALL, STOPPED, TOO_MANY_STEPS

MESSAGES = {
    STEP_TOO_SMALL: (
        "the step size fell to nothing: a particle is full or empty, the electrolyte is depleted, or the "
        "load is more than the cell can give; lower the load, set a cut-off that is met earlier, or raise "
        "the temperature"
    ),
    TOO_MANY_STEPS: "the largest number of steps was reached: shorten the protocol or loosen the tolerance",
    NO_INITIAL_STATE: (
        "no state meets the load at the start of a step: the demanded current, power or voltage is more than "
        "the cell can give at this state of charge and temperature; lower it"
    ),
    STOPPED: "stopped by the user",
}

#: share of a filling, and concentration [mol/m3], from which a particle is full or empty and a salt used up
_EDGE, _DEPLETED = 0.01, 30.0
#: C-rate [1/h] beyond which no cell goes
_ABSURD = 1000.0


def explained(
    code: int, last: Mapping[str, float], time: float, step: int, text: str, control: str = ""
) -> str:
    """What happened and where in a run, what its last point shows of why, and what to try.

    control: the output that the step holds.
    """
    where = f"at {time:.6g} s in step {step + 1} ('{text[:60]}'): " if text else f"at {time:.6g} s: "
    seen = causes(last)
    if control == "power" and last.get("power", 0.0) > 0:
        seen.append(f"the cell gives no more power than {last['power']:.4g} W ({last['voltage']:.3g} V)")
    hint = f"; at that point {' and '.join(seen)}" if seen and code == STEP_TOO_SMALL else ""
    return where + MESSAGES.get(code, f"failed with code {code}") + hint


def causes(last: Mapping[str, float]) -> list[str]:
    """What is exhausted at a point, in words."""
    found = []
    least = last.get("minimum_electrolyte_concentration", _DEPLETED)
    if least < _DEPLETED:
        found.append(f"the electrolyte is depleted ({max(least, 0.0):.3g} mol/m3 left)")
    if last.get("abs_c_rate", 0.0) > _ABSURD:
        found.append(f"the load asks for {last['abs_c_rate']:.3g} times the current of 1C")
    for e in ("negative", "positive"):
        low = last.get(f"{e}_surface_stoichiometry_min", 0.5)
        high = last.get(f"{e}_surface_stoichiometry_max", 0.5)
        if low < _EDGE:
            found.append(f"particles of the {e} electrode are empty at their surface")
        if high > 1 - _EDGE:
            found.append(f"particles of the {e} electrode are full at their surface")
    return found
