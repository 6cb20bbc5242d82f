"""A process of the finalisation benchmark: waits for the word on standard input, answers in JSON."""

import contextlib
import gc
import json
import sys
import time

import django
import psutil


def main() -> None:
    django.setup()
    role = {"finalise": finalise, "refuse": refuse}[sys.argv[1]]
    role()


def wait_for_the_word() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


def finalise() -> None:
    from associations.finalisation import finalise_due
    from tests.benchmarks.finalisation_data import DUE

    finalise_due(at=DUE.replace(year=2000))  # warm: imports, connection, plans
    gc.collect()
    before = psutil.Process().memory_info().rss
    wait_for_the_word()
    started = time.perf_counter()
    outcome = finalise_due(at=DUE)
    seconds = time.perf_counter() - started
    grown = (psutil.Process().memory_info().rss - before) / 1e6
    print(
        json.dumps(
            {
                "seconds": seconds,
                "official": outcome.official,
                "growth_mb": grown,
                "idle_ms": idle(DUE),
            }
        )
    )


def idle(at) -> float:
    """The cost of a sweep that finds nothing, in milliseconds, the median of many."""
    from associations.finalisation import finalise_due

    took = []
    for _ in range(50):
        started = time.perf_counter()
        finalise_due(at=at)
        took.append(time.perf_counter() - started)
    return sorted(took)[len(took) // 2] * 1000


def refuse() -> None:
    """Opt out of due claims from the far end, each just in time, while the finaliser comes nearer."""
    from django.db import connection

    from associations import optout
    from associations.models import Association, Claim
    from tests.benchmarks.finalisation_data import DUE

    due = Claim.objects.filter(status="approved", due_at=DUE).count()
    step = max(due // 400, 1)
    pairs = [
        (
            f"token-{pk}",
            list(Association.objects.filter(claim=pk).values_list("reference", flat=True)),
        )
        for pk in range(1, due, step)
    ]
    connection.ensure_connection()
    wait_for_the_word()
    longest, until = 0.0, time.perf_counter() + 60
    for token, references in pairs:
        started = time.perf_counter()
        with contextlib.suppress(optout.LifecycleError):  # the finaliser was there first
            optout.opt_out(token, references, at=DUE.replace(year=2000))
        longest = max(longest, time.perf_counter() - started)
        time.sleep(0.01)
        if time.perf_counter() > until:
            break
    print(json.dumps({"longest_wait": longest}))


if __name__ == "__main__":
    main()
