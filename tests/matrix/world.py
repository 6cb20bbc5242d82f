"""One world for the whole matrix: two rival partners, three rooms, a claim at every stage of each.

A room is what an actor sees or does not see: ``in`` and ``out`` are two locations of one partner, ``rival``
is another partner. Everything in a room carries the room's word, so that it can be found again.
"""

import uuid
from dataclasses import dataclass, field

from django.contrib.auth.models import Group
from django.core.cache import cache
from django.utils import timezone

from associations.customer import notice_outcomes, notices
from associations.enums import Actor, Status
from associations.filing import comments
from associations.filing.customer_requests import ask_for_customer
from associations.models import (
    Association,
    Claim,
    Contact,
    CustomerRequest,
    Document,
    ImportFile,
    TimeLimit,
)
from notifications import to_look_at
from notifications.enums import LookAtKind
from notifications.models import LookAtEntry, Message
from partners.enums import Role
from partners.models import Enrollment, Location, Membership, Partner, PartnerDomain, User
from partners.staff_groups import DATA_LOADER, PROGRAMME_MANAGER, REVIEWER, SUPPORT
from tests import cast
from tests.associations.usage_files import add_workload_usage

from .contests import open_contest
from .doors import open_doors
from .markers import Markers

#: Room → the word that everything in it carries.
ROOMS = {"in": "jabuticaba", "out": "pitanga", "rival": "umbu"}
#: What both locations of one partner have in common: its name, its places, its people.
SHARED = "ours"
WORDS = {**ROOMS, SHARED: "cajueiro"}

#: The claims of a room, by the name that the table knows them by. Official ones are made first: to
#: finalise one is to finalise all that is due.
STAGES = {
    "official": Status.OFFICIAL,
    "draft": Status.EDITING,
    "submitted": Status.SUBMITTED,
    "review": Status.UNDER_REVIEW,
    "asked": Status.ACTION_REQUIRED,
    "rejected": Status.REJECTED,
    "dispute": Status.DISPUTE,
    "approved": Status.APPROVED,
    "failed": Status.APPROVED,
    "unconfirmed": Status.APPROVED,
}
#: Seven digits stand nowhere by chance.
FIGURES = {"in": 7130001, "out": 7230003, "rival": 7330007}


@dataclass
class World:
    """What the walk needs: people by column, values by the names that the table writes in braces."""

    people: dict[str, User] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    markers: Markers = field(default_factory=Markers)


def build_world() -> World:
    """Live the world up to now, by the functions that people use."""
    world = World()
    _found_partner(world, SHARED, places=("in", "out"))
    _found_partner(world, "rival", places=("rival",))
    _hire_staff(world)
    for stage in STAGES:
        for room in ROOMS:
            _file_claim(world, room, stage)
    for room in ROOMS:
        _use_product(world, room)
    open_contest(world)
    open_doors(world)
    _name_admin_objects(world)
    _keep_secrets(world)
    return world


# --- Partners and people -------------------------------------------------------------------------


def _found_partner(world: World, owner: str, *, places: tuple[str, ...]) -> None:
    word = WORDS[owner]
    partner = world.partners[owner] = cast.make_partner(f"{word}-partner")
    for place in places:
        location = partner.locations.first() if place == places[0] else None
        location = location or cast.LocationFactory(partner=partner)
        Location.objects.filter(pk=location.pk).update(name=f"{word}-place-{place}")
        _enroll_as(partner.locations.first(), location)
        world.values[f"{place}-location"] = str(location.pk)
    world.values |= {f"{owner}-partner": str(partner.pk), f"{owner}-key": partner.key}
    world.markers.plant(owner, "partner", f"{word}-partner", partner.domains.get().domain)
    world.markers.plant(owner, "place", f"{word}-place")
    world.markers.plant(owner, "person", f"{word}-person")
    for column, (role, rooms) in SEATS[owner].items():
        seats = rooms and [
            Location.objects.get(pk=world.values[f"{each}-location"]) for each in rooms
        ]
        person = _make_person(world, column, word)
        cast.make_member(partner, role, locations=seats, user=person)
        world.values[f"{column}-seat"] = str(person.memberships.get().key)
        world.values[f"{column}-number"] = str(person.pk)


