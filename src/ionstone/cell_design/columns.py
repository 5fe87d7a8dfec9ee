"""Scalars of many designs of one cell at once, equal to those of ``Cell.replace`` to the last bit.

A changed number reaches the scalars of the models in few ways: copied, through the laws of transport, the
capacities and the balance, or mass and volume. Here these are computed for all designs together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_design import balance as scalar
from ionstone.cell_design.balance import Balance, Window
from ionstone.cell_design.build import (
    COMPOSITION,
    add_fillings,
    balance_of,
    size_of,
    transport_of,
    utilisation_of,
)
from ionstone.cell_design.cell import Cell
from ionstone.cell_design.mass import FARADAY, build_stack, outer_volume
from ionstone.cell_design.pressure.pressed import PATHS, pressed
from ionstone.core.errors import InputError
from ionstone.materials.functions import PropertyFunction

FloatArray = NDArray[np.float64]
#: scalars that are not the numbers of the same path
_COMPUTED = ("conductivity", "heat_capacity", "mass", "volume")
#: functions of an electrode that may be a number each design has its own of
CONSTANTS = ("diffusivity", "exchange_current_density", "exchange_current_prefactor")

#: volume fractions of an electrode
FRACTIONS = ("porosity", "active_fraction", "void_fraction")


class Unsupported(Exception):
    """The change reaches more than scalars, or a design is not possible: ask ``Cell``."""


def columns(cell: Cell, varied: Mapping[str, FloatArray], count: int) -> dict[str, FloatArray]:
    """Scalars, and constants of functions, that the varied paths change: by name, one value a design.

    The paths are of numbers, or of functions named in CONSTANTS. Raises Unsupported where a design needs
    another way, for example because it does not balance.
    """
    if any(".electrolyte." in path for path in varied):
        raise Unsupported
    if "contact.full_pressure" in cell.parameters().scalars:
        raise Unsupported  # the pressure of the full cell depends on each design
    if cell.parameters().positive_kind != "porous":
        raise Unsupported
    return _Columns(cell, varied, count).all()


def has_room(cell: Cell, electrode: str, numbers: Mapping[str, Any]) -> Any:
    """Whether the volume fractions of an electrode fit into it."""
    total = sum(numbers[f"{electrode}.{key}"] for key in FRACTIONS)
    return total <= 1 + cell.config.rounding


class _Columns:
    def __init__(self, cell: Cell, varied: Mapping[str, FloatArray], count: int) -> None:
        self.cell, self.count, self.varied = cell, count, varied
        self.base = cell.parameters()
        self.planar = self.base.negative_kind != "porous"
        self.electrodes = ("positive",) if self.planar else ("negative", "positive")
        self.numbers: dict[str, Any] = {path: n.value for path, n in cell.resolved.numbers.items()}
        self.numbers.update({path: v for path, v in varied.items() if path in self.numbers})
        self.scalars: dict[str, Any] = dict(self.base.scalars)
        self.out: dict[str, FloatArray] = {}

    def all(self) -> dict[str, FloatArray]:
        self.copied()
        for name in (*self.electrodes, "separator"):
            self.layer(name)
        for name in self.electrodes:
            self.electrode(name)
        self.pressed()
        areal = self.balanced()
        self.weighed(areal)
        return self.out

    def put(self, name: str, values: Any) -> None:
        self.scalars[name] = values
        if np.ndim(values):
            self.out[name] = np.asarray(values)

    def changes(self, *paths: str) -> bool:
        return any(path in self.varied or path in self.out for path in paths)

    def copied(self) -> None:
        for path, values in self.varied.items():
            name = path.removeprefix("format.") if path == "format.electrode_area" else path
            if name in self.scalars and name.rsplit(".", 1)[-1] not in _COMPUTED:
                self.put(name, values)

    def transport(self, path: str) -> Any:
        """The law of effective transport, design by design: powers of arrays round otherwise."""
        return self.each(path.split(".")[0], (path,), lambda n: transport_of(self.cell.resolved, n, path))

    def each(
        self, region: str, laws: tuple[str, ...], function: Callable[[Mapping[str, float]], float]
    ) -> Any:
        """A function of the composition of a region and of the numbers of laws, design by design."""
        paths = [f"{region}.{key}" for key in COMPOSITION]
        paths += [p for p in self.numbers if p.startswith(tuple(f"{law}." for law in laws))]
        paths = [p for p in paths if p in self.numbers]
        many = [p for p in paths if np.ndim(self.numbers[p])]
        if not many:
            return function(self.numbers)
        numbers = {p: self.numbers[p] for p in paths}
        out = np.empty(self.count)
        lists = [self.numbers[p].tolist() for p in many]
        known: dict[tuple[float, ...], float] = {}
        for i, values in enumerate(zip(*lists, strict=True)):
            if values not in known:
                numbers.update(zip(many, values, strict=True))
                try:
                    known[values] = function(numbers)
                except InputError:
                    raise Unsupported from None
            out[i] = known[values]
        return out

    def layer(self, name: str) -> None:
        self.put(f"{name}.transport_factor", self.transport(f"{name}.transport"))

    def electrode(self, name: str) -> None:
        n, varied = self.numbers, self.varied
        if not np.all(has_room(self.cell, name, n)):
            raise Unsupported
        laws = (f"{name}.transport", f"{name}.electronic_transport")
        part = self.each(name, laws, lambda numbers: utilisation_of(self.cell.resolved, numbers, name))
        self.put(f"{name}.active_fraction", n[f"{name}.active_fraction"] * part)
        electronic = self.transport(f"{name}.electronic_transport")
        self.put(f"{name}.conductivity", n[f"{name}.conductivity"] * electronic)
        if f"{name}.maximum_concentration" not in n:
            per_volume = n[f"{name}.specific_capacity"] * n[f"{name}.density"]
            n[f"{name}.maximum_concentration"] = per_volume / FARADAY
            self.put(f"{name}.maximum_concentration", n[f"{name}.maximum_concentration"])
        if f"{name}.diffusivity" in varied:
            self.out[f"{name}.diffusivity"] = varied[f"{name}.diffusivity"]
        self.prefactor(name)

    def prefactor(self, name: str) -> None:
        key, given = f"{name}.exchange_current_prefactor", f"{name}.exchange_current_density"
        functions = self.cell.resolved.functions
        if key in functions:
            if key in self.varied:
                self.put(key, self.varied[key])
            return
        if not self.changes(given, f"{name}.maximum_concentration"):
            return
        density = self.varied.get(given, functions[given].function.constant)
        if density is None:
            raise Unsupported  # a function with another scale in each design
        reference = self.scalars[f"{name}.electrolyte.reference_concentration"]
        factor = 2.0 / (np.sqrt(reference) * self.numbers[f"{name}.maximum_concentration"])
        self.put(key, np.asarray(density * factor))

    def pressed(self) -> None:
        """What the stack pressure acts on, design by design."""
        many = [p for p in PATHS if np.ndim(self.numbers.get(p, 0.0))]
        if not many:
            return
        numbers = {p: self.numbers[p] for p in PATHS if p in self.numbers}
        rows = []
        for values in zip(*(self.numbers[p].tolist() for p in many), strict=True):
            numbers.update(zip(many, values, strict=True))
            try:
                rows.append(pressed(self.cell.resolved.choices, numbers))
            except InputError:
                raise Unsupported from None
        for name in rows[0]:
            self.put(name, np.array([row[name] for row in rows]))

    def balanced(self) -> Any:
        """Fillings at the cut-offs; returns the charge per area between them."""
        balance, given = balance_of(self.numbers, self.scalars, self.base.functions, not self.planar)
        window = windows(balance, given, self.count)
        before = dict(self.scalars)
        add_fillings(self.numbers, window, self.electrodes, self.scalars)
        for name, values in self.scalars.items():
            if np.ndim(values) and values is not before[name]:
                self.put(name, values)
        return balance.positive_capacity * (window.positive_at_empty - window.positive_at_full)

    def weighed(self, areal: Any) -> None:
        n = self.numbers
        stack = build_stack(n, self.planar, areal)
        size = size_of(n)
        mass = n.get("format.mass", stack.mass)
        self.put("mass", mass)
        self.put("volume", n.get("format.volume", outer_volume(n, stack) if size is None else size))
        self.put("thermal.heat_capacity", n["thermal.heat_capacity"] * mass)
        self.put("thermal.conductance", n["thermal.heat_transfer_coefficient"] * n["thermal.cooling_area"])


_OF_BALANCE = ("positive_capacity", "negative_capacity", "lower_cutoff", "upper_cutoff")


def windows(balance: Balance, given: Mapping[str, Any], count: int) -> Window:
    """``Balance.window`` of many designs: fillings are arrays where they differ. Raises Unsupported."""
    every = {key: getattr(balance, key) for key in _OF_BALANCE} | dict(given)
    many = {key: v for key, v in every.items() if np.ndim(v)}
    try:
        if not many:
            return balance.window(given)
        rows = np.stack(list(many.values()))
        _, first, back = np.unique(rows, axis=1, return_index=True, return_inverse=True)
        few = {key: v[first] for key, v in many.items()}  # equal designs once
        balance = replace(balance, **{key: few[key] for key in _OF_BALANCE if key in few})
        window = _windows(balance, {key: few.get(key, v) for key, v in given.items()}, len(first))
    except InputError:
        raise Unsupported from None
    return Window(*(v[back.ravel()] if np.ndim(v) else v for v in vars(window).values()))


def _windows(balance: Balance, given: Mapping[str, Any], count: int) -> Window:
    solved = any(np.ndim(v) for v in (*given.values(), balance.lower_cutoff, balance.upper_cutoff))
    if balance.negative is None:
        return _one_by_one(balance, given, count) if solved else balance.window(given)
    pairs = (("negative" + end, "positive" + end) for end in ("_at_full", "_at_empty", "_initial"))
    if solved and not any(given.keys() >= {*pair} for pair in pairs):  # the inventory is sought, too
        return _one_by_one(balance, given, count)
    return _together(balance, balance.negative, given, count)


def _one_by_one(balance: Balance, given: Mapping[str, Any], count: int) -> Window:
    def at(value: Any, i: int) -> float:
        return float(value[i]) if np.ndim(value) else value

    found = []
    for i in range(count):
        changes: dict[str, Any] = {key: at(getattr(balance, key), i) for key in _OF_BALANCE}
        found.append(replace(balance, **changes).window({k: at(v, i) for k, v in given.items()}))
    names = ("negative_at_full", "negative_at_empty", "positive_at_full", "positive_at_empty")
    return Window(*(np.array([getattr(w, n) for w in found]) for n in names))  # type: ignore[arg-type]


def _together(balance: Balance, negative: PropertyFunction, given: Mapping[str, Any], count: int) -> Window:
    """``Balance.window`` with a known inventory; the same arithmetic on arrays."""
    qn: Any = balance.negative_capacity
    qp: Any = balance.positive_capacity
    inventory: Any = balance.inventory(negative, given)
    sought = {}
    for state, voltage in (("full", balance.upper_cutoff), ("empty", balance.lower_cutoff)):
        if given.get(f"negative_at_{state}") is None and given.get(f"positive_at_{state}") is None:
            sought[state] = [np.broadcast_to(v, count) for v in (inventory, qn, qp, voltage)]
    found: dict[str, FloatArray] = {}
    if sought:
        values = _filling(balance, negative, *map(np.concatenate, zip(*sought.values(), strict=True)))
        found = dict(zip(sought, np.split(values, len(sought)), strict=True))
    pairs = []
    for state in ("full", "empty"):
        x: Any = given.get(f"negative_at_{state}")
        y: Any = given.get(f"positive_at_{state}")
        if x is None:
            x = found[state] if y is None else (inventory - y * qp) / qn
        if y is None:
            y = (inventory - x * qn) / qp
        if not (np.all((x >= 0) & (x <= 1)) and np.all((y >= 0) & (y <= 1))):
            raise Unsupported
        pairs.append((x, y))
    (x_full, y_full), (x_empty, y_empty) = pairs
    if np.any(y_full >= y_empty):
        raise Unsupported
    return Window(x_full, x_empty, y_full, y_empty)


def _filling(
    balance: Balance,
    negative: PropertyFunction,
    inventory: FloatArray,
    qn: FloatArray,
    qp: FloatArray,
    voltage: FloatArray,
) -> FloatArray:
    """``Balance._filling`` of many inventories [C/m2], capacities [C/m2] and voltages [V]."""
    (x_low, x_high), (y_low, y_high) = scalar.limits(negative), scalar.limits(balance.positive)
    low = np.maximum(x_low, (inventory - y_high * qp) / qn)
    high = np.minimum(x_high, (inventory - y_low * qp) / qn)
    if not np.all(high > low):
        raise Unsupported

    def open_circuit(which: Any) -> Callable[[FloatArray], FloatArray]:
        i, n, p = inventory[which], qn[which], qp[which]
        return lambda x: balance.positive.evaluate((i - x * n) / p) - negative.evaluate(x)

    ends = open_circuit(slice(None))(np.array([low, high]))
    inside = (ends[0] <= voltage) & (voltage <= ends[1])
    widest = balance.widest(negative)
    if np.any(~inside & ~((widest[0] <= voltage) & (voltage <= widest[1]))):
        raise Unsupported
    out = np.where(voltage < ends[0], low, high)
    if np.any(inside):
        found = _find(open_circuit(inside), low[inside], high[inside], voltage[inside])
        out[inside] = np.where(np.isnan(found), high[inside], found)
    return out


def _find(
    curve: Callable[[FloatArray], FloatArray], lower: FloatArray, upper: FloatArray, target: FloatArray
) -> FloatArray:
    """``balance.find`` of many rising curves; not a number where one does not reach the target."""
    lanes = np.arange(len(lower))
    points = np.linspace(lower, upper, scalar.POINTS)
    values = curve(points)
    above = values >= target
    first = np.argmax(above, axis=0)
    inside = (first > 0) & above[first, lanes]
    out = np.where(~inside & above[first, lanes] & (values[0] == target), points[0], np.nan)
    before = np.maximum(first - 1, 0)
    lower, upper = points[before, lanes], points[first, lanes]
    for _ in range(scalar.ROUNDS - 1):
        lower, upper, v0, v1 = _bisect(curve, lower, upper, target)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (target - v0) / (v1 - v0)
        return np.where(inside, lower + share * (upper - lower), out)


def _bisect(
    curve: Callable[[FloatArray], FloatArray], lower: FloatArray, upper: FloatArray, target: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """The pair of neighbours on a grid of POINTS between which a rising curve passes the target; values."""
    last = scalar.POINTS - 1
    step = (upper - lower) / last
    low, high = np.zeros(len(lower)), np.full(len(lower), float(last))

    def at(k: FloatArray) -> FloatArray:
        return np.where(k == last, upper, k * step + lower)

    v0, v1 = curve(lower), curve(upper)
    for _ in range(last.bit_length()):
        middle = np.floor((low + high) / 2)
        v = curve(at(middle))
        up = v >= target
        wide = high - low > 1
        low, v0 = np.where(wide & ~up, middle, low), np.where(wide & ~up, v, v0)
        high, v1 = np.where(wide & up, middle, high), np.where(wide & up, v, v1)
    return at(low), at(high), v0, v1
