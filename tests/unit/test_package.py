"""The package's front door: light to import, complete, honest about its version."""

import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

import ionstone

HEAVY = ("numpy", "pint", "plotly", "pandas", "scipy", "xarray", "matplotlib", "bpx", "pydantic", "jinja2")
ROOT = Path(__file__).parents[2]


def modules_after(*arguments: str) -> set[str]:
    """Names of all modules that a fresh process has imported at its end."""
    code = f"import sys; sys.argv = {['ionstone', *arguments[1:]]!r}\n"
    code += "import atexit; atexit.register(lambda: print('\\nLOADED', *sys.modules))\n"
    code += arguments[0]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.rsplit("LOADED", 1)[1].split())


def test_importing_the_package_loads_nothing_heavy():
    loaded = modules_after("import ionstone")
    assert "ionstone" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_help_loads_nothing_heavy():
    loaded = modules_after("import runpy; runpy.run_module('ionstone', run_name='__main__')", "--help")
    assert "ionstone.cli" in loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("name", ionstone.__all__)
def test_every_public_name_can_be_loaded(name):
    assert getattr(ionstone, name) is not None
    assert name in dir(ionstone)


def test_a_public_name_is_the_object_of_its_room():
    assert ionstone.InputError is import_module("ionstone.core.errors").InputError


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'no_such_thing'"):
        _ = ionstone.no_such_thing


def test_the_installed_version_is_that_of_the_source():
    assert version("ionstone") == ionstone.__version__


def test_changelog_and_citation_name_the_version():
    assert f"## {ionstone.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"version: {ionstone.__version__}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["compare", "test", "dev"])
def test_a_lock_file_pins_every_package_with_hashes_and_names_no_index(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 20
    assert all(re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", entry) for entry in entries)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"https?:|file:|index-url|find-links|trusted-host", text)


def test_the_test_locks_agree_with_the_lock_of_the_main_job():
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        return {line.removesuffix("\\").strip() for line in text.splitlines() if "==" in line}

    assert pins("compare") < pins("test") < pins("dev")
