"""The demo's data: migrated, created once in a data folder, with one new claim at each start."""

import datetime as dt
import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from associations.claims.business_days import list_days_off
from associations.display.sentences import describe_deadline
from associations.enums import AssociationStatus
from associations.filing import customer_requests, drafts
from associations.filing.catalogue import load_catalogue
from associations.models import Association, Claim, Product, Tenant
from partners.enums import Role
from partners.models import Partner, User
from partners.people.invitations import invite_member
from partners.people.seats import Seat

from . import past
from .customers import CUSTOMERS, UNKNOWN, make_customers
from .past import Cast
from .people import PEOPLE, find_partners, make_partners, make_people
from .stories import STORIES, Story
from .usage import add_usage

#: Seconds after the start at which the review period of the claim to watch ends.
CLOSES_AFTER = 50
#: The customers at which a claim to watch can be.
_WATCHED = ("adatum", "fabrikam", "southridge", "proseware", "sakura", "tailspin")


@contextmanager
def migrating() -> Iterator[None]:
    """Migrate, as on any site, beside what the block does; wait for it at the block's end.

    In a process of its own: migrations replay the history of every table and would leave their memory with
    the site. Raise CommandError if they fail; their own error is on the terminal by then.
    """
    process = multiprocessing.get_context("fork").Process(target=_migrate, daemon=True)
    process.start()
    yield
    process.join()
    if process.exitcode:
        raise CommandError("The demo's database could not be brought up to date.")


def _migrate() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)


def prepare() -> None:
    """Compute the holidays that the stories need, while the database is still being made."""
    for country in {each.country for each in CUSTOMERS.values()} | {settings.OPERATOR_COUNTRY}:
        list_days_off(country, "", timezone.now().year)


@transaction.atomic
def seed(start: dt.datetime | None = None) -> None:
    """Fill an empty database with the example up to ``start``; a filled one stays as it is."""
    if Partner.objects.exists():
        return
    load_catalogue()
    make_partners()
    make_people()
    make_customers()
    cast = _gather(start or timezone.now())
    for story in STORIES:
        past.live(story, cast)
    official = Association.objects.filter(status=AssociationStatus.OFFICIAL)
    add_usage(official, today=cast.start.date())
    _invite_nora(cast)
    _ask_for_customer(cast)


def _gather(start: dt.datetime) -> Cast:
    """Return what the stories are about; people who tried the demo may have deleted some of it."""
    users = User.objects.filter(email__in=[each.email for each in PEOPLE])
    keys = {each.tenant_id: key for key, each in CUSTOMERS.items()}
    tenants = Tenant.objects.filter(tenant_id__in=keys)
    return Cast(
        partners=find_partners(),
        users={each.email.partition("@")[0]: each for each in users},
        tenants={keys[each.tenant_id]: each for each in tenants},
        products={each.code: each for each in Product.objects.order_by("position")},
        start=start,
    )


def _invite_nora(cast: Cast) -> None:
    """Leave an invitation whose link is in the mailbox."""
    partner = cast.partners["contoso"]
    seat = Seat(Role.INCENTIVES_USER, frozenset([partner.locations.get(name="Berlin").pk]))
    email = "nora@contoso-consulting.example"
    invite_member(partner, seat, email=email, language="en", actor=cast.users["ana"])


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


@transaction.atomic
def make_closing_claim(start: dt.datetime, *, closes_at: dt.datetime) -> Claim:
    """File and approve a claim in the days before ``start``, whose review period ends at ``closes_at``.

    The deadline does not follow from business days; everything else is as in any claim of that age.
    """
    cast = _gather(start)
    story = _write_closing_story(cast)
    deadline = describe_deadline(closes_at, CUSTOMERS[story.customer].time_zone)
    claim = past.live(story, cast, deadline=deadline)
    Claim.objects.filter(pk=claim.pk).update(due_at=closes_at)
    add_usage(claim.associations.all(), today=start.date())
    claim.refresh_from_db()
    return claim


def _write_closing_story(cast: Cast) -> Story:
    """Return a story about a workload that no one has claimed yet, at one of the customers."""
    taken = set(Association.objects.values_list("tenant", "product"))
    free = (
        (key, product)
        for key in _WATCHED
        for product in cast.products.values()
        if product.is_workload and (cast.tenants[key].pk, product.pk) not in taken
    )
    key, product = next(free, (_WATCHED[0], cast.products["teams"]))
    return Story("ana", key, f"Rollout of {product}", product.code, 10, "submit begin approve")