def _enroll_as(model: Location, other: Location) -> None:
    for each in model.enrollments.exclude(location=other):
        Enrollment.objects.create(
            location=other, program=each.program, starts_on=each.starts_on, ends_on=each.ends_on
        )


def _make_person(world: World, column: str, word: str) -> User:
    person = world.people[column] = cast.UserFactory(
        email=f"{column}@{word}-person.example", full_name=f"{word}-person {column}"
    )
    return person


#: Partner → column of the table → role, and rooms (None: all locations).
SEATS = {
    SHARED: {
        "admin": (Role.INCENTIVES_ADMIN, None),
        "adm-in": (Role.INCENTIVES_ADMIN, ("in",)),
        "adm-out": (Role.INCENTIVES_ADMIN, ("out",)),
        "user-in": (Role.INCENTIVES_USER, ("in",)),
        "user-out": (Role.INCENTIVES_USER, ("out",)),
    },
    "rival": {"rival": (Role.INCENTIVES_ADMIN, None)},
}
STAFF = {
    "review": (REVIEWER,),
    "manage": (PROGRAMME_MANAGER,),
    "load": (DATA_LOADER,),
    "support": (SUPPORT,),
}


def _hire_staff(world: World) -> None:
    for column, groups in STAFF.items():
        world.people[column] = cast.make_staff(*groups, email=f"{column}@northwind.example")
    root = cast.UserFactory(is_staff=True, is_superuser=True, email="root@northwind.example")
    world.people["root"] = root
    world.people["one-fac"] = cast.make_staff(REVIEWER, SUPPORT, email="one-fac@northwind.example")
    world.people["former"] = cast.UserFactory(email="former@nowhere.example")
    both = world.people["both"] = cast.UserFactory(email="both@freelance.example")
    insider = cast.make_staff(REVIEWER, email="insider@northwind.example")
    mine = Location.objects.get(pk=world.values["in-location"])
    world.people["insider"] = cast.make_member(
        world.partners[SHARED], Role.INCENTIVES_USER, locations=[mine], user=insider
    )
    for owner, partner in world.partners.items():
        cast.make_member(partner, user=both)
        world.values[f"{owner}-both-seat"] = str(both.memberships.get(partner=partner).key)


# --- Claims --------------------------------------------------------------------------------------


def _file_claim(world: World, room: str, stage: str) -> None:
    """A claim of a customer of its own, lived to its stage; all its words carry the room's word."""
    word, key = ROOMS[room], f"{room}-{stage}"
    owner = "rival" if room == "rival" else SHARED
    founder = world.people["rival" if room == "rival" else "admin"]
    tenant = cast.make_tenant(f"{word}-domain-{stage}.example", name=f"{word}-customer {stage}")
    claim = _draft(
        world, room, stage, founder=founder, tenant=tenant, partner=world.partners[owner]
    )
    if stage != "draft":
        comments.add_comment(
            claim, actor=founder, side=Actor.PARTNER, text=f"{word}-comment", now=timezone.now()
        )
    claim = cast.walk(claim, STAGES[stage], actor=founder, reviewer=world.people["review"])
    if stage in ("failed", "unconfirmed"):
        for notice in notices.in_force(claim):
            notice_outcomes.record_failed(
                notice.pk, failure="550 no such mailbox", now=timezone.now()
            )
        claim.refresh_from_db()
    if stage == "unconfirmed":
        outside = {"name": f"{word}-contact", "email": f"carla@{word}-domain-outside.example"}
        rest = {"role": "customer", "title": "CIO", "language": "en"}
        claim = notices.correct_contact(claim, actor=founder, **outside, **rest, now=timezone.now())
    world.claims[key] = claim
    _name_claim(world, key, claim)
    kind = "draft" if stage == "draft" else "claim"
    world.markers.plant(room, kind, claim.reference)
    references = claim.associations.values_list("reference", flat=True)
    world.markers.plant(room, kind, *references)
    world.markers.plant(room, "customer", str(tenant.tenant_id))


