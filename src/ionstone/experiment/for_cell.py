"""Fits a protocol to a cell: C-rates as currents, open ends at the cut-off voltages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ionstone.core.quantities import to_si
from ionstone.experiment.messages import bad_protocol
from ionstone.experiment.steps import Limit, Profile, Protocol, Step


def in_amperes(protocol: Protocol, nominal_capacity: float | str) -> Protocol:
    """The protocol with C-rates as currents [A]; 1C is `nominal_capacity` [A s, or "5 Ah"] / 3600 s."""
    capacity = to_si(nominal_capacity, "A*s", "nominal_capacity")
    if capacity <= 0:
        raise bad_protocol(f"nominal capacity {capacity:g} A s", "give a number above 0: 5 Ah is 18000 A s")
    one_c = capacity / 3600
    return _each_step(protocol, lambda step: _step_in_amperes(step, one_c))


def _step_in_amperes(step: Step, one_c: float) -> Step:
    until = tuple(_limit_in_amperes(limit, one_c) for limit in step.until)
    if step.control != "c_rate":
        return step if until == step.until else replace(step, until=until)
    if isinstance(step.value, Profile):
        value: float | Profile = Profile(step.value.time, tuple(one_c * rate for rate in step.value.value))
    else:
        value = one_c * step.value
    return replace(step, control="current", value=value, until=until)


def _limit_in_amperes(limit: Limit, one_c: float) -> Limit:
    currents = {"c_rate": "current", "abs_c_rate": "abs_current"}
    if limit.quantity not in currents:
        return limit
    return replace(limit, quantity=currents[limit.quantity], value=one_c * limit.value)


def with_cut_offs(protocol: Protocol, lower: float, upper: float) -> Protocol:
    """The protocol in which each charge or discharge without an end of its own ends at a cut-off voltage [V].

    The next step follows then, as after any limit.
    """
    return _each_step(protocol, lambda step: _with_cut_off(step, lower, upper))


def _with_cut_off(step: Step, lower: float, upper: float) -> Step:
    if not step.sign or step.duration is not None or step.until:
        return step
    cut_off = Limit("voltage", "<", lower) if step.sign > 0 else Limit("voltage", ">", upper)
    return replace(step, until=(cut_off,))


def _each_step(protocol: Protocol, change: Callable[[Step], Step]) -> Protocol:
    """The protocol with each step changed; steps that are the same object stay so."""
    changed: dict[int, Step] = {}
    for step in protocol.steps:
        if id(step) not in changed:
            changed[id(step)] = change(step)
    return Protocol(tuple(changed[id(step)] for step in protocol.steps), protocol.text)
