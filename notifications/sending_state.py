"""Whether our email goes out; refusals for reasons on our side are entries to look at [R59].

Two entries are enough, however many emails wait: one while nothing goes out, which the next accepted
email closes, and one while single emails are refused for reasons on our side, which the last of them
closes. The first also spaces the attempts, so that a server that refuses our password does not lock the
account.
"""

import datetime as dt

from django.conf import settings
from django.urls import reverse

from . import to_look_at
from .enums import LookAtKind
from .models import Message
from .refusals import Refusal

KIND = LookAtKind.EMAIL_REFUSED
SERVER, EMAILS = "server", "emails"
FIRST_PAUSE = dt.timedelta(seconds=30)
LONGEST_PAUSE = dt.timedelta(minutes=10)
#: Some servers defer every new sender for a while; staff only see what lasts longer.
ROUTINE = dt.timedelta(hours=1)


def report_server(refusal: Refusal, *, now: dt.datetime) -> dt.datetime:
    """Report to staff that nothing goes out, and return when to try again."""
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT or ''}".rstrip(":")
    _report(SERVER, where, refusal, now=now)
    return paused_until() or now + FIRST_PAUSE


def report_kept(message: Message, refusal: Refusal, *, now: dt.datetime) -> None:
    """Report one email refused for a reason on our side: immediately if permanent, else once it lasts."""
    if not refusal.is_permanent and now - (message.refused_since or now) < ROUTINE:
        return
    domain = message.to_address.rpartition("@")[2]
    _report(EMAILS, domain, refusal, now=now)


def _report(key: str, where: str, refusal: Refusal, *, now: dt.datetime) -> None:
    to_look_at.report(
        KIND,
        key=key,
        subject=f"{where} · {refusal.stage.value}",
        detail=refusal.words,
        link=reverse("admin:notifications_message_changelist") + "?state__exact=queued",
        now=now,
    )


def paused_until() -> dt.datetime | None:
    """Return until when not to contact a mail server that refuses us, or None; one query."""
    entry = to_look_at.find_open(KIND, SERVER).values_list("last_seen_at", "times").first()
    if entry is None:
        return None
    last_seen_at, times = entry
    return last_seen_at + min(FIRST_PAUSE * 2 ** min(times - 1, 10), LONGEST_PAUSE)


def note_accepted(*, now: dt.datetime) -> None:
    """Close the entry about the server, since an email went out."""
    to_look_at.resolve(KIND, key=SERVER, now=now)


def try_at_once(*, now: dt.datetime) -> None:
    """End the pause because staff want to try now. If nothing has changed, the entry is opened again."""
    to_look_at.resolve(KIND, key=SERVER, now=now)


def close_if_none_is_kept(*, now: dt.datetime) -> None:
    """Close the entry about single emails once the last of them has gone out."""
    if not Message.objects.filter(refused_since__isnull=False).exists():
        to_look_at.resolve(KIND, key=EMAILS, now=now)
