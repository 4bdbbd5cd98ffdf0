# The whole project from a fresh clone: Python 3.11 or newer, no root needed.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# Both installers read these: every version, of the build tool too, is the lock's.
export UV_CONSTRAINT := requirements.lock
export UV_BUILD_CONSTRAINT := requirements.lock
export PIP_CONSTRAINT := requirements.lock
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Without compiled files every start of Python compiles all it imports, for seconds.
unexport PYTHONDONTWRITEBYTECODE

# uv installs in seconds what takes pip a minute; where it cannot be had, pip does the same.
define install
	@echo "Installing $(1) from requirements.lock ..." >&2
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '$(1)' \
	  || $(BIN)/python -m pip install --quiet --editable '$(1)'
endef

.PHONY: help demo test lint format bench lock clean

help: ## what you can make (this text)
	@echo 'A master data hub for finance reference data.'
	@echo
	@echo 'Start here:'
	@echo '  make demo     set up, load sample exports of five ERP systems, open the workbench at the printed address'
	@echo '  make test     set up and run every test'
	@echo
	@echo 'All of it:'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16
	@echo
	@echo 'ARGS goes to the program underneath, for example:'
	@echo '  make demo ARGS="--once --json"'
	@echo '  make demo ARGS="--records 20000 --port 8080"'
	@echo '  make test ARGS="tests/matching -x"'
	@echo 'MDM_DEPTH=full make test runs ten times as many random cases per law.'

demo: $(VENV)/installed ## a running hub with sample data; Ctrl-C ends it
	@$(BIN)/mdm demo $(ARGS)

test: $(VENV)/installed-dev ## every test, on SQLite and on PostgreSQL
	@tests/servers/install.sh
	@$(MAKE) --no-print-directory $(VENV)/installed-spark \
	  || echo 'WARNING: Spark is not to be had here: the tests of the engine on Spark will be skipped.' >&2
	@$(BIN)/pytest -n 3 --dist worksteal $(ARGS)

lint: $(VENV)/installed-dev ## format, lint, types, import contracts, migrations against tables
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -q tests/migrations

format: $(VENV)/installed-dev ## let ruff format the code and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/installed-bench ## measure the first load, the reload and the lookups of this machine
	@$(BIN)/python -m bench.load $(ARGS)

lock: $(VENV)/installed-dev ## choose the newest versions that pyproject.toml allows and write requirements.lock
	env -u UV_CONSTRAINT -u UV_BUILD_CONSTRAINT $(BIN)/uv pip compile pyproject.toml --universal \
	  --python-version 3.11 --extra all --no-header --no-annotate --no-emit-index-url --quiet \
	  --upgrade --output-file requirements.lock

clean: ## remove the virtual environment and what the tools cached
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist

$(BIN)/uv:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed and was not found.' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Python 3.11 or newer is needed; set it with: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet uv || echo 'uv is not to be had here; going on with pip.' >&2

$(VENV)/installed: pyproject.toml requirements.lock | $(BIN)/uv
	$(call install,.)
	@touch $@

$(VENV)/installed-dev: pyproject.toml requirements.lock | $(BIN)/uv
	$(call install,.[dev])
	@touch $@ $(VENV)/installed

$(VENV)/installed-spark: pyproject.toml requirements.lock | $(VENV)/installed-dev
	$(call install,.[spark])
	@touch $@

$(VENV)/installed-bench: pyproject.toml requirements.lock | $(BIN)/uv
	$(call install,.[bench])
	@touch $@ $(VENV)/installed
