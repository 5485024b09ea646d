# `make help` lists the targets. Everything runs in $(VENV), which tools/setup-venv makes and keeps fresh.

VENV ?= .venv
ARGS ?=
BIN := $(VENV)/bin
FUZZ_SECONDS ?= 20
CELLS := .cache/matrix.jsonl
WORKERS ?= 2
export VENV

.DEFAULT_GOAL := help
.PHONY: help demo test check fix bench matrix soak venv clean \
        venv-demo system-test system-bench format lint types fresh fuzz tests

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: venv-demo ## Reference app and edge together; a table of every live route (ARGS=--once: exit 0 or 1)
	@$(BIN)/antechamber demo $(ARGS)

test: tests ## All tests (ARGS are pytest's)

check: format lint types fresh fuzz tests ## Everything that must hold before a change goes in; CI runs this

fix: venv ## What can be mended by itself: format, lint fixes, generated pages
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix
	@$(BIN)/python tools/generate_docs.py

bench: venv system-bench ## The edge beside nginx, Caddy and HAProxy (ARGS=--quick for a glance)
	@$(BIN)/python -m bench $(ARGS)

venv: ## The environment for development, in .venv
	@tools/setup-venv dev

matrix: venv system-bench ## Every engine, rule and fault; 500 policies an engine; writes docs/support-matrix.md
	@mkdir -p .cache && rm -f $(CELLS)
	@ENGINE_POLICIES=500 $(BIN)/python -m pytest tests/engines/test_round_trip.py tests/engines/test_sites.py $(ARGS)
	@MATRIX_RECORD=$(CURDIR)/$(CELLS) $(BIN)/python -m pytest -m '(matrix or engine) and not soak' $(ARGS)
	@$(BIN)/python tools/matrix_results.py $(CELLS)
	@$(BIN)/python tools/generate_docs.py

soak: venv system-bench ## Streams and sockets idle for minutes to an hour, through every engine
	@$(BIN)/python -m pytest -m soak $(ARGS)

clean: ## Removes the environment and every cache
	rm -rf $(VENV) $(VENV).lock .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the parts of `check`, in the order in which they fail fastest ---------------------------------------------------

format: venv
	@echo '==> format'
	@$(BIN)/ruff format --check

lint: venv format
	@echo '==> lint'
	@$(BIN)/ruff check

types: venv lint
	@echo '==> types'
	@$(BIN)/mypy

fresh: venv types
	@echo '==> generated pages are fresh'
	@$(BIN)/python tools/generate_docs.py --check

fuzz: venv fresh
	@echo '==> fuzz, for $(FUZZ_SECONDS) s'
	@$(BIN)/python -m tests.hostile.fuzz --seconds $(FUZZ_SECONDS)

ifneq (,$(filter check,$(MAKECMDGOALS)))
tests: fuzz
endif
tests: venv system-test
	@echo '==> tests'
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

venv-demo:
	@tools/setup-venv demo

system-test:
	@tools/setup-system test || true

system-bench:
	@tools/setup-system bench || true
