#!/usr/bin/env bash
# Runs every check and test, one stage after the other; a failed stage does not hide the next one's
# news. Called by `make test`.
set -uo pipefail
trap "exit 130" INT TERM  # anyone who stops the run wants no further stage

bin=.venv/bin
workers=${PYTEST_WORKERS:-2}
failed=()
report=()

stage() {
    local name=$1 began=$SECONDS result=ok
    shift
    printf '\n=== %s\n' "$name"
    "$@" </dev/null || { result=FAILED; failed+=("$name"); }
    report+=("$(printf '%-28s %-7s %4d s' "$name" "$result" $((SECONDS - began)))")
}

# Idle workers take over what others have left: the slowest tests come last.
tests() { "$bin/pytest" -q -n "$workers" --dist worksteal "$@"; }

stage lint make --no-print-directory lint
stage 'tests on SQLite' tests --database=sqlite -m 'not e2e'
stage 'tests on PostgreSQL' tests --database=postgresql -m 'not e2e'
stage 'browser tests' tests --database=postgresql -m e2e

printf '\n'
printf '%s\n' "${report[@]}"
if [ ${#failed[@]} -gt 0 ]; then
    printf 'make test: FAILED after %d s: %s\n' "$SECONDS" "$(IFS=,; echo "${failed[*]}")"
    exit 1
fi
printf 'make test: every stage passed in %d s\n' "$SECONDS"
