# Kadam. `make help` lists what can be done; each target makes .venv by itself.
PYTHON ?= python3
BIN := .venv/bin
FLASK := $(BIN)/flask --app app

.DEFAULT_GOAL := help
.PHONY: help run talk test slow chaos bench lint format check lines lock audit licences clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

run: .venv/production ## set up and run the hotline here, with its own telephone exchange
	$(BIN)/python app.py

talk: .venv/production ## a telephone in the terminal, on the hotline that runs here
	@$(FLASK) talk

test: .venv/development ## set up and run the tests, in a few minutes
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not thorough"

slow: .venv/development ## what `make test` leaves out for its time: more of the page, everything on PostgreSQL too
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "slow and not thorough"

chaos: .venv/development ## every proof of docs/reliability.md at its full size: about an hour on two idle cores
	@KADAM_THOROUGH=1 $(BIN)/python -m pytest -n 2 --dist load -q -m thorough tests
	@KADAM_THOROUGH=1 $(BIN)/python -m pytest -q tests/sms/test_any_text.py tests/voice/test_bounds.py
	@$(BIN)/python -m tests.chaos

bench: .venv/development ## throughput and latency, as ratios of one run: benchmarks/
	@$(BIN)/python -m benchmarks

lint: .venv/development ## the linters: style, security, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive app.py hotline db
	$(BIN)/mypy

format: .venv/development ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: .venv/production ## settings, content and sound: every problem by name
	$(FLASK) check

lines: .venv/development ## extract the ids of the short lines and update the catalogs in prompts/
	$(BIN)/python -m babel.messages.frontend extract -F prompts/babel.cfg --no-default-keywords \
	    -k line -k choosing:2 -k counted:1,1 -k Spoken --sort-output --no-wrap --no-location \
	    --project Kadam -o .venv/hotline.pot .
	$(BIN)/python -m babel.messages.frontend update -i .venv/hotline.pot -d prompts -D hotline \
	    --no-fuzzy-matching --ignore-obsolete --no-wrap --ignore-pot-creation-date

lock: .venv/development ## pin what requirements.txt asks for, with hashes: requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-annotate --custom-compile-command "make lock" --upgrade requirements.txt -o requirements.lock

audit: .venv/development ## known holes in what is pinned, by pip-audit; says "not audited" where nobody answers
	@if found=$$($(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements.lock \
	    --progress-spinner off 2>.venv/audit.log); then echo "audited: no known hole"; \
	elif [ -n "$$found" ]; then echo "$$found"; exit 1; \
	else tail -n 1 .venv/audit.log; echo "not audited"; exit 2; fi

licences: .venv/development ## the licences of what is pinned: docs/licences.md
	@$(BIN)/pip-licenses --from=mixed --format=markdown --no-version --with-urls \
	    --packages $$(sed -nE 's/^([a-z0-9._-]+)==.*/\1/p' requirements.lock) > .venv/licences.md
	@sed '/^| Name/,$$d' docs/licences.md | cat - .venv/licences.md > .venv/licences-new.md
	@mv .venv/licences-new.md docs/licences.md

clean: ## remove what was built, keep what was stored
	rm -rf .venv audio/rendered .pytest_cache .mypy_cache .ruff_cache

.venv/production: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Kadam needs Python 3.11 or newer; set PYTHON=..." if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/development: requirements-dev.txt .venv/production
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
