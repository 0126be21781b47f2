# Every target sets itself up first: `make setup` builds .venv once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps
# Installs in a third of pip's time. The one on the PATH, else one in the environment.
UV := $$(command -v uv || { $(PIP) uv==0.13.9 >/dev/null 2>&1; echo $(BIN)/uv; })
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
# How much `make bench` measures: quick, default or full.
SCALE ?= default
# How long `make torture` takes at most.
MINUTES ?= 60

.PHONY: help setup demo ui studio docs pictures test test-all lint bench bench-peers torture lock \
	licences sbom audit clean

help: ## Show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: $(READY) ## Build .venv with the pinned packages

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "synth-assets needs Python 3.11, 3.12 or 3.13; name one with make PYTHON=…"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --compile-bytecode -r requirements.txt \
		2>/dev/null || { echo "uv cannot install here: pip does, which takes longer"; \
		$(PIP) -r requirements.txt; }
	$(PIP) --no-build-isolation --editable .
	@touch $@

demo: setup ## Make every domain at small scale, with gates and dbt
	$(BIN)/synth demo

ui: setup ## Dagster's webserver and daemon on what the demo made
	$(BIN)/synth ui

studio: setup ## The studio in a browser, and Dagster beside it
	$(BIN)/synth studio --dagster

pictures: setup ## Walk through the UI in a browser, and take the pictures of the docs
	$(BIN)/pytest -m slow synth_assets_tests/ui/test_demo_walk.py \
		synth_assets_tests/studio/test_walk.py --pictures docs/pictures

docs: setup ## Write the pages made from code, and build the documentation site in site/
	$(BIN)/python -m synth_assets_docs

test: setup ## The default test suite (six minutes on two cores)
	$(BIN)/pytest $(WORKERS)

test-all: setup ## The default suite and the slow and large tests, in random order
	$(BIN)/pytest $(WORKERS) -m "" --random-order --random-order-seed=$(SEED)

lint: setup ## Format, style, types, spelling and architecture contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell synth_assets synth_assets_tests synth_assets_docs dbt_project docs *.md

bench: setup ## Speed and memory beside peers, a quarter of an hour (PARTS="jaffle stores", SCALE=quick)
	$(BIN)/python -m synth_assets_tests.bench $(PARTS) --scale $(SCALE)

bench-peers: setup ## Other generators, for the part `peers` of make bench
	$(BIN)/python -m synth_assets_tests.bench.peers.environments

torture: setup ## Kills, full disks, signals and other faults, an hour at most (PARTS="kills disk" MINUTES=5)
	$(BIN)/python -W ignore -m synth_assets_tests.torture $(PARTS) --minutes $(MINUTES)

lock: setup ## Pin new packages in requirements.txt, with hashes; versions stay (needs uv)
	$(BIN)/python -m synth_assets_tests.supply_chain lock

licences: setup ## The licence of each package
	$(BIN)/python -m synth_assets_tests.supply_chain licences

sbom: setup ## Write a software bill of materials (CycloneDX) to sbom.json
	$(BIN)/python -m synth_assets_tests.supply_chain sbom

audit: setup ## Known vulnerabilities of the packages (asks PyPI)
	$(BIN)/python -m synth_assets_tests.supply_chain audit

clean: ## Remove everything that was made, and the environment
	rm -rf .synth site site_pages $(VENV) dbt_project/target dbt_project/logs
