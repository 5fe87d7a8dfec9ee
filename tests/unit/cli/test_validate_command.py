"""``ionstone validate`` prints published beside computed; misses fail only with --strict."""

import json

import pytest

from ionstone.cli.app import status
from ionstone.study.validation import run as study
from ionstone.study.validation.case import Case

KEYS = {"name", "published", "computed", "unit", "tolerance", "within", "source", "fitted"}


@pytest.fixture
def cases(monkeypatch):
    found = [
        Case("resistance at 5 MPa", "contact", 110.0, 112.0, "ohm", 0.1, "paper A", fitted=True),
        Case("resistance at 9 MPa", "contact", 60.0, 90.0, "ohm", None, "paper A"),
    ]
    monkeypatch.setattr(study, "run_cases", lambda progress=None, only=None: found)
    return found


def test_cases_are_printed_with_verdict_and_source(cases, capsys):
    assert status(["validate"]) == 0
    out, err = capsys.readouterr()
    assert "Contact under pressure" in out
    assert "within, fitted" in out
    assert "shown" in out
    assert "2 cases: 1 within their tolerance (1 of them fitted), 0 missed, 1 shown" in err
    assert "paper A" in err


def test_a_miss_fails_only_when_strict(cases, capsys):
    cases.append(Case("capacity", "cells", 137.0, 188.0, "mAh/g", 0.25, "paper B"))
    assert status(["validate"]) == 0
    assert status(["validate", "--strict"]) == 1
    assert "MISSED" in capsys.readouterr().out


def test_a_case_that_cannot_be_computed_fails(cases, capsys):
    cases.append(Case.broken("capacity", "cells", "no cell"))
    assert status(["validate"]) == 1
    assert "capacity: no cell" in capsys.readouterr().err


def test_json_has_the_record_of_each_case(cases, capsys):
    assert status(["validate", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["cases"]
    assert found[0]["within"] is True
    assert found[1]["within"] is None
    assert set(found[0]) >= KEYS


def test_one_group_for_real_with_its_report(tmp_path, capsys):
    page = tmp_path / "validation.html"
    assert status(["validate", "--only", "contact", "--out", str(page)]) == 0
    assert "Doux 2020" in capsys.readouterr().out
    assert "figure-contact" in page.read_text(encoding="utf-8")


def test_bad_options_are_one_line(capsys):
    assert status(["validate", "--only", "nonsense"]) == 2
    assert status(["validate", "--out", "report.txt"]) == 2
    assert all(
        line.startswith("error: ") for line in capsys.readouterr().err.splitlines() if "case" not in line
    )
