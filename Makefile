# Galaxy Finder. `make` alone lists what there is.
PYTHON ?= python3
CONFIG ?= pipeline/configs/mock.toml
PORT ?= 8050
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
AUDIT := $(VENV)/.audit-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check
MOCK := atlases/mock
READY := pipeline/configs/mock-ready.toml
MEASURING := atlases/.build/measuring.log

.DEFAULT_GOAL := help
.PHONY: help run test faults pipeline serve bench evaluate check lint types audit lock strict clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18
	@echo
	@printf '  CONFIG=FILE says what pipeline and evaluate build ($(CONFIG));\n  ATLAS=FOLDER and PORT=NUMBER what run and serve show, and where ($(PORT)).\n'

$(RUNTIME): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Galaxy Finder needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	@echo 'Setting up $(VENV), once; it takes a few minutes.'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --requirement requirements.txt
	@touch $@

$(DEV): requirements-dev.txt pipeline/requirements-optional.txt $(RUNTIME)
	$(PIP) install --quiet --requirement requirements-dev.txt
	@touch $@

run: $(RUNTIME) ## open the dashboard; the first time, build the mock survey (a minute or two)
	@test -f $(MOCK)/manifest.json || { \
	  echo 'Building the mock survey, once; it takes a minute or two.'; \
	  $(BIN)/python -m pipeline build $(READY) --evaluate-later; }
	@if test ! -f $(MOCK)/evaluation.json; then \
	  echo 'How good it is, is measured while you look: $(MEASURING) says how far that is.'; \
	  nice $(BIN)/python -m pipeline build $(READY) > $(MEASURING) 2>&1 & measuring=$$!; fi; \
	$(BIN)/python -m dashboard $(ATLAS) --port $(PORT); status=$$?; \
	test -z "$$measuring" || kill $$measuring 2> /dev/null; exit $$status

serve: $(RUNTIME) ## open the dashboard on the atlases that are there, or on ATLAS=FOLDER
	@$(BIN)/python -m dashboard $(ATLAS) --port $(PORT)

pipeline: $(RUNTIME) ## build an atlas from nothing: cutouts, training, embeddings, index, map
	@$(BIN)/python -m pipeline build $(CONFIG)

evaluate: $(RUNTIME) ## print how good the similarity of an atlas is
	@$(BIN)/python -m pipeline evaluate $(CONFIG)

test: $(DEV) ## run the tests, with journeys in a real Chromium, or a part: ARGS="-k NAME"
	@$(BIN)/python -m tests.browser.chromium
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder $(ARGS)

faults: $(DEV) ## break files, connections and builds on purpose; up to half an hour
	GALAXY_FINDER_ALL_FAULTS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder tests/faults $(ARGS)

bench: $(DEV) ## compare speed with named alternatives
	@$(BIN)/python -m tests.bench

lint: $(DEV) ## check style and format, and for what is known to be unsafe
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --recursive dashboard pipeline

types: $(DEV) ## check types
	$(BIN)/mypy

check: lint types test ## everything that continuous integration runs

$(AUDIT): .ci/requirements-audit.txt $(RUNTIME)
	$(BIN)/python -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip --disable-pip-version-check install --quiet --requirement $<
	@touch $@

audit: $(AUDIT) ## ask pypi.org for known weaknesses of all that is pinned
	$(VENV)/audit/bin/pip-audit --strict --disable-pip --no-deps --requirement requirements-dev.txt

lock: $(DEV) ## renew what the requirements pin, or some of it: ONLY="pillow urllib3"
	@$(BIN)/python .ci/lock.py $(ONLY)

strict: ## fetch the plotly.js that needs no eval, with npm: for servers in public (SECURITY.md)
	npm ci --prefix docs/deploy/strict --ignore-scripts --no-audit --no-fund

clean: ## remove the environment, caches and intermediate results; atlases stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis atlases/.build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
