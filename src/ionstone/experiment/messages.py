"""Error messages of protocols: one line that shows the step, says what is wrong and how to repair it."""

from __future__ import annotations

from ionstone.core.errors import InputError, shown


def bad_step(step: object, wrong: str, remedy: str) -> InputError:
    """The error for one step of a protocol: the step, what is wrong with it, and the remedy."""
    return InputError(f"protocol step {shown(step, 80)}: {wrong}: {remedy}")


def bad_protocol(wrong: str, remedy: str) -> InputError:
    """The error for a protocol as a whole."""
    return InputError(f"protocol: {wrong}: {remedy}")
