"""Own laws as a user gives them, a file or a mapping, read into the laws and the values of a model."""

from __future__ import annotations

import hashlib
import linecache
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ionstone.cell_model.slots import ELECTRODES, NONE, REGION_SLOTS, REGIONS, OwnLaws, read_law
from ionstone.core.documents import read_text
from ionstone.core.errors import InputError, nearest, one_line, shown

#: what ``laws`` of a Python call may be
LawsInput = str | Path | Mapping[str, Any]


@dataclass(frozen=True)
class GivenLaws:
    """Own laws, and the values of their parameters that differ from the declared ones.

    A value is a number in SI, or a sequence with one for each cell of a batch.
    """

    laws: OwnLaws = NONE
    values: Mapping[str, Any] = field(default_factory=dict)

    def column(self, count: int, index: int) -> dict[str, float]:
        """Values of one of ``count`` cells; InputError for a wrong number of values or one out of bounds."""
        declared = self.laws.parameters
        out = {path: p.value for path, p in declared.items()}
        for path, value in self.values.items():
            if not isinstance(value, str) and hasattr(value, "__len__"):
                if len(value) != count:
                    raise InputError(
                        f"laws: {len(value)} values of {path} for {count} cells: give one, or one for each"
                    )
                value = value[index]
            number = value if isinstance(value, str) else float(value)
            out[path] = declared[path].read(number, f"laws: {path}")
        return out


def read_laws(given: LawsInput | None, folder: Path | None = None) -> GivenLaws:
    """Own laws of a file, or of a mapping from slot to function.

    A file defines ``laws``, a mapping from slots ("positive.kinetics") to its functions. A mapping has
    functions, or with ``file`` names of functions of that file, relative to ``folder``; and values of
    parameters of the laws ("positive.reorganisation_energy": "0.4 V"). Raises InputError, one line.
    """
    if given is None:
        return GivenLaws()
    if not isinstance(given, Mapping):
        return _sort(_of_module(given, folder), {})
    entries = dict(given)
    if "file" not in entries:
        functions = {k: v for k, v in entries.items() if callable(v)}
        names = [k for k, v in entries.items() if isinstance(v, str) and v.isidentifier()]
        if names:
            raise InputError(
                f"laws: {names[0]} is the name {shown(entries[names[0]])}: add `file: mylaws.py`"
            )
        return _sort(functions, {k: v for k, v in entries.items() if k not in functions})
    file = entries.pop("file")
    module = load_file(file, folder)
    functions, values = {}, {}
    for key, value in entries.items():
        if isinstance(value, str) and value.isidentifier():
            functions[key] = _named(module, value, key)
        elif callable(value):
            functions[key] = value
        else:
            values[key] = value
    return _sort(functions or _of_module(file, folder), values)


def _named(module: ModuleType, name: str, slot: str) -> Any:
    if not hasattr(module, name):
        known = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
        hint = nearest(name, known, otherwise="it has")
        raise InputError(f"laws: {slot}: {Path(str(module.__file__)).name} has no function {name}: {hint}")
    return getattr(module, name)


def _of_module(file: str | Path, folder: Path | None) -> Mapping[str, Any]:
    module = load_file(file, folder)
    found = getattr(module, "laws", None)
    if not isinstance(found, Mapping) or not found:
        raise InputError(
            f"{Path(file).name} has no mapping `laws`: add laws = {{'positive.kinetics': function}}"
        )
    return found


