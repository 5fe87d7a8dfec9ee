"""Write the table, the figure and the checks of README.md from what the product prints.

    python docs/refresh_readme.py

Needs the extras ``plot`` and ``crosscheck`` (`make test` installs both); takes about two minutes.
"""

import contextlib
import io
import re
from pathlib import Path

from ionstone import impedance
from ionstone.cli.commands_compare import print_comparison
from ionstone.plotting.chart import Chart
from ionstone.plotting.spectra import nyquist_chart
from ionstone.plotting.static import chart_image
from ionstone.study.comparison.compare import compare
from ionstone.study.comparison.report_charts import range_chart
from ionstone.study.verification.run import run_checks

ROOT = Path(__file__).parents[1]
FIGURE = Path("docs/images/compare.png")
CAPTION = "Range of the car over specific energy of the cell: filled at 25 °C, open at -10 °C"
#: what the README says of several checks at once: the worst of those whose name fits the pattern
LINES = (
    ("P2D against PyBaMM, Chen2020 at C/5, 1C, 2C: RMSE", r"P2D, Chen2020 .* RMSE"),
    ("the same: largest difference", r"P2D, Chen2020 .* largest difference"),
    ("the same: end time", r"P2D, Chen2020 .* end time"),
    (
        "P2D against PyBaMM, Xu2019 half-cell with t+ = 1, 0.1C to 4C: largest difference",
        r"P2D, Xu2019 .* largest difference",
    ),
    ("the same: capacity", r"P2D, Xu2019 .* capacity"),
    ("SPM against PyBaMM, Chen2020 at C/5 and 1C: largest difference", r"SPM, Chen2020"),
    ("a BPX file through both codes: largest difference", r"BPX file .* largest difference"),
    ("default grid against refined, C/5 to 2C: RMSE", r"default grid .* RMSE"),
    ("the same: largest difference, from 10 ms on", r"default grid .* largest difference"),
    ("impedance against PyBaMM's EIS, P2D and SPM of Chen2020, 1 mHz to 1 MHz", r"impedance, .* of Chen2020"),
    ("impedance against closed formulas, particles and transmission line", r"impedance of"),
    ("kernel against the reference stepper, all seven cells", r"kernel against reference"),
    ("lithium conserved", r"lithium inventory"),
    ("enthalpy balance, default grid", r"enthalpy balance .* default grid"),
    ("enthalpy balance, refined grid", r"enthalpy balance .* refined grid"),
    ("measured order of the grids (declared 2)", r"order of the (radial )?grid"),
    ("measured order of the integrator (declared 4)", r"order of the integrator"),
    ("range of a Tesla Model 3 Long Range with its own pack (602 km WLTP)", r"tesla-model-3-lr on"),
    ("range of a Nio ET7 with its own pack (580 km WLTP)", r"nio-et7-100 on"),
)


def main() -> None:
    """Replace what stands between the marks."""
    comparison = compare()
    chart = range_chart(comparison)
    if chart is None or comparison.failed:
        raise SystemExit(f"the comparison failed: {[row.message for row in comparison.failed]}")
    (ROOT / FIGURE).parent.mkdir(exist_ok=True)
    (ROOT / FIGURE).write_bytes(chart_image(chart, "png"))
    (ROOT / "docs/images/impedance.png").write_bytes(chart_image(impedance_chart(), "png"))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        print_comparison(comparison)
    table = "\n".join(line.rstrip() for line in printed.getvalue().splitlines())
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    text = marked(text, "TABLE", f"```text\n{table}\n```")
    text = marked(text, "FIGURE", f"![{CAPTION}]({FIGURE})")
    text = marked(text, "VERIFY", "\n".join(verified()))
    readme.write_text(text, encoding="utf-8")


def impedance_chart() -> Chart:
    """The Nyquist plot of the manual."""
    spectra = {}
    for celsius in (10, 25, 40):
        z = impedance("sulfide-li", soc=0.5, temperature=273.15 + celsius)
        spectra[f"{celsius} °C"] = (z.frequencies, z.area_specific)
    return nyquist_chart(spectra, title="sulfide-li, P2D, SOC 50 %; points at whole decades", area=True)


def marked(text: str, name: str, content: str) -> str:
    """The text with new content between the two marks of a name."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"README.md has no marks {begin} {end}")
    return f"{before}{begin}\n{content}\n{end}{after}"


def verified() -> list[str]:
    """The lines of the table of checks; a check that failed or did not run stops the script."""
    checks = run_checks()
    skipped = [check for check in checks if check.passed is None and check.group == "pybamm"]
    broken = [check.name for check in [*skipped, *(check for check in checks if check.failing)]]
    if broken:
        raise SystemExit(f"failed or skipped: {broken}")
    lines = ["| check | measured | allowed |", "|---|---|---|"]
    for title, pattern in LINES:
        found = [check for check in checks if re.search(pattern, check.name)]
        least = found[0].least
        worst = min(found, key=lambda c: c.value) if least else max(found, key=lambda c: abs(c.value))
        unit = "" if worst.unit == "1" else f" {worst.unit}"
        limit = f"at least {worst.limit:.3g}" if least else f"{worst.limit:.3g}"
        lines.append(f"| {title} | {worst.value:.2g}{unit} | {limit}{unit} |")
    return lines


if __name__ == "__main__":
    main()
