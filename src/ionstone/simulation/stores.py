"""Stores that the metrics of a large batch are streamed to: NetCDF, Parquet and Zarr, an entry a lane."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ionstone.cell_design import Cell
from ionstone.core.errors import MissingExtraError
from ionstone.numerics.kernel import STOPPED
from ionstone.results.files import check_writable, umask
from ionstone.results.summary import SUMMARY_UNITS
from ionstone.simulation.batch import Batch
from ionstone.simulation.vary import Designs

if TYPE_CHECKING:
    import xarray

KINDS = (".nc", ".parquet", ".zarr")
#: points of a curve in a store
CURVE_POINTS = 101
#: lanes of a group of rows of a Parquet file, and of a chunk of a Zarr store
GROUP = 4096
#: the file by which a Zarr store is known
ZARR_MARK = "zarr.json"
#: metrics of a store, whether or not a run has them
METRICS = [name for name in SUMMARY_UNITS if name != "end_reason"]
TEXTS = ("end_reason", "message")


class Store(Protocol):
    """Takes chunks of a batch in the order of their lanes."""

    def add(self, first: int, part: Batch) -> None:
        """Take the runs of a chunk that begins at lane ``first``."""

    def close(self) -> None:
        """Complete the file."""


@contextmanager
def open_store(path: str | Path | None, lanes: Sequence[Cell], curve: str | None) -> Iterator[Store]:
    """A store at ``path``, or one that keeps nothing; the file appears, whole, when the batch ends.

    InputError where the path cannot be written; MissingExtraError where the format's package is missing.
    """
    if path is None:
        yield _Nowhere()
        return
    zarr = Path(path).suffix.lower() == ".zarr"
    target = check_writable(path, KINDS, "out", folder_with=ZARR_MARK if zarr else "")
    draft = _draft(target, zarr)
    try:
        kind = _Zarr if zarr else _Parquet if target.suffix.lower() == ".parquet" else _NetCDF
        store: Store = kind(draft, lanes, curve)
        try:
            yield store
        finally:
            store.close()
        draft.chmod((0o777 if zarr else 0o666) & ~umask())
        _move(draft, target)
    finally:
        _remove(draft)


def _draft(target: Path, folder: bool) -> Path:
    """A new file or folder beside ``target``, hidden."""
    prefix = f".{target.stem}-"
    if folder:
        return Path(tempfile.mkdtemp(prefix=prefix, suffix=target.suffix, dir=target.parent))
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=target.suffix, dir=target.parent)
    os.close(handle)
    return Path(name)


def _move(draft: Path, target: Path) -> None:
    """Put a file or a folder in the place of what is there."""
    if not target.is_dir():
        os.replace(draft, target)
        return
    aside = _draft(target, True)
    os.replace(target, aside)
    try:
        os.replace(draft, target)
    except OSError:
        os.replace(aside, target)
        raise
    _remove(aside)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def varied(lanes: Sequence[Cell]) -> dict[str, Any]:
    """Values that designs vary, where they are numbers: path -> array in SI."""
    if not isinstance(lanes, Designs):
        return {}
    return {p: v for p, v in lanes.values.items() if isinstance(v, np.ndarray)}


def entries(first: int, part: Batch, curve: str | None) -> dict[str, Any]:
    """What a store keeps of a chunk: names and arrays, one value a lane."""
    summary = part.summary
    none = np.full(len(part), np.nan)
    out: dict[str, Any] = {"lane": np.arange(first, first + len(part)), **varied(part.cells)}
    out |= {"code": np.asarray(part.code, dtype=np.int32)}
    out |= {name: summary.get(name, none) for name in METRICS}
    out["end_reason"] = summary["end_reason"]
    out["message"] = np.array([part.message(i) for i in range(len(part))], dtype=object)
    if curve is not None:
        voltage = part.points.curves("voltage", curve, CURVE_POINTS)
        voltage[part.code != 0] = np.nan
        out["voltage"] = voltage
    return out


def attributes(lanes: Sequence[Cell], name: str) -> dict[str, str]:
    """Unit and meaning of an entry."""
    if name == "code":
        return {"units": "1", "long_name": "result code, 0 where a lane went well"}
    if name == "voltage":
        return {"units": "V", "long_name": "voltage"}
    if name in SUMMARY_UNITS:
        return {"units": SUMMARY_UNITS[name] or "1", "long_name": name.replace("_", " ")}
    if isinstance(lanes, Designs) and name in lanes.cell.resolved.quantities:
        quantity = lanes.cell.resolved.quantities[name]
        return {"units": quantity.unit, "long_name": quantity.description}
    return {}


class _Nowhere:
    def add(self, first: int, part: Batch) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Nothing to do."""


