"""Remove the values of emails settled long ago: they contain links that give access.

The row stays, with recipient, time and the server's answer [R56]; a customer's notice is kept word for
word with its claim [R20].
"""

import datetime as dt

from django.conf import settings
from django.db.models import Q, QuerySet

from cpor_site.web.keeping import CHUNK, CHUNKS_MAX, find_cut_off

from .enums import SETTLED
from .models import Message


def empty_old_emails(*, now: dt.datetime, is_dry_run: bool = False) -> int:
    """Remove the values of emails settled KEEP_EMAIL_VALUES_DAYS ago; return how many emails."""
    cut_off = find_cut_off(settings.KEEP_EMAIL_VALUES_DAYS, now=now)
    if cut_off is None:
        return 0
    old = _find_old(cut_off)
    if is_dry_run:
        return old.count()
    total, last = 0, 0
    for _chunk in range(CHUNKS_MAX):
        beyond = old.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)
        keys = list(beyond[:CHUNK])
        if not keys:
            break
        last = keys[-1]
        # The condition is repeated: one of them may concurrently be sent again.
        total += old.filter(pk__in=keys).update(context={}, emptied_at=now)
    return total


def _find_old(cut_off: dt.datetime) -> QuerySet[Message]:
    return Message.objects.filter(
        Q(sent_at=None) | Q(sent_at__lt=cut_off),
        state__in=SETTLED,
        emptied_at=None,
        created_at__lt=cut_off,
        next_attempt_at__lt=cut_off,
    )
