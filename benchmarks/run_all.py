"""Run all benchmarks, one after the other, and write ``benchmarks/results.md``, a page of the manual.

    python benchmarks/run_all.py            # about 5 minutes on an idle machine

Every figure of the page is what a script printed in this run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from common import machine

FOLDER = Path(__file__).parent
DIAGRAM = FOLDER.parent / "docs" / "images" / "work-precision.png"
#: script, arguments, title
SCRIPTS = (
    ("p2d_vs_pybamm.py", ("--designs", "1000"), "One discharge, a batch, a cold process"),
    ("gradient_vs_pybamm.py", (), "Gradient of the capacity"),
    ("drive_vs_pybamm.py", (), "Drive cycle: 30 minutes of power at 1 Hz"),
    ("cycles_vs_pybamm.py", (), "Cycles with a growing film"),
    ("precision_vs_pybamm.py", ("--plot", str(DIAGRAM)), "Work and precision"),
    ("batch_memory.py", (), "Memory of large batches"),
    ("profile_ours.py", (), "Where our time goes"),
)


def measured(script: str, arguments: tuple[str, ...]) -> str:
    """What a script printed."""
    environment = dict(os.environ, PYBAMM_DISABLE_TELEMETRY="true")
    command = [sys.executable, str(FOLDER / script), *arguments]
    done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True)
    return done.stdout.rstrip()


def main() -> None:
    """Run, print and write the page."""
    start, where = time.perf_counter(), machine()
    packages = ", ".join(f"{name} {version}" for name, version in where["packages"].items())
    page = [
        "# Results",
        "",
        f"Measured on {where['date'][:10]} with `make bench` in one run: {where['processor']}, "
        f"{where['cores']} cores, {where['system']}, Python {where['python']}; {packages}. Load average "
        f"at the start {where['load_average']:.2f}; that of each part is in its first line. How the codes "
        "are compared: `benchmarks/README.md`. Ratios are PyBaMM's figure over ours.",
        "",
    ]
    for script, arguments, title in SCRIPTS:
        text = measured(script, arguments)
        print(f"== {title}\n{text}\n", flush=True)
        about = compile((FOLDER / script).read_text(encoding="utf-8"), script, "exec").co_consts[0]
        words = str(about).split("\n\n")
        page += [f"## {title}", "", words[0].strip(), "", *(w.strip() for w in words[2:]), ""]
        page += ["```text", text, "```", ""]
        if str(DIAGRAM) in arguments:
            page += [f"![{title}](../docs/images/{DIAGRAM.name})", ""]
    minutes = (time.perf_counter() - start) / 60
    limits = FOLDER / "limits.md"
    page += [limits.read_text(encoding="utf-8").rstrip(), "", f"All of it took {minutes:.1f} minutes.", ""]
    (FOLDER / "results.md").write_text("\n".join(page), encoding="utf-8")
    print(f"written to {FOLDER / 'results.md'} after {minutes:.1f} minutes")


if __name__ == "__main__":
    main()
