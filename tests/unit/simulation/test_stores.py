"""Stores hold every lane of a batch, with units; a failed write leaves nothing behind."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ionstone as ion
from ionstone.numerics import kernel as core
from ionstone.simulation import Batch, Grid, chunks, stores

COARSE = Grid(3, 2, 3, 5)
VALUES = np.linspace(70e-6, 80e-6, 20)


def simulate(out: Path, **settings: Any) -> Batch:
    designs = ion.vary("lg-m50", {"positive.thickness": VALUES})
    protocols = ["Discharge at 1C until 2.5 V"] * 20
    protocols[3] = "Discharge at 100 kW for 60 s"
    return ion.simulate(designs, protocols, grid=COARSE, out=out, **settings)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "_FIRST", 8)


@pytest.mark.parametrize("curve", [None, "time", "capacity"])
def test_netcdf_holds_what_the_batch_gives(tmp_path: Path, curve: str | None) -> None:
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    batch = simulate(tmp_path / "runs.nc", curve=curve)
    with xarray.open_dataset(tmp_path / "runs.nc", engine="h5netcdf") as data:
        assert data["positive.thickness"].values.tolist() == VALUES.tolist()
        assert data["positive.thickness"].attrs["units"] == "m"
        assert data["code"].values.tolist() == batch.code.tolist()
        assert np.array_equal(
            data["discharge_capacity"].values, batch.summary["discharge_capacity"], equal_nan=True
        )
        assert data["end_reason"].values.tolist() == list(batch.summary["end_reason"])
        assert data["message"].values[3] == batch.message(3) != ""
        if curve:
            assert data["voltage"].shape == (20, 101)
            assert data["voltage"].values[5, 0] == pytest.approx(batch[5].voltage[0])
            assert data["voltage"].values[5, -1] == pytest.approx(2.5, abs=1e-6)
            assert np.all(np.isnan(data["voltage"].values[3]))
            assert data[f"relative_{curve}"].values[-1] == 1.0


def test_parquet_holds_what_the_batch_gives(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    batch = simulate(tmp_path / "runs.parquet", curve="time")
    table = parquet.read_table(tmp_path / "runs.parquet")
    assert table["lane"].to_pylist() == list(range(20))
    assert table["positive.thickness"].to_pylist() == VALUES.tolist()
    assert table["code"].to_pylist() == batch.code.tolist()
    assert np.array_equal(table["duration"].to_numpy(), batch.summary["duration"], equal_nan=True)
    assert len(table["voltage"].to_pylist()[7]) == 101
    assert table.schema.field("discharge_energy").metadata == {
        b"units": b"J",
        b"long_name": b"discharge energy",
    }


@pytest.mark.parametrize("curve", [None, "time", "capacity"])
def test_zarr_holds_what_the_batch_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, curve: str | None
) -> None:
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("zarr")
    monkeypatch.setattr(stores, "GROUP", 12)  # a chunk of the store is not one of the batch
    batch = simulate(tmp_path / "runs.zarr", curve=curve)
    with xarray.open_zarr(tmp_path / "runs.zarr") as data:
        assert data["lane"].values.tolist() == list(range(20))
        assert data["positive.thickness"].values.tolist() == VALUES.tolist()
        assert data["positive.thickness"].attrs["units"] == "m"
        assert data["code"].values.tolist() == batch.code.tolist()
        for name in ("discharge_capacity", "duration", "final_soc"):
            assert np.array_equal(data[name].values, batch.summary[name], equal_nan=True)
        assert data["end_reason"].values.tolist() == list(batch.summary["end_reason"])
        assert data["message"].values[3] == batch.message(3) != ""
        if curve:
            assert data["voltage"].dims == ("lane", "point")
            assert data["voltage"].values[5, -1] == pytest.approx(2.5, abs=1e-6)
            assert np.all(np.isnan(data["voltage"].values[3]))
            assert data[f"relative_{curve}"].values[-1] == 1.0
    assert [p.name for p in tmp_path.iterdir()] == ["runs.zarr"]


def test_a_zarr_store_is_replaced_and_another_folder_is_not(tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("zarr")
    simulate(tmp_path / "runs.zarr", curve="time")
    simulate(tmp_path / "runs.zarr")
    with xarray.open_zarr(tmp_path / "runs.zarr") as data:
        assert "voltage" not in data
    (tmp_path / "photos.zarr").mkdir()
    (tmp_path / "photos.zarr" / "cat.png").touch()
    with pytest.raises(ion.InputError, match=r"folder without zarr\.json"):
        simulate(tmp_path / "photos.zarr")
    assert (tmp_path / "photos.zarr" / "cat.png").exists()


def test_a_curve_over_time_is_that_of_the_run(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    batch = simulate(tmp_path / "runs.parquet", curve="time")
    stored = np.array(parquet.read_table(tmp_path / "runs.parquet")["voltage"].to_pylist()[7])
    one = batch[7]
    expected = np.interp(np.linspace(0, one.time[-1], 101), one.time, one.voltage)
    assert np.allclose(stored, expected, atol=1e-9)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"out": "runs.xlsx"}, ".nc, .parquet, .zarr"),
        ({"out": "missing/runs.nc"}, "does not exist"),
        ({"out": "runs.nc", "curve": "energy"}, "'time' or 'capacity'"),
        ({"curve": "time"}, "a file with out"),
    ],
)
def test_bad_stores_are_refused_before_anything_runs(
    tmp_path: Path, settings: dict[str, Any], words: str
) -> None:
    if "out" in settings:
        settings = settings | {"out": tmp_path / settings["out"]}
    with pytest.raises(ion.InputError, match=words):
        ion.simulate(ion.vary("lg-m50", {"positive.thickness": VALUES}), "Rest for 1 s", **settings)
    assert not list(tmp_path.iterdir())


STORES = [("runs.nc", "h5netcdf"), ("runs.zarr", "zarr")]


@pytest.mark.parametrize(("name", "engine"), STORES)
def test_an_error_on_the_way_leaves_no_file(tmp_path: Path, name: str, engine: str) -> None:
    pytest.importorskip(engine)

    def fail(share: float) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        simulate(tmp_path / name, progress=fail)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "engine"), STORES)
def test_a_stopped_batch_leaves_a_whole_file(tmp_path: Path, name: str, engine: str) -> None:
    xarray = pytest.importorskip("xarray")
    pytest.importorskip(engine)

    asked: list[float] = []

    def stop(share: float) -> None:
        if share > 0.39 and not asked:
            asked.append(share)
            signal.raise_signal(signal.SIGINT)

    with pytest.warns(UserWarning, match="of 20 lanes are done"):
        batch = simulate(tmp_path / name, progress=stop)
    with xarray.open_dataset(tmp_path / name, engine=engine) as data:
        assert data["code"].values.tolist() == batch.code.tolist()
        assert data["code"].values[-1] == core.STOPPED
        assert np.isfinite(data["duration"].values[0])
        assert np.isnan(data["duration"].values[-1])


@pytest.mark.parametrize("name", ["runs.nc", "runs.parquet", "runs.zarr"])
def test_a_store_may_be_read_by_whom_the_system_lets_read_new_files(tmp_path: Path, name: str) -> None:
    pytest.importorskip({"nc": "h5netcdf", "parquet": "pyarrow", "zarr": "zarr"}[name.split(".")[1]])
    plain = tmp_path / "plain"
    plain.mkdir() if name.endswith("zarr") else plain.touch()
    simulate(tmp_path / name)
    assert (tmp_path / name).stat().st_mode == plain.stat().st_mode
