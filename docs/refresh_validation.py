"""Write validation.md and its figures from what `ionstone validate` computes.

    python docs/refresh_validation.py

Needs the extra ``plot`` (`make test` installs it); takes a few seconds.
"""

from pathlib import Path

from ionstone.plotting.static import chart_image
from ionstone.study.validation.charts import charts
from ionstone.study.validation.report import FIGURES, TITLES, counts, tolerance, verdict
from ionstone.study.validation.run import GROUPS, run_cases

DOCS = Path(__file__).parent
HEAD = """# Validation

Published measurements and cells beside what is computed, as `ionstone validate` prints it: {counts}. Written
by `docs/refresh_validation.py`.

A row that is *fitted* says so: the law was calibrated on that very figure, so it tells how well the law can
bend, not what it predicts. Rows without a verdict are shown. What misses is shown as missing. Closures are no
validations: free values of the cell, listed by `ionstone validate --json`, were chosen inside their ranges so
that they close.
"""
AFTER = {
    "composites": """\
Left out of its own fit, each ionic point is still met within 15 %; the threshold of the electrons is
not known without the lowest point. The finer electrolyte comes out at half of its measured ionic, and
twice its measured electronic conductivity: the term for particle size, which is not fitted here, points
the right way and is too weak.
""",
    "cells": """\
With conductivities as measured and everything else fixed beforehand, all capacities are too high, the
more so the higher the rate: something slower than transport limits these cells. Two numbers fitted to
the two points at 42 vol%, an apparent diffusivity and an apparent contact, carry over to the other
compositions within about 30 %; neither is a property of the material. Each cell is charged at 0.1C
first, as a cycled cell is; before that was so, when it was discharged from full, the point at 42 vol%
and 0.1C missed its tolerance by 0.2 points of a percent.

The cell of Clausnitzer has one fitted number, the radius of its particles, which the table does not give;
its potential is the Dualfoil curve, an assumption. The capacity without a film then follows. At 25 degC the
table has more of it than at 100 degC, which its own numbers do not give: the published value looks wrong.
With the film nothing is left at 25 degC, and the table has 2 % of the capacity. The thin film of Danilov has
recalled parameters and no curve to compare with: its rows stand beside the theoretical capacity.
""",
    "contact": """\
Three numbers are fitted to five points on loading. The point after release is met with the exponent of
elastic contact, not fitted; it is one point.
""",
    "lithium": """\
The void law has two numbers and two points. Song measured with another protocol, which a law of voids
need not meet. The filament criterion has nothing fitted here; toughness and flaw are those published
with it.
""",
    "vehicle": """\
One powertrain for all meets the wall energy of 55 usable rows within 5.1 % on average, and all 61 within
6.3 %; it was fitted to them. Efficiencies by make, one number each, meet a row that is left out within 2.7
%. WLTP ranges of the same cars, nothing fitted to them, are off by more than the 4 % that was aimed at,
most where the powertrain of the make differs (Porsche, Jaguar, Volvo) and where the published range is that
of a best trim. The energy from the wall holds the charger too, which a range does not see. The labels of the
same cars tell it: usable energy over that of a full charge is 0.80 to 0.90 by make, where one powertrain has
0.88. Told apart in that way the misses of BMW, Jaguar and Volkswagen shrink and those of Tesla, Hyundai and
Kia grow: on average it is worse, because their labels promise more than the European trims go. So the row
stands beside the others, and is no remedy. The notes of the labels say what part of each miss is the factor
of the maker (Lucid has 0.87 in place of 0.7; below 0.7 the tested trim is not that of the label), what part
usable energy and charger, and what part the powertrain.
The drive of the Nio comes out too high. Its rolling resistance is not published, but 0.009 meets the energy
that Green NCAP measured in a laboratory for the same car within 3 %, so that it stays: on the road the tyres
of a car that has driven for hours are warmer than the law of the cold assumes, which is worth 6 % here, and
wind and slipstream are not known. Charging times and
power curves come from one source, so that their agreement says that energy and power fit together, no more.
The fastest safe charge is that of a cell that stands in for the car's: `lfp-graphite` for LFP, `nmc811-fast`
for cars of 800 V, else `lg-m50`, chosen by the car before it was charged. For the Ioniq 5 it takes 14.1 min
against 16.2, and 16.7 with the coarsest cathode within the ranges of the cell.
Trucks are shown, not judged: their road load is that of the class.
""",
    "closures": """\
FEST in 18 min: the first column is what the claim implies, the second what the cell of the library has.
At the mean current the claim leaves 8 ohm cm2 below 4.25 V at 90 %; with 27 ohm cm2 the cell meets its
cut-off earlier and needs a minute more. Twice the conductivity of its gel would do, and lithium that plates
at 9 mA/cm2 without shorts: neither is published for this cell.
""",
}


def main() -> None:
    """Replace the page and its figures."""
    cases = run_cases()
    failed = [case.name for case in cases if case.failed]
    if failed:
        raise SystemExit(f"not computed: {failed}")
    parts = [HEAD.format(counts=counts(cases))]
    drawn = charts(cases)
    for group in GROUPS:
        rows = [case for case in cases if case.group == group]
        if not rows:
            continue
        parts.append(f"## {TITLES[group]}\n")
        for key in (key for key, at in FIGURES.items() if at == group and key in drawn):
            caption, chart = drawn[key]
            several = sum(at == group for at in FIGURES.values()) > 1
            name = f"validation-{key.removeprefix('figure-') if several else group}.png"
            (DOCS / "images" / name).write_bytes(chart_image(chart, "png"))
            parts.append(f"![{caption}](images/{name})\n\n*{caption}.*\n")
        if group in AFTER:
            parts.append(AFTER[group])
        parts.append(table(rows))
    (DOCS / "validation.md").write_text("\n".join(parts), encoding="utf-8")


def table(rows: list) -> str:
    """The cases of a group, then their sources."""
    lines = ["| case | published | computed | unit | off by | allowed | |", "|---|--:|--:|---|--:|--:|---|"]
    for case in rows:
        word = verdict(case) + (", fitted" if case.fitted else "")
        figures = f"{case.published:.4g} | {case.computed:.4g} | {case.unit} | {100 * case.deviation:+.1f} %"
        lines.append(f"| {case.name} | {figures} | {tolerance(case)} | {word} |")
    sources = dict.fromkeys(case.source for case in rows)
    return "\n".join([*lines, "", *(f"- {source}" for source in sources), ""])


if __name__ == "__main__":
    main()
