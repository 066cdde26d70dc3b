# `make run` starts everything on 127.0.0.1:8080; `make test` runs every test. Both install what they need first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# For the tests of the beacon in browsers other than Chromium; WebKit needs an X server.
OTHER_ENGINES := firefox-esr WebKitWebDriver Xvfb

BEACON := collector/static/beacon/manifest.json
VIEWER := collector/static/viewer/index.html
BEACON_SOURCES := $(shell find beacon_js \( -name node_modules -o -name dist \) -prune -o -type f \( -name '*.ts' -o -name '*.mjs' -o -path '*/loader/*.js' -o -name 'package*.json' \) -print)
VIEWER_SOURCES := $(shell find dashboards -path '*/node_modules' -prune -o -type f -not -name '*.md' -print)

# What only tests need: a runtime of workers, and a provider to sign in with.
TEST_PACKAGES := $(addsuffix /node_modules/.package-lock.json,tests/embedding tests/access/provider)

.PHONY: run build test test-js test-apps test-image lint fuzz audit bench screenshots docs docs-site wheel dist release lock clean

run: $(VENV)/.run build
	@exec $(BIN)/wideload serve

build: $(BEACON) $(VIEWER)

# What these measure in a browser, a busy machine would change, so they run alone. The beacon's others get a processor each; all
# the rest waits a lot: one more than processors.
ALONE := tests/beacon/oracle tests/beacon/test_no_harm.py
test: $(VENV)/.dev $(VENV)/.deploy $(VENV)/.debian $(TEST_PACKAGES) build test-js lint
	@$(BIN)/python -m pytest -n 3 --dist loadfile --ignore tests/beacon
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(addprefix --ignore ,$(ALONE)) tests/beacon
	@$(BIN)/python -m pytest $(ALONE)

test-js: beacon_js/node_modules/.package-lock.json dashboards/viewer/node_modules/.package-lock.json
	@cd beacon_js && npm run --silent typecheck && NODE_OPTIONS=--test-reporter=dot npm test --silent
	@cd dashboards/viewer && NODE_OPTIONS=--test-reporter=dot npm test --silent

# Builds applications with React, Next, Vue and Svelte around the npm package, and visits them. It installs these frameworks
# (about 800 MB, and Node 22 for SvelteKit) and takes minutes, so `make test` leaves it out.
test-apps: $(VENV)/.dev beacon_js/node_modules/.package-lock.json
	@$(BIN)/python -m pytest -m apps tests/beacon

# Builds the container images without a container engine (as root, with debootstrap; about 2 GB, minutes), and serves from them.
test-image: $(VENV)/.dev $(VENV)/.deploy
	@command -v debootstrap >/dev/null || { apt-get update -qq && apt-get install -qq -y debootstrap >/dev/null; }
	@$(BIN)/python -m pytest -m image tests/image

lint: $(VENV)/.dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary

# `make test` fuzzes for seconds; this goes on for as long as it is told, and adds what it finds to tests/fuzz/corpus.
FUZZ_SECONDS ?= 600
FUZZ_EXAMPLES ?= 1000
fuzz: $(VENV)/.dev build
	@$(BIN)/python -m tests.fuzz $(FUZZ_SECONDS)
	@WIDELOAD_TEST_FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/python -m pytest tests/fuzz

# Known vulnerabilities of everything that is shipped or that builds and tests it; asks the advisories of PyPI and npm.
audit: $(VENV)/.dev
	@$(BIN)/pip-audit --strict --progress-spinner off --require-hashes --disable-pip -r requirements/run.txt -r requirements/dev.txt
	@cd beacon_js && npm audit
	@cd dashboards/viewer && npm audit
	@cd tests/embedding && npm audit
	@cd tests/access/provider && npm audit

bench: $(VENV)/.dev build
	@$(BIN)/python -m bench

# Every view on the demo's data, in docs/screenshots; `make screenshots CHECK=--check` compares with what is there.
screenshots: $(VENV)/.dev build
	@$(BIN)/python -m tests.screenshots $(CHECK)

wheel: $(VENV)/.dev build
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist .

# `make release VERSION=0.2.0`: this version everywhere, the changelog's unreleased part as its notes, and wheel, npm package and chart
# in dist/. What is published is built again from the tag, by .github/workflows/release.yml.
release: $(VENV)/.dev $(VENV)/.deploy
	@test -n "$(VERSION)" || { echo "Say which: make release VERSION=0.2.0"; exit 2; }
	@test -z "$$(git status --porcelain)" || { echo "There are changes that are not committed: commit them first."; exit 2; }
	@$(BIN)/python -m release $(VERSION)
	@$(MAKE) --no-print-directory build docs dist
	@echo "Look at it, then: git commit --all --message 'Release $(VERSION)' && git tag v$(VERSION) && git push --follow-tags"

