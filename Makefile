# make compare   seven cells side by side: sets up .venv, prints the table, writes report.html
# make test      everything that is not marked slow; `make test-slow` runs the rest
# make bench     benchmarks/results.md          make docs      the manual, examples executed
# make lint      style, types, import layers   make sanitize  the kernel under address and undefined-behaviour checks
# make thread-sanitize   the kernel in threads under the thread sanitizer (not in .ci/run)
# make kernel    recompile the kernel          make lock      renew requirements/*.txt (needs uv)
# make cuda-check   the kernel compiled for GPUs (needs nvcc)
# make cross     the kernel for other machines, compiled with zig and looked at; TARGETS="win_amd64 ..." picks

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check
KERNEL := $(wildcard src/ionstone/numerics/kernel/*.c src/ionstone/numerics/kernel/*.cpp src/ionstone/numerics/kernel/*.h)
GPU := $(wildcard src/ionstone/numerics/kernel/gpu/*.cu src/ionstone/numerics/kernel/gpu/*.h)
KERNEL_MAIN = src/ionstone/numerics/kernel/kernel.cpp
SANITIZED = build/sanitize/kernel.so
THREADED = build/sanitize/threads.so
# checks of kernels with wide vectors take minutes to compile
PORTABLE := $(if $(filter x86_64,$(shell uname -m)),-march=x86-64-v3,-march=native)
SANITIZE_FLAGS = -std=c++20 -O1 -g -fno-omit-frame-pointer $(PORTABLE) \
	-fno-math-errno -fno-trapping-math -fno-exceptions -fno-rtti -fPIC -shared -w -Wno-psabi
CXX ?= g++

export PYBAMM_DISABLE_TELEMETRY = true

.PHONY: compare test test-slow bench docs lint format sanitize thread-sanitize cross cuda-check kernel lock clean
.DELETE_ON_ERROR:

compare: $(VENV)/.set-compare $(VENV)/.ionstone
	$(BIN)/ionstone compare --out report.html

test: $(VENV)/.set-test $(VENV)/.ionstone
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

test-slow: $(VENV)/.set-test $(VENV)/.ionstone
	$(BIN)/python -m pytest -m slow

bench: $(VENV)/.set-test $(VENV)/.ionstone
	$(BIN)/python benchmarks/run_all.py

docs: $(VENV)/.set-dev $(VENV)/.ionstone
	$(BIN)/python -m sphinx -E -W --keep-going -b html docs docs/_build/html

lint: $(VENV)/.set-dev $(VENV)/.ionstone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/clang-format --dry-run --Werror $(KERNEL) $(GPU)
	command -v g++ >/dev/null || exit 0; $(BIN)/clang-tidy --quiet $(KERNEL_MAIN) -- -std=c++20 -w
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.set-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(KERNEL) $(GPU)

sanitize: $(VENV)/.set-compare $(VENV)/.ionstone $(SANITIZED)
	LD_PRELOAD="$$($(CXX) -print-file-name=libasan.so) $$($(CXX) -print-file-name=libubsan.so)" \
	ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	IONSTONE_KERNEL=$(SANITIZED) $(BIN)/python tests/sanitize/run_kernel.py

$(SANITIZED): $(KERNEL)
	mkdir -p $(@D)
	$(CXX) $(SANITIZE_FLAGS) -fsanitize=address,undefined $(KERNEL_MAIN) -o $@

# Where it stops with "unexpected memory mapping", put `setarch -R` before make.
thread-sanitize: $(VENV)/.set-compare $(VENV)/.ionstone $(THREADED)
	LD_PRELOAD="$$($(CXX) -print-file-name=libtsan.so)" TSAN_OPTIONS=halt_on_error=1 OPENBLAS_NUM_THREADS=1 \
	IONSTONE_KERNEL=$(THREADED) $(BIN)/python tests/sanitize/run_threads.py

$(THREADED): $(KERNEL)
	mkdir -p $(@D)
	$(CXX) $(SANITIZE_FLAGS) -fsanitize=thread $(KERNEL_MAIN) -o $@

cross: $(VENV)/.set-dev
	$(BIN)/python tests/cross/compile_targets.py $(TARGETS)

cuda-check:
	$(PYTHON) benchmarks/gpu_build.py

kernel: $(VENV)/.set-compare
	$(BIN)/python hatch_build.py

# The locked sets are made from pyproject.toml, for every platform and Python that it allows.
UV_COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links
lock:
	$(UV_COMPILE) --upgrade --all-extras -o requirements/dev.txt
	$(UV_COMPILE) --extra test -c requirements/dev.txt -o requirements/test.txt
	$(UV_COMPILE) -c requirements/dev.txt -o requirements/compare.txt

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.set-%: requirements/%.txt | $(BIN)/python
	$(PIP) install --quiet --require-hashes --only-binary :all: -r $<
	touch $@

# Editable: the kernel is compiled into src/ionstone/_lib, again when its sources change.
$(VENV)/.ionstone: pyproject.toml hatch_build.py $(KERNEL) | $(BIN)/python
	$(PIP) install --quiet --no-deps --editable .
	touch $@

clean:
	rm -rf $(VENV) build dist docs/_build docs/jupyter_execute src/ionstone/_lib
