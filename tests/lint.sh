#!/usr/bin/env bash
# Every check that needs no test; all run, and all failures are listed. Called by `make lint`.
set -uo pipefail

bin=.venv/bin
apps=(cpor_site partners associations notifications)
failed=()

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset DATABASE_URL REDIS_URL CPOR_DEMO DEBUG
export SECRET_KEY=only-for-checks CPOR_DATA_DIR=$scratch

check() {
    local name=$1
    shift
    echo "--- $name"
    "$@" </dev/null || failed+=("$name")
}

# What production settings look like; nothing connects to these addresses.
deployable() {
    SECRET_KEY=$("$bin/python" -c 'import secrets; print(secrets.token_urlsafe(50))') \
        ALLOWED_HOSTS=cpor.example CPOR_BASE_URL=https://cpor.example \
        DATABASE_URL=postgresql://cpor@127.0.0.1:1/cpor REDIS_URL=redis://127.0.0.1:1/0 \
        EMAIL_URL='smtp://cpor:secret@mail.example:587/?tls=True' \
        OPERATOR_NAME='Relecloud, Inc.' DEFAULT_FROM_EMAIL='Relecloud, Inc. <no-reply@relecloud.example>' \
        OPERATOR_SUPPORT_EMAIL=help@relecloud.example \
        "$bin/python" manage.py check --deploy --fail-level WARNING
}

check 'ruff check' "$bin/ruff" check --quiet --output-format concise .
check 'ruff format' "$bin/ruff" format --check --quiet --output-format concise .
check mypy "$bin/mypy" --no-error-summary "${apps[@]}"
# Only djlint's rules: its formatting (--check) harms these templates. It puts white space into links and
# pills (an underlined gap after an icon, a wider pill), and before emails' doctype and title; where an
# {% if %} stands inside a line, what follows loses its indent, as does all that is inside an SVG.
check djlint "$bin/djlint" --lint --quiet templates
check 'order of the rooms' "$bin/lint-imports" --no-cache --no-logo
check bandit "$bin/bandit" --quiet --configfile pyproject.toml --recursive "${apps[@]}"
check migrations "$bin/python" manage.py makemigrations --check --dry-run --verbosity 1
check 'deployment check' deployable

if [ ${#failed[@]} -gt 0 ]; then
    (IFS=,; echo "make lint: FAILED: ${failed[*]}")
    exit 1
fi
echo 'make lint: ok'
