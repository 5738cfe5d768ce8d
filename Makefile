# One line per job; `make help` lists them. Every job sets up .venv first.
PYTHON ?= python3
UV_VERSION := 0.13.8
BIN := .venv/bin
PORT ?= 8080
export URL MODEL MODELS ONLY LEVEL IMAGES CONCURRENCY OUT KNOWN HEADERS

.DEFAULT_GOAL := help
.PHONY: help setup conformance mock client rules test lint mutants drift lock

help: ## list the jobs
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{printf "  %-18s %s\n", $$1, $$2}'

setup: .venv/.installed ## prepare .venv from requirements.lock

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

lock: ## pin the newest allowed versions in requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --group dev --custom-compile-command 'make lock' pyproject.toml -o requirements.lock
