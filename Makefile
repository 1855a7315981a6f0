# perdure: `make run` answers the shipped example, `make test` proves the installation.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CASE ?= examples/wujin_factory/case.yaml
READY := $(VENV)/ready

.PHONY: setup run test slow check bench docs lock clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("perdure needs Python 3.11 to 3.13; set PYTHON=...") if not (3, 11) <= sys.version_info < (3, 14) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	$(BIN)/python -m perdure.warm
	touch $@

run: $(READY)
	$(BIN)/perdure run $(CASE)

test: $(READY)
	$(BIN)/python -m pytest -n 2

slow: $(READY)
	$(BIN)/python -m pytest -m slow

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2

bench: $(READY)
	$(BIN)/python benchmarks/run.py

docs: $(READY)
	$(BIN)/python -m validation
	$(BIN)/perdure schema > docs/case.schema.json

lock:
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --extra test --extra dev --no-emit-index-url --no-emit-find-links --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV)
