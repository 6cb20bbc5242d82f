"""Sessions that ended long ago: Django's own, and what *Sign-in and security* lists of them."""

import datetime as dt

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet

from cpor_site.web.keeping import delete_in_chunks, find_cut_off


def prune_sessions(*, now: dt.datetime, is_dry_run: bool = False) -> int:
    """Delete sessions that expired KEEP_SESSIONS_DAYS ago, and the rows about them; return how many."""
    cut_off = find_cut_off(settings.KEEP_SESSIONS_DAYS, now=now)
    if cut_off is None:
        return 0
    expired = Session.objects.filter(expire_date__lt=cut_off)
    told_of = _find_told_of(cut_off)
    if is_dry_run:
        return expired.count() + told_of.count()
    return delete_in_chunks(told_of) + delete_in_chunks(expired)


def _find_told_of(cut_off: dt.datetime) -> QuerySet[UserSession]:
    """Return rows about sessions that no longer exist, also after signing out, or that have expired."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gte=cut_off)
    return UserSession.objects.filter(~Exists(alive), last_seen_at__lt=cut_off)
