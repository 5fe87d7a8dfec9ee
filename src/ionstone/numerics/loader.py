"""Find and load the compiled kernel.

The kernel lies in ``ionstone/_lib``: one library on most machines, on x86-64 one per instruction level
beside a probe that says which level the processor has. Two environment variables are for developers and
tests: ``IONSTONE_LEVEL`` lowers the level, ``IONSTONE_KERNEL`` names another library (a sanitizer build).
"""

from __future__ import annotations

import os
import sys
from ctypes import CDLL
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent.parent / "_lib"
_SUFFIX = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
_BUILT_LEVELS = (4, 3, 2)


class KernelNotFoundError(ImportError):
    """There is no kernel that this machine can run; the message says what to do."""


def processor_level() -> int:
    """x86-64 level (1 to 4) of this processor, 0 on any other machine."""
    probe = _FOLDER / f"cpu{_SUFFIX}"
    if not probe.is_file():
        raise KernelNotFoundError(
            f"the compiled kernel is missing: no {probe.name} in {_FOLDER}; reinstall ionstone "
            "(from a checkout: pip install -e ., or python hatch_build.py)"
        )
    return int(CDLL(str(probe)).ion_level())


def kernel_path() -> Path:
    """The library for this machine: the highest level that was built and that the processor has."""
    if chosen := os.environ.get("IONSTONE_KERNEL"):
        return Path(chosen)
    level = processor_level()
    if level == 0:
        path = _FOLDER / f"kernel{_SUFFIX}"
    else:
        level = min(level, int(os.environ.get("IONSTONE_LEVEL", "9")))
        usable = [_FOLDER / f"kernel{n}{_SUFFIX}" for n in _BUILT_LEVELS if n <= level]
        if not usable:
            raise KernelNotFoundError("this processor is older than x86-64-v2, which the kernel needs")
        path = next((p for p in usable if p.is_file()), usable[0])
    if not path.is_file():
        raise KernelNotFoundError(f"the compiled kernel is missing: {path}; reinstall ionstone")
    return path


@cache
def load_kernel() -> CDLL:
    """The kernel's library, loaded once a process."""
    return CDLL(str(kernel_path()))
