"""Outbox to SMTP against a bare smtplib loop: same bytes, same mail server, one connection.

    python -m tests.benchmarks.bench_outbox

The outbox's side holds everything: lease, words, MIME, one committed mark a mail with its signal. Both
sides send to one aiosmtpd process, in turns, so that the ratio holds on a busy machine too. It answers at
once, where all that we add is seen, or takes its time over each command, as real servers do.
"""

import os
import smtplib
import statistics
import tempfile
import time
from pathlib import Path

from tests.servers.postgresql import PostgresServer
from tests.servers.smtp_process import SmtpProcess

#: Seconds that the server takes for a command → mails a round, rounds, and the ratio wanted.
SERVERS = {0.0: (200, 15, 0.25), 0.01: (50, 5, 0.9)}
KIND = "order-shipped"
TEMPLATES = Path(__file__).resolve().parents[1] / "notifications" / "templates"


def run(database_url: str) -> list[tuple[str, float, float]]:
    """Measure on an empty or migrated PostgreSQL; return (name, ratio, target)."""
    return [_compare(database_url, delay, *wanted) for delay, wanted in SERVERS.items()]


def _compare(database_url, delay, mails, rounds, target):
    with SmtpProcess(delay=delay) as server, tempfile.TemporaryDirectory() as folder:
        _set_up(database_url, server=server, folder=folder)
        rates = [
            (_rate_of_bare_loop(server, mails), _rate_of_outbox(mails)) for _ in range(rounds + 1)
        ]
    rates = rates[1:]  # the first is to warm up
    bare, ours = (statistics.median(side) for side in zip(*rates, strict=True))
    print(f"bare smtplib {bare:.0f} mails/s, outbox {ours:.0f} mails/s, medians of {rounds}")
    # Of neighbours in time: what else the machine does slows both.
    ratio = statistics.median(ours / bare for bare, ours in rates)
    name = f"outbox, of a bare smtplib loop; {delay * 1000:.0f} ms a command"
    return name, ratio, target


def _set_up(database_url, *, server, folder):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cpor_site.settings")
    os.environ.setdefault("SECRET_KEY", "only-for-benchmarks-" + "0123456789" * 4)
    os.environ.setdefault("CPOR_DATA_DIR", folder)
    os.environ["DATABASE_URL"] = database_url
    import django
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    if not apps.ready:
        django.setup()
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
    settings.EMAIL_BACKEND = "notifications.smtp.EmailBackend"
    if TEMPLATES not in settings.TEMPLATES[0]["DIRS"]:
        settings.TEMPLATES[0]["DIRS"].append(TEMPLATES)
    call_command("migrate", verbosity=0)
    if connection.vendor != "postgresql":
        raise RuntimeError(f"the benchmark runs on PostgreSQL, not {connection.vendor}")


def _queue_mails(mails):
    """Queue the mails of one round and return their rows."""
    from notifications.models import Message

    Message.objects.all().delete()
    rows = [_one_row(number) for number in range(mails)]
    return Message.objects.bulk_create(rows)


def _one_row(number):
    from notifications.models import Message

    return Message(
        key=f"bench:{number}",
        kind=KIND,
        to_address=f"contact{number}@contoso.example",
        to_name=f"Zoë Contact {number}",
        language="en" if number % 2 else "pt-br",
        context={
            "order": f"K7QF{number}",
            "items": "Teams\nExchange Online\nSharePoint Online",
            "comment": "Reviewed and approved.",
            "order_url": f"https://portal.northwind.example/opt-out/{number}/",
            "about_url": "https://portal.northwind.example/about-cpor/",
        },
    )


def _rate_of_bare_loop(server, count) -> float:
    from notifications.words.composition import compose
    from notifications.words.rendering import render

    mails = []
    for row in _queue_mails(count):
        content = compose(row, render(row), connection=None).message().as_bytes(linesep="\r\n")
        mails.append((row.to_address, content))
    started = time.perf_counter()
    with smtplib.SMTP(server.host, server.port) as client:
        for address, content in mails:
            client.sendmail("no-reply@northwind.example", [address], content)
    return count / (time.perf_counter() - started)


def _rate_of_outbox(count) -> float:
    from notifications.delivery import deliver_due
    from notifications.enums import State
    from notifications.models import Message

    _queue_mails(count)
    started = time.perf_counter()
    accepted = deliver_due()
    seconds = time.perf_counter() - started
    sent = Message.objects.filter(state=State.SENT).count()
    if (accepted, sent) != (count, count):
        raise RuntimeError(f"accepted {accepted}, marked {sent}, wanted {count}")
    return count / seconds


def main() -> None:
    with PostgresServer(durable=True) as database:
        for name, ratio, target in run(database.url()):
            print(f"{name}: {ratio:.2f} (target {target})")


if __name__ == "__main__":
    main()
