r"""A cell as a map: open-circuit voltage and resistance in place of the equations of the cell.

$$ V = U(z) - R I, \qquad
   R = R_\infty(z, T) + \frac{R_0(z, T) - R_\infty(z, T)}{1 + j / j_c(T)}, \qquad j = |P| / U $$

z is the state of charge, j the current that the power would draw without losses. R falls with the current,
as reaction kinetics do (a hyperbola in place of arsinh(j)/j). The current of a power has a closed form:

$$ I = \frac{2 P}{U + \sqrt{U^2 - 4 R P}} $$

U follows from the open-circuit potentials; R is read from discharges of the cell's own model of 60 s at three
currents, over charge and temperature, which are run once, as one batch. 60 s were chosen by measurement: of
pulses of 1 to 300 s they come nearest to the range and the energy of drives with P2D.

Validity: loads that change within seconds to minutes, as drive cycles do, at currents up to about 2C. The
overvoltage follows the current at once: slow diffusion, hysteresis and heat of reaction (entropy) are left
out; charge and discharge have one resistance. U is that at the cell's reference temperature.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionstone.core.errors import InputError

FloatArray = NDArray[np.float64]
PULSE = 60.0  # s
RATES = (0.1, 0.5, 2.0)  # C
#: states of charge of the pulses: close where the voltage is steep
PLACES = (0.0, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9,
          0.95, 1.0)  # fmt: skip
COLDEST, HOTTEST, SPACING = 223.15, 333.15, 15.0  # K, of the pulses; hotter for cells that work hot
#: tables: points over the root of the charge, and temperatures [K]
VOLTAGES, RESISTANCES = 257, 65
LOW, STEP, COUNT = 223.15, 5.0, 36
_KEPT = 64


@dataclass(frozen=True, eq=False)
class CellMap:
    """Tables of one cell, SI: `voltage` over the root of the charge; `floor` (R at large currents), `gain` (R
    at small ones less the floor) [ohm] and `knee` [A] over temperature and the root of the charge.

    `capacity` [A s] between full and empty; `lower` and `upper` cut-off [V].
    """

    cell: str
    model: str
    capacity: float
    lower: float
    upper: float
    voltage: FloatArray
    floor: FloatArray
    gain: FloatArray
    knee: FloatArray

    @cached_property
    def laws(self) -> FloatArray:
        """Floor, gain and 1 / knee side by side: (temperature, root of the charge, 3)."""
        return np.stack([self.floor, self.gain, 1 / self.knee], axis=-1)

    def open_circuit_voltage(self, soc: Any) -> Any:
        """Return U [V] at states of charge [-]; at both ends it stays."""
        roots = np.sqrt(np.clip(soc, 0.0, 1.0))
        return np.interp(roots, np.linspace(0.0, 1.0, VOLTAGES), self.voltage)

    def resistance(self, soc: Any, temperature: Any, power: Any) -> Any:
        """Return R [ohm] at states of charge [-], temperatures [K] and powers of the cell [W]."""
        z, warm, drawn = np.broadcast_arrays(
            *(np.atleast_1d(x).astype(float) for x in (soc, temperature, power))
        )
        floor, gain, inverse = Tables([self]).resistance(np.zeros(z.shape, dtype=np.intp), z, warm)
        found = floor + gain / (1 + np.abs(drawn) / self.open_circuit_voltage(z) * inverse)
        return found if np.ndim(soc) or np.ndim(temperature) or np.ndim(power) else found[0]


class Tables:
    """The tables of several maps, read for many lanes at once."""

    def __init__(self, maps: Sequence[CellMap]) -> None:
        self.voltage = np.concatenate([m.voltage for m in maps])
        self.laws = np.concatenate([m.laws.reshape(-1, 3) for m in maps])

    def open_voltage(self, of: np.ndarray, soc: FloatArray) -> FloatArray:
        """Open-circuit voltage [V]."""
        at = _root(soc) * (VOLTAGES - 1)
        left = np.minimum(at.astype(np.intp), VOLTAGES - 2)
        at -= left
        left += of * VOLTAGES
        low = self.voltage[left]
        left += 1
        found: FloatArray = low + at * (self.voltage[left] - low)
        return found

    def resistance(self, of: np.ndarray, soc: FloatArray, temperature: FloatArray) -> FloatArray:
        """Floor [ohm], gain [ohm] and inverse knee [1/A], along the first axis."""
        x = _root(soc) * (RESISTANCES - 1)
        y = np.minimum(np.maximum((temperature - LOW) / STEP, 0.0), COUNT - 1.0)
        i, k = np.minimum(x.astype(np.intp), RESISTANCES - 2), np.minimum(y.astype(np.intp), COUNT - 2)
        x, y = (x - i)[..., None], (y - k)[..., None]
        first = (of * COUNT + k) * RESISTANCES + i
        cold, hot = self.laws[first], self.laws[first + RESISTANCES]
        cold += x * (self.laws[first + 1] - cold)
        hot += x * (self.laws[first + RESISTANCES + 1] - hot)
        hot -= cold
        hot *= y
        hot += cold
        return np.ascontiguousarray(np.moveaxis(hot, -1, 0))


def _root(soc: FloatArray) -> FloatArray:
    """The root of a charge between empty and full, which the tables go by."""
    inside: FloatArray = np.minimum(np.maximum(soc, 0.0), 1.0)
    return np.sqrt(inside, out=inside)


_cache: OrderedDict[tuple[object, ...], CellMap] = OrderedDict()


def cell_map(cell: Any, model: str = "P2D", grid: Any = None) -> CellMap:
    """Return the map of a cell, from pulses of its model ("P2D", "SPMe" or "SPM"), kept by content.

    InputError where the cell has no open-circuit voltage (metal against metal), or no pulse can be computed.
    """
    parameters = cell.parameters()
    scalars = {k: v for k, v in parameters.scalars.items() if not k.startswith("thermal.")}
    key = (repr(sorted(scalars.items())), repr(sorted(parameters.functions.items(), key=lambda x: x[0])),
           str(cell.name), model, grid)  # fmt: skip
    found = _cache.pop(key, None) or _built(cell, model, grid)
    _cache[key] = found
    while len(_cache) > _KEPT:
        _cache.popitem(last=False)
    return found


def open_circuit_voltage(cell: Any, soc: FloatArray) -> FloatArray:
    """Return the voltage at rest [V] of a cell at states of charge [-]. InputError where it has none."""
    window, balance = cell.built.window, cell.built.balance
    if cell.parameters().positive_kind in ("lithium", "anode_free"):
        raise InputError(f"{cell.name}: a cell of two metals has no open-circuit voltage: use model='P2D'")
    filled = window.positive_at_empty + soc * (window.positive_at_full - window.positive_at_empty)
    voltage: FloatArray = balance.positive.evaluate(filled)
    if balance.negative is not None:
        filled = window.negative_at_empty + soc * (window.negative_at_full - window.negative_at_empty)
        voltage = voltage - balance.negative.evaluate(filled)
    return voltage


def _built(cell: Any, model: str, grid: Any) -> CellMap:
    s = cell.parameters().scalars
    roots = np.linspace(0.0, 1.0, VOLTAGES)
    voltage = open_circuit_voltage(cell, roots**2)
    hottest = max(HOTTEST, s["operating_temperature"] + 2 * SPACING)  # NaN where it needs none
    hottest = hottest if np.isfinite(hottest) else HOTTEST
    warm: FloatArray = np.arange(COLDEST, hottest + SPACING / 2, SPACING, dtype=np.float64)
    draw, resistance = _pulses(cell, model, grid, warm)
    fine: FloatArray = LOW + STEP * np.arange(COUNT, dtype=np.float64)
    knee = np.exp(np.interp(-1 / fine, -1 / warm, np.log(_knees(draw, resistance))))[:, None]
    places = np.linspace(0.0, 1.0, RESISTANCES) ** 2
    x = [_onto(values, warm, fine, places) for values in np.moveaxis(draw, -1, 0)]
    r = [_onto(values, warm, fine, places) for values in np.moveaxis(resistance, -1, 0)]
    near, far = 1 / (1 + x[0] / knee), 1 / (1 + x[-1] / knee)
    gain = (r[0] - r[-1]) / (near - far)
    floor = r[-1] - gain * far
    small = floor < 0.1 * r[-1]  # beyond the largest current it would vanish
    floor = np.where(small, 0.1 * r[-1], floor)
    gain = np.where(small, 0.9 * r[-1] / far, gain)
    ends = s["voltage.lower_cutoff"], s["voltage.upper_cutoff"]
    knees = np.repeat(knee, RESISTANCES, axis=1)
    return CellMap(str(cell.name), model, float(cell.capacity), *ends, voltage, floor, gain, knees)


def _pulses(cell: Any, model: str, grid: Any, warm: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return current without losses [A] and resistance [ohm]: (temperature, charge, rate).

    A pulse that meets the lower cut-off before its end grows on as that of the next smaller current did. One
    that never began takes the figures of its neighbour: first of more charge, then of the next temperature.
    """
    from ionstone.simulation import COARSE, simulate_batch

    lanes = [(t, z, rate) for t in warm.tolist() for z in PLACES for rate in RATES]
    words = [f"Discharge at {rate:g}C for {PULSE:g} s" for *_, rate in lanes]
    batch = simulate_batch([cell] * len(lanes), words, model=model, grid=grid or COARSE,
                           temperature=[t for t, *_ in lanes], soc=[z for _, z, _ in lanes])  # fmt: skip
    draw, resistance = np.full(len(lanes), np.nan), np.full(len(lanes), np.nan)
    before: tuple[FloatArray, FloatArray, float] | None = None
    for index, (_, z, rate) in enumerate(lanes):
        run, before = batch[index], None if rate == RATES[0] else before
        if len(run.time) < 2 or not run.current[-1] > 0:
            continue
        passed = np.cumsum((run.current[1:] + run.current[:-1]) / 2 * np.diff(run.time), dtype=np.float64)
        rest = open_circuit_voltage(cell, np.maximum(z - passed / cell.capacity, 0.0))
        over, end = (rest - run.voltage[1:]) / run.current[1:], float(run.time[-1])
        if not over[-1] > 0:
            continue
        resistance[index], draw[index] = over[-1], run.voltage[-1] * run.current[-1] / rest[-1]
        if end < PULSE - 1e-6 and before is not None:
            resistance[index] *= max(1.0, before[2] / float(np.interp(end, before[0], before[1])))
        before = (run.time[1:], over, float(resistance[index]))
    shape = (warm.size, len(PLACES), len(RATES))
    return _filled(draw.reshape(shape), cell), _filled(resistance.reshape(shape), cell)


