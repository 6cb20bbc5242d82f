"""The demo's data: created once in a data folder, with one new claim at each start."""

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from associations.claims.business_days import list_days_off
from associations.display.sentences import describe_deadline
from associations.enums import AssociationStatus
from associations.filing import customer_requests, drafts
from associations.filing.catalogue import load_catalogue
from associations.models import Association, Claim, Product, Tenant
from partners.models import Partner, User
from partners.people.invitations import invite_member
from partners.people.seats import Seat

from . import past
from .customers import CUSTOMERS, UNKNOWN, make_customers
from .past import Cast
from .people import (
    INVITED,
    PARTNERS,
    PEOPLE,
    find_partner,
    hash_password,
    make_partners,
    make_people,
)
from .posting import newest_message, post_emails
from .stories import STORIES, Story
from .usage import add_usage

#: Seconds after the start at which the review period of the claim to watch ends.
CLOSES_AFTER = 50
_WATCHED_CUSTOMERS = ("adatum", "fabrikam", "southridge", "proseware", "sakura", "tailspin")


def prepare() -> None:
    """Compute what needs no database, while there is none yet: the example asks for it again."""
    hash_password()
    places = [place for _name, _domain, places in PARTNERS.values() for place in places]
    countries = {country for _place, _code, country, _zone in places}
    countries |= {each.country for each in CUSTOMERS.values()} | {settings.OPERATOR_COUNTRY}
    for country in countries:
        list_days_off(country, "", timezone.now().year)


@transaction.atomic
def seed(start: dt.datetime | None = None) -> bool:
    """Fill an empty database with the example up to ``start``; False if it is already filled."""
    if Partner.objects.exists():
        return False
    load_catalogue()
    partners = make_partners()
    cast = _gather(partners, make_people(partners), make_customers(), start or timezone.now())
    for story in sorted(STORIES, key=leaves_email):
        past.live(story, cast)
    official = Association.objects.filter(status=AssociationStatus.OFFICIAL)
    add_usage(list(official.select_related("tenant", "subscription")), today=cast.start.date())
    _invite_somebody(cast)
    _ask_for_customer(cast)
    return True


def _invite_somebody(cast: Cast) -> None:
    """Leave an invitation whose link is in the mailbox."""
    partner = cast.partners[INVITED.partner]
    places = partner.locations.filter(name__in=INVITED.places).values_list("pk", flat=True)
    seat = Seat(INVITED.role, frozenset(places))
    actor = cast.users[INVITED.by]
    invite_member(partner, seat, email=INVITED.email, language="en", actor=actor)


def _ask_for_customer(cast: Cast) -> None:
    """Leave a draft that waits for a customer that the operator does not know [R58]."""
    actor, partner, now = cast.users["lina"], cast.partners["litware"], timezone.now()
    place = partner.locations.get(name="London")
    claim = drafts.start_claim(partner=partner, location=place, actor=actor, now=now)
    typed = {
        "location": [str(place.pk)],
        "customer_domain": [UNKNOWN.domain],
        "tenant_id": [str(UNKNOWN.tenant_id)],
    }
    claim = drafts.keep_typed(claim, actor=actor, page="customer", values=typed)
    customer_requests.ask_for_customer(
        claim,
        actor=actor,
        organisation=UNKNOWN.name,
        domain=UNKNOWN.domain,
        tenant_id=UNKNOWN.tenant_id,
        note="Their website names us as a partner.",
        now=now,
    )


def leaves_email(story: Story) -> bool:
    """Return whether it leaves email in the real outbox. Such stories come last, out of the way."""
    return not story.is_posted or story.mailbox != ""


@transaction.atomic
def make_closing_claim(start: dt.datetime, *, closes_at: dt.datetime) -> Claim:
    """File and approve a claim in the days before ``start``, whose review period ends at ``closes_at``.

    The deadline does not follow from business days; everything else is as in any claim of that age.
    """
    users = {each.email.partition("@")[0]: each for each in _known_users()}
    partners = {"contoso": find_partner("contoso")}
    tenants = {key: Tenant.objects.get(tenant_id=CUSTOMERS[key].tenant_id) for key in CUSTOMERS}
    cast = _gather(partners, users, tenants, start)
    mark = newest_message()
    claim = past.live(_write_closing_story(cast), cast)
    watched = list(claim.associations.select_related("tenant", "subscription"))
    deadline = describe_deadline(closes_at, watched[0].tenant.time_zone)
    post_emails(at=claim.status_since or start, after=mark, deadline=deadline)
    Claim.objects.filter(pk=claim.pk).update(due_at=closes_at)
    add_usage(watched, today=start.date())
    claim.refresh_from_db()
    return claim


def _write_closing_story(cast: Cast) -> Story:
    """Return a story about a workload that no one has claimed yet, at one of the customers."""
    key, product = next(_find_free(cast), (_WATCHED_CUSTOMERS[0], cast.products["teams"]))
    return Story(
        *("contoso", "ana", key, f"Rollout of {product}", (product.code,), 10),
        ("submit", "begin", "approve"),
        is_posted=False,
    )


def _find_free(cast: Cast) -> Iterator[tuple[str, Product]]:
    for key in _WATCHED_CUSTOMERS:
        asked = Association.objects.filter(tenant=cast.tenants[key]).values("product")
        free = Product.objects.filter(solution_area="microsoft-365").exclude(pk__in=asked)
        yield from ((key, product) for product in free.order_by("position")[:1])


def _gather(partners: dict, users: dict, tenants: dict, start: dt.datetime) -> Cast:
    return Cast(
        partners=partners,
        users=users,
        tenants=tenants,
        products={each.code: each for each in Product.objects.all()},
        reviewer=users["rita"],
        start=start,
    )


def _known_users():
    return User.objects.filter(email__in=[each.email for each in PEOPLE])
