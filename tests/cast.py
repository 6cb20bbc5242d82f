"""The cast of the tests: factories, and a claim walked to any status by the real functions."""

import datetime as dt
import uuid
from contextlib import contextmanager

import factory
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from associations.customer import notice_outcomes, notices, optout
from associations.enums import (
    Activity,
    AssociationStatus,
    Channel,
    ContactRole,
    InformationReason,
    RejectionReason,
    SolutionArea,
    Status,
    SubscriptionState,
)
from associations.filing import drafts, submission
from associations.filing.catalogue import load_catalogue
from associations.finalisation import sweep
from associations.models import (
    Association,
    Claim,
    Document,
    MediationCase,
    Product,
    Subscription,
    Tenant,
    TenantDomain,
)
from associations.review import decisions, disputes
from notifications.words.rendering import Rendered
from partners.enums import Role
from partners.models import Enrollment, Location, Membership, Partner, PartnerDomain, Program, User
from partners.models.partner import make_key
from partners.staff_groups import REVIEWER, make_staff_groups
from tests.factors import (  # noqa: F401 - tests find the whole cast here
    forget_second_factor,
    give_passkey,
    give_totp,
    let_sign_in,
    prove_second_factor,
    totp_code,
)

#: A Monday without holidays near, in the United States and in Brazil.
MONDAY = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)
FAST_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
#: The key of the partner of most tests, and where its pages are.
KEY = "cntscnst"
HERE = f"/p/{KEY}/"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@people.example")
    full_name = factory.Sequence(lambda n: f"Person {n:05d}")
    language = "en"


class PartnerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Partner

    name = factory.Sequence(lambda n: f"Partner {n:05d}")


class LocationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Location

    partner = factory.SubFactory(PartnerFactory)
    name = factory.Sequence(lambda n: f"Branch {n:05d}")
    partner_code = factory.Sequence(lambda n: str(1_000_000 + n))
    country = "US"
    time_zone = "America/New_York"


class TenantFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Tenant

    tenant_id = factory.LazyFunction(uuid.uuid4)
    name = factory.Sequence(lambda n: f"Customer {n:05d}")
    country = "BR"
    time_zone = "America/Sao_Paulo"
    language = "en"


class SubscriptionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Subscription

    subscription_id = factory.LazyFunction(uuid.uuid4)
    tenant = factory.SubFactory(TenantFactory)
    channel = Channel.VOLUME_LICENSING
    state = SubscriptionState.ACTIVE
    sold_seats = 100


def make_partner(name="Contoso Consulting", *, key=None, programs=None, **location):
    """A partner with a domain and one location, enrolled in every program (or the given codes).

    With the ``key`` KEY its pages are below HERE.
    """
    ensure_catalogue()
    partner = PartnerFactory(name=name, key=key or make_key())
    PartnerDomain.objects.create(partner=partner, domain=f"p{partner.pk}.partner.example")
    place = LocationFactory(partner=partner, **location)
    for program in Program.objects.all():
        if programs is None or program.code in programs:
            Enrollment.objects.create(
                location=place,
                program=program,
                starts_on=dt.date(2020, 1, 1),
                ends_on=dt.date(2040, 6, 30),
            )
    return partner


def make_member(partner, role=Role.INCENTIVES_ADMIN, *, locations=None, user=None, **person):
    """A person with a role at a partner, at all its locations or the given ones."""
    user = user or UserFactory(**person)
    member = Membership.objects.create(
        user=user, partner=partner, role=role, has_all_locations=locations is None
    )
    if locations is not None:
        member.locations.set(locations)
    return user


def ensure_staff_groups():
    """A migration made them, but a test that commits leaves empty tables behind."""
    if not Group.objects.exists():
        make_staff_groups()


def make_staff(*groups, **person):
    """A staff member, in these of the groups of partners.staff_groups."""
    user = UserFactory(is_staff=True, **person)
    ensure_staff_groups()
    user.groups.set(Group.objects.get(name=group.name) for group in groups)
    return User.objects.get(pk=user.pk)


def make_reviewer(**person):
    return make_staff(REVIEWER, **person)


def make_tenant(domain="fabrikam.example", **fields):
    tenant = TenantFactory(**fields)
    TenantDomain.objects.create(tenant=tenant, domain=domain)
    return tenant


def ensure_catalogue():
    """Migrating has loaded it, but a test that commits leaves empty tables behind."""
    if not Product.objects.exists():
        load_catalogue()


def product(code):
    ensure_catalogue()
    return Product.objects.get(code=code)


def add_document(claim, actor, name="proof.pdf", content=PDF):
    """A stored file of proof, straight into the table, for tests that are not about uploading."""
    import hashlib

    return Document.objects.create(
        claim=claim,
        file=SimpleUploadedFile(name, content),
        name=name,
        extension=name.rpartition(".")[2],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=actor,
    )


