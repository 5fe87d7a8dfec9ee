"""What a step of a pack under an outside controller gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ionstone.pack.live import LivePack

if TYPE_CHECKING:
    from ionstone.pack.network import Pack


@dataclass(frozen=True)
class PackStep:
    """What a step of a pack gave, SI: the end of the step, and the limit that bound, empty where none did."""

    time: float
    voltage: float
    current: float
    power: float
    soc: float
    temperature: float
    hottest: float
    heater: float
    limit: str


def reading(live: LivePack) -> PackStep:
    """The state of the pack now."""
    return PackStep(
        live.time, live.voltage, live.load_current, live.power, live.soc, live.temperature, live.hottest,
        live.heater, live.limit,
    )  # fmt: skip


def power_limits(pack: Pack, live: LivePack, seconds: float) -> tuple[float, float]:
    """Power [W] that a pack can take (negative) and give for ``seconds``; see ``Pack.power_limits``."""
    here, around, found = live.save(), pack.around(live), []
    for sign in (-1.0, 1.0):
        most = sign * 100.0 * pack.nominal_energy / 3600.0
        try:
            live.settle("power", most)
            high = max(sign * live.power, 0.0)
            live.advance(seconds, "power", most, most, around)
            low = min(max(sign * live.power, 0.0), high)
            for _ in range(7):
                middle = sign * 0.5 * (low + high)
                live.restore(here)
                live.advance(seconds, "power", middle, middle, around)
                low, high = (abs(middle), high) if not live.limit else (low, abs(middle))
        finally:
            live.restore(here)
        found.append(sign * low)
    return found[0], found[1]
