# make book and make test need Python 3.11+, make and git; they make everything else themselves.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# the newest versions instead of the lock: make book REQUIREMENTS='.[dev]'
REQUIREMENTS ?= -r requirements.lock
PIP    := $(BIN)/python -m pip install --disable-pip-version-check --quiet
# Chapters run side by side, so each process keeps to one thread: more only makes them wait for each other.
export OMP_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1
export NUMBA_NUM_THREADS ?= 1

.PHONY: help book test verify audit measure serve lab bench lock prune clean
help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

book: $(READY) ## run what has changed, verify every number, render _build/html
	$(BIN)/python -m trainphys.book build --pdf

test: $(READY) ## style, types, import arrows, unit tests, planted errors, the built site in a browser
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m trainphys.book build --pdf
	$(BIN)/python -m pytest -n 2 --dist worksteal

verify: $(READY) ## run what has changed and compare every verdict, without rendering
	$(BIN)/python -m trainphys.book verify

audit: $(READY) ## bend every law by a tenth and take three fresh seeds: what notices, and what does not
	$(BIN)/python -m trainphys.book audit --seeds 3

measure: book ## the built site in numbers: first figures, minutes to read, bytes
	$(BIN)/python -m trainphys.book measure

serve: ## read the built book on http://localhost:8000
	$(PYTHON) -m http.server --directory _build/html 8000

lab: $(READY) ## open the chapters in JupyterLab
	mkdir -p $(VENV)/share/jupyter/lab/settings
	echo '{"@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Jupytext Notebook", "myst": "Jupytext Notebook"}}}' \
	  > $(VENV)/share/jupyter/lab/settings/overrides.json
	$(BIN)/jupyter lab notebooks

bench: $(VENV)/.peers ## time every kernel beside its peers, write benchmarks/results.json
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.architectures

lock: ## renew requirements.lock (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --upgrade \
	  --no-emit-index-url --no-annotate --no-header -o requirements.lock

prune: $(READY) ## remove runs and kept simulations that the present book does not show and nothing used for 30 days
	$(BIN)/python -m trainphys.book prune

clean: ## remove everything that was built
	rm -rf _build $(VENV)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "expected Python 3.11 or newer, got " + sys.version.split()[0] + ": make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) $(REQUIREMENTS)
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

# Peers may not move what the lock fixes; one that does not install with it is left out, and reported as not running.
$(VENV)/.peers: $(READY)
	$(PIP) --constraint requirements.lock --no-build-isolation --editable '.[peers]' || echo "some peers did not install: they will be reported"
	touch $@
