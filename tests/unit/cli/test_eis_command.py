"""``ionstone eis`` prints, writes and draws an impedance."""

import json

import numpy as np
import pytest

from ionstone.cli.app import status


def test_a_table_says_cell_state_and_units(capsys):
    assert status(["eis", "lg-m50", "--model", "SPM", "--soc", "50%"]) == 0
    out, err = capsys.readouterr()
    assert "lg-m50, SPM, SOC 50 %, 25 °C" in out
    assert "Re Z, mΩ" in out
    assert err == ""
    assert all(len(line) <= 100 for line in out.splitlines())


def test_json_holds_all_frequencies(capsys):
    options = ["--from", "10 mHz", "--to", "1 kHz", "--points", "6", "--json", "--temperature", "0 degC"]
    assert status(["eis", "lg-m50", "--model", "SPM", *options]) == 0
    data = json.loads(capsys.readouterr().out)
    assert np.allclose(data["frequency"], np.logspace(-2, 3, 6))
    assert data["temperature"] == 273.15
    assert all(v < 0 for v in data["z_imaginary"])


def test_files_are_written_and_drawn(tmp_path, capsys):
    out, plot = tmp_path / "s.csv", tmp_path / "s.svg"
    arguments = ["eis", "lg-m50", "--model", "SPM", "--out", str(out), "--plot", str(plot), "--kind", "bode"]
    assert status(arguments) == 0
    assert len(out.read_text().splitlines()) == 62
    assert plot.read_text().startswith("<?xml")
    assert "61 frequencies" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--from", "1 s"], "--from"),
        (["--from", "1 kHz", "--to", "1 Hz"], "is not below"),
        (["--to", "10 GHz"], "--to"),
        (["--points", "1"], "--points"),
        (["--soc", "150%"], "--soc"),
        (["--kind", "cole"], "--kind"),
        (["--out", "s.txt"], "--out"),
        (["--model", "P4D"], "--model"),
    ],
)
def test_bad_input_is_one_line(options, words, capsys):
    assert status(["eis", "lg-m50", *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1
