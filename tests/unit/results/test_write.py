"""What is written can be read back, states its signs, and never leaves half a file."""

import csv
import json
import sys

import numpy as np
import pytest

from ionstone.core.errors import InputError, MissingExtraError
from ionstone.results import Run
from ionstone.results.files import check_writable, write_atomically


@pytest.fixture
def run():
    time = np.linspace(0.0, 100.0, 5)
    outputs = {
        "voltage": 4.0 - time / 1000,
        "current": np.full(5, 5.0),
        "temperature": np.full(5, 298.15),
        "discharge_capacity": 5.0 * time,
        "abs_current": np.full(5, 5.0),
        "plating_potential": np.full(5, np.inf),
    }
    return Run.from_outputs(time, outputs, cell="lg-m50", model="P2D", protocol="Discharge at 1C")


def read_csv(path):
    rows = list(csv.reader(path.read_text().splitlines()))
    return rows[0], [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_csv_begins_with_the_columns_of_the_battery_data_format(run, tmp_path):
    header, rows = read_csv(run.write(tmp_path / "run.csv"))
    assert header[:3] == ["Test Time / s", "Voltage / V", "Current / A"]
    assert len(rows) == 5


def test_csv_counts_current_positive_on_charge_and_says_so(run, tmp_path):
    path = run.write(tmp_path / "run.csv")
    last = read_csv(path)[1][-1]
    assert float(last["Current / A"]) == -5.0
    assert float(last["Net Capacity / Ah"]) == pytest.approx(-500 / 3600)
    note = json.loads((tmp_path / "run.csv-metadata.json").read_text())
    assert "positive on charge" in note["dc:description"]
    assert [c["titles"] for c in note["tableSchema"]["columns"]] == read_csv(path)[0]


def test_csv_has_celsius_and_leaves_infinite_values_empty(run, tmp_path):
    first = read_csv(run.write(tmp_path / "run.csv"))[1][0]
    assert float(first["Temperature T1 / degC"]) == pytest.approx(25)
    assert first["Plating Potential / V"] == ""
    assert not any("Abs" in name for name in first)


def test_parquet_equals_csv_and_carries_the_sign_convention(run, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(run.write(tmp_path / "run.parquet"))
    assert table.column_names == read_csv(run.write(tmp_path / "run.csv"))[0]
    assert table["Current / A"].to_pylist() == [-5.0] * 5
    assert b"positive on charge" in table.schema.metadata[b"sign_convention"]


def test_netcdf_keeps_the_signs_of_python(run, tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    with xarray.open_dataset(run.write(tmp_path / "run.nc"), engine="h5netcdf") as data:
        assert data["current"].values.tolist() == [5.0] * 5
        assert data["voltage"].attrs["units"] == "V"
        assert "positive on discharge" in data.attrs["sign_convention"]


@pytest.mark.parametrize(("library", "name"), [("pyarrow", "run.parquet"), ("h5netcdf", "run.nc")])
def test_a_missing_library_is_one_line_with_the_install_command(run, tmp_path, monkeypatch, library, name):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ionstone\[io\]'"):
        run.write(tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["run.xlsx", "run", "nowhere/run.csv", ""])
def test_a_path_that_cannot_be_written_is_refused(run, tmp_path, name):
    with pytest.raises(InputError, match="--out"):
        run.write(tmp_path / name)


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path):
    target = tmp_path / "x.csv"
    target.write_text("old")

    def fail(draft):
        draft.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="No space left"):
        write_atomically(target, fail)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_device_is_not_replaced_by_a_file():
    with pytest.raises(InputError, match="not a regular file"):
        check_writable("/dev/null")