class _NetCDF:
    """NetCDF 4 with a dimension of all lanes; lanes that are not reached keep the code STOPPED."""

    def __init__(self, path: Path, lanes: Sequence[Cell], curve: str | None) -> None:
        try:
            import h5netcdf
            import h5py  # type: ignore[import-untyped]
        except ImportError as error:
            raise MissingExtraError("h5netcdf", "io") from error
        self.file, self.lanes, self.curve = h5netcdf.File(path, "w"), lanes, curve
        self.file.dimensions = {"lane": len(lanes)}
        self.file.attrs["title"] = "simulated runs, one a lane, in SI; current is positive on discharge"
        if curve is not None:
            self.file.dimensions["point"] = CURVE_POINTS
            grid = self.file.create_variable(f"relative_{curve}", ("point",), "f8")
            grid[:] = np.linspace(0.0, 1.0, CURVE_POINTS)
        for name in ("lane", *varied(lanes), *METRICS):
            self._create(name, "i8" if name == "lane" else "f8", None if name == "lane" else np.nan)
        self._create("code", "i4", None)
        for name in TEXTS:
            self._create(name, h5py.string_dtype(), None)
        if curve is not None:
            self._create("voltage", "f8", np.nan)
        self.file["lane"][:], self.file["code"][:] = np.arange(len(lanes)), np.full(len(lanes), STOPPED)

    def _create(self, name: str, kind: Any, fill: Any) -> None:
        dims = ("lane", "point") if name == "voltage" else ("lane",)
        variable = self.file.create_variable(name, dims, kind, fillvalue=fill)
        for key, text in attributes(self.lanes, name).items():
            variable.attrs[key] = text

    def add(self, first: int, part: Batch) -> None:
        """Write the chunk's lanes."""
        for name, values in entries(first, part, self.curve).items():
            self.file[name][first : first + len(part)] = values

    def close(self) -> None:
        """Complete the file."""
        self.file.close()


class _Parquet:
    """Parquet with one row a lane, in groups of a few chunks; the curve is a list in each row."""

    def __init__(self, path: Path, lanes: Sequence[Cell], curve: str | None) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError as error:
            raise MissingExtraError("pyarrow", "io") from error
        self.arrow, self.lanes, self.curve = pyarrow, lanes, curve
        kinds: dict[str, Any] = {"lane": pyarrow.int64(), **dict.fromkeys(varied(lanes), pyarrow.float64())}
        kinds |= {"code": pyarrow.int32(), **dict.fromkeys(METRICS, pyarrow.float64())}
        kinds |= dict.fromkeys(TEXTS, pyarrow.string())
        if curve is not None:
            kinds["voltage"] = pyarrow.list_(pyarrow.float64(), CURVE_POINTS)
        fields = [pyarrow.field(n, kind, metadata=attributes(lanes, n) or None) for n, kind in kinds.items()]
        about = {"sign_convention": "current is positive on discharge", "units": "SI"}
        about |= {"voltage": f"even over relative {curve} from 0 to 1"} if curve else {}
        self.schema = pyarrow.schema(fields, metadata=about)
        self.writer = pyarrow.parquet.ParquetWriter(path, self.schema)
        self.tables: list[Any] = []

    def add(self, first: int, part: Batch) -> None:
        """Take the chunk's lanes; they are written when there are enough for a group of rows."""
        arrays = []
        values: Mapping[str, Any] = entries(first, part, self.curve)
        for field in self.schema:
            given = values[field.name]
            if np.ndim(given) == 2:
                flat = self.arrow.array(np.ravel(given))
                arrays.append(self.arrow.FixedSizeListArray.from_arrays(flat, CURVE_POINTS))
            else:
                arrays.append(self.arrow.array(given, type=field.type))
        self.tables.append(self.arrow.Table.from_arrays(arrays, schema=self.schema))
        if sum(t.num_rows for t in self.tables) >= GROUP:
            self._write()

    def _write(self) -> None:
        if self.tables:
            self.writer.write_table(self.arrow.concat_tables(self.tables))
            self.tables = []

    def close(self) -> None:
        """Complete the file."""
        self._write()
        self.writer.close()


