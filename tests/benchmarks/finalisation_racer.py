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
    from associations.finalisation.sweep import finalise_due
    from tests.benchmarks.finalisation_data import DUE, SWEPT

    finalise_due(at=DUE.replace(year=2000))  # warm: imports, connection, plans
    gc.collect()
    before = psutil.Process().memory_info().rss
    wait_for_the_word()
    started = time.perf_counter()
    outcome = finalise_due(at=SWEPT)
    seconds = time.perf_counter() - started
    grown = (psutil.Process().memory_info().rss - before) / 1e6
    print(
        json.dumps(
            {
                "seconds": seconds,
                "official": outcome.official,
                "growth_mb": grown,
                "idle_ms": idle(SWEPT),
            }
        )
    )


def idle(at) -> float:
    """The cost of a sweep that finds nothing, in milliseconds, the median of many."""
    from associations.finalisation.sweep import finalise_due

    took = []
    for _ in range(50):
        started = time.perf_counter()
        finalise_due(at=at)
        took.append(time.perf_counter() - started)
    return sorted(took)[len(took) // 2] * 1000


def pick(claims) -> tuple[str, list[str]] | None:
    """What a customer refuses: the first of the claims, by its notice's token and all its products."""
    from associations.models import Association

    pk = claims.order_by("due_at", "pk").values_list("pk", flat=True).first()
    named = Association.objects.filter(claim=pk)
    return pk and (f"token-{pk}", list(named.values_list("reference", flat=True)))


def refuse() -> None:
    """Opt out, again and again and each just in time, of the claim the finaliser has in hand."""
    from associations.customer import optout
    from associations.models import Claim
    from tests.benchmarks.finalisation_data import DUE

    approved = Claim.objects.filter(status="approved", is_parked=False)
    waiting, in_time = approved.filter(due_at=DUE), DUE.replace(year=2000)
    # One whose window is open for long: imports, connection, calendars.
    optout.opt_out(*pick(approved.filter(due_at__gt=DUE)), at=in_time)
    wait_for_the_word()
    waits, until = [], time.perf_counter() + 60
    while (chosen := pick(waiting)) and time.perf_counter() < until:
        started = time.perf_counter()
        with contextlib.suppress(optout.LifecycleError):  # the finaliser was there first
            optout.opt_out(*chosen, at=in_time)
        waits.append(time.perf_counter() - started)
        time.sleep(0.01)
    print(json.dumps({"waits": sorted(waits)}))


if __name__ == "__main__":
    main()
