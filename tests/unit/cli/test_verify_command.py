"""``ionstone verify`` prints each check and fails where one fails."""

import json
import sys
import types

import pytest

from ionstone.cli.app import status
from ionstone.study.verify_check import Check


@pytest.fixture
def checks(monkeypatch):
    found = [
        Check.at_most("lithium is conserved", "laws", 1e-12, 1e-9, "1"),
        Check.skipped("SPM", "pybamm", "no pybamm"),
    ]
    module = types.ModuleType("ionstone.study.verify")
    module.run_checks = lambda progress=None, only=None: (progress(0, 2, "lithium"), found)[1]
    monkeypatch.setitem(sys.modules, "ionstone.study.verify", module)
    return found


def test_passed_and_skipped_checks_exit_with_0(checks, capsys):
    assert status(["verify"]) == 0
    out, err = capsys.readouterr()
    assert "lithium is conserved" in out
    assert "1e-12" in out
    assert "skipped" in out
    assert "0 failed, 1 skipped" in err


def test_a_failed_check_exits_with_1(checks, capsys):
    checks.append(Check.at_most("voltage", "pybamm", 2.0, 1.0, "mV"))
    assert status(["verify"]) == 1
    assert "FAILED" in capsys.readouterr().out


def test_json_leaves_out_what_is_no_number(checks, capsys):
    assert status(["verify", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] is True
    skipped = found["checks"][1]
    assert (skipped["value"], skipped["limit"], skipped["passed"]) == (None, None, None)
