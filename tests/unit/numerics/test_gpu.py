"""The kernel's sources as GPUs get them: functions marked, compiled by nvcc, the numbers of the kernel."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import ionstone as ion

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
SMALL = ion.Grid(negative=4, separator=3, positive=5, radial=6)
CYCLE = ["Discharge at C/3 for 30 minutes", "Rest for 5 minutes", "Charge at C/3 for 20 minutes"]


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import gpu_build

    return gpu_build


SOURCE = """
#define CALL(x) { x; }
constexpr double TABLE[2] = {1, 2}; // void comment() {
constexpr int ONE = 1;
enum Kind { A, B };
static int shared(const int *a,
                  int b) {
  if (b) { return a[0]; }
  const auto inside = [&](int c) { return c; };
  return inside(b);
}
template <class T, int N> struct Box {
  T value[N]{};
  static constexpr int size = N;
  Box(T a) : value() { value[0] = a; }
  ~Box() {}
  template <class F> T operator+(F f) const { return f(value[0]); }
  T declared(int) const;
} *last;
"""


def test_functions_and_tables_are_marked_and_nothing_else(build: ModuleType) -> None:
    marked = build.marked(SOURCE, "@ ", "")
    assert marked.replace("@ ", "") == SOURCE
    lines = [line.strip() for line in marked.splitlines() if "@" in line]
    assert lines == [
        "@ constexpr double TABLE[2] = {1, 2}; // void comment() {",
        "@ static int shared(const int *a,",
        "@ Box(T a) : value() { value[0] = a; }",
        "@ ~Box() {}",
        "template <class F> @ T operator+(F f) const { return f(value[0]); }",
    ]


def test_long_functions_are_called_and_not_put_in_line(build: ModuleType) -> None:
    long = "void f() {" + "x();" * 200 + "}"
    assert build.marked(long, "@ ", "# ").startswith("@ # void")
    assert build.marked("void f() { x(); }", "@ ", "# ").startswith("@ void")


@pytest.mark.parametrize("source", ["void f() {", "void f() { } }"])
def test_brackets_that_do_not_match_are_refused(build: ModuleType, source: str) -> None:
    with pytest.raises(build.UnknownFormError):
        build.marked(source)


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="nvcc is not there")
def test_the_kernel_compiles_for_a_gpu(build: ModuleType, tmp_path: Path) -> None:
    assert build.compiled(tmp_path, quick=True).stat().st_size > 0


@pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not there")
def test_the_code_for_gpus_gives_the_numbers_of_the_kernel(build: ModuleType, tmp_path: Path) -> None:
    import gpu

    device = gpu.Gpu(build.emulated(tmp_path))
    for cell, model, heat in (
        ("lg-m50", "P2D", "isothermal"),
        ("sulfide-li", "P2D", "lumped"),
        ("lfp-graphite", "SPMe", "lumped"),
        ("semi-solid-360", "P2D", "isothermal"),
    ):
        thickness = ion.load_cell(cell)["positive.thickness"] * np.linspace(0.95, 1.05, 5)
        designs, protocol = ion.vary(cell, {"positive.thickness": thickness}), ion.parse_protocol(CYCLE)
        settings = {"model": model, "heat": heat, "grid": SMALL}
        here = ion.simulate(designs, protocol, **settings)
        with gpu.on(device):
            there = ion.simulate(designs, protocol, **settings)
        assert device.seconds > 0
        assert not here.code.any()
        for name in ("duration", "discharge_energy", "charge_energy", "final_voltage", "max_temperature"):
            assert np.allclose(here.summary[name], there.summary[name], rtol=1e-9), (cell, name)
        assert np.allclose(here[2].voltage, there[2].voltage, atol=1e-9)


def test_the_benchmark_says_that_there_is_no_gpu(build: ModuleType) -> None:
    import gpu

    if gpu.devices():
        pytest.skip("a GPU is there")
    done = subprocess.run([sys.executable, str(BENCHMARKS / "gpu.py")], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "no GPU is present: nothing was run")