class _Zarr:
    """Zarr 3 in a folder, with a dimension of all lanes; lanes that are not reached keep the code STOPPED.

    Lanes are written a chunk of the store at a time, each chunk a file that is there as a whole.
    """

    def __init__(self, path: Path, lanes: Sequence[Cell], curve: str | None) -> None:
        try:
            import zarr
        except ImportError as error:
            raise MissingExtraError("zarr", "io") from error
        self.lanes, self.curve = lanes, curve
        group: Any = zarr.open_group(path, mode="w", zarr_format=3)
        self.group = group
        self.group.attrs["title"] = "simulated runs, one a lane, in SI; current is positive on discharge"
        if curve is not None:
            name = f"relative_{curve}"
            grid = self.group.create_array(name, shape=CURVE_POINTS, dtype="f8", dimension_names=("point",))
            grid[:] = np.linspace(0.0, 1.0, CURVE_POINTS)
        self._create("lane", "i8", 0)
        for name in (*varied(lanes), *METRICS, *([] if curve is None else ["voltage"])):
            self._create(name, "f8", np.nan)
        self._create("code", "i4", STOPPED)
        for name in TEXTS:
            self._create(name, "str", "")
        self.group["lane"][:] = np.arange(len(lanes))
        with warnings.catch_warnings():  # outside the specification, and what xarray looks for first
            warnings.filterwarnings("ignore", "Consolidated metadata", category=UserWarning)
            zarr.consolidate_metadata(self.group.store)
        self.first, self.waiting = 0, list[dict[str, Any]]()

    def _create(self, name: str, kind: str, fill: Any) -> None:
        dims = {"lane": len(self.lanes)} | ({"point": CURVE_POINTS} if name == "voltage" else {})
        self.group.create_array(
            name,
            shape=tuple(dims.values()),
            chunks=tuple(min(n, GROUP) for n in dims.values()),
            dtype=kind,
            fill_value=fill,
            attributes=attributes(self.lanes, name),
            dimension_names=tuple(dims),
        )

    def add(self, first: int, part: Batch) -> None:
        """Take the runs of a chunk; full chunks of the store are written."""
        self.waiting.append(entries(first, part, self.curve))
        if first + len(part) - self.first >= GROUP:
            self._write((first + len(part)) // GROUP * GROUP)

    def _write(self, last: int) -> None:
        """Write the lanes that wait, up to ``last``."""
        if not self.waiting:
            return
        names, count = self.waiting[0], last - self.first
        whole = {name: np.concatenate([part[name] for part in self.waiting]) for name in names}
        for name, values in whole.items():
            self.group[name][self.first : last] = values[:count]
        rest = {name: values[count:] for name, values in whole.items()}
        self.first, self.waiting = last, [rest] if len(rest["lane"]) else []

    def close(self) -> None:
        """Write what waits."""
        self._write(self.first + sum(len(part["lane"]) for part in self.waiting))


def to_xarray(batch: Batch) -> xarray.Dataset:
    """Codes, messages and metrics of a batch over ``lane``; MissingExtraError without xarray."""
    try:
        import xarray
    except ImportError as error:
        raise MissingExtraError("xarray", "io") from error
    values = {name: v for name, v in entries(0, batch, None).items() if name != "lane"}
    kept = {n: v for n, v in values.items() if n not in METRICS or n in batch.summary}
    data = {n: ("lane", v, attributes(batch.cells, n)) for n, v in kept.items()}
    return xarray.Dataset(data, coords={"lane": np.arange(len(batch))})
