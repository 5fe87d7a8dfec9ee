"""The command starts fast, prints one line for every error, and keeps its exit statuses."""

import json
import subprocess
import sys

import pytest

from ionstone.cli import commands_run
from ionstone.cli.app import app, status
from ionstone.core.errors import InputError, SimulationError

RUN = "import sys; from ionstone.cli import main; main(sys.argv[1:])"


def command(*arguments, code=RUN):
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout, done.stderr


def test_help_does_not_import_numpy_or_other_heavy_libraries():
    code = (
        "import sys\n"
        "from ionstone.cli.app import status\n"
        "status(['--help'])\n"
        "heavy = {'numpy', 'pydantic', 'pint', 'plotly', 'xarray', 'yaml', 'matplotlib', 'bpx', 'jinja2'}\n"
        "heavy.add('scipy')\n"
        "sys.exit(9 if heavy & set(sys.modules) else 0)"
    )
    returned, out, err = command(code=code)
    assert returned == 0, err
    for name in ("compare", "run", "cells", "materials", "vehicles", "cycles", "show", "init", "verify"):
        assert name in out


def test_version_is_one_line_on_stdout():
    from ionstone import __version__

    assert command("--version") == (0, f"ionstone {__version__}\n", "")


def test_no_arguments_print_the_help(capsys):
    assert status([]) == 0
    assert "compare" in capsys.readouterr().out


def test_every_command_has_json():
    import typer

    for name, sub in typer.main.get_command(app).commands.items():
        assert any("--json" in parameter.opts for parameter in sub.params), name


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fly"], "fly"),
        (["run"], "CELL"),
        (["run", "lg-m50"], "--protocol"),
        (["run", "lg-m50", "--protocol"], "--protocol"),
        (["run", "lg-m50", "--protocol", "x", "--model", "DFN"], "P2D, SPMe, SPM"),
        (["run", "lg-m50", "--protocol", "x", "--heat", "warm"], "isothermal, lumped"),
        (["run", "lg-m50", "--protocol", "x", "--temperature", "25"], "25 degC"),
        (["run", "lg-m50", "--protocol", "x", "--temperature", "3 V"], "--temperature"),
        (["run", "lg-m50", "--protocol", "x", "--temperature", "hot"], "--temperature"),
        (["run", "lg-m50", "--protocol", "x", "--temperature", "900 degC"], "--temperature"),
        (["run", "lg-m50", "--protocol", "x", "--soc", "120%"], "--soc"),
        (["run", "lg-m50", "--protocol", "x", "--soc", "full"], "--soc"),
        (["run", "lg-m50", "--protocol", "x", "--period", "0 s"], "--period"),
        (["run", "lg-m50", "--protocol", "x", "--period", "10 m"], "--period"),
        (["run", "lg-m50", "--protocol", "x", "--out", "run.xlsx"], ".csv, .parquet, .nc"),
        (["run", "lg-m50", "--protocol", "x", "--out", "/nowhere/at/all/run.csv"], "--out"),
        (["run", "lg-m50", "--protocol", "x", "--plot", "run.pdf"], ".html, .svg, .png"),
        (["run", "lg-m50", "--protocol", "x", "--wrong"], "--wrong"),
        (["compare", "--same", "price"], "mass, volume"),
        (["compare", "--temperature", "5 bar"], "--temperature"),
        (["compare", "--out", "report.pdf"], ".html"),
        (["compare", "--out", "/nowhere/report.html"], "--out"),
        (["show"], "NAME"),
        (["init"], "FILE"),
        (["init", "cell.txt"], ".yaml"),
        (["init", "/nowhere/cell.yaml"], "/nowhere/cell.yaml"),
    ],
)
def test_bad_input_is_one_line_and_exit_status_2(arguments, words, capsys):
    assert status(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert words in captured.err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (InputError("thickness: -1 um is below 0; make it positive"), 2, "error: thickness"),
        (SimulationError("the voltage left its range"), 1, "error: the voltage"),
        (ZeroDivisionError("float division\nby zero"), 1, "--debug"),
        (KeyboardInterrupt(), 130, "stopped"),
        (BrokenPipeError(), 0, ""),
    ],
)
def test_each_error_has_its_exit_status_and_one_line(monkeypatch, capfd, error, code, words):
    def fail():
        raise error

    monkeypatch.setattr("ionstone.vehicle.list_cycles", fail)
    monkeypatch.setattr("ionstone.cli.app._close_output", lambda: None)
    assert status(["cycles"]) == code
    err = capfd.readouterr().err
    assert words in err
    assert err.count("\n") == (1 if words else 0)


def test_debug_lets_the_traceback_through_wherever_it_stands(monkeypatch):
    def fail():
        raise ZeroDivisionError

    monkeypatch.setattr("ionstone.vehicle.list_cycles", fail)
    for arguments in (["--debug", "cycles"], ["cycles", "--debug"]):
        with pytest.raises(ZeroDivisionError):
            status(arguments)


def test_a_closed_pipe_is_no_error():
    arguments = [sys.executable, "-c", RUN, "cycles", "--json"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize("name", ["vehicles", "cycles", "materials"])
def test_lists_print_names_and_titles(name, capsys):
    assert status([name, "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed
    assert status([name]) == 0
    text = capsys.readouterr().out
    assert all(item["name"] in text for item in listed)
    assert all(len(line) <= 100 for line in text.splitlines())


def test_init_writes_a_cell_file_that_can_be_shown_and_never_overwrites(tmp_path, capsys):
    path = tmp_path / "mycell.yaml"
    assert status(["init", str(path)]) == 0
    assert status(["show", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parameters"]
    assert status(["init", str(path)]) == 2
    assert "exists" in capsys.readouterr().err


def test_the_models_of_the_help_are_those_that_are_accepted():
    assert commands_run.MODELS == ("P2D", "SPMe", "SPM")
