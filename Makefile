# Everything is one command away; `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
export NO_MKDOCS_2_WARNING := 1
# a process for each core, and in it one thread: more would wait for each other
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

.PHONY: help site serve example test quick audit bench lint clean
.DEFAULT_GOAL := help

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

site: $(VENV)/.site ## install what is missing and build the site into site/
	$(BIN)/mkdocs build

serve: $(VENV)/.site ## show the site, and build it anew at every change
	$(BIN)/mkdocs serve

example: $(VENV)/.site ## run one gallery script and show its page: make example NAME=plot_1_data
	$(BIN)/python docs/press/example.py $(NAME)

test: $(VENV)/.test ## run all tests but those of the audit
	$(PYTEST) -m 'not audit'

quick: $(VENV)/.test ## run the tests that need no browser, no built site and no ensemble of runs
	$(PYTEST) -m 'not (audit or browser or ensemble or site)'

audit: $(VENV)/.test ## run the long tests: more fonts and widths, builds that are killed
	$(PYTEST) -m audit

bench: $(VENV)/.bench ## measure all that should be fast into docs/speed.md, and the player; half an hour, needs Chromium
	PYTHONPATH=tests $(BIN)/python benchmarks/report.py
	PYTHONPATH=tests $(BIN)/python benchmarks/player.py

lint: $(VENV)/.test ## check style, types and workflows
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/zizmor --quiet --offline .github

clean: ## remove all that was made
	rm -rf $(VENV) site .cache build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.site: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "This needs Python 3.11 or newer; $(PYTHON) is older. Say make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[site]'
	@touch $@

$(VENV)/.test: $(VENV)/.site
	$(PIP) --editable '.[site,test]'
	@touch $@

$(VENV)/.bench: $(VENV)/.test
	$(PIP) --editable '.[site,test,bench]'
	@touch $@
