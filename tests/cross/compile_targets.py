"""Compile the kernel for other machines with zig and check what comes out (make cross).

    python tests/cross/compile_targets.py [manylinux_2_28_aarch64 ...]

Each result must be a shared library of its system and machine and export every function that its source does.
Nothing is run. The libraries stay in build/cross.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from shared_library import read  # noqa: E402

import hatch_build  # noqa: E402

#: what `make cross` compiles: platform tag -> system and machine of the result
TARGETS = {
    "manylinux_2_28_aarch64": ("linux", "aarch64"),
    "macosx_11_0_arm64": ("macos", "aarch64"),
    "macosx_11_0_x86_64": ("macos", "x86_64"),
    "win_amd64": ("windows", "x86_64"),
}
#: a function that a source exports: at the start of a line, the macro, the type, the name
EXPORTED = re.compile(r"^(?:ION_)?EXPORT [\w ]+? \*?(ion_\w+)\(", re.MULTILINE)


def exported(source: str) -> set[str]:
    """Functions that a source of the kernel exports."""
    return set(EXPORTED.findall((ROOT / hatch_build.SOURCES / source).read_text(encoding="utf-8")))


def check(library: Path, target: str) -> str:
    """Refuse a library that is not what its target asks for; else a line about it."""
    system, machine, names = read(library.read_bytes())
    if (system, machine) != TARGETS[target]:
        raise SystemExit(f"{target}: {library.name} is for {system} on {machine}")
    wanted = exported("cpu.c" if library.stem == "cpu" else "kernel.cpp")
    if not wanted or not wanted <= names:
        raise SystemExit(
            f"{target}: {library.name} lacks {', '.join(sorted(wanted - names)) or 'everything'}"
        )
    return f"{library.name}: {system}, {machine}, {len(wanted)} functions"


def main(targets: list[str]) -> None:
    """Compile and check each target."""
    for target in targets or TARGETS:
        if target not in TARGETS:
            raise SystemExit(f"{target} is unknown; choose from {', '.join(TARGETS)}")
        start, tools = time.perf_counter(), hatch_build.Toolchain(target)
        out = ROOT / "build/cross" / target
        hatch_build.build_kernel(ROOT, out, tools)
        made = sorted(out.glob(f"*{tools.suffix}"))
        if len(made) < 2:
            raise SystemExit(f"{target}: {len(made)} libraries, expected the probe and a kernel")
        print(f"{target} in {time.perf_counter() - start:.0f} s: {'; '.join(check(p, target) for p in made)}")


if __name__ == "__main__":
    main(sys.argv[1:])
