"""A pack that heats itself out of its own cells before it drives or is plugged in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ionstone.core.errors import InputError, SimulationError
from ionstone.pack.live import Surroundings

if TYPE_CHECKING:
    from ionstone.pack.live import LivePack
    from ionstone.pack.network import Pack
    from ionstone.pack.result import Recorder

STEP = 10.0  # s
LONGEST = 24 * 3600.0  # s
LEAST_CHARGE = 0.02  # below it a pack that still heats itself is given up


def heat_up(pack: Pack, live: LivePack, target: float, record: Recorder) -> float:
    """Run the heater, nothing else, until the mean of the cells is at a temperature [K]; its energy [J].

    InputError where the pack has no heater, SimulationError where its charge or a day does not suffice.
    """
    if live.temperature >= target:
        return 0.0
    if pack.cooling.heater.value == 0:
        raise InputError(
            f"pack: {pack.cell.name} is to be heated to {target - 273.15:.0f} degC and the pack has no"
            " heater: add one, for example cooling: {heater: 5 kW}"
        )
    before, start = live.energies["heater"], live.time
    around = Surroundings(live.ambient, live.ambient, False, pack.cooling.heater.value)
    while live.temperature < target:
        if live.soc < LEAST_CHARGE or live.time - start > LONGEST:
            why = "give it more charge or insulation"
            if live.heater < 0.5 * pack.cooling.heater.value:
                why = f"at {live.temperature - 273.15:.0f} degC its cells give the heater {live.heater:.0f} W"
            raise SimulationError(
                f"pack: it cannot heat itself to {target - 273.15:.0f} degC out of its own charge"
                f" ({live.soc:.0%} left after {(live.time - start) / 3600:.1f} h): {why}, or heat it while it"
                " is plugged in (preheated=True)"
            )
        live.advance(STEP, "power", 0.0, 0.0, around)
        record.take(live)
    return live.energies["heater"] - before
