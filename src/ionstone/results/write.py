"""Files of a run: CSV and Parquet with Battery Data Format columns, NetCDF with own names.

Sign convention. CSV and Parquet follow the Battery Data Format: current, power, C-rate and current
density are positive on charge, ``Net Capacity / Ah`` grows on charge. NetCDF (and everything in Python)
counts them positive on discharge. Each file says so: the Parquet and NetCDF file in their metadata, the
CSV in a file beside it (``run.csv-metadata.json``, the place where the W3C's "CSV on the Web" looks for
the description of ``run.csv``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ionstone.core.errors import InputError, MissingExtraError
from ionstone.results.files import check_writable, write_atomically
from ionstone.results.outputs import DERIVED, Output, output

if TYPE_CHECKING:
    import xarray

    from ionstone.results.run import Run

KINDS = (".csv", ".parquet", ".nc")
FILE_SIGNS = "Battery Data Format: current, power, C-rate and current density are positive on charge"
PYTHON_SIGNS = "current, power, C-rate, current density and discharge_capacity are positive on discharge"
_FIRST = ("time", "voltage", "current", "step", "temperature", "power", "discharge_capacity", "soc")


def write_run(run: Run, path: str | Path) -> Path:
    """Write a run; the ending of ``path`` chooses the format. InputError where it is unknown or not
    writable."""
    target = check_writable(path, KINDS)
    writers = {".csv": _write_csv, ".parquet": _write_parquet, ".nc": _write_netcdf}
    return writers[target.suffix.lower()](run, target)


def columns(run: Run) -> dict[str, np.ndarray]:
    """The exported columns, label to values: the Battery Data Format's first, then ours; signs as
    ``FILE_SIGNS``."""
    return {record.column: values for record, values in _exported(run)}


def to_xarray(run: Run) -> xarray.Dataset:
    """The run as an xarray Dataset (SI, Python signs). MissingExtraError where xarray is not installed."""
    try:
        import xarray
    except ImportError as error:
        raise MissingExtraError("xarray", "io") from error
    variables: dict[str, Any] = {"step": ("time", run.step, {"units": "1", "long_name": "Protocol step"})}
    for name, values in run.outputs.items():
        record = output(name, run.units.get(name, ""))
        variables[name] = ("time", values, {"units": run.units[name], "long_name": record.title})
    time = ("time", run.time, {"units": "s", "long_name": "Time"})
    attributes = _description(run) | {"sign_convention": PYTHON_SIGNS}
    return xarray.Dataset(variables, coords={"time": time}, attrs=attributes)


def _exported(run: Run) -> list[tuple[Output, np.ndarray]]:
    series = {"time": run.time, "step": run.step, **run.outputs}
    names = [name for name in _FIRST if name in series]
    names += [name for name in series if name not in names and name not in DERIVED]
    pairs = []
    for name in names:
        record, values = output(name, run.units.get(name, "")), series[name]
        if name != "step":
            values = (values * record.scale + record.offset) * (-1.0 if record.reverse else 1.0) + 0.0
        pairs.append((record, values))
    return pairs


def _description(run: Run) -> dict[str, str | int]:
    return {
        "title": f"{run.cell}: simulated run",
        "cell": run.cell,
        "model": run.model,
        "protocol": run.protocol,
        "code": run.code,
        "message": run.message,
        "end_reason": str(run.summary.get("end_reason", "")),
    }


def _write_csv(run: Run, target: Path) -> Path:
    pairs = _exported(run)
    texts = [[_number(value) for value in values.tolist()] for _, values in pairs]
    lines = [",".join(record.column for record, _ in pairs)]
    lines += [",".join(row) for row in zip(*texts, strict=True)]
    write_atomically(target, "\n".join(lines) + "\n")
    note = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": target.name,
        "dc:title": f"{run.cell}: simulated run",
        "dc:description": FILE_SIGNS,
        "tableSchema": {
            "columns": [
                {"titles": record.column, "dc:description": record.description} for record, _ in pairs
            ]
        },
        "notes": [_description(run)],
    }
    write_atomically(target.with_name(target.name + "-metadata.json"), json.dumps(note, indent=2) + "\n")
    return target


def _number(value: float | int) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{value:.12g}" if np.isfinite(value) else ""


def _write_parquet(run: Run, target: Path) -> Path:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", "io") from error
    fields, arrays = [], []
    for record, values in _exported(run):
        array = pyarrow.array(values)
        arrays.append(array)
        fields.append(pyarrow.field(record.column, array.type, metadata={"description": record.description}))
    about = {key: str(value) for key, value in _description(run).items()} | {"sign_convention": FILE_SIGNS}
    table = pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields, metadata=about))
    return write_atomically(target, lambda draft: pyarrow.parquet.write_table(table, draft))


def _write_netcdf(run: Run, target: Path) -> Path:
    try:
        import h5netcdf  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("h5netcdf", "io") from error
    dataset = to_xarray(run)
    if not np.all(np.diff(run.time) >= 0):
        raise InputError(f"--out {target.name}: the time of this run does not increase; write it as .csv")
    return write_atomically(target, lambda draft: dataset.to_netcdf(draft, engine="h5netcdf"))
