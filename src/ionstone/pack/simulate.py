"""Protocols and power traces of a pack: steps of time, ends of steps, what is kept of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ionstone.core.errors import InputError, SimulationError, shown
from ionstone.core.quantities import to_si
from ionstone.experiment import Limit, Profile, Protocol, Step, check_against_cell, with_cut_offs
from ionstone.pack.live import LivePack
from ionstone.pack.result import PackRun, Recorder
from ionstone.simulation.arguments import protocol_of, voltage_range

if TYPE_CHECKING:
    from ionstone.pack.network import Pack

FloatArray = NDArray[np.float64]
#: [s] first step of time after a jump, the largest by default, and the least
FIRST, LARGEST, LEAST = 0.5, 20.0, 1e-3
#: correction of a current, over the nominal one, that a step of time may need
WORST = 2e-3
#: [s] to which the time of a limit is found
NEAR = 1e-3
_MOST_STEPS = 2_000_000


@dataclass(frozen=True)
class _Piece:
    """A step of a protocol in the terms of the pack: knots of the load, linear between them."""

    control: str
    time: FloatArray
    value: FloatArray
    duration: float
    until: tuple[Limit, ...]
    given: bool  # whether the knots are those of a trace, so that steps of time end on them


def simulate_pack(
    pack: Pack,
    load: Any = None,
    *,
    power: Any = None,
    soc: float | str = 1.0,
    temperature: float | str | None = None,
    ambient: float | str | None = None,
    largest_step: float | str = LARGEST,
    cells_every: float | str = "10 s",
    follow: float | None = 1e-4,
    stop_at_limit: bool = False,
    progress: Callable[[float], None] | None = None,
) -> PackRun:
    """Run a pack from rest and return what it did.

    ``load``: a protocol as for a cell, in the terms of one cell: its currents and powers are those of the
    mean cell, a voltage that ends a step is met by the first cell to reach it, a hold is one of the mean
    cell. ``power``: a trace of the whole pack [W], positive on discharge: pairs (times [s], powers), a
    Profile, or powers one second apart; linear between its points. Every load is at the terminals; a heater
    draws on the cells beside it, so that in ``Rest`` they feed the heater alone.

    ``follow``: share to which voltage times current follows a trace between its points too; steps of time
    are cut where it changes fast (None: on its points alone, which is faster).
    ``stop_at_limit``: end where a limit of the cells binds, instead of giving what they can.
    ``cells_every``: spacing at which single cells are kept; it doubles where there would be more than 500
    points, so that memory does not grow with the length of the run. InputError for bad input;
    SimulationError where no solution is found.
    """
    if (load is None) == (power is None):
        raise InputError("simulate: give one of a protocol and power")
    live = pack.alive(soc=soc, temperature=temperature, ambient=ambient)
    largest = to_si(largest_step, "s", "largest_step")
    if not LEAST <= largest <= 1e5:
        raise InputError(f"largest_step is {largest:g} s: give {LEAST:g} to 1e5 s")
    if power is not None:
        pieces, text = [_trace(power)], "power trace"
    else:
        pieces, text = _pieces(pack, load)
    record = Recorder(pack, live, to_si(cells_every, "s", "cells_every"))
    began, reason = perf_counter(), ""
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        ended = ""
        for ended in _run(pack, live, piece, largest, record, follow, stop_at_limit, progress):
            if ended:
                break
        reason = ended
        at += 1
        if ended.startswith("limit"):
            break
        jump = [e.then for e in piece.until if e.describe() == ended and e.then is not None]
        at = jump[0] if jump else at
        record.step += 1
    return record.finish(text, reason, perf_counter() - began)


def _run(
    pack: Pack,
    live: LivePack,
    piece: _Piece,
    largest: float,
    record: Recorder,
    follow: float | None,
    stop_at_limit: bool,
    progress: Callable[[float], None] | None,
) -> Iterator[str]:
    """Work through one piece; yields why it ended, empty after each step of time before."""
    start, dt, first = live.time, FIRST, True
    for _ in range(_MOST_STEPS):
        passed = live.time - start
        left = piece.duration - passed
        if left <= 1e-9 * max(piece.duration, 1.0):
            yield "time is over"
            return
        dt = min(dt, largest, left)
        if piece.given:
            knot = piece.time[np.searchsorted(piece.time, passed + 1e-9, side="right")] - passed
            parts = max(int(np.ceil(knot / largest - 1e-9)), 1)
            if follow is not None and piece.control == "power" and not first:
                ends = np.interp([passed, passed + knot], piece.time, piece.value)
                parts = max(parts, live.parts_of(float(ends[0]), float(ends[1]), follow))
            dt = knot / parts
        values = [float(np.interp(passed + t, piece.time, piece.value)) for t in (0.0, dt)]
        if first:
            live.settle(piece.control, values[0])
            record.take(live)
            first = False
            if hit := _met(pack, live, piece.until):
                yield hit[0].describe()
                return
        before, around = live.save(), pack.around(live)
        worst, limit = live.advance(dt, piece.control, values[0], values[1], around)
        hit = _met(pack, live, piece.until)
        if hit:
            dt = _find(pack, live, piece, before, around, dt, values)
        record.take(live)
        if hit:
            yield hit[0].describe()
            return
        if limit and stop_at_limit:
            yield f"limit of the cells: {limit}"
            return
        if limit and abs(live.current) < 1e-6 * pack.nominal_capacity / 3600.0 and not piece.given:
            yield f"limit of the cells: {limit}"
            return
        if progress is not None:
            progress((live.time - start) / piece.duration)
        if not piece.given:
            dt *= float(np.clip(np.sqrt(WORST / max(worst, 1e-12)), 0.5, 2.0))
        yield ""
    raise SimulationError("too many steps of time: the load has no end; add a duration or a limit")


def _find(
    pack: Pack, live: LivePack, piece: _Piece, before: Any, around: Any, dt: float, values: list[float]
) -> float:
    """Go back and end the step where the first limit is met, to ``NEAR`` [s]; the length of the step."""
    low, high, end = 0.0, dt, live.save()
    while high - low > NEAR:
        middle = 0.5 * (low + high)
        live.restore(before)
        target = values[0] + (values[1] - values[0]) * middle / dt
        live.advance(middle, piece.control, values[0], target, around)
        if _met(pack, live, piece.until):
            high, end = middle, live.save()
        else:
            low = middle
    live.restore(end)
    return high


def _met(pack: Pack, live: LivePack, until: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """Limits that are met now."""
    met = []
    for limit in until:
        value = reading(pack, live, limit.quantity, limit.direction)
        if (value <= limit.value) if limit.direction == "<" else (value >= limit.value):
            met.append(limit)
    return tuple(met[:1])


def reading(pack: Pack, live: LivePack, quantity: str, direction: str) -> float:
    """A quantity of a protocol: currents and powers of the mean cell, else the cell nearest to the limit."""
    current = live.current / pack.parallel
    one_c = pack.cell.parameters().scalars["nominal_capacity"] / 3600.0
    mean = {
        "current": current, "abs_current": abs(current), "c_rate": current / one_c,
        "abs_c_rate": abs(current) / one_c, "power": live.power / pack.n_cells, "soc": live.soc,
    }  # fmt: skip
    if quantity in mean:
        return mean[quantity]
    if quantity not in live.lanes.columns:
        raise InputError(f"a pack has no {shown(quantity)} to end a step on")
    values = live.lanes.output(quantity)
    return float(np.min(values) if direction == "<" else np.max(values))


def _pieces(pack: Pack, load: Any) -> tuple[list[_Piece], str]:
    """The steps of a protocol for the pack, with the cut-offs of the cell."""
    protocol: Protocol = protocol_of(load, pack.cell)
    s = pack.cell.parameters().scalars
    check_against_cell(protocol, *voltage_range(pack.cell), cell=pack.cell.name)
    protocol = with_cut_offs(protocol, s["voltage.lower_cutoff"], s["voltage.upper_cutoff"])
    return [_piece(pack, step) for step in protocol.steps], protocol.text


def _scales(pack: Pack) -> dict[str, float]:
    """Controls of a protocol, in the terms of one cell, over those of the pack."""
    return {
        "current": float(pack.parallel),
        "c_rate": pack.nominal_capacity / 3600.0,
        "current_density": pack.parallel * pack.cell.parameters().scalars["electrode_area"],
        "power": float(pack.n_cells),
        "voltage": float(pack.series),
        "resistance": pack.series / pack.parallel,
        "rest": 1.0,
    }


def _piece(pack: Pack, step: Step) -> _Piece:
    scales = _scales(pack)
    if step.control not in scales:
        raise InputError(f"a pack cannot hold {shown(step.control)}: give one of {', '.join(scales)}")
    scale = scales[step.control]
    control = {"c_rate": "current", "current_density": "current", "rest": "current"}.get(
        step.control, step.control
    )
    if isinstance(step.value, Profile):
        time, value = np.array(step.value.time), scale * np.array(step.value.value)
        duration = step.duration if step.duration is not None else float(time[-1])
        return _Piece(control, time, value, duration, step.until, True)
    duration = step.duration if step.duration is not None else 1e7
    knots = np.array([0.0, duration])
    return _Piece(control, knots, np.full(2, scale * step.value), duration, step.until, False)


def _trace(power: Any) -> _Piece:
    """A power trace of the whole pack, checked."""
    if isinstance(power, Profile):
        profile = power
    elif isinstance(power, (list, tuple)) and len(power) == 2 and np.ndim(power[0]) == 1:
        profile = Profile(tuple(power[0]), tuple(power[1]))
    else:
        values = np.asarray(power, dtype=float)
        if values.ndim != 1 or values.size < 2:
            raise InputError("power: give powers one second apart, or a pair (times, powers)")
        profile = Profile(tuple(np.arange(values.size, dtype=float)), tuple(values))
    time, value = np.array(profile.time), np.array(profile.value)
    return _Piece("power", time, value, float(time[-1]), (), True)
