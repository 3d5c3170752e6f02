# One recipe a purpose, the same for people and CI. Needs Python 3.11+ and make only.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=
PYTEST := $(BIN)/python -m pytest $(PYTEST_ARGS)
PERF_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help bench compare test coverage stories perf check format clean

help:  ## Show these recipes
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Tierbench needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.bench: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.peers: $(VENV)/.bench
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[peers]'
	@touch $@

$(VENV)/.dev: $(VENV)/.bench
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test,check]'
	@touch $@

bench: $(VENV)/.bench  ## Run the quick suite; leaves .bench/report.json and .bench/results.db
	$(BIN)/bench run quick --report-file .bench/report.json

compare: $(VENV)/.peers  ## Run our cache and three others by turns, and print them side by side
	$(BIN)/bench run performance_benchmarking --subject multilevel --subject cashews-redis \
		--subject aiocache-redis --subject redis-py

# What holds a stated limit is measured while nothing else runs.
# Of three workers on two cores one waits for a server most of the time.
BESIDE_EACH_OTHER := -m "not performance and not story" -n 3 --dist worksteal

test: $(VENV)/.dev $(VENV)/.peers  ## Run every test but the stories
	$(PYTEST) -m "performance and not story"
	$(PYTEST) $(BESIDE_EACH_OTHER)

# The tracer takes nearly half as long again.
coverage: $(VENV)/.dev $(VENV)/.peers  ## Tell which lines of the four rooms no test runs
	$(PYTEST) $(BESIDE_EACH_OTHER) --cov --cov-report=term

# Those that measure nothing run beside each other, all others alone.
BESIDE := $(addprefix tests/stories/test_,fuzz.py secrets.py survival.py)

stories: $(VENV)/.dev $(VENV)/.peers  ## Run the long stories from end to end, a quarter of an hour
	$(PYTEST) -m story -n 3 $(BESIDE)
	$(PYTEST) -m story $(addprefix --ignore=,$(BESIDE))

perf: $(VENV)/.dev $(VENV)/.peers  ## Measure the cache beside its peers; fails where a bar is missed
	$(BIN)/python -m tests.perf $(PERF_ARGS)

check: $(VENV)/.dev  ## Lint, format check, types, import floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## Reformat and fix what can be fixed by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove the virtual environment and every result
	rm -rf $(VENV) .bench
