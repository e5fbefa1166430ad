# What a person types. Each target sets up what it needs in .venv, once.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PIN := $(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --no-strip-extras --generate-hashes \
	--python-version 3.11 --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) \
	pyproject.toml --extra build --extra google --extra s3
BENCHMARKS := $(addprefix tests/benchmarks/,whole_chain.py ranking.py mining.py import_speed.py portfolio.py cold_imports.py api.py cost.py)

.PHONY: demo setup test test-all test-emulators check format bench bundles smoke lock clean

demo: .venv/ready ## run the chain on a sample shop and show its bundles
	@$(BIN)/bundles demo --out demo

test: .venv/ready-dev ## all tests but the slow proofs
	$(BIN)/pytest -n auto -m "not slow and not emulators"

test-all: .venv/ready-dev ## all tests but those on the emulators
	$(BIN)/pytest -n auto -m "not emulators"

test-emulators: .venv/ready-dev ## the adapters and the whole chain on Google's emulators
	$(BIN)/pytest -m emulators

setup: .venv/ready-dev ## what tests, checks and emulators need, in .venv

check: .venv/ready-dev ## format, lint, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if command -v terraform >/dev/null; then terraform fmt -check -recursive; \
	else echo "terraform is not installed: its files are not checked"; fi

format: .venv/ready-dev ## mend format and order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/ready-bench ## every benchmark, quick
	@for file in $(BENCHMARKS); do echo "== $$file"; $(BIN)/python $$file --quick || exit 1; done

bundles: .venv/ready-dev ## the zip of each function, for Terraform
	$(BIN)/python -m dev.packaging

smoke: .venv/ready ## send a small shop through the system at URL, with TOKEN or the app's id and secret
	@$(BIN)/bundles smoke --url "$(URL)" $(if $(TOKEN),--token "$(TOKEN)")

lock: .venv/ready-dev ## pin, with hashes, what pyproject.toml asks for; UPGRADE=1 for the newest that it allows
	$(PIN) --output-file requirements.txt
	$(PIN) --extra dev --extra emulate --constraint requirements.txt --output-file requirements-dev.txt
	$(PIN) --extra dev --extra emulate --extra bench --constraint requirements-dev.txt --output-file requirements-bench.txt

clean: ## remove what the targets made
	rm -rf .venv demo build

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/ready: .venv/bin/python pyproject.toml requirements.txt
	$(INSTALL) --require-hashes -r requirements.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.txt
	$(INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@

.venv/ready-bench: .venv/ready-dev requirements-bench.txt
	$(INSTALL) --require-hashes -r requirements-bench.txt
	@$(INSTALL) -e ".[bench-compiled]" || echo "no C compiler: pyfim is left out of the mining benchmark"
	@touch $@
