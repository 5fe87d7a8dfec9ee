"""`ionstone drive` and `ionstone charge`: figures, JSON, files, and bad input in one line with status 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ionstone.cli.app import status

SPM = ["--model", "SPM"]


def test_a_drive_prints_its_range(capsys) -> None:
    assert status(["drive", "lg-m50", *SPM]) == 0
    assert " km in " in capsys.readouterr().out


def test_a_drive_as_json_closes_its_energy(capsys) -> None:
    assert status(["drive", "lg-m50", "--temperature", "-10 degC", "--json", *SPM]) == 0
    found = json.loads(capsys.readouterr().out)
    assert 3e5 < found["range"] < 6e5
    assert abs(found["energy_closure"]) < 1e-6


def test_the_weather_is_a_table(capsys) -> None:
    assert status(["drive", "lg-m50", "--weather", "--json", *SPM]) == 0
    points = json.loads(capsys.readouterr().out)["points"]
    assert [round(point["temperature"] - 273.15) for point in points] == [
        -30,
        -20,
        -10,
        0,
        10,
        20,
        25,
        35,
        45,
    ]


def test_cells_and_temperatures_are_driven_as_a_batch(capsys) -> None:
    cold, mild = ("--temperature", "-10 degC"), ("--temperature", "25 degC")
    assert status(["drive", "lg-m50", "sulfide-li", *cold, *mild, "--model", "map", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["drives"]
    places = [(row["cell"], round(row["ambient"] - 273.15)) for row in rows]
    assert places == [("lg-m50", -10), ("lg-m50", 25), ("sulfide-li", -10), ("sulfide-li", 25)]
    assert rows[0]["range"] < rows[1]["range"]
    assert status(["drive", "lg-m50", "sulfide-li", *cold, "--model", "map"]) == 0
    assert "sulfide-li" in capsys.readouterr().out


def test_a_charge_prints_what_holds_it_back(capsys) -> None:
    assert status(["charge", "lg-m50", "--charger", "350 kW"]) == 0
    out = capsys.readouterr().out
    assert "km a minute" in out
    assert "plating" in out


def test_charges_compare_four_temperatures(capsys) -> None:
    assert status(["charge", "lg-m50", "--weather", "--json", *SPM]) == 0
    ambients = [round(row["ambient"] - 273.15) for row in json.loads(capsys.readouterr().out)["charges"]]
    assert ambients == [-20, 0, 25, 45]


def test_pictures_are_written(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("drive.svg", "energy.html", "charge.svg")]
    assert status(["drive", "lg-m50", "--plot", str(files[0]), "--energy", str(files[1]), *SPM]) == 0
    assert status(["charge", "lg-m50", "--plot", str(files[2]), *SPM]) == 0
    assert all(file.stat().st_size > 1000 for file in files)


BROKEN = {
    "gap.csv": "time_s,speed_m_s\n0,0\n5,3\n90,4\n",
    "backwards.csv": "time_s,speed_m_s\n0,0\n5,-3\n6,4\n",
    "no-mass.yaml": "ionstone: 1\nname: nothing\ntitle: nothing\n",
}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["drive", "lg-m50", "--cycle", "gap.csv"], "gap of 85 s"),
        (["drive", "lg-m50", "--cycle", "backwards.csv"], "negative"),
        (["drive", "lg-m50", "--vehicle", "no-mass.yaml"], "missing"),
        (["drive", "lg-m50", "--vehicle", "tesla-model-9"], "unknown"),
        (["drive", "lg-m50", "--same", "price"], "price"),
        (["drive", "lg-m50", "--model", "chart"], "map"),
        (["drive", "lg-m50", "qse5", "--energy", "e.html"], "one cell"),
        (["charge", "lg-m50", "--model", "map"], "P2D, SPMe, SPM"),
        (["charge", "lg-m50", "--charger", "0 kW"], "above 0"),
        (["charge", "lg-m50", "--vehicle", "lucid-air-gt", "--charger", "50 kW, 500 V"], "above the 500 V"),
        (["charge", "lg-m50", "--from", "80%", "--to", "10%"], "start < stop"),
    ],
)
def test_bad_input_is_one_line_and_status_2(arguments, word, capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in BROKEN.items():
        (tmp_path / name).write_text(text)
    assert status(arguments) == 2
    error = capsys.readouterr().err.strip()
    assert word in error
    assert "\n" not in error


def test_a_car_without_its_mass_is_told_which_line_to_add(tmp_path, capsys) -> None:
    from ionstone.vehicle.config import LIBRARY

    lines = (LIBRARY / "kia-ev6-rwd.yaml").read_text().splitlines(keepends=True)
    file = tmp_path / "car.yaml"
    file.write_text("".join(line for line in lines if not line.startswith("mass:")))
    assert status(["drive", "lg-m50", "--vehicle", str(file)]) == 2
    assert "mass is missing: add the line" in capsys.readouterr().err


@pytest.fixture
def pack_file(tmp_path: Path) -> str:
    file = tmp_path / "pack.yaml"
    file.write_text("ionstone: 1\ncell: lg-m50\nseries: 96\nparallel: 8\ncooling: {flow: 0 W/K}\n")
    return str(file)


def test_a_drive_takes_a_pack_from_a_file(capsys, pack_file: str, tmp_path: Path) -> None:
    drawn = tmp_path / "drive.svg"
    words = ["drive", "lg-m50", "--cycle", "120 km/h", "--pack", pack_file, "--plot", str(drawn), *SPM]
    assert status(words) == 0
    out = capsys.readouterr().out
    assert "96 in series, 8.0 strings" in out
    assert drawn.stat().st_size > 1000


def test_a_charge_takes_a_pack_from_a_file(capsys, pack_file: str) -> None:
    assert status(["charge", "lg-m50", "--charger", "20 kW", "--pack", pack_file, "--json", *SPM]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["shares"] == {"charger": pytest.approx(1.0)}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["drive", "lfp-graphite"], "it is made of lg-m50"),
        (["charge", "lfp-graphite"], "it is made of lg-m50"),
        (["drive", "lg-m50", "--same", "volume"], "--same volume"),
    ],
)
def test_a_pack_that_does_not_fit_is_one_line(capsys, pack_file: str, words: list[str], told: str) -> None:
    assert status([*words, "--pack", pack_file]) == 2
    assert told in capsys.readouterr().err