def _sort(functions: Mapping[str, Any], values: Mapping[str, Any]) -> GivenLaws:
    """Laws in the order of their slots; shorthands spelt out; values of known parameters only."""
    spelt: dict[str, Any] = {}
    for slot, function in functions.items():
        if slot in REGION_SLOTS and slot.startswith("electrolyte."):
            spelt |= {f"{region}.{slot}": function for region in REGIONS}
        else:
            spelt[str(slot)] = function
    laws = OwnLaws(tuple(read_law(slot, spelt[slot]) for slot in sorted(spelt)))
    laws.check()
    known = laws.parameters
    for path in values:
        if path not in known:
            places = [f"{r}.{k}" for r in (*ELECTRODES, "separator") for k in REGION_SLOTS]
            hint = nearest(path, [*known, *places], otherwise="parameters of the laws given")
            raise InputError(f"laws: {shown(path)} is no parameter of the laws given: {hint}")
    return GivenLaws(laws, dict(values))


def load_file(file: str | Path, folder: Path | None = None) -> ModuleType:
    """The module of a law file, run once for each content. InputError shows the line of an error in it."""
    path = Path(file)
    if not path.is_absolute() and folder is not None:
        path = folder / path
    if path.suffix != ".py":
        raise InputError(f"laws: {shown(str(file))} is no Python file: give the path of a .py file")
    if not path.exists():
        raise InputError(f"laws: {path.name}: no such file in {shown(str(path.parent), 160)}: check the path")
    return _module(str(path), read_text(path))


@lru_cache(maxsize=32)
def _module(path: str, source: str) -> ModuleType:
    name = f"ionstone_laws_{hashlib.sha256(source.encode()).hexdigest()[:12]}"
    module = ModuleType(name)
    module.__file__ = path
    linecache.checkcache(path)
    short = Path(path).name
    try:
        exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
    except InputError as error:
        raise InputError(f"{short}{_line(error, path)}: {error}") from error
    except SyntaxError as error:
        raise InputError(f"{short}, line {error.lineno}: {error.msg}: correct it") from None
    except Exception as error:
        reason = one_line(f"{type(error).__name__}: {error}", 200)
        raise InputError(f"{short}{_line(error, path)}: {reason}: correct it") from error
    return module


def _line(error: Exception, path: str) -> str:
    own = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
    return f", line {own[-1].lineno}: `{one_line(own[-1].line or '', 80)}`" if own else ""


class Named(Protocol):
    """A cell: its name, and the laws that its file names."""

    @property
    def name(self) -> str:
        """The cell's short name."""

    @property
    def laws(self) -> Mapping[str, Any]:
        """Own laws of the cell's file, empty where it has none."""


@dataclass(frozen=True)
class BatchLaws:
    """Own laws of a batch: structure, and values of their parameters by path, one a cell."""

    laws: OwnLaws = NONE
    values: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for equal laws and values."""
        return self.laws, tuple((path, v.tobytes()) for path, v in self.values.items())


def laws_of(cells: Sequence[Named], given: LawsInput | None, allow: bool) -> BatchLaws:
    """Own laws of a batch: those given, else those that the cells' files name where that is allowed.

    Raises InputError for code of a cell file that is not allowed, and for cells with different laws.
    """
    count = len(cells)
    if given is not None:
        own = read_laws(given)
        return _batch(own.laws, [own.column(count, i) for i in range(count)] if own.laws else [])
    if not any(cell.laws for cell in cells):
        return NO_LAWS
    each = [read_laws(_allowed(cell, allow)) for cell in cells]
    if any(own.laws != each[0].laws for own in each[1:]):
        raise InputError("laws: the cells of a batch have different laws: run them as several batches")
    return _batch(each[0].laws, [own.column(1, 0) for own in each])


def _batch(laws: OwnLaws, columns: Sequence[Mapping[str, float]]) -> BatchLaws:
    return BatchLaws(laws, {path: np.array([c[path] for c in columns]) for path in laws.parameters})


def _allowed(cell: Named, allow: bool) -> Mapping[str, Any] | None:
    if cell.laws and not allow:
        raise InputError(
            f"{cell.name}: its file runs code, {shown(str(cell.laws.get('file')), 160)}: read it, "
            " then allow it with --allow-laws, in Python allow_laws=True"
        )
    return cell.laws or None


#: no own laws
NO_LAWS = BatchLaws()
