"""Checks of protocols: each step ends, limits can be met, voltages lie in the range of the cell."""

from __future__ import annotations

from ionstone.experiment.messages import bad_protocol, bad_step
from ionstone.experiment.steps import CELL_ENDED_CONTROLS, CURRENT_CONTROLS, Limit, Protocol, Step

MAX_STEPS = 100_000


def check_protocol(protocol: Protocol) -> Protocol:
    """Return the protocol if it makes sense without knowing the cell.

    Raises InputError for no steps, more than 100,000 steps, a step that never ends, and a jump (`Limit.then`)
    that does not lead to a later step or the end: jumps forward only make every protocol end.
    """
    count = len(protocol.steps)
    if not count:
        raise bad_protocol("it has no steps", 'write for example "Discharge at 1C until 2.5 V"')
    if count > MAX_STEPS:
        raise bad_protocol(f"it has {count} steps, {MAX_STEPS} are allowed", "lower the number of repeats")
    seen: set[int] = set()
    for index, step in enumerate(protocol.steps):
        if id(step) not in seen:
            seen.add(id(step))
            check_step(step)
        for limit in step.until:
            if limit.then is not None and not index < limit.then <= count:
                wrong = (
                    f"step {index} jumps to step {limit.then}, allowed are {index + 1} to {count} (the end)"
                )
                raise bad_step(step.text, wrong, "jump forward, and use Repeat to go round")
    return protocol


def check_step(step: Step) -> None:
    """Raise InputError if a step can never end, or only by a limit that it moves away from.

    A charge or discharge without an end of its own is over at the cut-off voltage of the cell; a rest or a
    hold has no such end.
    """
    if step.duration is not None:
        return
    if step.control == "rest" or (step.control in CELL_ENDED_CONTROLS and step.value == 0):
        wrong = "without current nothing has to change, so it may never end"
        raise bad_step(step.text, wrong, 'give a time, for example "Rest for 1 hour"')
    if step.control in CELL_ENDED_CONTROLS:
        if step.until and not any(_can_be_met(limit, step) for limit in step.until):
            raise bad_step(step.text, f"the limit {step.until[0].describe()} can never be met", _remedy(step))
    elif not step.until:
        raise bad_step(step.text, "it never ends", 'add "for 1 hour" or "until C/50"')
    elif step.control == "voltage" and not any(_current_falls_below(limit) for limit in step.until):
        wrong = f"the limit {step.until[0].describe()} may never be met while the voltage is held"
        raise bad_step(step.text, wrong, 'add "or for 1 hour" or "or until C/50"')


def _can_be_met(limit: Limit, step: Step) -> bool:
    if limit.quantity in ("voltage", "soc", "discharge_capacity"):
        falls = (step.sign > 0) != (limit.quantity == "discharge_capacity")
        return (limit.direction == "<") == falls
    steady = CURRENT_CONTROLS if limit.quantity in ("abs_current", "abs_c_rate") else ()
    return step.control not in steady and step.control != limit.quantity


def _current_falls_below(limit: Limit) -> bool:
    return limit.quantity in ("abs_current", "abs_c_rate") and limit.direction == "<" and limit.value > 0


def _remedy(step: Step) -> str:
    if step.sign > 0:
        return 'on discharge the voltage falls, for example "until 2.5 V"'
    return 'on charge the voltage rises, for example "until 4.2 V"'


def check_against_cell(protocol: Protocol, lower: float, upper: float, *, cell: str = "the cell") -> Protocol:
    """Return the protocol if its cut-off and hold voltages lie within `lower` to `upper` [V].

    Raises InputError naming the first step outside; `cell` names it in the message.
    """
    margin = 1e-9 * max(abs(lower), abs(upper), 1.0)  # round-off of a voltage that was written in text
    seen: set[int] = set()
    for step in protocol.steps:
        if id(step) in seen:
            continue
        seen.add(id(step))
        voltages = [("cut-off", limit.value) for limit in step.until if limit.quantity == "voltage"]
        if step.control == "voltage":
            values = (step.value,) if isinstance(step.value, (int, float)) else step.value.value
            voltages += [("voltage", min(values)), ("voltage", max(values))]
        for what, voltage in voltages:
            if not lower - margin <= voltage <= upper + margin:
                wrong = f"{what} {voltage:.6g} V is outside the range of {cell}, {lower:.6g} to {upper:.6g} V"
                raise bad_step(step.text, wrong, "use a voltage inside that range")
    return protocol
