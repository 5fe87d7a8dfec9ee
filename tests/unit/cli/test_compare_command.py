"""``ionstone compare`` prints one row a cell in 100 columns, and keeps what is done."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from ionstone.cli.app import status
from ionstone.study.comparison.rows import Comparison, Row

NAMES = ("lg-m50", "lfp-graphite", "sodium-nvpf", "sulfide-li", "qse5", "semi-solid-360", "polymer-lfp")


def row(name):
    return Row(
        name,
        "NMC | liquid",
        specific_energy=260.4 * 3600,
        energy_density=700.2 * 3.6e6,
        pack_energy=75.5 * 3.6e6,
        range=523_000.0,
        range_cold=412_000.0,
        charge_time=1860.0,
        charge_limit="critical_current",
    )


@pytest.fixture
def comparison(monkeypatch):
    made = {
        "value": Comparison(
            tuple(row(name) for name in NAMES), "tesla-model-3-lr", "Tesla Model 3", "WLTC 3b"
        )
    }

    def fake(cells, *, progress, **options):
        made.update(options, cells=list(cells))
        for cell in cells:
            progress(cell, "done", 1.0)
        return made["value"]

    monkeypatch.setattr("ionstone.study.comparison.compare.compare", fake)
    return made


def test_the_table_has_a_row_a_cell_and_fits_100_columns(comparison, capsys):
    assert status(["compare"]) == 0
    out, err = capsys.readouterr()
    for name in NAMES:
        (line,) = [line for line in out.splitlines() if line.startswith(name)]
        assert line.split() == [name, "260", "700", "75.5", "523", "412", "31.0", "critical_current"]
    assert all(len(line) <= 100 for line in out.splitlines())
    assert comparison["cells"] == list(NAMES)
    assert "7 of 7 cells" in err


def test_packs_of_the_same_range_show_their_mass_and_volume_in_80_columns(comparison, capsys):
    rows = tuple(replace(row(name), pack_mass=478.4, pack_volume=0.2616) for name in NAMES)
    comparison["value"] = replace(comparison["value"], rows=rows, same="range")
    assert status(["compare", "--same", "range"]) == 0
    assert comparison["same"] == "range"
    out = capsys.readouterr().out
    assert "packs of the same range, 523 km" in out.splitlines()[0]
    for name in NAMES:
        (line,) = [line for line in out.splitlines() if line.startswith(name)]
        assert line.split() == [name, "260", "700", "75.5", "478", "262", "412", "31.0", "critical_current"]
    assert all(len(line) <= 80 for line in out.splitlines()[1:])


def test_an_unknown_size_is_one_line_that_names_the_three(comparison, capsys):
    assert status(["compare", "--same", "price"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--same" in line
    assert "mass, volume, range" in line


def test_json_has_the_fixed_names(comparison, capsys):
    assert status(["compare", "qse5", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) >= {"cells", "vehicle", "sources"}
    cell = found["cells"][0]
    assert cell["specific_energy_Wh_per_kg"] == pytest.approx(260.4)
    assert cell["energy_density_Wh_per_L"] == pytest.approx(700.2)
    assert cell["pack_energy_kWh"] == pytest.approx(75.5)
    assert (cell["range_km"], cell["range_cold_km"], cell["charge_10_80_min"]) == (523, 412, 31)
    assert cell["charge_limit"] == "critical_current"


def test_one_failed_cell_leaves_the_others_and_exits_with_1(comparison, capsys):
    broken = Row("qse5", code=1, message="the voltage hit its limit")
    rows = tuple(broken if each.name == "qse5" else each for each in comparison["value"].rows)
    comparison["value"] = replace(comparison["value"], rows=rows)
    assert status(["compare"]) == 1
    out, err = capsys.readouterr()
    assert sum(line.startswith(NAMES) for line in out.splitlines()) == 7
    assert "error: qse5: the voltage hit its limit" in err


def test_an_interrupted_comparison_prints_what_is_done_and_exits_with_130(comparison, capsys):
    comparison["value"] = replace(comparison["value"], rows=comparison["value"].rows[:3], interrupted=True)
    assert status(["compare"]) == 130
    out, err = capsys.readouterr()
    assert "sodium-nvpf" in out
    assert "3 of 7 cells" in err


def test_the_report_is_written_and_its_place_is_said(comparison, capsys, tmp_path):
    path = tmp_path / "report.html"
    assert status(["compare"]) == 0
    assert not comparison["pictures"]
    assert status(["compare", "--out", str(path)]) == 0
    assert comparison["pictures"]
    assert str(path) in capsys.readouterr().err
    assert "semi-solid-360" in path.read_text()


def test_options_arrive_in_si(comparison):
    arguments = [
        "--temperature",
        "10 degC",
        "--same",
        "Volume",
        "--vehicle",
        "nio-et7-150",
        "--cycle",
        "udds",
    ]
    assert status(["compare", *arguments]) == 0
    assert comparison["temperature"] == pytest.approx(283.15)
    assert (comparison["same"], comparison["vehicle"], comparison["cycle"]) == (
        "volume",
        "nio-et7-150",
        "udds",
    )


def test_the_defaults_shown_are_those_of_the_vehicle_room():
    import typer

    from ionstone.cli.app import app
    from ionstone.vehicle.config import DEFAULT_VEHICLE
    from ionstone.vehicle.cycle import DEFAULT_CYCLE

    options = {p.name: p.default for p in typer.main.get_command(app).commands["compare"].params}
    assert (options["vehicle"], options["cycle"]) == (DEFAULT_VEHICLE, DEFAULT_CYCLE)


STOPPED = """
import signal, time
from ionstone.study.comparison import evaluate
from ionstone.study.comparison.rows import Row

# a shell's background job starts with the signal ignored
signal.signal(signal.SIGINT, signal.default_int_handler)

def slow(cell, conditions, stage):
    if cell.name != "lg-m50":
        time.sleep(60)
    return Row(cell.name)

evaluate.evaluate_cell = slow
from ionstone.cli import main
main(["compare"])
"""


def test_ctrl_c_prints_what_is_done_at_once_and_exits_with_130():
    arguments = [sys.executable, "-c", STOPPED]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert "lg-m50 done" in process.stderr.readline()
        start = time.perf_counter()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert time.perf_counter() - start < 5
    assert process.returncode == 130
    assert "lg-m50" in out
    assert "1 of 7 cells" in err
    assert "Traceback" not in err
