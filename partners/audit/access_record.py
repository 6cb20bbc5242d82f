"""The access record: who signed in, changed permissions, or viewed or exported data [R40].

Failed sign-ins are not in it: anyone could fill a partner's record with them, and the time that
writing takes would tell a stranger which addresses have an account.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet, Subquery
from django.utils import timezone

from cpor_site.web.keyset import read_newest_first

from ..enums import AccessKind, Role
from ..models import AccessRecord, Location, Membership, Partner, User

PAGE_SIZE = 50
SUBJECT_MAX = 500
ONE_LOOK = dt.timedelta(hours=1)
#: What a partner's own page leaves out: what staff do as part of their work.
STAFF_KINDS = (AccessKind.PROOF_REVIEWED,)
#: What changes permissions; few rows, whatever the traffic.
PEOPLE_KINDS = (
    AccessKind.MEMBER_INVITED,
    AccessKind.INVITATION_RESENT,
    AccessKind.INVITATION_REVOKED,
    AccessKind.MEMBER_JOINED,
    AccessKind.MEMBER_ADDED,
    AccessKind.ROLE_CHANGED,
    AccessKind.MEMBER_REMOVED,
    AccessKind.MEMBER_LEFT,
)
#: The most people that fit a list to choose from.
PEOPLE_MAX = 200


@dataclass(frozen=True)
class RecordPage:
    """Rows, newest first, and the keys to pass as ``before`` and ``after``; None at the ends."""

    rows: list[AccessRecord]
    newer: str | None
    older: str | None


def record_access(
    kind: AccessKind,
    *,
    user: User | None,
    partner: Partner | None,
    location: Location | None = None,
    about: User | None = None,
    subject: str = "",
    role: Role | str = "",
    locations: Iterable[str] = (),
) -> AccessRecord:
    """Write a row, in the transaction of the action it describes.

    ``user`` acted, at ``partner``; ``location`` is that of the claim concerned; ``about`` is the person
    affected, who now has ``role`` and ``locations`` (names; none means all).
    """
    return AccessRecord.objects.create(
        kind=kind,
        user=user,
        partner=partner,
        location=location,
        about=about,
        subject=subject[:SUBJECT_MAX],
        role=role,
        scope=", ".join(locations),
    )


def record_look(kind: AccessKind, *, user: User, partner: Partner, subject: str, **more) -> None:
    """Record that a person viewed something, once an hour for each thing [R40].

    A viewer requests a file in parts, and people page back and forth: a row for each would bury the others.
    ``more`` is passed to ``record_access``. Locks the person's row, so that simultaneous requests for parts
    make one row.
    """
    since = timezone.now() - ONE_LOOK
    looks = AccessRecord.objects.filter(
        partner=partner, user=user, kind=kind, subject=subject[:SUBJECT_MAX], at__gt=since
    )
    if looks.exists():
        return
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not looks.exists():
            record_access(kind, user=user, partner=partner, subject=subject, **more)


def record_membership(kind: AccessKind, membership: Membership, *, user: User | None) -> None:
    """Write a row about a member, with the current role and locations of ``membership``."""
    chosen = () if membership.has_all_locations else membership.locations.order_by("name")
    record_access(
        kind,
        user=user,
        partner=membership.partner,
        about=membership.user,
        subject=membership.user.email,
        role=membership.role,
        locations=[location.name for location in chosen],
    )


def record_sign_in(user: User) -> None:
    """Record a sign-in: one row for each of the person's partners, one for staff without a partner."""
    partners: list[Partner | None] = list(Partner.objects.filter(memberships__user=user))
    for partner in partners or [None]:
        record_access(AccessKind.SIGNED_IN, user=user, partner=partner)


def records_visible_to(membership: Membership) -> QuerySet[AccessRecord]:
    """Return what happened at the membership's partner, within its locations [R41]."""
    records = AccessRecord.objects.filter(partner=membership.partner_id).exclude(
        kind__in=STAFF_KINDS
    )
    if membership.has_all_locations:
        return records
    mine = Q(location=None) | Q(location__in=membership.locations.values("pk"))
    return records.filter(mine)


def list_people(partner_id: int) -> list[User]:
    """Return the people to filter the record by: members, former members, and others who acted there."""
    told = AccessRecord.objects.filter(partner=partner_id, kind__in=PEOPLE_KINDS).order_by()
    members = Membership.objects.filter(partner=partner_id).order_by()
    # Their keys first: a single filter with OR would read the people of all partners.
    keys = members.values("user").union(told.values("user"), told.values("about"))
    people = User.objects.filter(pk__in=keys)
    return list(people.order_by("full_name", "email")[:PEOPLE_MAX])


def has_left(user: User, partner_id: int) -> bool:
    """Return whether the person once left or was removed; they may have returned since."""
    ended = (AccessKind.MEMBER_REMOVED, AccessKind.MEMBER_LEFT)
    return AccessRecord.objects.filter(partner=partner_id, about=user, kind__in=ended).exists()


def read_page(records: QuerySet[AccessRecord], *, after: str = "", before: str = "") -> RecordPage:
    """Return the rows older than the one with the key ``after``, or newer than ``before``."""
    place = None
    if key := before or after:
        place = Subquery(records.filter(key=key).order_by().values("pk"))
    rows = records.select_related("user", "location")
    page = read_newest_first(rows, size=PAGE_SIZE, place=place, backwards=bool(before))
    return RecordPage(
        page.rows,
        str(page.rows[0].key) if page.has_newer else None,
        str(page.rows[-1].key) if page.has_older else None,
    )
