# Two commands for newcomers: `make demo` and `make test`. Both install what is missing.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
OUT := out/demo

.PHONY: demo test env check test-train model clean prove-kill prove-audit prove-postgres prove-encrypt

env:
	@installer/bootstrap.sh

demo: env
	@$(BIN)/lvp demo --headless --out $(OUT)
	@if [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ] && [ -z "$${CI:-}" ] && [ -t 0 ]; then $(BIN)/lvp demo; fi

test: env
	@$(BIN)/lint-imports
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n auto --dist loadfile -m "not train and not evaluation"

test-train:
	@GROUPS_WANTED="test lint train" installer/bootstrap.sh
	@$(BIN)/python -m pytest -m train

check: env
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(MAKE) --no-print-directory test

model:
	@GROUPS_WANTED="test lint train" installer/bootstrap.sh
	@$(BIN)/python -m models.training.make_model

# Each proof ends in one line of figures and fails when a figure is wrong.
KILLS ?= 200
TRIALS ?= 1000

prove-kill: env
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.prove.kill --kills $(KILLS)

prove-audit: env
	@$(BIN)/python -m tests.prove.audit --trials $(TRIALS)

prove-postgres: env
	@$(BIN)/python -m tests.prove.postgres

prove-encrypt: env
	@$(BIN)/python -m tests.prove.encrypt

clean:
	rm -rf $(VENV) out build dist
