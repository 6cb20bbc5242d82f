# All commands of the project; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
APPS := cpor_site partners associations notifications
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard $(APPS:%=%/locale/*/LC_MESSAGES/*.po)))
LOCALES ?= pt_BR
# Checks that load the settings need a setting, not a server.
CHECKING = SECRET_KEY=only-for-checks CPOR_DATA_DIR=$$scratch

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv venv-test translations demo run test lint format bench soak mutants test-next messages requirements

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: $(VENV)/.base ## make .venv with the application's dependencies
venv-test: $(VENV)/.test ## make .venv with the tests' dependencies as well

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements/base.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/.test: requirements/test.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@ $(VENV)/.base

translations: $(CATALOGUES) ## compile the translations that changed

%.mo: %.po | venv
	$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@ --locale=$(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))
	@test -f $@ || { echo "$<: its header is marked as fuzzy; remove that line"; exit 1; }

demo: venv translations ## a working example on this machine; PORT and CPOR_DATA_DIR are honoured
	@exec $(BIN)/python manage.py demo

run: venv translations ## web, workers and beat against DATABASE_URL and REDIS_URL
	@test -n "$$DATABASE_URL" && test -n "$$REDIS_URL" \
		|| { echo "Set DATABASE_URL and REDIS_URL (docs/settings.md), or try make demo."; exit 1; }
	$(BIN)/python manage.py migrate --no-input
	CPOR_COLLECTED_STATIC=true $(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@CPOR_COLLECTED_STATIC=true exec $(BIN)/python manage.py run

test: ## every check and test; installs the Debian packages they need if it can
	@PYTHON=$(PYTHON) tests/install_system_packages.sh
	@$(MAKE) --no-print-directory venv-test translations
	@tests/run_stages.sh

lint: venv-test ## the checks without the tests
	@tests/lint.sh

format: venv-test ## format Python and templates as the checks expect
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .
	$(BIN)/djlint --reformat --quiet templates || true

bench: venv-test translations ## measure; prints a table and fails if a target is missed
	@exec $(BIN)/python -m tests.benchmarks $(if $(ONLY),--only $(ONLY))

soak: venv-test translations ## what the tests do in a short version, at full size; takes 20 minutes
	CPOR_SOAK=1 $(BIN)/pytest $$(grep -l 'tests.soak\|e2e.layout' -r tests --include='test_*.py') \
		--database=postgresql -n0 --durations=0

mutants: venv-test translations ## break the core in 200 ways; each must fail a test. COUNT, SEED, ONLY, COVERAGE; takes hours
	@exec $(BIN)/python -m tests.mutants $(COUNT:%=--count %) $(SEED:%=--seed %) \
		$(COVERAGE:%=--coverage %) $(if $(ONLY),--only $(ONLY))

test-next: ## the tests on the newest Django with deprecations as errors; PYTHON=python3.13
	@PYTHON=$(if $(filter command line,$(origin PYTHON)),$(PYTHON),python3.13) tests/run_next.sh

messages: venv-test ## collect the strings to translate; LOCALES=de starts a language
	@scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; $(CHECKING) \
		$(BIN)/python manage.py makemessages $(LOCALES:%=--locale %) --add-location file --no-obsolete \
		--ignore '$(VENV)' --ignore var --ignore tests --ignore docs --ignore requirements
	@# A new catalogue is marked as fuzzy as a whole, and would never be compiled.
	@sed -i '1,/^msgid/{/^#, fuzzy$$/d}' cpor_site/locale/*/LC_MESSAGES/*.po

COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header

requirements: venv ## lock the dependencies of pyproject.toml again
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) --output-file requirements/base.txt
	$(COMPILE) --group dev --constraint requirements/base.txt --output-file requirements/test.txt
