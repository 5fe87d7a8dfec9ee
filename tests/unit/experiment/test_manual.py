"""Every step and every name that the manual shows in its tables is understood."""

import re
from pathlib import Path

import pytest

from ionstone.experiment import named_protocol, parse_protocol, protocol_name
from ionstone.experiment.named import NAMED

MANUAL = Path(__file__).parents[3] / "docs" / "protocols.md"
TEXT = MANUAL.read_text(encoding="utf-8")
FIRST = re.findall(r"^\| `([^`]+)` \|", TEXT, re.MULTILINE)
ROWS = [text for text in FIRST if protocol_name(text) is None]
#: rows of the table of names: name, settings with their defaults
NAMES = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|", TEXT, re.MULTILINE)


def test_the_table_has_rows():
    assert len(ROWS) >= 12


@pytest.mark.parametrize("text", ROWS)
def test_a_step_of_the_manual_is_understood(text):
    assert len(parse_protocol(text)) == 1


def test_every_name_has_a_row():
    assert {name for name, _ in NAMES} == set(NAMED)


@pytest.mark.parametrize(("name", "settings"), NAMES)
def test_the_defaults_of_the_manual_are_the_defaults(name, settings):
    given = ", ".join(re.findall(r"`([^`]+)`", settings))
    assert named_protocol(f"{name}({given})", 2.5, 4.2).steps == named_protocol(name, 2.5, 4.2).steps