def _draft(world: World, room: str, stage: str, *, founder, tenant, partner) -> Claim:
    word = ROOMS[room]
    kind = "draft" if stage == "draft" else "claim"
    claim = cast.make_draft(partner, founder, tenant)
    Claim.objects.filter(pk=claim.pk).update(
        location=world.values[f"{room}-location"], name=f"{word}-{kind}"
    )
    Contact.objects.filter(claim=claim).exclude(role="partner").update(name=f"{word}-contact")
    Document.objects.filter(claim=claim).delete()
    content = cast.PDF + f"% {word}-content".encode()
    cast.add_document(claim, founder, name=f"{word}-file-{kind}.pdf", content=content)
    markers = {
        "draft": {"draft": (f"{word}-draft", f"{word}-file-draft")},
        "claim": {
            "claim": (f"{word}-claim", f"{word}-contact", f"{word}-comment"),
            "proof": (f"{word}-file-claim", f"{word}-content"),
            "customer": (f"{word}-customer", f"{word}-domain"),
        },
    }[kind]
    for each, texts in markers.items():
        world.markers.plant(room, each, *texts)
    return Claim.objects.get(pk=claim.pk)


def _name_claim(world: World, key: str, claim: Claim) -> None:
    product = claim.associations.first()
    world.values |= {
        key: claim.reference,
        f"{key}-pk": str(claim.pk),
        f"{key}-product": product.reference,
        f"{key}-file": str(claim.documents.get().key),
    }
    notice = claim.notices.order_by("-pk").first()
    if notice is not None:
        world.values |= {f"{key}-token": notice.token, f"{key}-notice": str(notice.pk)}


def _use_product(world: World, room: str) -> None:
    """A month of usage, so that there are figures."""
    held = Association.objects.get(reference=world.values[f"{room}-official-product"])
    add_workload_usage(held.tenant, held.product, [(FIGURES[room], FIGURES[room] + 1)])
    world.markers.plant_number(room, "figure", FIGURES[room])


# --- Admin ---------------------------------------------------------------------------------------


def _name_admin_objects(world: World) -> None:
    """A value for the address of each model's pages, named as the model."""
    claim = world.claims["in-official"]
    imported = ImportFile.objects.create(name="usage.csv", state="done", sha256="0" * 64)
    things = {
        "partner": claim.partner,
        "location": claim.location,
        "partnerdomain": PartnerDomain.objects.first(),
        "enrollment": claim.location.enrollments.first(),
        "program": claim.location.enrollments.first().program,
        "membership": Membership.objects.get(user=world.people["user-in"]),
        "user": world.people["user-in"],
        "group": Group.objects.get(name=SUPPORT.name),
        "claim": claim,
        "tenant": claim.tenant,
        "product": claim.associations.first().product,
        "subscription": cast.SubscriptionFactory(
            tenant=claim.tenant, product=cast.product("sales")
        ),
        "registeredcontact": claim.tenant.registered_contacts.create(
            name="Rosa", email="rosa@registered.example"
        ),
        "timelimit": TimeLimit.objects.first(),
        "importfile": imported,
        "message": Message.objects.order_by("pk").first(),
        "lookatentry": _set_aside(claim),
        "customerrequest": _ask_for_customer(world),
    }
    world.values |= {name: str(thing.pk) for name, thing in things.items()}


def _ask_for_customer(world: World) -> CustomerRequest:
    """A draft that waits for a customer whom the operator does not know."""
    draft = world.claims["in-draft"]
    return ask_for_customer(
        draft,
        actor=draft.created_by,
        organisation="Lamna Healthcare",
        domain="lamna.example",
        tenant_id=uuid.UUID("8a5c1f0e-3b7d-4e62-9c41-d2f6a7b80913"),
        now=timezone.now(),
    )


def _set_aside(claim: Claim) -> LookAtEntry:
    """An entry about a claim: for those who read claims."""
    to_look_at.report(
        LookAtKind.CLAIM_SET_ASIDE, key=claim.reference, subject=str(claim), link="/admin/"
    )
    return LookAtEntry.objects.get(key=claim.reference)


def _keep_secrets(world: World) -> None:
    """What is for one pair of eyes, or for none: links' keys, and hashes of passwords."""
    for key, value in world.values.items():
        if key.endswith("-token"):
            world.markers.plant(f"link {key.partition('-')[0]}", "secret", value)
    for person in world.people.values():
        person.set_password("correct horse 9 battery")
        person.save(update_fields=["password"])
        world.markers.plant("staff", "secret", person.password.rpartition("$")[2])
    cache.clear()
