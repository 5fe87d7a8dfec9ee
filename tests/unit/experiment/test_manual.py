"""Every step that the manual shows in its table is understood."""

import re
from pathlib import Path

import pytest

from ionstone.experiment import parse_protocol

MANUAL = Path(__file__).parents[3] / "docs" / "protocols.md"
ROWS = re.findall(r"^\| `([^`]+)` \|", MANUAL.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_table_has_rows():
    assert len(ROWS) >= 12


@pytest.mark.parametrize("text", ROWS)
def test_a_step_of_the_manual_is_understood(text):
    assert len(parse_protocol(text)) == 1
