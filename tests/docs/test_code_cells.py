"""The code cells of the pages on batches, solid cells, stepping, impedance and packs run in their order.

Cells with tags only show what others computed; they need the manual's own tools and run with it.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
CELL = re.compile(r"^```\{code-cell\} python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["batches.md", "solid.md", "stepping.md", "impedance.md", "pack.md"])
def test_the_code_cells_of_a_page_run(page, tmp_path):
    found = CELL.findall((DOCS / page).read_text(encoding="utf-8"))
    cells = [cell for cell in found if not cell.startswith(":tags:")]
    assert len(cells) >= 3
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(cells)], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
