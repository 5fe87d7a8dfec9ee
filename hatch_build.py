"""Build hook: compile the kernel with whatever C++ compiler there is, and tag the wheel for this platform.

One wheel serves every Python (``py3-none-<platform>``), because the kernel is loaded with ctypes through a
plain C interface. On x86-64 it holds a processor probe and one kernel per instruction level, elsewhere one.

Compilers, in turn: ``$CXX``, g++, clang++ (each must compile a C++20 probe), else zig, which is asked for as
a build dependency only where no compiler works. ``IONSTONE_TARGET=<platform tag>`` cross-compiles with zig.

Run as a script (``python hatch_build.py``), it compiles into ``src/ionstone/_lib`` for an editable install:
of the instruction levels only the lowest and the one that this machine loads.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script outside a build environment
    BuildHookInterface = object

ROOT = Path(__file__).resolve().parent
SOURCES = Path("src/ionstone/numerics/kernel")
ZIG = "ziglang==0.17.1"  # pinned exactly: its flags change between versions
LEVELS = (2, 3, 4)  # x86-64-v2, v3 and v4, whose vectors are twice as wide
CXX_FLAGS = shlex.split(
    "-std=c++20 -O3 -fno-math-errno -fno-trapping-math -fno-exceptions -fno-rtti -fvisibility=hidden"
    " -w -Wno-psabi"
)
C_FLAGS = ["-O2", "-w"]
PROBE = "#include <cstdint>\ntemplate <typename T> concept C = sizeof(T) == 8;\nstatic_assert(C<double>);\n"

CROSS = {  # platform tag of the wheel -> zig's target
    "manylinux_2_28_x86_64": "x86_64-linux-gnu.2.28",
    "manylinux_2_28_aarch64": "aarch64-linux-gnu.2.28",
    "musllinux_1_2_x86_64": "x86_64-linux-musl",
    "musllinux_1_2_aarch64": "aarch64-linux-musl",
    "macosx_11_0_x86_64": "x86_64-macos.11.0",
    "macosx_11_0_arm64": "aarch64-macos.11.0",
    "win_amd64": "x86_64-windows-gnu",
}

HELP = """ionstone needs a C++20 compiler to build its kernel and found none that works.
Tried: {tried}.
Ways out: install a ready wheel (pip install --only-binary ionstone ionstone),
or g++ (Debian: apt install g++),
or zig (pip install {zig}; pip fetches it by itself unless --no-build-isolation is given)."""


def candidates() -> list[list[str]]:
    """Compiler commands to try, the user's own first."""
    return [c for c in (shlex.split(os.environ.get("CXX", "")), ["g++"], ["clang++"]) if c]


def works(command: list[str]) -> bool:
    """Whether the command compiles a line of C++20 for the highest level that we build."""
    if shutil.which(command[0]) is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "probe.cpp")
        source.write_text(PROBE)
        march = [f"-march=x86-64-v{LEVELS[-1]}"] if on_x86(native_platform()) else []
        line = [*command, "-std=c++20", *march, "-c", str(source), "-o", str(Path(folder, "probe.o"))]
        return subprocess.run(line, capture_output=True).returncode == 0


def system_compiler() -> list[str] | None:
    """The first C++ compiler of this machine that works, or None."""
    return next((c for c in candidates() if works(c)), None)


def native_platform() -> str:
    """The platform tag of a wheel for this machine."""
    if sys.platform == "darwin":
        return f"macosx_11_0_{platform.machine()}"
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")


def on_x86(plat: str) -> bool:
    """Whether a platform tag is of an x86-64 machine."""
    return plat.endswith(("x86_64", "amd64"))


