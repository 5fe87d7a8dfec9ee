"""One step of a protocol as text -> Step.

    Discharge|Charge at AMOUNT [ENDS]        current, C-rate, power, current density, resistance (discharge)
    Hold at VOLTAGE ENDS                     Hold OUTPUT at VALUE ENDS
    Rest for TIME
    Run FILE [(A)|(W)] [ENDS]
    ENDS: for TIME, until AMOUNT, until OUTPUT < VALUE, joined by "or"; then optionally (TIME period)

A step is cut into clauses at the words at, for, until and or; there is no backtracking, so time is linear in
the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from ionstone.core.errors import InputError, nearest, shown
from ionstone.core.quantities import to_si
from ionstone.experiment.amounts import Amount, checked, name_of, read_amount, read_duration
from ionstone.experiment.cycle_file import CONTROLS
from ionstone.experiment.messages import bad_step
from ionstone.experiment.steps import CURRENT_CONTROLS, OUTPUTS, Limit, Profile, Step

MAX_STEP_LENGTH = 500
HOLDABLE = (
    "voltage",
    "plating_potential",
    "critical_current_ratio",
    "void_current_ratio",
)  # follow the current
ReadCycle = Callable[[str, str | None], tuple[str, Profile]]

EXAMPLES = {
    "discharge": "Discharge at 1C until 2.5 V",
    "charge": "Charge at C/3 for 30 minutes or until 4.2 V",
    "hold": "Hold at 4.2 V until C/50",
    "rest": "Rest for 1 hour",
    "run": "Run drive.csv (A)",
}
_SIGNS = {"discharge": 1, "charge": -1}
_WORD = re.compile(r'"[^"]*"|\'[^\']*\'|\S+')
_BRACKETS = re.compile(r"\(([^()]*)\)\Z")
_COMPARISON = re.compile(r"([A-Za-z][A-Za-z_ ]*?)\s*(<=|>=|<|>)\s*(.+)")
_SIGNED = {"current": "abs_current", "c_rate": "abs_c_rate", "power": "", "current_density": "abs_current"}


@dataclass
class _Clauses:
    """A step cut at its key words; `text` is the whole step for messages."""

    text: str
    verb: str
    head: list[str] = field(default_factory=list)
    at: str | None = None
    time: str | None = None
    until: list[str] = field(default_factory=list)
    period: float | None = None


def parse_step(text: str, read_cycle: ReadCycle) -> Step:
    """The step that a text describes; `read_cycle(name, unit)` reads the file of a Run step.

    Raises InputError naming the text, what is wrong and the remedy.
    """
    if len(text) > MAX_STEP_LENGTH:
        wrong = f"it has {len(text)} characters, {MAX_STEP_LENGTH} are allowed"
        raise bad_step(text, wrong, "part steps with a new line or ;")
    clauses = _cut(text)
    duration = None if clauses.time is None else read_duration(clauses.time, clauses.text)
    control, value = _load(clauses, read_cycle)
    until = tuple(_limit(end, clauses, control) for end in clauses.until)
    return Step(control, value, duration, until, clauses.text, clauses.period)


def is_verb(word: str) -> bool:
    """Whether a word begins a step."""
    return word.lower() in EXAMPLES


def _cut(text: str) -> _Clauses:
    """Cut a step into the words after its verb and the clauses that at, for, until and or begin."""
    words = _WORD.findall(text)
    whole = " ".join(words)
    verb = words[0].lower() if words else ""
    if verb not in EXAMPLES:
        first = shown(words[0] if words else "", 30)
        raise bad_step(
            whole, f"a step cannot begin with {first}", nearest(verb, EXAMPLES, otherwise="begin it with")
        )
    clauses = _Clauses(whole, verb)
    groups: list[tuple[str, list[str]]] = [("head", clauses.head)]
    for word in _WORD.findall(_without_period(clauses))[1:]:
        if word.lower() in ("at", "for", "until", "or"):
            groups.append((word.lower(), []))
        else:
            groups[-1][1].append(word)
    groups.append(("end", []))
    for (before, _), (key, held), (after, _) in zip(groups, groups[1:], groups[2:], strict=False):
        if key == "or" and not held and before != "head" and after in ("for", "until"):
            continue
        if not held:
            raise bad_step(whole, f'nothing follows "{key}"', f'write for example "{EXAMPLES[verb]}"')
        if key == "or" and before not in ("until", "or"):
            raise bad_step(
                whole, f'"or {" ".join(held)[:30]}" is no end', 'write "or until 4.2 V", "or for 1 hour"'
            )
        _keep(clauses, key, " ".join(held))
    return clauses


def _without_period(clauses: _Clauses) -> str:
    """The step without a last "(10 s period)", which is kept in the clauses; other remarks are refused."""
    text = clauses.text
    remark = _BRACKETS.search(text)
    if remark is None or (clauses.verb == "run" and remark[1].strip().upper() in CONTROLS):
        return text
    inside = remark[1].strip()
    if inside.lower().endswith(" period"):
        clauses.period = read_duration(inside[: -len("period")], text)
        return text[: remark.start()]
    if "temperature" in inside.lower():
        raise _no_temperature(text)
    raise bad_step(
        text, f"unknown remark {shown(remark[0], 30)}", 'only a period may follow: "(10 s period)"'
    )


def _no_temperature(text: str) -> InputError:
    wrong = "a step has no temperature of its own"
    return bad_step(
        text, wrong, 'give one for the whole run, --temperature "25 degC" or simulate(temperature=298.15)'
    )


def _keep(clauses: _Clauses, key: str, held: str) -> None:
    """Put the words of one clause in their place."""
    text = clauses.text
    if key == "at":
        if clauses.verb == "rest" or clauses.at is not None:
            try:
                kind = read_amount(held, text).kind
            except InputError:
                kind = "unknown"
            if kind == "temperature":
                raise _no_temperature(text)
            raise bad_step(
                text, f'"at {held[:30]}" is one too many', f'write for example "{EXAMPLES[clauses.verb]}"'
            )
        clauses.at = held
    elif key == "for":
        if clauses.time is not None:
            raise bad_step(text, "two times", "give one time")
        clauses.time = held
    elif " and " in held.lower():
        raise bad_step(
            text, 'a step is over at the first of its ends, "and" is not known', 'join ends with "or"'
        )
    else:
        clauses.until.append(held)


def _load(clauses: _Clauses, read_cycle: ReadCycle) -> tuple[str, float | Profile]:
    """The control of a step and its value in SI units."""
    text, verb, example = clauses.text, clauses.verb, EXAMPLES[clauses.verb]
    if verb == "run":
        return _cycle(clauses, read_cycle)
    if clauses.head and not (verb == "hold" and clauses.at is not None):
        raise bad_step(
            text, f"{shown(' '.join(clauses.head), 30)} is not understood", f'write for example "{example}"'
        )
    if verb == "rest":
        return "rest", 0.0
    if clauses.at is None:
        raise bad_step(text, f"a {verb} needs an amount", f'write for example "{example}"')
    if clauses.head:
        name = _output(" ".join(clauses.head), text)
        if name not in HOLDABLE:
            raise bad_step(text, f"{name} cannot be held", f"hold one of {', '.join(HOLDABLE)}")
        return name, _output_value(name, clauses.at, text)
    amount = read_amount(clauses.at, text)
    if amount.kind == "temperature":
        raise _no_temperature(text)
    if verb == "hold":
        if amount.kind != "voltage":
            wrong = f"a hold keeps a voltage, not a {name_of(amount.kind)}"
            raise bad_step(text, wrong, f'write for example "{example}", or Charge or Discharge at a current')
        return "voltage", checked(amount, text)
    return _charge_or_discharge(amount, clauses)


def _charge_or_discharge(amount: Amount, clauses: _Clauses) -> tuple[str, float]:
    text, verb, kind = clauses.text, clauses.verb, amount.kind
    if kind == "resistance":
        if verb == "charge":
            raise bad_step(
                text, "a resistance cannot charge a cell", 'write for example "Charge at 1 A until 4.2 V"'
            )
        return kind, checked(amount, text)
    if kind == "voltage":
        wrong = f"a {verb} is set by current, C-rate, power or resistance, not by a voltage"
        raise bad_step(text, wrong, 'write for example "Hold at 4.2 V until C/50"')
    if kind not in (*CURRENT_CONTROLS, "power"):
        wrong = f"a {verb} cannot be set by a {name_of(kind)}"
        raise bad_step(text, wrong, f'use A, mA, C, W, kW, ohm or mA/cm^2, for example "{EXAMPLES[verb]}"')
    return kind, _SIGNS[verb] * checked(amount, text)


def _cycle(clauses: _Clauses, read_cycle: ReadCycle) -> tuple[str, Profile]:
    words, unit = list(clauses.head), None
    if words and words[-1].upper() in ("(A)", "(W)"):
        unit = words.pop()[1].upper()
    name = " ".join(words).strip("\"'")
    if not name or clauses.at is not None:
        wrong = "a run needs the name of one cycle file"
        raise bad_step(clauses.text, wrong, 'write "Run drive.csv (A)" or (W); a name with spaces in quotes')
    try:
        unit, profile = read_cycle(name, unit)
    except InputError as error:
        raise InputError(f"protocol step {shown(clauses.text)}: {error}") from None
    return CONTROLS[unit], profile


def _output(written: str, text: str) -> str:
    """The name of a model output as written with spaces or underscores."""
    name = "_".join(written.lower().replace("_", " ").split())
    if name not in OUTPUTS:
        raise bad_step(text, f"unknown output {shown(written, 40)}", nearest(name, OUTPUTS))
    return name


def _output_value(name: str, written: str, text: str) -> float:
    """The value of a model output [SI] as written with its unit."""
    if name == "abs_c_rate":
        amount = read_amount(written, text)
        if amount.kind != "c_rate":
            raise bad_step(text, f"{shown(written, 30)} is no C-rate", 'write for example "C/20"')
        return checked(amount, text)
    try:
        return to_si(written, OUTPUTS[name], name)
    except InputError as error:
        raise InputError(f"protocol step {shown(text)}: {error}") from None


def _limit(written: str, clauses: _Clauses, control: str) -> Limit:
    """The limit after "until"; the kind of step gives its direction where no < or > is written."""
    text, verb = clauses.text, clauses.verb
    comparison = _COMPARISON.fullmatch(written)
    if comparison:
        name = _output(comparison[1], text)
        if name in _SIGNED:
            remedy = f"use {_SIGNED[name]}" if _SIGNED[name] else "end it at a voltage or soc"
            raise bad_step(text, f"{name} has a sign that makes this limit misleading", remedy)
        direction: Literal["<", ">"] = "<" if comparison[2][0] == "<" else ">"
        return Limit(name, direction, _output_value(name, comparison[3], text))
    amount = read_amount(written, text)
    if amount.kind in ("voltage", "soc"):
        return Limit(amount.kind, _falling_or_rising(amount.kind, clauses, written), checked(amount, text))
    if amount.kind in ("current", "c_rate"):
        if verb in ("rest", "run") or control in CURRENT_CONTROLS:
            wrong = f"a {name_of(amount.kind)} cannot end a step that itself sets the current"
            raise bad_step(text, wrong, 'end it at a voltage or after a time, "until 2.5 V" or "for 1 hour"')
        rises = control == "power" and verb == "discharge"  # the voltage falls, so the current grows
        return Limit("abs_" + amount.kind, ">" if rises else "<", checked(amount, text))
    if amount.kind == "duration":
        raise bad_step(text, f'"until {written[:30]}" is a time', f'write "for {written[:30]}"')
    remedy = 'end it at V, A, C or %, or at an output, "until temperature > 45 degC"'
    raise bad_step(text, f'"until {written[:30]}": a step cannot end at a {name_of(amount.kind)}', remedy)


def _falling_or_rising(kind: str, clauses: _Clauses, written: str) -> Literal["<", ">"]:
    if clauses.verb == "discharge":
        return "<"
    if clauses.verb == "charge":
        return ">"
    wrong = f'"until {written[:30]}" does not say in which direction during a {clauses.verb}'
    raise bad_step(clauses.text, wrong, f'write "until {kind} < {written[:30]}" or ">"')
