"""A comparison has a row a cell, in order; a broken cell keeps its row; bad input is refused first."""

from types import SimpleNamespace

import pytest

from ionstone.core.errors import InputError, SimulationError
from ionstone.study.comparison.compare import compare
from ionstone.study.comparison.rows import Closure, Row


def cell(name):
    return SimpleNamespace(name=name, title=f"the {name}")


def evaluate(each, scenario, stage):
    stage("range")
    if each.name == "bad":
        raise SimulationError("no charge left")
    if each.name == "broken":
        raise ZeroDivisionError("division\nby zero")
    return Row(each.name, each.title, range=scenario.temperature * 1000)


def test_rows_come_in_the_order_of_the_cells():
    found = compare([cell("b"), cell("a")], evaluate=evaluate, temperature=300.0)
    assert [row.name for row in found.rows] == ["b", "a"]
    assert found.rows[0].range == 300e3
    assert found.failed == ()


def test_one_cell_and_a_temperature_in_degrees_are_taken_too():
    found = compare("lg-m50", evaluate=evaluate, temperature="10 degC", cold="-20 degC")
    assert [row.name for row in found.rows] == ["lg-m50"]
    assert (found.temperature, found.cold) == (pytest.approx(283.15), pytest.approx(253.15))


@pytest.mark.parametrize(
    ("name", "words"), [("bad", "no charge left"), ("broken", "ZeroDivisionError: division by")]
)
def test_a_cell_that_fails_keeps_its_row_with_the_message(name, words):
    found = compare([cell("a"), cell(name), cell("c")], evaluate=evaluate)
    assert [row.code for row in found.rows] == [0, 1, 0]
    assert words in found.failed[0].message
    assert "\n" not in found.failed[0].message


def test_progress_tells_stage_and_end_of_each_cell():
    told = []
    compare([cell("a"), cell("bad")], evaluate=evaluate, progress=lambda *what: told.append(what), workers=1)
    assert [what for what in told if what[0] == "a"] == [("a", "range", 0.25), ("a", "done", 1.0)]
    assert [what for what in told if what[0] == "bad"] == [("bad", "range", 0.25), ("bad", "failed", 1.0)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"vehicle": "flying-carpet"}, "flying-carpet"),
        ({"cycle": "moon"}, "moon"),
        ({"same": "price"}, "--same"),
        ({"temperature": 25.0}, "--temperature"),
        ({"cells": [cell("a"), cell("a")]}, "twice"),
    ],
)
def test_bad_input_is_refused_before_anything_is_computed(options, words):
    called = []
    with pytest.raises(InputError, match=words):
        compare(options.pop("cells", [cell("a")]), evaluate=lambda *_: called.append(1), **options)
    assert not called


def test_the_car_s_assumptions_come_with_their_sources():
    found = compare([cell("a")], evaluate=evaluate)
    lines = {line.name: line for line in found.assumptions}
    assert lines["auxiliary_power"].source
    assert lines["auxiliary_power"].evidence
    assert found.to_json_dict()["vehicle"]["assumptions"]


def test_a_closure_compares_with_what_is_published():
    assert Closure("mass", 70.0, 77.0, "g").deviation == pytest.approx(0.1)
    assert Closure("mass", None, 77.0, "g").deviation is None
