"""Which kernel is loaded on which machine."""

from pathlib import Path

import pytest

from ionstone.numerics import loader


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    monkeypatch.delenv("IONSTONE_KERNEL", raising=False)
    monkeypatch.delenv("IONSTONE_LEVEL", raising=False)


def test_the_probe_agrees_with_the_machine():
    level = loader.processor_level()
    flags = Path("/proc/cpuinfo")
    if level == 0 or not flags.exists():
        assert level in range(5)
        return
    words = set(flags.read_text(encoding="utf-8").split())
    assert (level >= 3) == ({"avx2", "fma", "bmi2", "f16c", "movbe"} <= words)
    assert (level >= 4) == ({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= words)


def test_the_level_can_be_lowered_but_not_raised(monkeypatch, tmp_path):
    for name in ("kernel2", "kernel3"):
        (tmp_path / f"{name}{loader._SUFFIX}").touch()
    monkeypatch.setattr(loader, "_FOLDER", tmp_path)
    monkeypatch.setattr(loader, "processor_level", lambda: 3)
    monkeypatch.setenv("IONSTONE_LEVEL", "2")
    assert loader.kernel_path().stem == "kernel2"
    monkeypatch.setenv("IONSTONE_LEVEL", "4")
    assert loader.kernel_path().stem == "kernel3"


def test_a_processor_that_is_too_old_is_told_so(monkeypatch):
    monkeypatch.setattr(loader, "processor_level", lambda: 1)
    with pytest.raises(loader.KernelNotFoundError, match="x86-64-v2"):
        loader.kernel_path()


def test_a_missing_kernel_says_how_to_build_it(monkeypatch, tmp_path):
    monkeypatch.setattr(loader, "_FOLDER", tmp_path)
    with pytest.raises(loader.KernelNotFoundError, match="reinstall ionstone"):
        loader.kernel_path()


def test_another_kernel_can_be_named(monkeypatch):
    monkeypatch.setenv("IONSTONE_KERNEL", "/elsewhere/kernel.so")
    assert loader.kernel_path() == Path("/elsewhere/kernel.so")
