"""The kernel's sources made ready for nvcc, and compiled: a thread works one design.

nvcc wants each function of a GPU marked and has no switch for all; the kernel's sources are plain C++. So a
copy is made in which every function is marked ``__device__`` and the leaves that are written for vectors of
a processor (lanes, tables, the interpreter, memory) are those of ``kernel/gpu``.

    python benchmarks/gpu_build.py        # compile build/gpu/gpu.so, needs nvcc (make cuda-check)
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KERNEL = ROOT / "src/ionstone/numerics/kernel"
#: what is for the GPU's code alone, and what stays on the host
OWN, HOST = KERNEL / "gpu", {"model.h"}
FLAGS = ["-std=c++20", "-shared", "-Xcompiler", "-fPIC", "-w"]
#: comment, preprocessor line with its continuations, text, character
_SKIP = re.compile(
    r"//[^\n]*|/\*.*?\*/|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])'",
    re.MULTILINE | re.DOTALL,
)
_TEMPLATE = re.compile(r"\s*template\s*<")
_TYPE = re.compile(r"\s*(struct|class|union|namespace)\b")
_TABLE = re.compile(r"\s*constexpr\b[^(]*\[[^(]*$")


#: characters of a function from which it is called and not put in line
LONG = 300
DEVICE, NOT_INLINE = "__device__ ", "__noinline__ "


class UnknownFormError(ValueError):
    """A source has brackets that do not match."""


def _after_template(text: str, at: int) -> int:
    """Where a declaration begins behind its template header."""
    found = _TEMPLATE.match(text, at)
    if not found:
        return at
    depth, at = 1, found.end()
    while depth:
        depth += {"<": 1, ">": -1}.get(text[at], 0)
        at += 1
    return at


def marked(source: str, mark: str = DEVICE, long: str = NOT_INLINE) -> str:
    """A source with ``mark`` before every function that is defined in it and every table of constants.

    Functions with more than LONG characters get ``long`` too: put in line, all of it took nvcc more than ten
    minutes.

    Functions are declarations at the level of the file, a namespace or a struct that have arguments and a
    body; tables are ``constexpr`` arrays at the level of the file or a namespace.
    """
    text = _SKIP.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), source)  # same length, so that places agree
    marks: list[tuple[int, str]] = []
    opened = 0
    scopes: list[tuple[str, bool]] = []  # what a bracket closes; whether what follows begins a declaration
    start = 0
    declaring = True
    for at, char in enumerate(text):
        if declaring and char == ";":
            head = text[_after_template(text, start) : at]
            if _TABLE.match(head.split("=")[0]) and all(kind == "namespace" for kind, _ in scopes):
                marks.append((_begin(text, start), mark))
            start = at + 1
        elif char == "{":
            head = text[_after_template(text, start) : at] if declaring else ""
            type_ = _TYPE.match(head)
            if not declaring:
                scopes.append(("code", False))
            elif type_:
                scopes.append((type_.group(1), True))
                start = at + 1
            else:
                function = "(" in head.split("=")[0] or "operator" in head  # not the braces of a value
                opened = at
                scopes.append(("code", function))
                declaring = False
        elif char == "}":
            if not scopes:
                raise UnknownFormError(f"a bracket too many at {source[max(0, at - 60) : at + 1]!r}")
            kind, begins = scopes.pop()
            if begins and kind == "code":
                marks.append((_begin(text, start), mark + (long if at - opened > LONG else "")))
            if begins:
                start = at + 1
            if begins or (scopes and scopes[-1][0] != "code") or not scopes:
                declaring = True
    if scopes:
        raise UnknownFormError("a bracket is not closed")
    for at, words in sorted(marks, reverse=True):
        source = source[:at] + words + source[at:]
    return source


def _begin(text: str, start: int) -> int:
    """First character of a declaration, behind its template header."""
    at = _after_template(text, start)
    return at + len(text[at:]) - len(text[at:].lstrip())


def sources(folder: Path, mark: str = DEVICE, long: str = NOT_INLINE) -> Path:
    """Write the sources for a GPU into ``folder``; returns the one to compile."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in [*KERNEL.glob("*.h"), *OWN.glob("*.h")]:  # those of the GPU replace the others
        text = path.read_text(encoding="utf-8")
        (folder / path.name).write_text(
            text if path.name in HOST else marked(text, mark, long), encoding="utf-8"
        )
    shutil.copy(OWN / "gpu.cu", folder / "gpu.cu")
    return folder / "gpu.cu"


def compiled(folder: Path = ROOT / "build/gpu", arch: str | None = None, *, quick: bool = False) -> Path:
    """Compile with nvcc into ``folder``; arch: "native", "sm_90", ..., default nvcc's own.

    quick: without optimisation, to see whether it compiles.
    """
    out = folder / "gpu.so"
    flags = [
        *FLAGS,
        *(["--Ofast-compile", "max"] if quick else ["-O3"]),
        *([f"-arch={arch}"] if arch else []),
    ]
    line = ["nvcc", *flags, str(sources(folder)), "-o", str(out)]
    done = subprocess.run(line, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the kernel does not compile for a GPU\n{done.stdout}{done.stderr}")
    return out


def emulated(folder: Path, compiler: str = "g++") -> Path:
    """The same sources compiled for a processor, one thread, to test them without a GPU."""
    out = folder / "gpu.so"
    flags = ["-std=c++20", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-w", "-ffp-contract=off"]
    line = [compiler, *flags, "-x", "c++", str(sources(folder, "", "")), "-o", str(out)]
    done = subprocess.run(line, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the GPU's sources do not compile for a processor\n{done.stdout}{done.stderr}")
    return out


if __name__ == "__main__":
    if shutil.which("nvcc") is None:
        sys.exit("no nvcc is there: the check was not made")
    print(f"compiled for GPUs, without optimisation: {compiled(quick=True).relative_to(ROOT)}")
