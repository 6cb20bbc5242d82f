"""Whether our email goes out; refusals that are about us are entries to look at [R59].

Two entries are enough, however many emails wait: one while nothing goes out, which the next accepted
email closes, and one while single emails are refused because of us, which the last of them closes. The
first one also spaces the attempts: a server that refuses our password must not lock the account.
"""

import datetime as dt

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from . import to_look_at
from .enums import LookAtKind
from .models import LookAtEntry, Message
from .refusals import Refusal

KIND = LookAtKind.EMAIL_REFUSED
SERVER, EMAILS = "server", "emails"
FIRST_PAUSE = dt.timedelta(seconds=30)
LONGEST_PAUSE = dt.timedelta(minutes=10)
#: Some servers put every new sender off for a while; only what lasts is for staff to see.
ROUTINE = dt.timedelta(hours=1)


def report_server(refusal: Refusal, *, now: dt.datetime) -> dt.datetime:
    """Nothing goes out: tell staff, and return when to try again."""
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT or ''}".rstrip(":")
    _report(SERVER, where, refusal, now=now)
    return paused_until() or now + FIRST_PAUSE


def report_kept(message: Message, refusal: Refusal, *, now: dt.datetime) -> None:
    """One email was refused because of us: tell staff, at once or where it lasts."""
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
    """Return until when the mail server is to be left alone, if it refuses us; one query."""
    entry = _find_entry(SERVER).values_list("last_seen_at", "times").first()
    if entry is None:
        return None
    last_seen_at, times = entry
    return last_seen_at + min(FIRST_PAUSE * 2 ** min(times - 1, 10), LONGEST_PAUSE)


def note_accepted(*, now: dt.datetime) -> None:
    """An email went out, so the server refuses us no longer."""
    to_look_at.resolve(KIND, key=SERVER, now=now)


def try_at_once(*, now: dt.datetime) -> None:
    """Staff want to try now: end the pause. If nothing has changed, the entry is opened again."""
    to_look_at.resolve(KIND, key=SERVER, now=now)


def close_if_none_is_kept(*, now: dt.datetime) -> None:
    """Close the entry on single emails once the last of them went out."""
    if not _list_kept().exists():
        to_look_at.resolve(KIND, key=EMAILS, now=now)


def _list_kept() -> QuerySet[Message]:
    return Message.objects.filter(refused_since__isnull=False)


def _find_entry(key: str) -> QuerySet[LookAtEntry]:
    return to_look_at.list_open().filter(kind=KIND, key=key)
