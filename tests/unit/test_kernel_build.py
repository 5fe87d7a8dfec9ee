"""The build hook: which compiler, and when the kernel is compiled anew."""

import os
import subprocess
import sys
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from ionstone.numerics.loader import kernel_path

ROOT = Path(__file__).parents[2]


def loaded(path):
    spec = spec_from_file_location(path.stem, path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def build():
    return loaded(ROOT / "hatch_build.py")


@pytest.fixture(scope="module")
def library():
    return loaded(ROOT / "tests/cross/shared_library.py")


def test_the_stamp_changes_with_the_sources(build, tmp_path):
    tools = build.Toolchain(None)
    folder = tmp_path / build.SOURCES
    folder.mkdir(parents=True)
    (tmp_path / "hatch_build.py").write_text("")
    (folder / "cpu.c").write_text("int ion_level(void) { return 2; }")
    before = build.fingerprint(tmp_path, tools)
    assert build.fingerprint(tmp_path, tools) == before
    (folder / "cpu.c").write_text("int ion_level(void) { return 3; }")
    assert build.fingerprint(tmp_path, tools) != before


def test_the_compiled_kernel_is_made_from_the_sources_of_this_checkout(build):
    stamp = ROOT / "src/ionstone/_lib/.kernel-stamp"
    if not stamp.exists():
        pytest.skip("ionstone is not installed in place")
    assert stamp.read_text() == build.fingerprint(ROOT, build.Toolchain(None)), "run `make kernel`"


def test_a_compiler_that_does_not_work_is_passed_over(build, monkeypatch, tmp_path):
    broken = tmp_path / "broken-c++"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CXX", str(broken))
    assert build.candidates()[0] == [str(broken)]
    assert build.system_compiler() != [str(broken)]


def test_without_any_compiler_the_ways_out_are_named(tmp_path):
    environment = {**os.environ, "PATH": str(tmp_path), "CXX": ""}
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.modules['ziglang'] = None\n"
    code += "import importlib.util as u; u.find_spec = lambda name: None\n"
    code += "import hatch_build; hatch_build.Toolchain(None)"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Tried: g++, clang++" in done.stderr
    assert "apt install g++" in done.stderr


def test_an_unknown_target_is_refused_with_the_known_ones(build):
    with pytest.raises(SystemExit, match="manylinux_2_28_aarch64"):
        build.Toolchain("amiga")


def test_the_cross_compiler_of_the_lock_is_that_of_the_build(build):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert build.ZIG in project["project"]["optional-dependencies"]["dev"]


@pytest.mark.skipif(sys.platform != "linux", reason="compares with the machine's own name of itself")
def test_machine_and_functions_of_the_kernel_are_read_from_its_file(library):
    system, machine, names = library.read(kernel_path().read_bytes())
    assert (system, machine) == ("linux", os.uname().machine)
    assert {"ion_abi", "ion_load", "ion_free", "ion_run"} <= names


@pytest.mark.parametrize("kind", ["relocatable", "another machine", "text"])
def test_a_file_that_is_no_library_of_a_known_machine_is_refused(library, kind):
    header = bytearray(64)
    header[:6] = b"\x7fELF\x02\x01"
    header[16:20] = bytes([1 if kind == "relocatable" else 3, 0, 21, 0])
    with pytest.raises(library.NotALibrary):
        library.read(b"# a text" if kind == "text" else bytes(header))
