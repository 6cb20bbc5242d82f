#!/usr/bin/env bash
# Runs every check and test, one stage after the other; a failed stage does not hide the next one's
# news. Called by `make test`.
set -uo pipefail
trap "exit 130" INT TERM  # anyone who stops the run wants no further stage

# Hundreds of processes start in the tests: they share what the first has compiled.
unset PYTHONDONTWRITEBYTECODE

bin=.venv/bin
# One more than CI has cores: what waits for a server that hangs leaves its core to others.
workers=${PYTEST_WORKERS:-3}
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
tests() { "$bin/pytest" -q -n "$workers" --dist worksteal --durations=30 --durations-min=3 "$@"; }

# PostgreSQL is what a site runs on. On SQLite, which the demo runs on, go the tests of what the two do
# differently: set-based SQL, locks, constraints, search, stored instants, migrations, the demo itself.
on_sqlite=(
    tests/associations/claims/test_{history,lifecycle,one_save_per_act}.py
    tests/associations/{finalisation,lists,set_up,usage}
    tests/associations/imports/test_{engine,import_races,imports_migration,limits}.py
    tests/associations/contests/test_{cases,contests_stateful}.py
    tests/associations/customer/test_{delivered,optout,promises_migration}.py
    tests/associations/filing/test_{bulk_drafts,customer_requests,own_claims,pruning,submission,whole_way}.py
    tests/associations/proof/test_document{_races,s}.py
    tests/associations/review/test_{disputes,review_queue}.py
    tests/notifications/test_{bounces,delivery,kills,outbox,races}.py
    tests/partners/audit tests/partners/test_keys_migration.py
    tests/partners/people/test_{invitation_emails_migration,invitations,members}.py
    tests/site/test_{admin_lists,constraints,demo,health,outages,read_again_migrations}.py
    tests/concurrency tests/faults/test_{database_crashes,slow_refusal}.py
    tests/faults/test_hanging_mail_server.py::test_the_demo_goes_on_while_its_thread_for_email_waits
    tests/test_infrastructure.py::test_sqlite_database_is_a_file_in_wal_mode
)

stage lint make --no-print-directory lint
stage 'tests on SQLite' tests --database=sqlite -m 'not e2e' "${on_sqlite[@]}"
stage 'tests on PostgreSQL' tests --database=postgresql -m 'not e2e'
stage 'browser tests' tests --database=postgresql -m e2e

printf '\n'
printf '%s\n' "${report[@]}"
if [ ${#failed[@]} -gt 0 ]; then
    printf 'make test: FAILED after %d s: %s\n' "$SECONDS" "$(IFS=,; echo "${failed[*]}")"
    exit 1
fi
printf 'make test: every stage passed in %d s\n' "$SECONDS"
