"""How do random cells and protocols end? Prints the ends by kind and level, and what is wrong with a run.

``python benchmarks/stress.py [runs]`` writes ``stress.md`` (2,000 runs where no number is given).
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "physics"))

from stress_cases import GRID, LEVELS, SEED, groups, make_case, run  # noqa: E402
from stress_checks import Checked  # noqa: E402


def main(count: int) -> None:
    """Run the cases 0 to ``count``, print and write the table."""
    start = time.perf_counter()
    ends: Counter[tuple[str, str]] = Counter()
    faults: list[str] = []
    longest = 0.0
    for group in groups([make_case(i) for i in range(count)]):
        before = time.perf_counter()
        checked = Checked(group, run(group))
        longest = max(longest, time.perf_counter() - before)
        for i, case in enumerate(group):
            ends[checked.end(i), case.level] += 1
            faults += checked.faults(i)
    spent = time.perf_counter() - start
    total = Counter({end: sum(ends[end, level] for level in LEVELS) for end, _ in ends})
    lines = [f"| end | {' | '.join(LEVELS)} | all | share / % |", "|---|" + "---|" * (len(LEVELS) + 2)]
    for end, n in total.most_common():
        each = " | ".join(str(ends[end, level]) for level in LEVELS)
        lines.append(f"| {end} | {each} | {n} | {100 * n / count:.2f} |")
    text = f"""# Stress set

{count} random cells and protocols of seed {SEED} (`tests/physics/stress_cases.py`): all cells of the
library with parameters changed at random over decades, -20 to 60 degC (a cell that works hot: 40 K
below to 20 K above that), full and empty, loads of 0.01C to 10C, limits inside and outside of reach, 1
to some tens of steps; {GRID.negative}/{GRID.separator}/{GRID.positive} nodes, {GRID.radial} radial cells.
`tests/physics/stress_checks.py` lists what each run must fulfil; faults found: {len(faults)}.

{chr(10).join("- " + fault.split("; ")[0] for fault in faults)}

{chr(10).join(lines)}

Code 10 is a load that outgrows the cell while it runs, code 12 one that no state meets when its step
begins. Each code 12 was checked: a power above what any resistance draws from the cell at that point, or
a plating potential that 300C does not reach.

Made in {spent:.0f} s, checks included, the slowest batch (up to 64 runs) in {longest:.1f} s, by
`python benchmarks/stress.py {count}`.
"""
    (HERE / "stress.md").write_text(text, encoding="utf-8")
    print(text)
    print("\n".join(faults))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
