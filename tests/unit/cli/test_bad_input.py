"""Bad input at the command line: exit status 2 and one line that names the field and the remedy.

Real cells, files and protocols; nothing is replaced.
"""

import os
import re

import pytest

from ionstone.cell_design.template import template_text
from ionstone.cli.app import status

DISCHARGE = "Discharge at 1C until 2.5 V"


def swap(old, new):
    """The commented cell file of ``ionstone init`` with one mistake in it."""
    text = template_text()
    assert old in text
    return text.replace(old, new, 1)


def without_separator():
    return re.sub(r"(?ms)^separator:.*?^positive:", "positive:", template_text())


def aliases():
    """A hundred bytes a level that would unfold to gigabytes."""
    levels = "".join(
        f"{c}: &{c} [{', '.join([f'*{p}'] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    return "a: &a [x, x, x]\n" + levels


CELL_FILES = {
    "missing layer": (without_separator, "separator is missing: add the line"),
    "missing line": (lambda: swap("  thickness: 85.2 um\n", ""), "negative.thickness is missing"),
    "negative thickness": (lambda: swap("85.2 um", "-85.2 um"), "-85.2 um is outside the allowed range"),
    "misspelt key": (lambda: swap("thickness: 85.2", "thicknes: 85.2"), "did you mean 'thickness'"),
    "misspelt layer": (lambda: swap("separator:\n", "separetor:\n"), "did you mean 'separator'"),
    "unit of the wrong kind": (lambda: swap("85.2 um", "85.2 kg"), "unit of the wrong kind"),
    "unknown unit": (lambda: swap("85.2 um", "85.2 parsnips"), "unit 'parsnips' is unknown"),
    "unit to a huge power": (lambda: swap("85.2 um", "'85.2 um^99999999'"), "is unknown: use for example"),
    "not finite": (lambda: swap("85.2 um", "1e999 um"), "is not a finite number"),
    "number of 5000 digits": (lambda: swap("85.2 um", "9" * 5000), "is not valid YAML"),
    "a date": (lambda: swap("85.2 um", "2024-01-01"), "is not a number"),
    "yes": (lambda: swap("porosity: 0.25", "porosity: yes"), "True is not a number"),
    "fractions": (lambda: swap("porosity: 0.25", "porosity: 0.5"), "is 1.25, allowed at most 1"),
    "cut-off": (lambda: swap("upper_cutoff: 4.2 V", "upper_cutoff: 5.4 V"), "of the open-circuit potentials"),
    "cut-offs exchanged": (
        lambda: swap("lower_cutoff: 2.5", "lower_cutoff: 4.3"),
        "is not below upper_cutoff",
    ),
    "unknown material": (lambda: swap("graphite-sio", "graphite-si"), "did you mean 'graphite-sio'"),
    "path out of the folder": (lambda: swap("graphite-sio", "../../../etc/passwd"), "is unknown: known"),
    "device as a material": (lambda: swap("graphite-sio", "/dev/zero"), "is unknown: known"),
    "private name": (lambda: template_text() + "\n__class__: 3\n", "unknown key '__class__'"),
    "code in a tag": (
        lambda: "!!python/object/apply:os.system ['true']\n",
        "could not determine a constructor",
    ),
    "aliases": (aliases, "YAML alias"),
    "nested": (lambda: "[" * 20_000, "is not valid YAML"),
    "huge": (lambda: "a: " + "x" * 20_000_000, "is larger than 1 MB"),
    "empty": (lambda: "", "not a mapping"),
    "a list": (lambda: "- 1\n- 2\n", "not a mapping"),
    "escape codes": (lambda: swap("name: my-cell", 'name: "\\e[31mred"'), "name: "),
    "code in a law": (
        lambda: swap("negative:\n", "negative:\n  diffusivity: \"__import__('os').system('true')\"\n"),
        "negative.diffusivity",
    ),
}

BYTES = {
    "binary": (b"\xff\xfe\x00\x01" * 1000, "mine.yaml"),
    "UTF-16": ("ionstone: 1".encode("utf-16"), "is not UTF-8 text"),
    "a zero byte": (b"name: a\x00b", "binary data"),
}

PROTOCOLS = {
    "Rest": "it may never end",
    "Hold at 4.2 V": "it never ends",
    "Discharge at 1C until 0.5 V": "cut-off 0.5 V is outside the range of lg-m50",
    "Charge at 1C until 5.5 V": "cut-off 5.5 V is outside the range of lg-m50",
    "Dischage at 1C until 2.5 V": "did you mean 'discharge'",
    "Discharge at 5 until 2.5 V": "has no unit",
    "Discharge at 1e9 A until 2.5 V": "is not allowed",
    "Rest for 1e300 hours": "is not allowed",
    "Repeat 1000000000 times: [Rest for 1 s]": "whole number from 1",
    "[" * 100_000: "nested deeper",
    "": "no steps",
    "no-such-protocol.yaml": "no such file",
    "/dev/zero": "a step cannot begin with",
    ".": "a step cannot begin with",
}

ARGUMENTS = {
    "unknown cell": (["run", "lg-m5", "--protocol", DISCHARGE], "did you mean 'lg-m50'"),
    "no cell file": (["run", "../../etc/passwd", "--protocol", DISCHARGE], "is no cell file"),
    "device as a cell": (["run", "/dev/zero", "--protocol", DISCHARGE], "is no cell file"),
    "long name": (["show", "x" * 100_000], "is no cell, material, vehicle or cycle"),
    "long file name": (["show", "x" * 300 + ".yaml"], "yaml"),
    "lines and colours in a name": (["show", "a\nb\x1b[31m"], "is no cell, material, vehicle or cycle"),
    "absent file": (["compare", "absent.yaml"], "no such file"),
    "twice": (["compare", "lg-m50", "lg-m50"], "named twice"),
    "unknown vehicle": (["compare", "lg-m50", "--vehicle", "tesla"], "tesla-model-3-lr"),
    "device as a vehicle": (["compare", "lg-m50", "--vehicle", "/dev/zero"], "is not a regular file"),
    "unknown cycle": (["compare", "lg-m50", "--cycle", "wltp"], "wltc_3b"),
    "ambient too hot": (["compare", "lg-m50", "--temperature", "90 degC"], "-60 to 60 degC"),
    "no number": (["run", "lg-m50", "--protocol", DISCHARGE, "--soc", "nan"], "--soc"),
    "period too short": (["run", "lg-m50", "--protocol", DISCHARGE, "--period", "1 ns"], "give 0.001 s"),
    "output name too long": (
        ["run", "lg-m50", "--protocol", DISCHARGE, "--out", "x" * 300 + ".csv"],
        "--out",
    ),
    "output is a folder": (["run", "lg-m50", "--protocol", DISCHARGE, "--out", "folder.csv"], "is a folder"),
    "nothing to verify": (["verify", "--only", "nonsense"], "--only"),
}


def refused(arguments, capsys):
    """Run the command and return the one line that it answers."""
    assert status(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert "Traceback" not in err
    assert "\x1b" not in err
    assert len(err) < 600
    return err


@pytest.mark.parametrize("case", CELL_FILES)
def test_a_bad_cell_file_is_refused(case, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make, words = CELL_FILES[case]
    (tmp_path / "mine.yaml").write_text(make(), encoding="utf-8")
    line = refused(["run", "mine.yaml", "--protocol", DISCHARGE], capsys)
    assert line.startswith("error: mine.yaml")
    assert words in line


@pytest.mark.parametrize("case", BYTES)
def test_what_is_no_text_is_refused(case, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    content, words = BYTES[case]
    (tmp_path / "mine.yaml").write_bytes(content)
    assert words in refused(["show", "mine.yaml"], capsys)


def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    for name in ("folder.yaml", "zero.yaml", "loop.yaml", "pipe.yaml"):
        assert name in refused(["show", name], capsys)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path, capsys):
    path = tmp_path / "mine.yaml"
    path.write_text(template_text())
    path.chmod(0)
    assert "mine.yaml" in refused(["show", str(path)], capsys)


@pytest.mark.parametrize("text", PROTOCOLS, ids=lambda text: text[:40])
def test_a_bad_protocol_is_refused(text, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    line = refused(["run", "lg-m50", "--protocol", text], capsys)
    assert PROTOCOLS[text] in line
    assert "protocol" in line


@pytest.mark.parametrize("case", ARGUMENTS)
def test_a_bad_argument_is_refused(case, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.csv").mkdir()
    arguments, words = ARGUMENTS[case]
    assert words in refused(arguments, capsys)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("time_s,power_W\n0,1\n1,abc\n", "abc"),
        ("time_s,power_W\n0,1\n0,2\n", "time"),
        ("a,b\n0,1\n", "columns"),
        ("time_s,power_W\n" + "1,1\n" * 3_000_000, "is larger than 10 MB"),
    ],
    ids=["text", "time stands still", "columns", "huge"],
)
def test_a_bad_cycle_file_is_refused(content, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drive.csv").write_text(content)
    line = refused(["run", "lg-m50", "--protocol", "drive.csv"], capsys)
    assert "drive.csv" in line
    assert words in line