def _filled(values: FloatArray, cell: Any) -> FloatArray:
    """Return the values with gaps filled from more charge, then from the next temperature."""
    for axis, order in ((1, -1), (0, 1), (0, -1), (1, 1)):
        view = np.moveaxis(values, axis, 0)[::order]
        for before, now in pairwise(view):
            gap = np.isnan(now)
            now[gap] = before[gap]
    if np.isnan(values).any():
        raise InputError(f"{cell.name}: its model computes no pulse, so that it has no map: use model='P2D'")
    return values


def _onto(values: FloatArray, warm: FloatArray, fine: FloatArray, places: FloatArray) -> FloatArray:
    """Return values over (temperature, charge) on the points of the tables; logarithms, linear in 1/T, z."""
    over = np.array([np.interp(-1 / fine, -1 / warm, column) for column in np.log(values).T]).T
    return np.exp(np.array([np.interp(places, PLACES, row) for row in over]))


def _knees(draw: FloatArray, resistance: FloatArray) -> FloatArray:
    """Return the knee [A] at each temperature: that which meets the middle current best, charge by charge.

    The curve meets the outer two. It is looked for up to 2C: beyond, a curve that falls would reach zero.
    """
    unit = np.median(draw[..., 1])  # 0.5C less its losses
    tried: FloatArray = 2 * unit * np.geomspace(0.02, 2.0, 100)
    share = 1 / (1 + draw[..., None, :] / tried[:, None])  # temperature, charge, knee, rate
    far, near = share[..., 2], share[..., 0]
    part = (share[..., 1] - far) / (near - far)
    first, last = resistance[..., 0, None], resistance[..., 2, None]
    miss = (last + part * (first - last)) / resistance[..., 1, None] - 1
    inner = np.array([z >= 0.1 for z in PLACES])
    found: FloatArray = tried[np.argmin(np.sum(miss[:, inner] ** 2, axis=1), axis=-1)]
    return found
