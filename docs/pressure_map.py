"""Draw the map of a sulfide cell over stack pressure, C-rate and temperature: images/pressure-map.png.

    python docs/pressure_map.py

One batch of discharges of the cell sulfide-li whose contact follows the pressure (Doux 2020); below it what
binds: voids (Kasemchainan 2019), creep shorts (Doux 2020), capacity. Needs the extra ``plot``.
"""

import tempfile
from importlib.resources import files
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

import ionstone as ion
from ionstone.cell_design.limits import doux2020, kasemchainan2019

PRESSURES = np.geomspace(0.1e6, 50e6, 41)
RATES = np.geomspace(0.05, 2.0, 17)
TEMPERATURES = (0.0, 25.0, 60.0)  # degC
HOURS, ENOUGH = 100.0, 0.8
COLOURS = ("#dfe7ee", "#E69F00", "#CC79A7", "#8A8A8A")
WORDS = ("none", "voids on stripping", f"creep short within {HOURS:g} h", f"capacity below {ENOUGH:.0%}")


def cell() -> ion.Cell:
    """sulfide-li with contact by pressure."""
    text = files("ionstone.cell_design").joinpath("library/sulfide-li.yaml").read_text(encoding="utf-8")
    text = text.replace("  contact_fraction: {", "  contact: {law: doux2020}\n  contact_fraction: {")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cell.yaml"
        path.write_text(text, encoding="utf-8")
        return ion.load_cell(path)


def capacities(base: ion.Cell) -> np.ndarray:
    """Share of the nominal capacity [temperature, rate, pressure], all in one batch; 0 where a run fails."""
    shape = (len(TEMPERATURES), len(RATES), len(PRESSURES))
    t, r, p = (a.ravel() for a in np.meshgrid(TEMPERATURES, RATES, PRESSURES, indexing="ij"))
    known = {rate: ion.parse_protocol(f"Discharge at {rate!r}C until 2.8 V") for rate in RATES.tolist()}
    designs = ion.vary(base, {"stack_pressure": p})
    runs = ion.simulate(
        designs, [known[rate] for rate in r.tolist()], temperature=(t + 273.15).tolist(), soc=1.0
    )
    charge = np.where(runs.code == 0, runs.summary["discharge_capacity"], 0.0)
    return np.nan_to_num(charge).reshape(shape) / base["nominal_capacity"]


def binding(share: np.ndarray, base: ion.Cell) -> np.ndarray:
    """Index of WORDS at each point: the limit that binds first, shorts before voids before capacity."""
    current = RATES[:, None] * base["nominal_capacity"] / 3600 / base["format.electrode_area"]
    voids = np.array([kasemchainan2019.void_current_density(p).value for p in PRESSURES.tolist()])
    shorts = np.array([doux2020.time_to_short(p).value for p in PRESSURES.tolist()]) / 3600
    found = np.where(share < ENOUGH, 3, 0)
    found = np.where(current > voids[None, :], 1, found)
    return np.where(shorts[None, :] < HOURS, 2, found)


def main() -> None:
    """Draw the map."""
    base = cell()
    shares = capacities(base)
    with mpl.rc_context({"font.size": 10, "hatch.linewidth": 0.5, "hatch.color": "#24303A"}):
        figure = Figure(figsize=(10.5, 6.6), layout="constrained")
        axes = figure.subplots(2, len(TEMPERATURES), sharex=True, sharey=True)
        for k, temperature in enumerate(TEMPERATURES):
            top, below = axes[:, k]
            drawn = top.pcolormesh(PRESSURES / 1e6, RATES, 100 * shares[k], vmin=0, vmax=100, cmap="viridis")
            top.set_title(f"{temperature:g} °C", loc="left", fontweight="bold")
            below.pcolormesh(
                PRESSURES / 1e6, RATES, binding(shares[k], base), vmin=0, vmax=3, cmap=ListedColormap(COLOURS)
            )
            beyond(below, temperature)
            below.set_xlabel("Stack pressure / MPa")
            for axis in (top, below):
                axis.set_xscale("log")
                axis.set_yscale("log")
        axes[0, 0].set_ylabel("C-rate of the discharge")
        axes[1, 0].set_ylabel("C-rate of the discharge")
        figure.colorbar(drawn, ax=axes[0, :].tolist(), label="Capacity / % of nominal", pad=0.01)
        patches = [Patch(color=c, label=w) for c, w in zip(COLOURS, WORDS, strict=True)]
        patches.append(
            Patch(facecolor="none", edgecolor="#24303A", hatch="///", label="void law beyond its range")
        )
        patches.append(
            Patch(facecolor="none", edgecolor="#24303A", hatch="\\\\\\", label="short law beyond its range")
        )
        figure.legend(handles=patches, loc="outside lower left", ncols=3, frameon=False, title="What binds")
        (Path(__file__).parent / "images").mkdir(exist_ok=True)
        figure.savefig(Path(__file__).parent / "images" / "pressure-map.png", dpi=130)


def beyond(axis, temperature: float) -> None:
    """Hatch where a law is read beyond its pressures, or far from its temperature (room temperature)."""
    low, high = PRESSURES[0] / 1e6, PRESSURES[-1] / 1e6
    for law, hatch in ((kasemchainan2019, "///"), (doux2020, "\\\\\\")):
        first, last = law.RANGE.lower / 1e6, law.RANGE.upper / 1e6
        spans = [(low, first), (last, high)] if temperature == 25.0 else [(low, high)]
        for a, b in spans:
            axis.axvspan(a, b, facecolor="none", edgecolor="#24303A", hatch=hatch, linewidth=0.0, alpha=0.35)


if __name__ == "__main__":
    main()