# What is published, of the version that stands in pyproject.toml.
dist: $(VENV)/.dev $(VENV)/.deploy build
	@$(BIN)/python -m release --build

# The pages and tables that are written from the code.
docs: $(VENV)/.dev
	@$(BIN)/python -m collector.docs >/dev/null
	@$(BIN)/python -m helm.document >/dev/null

# docs/ as a site, in dist/site; a link that leads nowhere stops it.
docs-site: $(VENV)/.deploy
	@$(BIN)/python -m release.site

# The locks hold every dependency with its hashes. `make lock` renews them.
IMAGE_LOCK := --quiet --upgrade --strip-extras --allow-unsafe --generate-hashes --no-emit-index-url \
  --no-emit-find-links --no-emit-trusted-host --no-annotate --no-header
LOCK := $(IMAGE_LOCK) --build-deps-for editable
lock: $(VENV)/.dev
	@$(PIP) install pip-tools
	@$(BIN)/pip-compile $(LOCK) --extra embedded --extra checks -o requirements/run.txt pyproject.toml
	@$(BIN)/pip-compile $(LOCK) --extra dev -c requirements/run.txt -o requirements/dev.txt pyproject.toml
	@$(BIN)/pip-compile $(LOCK) --extra deploy -c requirements/dev.txt -o requirements/deploy.txt pyproject.toml
	@$(BIN)/pip-compile $(IMAGE_LOCK) --extra kafka -c requirements/dev.txt -o requirements/image/lean.txt pyproject.toml
	@$(BIN)/pip-compile $(IMAGE_LOCK) --extra embedded --extra kafka -c requirements/dev.txt -o requirements/image/embedded.txt pyproject.toml
	@$(BIN)/pip-compile $(IMAGE_LOCK) --extra checks -c requirements/dev.txt -o requirements/image/checks.txt pyproject.toml
	@$(BIN)/pip-compile $(IMAGE_LOCK) -c requirements/dev.txt -o requirements/image/build.txt requirements/image/build.in

clean:
	@rm -rf $(VENV) collector/static dist beacon_js/dist beacon_js/node_modules dashboards/viewer/node_modules
	@rm -rf $(addprefix tests/beacon/apps/*/,node_modules .next .svelte-kit build dist out) $(dir $(TEST_PACKAGES))

# Debian's python3 has no venv of its own.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Wideload needs Python 3.11 or newer; set PYTHON to one.")'
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); apt-get update -qq && apt-get install -qq -y python3-venv >/dev/null \
	  && $(PYTHON) -m venv $(VENV); }

$(VENV)/.run: $(BIN)/python pyproject.toml requirements/run.txt
	@test -e $(VENV)/.dev || echo "Installing Wideload into $(VENV) (about a minute) …"
	@test -e $(VENV)/.dev || $(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml requirements/dev.txt
	@echo "Installing Wideload and its test tools into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qq -y chromium >/dev/null; }
	@which $(OTHER_ENGINES) >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends \
	  firefox-esr webkit2gtk-driver xvfb >/dev/null; } || echo "No Firefox or WebKit here: the tests that need them are skipped."
	@touch $@

# What the tests of the Dockerfile, the chart and the site need: large, and nothing that the product runs on.
$(VENV)/.deploy: $(VENV)/.dev requirements/deploy.txt
	@$(PIP) install --require-hashes -r requirements/deploy.txt
	@touch $@

# What tests run: the servers of docs/embedding.md, and a ClickHouse server that is too old. Unpacked, not installed: no service
# starts, and nobody has to be root. The last one comes with the libraries that are missing here.
DEBIAN := nginx caddy webext-ublock-origin-firefox
DEBIAN_WITH_LIBRARIES := clickhouse-server
$(VENV)/.debian: | $(BIN)/python
	@rm -rf $(VENV)/debian && mkdir -p $(VENV)/debian
	@apt-get update -qq 2>/dev/null || true
	@cd $(VENV)/debian && for package in $(DEBIAN) \
	  $$(apt-get -s -o APT::Sandbox::User=root install --no-install-recommends $(DEBIAN_WITH_LIBRARIES) 2>/dev/null | sed -n 's/^Inst \([^ ]*\) .*/\1/p'); do \
	  apt-get download -qq -o APT::Sandbox::User=root $$package && dpkg -x $$package*.deb . && rm $$package*.deb \
	  || echo "There is no $$package here; the tests that need it are skipped."; done
	@touch $@

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	@cd $* && npm ci --silent --no-audit --no-fund
	@touch $@

$(BEACON): beacon_js/node_modules/.package-lock.json $(BEACON_SOURCES)
	@cd beacon_js && npm run --silent build
	@touch $@

$(VIEWER): dashboards/viewer/node_modules/.package-lock.json $(VIEWER_SOURCES)
	@cd dashboards/viewer && npm run --silent build
	@touch $@
