# make run      sets everything up and runs the product (PORT=8000)
# make test     the gate (BROWSER=none leaves the browser tests out)
# make nightly  the gate, then the same tests with far more examples and faults
# make bench    measures
# make screenshot  takes the picture of the README
# make matrix   tries every driver with every fault and writes the README's table
# make openstack  sets up Keystone and Swift in an environment of their own and tries the driver against them
# make lock     writes the lock files anew from pyproject.toml
#
# A bare machine needs python3 (3.11 to 3.13) and make, nothing else. What pip and npm ask is set up
# outside, in their own settings.

SHELL := /bin/sh
.DELETE_ON_ERROR:
# What was compiled once is kept, whatever the shell says: the gate starts a hundred processes.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: run test nightly bench screenshot matrix openstack lock setup setup-dev lint types unit chromium

PORT ?= 8000
BROWSER ?=
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && command -v $$p && break; \
	done)

PY := .venv/bin/python
# A lock file names everything: nothing is left to resolve (and pip 23 resolves "name[extra]" past its pin).
PIP := $(PY) -m pip install -qq --disable-pip-version-check --no-deps --only-binary :all: --require-hashes
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard incubator/translations/*/LC_MESSAGES/*.po))
ASSETS := static/dist/manifest.json

# ---- use

run: setup
	@INCUBATOR_DEMO="$${INCUBATOR_DEMO:-1}" INCUBATOR_BIND="$${INCUBATOR_BIND:-127.0.0.1:$(PORT)}" \
	exec $(PY) -m incubator.embedded run --end-with-parent

test: lint types unit

nightly: test openstack
	NIGHTLY=1 $(PY) -m pytest -n 2 --dist worksteal

bench: setup-dev
	$(PY) -m benchmarks

screenshot: setup-dev chromium
	$(PY) -m pytest -q -n 0 tests/browser/take_screenshot.py

matrix: setup-dev .venv/openstack.stamp
	$(PY) -m tests.cloud.contract.matrix

openstack: setup-dev .venv/openstack.stamp
	$(PY) -m pytest -q -n 0 tests/cloud/contract/test_openstack_real.py

# ---- the gate, piece by piece

lint: setup-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports

types: setup-dev
	$(PY) -m mypy

ifeq ($(BROWSER),none)
PICK := -m "not browser"
else
PICK :=
unit: chromium
endif

unit: setup-dev
	@rm -f .coverage .coverage.*
	$(PY) -m pytest -n 2 --dist worksteal --cov --cov-report= $(PICK)
	$(PY) -m coverage report --fail-under=95
	$(PY) -m coverage report --fail-under=100 --include='incubator/*/engines/*,incubator/*/engines.py'
	@if [ "$(BROWSER)" = none ]; then echo 'BROWSER=none: the browser tests were left out.'; fi

# Root installs Chromium (with a font for Chinese); anybody else must have one.
chromium:
	@for c in chromium chromium-browser google-chrome google-chrome-stable; do \
		if command -v $$c >/dev/null; then exit 0; fi; \
	done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'Installing Chromium for the browser tests.'; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null && exit 0; \
	fi; \
	echo 'The browser tests need Chromium or Google Chrome on PATH: install one, or say BROWSER=none to leave them out.' >&2; \
	exit 1

# ---- setting up, each step only when what it reads has changed

setup: .venv/run.stamp $(ASSETS) $(CATALOGUES)
setup-dev: .venv/dev.stamp $(ASSETS) $(CATALOGUES)

$(PY):
	@if [ -z "$(PYTHON)" ]; then \
		echo "Incubator needs Python 3.11, 3.12 or 3.13; found: $$(python3 --version 2>/dev/null || echo none)." >&2; exit 1; \
	fi; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian, Ubuntu: apt-get install python3-venv)." >&2; \
		exit 1; \
	}; \
	echo "Setting up .venv with $$($(PYTHON) --version)."; \
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.lock pyproject.toml | $(PY)
	$(PIP) -r requirements.lock
	@$(PY) -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	$(PIP) -r requirements-dev.lock
	@touch $@

.venv/openstack.stamp: requirements-openstack.lock | $(PY)
	$(PYTHON) -m venv .venv/openstack
	.venv/openstack/bin/python -m pip install -qq --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
		-r requirements-openstack.lock
	@touch $@

node_modules/setup.stamp: package.json package-lock.json .npmrc | .venv/run.stamp
	PATH="$(CURDIR)/.venv/bin:$$PATH" npm ci --ignore-scripts --silent
	@touch $@

$(ASSETS): node_modules/setup.stamp $(wildcard static/src/* static/src/*/*)
	PATH="$(CURDIR)/.venv/bin:$$PATH" npm run --silent build
	@touch $@

%.mo: %.po | .venv/run.stamp
	@$(PY) -m babel.messages.frontend --quiet compile --input-file=$< --output-file=$@

# ---- lock files: exact versions with hashes, for every Python we allow; no address stands in them

LOCK := .venv/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock'

lock: $(PY)
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/python -m pip install -qq --disable-pip-version-check uv
	$(LOCK) pyproject.toml --extra build --output-file requirements.lock
	$(LOCK) pyproject.toml --all-extras --constraint requirements.lock --output-file requirements-dev.lock
	$(LOCK) requirements-openstack.in --output-file requirements-openstack.lock