class Toolchain:
    """A C++ compiler, the C driver to link with, and the flags of the target platform."""

    def __init__(self, target: str | None) -> None:
        if target is not None and target not in CROSS:
            sys.exit(f"IONSTONE_TARGET={target} is unknown; choose one of {', '.join(CROSS)}")
        self.platform = target or native_platform()
        cxx = None if target else system_compiler()
        self.is_zig = cxx is None
        if cxx is None:
            if importlib.util.find_spec("ziglang") is None:
                tried = ", ".join(shlex.join(c) for c in candidates())
                sys.exit(HELP.format(tried=tried, zig=ZIG))
            zig = [sys.executable, "-m", "ziglang"]
            triple = ["-target", CROSS[target]] if target else []
            self.compile, self.link = [*zig, "c++", *triple], [*zig, "cc", *triple]
        else:
            self.compile = self.link = cxx
        windows, apple = self.platform.startswith("win"), self.platform.startswith("macosx")
        self.suffix = ".dll" if windows else ".dylib" if apple else ".so"
        self.position = [] if windows else ["-fPIC"]
        if apple and not self.is_zig:
            self.position.append("-mmacosx-version-min=11.0")
        # the kernel needs no C++ run-time: without this g++ would still name libstdc++ as needed
        self.libraries = ["-Wl,--as-needed", "-lm"] if self.suffix == ".so" else []
        if self.is_zig or self.suffix == ".so":
            self.libraries.append("-s")

    def march(self, level: int) -> list[str]:
        """The flag for an x86-64 level, in the compiler's own spelling."""
        wide = ["-mprefer-vector-width=512"] if level == 4 else []
        return [f"-march=x86_64_v{level}" if self.is_zig else f"-march=x86-64-v{level}", *wide]

    def identity(self) -> str:
        """What, beside the sources, the result depends on."""
        with tempfile.TemporaryDirectory() as folder:  # zig leaves a file behind, even by --version
            line = [*self.compile, "--version"]
            version = subprocess.run(line, capture_output=True, text=True, cwd=folder).stdout
        return f"{self.compile} {version} {self.platform}"

    def library(self, source: Path, flags: list[str], out: Path) -> None:
        """Compile one source and link it as C (no -march at link: zig would rebuild its run-time)."""
        with tempfile.TemporaryDirectory() as folder:
            obj = Path(folder, "kernel.o")
            language = ["-x", "c"] if source.suffix == ".c" else []
            run([*self.compile, *flags, *self.position, *language, "-c", str(source), "-o", str(obj)], folder)
            made = Path(folder, out.name)
            run([*self.link, "-shared", *self.position, str(obj), *self.libraries, "-o", str(made)], folder)
            shutil.move(made, out)  # replaced whole: a process that holds the old one keeps it


def run(command: list[str], folder: str) -> None:
    """Run a compiler in a folder of its own (some leave files behind); on failure stop with its own words."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if done.returncode != 0:
        sys.exit(f"The kernel did not compile.\n$ {shlex.join(command)}\n{done.stdout}{done.stderr}")


def fingerprint(root: Path, tools: Toolchain) -> str:
    """Hash of everything the libraries are made from."""
    parts = sorted(p for p in (root / SOURCES).glob("*") if p.suffix in {".c", ".cpp", ".h"})
    digest = hashlib.sha256(tools.identity().encode())
    for path in [*parts, root / "hatch_build.py"]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def levels_here(probe: Path) -> tuple[int, ...]:
    """Of the levels that we build: the lowest and the highest that this machine runs."""
    level = int(ctypes.CDLL(str(probe)).ion_level())
    return LEVELS[0], *[n for n in LEVELS[1:] if n <= level][-1:]


def build_kernel(root: Path, out: Path, tools: Toolchain, here: bool = False) -> None:
    """Compile probe and kernels into ``out``, unless what lies there is made from the same sources.

    ``here``: for this machine only, without the levels that it would not load.
    """
    stamp = out / ".kernel-stamp"
    mark = fingerprint(root, tools)
    if stamp.is_file() and stamp.read_text() == mark:
        return
    stamp.unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    kernel = root / SOURCES / "kernel.cpp"
    jobs = [(root / SOURCES / "cpu.c", C_FLAGS, f"cpu{tools.suffix}")]
    if on_x86(tools.platform):
        probe = out / f"cpu{tools.suffix}"
        if here:
            tools.library(root / SOURCES / "cpu.c", C_FLAGS, probe)
        levels = levels_here(probe) if here else LEVELS
        jobs += [(kernel, CXX_FLAGS + tools.march(n), f"kernel{n}{tools.suffix}") for n in levels]
    else:
        jobs += [(kernel, CXX_FLAGS, f"kernel{tools.suffix}")]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda job: tools.library(job[0], job[1], out / job[2]), jobs))
    for stale in {path.name for path in out.iterdir()} - {job[2] for job in jobs}:
        (out / stale).unlink()
    stamp.write_text(mark)


class KernelHook(BuildHookInterface):
    """hatchling's entry: compile, include the libraries, name the platform."""

    def dependencies(self) -> list[str]:
        """Ask for zig only where it is needed."""
        return [ZIG] if os.environ.get("IONSTONE_TARGET") or system_compiler() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the wheel is assembled; an editable install gets its libraries beside the sources."""
        tools = Toolchain(os.environ.get("IONSTONE_TARGET") or None)
        root = Path(self.root)
        editable = version == "editable"
        out = root / ("src/ionstone/_lib" if editable else f"build/kernel/{tools.platform}/_lib")
        build_kernel(root, out, tools, here=editable)
        if not editable:
            for path in sorted(out.glob(f"*{tools.suffix}")):
                build_data["force_include"][str(path)] = f"ionstone/_lib/{path.name}"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{tools.platform}"


if __name__ == "__main__":
    build_kernel(ROOT, ROOT / "src/ionstone/_lib", Toolchain(None), here=True)
