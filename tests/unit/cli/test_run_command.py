"""``ionstone run`` prints a summary, writes what is asked for, and keeps what a failed run computed."""

import csv
import json

import numpy as np
import pytest

from ionstone.cli.app import status
from ionstone.cli.commands_run import ending
from ionstone.core.errors import SimulationError
from ionstone.results import Run

asked = {}


def fake_run(cell, protocol, **options):
    asked.update(options, cell=cell, protocol=protocol)
    time = np.linspace(0, 3600, 11)
    outputs = {"voltage": 4.2 - time / 3600, "current": np.full(11, 5.0), "temperature": np.full(11, 298.15)}
    return Run.from_outputs(
        time, outputs, cell=cell, model=options["model"], protocol=str(protocol), end_reason="2.5 V"
    )


@pytest.fixture(autouse=True)
def fakes(monkeypatch):
    import ionstone

    monkeypatch.setattr(ionstone, "load_cell", lambda name: name, raising=False)
    monkeypatch.setattr(ionstone, "simulate", fake_run, raising=False)
    asked.clear()


def test_the_summary_is_friendly(capsys):
    assert status(["run", "lg-m50", "--protocol", "Discharge at 1C until 2.5 V"]) == 0
    out, err = capsys.readouterr()
    assert "5" in out
    assert "A h" in out
    assert "2.5 V" in out
    assert err == ""
    assert all(len(line) <= 100 for line in out.splitlines())


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("voltage < 2.5", "voltage fell to 2.5 V"),
        ("abs_c_rate < 0.02", "current fell to 0.02 C"),
        ("abs_current < 0.05", "current fell to 0.05 A"),
        ("temperature > 318.15", "temperature rose to 45 °C"),
        ("soc < 0.5", "state of charge fell to 0.5"),
        ("duration", "the protocol is done"),
        ("stopped by hand", "stopped by hand"),
    ],
)
def test_the_end_of_a_run_is_told_in_words(reason, words):
    assert ending(reason) == words


def test_options_arrive_in_si():
    arguments = [
        "--temperature",
        "-10 degC",
        "--soc",
        "50%",
        "--period",
        "10 s",
        "--heat",
        "lumped",
        "--model",
        "spme",
    ]
    assert status(["run", "x", "--protocol", "a", "--protocol", "b", *arguments]) == 0
    assert asked["temperature"] == pytest.approx(263.15)
    assert (asked["soc"], asked["period"], asked["heat"], asked["model"]) == (0.5, 10.0, "lumped", "SPMe")
    assert asked["protocol"] == ["a", "b"]


def test_json_on_stdout_is_nothing_but_json(capsys, tmp_path):
    assert status(["run", "x", "--protocol", "a", "--json", "--out", str(tmp_path / "r.csv")]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["outputs"]["current"][0] == 5.0
    assert "positive on charge" in err


@pytest.mark.parametrize("name", ["p.html", "p.svg", "p.png"])
def test_plots_are_drawn(name, tmp_path):
    assert status(["run", "x", "--protocol", "a", "--plot", str(tmp_path / name)]) == 0
    assert (tmp_path / name).stat().st_size > 5000


def test_a_failed_run_keeps_what_was_computed(monkeypatch, tmp_path, capsys):
    def fail(cell, protocol, **options):
        raise SimulationError("step 2: the cell ran out of lithium", fake_run(cell, protocol, **options))

    monkeypatch.setattr("ionstone.simulate", fail)
    path = tmp_path / "part.csv"
    assert status(["run", "x", "--protocol", "a", "--out", str(path)]) == 1
    assert "error: step 2" in capsys.readouterr().err
    assert len(list(csv.reader(path.read_text().splitlines()))) == 12
