# One command each. PYTHON, DATABASE_URL and ARGS may be given: make test DATABASE_URL=postgresql://…
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CODE := federation inbox outbox fedcommune tests benchmarks
.PHONY: demo test serve lint bench clean
.DELETE_ON_ERROR:

# Run two neighbouring communes on this machine, filled with a small world (ARGS=--seed-only prepares and ends).
demo: $(VENV)/.runtime
	@$(BIN)/python -m fedcommune demo $(ARGS)

# Check style, types and imports, then run every test (ARGS=tests/inbox runs some).
test: lint
	$(BIN)/pytest -q -n 2 $(ARGS)

# Run the commune of ./config.toml, or of the FEDCOMMUNE_… variables.
serve: $(VENV)/.runtime
	@$(BIN)/python -m fedcommune serve $(ARGS)

# Check style, types and the dependency rule.
lint: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo

# Measure activities received, deliveries made, pages of the API and searches in a second; memory and the start.
bench: $(VENV)/.development
	$(BIN)/python -m benchmarks.inbox $(ARGS)
	$(BIN)/python -m benchmarks.fanout $(ARGS)
	$(BIN)/python -m benchmarks.timelines $(ARGS)
	$(BIN)/python -m benchmarks.directory $(ARGS)
	$(BIN)/python -m benchmarks.memory $(ARGS)

# Remove what the commands above made, but no data.
clean:
	rm -rf $(VENV) tests/browser/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The environment, made by the first Python from 3.11 on that is found.
$(VENV)/bin/python:
	@for python in "$(PYTHON)" python3.13 python3.12 python3.11; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making $(VENV) with $$("$$python" --version)…"; \
			exec "$$python" -m venv $(VENV); \
		fi; \
	done; \
	echo "fedcommune needs Python 3.11 or later: install it, or say where it is (make PYTHON=/path/to/python3)." >&2; \
	exit 1

# The stamps: what is installed is installed again only when a list of it changes.
$(VENV)/.runtime: requirements.lock | $(VENV)/bin/python
	@echo "Installing what fedcommune needs…"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.development: requirements-dev.lock pyproject.toml tests/browser/package-lock.json | $(VENV)/bin/python
	@echo "Installing what the tests need…"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@echo "Installing a browser and JavaScript clients for the tests…"
	@$(BIN)/python -m tests.support.node
	@touch $(VENV)/.runtime $@
