# One line per job; `make help` lists them. Every job sets up .venv first.
PYTHON ?= python3
UV_VERSION := 0.13.8
BIN := .venv/bin
BROWSER := conformance/selftest/browser
AXE := $(BROWSER)/node_modules/.package-lock.json
PORT ?= 8080
export URL MODEL MODELS SIZES ONLY EXCLUDE LEVEL IMAGES MAX_SIZE CONCURRENCY OUT KNOWN
# Secrets go through the environment, where no list of processes shows them.
export IMAGES_HEADERS = $(HEADERS)

.DEFAULT_GOAL := help
.PHONY: help setup conformance mock rules rules-page client docs drift test browser mutants budget bench pictures wheels lint lock

help: ## list the jobs
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{printf "  %-18s %s\n", $$1, $$2}'

# What a run and the mock import is compiled here, which saves each run two seconds where Python may not do so itself;
# compiling all that is installed would take five times as long.
setup: .venv/.installed ## prepare .venv from requirements.lock

.venv/.installed: requirements.lock pyproject.toml generated/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . --editable generated
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -c 'import conformance.pytest_plugin, conformance.suite.exploring.stage, conformance.mock.__main__, openai_images_client.api.images'
	@touch $@

# What stands on the command line is told by its names, so that url=... doesn't check the embedded server; a URL that is
# set is handed on even if it is empty.
conformance: export IMAGES_MAKE_VARIABLES = $(MAKEOVERRIDES)
conformance: setup ## check the server at URL, or the embedded reference server; the options are in docs/options.md
	@$(BIN)/python -m conformance $(if $(filter command environment override,$(origin URL)),"$$URL") $(if $(MODEL),--model "$$MODEL") $(if $(MODELS),--models "$$MODELS") \
	  $(if $(SIZES),--sizes "$$SIZES") $(if $(ONLY),--only "$$ONLY") $(if $(EXCLUDE),--exclude "$$EXCLUDE") \
	  $(if $(LEVEL),--level "$$LEVEL") $(if $(IMAGES),--images "$$IMAGES") $(if $(MAX_SIZE),--max-size "$$MAX_SIZE") \
	  $(if $(CONCURRENCY),--concurrency "$$CONCURRENCY") $(if $(OUT),--out "$$OUT") $(if $(KNOWN),--known "$$KNOWN") $(OPTS)

# A HOST or a KEY of the environment may be about something else, so that only what stands on the command line counts.
mock: export IMAGES_REFERENCE_API_KEY := $(if $(filter command,$(origin KEY)),$(value KEY),$(value IMAGES_REFERENCE_API_KEY))
mock: setup ## serve the offline mock on PORT (8080) of HOST, with the API reference at /; KEY is what it asks for
	@$(BIN)/python -m conformance.mock $(if $(filter command,$(origin HOST)),--host "$$HOST") --port $(PORT) $(OPTS)

rules: setup ## print every rule with its level and source line
	@$(BIN)/python -m conformance --rules

rules-page: setup ## write docs/rules.md: every rule, what is tried, and the mutants about it
	@$(BIN)/python -m scripts.rules_page

client: setup ## make generated/ again from openapi.yaml, if an input changed
	@$(BIN)/python -m scripts.generate_client

docs: setup ## make the API reference again from openapi.yaml: docs/api and the pages of the mock
	@$(BIN)/python -m scripts.docs

drift: setup ## check that generated/ and the API reference are what openapi.yaml gives
	@$(BIN)/python -m scripts.generate_client --check
	@$(BIN)/python -m scripts.docs --check

test: setup $(AXE) ## run the project's own tests on all cores, but for those in a browser
	@$(BIN)/python -m pytest -q -n auto --ignore $(BROWSER)

browser: setup $(AXE) ## run the tests of the pages in headless Chromium
	@$(BIN)/python -m pytest -q -n auto $(BROWSER)

# A machine without npm runs all tests but those in a browser and of examples for Node.
$(AXE): $(BROWSER)/package-lock.json
	@! command -v npm >/dev/null || (cd $(BROWSER) && npm ci --silent --ignore-scripts --no-audit --no-fund) || \
	  echo "npm could not fetch axe-core and openai; tests in a browser and of examples for Node are left out."

mutants: setup ## measure the suite: every mutant must be found, no correct server accused; writes mutants.json
	@$(BIN)/python -m conformance.mutants --json mutants.json

budget: setup ## measure what a run costs by its image budget; writes docs/budget.md
	@$(BIN)/python -m scripts.budget $(OPTS)

bench: setup ## measure client, mock and suite beside others; writes docs/performance.md
	@$(BIN)/python -m scripts.bench $(OPTS)

pictures: setup ## take the pictures of the README again; report.png needs Chromium
	@$(BIN)/python -m scripts.pictures

wheels: setup ## build both wheels into dist/, install them in clean environments and use them there
	@$(BIN)/python -m scripts.wheels $(OPTS)

lint: setup ## check style, types, imports and the contract
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright
	@$(BIN)/mypy --strict -p openai_images_client -p openai_images_helpers -m scripts.example_client
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/openapi-spec-validator openapi.yaml

lock: ## pin the newest allowed versions in requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --extra mock --group dev --custom-compile-command 'make lock' pyproject.toml -o requirements.lock
