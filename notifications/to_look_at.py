"""What staff must look at [R59]: code opens an entry; staff close it, or the end of its cause does.

An entry is for what email cannot be trusted to tell, such as that email itself is refused. It is shown on
the staff's start page and counted in ``/statusz`` until it is closed.
"""

import datetime as dt
import logging

from django.db import transaction
from django.db.models import Count, F, Min, QuerySet
from django.utils import timezone

from .enums import LookAtKind
from .models import LookAtEntry

logger = logging.getLogger(__name__)

#: Reviewers and support may read claims; either permission shows entries about claims.
READS_CLAIMS = ("associations.review_claim", "associations.view_claim")
#: Any one of these lets someone who may see entries at all see those of the kind. Only names, since this
#: application does not know the others.
SEEN_WITH: dict[LookAtKind, tuple[str, ...]] = {
    LookAtKind.EMAIL_REFUSED: ("notifications.view_message",),
    LookAtKind.BOUNCE_UNMATCHED: ("notifications.view_message",),
    LookAtKind.CONTACT_BOUNCED: ("associations.view_tenant",),
    LookAtKind.WRONG_PERSON: READS_CLAIMS,
    LookAtKind.CONTACT_UNCONFIRMED: ("associations.review_claim",),
    LookAtKind.CLAIM_SET_ASIDE: READS_CLAIMS,
    LookAtKind.CUSTOMER_ASKED_FOR: ("associations.add_tenant",),
    LookAtKind.PART_GAVE_UP: ("notifications.view_lookatentry",),
}
VIEW = "notifications.view_lookatentry"


@transaction.atomic
def report(
    kind: LookAtKind,
    *,
    key: str,
    subject: str,
    detail: str = "",
    link: str = "",
    now: dt.datetime | None = None,
) -> None:
    """Open an entry in the caller's transaction, or count one more time on the one that is open.

    ``key`` (at most 200 characters) names the cause, such as a claim's reference; ``subject`` (300) and
    ``detail`` are plain data, never sentences to translate; ``link`` is a path on this site.
    """
    now = now or timezone.now()
    logger.error("to look at: %s %s %s", kind, subject, detail)
    seen_again = find_open(kind, key).update(times=F("times") + 1, last_seen_at=now, detail=detail)
    if seen_again:
        return
    entry = LookAtEntry(
        kind=kind,
        key=key,
        subject=subject[: LookAtEntry._meta.get_field("subject").max_length],
        detail=detail,
        link=link,
        since=now,
        last_seen_at=now,
    )
    # Another process may open it concurrently; the constraint keeps one.
    LookAtEntry.objects.bulk_create([entry], ignore_conflicts=True)


def resolve(kind: LookAtKind, *, key: str, now: dt.datetime | None = None) -> bool:
    """Close the open entry because its cause is gone; return whether there was one."""
    return bool(find_open(kind, key).update(closed_at=now or timezone.now()))


def close(entries: QuerySet[LookAtEntry], *, actor, now: dt.datetime | None = None) -> int:
    """Close those of ``entries`` that are open, in ``actor``'s name; return how many."""
    now = now or timezone.now()
    return entries.filter(closed_at=None).update(closed_at=now, closed_by=actor)


def list_open() -> QuerySet[LookAtEntry]:
    """Return the open entries, newest first."""
    return LookAtEntry.objects.filter(closed_at=None)


def list_visible(user) -> QuerySet[LookAtEntry]:
    """Return the entries, open and closed, of the kinds that ``user`` may see."""
    if not user.has_perm(VIEW):
        return LookAtEntry.objects.none()
    kinds = [kind for kind, any_of in SEEN_WITH.items() if any(map(user.has_perm, any_of))]
    return LookAtEntry.objects.filter(kind__in=kinds)


def count_open() -> dict[str, dict]:
    """Return ``{kind: {"open": number, "since": instant of the oldest}}`` for `/statusz`."""
    counted = list_open().order_by().values("kind").annotate(open=Count("pk"), oldest=Min("since"))
    return {each["kind"]: {"open": each["open"], "since": each["oldest"]} for each in counted}


def find_open(kind: LookAtKind, key: str) -> QuerySet[LookAtEntry]:
    """Return the open entry of this kind and key, as a query: one row or none."""
    return list_open().filter(kind=kind, key=key)
