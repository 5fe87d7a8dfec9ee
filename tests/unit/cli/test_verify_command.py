"""``ionstone verify`` prints each check and fails where one fails."""

import json
import sys
import types

import pytest

from ionstone.cli.app import status
from ionstone.study.verification.check import Check


@pytest.fixture
def checks(monkeypatch):
    found = [
        Check.at_most("lithium is conserved", "laws", 1e-12, 1e-9, "1"),
        Check.skipped("SPM", "pybamm", "no pybamm"),
    ]
    module = types.ModuleType("ionstone.study.verification.run")
    module.run_checks = lambda progress=None, only=None: (progress(0, 2, "lithium"), found)[1]
    monkeypatch.setitem(sys.modules, "ionstone.study.verification.run", module)
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


def test_what_is_told_for_information_is_no_failure(checks, capsys):
    checks.append(Check("a long drive", "range", -10.9, 10.0, "%", False, "wind", required=False))
    assert status(["verify"]) == 0
    out, err = capsys.readouterr()
    assert "outside  a long drive" in out
    assert "FAILED" not in out
    assert "0 failed, 1 skipped, 1 outside" in err


def test_a_least_value_is_said_to_be_one(checks, capsys):
    checks.append(Check.at_least("order of the grid", "laws", 2.01, 1.8, "1"))
    assert status(["verify"]) == 0
    assert "2.01, at least 1.8" in capsys.readouterr().out


def test_lines_fit_and_inputs_are_printed_with_their_sources(checks, capsys):
    inputs = ("auxiliary_power = 250 W (fitted): " + "a source " * 30,)
    checks.append(Check("range", "range", 1.0, 7.0, "%", True, "why " * 60, inputs=inputs))
    assert status(["verify"]) == 0
    out = capsys.readouterr().out
    assert "auxiliary_power = 250 W (fitted): a source" in out
    assert all(len(line) <= 100 for line in out.splitlines())


def test_json_leaves_out_what_is_no_number(checks, capsys):
    assert status(["verify", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] is True
    skipped = found["checks"][1]
    assert (skipped["value"], skipped["limit"], skipped["passed"]) == (None, None, None)
