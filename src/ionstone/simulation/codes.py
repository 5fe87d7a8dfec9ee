"""What the codes of the kernel mean: what happened, likely why, and what to try."""

from __future__ import annotations

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
