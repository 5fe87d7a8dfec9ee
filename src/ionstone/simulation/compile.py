"""A protocol in words and SI numbers -> control rows, profiles and events of the kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ionstone.cell_model import names
from ionstone.cell_model.laws.depletion import DEPLETED
from ionstone.core.constants import C0
from ionstone.core.errors import InputError
from ionstone.experiment import Profile, Protocol, Step
from ionstone.numerics.form import Form
from ionstone.numerics.kernel import END_OF_RUN, NEXT_STEP, Event, KernelStep

FOREVER = 1e9  # [s]
#: [V] beyond a cut-off before the cell's own limit ends the run; on load profiles regeneration may pass the
#: upper one
MARGIN, PROFILE_MARGIN = 1e-4, 0.15
#: [K] error of a temperature that ends a step which counts like a volt
TEMPERATURE_ERROR = 0.01
#: outputs that only change in time: no current holds them at once
_STORED = ("soc", "temperature", "discharge_capacity", "lithium_thickness", *names.METAL_OUTPUTS)
#: scalars that steps are compiled with
COMPILED = ("voltage.lower_cutoff", "voltage.upper_cutoff", "electrode_area", "nominal_capacity")
_SALT = "minimum_electrolyte_concentration"


class Compiler:
    """Steps of protocols for one form and cell."""

    def __init__(self, form: Form, scalars: Mapping[str, float], planar: bool) -> None:
        self.form, self.planar = form, planar
        self.lower, self.upper = scalars["voltage.lower_cutoff"], scalars["voltage.upper_cutoff"]
        area = scalars["electrode_area"]
        one_c = scalars["nominal_capacity"] / 3600.0
        #: controls that are the current density in other units: the kernel needs no tape for it
        self.density = {"current": 1 / area, "rest": 1 / area, "c_rate": one_c / area, "current_density": 1.0}
        #: compilers of equal keys give equal steps
        self.key = (self.lower, self.upper, area, one_c)
        self.columns = {name: i for i, name in enumerate(form.all_outputs)}

    def protocol(self, protocol: Protocol) -> list[KernelStep]:
        """All steps, with the limits of the protocol first and the cell's own stops after them."""
        known: dict[int, KernelStep] = {}
        out = []
        for step in protocol.steps:
            if id(step) not in known:
                known[id(step)] = self.step(step)
            out.append(known[id(step)])
        return out

    def step(self, step: Step) -> KernelStep:
        """One step."""
        weights = np.zeros(len(self.form.outputs))
        value: Any = step.value
        scale = 1.0
        if step.control in self.density:
            weights[self.columns["current_density"]], scale = 1.0, self.density[step.control]
        elif step.control == "resistance":
            if isinstance(value, Profile):
                raise InputError(
                    f"step '{step.text[:60]}': a resistance that changes in time cannot be held: "
                    "give steps of constant resistance, or a profile of current or power"
                )
            weights[self.columns["voltage"]], weights[self.columns["current"]] = 1.0, -float(value)
            value = 0.0
        else:
            weights[self.output(step.control, step.text)] = 1.0
        if isinstance(value, Profile):
            profile = np.stack([value.time, scale * np.asarray(value.value)], axis=1)
        else:
            profile = np.array([[0.0, scale * float(value)]])
        duration = FOREVER if step.duration is None else step.duration
        return KernelStep(weights, profile, duration, tuple(self.events(step)), self.finer(step))

    def finer(self, step: Step) -> np.ndarray[Any, np.dtype[np.float64]] | None:
        """Weights of lumped states in the error control of a step that ends on one.

        The time of such a limit is as good as the state is against how far it moves; that may be little.
        """
        if "temperature" not in self.form.lumped or all(u.quantity != "temperature" for u in step.until):
            return None
        weight = np.zeros(len(self.form.lumped))
        weight[self.form.lumped.index("temperature")] = 1 / TEMPERATURE_ERROR
        return weight

    def output(self, name: str, text: str) -> int:
        """Index of an output that can be held."""
        if name not in self.form.outputs or name in _STORED:
            held = ", ".join(n for n in self.form.outputs if n not in _STORED)
            raise InputError(f"step '{text[:60]}': {name!r} cannot be held: hold one of {held}")
        return self.columns[name]

    def events(self, step: Step) -> list[Event]:
        """Limits of the step, then the stops that every run has."""
        out = []
        for limit in step.until:
            if limit.quantity not in self.columns:
                raise InputError(
                    f"step '{step.text[:60]}': unknown limit {limit.quantity!r}: "
                    f"use one of {', '.join(self.columns)}"
                )
            target = NEXT_STEP if limit.then is None else limit.then
            sign = 1 if limit.direction == ">" else -1
            out.append(Event(self.columns[limit.quantity], sign, limit.value, target))
        return out + self.stops(step)

    def stops(self, step: Step) -> list[Event]:
        """The cell's cut-off voltages, the end of lithium metal, that of salt where the model needs it."""
        own = [limit.value for limit in step.until if limit.quantity == "voltage"]
        own += (
            [float(step.value)] if step.control == "voltage" and not isinstance(step.value, Profile) else []
        )
        wide = PROFILE_MARGIN if isinstance(step.value, Profile) else MARGIN
        low, high = min([self.lower, *own]) - MARGIN, max([self.upper, *own]) + wide
        v = self.columns["voltage"]
        out = [Event(v, -1, low, END_OF_RUN), Event(v, 1, high, END_OF_RUN)]
        metals = ("lithium_thickness", *names.METAL_OUTPUTS) if self.planar else ()
        out += [Event(self.columns[n], -1, 0.0, END_OF_RUN) for n in metals if n in self.columns]
        if "lithium_thickness_positive" in self.columns:  # at the face of a metal: Sand's time
            out.append(Event(self.columns[_SALT], -1, C0 * DEPLETED, END_OF_RUN))
        elif self.form.name == "SPMe":  # its reaction is uniform: it would go on without salt
            out.append(Event(self.columns[_SALT], -1, 0.0, END_OF_RUN))
        return out

    def describe(self, event: Event | None, steps: Sequence[Step], step: int) -> str:
        """Why a run ended, in words."""
        if event is None:
            return "duration"
        name = self.form.all_outputs[event.output]
        side = "<" if event.sign < 0 else ">"
        if event.target == END_OF_RUN and name == "voltage":
            return f"the cell's cut-off voltage ({event.level:.6g} V)"
        if event.target == END_OF_RUN and name in ("lithium_thickness", *names.METAL_OUTPUTS):
            return "lithium exhausted"
        if event.target == END_OF_RUN and name == _SALT:
            return "electrolyte depleted"
        return f"{name} {side} {event.level:.6g}"
