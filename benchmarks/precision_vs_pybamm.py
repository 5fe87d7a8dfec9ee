"""Work and precision of a P2D discharge: error against a code's own refined solution over time, both codes.

    python benchmarks/precision_vs_pybamm.py [--repeats 5] [--plot FILE.png]

Chen2020 at 1C to 2.5 V, 3 x 20 cells and 20 radial cells. The error is the largest of the voltage between 1 s
and 99 % of the discharge, against the code's own solution at a tolerance of 1e-10; the end time's beside it.
Times are warm solves with reading V(t); PyBaMM's equations are interpreted.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from common import heading, median_time, table
from peer_pybamm import TOLERANCES, Peer

import ionstone as ion
from ionstone.plotting.chart import Chart, Panel, Series
from ionstone.plotting.static import chart_image
from ionstone.study.verification.metrics import Trace, compare

PROTOCOL = "Discharge at 1C until 2.5 V"
OURS = (1e-2, 3e-3, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
REFINED = 1e-10


def ours(tolerance: float) -> Trace:
    """Our discharge."""
    run = ion.simulate("lg-m50", PROTOCOL, tolerance=tolerance)
    return Trace(run.time, run.voltage)


def diagram(points: dict[str, list[tuple[float, float]]]) -> Chart:
    """Time against error, a line a code."""
    colours = {"ionstone": "#0072B2", "PyBaMM, IDAKLU": "#E69F00"}
    series = []
    for name, pairs in points.items():
        error, time = (list(v) for v in zip(*sorted(pairs), strict=True))
        series.append(Series(name, error, time, colour=colours[name]))
        series.append(Series("", error, time, "points", colours[name], in_legend=False))
    titles = {"x_title": "Largest error of the voltage / mV", "y_title": "Time of a warm solve / ms"}
    panel = Panel(tuple(series), **titles, x_log=True, y_log=True)
    return Chart((panel,), "P2D discharge at 1C", height=420)


def main() -> None:
    """Measure both codes, print the table, draw the diagram."""
    parser = argparse.ArgumentParser(description="work and precision: ionstone and PyBaMM")
    parser.add_argument("--repeats", type=int, default=5, help="repeats; the median counts")
    parser.add_argument("--plot", type=Path, help="file of the diagram")
    given = parser.parse_args()
    repeats = given.repeats
    points: dict[str, list[tuple[float, float]]] = {"ionstone": [], "PyBaMM, IDAKLU": []}
    heading()
    rows = [["code", "tolerance", "largest error [mV]", "end time, relative", "time [ms]"]]
    exact = ours(REFINED)
    for tolerance in OURS:
        error = compare(ours(tolerance), exact)
        time = 1e3 * median_time(lambda: ours(tolerance), 2 * repeats)  # noqa: B023
        points["ionstone"].append((1e3 * error.largest, time))
        rows.append(
            ["ionstone", f"{tolerance:g}", f"{1e3 * error.largest:.5f}", f"{error.end:.1e}", f"{time:.2f}"]
        )
    fine = Peer((REFINED, REFINED)).trace()
    for pair in (*TOLERANCES, (1e-7, 1e-7), (1e-8, 1e-8)):
        peer = Peer(pair)
        error = compare(peer.trace(), fine)
        time = 1e3 * median_time(peer.solve, repeats)
        points["PyBaMM, IDAKLU"].append((1e3 * error.largest, time))
        rows.append(
            [
                "PyBaMM",
                f"{pair[0]:g}, {pair[1]:g}",
                f"{1e3 * error.largest:.5f}",
                f"{error.end:.1e}",
                f"{time:.2f}",
            ]
        )
    print(table(rows))
    print("points of ionstone are chosen so that straight lines err under 0.03 mV: a floor of its error here")
    if given.plot:
        given.plot.write_bytes(chart_image(diagram(points), "png"))


if __name__ == "__main__":
    main()
