# Every target sets itself up first: `make setup` builds .venv once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Processes that run tests: as many as cores is fastest. `make test JOBS=8` on a larger machine.
JOBS ?= 2
# A file's tests stay together: they share what is costly to make.
WORKERS := -n $(JOBS) --dist loadfile --no-loadscope-reorder --durations=10
# Tests start many processes: modules are compiled once, whatever the environment says.
test test-all: export PYTHONDONTWRITEBYTECODE :=
# The workers fill the cores: a thread each is enough. `make test-all` runs with all threads.
test: export POLARS_MAX_THREADS := 1
# `make test-all SEED=…` repeats an order.
SEED ?= $(shell date +%s)

.PHONY: help setup demo ui studio test test-all lint bench clean

help: ## Show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: $(READY) ## Build .venv with the pinned packages

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "synth-assets needs Python 3.11, 3.12 or 3.13; name one with make PYTHON=…"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## Make every domain at small scale, with gates and dbt
	$(BIN)/synth demo

ui: setup ## Dagster's webserver and daemon on what the demo made
	$(BIN)/synth ui

studio: setup ## The studio in a browser, and Dagster beside it
	$(BIN)/synth studio --dagster

test: setup ## The default test suite (six minutes on two cores)
	$(BIN)/pytest $(WORKERS)

test-all: setup ## The default suite and the slow and large tests, in random order
	$(BIN)/pytest $(WORKERS) -m "" --random-order --random-order-seed=$(SEED)

lint: setup ## Format, style, types, spelling and architecture contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell synth_assets synth_assets_tests dbt_project docs README.md CHANGELOG.md

bench: setup ## Speed and memory, as ratios against peers in the same run
	$(BIN)/python -m synth_assets_tests.bench

clean: ## Remove everything that was made, and the environment
	rm -rf .synth $(VENV) dbt_project/target dbt_project/logs