def make_draft(
    partner, actor, tenant, *, codes=("teams", "exchange-online"), activity=Activity.USAGE, **facts
):
    """A draft that lacks nothing: work, products, contacts, proof."""
    ensure_catalogue()
    products = Product.objects.in_bulk(codes, field_name="code")
    area = products[codes[0]].solution_area
    claim = drafts.start_claim(
        partner=partner,
        location=partner.locations.first(),
        actor=actor,
        filing_key=uuid.uuid4(),
        tenant=tenant,
        customer_domain=tenant.domains.first().domain,
        now=timezone.now(),
    )
    drafts.save_facts(
        claim,
        actor=actor,
        solution_area=area,
        activity=activity,
        name="Rollout",
        **facts,
        now=timezone.now(),
    )
    picks = [drafts.Pick(each, _subscription(tenant, each)) for each in map(products.get, codes)]
    drafts.choose_products(claim, picks, actor=actor, now=timezone.now())
    people = {
        ContactRole.CUSTOMER: {
            "name": "Carla Cliente",
            "title": "CIO",
            "email": f"carla@{claim.customer_domain}",
            "language": tenant.language,
        },
        ContactRole.PARTNER: {
            "name": "Paul Partner",
            "email": actor.email,
            "language": actor.language,
        },
    }
    if area == SolutionArea.BUSINESS_APPLICATIONS:
        people[ContactRole.TECHNICAL] = {
            "name": "Tadeu Técnico",
            "email": f"tadeu@{claim.customer_domain}",
            "language": "pt-br",
        }
    drafts.save_contacts(claim, people, actor=actor, now=timezone.now())
    add_document(claim, actor)
    claim.refresh_from_db()
    return claim


def _subscription(tenant, wanted):
    if wanted.is_workload:
        return None
    found = Subscription.objects.filter(tenant=tenant, product=wanted).first()
    return found or SubscriptionFactory(tenant=tenant, product=wanted)


def deliver_notices(claim):
    """As the outbox would: the mail server accepted every notice of the claim."""
    for notice in notices.in_force(claim):
        notice_outcomes.record_sent(
            notice.pk, Rendered("Subject", "Text", "<p>HTML</p>"), now=timezone.now()
        )
    claim.refresh_from_db()


#: Email addresses that no one can have.
UNREACHABLE = (
    "walt@localhost",
    "walt@[192.0.2.1]",
    "w" * 65 + "@x.example",
    "walt@" + "x" * 64 + ".de",
)


def correct_contact(claim, actor, **changes):
    """Name Clara Cliente, or who ``changes`` say, as the better contact of the customer."""
    contact = {
        "role": "customer",
        "name": "Clara Cliente",
        "title": "CFO",
        "email": "clara@fabrikam.example",
        "language": "en",
    }
    return notices.correct_contact(claim, actor=actor, **(contact | changes), now=timezone.now())


@contextmanager
def undone():
    """What the block writes is taken back at its end, so that the next one finds the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def walk(claim, status, *, actor, reviewer):
    """Bring a draft to ``status`` by the functions that people use."""
    steps = {
        Status.EDITING: [],
        Status.SUBMITTED: ["submit"],
        Status.UNDER_REVIEW: ["submit", "begin"],
        Status.ACTION_REQUIRED: ["submit", "begin", "ask"],
        Status.APPROVED: ["submit", "begin", "approve"],
        Status.OFFICIAL: ["submit", "begin", "approve", "finalise"],
        Status.ENDED: ["submit", "begin", "approve", "finalise", "end"],
        Status.REJECTED: ["submit", "begin", "reject"],
        Status.DISPUTE: ["submit", "begin", "reject", "dispute"],
        Status.REJECTED_FINAL: ["submit", "begin", "reject", "dispute", "turn_down"],
    }[status]
    for step in steps:
        _STEPS[step](claim, actor, reviewer)
    return Claim.objects.get(pk=claim.pk)


@contextmanager
def before_mediation(claim):
    """What the block decides of a claim is decided as on a site from before there were mediation cases.

    The claims of other partners on its slots are out of sight, and no case is left open.
    """
    slots = claim.associations.values_list("slot_key", flat=True)
    others = Association.objects.filter(slot_key__in=list(slots)).exclude(partner=claim.partner_id)
    hidden = list(others)
    if hidden:
        MediationCase.objects.all().delete()
        others.update(status=AssociationStatus.EXCLUDED)
    yield
    Association.objects.bulk_update(hidden, ["status"])


def _approve(claim, actor, reviewer):
    with before_mediation(claim):
        decisions.approve_claim(claim, actor=reviewer, now=timezone.now())
    deliver_notices(claim)


def over(claim: Claim | dt.datetime) -> dt.datetime:
    """When a window is over for the finaliser too: its deadline, and the grace after it [R31]."""
    due_at = claim if isinstance(claim, dt.datetime) else claim.due_at
    return due_at + dt.timedelta(seconds=settings.CPOR_OPT_OUT_GRACE_SECONDS)


def _finalise(claim, actor, reviewer):
    claim.refresh_from_db()
    sweep.finalise_due(at=over(claim))


def _end(claim, actor, reviewer):
    notice = notices.in_force(claim).first()
    references = claim.associations.values_list("reference", flat=True)
    optout.end_associations(notice.token, list(references), at=timezone.now())


_STEPS = {
    "submit": lambda c, a, r: submission.submit_claim(c, actor=a, now=timezone.now()),
    "begin": lambda c, a, r: decisions.begin_review(c, actor=r, now=timezone.now()),
    "ask": lambda c, a, r: decisions.request_information(
        c,
        actor=r,
        reasons=[InformationReason.POE_MISSING],
        message="Please add the signed letter.",
        now=timezone.now(),
    ),
    "approve": _approve,
    "finalise": _finalise,
    "end": _end,
    "reject": lambda c, a, r: decisions.reject_claim(
        c,
        actor=r,
        reason=RejectionReason.INSUFFICIENT_POE,
        words="The letter is not signed.",
        now=timezone.now(),
    ),
    "dispute": lambda c, a, r: disputes.dispute_claim(
        c, actor=a, justification="It is signed on page 2.", now=timezone.now()
    ),
    "turn_down": lambda c, a, r: decisions.decide_dispute(
        c, actor=r, accept=False, words="No.", now=timezone.now()
    ),
}


def at(instant):
    """Live at an instant, which stands still."""
    return time_machine.travel(instant, tick=False)
