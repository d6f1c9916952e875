# Two commands for a fresh machine: `make demo` and `make test`.
PY ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo run test check interop nightly bench screenshot walks docs clean

$(VENV)/.app: pyproject.toml constraints.txt
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "modtui needs Python 3.11 or newer; found: $$($(PY) --version). Try: make PY=python3.12 demo"; exit 1; }
	@$(PY) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python has no venv module. On Debian: apt install python3-venv"; exit 1; }
	$(PY) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.app
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(VENV)/.app
	$(BIN)/modtui demo

run: $(VENV)/.app
	$(BIN)/modtui

# The terminal tests mostly wait for a screen, so more of them run side by side; what is measured
# runs alone.
test: $(VENV)/.dev
	$(BIN)/python -m pytest -m "not interop and not nightly" -n 3 --dist worksteal \
		--ignore=tests/pty --ignore=tests/bench
	$(BIN)/python -m pytest -m "not interop and not nightly" -n 4 --dist worksteal tests/pty
	$(BIN)/python -m pytest -m "not interop and not nightly" tests/bench

check: $(VENV)/.dev
	$(BIN)/ruff check modtui tests
	$(BIN)/ruff format --check modtui tests
	$(BIN)/mypy
	$(BIN)/lint-imports

interop: $(VENV)/.dev
	$(BIN)/python -m pytest -m interop -n 3 --dist loadfile tests/interop

nightly: $(VENV)/.dev
	$(BIN)/python -m pytest -m nightly

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench

screenshot: $(VENV)/.dev
	$(BIN)/python -m tests.screenshot docs/queue.svg

walks: $(VENV)/.dev
	MODTUI_WALKS=$(CURDIR)/docs/walks $(BIN)/python -m pytest tests/pty/test_walk_*.py tests/pty/test_plain.py \
		tests/interop/test_first_run_on_synapse.py

docs: $(VENV)/.dev
	$(BIN)/python -m tests.docs

clean:
	rm -rf $(VENV) .interop dist build
