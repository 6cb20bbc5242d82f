#!/usr/bin/env bash
# The tests on the newest Django and a newer Python, to learn early what will break; called by
# `make test-next PYTHON=python3.13`. Its environment is apart from the locked one, and nothing is locked in it.
set -euo pipefail

python=${PYTHON:-python3.13}
venv=.venv-next

if ! version=$("$python" -c 'import platform; print(platform.python_version())' 2>/dev/null); then
    echo "make test-next: there is no $python here. Name one there is: make test-next PYTHON=python3.13" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))'; then
    echo "make test-next: the newest Django needs Python 3.12 or newer, and this is $version" >&2
    exit 1
fi

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
# Versions as they come: without hashes and pins, but with what the locked set names.
sed -nE 's/^([A-Za-z0-9._-]+(\[[a-z,]+\])?)==[^;]*( ;.*)? \\$/\1\3/p' requirements/test.txt >"$venv/wanted.txt"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade -r "$venv/wanted.txt"
"$venv/bin/python" -m pip list --disable-pip-version-check | grep -iE '^(django|celery|psycopg) '

# pyproject.toml makes every warning an error, deprecations among them.
exec "$venv/bin/pytest" -q -n "${PYTEST_WORKERS:-2}" --dist worksteal --database=postgresql -m 'not e2e' "$@"
