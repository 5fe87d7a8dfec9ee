"""``ionstone run --protocol NAME`` prints and returns what the protocol is run for."""

import json

import pytest

from ionstone.cli.app import status


@pytest.mark.parametrize(
    ("protocol", "heading"),
    [
        ("hppc(depth=30%)", "R, 10 s, mΩ"),
        ("gitt(rate=C/2, pulse=30 min)", "R at end, mΩ"),
        ("rate_test(rates=C/2 1C)", "Capacity, A h"),
        ("ocv(rate=C/5)", "Open circuit, V"),
    ],
)
def test_a_named_protocol_has_its_table(protocol, heading, capsys):
    assert status(["run", "lg-m50", "--model", "SPM", "--protocol", protocol]) == 0
    out, err = capsys.readouterr()
    assert heading in out
    assert "Ended because" in out
    assert err == ""
    assert all(len(line) <= 100 for line in out.splitlines())


def test_json_has_the_table_and_null_where_a_pulse_was_over(capsys):
    arguments = ["run", "lg-m50", "--model", "SPM", "--protocol", "hppc(pulse=10 s, depth=30%)", "--json"]
    assert status(arguments) == 0
    table = json.loads(capsys.readouterr().out)["table"]
    assert table["resistance_10s"][0] > 0
    assert set(table["resistance_30s"]) == {None}


def test_other_protocols_have_none(capsys):
    assert status(["run", "lg-m50", "--model", "SPM", "--protocol", "Rest for 1 s", "--json"]) == 0
    assert "table" not in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("protocol", "words"), [("hppc(puls=1 s)", "did you mean"), ("ocv(rate=0C)", "above 0")]
)
def test_a_wrong_setting_is_one_line(protocol, words, capsys):
    assert status(["run", "lg-m50", "--protocol", protocol]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert len(err.splitlines()) == 1
