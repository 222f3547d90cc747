# `make run` serves the whole system; `make test` checks all of it. Both install what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
# More processes than cores, for many tests wait; files in their order, the longest first.
PYTEST := $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

# The server, and beside it the worker that builds releases, which ends with it.
serve = $(MANAGE) run_worker & worker=$$!; $(BIN)/gunicorn $(1) & server=$$!; \
	trap 'kill -TERM $$server' INT TERM; wait $$server; wait $$server; status=$$?; \
	kill -TERM $$worker 2> /dev/null; wait $$worker; exit $$status

# What is compiled is kept, for tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run dev test tools lint format screenshots bench schema messages lock clean

help:
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.production ## serve everything on http://localhost:8000 (PORT=…, TOASTCLUB_DATA_DIR=…)
	@$(MANAGE) prepare_local
	@$(call serve,)

dev: $(VENV)/.development ## the same, reloading when the code changes
	@DEBUG=1 $(MANAGE) prepare_local
	@export DEBUG=1; $(call serve,--reload --workers 1 --config gunicorn.conf.py)

test: tools lint ## everything that must pass
	$(PYTEST)
	TEST_DATABASE=sqlite $(PYTEST) -m "not one_database"

tools: $(VENV)/.development ## the programs that tests need: from Debian's packages, or a Chromium from Playwright
	@sh toastclub/testing/debian.sh

lint: $(VENV)/.development ## style, types, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MANAGE) makemigrations --check --dry-run

format: $(VENV)/.development ## rewrite the code in the house's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

screenshots: $(VENV)/.development ## photograph every page with made-up data, into screenshots/
	$(BIN)/python -m showcase

bench: $(VENV)/.development ## measure, as ratios from one run
	$(BIN)/python -m benchmarks

schema: $(VENV)/.development ## write docs/openapi.yaml anew
	$(MANAGE) spectacular --validate --fail-on-warn --file docs/openapi.yaml

messages: $(VENV)/.development ## collect and compile the English messages
	$(BIN)/pybabel -q extract -F babel.cfg -k gettext_lazy -k _ -o locale/django.pot --no-location --omit-header .
	$(BIN)/pybabel -q update -D django -l en -i locale/django.pot -d locale --no-fuzzy-matching
	$(BIN)/pybabel -q compile -D django -d locale

lock: $(VENV)/.development ## pin requirements*.in with all that they pull in
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header -o requirements.txt requirements.in
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header -o requirements-export.txt requirements-export.in
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header -o requirements-dev.txt requirements-dev.in

clean: ## remove what was installed, not the data
	rm -rf $(VENV) staticfiles

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Toast Club needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.production: requirements.txt | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.production
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
