"""Balance of the electrodes: fillings at the cut-off voltages, from the potentials and the cyclable
inventory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ionstone.core.errors import InputError
from ionstone.materials.functions import PropertyFunction

if TYPE_CHECKING:
    import numpy as np

Curve = Callable[["np.ndarray"], "np.ndarray"]
POINTS, ROUNDS = 201, 3  # (1/200)^3 = 1e-7 of the interval, then a straight line inside it


@dataclass(frozen=True)
class Window:
    """Fillings at full charge (upper cut-off) and at empty (lower cut-off); nan for a planar negative
    electrode.
    """

    negative_at_full: float
    negative_at_empty: float
    positive_at_full: float
    positive_at_empty: float


#: of metal against metal
NO_WINDOW = Window(float("nan"), float("nan"), 0.0, 1.0)


def find(curve: Curve, lower: float, upper: float, target: float) -> float | None:
    """Return where a rising curve reaches target between lower and upper; None where it does not."""
    import numpy as np

    for _ in range(ROUNDS):
        points = np.linspace(lower, upper, POINTS)
        values = curve(points)
        above = values >= target
        first = int(np.argmax(above))
        if not above[first]:
            return None
        if first == 0:
            return float(points[0]) if values[0] == target else None
        lower, upper = float(points[first - 1]), float(points[first])
    share = (target - values[first - 1]) / (values[first] - values[first - 1])
    return float(lower + share * (upper - lower))


def limits(function: PropertyFunction) -> tuple[float, float]:
    """Return the range of fillings in which a potential is known, away from 0 and 1 by 1e-6."""
    return max(function.lower, 1e-6), min(function.upper, 1 - 1e-6)


@dataclass(frozen=True)
class Balance:
    """Two potentials, two capacities [C/m^2] and two cut-offs [V]; the negative potential is None where
    planar.
    """

    positive: PropertyFunction
    negative: PropertyFunction | None
    positive_capacity: float
    negative_capacity: float
    lower_cutoff: float
    upper_cutoff: float

    def window(self, given: Mapping[str, float]) -> Window:
        """Return the fillings at full and empty.

        `given` may hold `{negative|positive}_at_{full|empty}` and `{negative|positive}_initial`. The
        inventory comes from the pair at full, the pair at empty, or the initial pair; what remains follows
        from the cut-offs. InputError where the inventory is not given, or a cut-off lies outside the range
        of the potentials.
        """
        if self.negative is None:
            return self._planar(given)
        negative = self.negative
        inventory = self.inventory(negative, given)
        fillings = {}
        for state, target, field in (
            ("full", self.upper_cutoff, "upper_cutoff"),
            ("empty", self.lower_cutoff, "lower_cutoff"),
        ):
            x, y = given.get(f"negative_at_{state}"), given.get(f"positive_at_{state}")
            if x is None:
                if y is None:
                    x = self._filling(negative, inventory, target, field)
                else:
                    x = (inventory - y * self.positive_capacity) / self.negative_capacity
            if y is None:
                y = (inventory - x * self.negative_capacity) / self.positive_capacity
            for name, value in (("negative", x), ("positive", y)):
                if not 0 <= value <= 1:
                    raise InputError(
                        f"stoichiometry.{name}_at_{state} comes out as {value:.4g}, allowed 0 to 1: the "
                        "electrodes do not"
                        " balance; correct stoichiometry, initial, thickness or active_fraction"
                    )
            fillings[state] = (x, y)
        return self._ordered(
            Window(fillings["full"][0], fillings["empty"][0], fillings["full"][1], fillings["empty"][1])
        )

    def _ordered(self, window: Window) -> Window:
        if window.positive_at_full >= window.positive_at_empty:
            raise InputError(
                f"stoichiometry: the positive electrode goes from {window.positive_at_full:.4g} (full) to"
                f" {window.positive_at_empty:.4g} (empty), it must rise on discharge: exchange or correct "
                "them"
            )
        return window

    def inventory(self, negative: PropertyFunction, given: Mapping[str, float]) -> float:
        """Return the cyclable charge in both electrodes [C/m^2]."""
        for ending in ("_at_full", "_at_empty", "_initial"):
            x, y = given.get("negative" + ending), given.get("positive" + ending)
            if x is not None and y is not None:
                return x * self.negative_capacity + y * self.positive_capacity
        for state, target in (("full", self.upper_cutoff), ("empty", self.lower_cutoff)):
            x, y = given.get(f"negative_at_{state}"), given.get(f"positive_at_{state}")
            if x is not None:
                y = self._positive_for(negative.evaluate(x).item(), target, state)
            elif y is not None:
                x = self._negative_for(negative, y, target, state)
            if x is not None and y is not None:
                return x * self.negative_capacity + y * self.positive_capacity
        raise InputError(
            "stoichiometry is missing: the amount of cyclable ions is not given; add "
            "stoichiometry.negative_at_full"
            " (for example 0.85), or initial.negative_stoichiometry and initial.positive_stoichiometry"
        )

    def _positive_for(self, negative: float, voltage: float, state: str) -> float:
        """Return y with U_p(y) = voltage + the potential of the negative electrode."""
        low, high = limits(self.positive)
        y = find(lambda points: -self.positive.evaluate(points), low, high, -(voltage + negative))
        if y is None:
            ends = [float(self.positive.evaluate(end)) - negative for end in (low, high)]
            raise self._cutoff(voltage, state, min(ends), max(ends))
        return y

    def _negative_for(self, negative: PropertyFunction, y: float, voltage: float, state: str) -> float:
        """Return x with U_p(y) - U_n(x) = voltage."""
        positive = self.positive.evaluate(y).item()
        low, high = limits(negative)
        x = find(lambda points: -negative.evaluate(points), low, high, voltage - positive)
        if x is None:
            ends = [positive - float(negative.evaluate(end)) for end in (low, high)]
            raise self._cutoff(voltage, state, min(ends), max(ends))
        return x

    def _cutoff(self, voltage: float, state: str, low: float, high: float) -> InputError:
        field = "upper_cutoff" if state in ("full", "upper_cutoff") else "lower_cutoff"
        return InputError(
            f"voltage.{field}: {voltage:g} V is outside the range {low:.4g} to {high:.4g} V of the "
            "open-circuit"
            " potentials: choose a cut-off inside it, or give stoichiometry at full and empty"
        )

    def _filling(self, negative: PropertyFunction, inventory: float, voltage: float, field: str) -> float:
        """Return x at which the open-circuit voltage is `voltage`, along the line of constant inventory.

        Where the inventory exhausts one electrode before the voltage is reached, its end is the answer.
        """
        (x_low, x_high), (y_low, y_high) = limits(negative), limits(self.positive)
        qn, qp = self.negative_capacity, self.positive_capacity
        low = max(x_low, (inventory - y_high * qp) / qn)
        high = min(x_high, (inventory - y_low * qp) / qn)

        def open_circuit(x: np.ndarray) -> np.ndarray:
            return self.positive.evaluate((inventory - x * qn) / qp) - negative.evaluate(x)

        import numpy as np

        if high <= low:
            raise InputError("stoichiometry: the electrodes do not overlap: correct stoichiometry or initial")
        ends = open_circuit(np.array([low, high]))
        if ends[0] <= voltage <= ends[1]:
            x = find(open_circuit, low, high, voltage)
            return high if x is None else x
        widest = self.widest(negative)
        if not widest[0] <= voltage <= widest[1]:
            raise self._cutoff(voltage, field, *widest)
        return low if voltage < ends[0] else high  # one electrode is exhausted before the cut-off is met

    def widest(self, negative: PropertyFunction) -> tuple[float, float]:
        """Return the lowest and highest voltage that the two potentials allow at any balance."""
        positive_ends = self.positive.evaluate(limits(self.positive))
        negative_ends = negative.evaluate(limits(negative))
        return (
            float(positive_ends.min() - negative_ends.max()),
            float(positive_ends.max() - negative_ends.min()),
        )

    def _planar(self, given: Mapping[str, float]) -> Window:
        y_full, y_empty = given.get("positive_at_full"), given.get("positive_at_empty")
        if y_full is None:
            y_full = self._positive_for(0.0, self.upper_cutoff, "full")
        if y_empty is None:
            y_empty = self._positive_for(0.0, self.lower_cutoff, "empty")
        nan = float("nan")
        return self._ordered(Window(nan, nan, y_full, y_empty))

    def open_circuit_energy(self, window: Window) -> float:
        """Return the energy between full and empty at open circuit [J/m^2]."""
        import numpy as np

        share = np.linspace(0.0, 1.0, 2001)
        y = window.positive_at_full + share * (window.positive_at_empty - window.positive_at_full)
        voltage = self.positive.evaluate(y)
        if self.negative is not None:
            x = window.negative_at_full + share * (window.negative_at_empty - window.negative_at_full)
            voltage = voltage - self.negative.evaluate(x)
        charge = self.positive_capacity * (window.positive_at_empty - window.positive_at_full)
        return float(charge * np.mean(0.5 * (voltage[1:] + voltage[:-1])))
