"""The demo's partners, their people, and the operator's staff. All names are invented."""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partners.enums import Role
from partners.models import Enrollment, Location, Membership, Partner, PartnerDomain, Program, User
from partners.sign_in.addresses import confirm_address
from partners.staff_groups import (
    DATA_LOADER,
    PROGRAMME_MANAGER,
    REVIEW_LEAD,
    REVIEWER,
    SUPPORT,
    StaffGroup,
)

# Not a secret: the demo serves only this machine.
PASSWORD = "try-cpor-today"  # noqa: S105 # nosec B105
#: The same password, hashed, which would take a quarter of a second.
HASHED = "pbkdf2_sha256$1000000$62NvxoaqCSlVe6TI7farzK$60tYIbds6Y47mNFVBEUV5qW8t1rVqI9Y8nydhkcfDKU="
_ADMIN, _USER = Role.INCENTIVES_ADMIN, Role.INCENTIVES_USER


@dataclass(frozen=True)
class Person:
    """A person who can sign in; ``seats`` are (partner, role, names of locations or none for all)."""

    email: str
    full_name: str
    purpose: Promise
    seats: tuple[tuple, ...] = ()
    groups: tuple[StaffGroup, ...] = ()
    language: str = "en"
    is_superuser: bool = False

    @property
    def partners(self) -> str | Promise:
        """Return the partners on one line, for the tour page."""
        return ", ".join(PARTNERS[key][0] for key, *_seat in self.seats) or _("staff")

    def list_roles(self) -> list[tuple[str, Role | str]]:
        """Return (partner, role) for each seat, then staff roles in lower case, with partner ""."""
        staff = ["superuser"] if self.is_superuser else [each.name.lower() for each in self.groups]
        seats = [(PARTNERS[key][0], role) for key, role, *_places in self.seats]
        return seats + [("", role) for role in staff]


# fmt: off
#: Key → name, email domain, locations (name, Partner ID, country, time zone).
PARTNERS = {
    "contoso": ("Contoso Consulting", "contoso-consulting.example", (
        ("New York", "4567001", "US", "America/New_York"),
        ("Berlin", "4567002", "DE", "Europe/Berlin"),
    )),
    "litware": ("Litware Integrators", "litware-integrators.example", (
        ("Riyadh", "5678001", "SA", "Asia/Riyadh"),
        ("London", "5678002", "GB", "Europe/London"),
    )),
    "aurora": ("Aurora Soluções", "aurora-solucoes.example", (
        ("São Paulo", "6789001", "BR", "America/Sao_Paulo"),
    )),
}

PEOPLE = (
    Person("ana@contoso-consulting.example", "Ana Ruiz",
           _("files claims for Contoso and can submit, answer, dispute and withdraw them"),
           seats=(("contoso", _ADMIN),)),
    Person("ben@contoso-consulting.example", "Ben Vogel",
           _("sees and drafts only what belongs to Contoso's Berlin office, and cannot submit"),
           seats=(("contoso", _USER, "Berlin"),)),
    Person("lina@litware-integrators.example", "Lina Haddad",
           _("files claims for Litware, some of them against Contoso's"),
           seats=(("litware", _ADMIN),)),
    Person("omar@litware-integrators.example", "Omar Said",
           _("drafts claims for Litware, and cannot submit them"),
           seats=(("litware", _USER),)),
    Person("beatriz@aurora-solucoes.example", "Beatriz Nogueira",
           _("files claims for Aurora, and reads and writes Portuguese"),
           seats=(("aurora", _ADMIN),), language="pt-br"),
    Person("sam@freelance.example", "Sam Okafor",
           _("works for two partners and switches between them"),
           seats=(("contoso", _ADMIN), ("aurora", _USER))),
    Person("rita@northwind.example", "Rita Lindqvist",
           _("reviews claims and loads usage, with no other permissions in admin"),
           groups=(REVIEWER, DATA_LOADER)),
    Person("victor@northwind.example", "Victor Stein",
           _("reviews claims, but never Litware's: he is a member there"),
           seats=(("litware", _USER),), groups=(REVIEWER,)),
    Person("ingrid@northwind.example", "Ingrid Dahl",
           _("leads the reviewers: assigns claims to them and sees how long claims have waited"),
           groups=(REVIEW_LEAD,)),
    Person("petra@northwind.example", "Petra Nilsson",
           _("maintains the catalogue, time limits, partners and customers, and cannot see claims"),
           groups=(PROGRAMME_MANAGER,)),
    Person("hugo@northwind.example", "Hugo Marchand",
           _("answers questions: can read everything in admin but change nothing"),
           groups=(SUPPORT,)),
    Person("sofia@northwind.example", "Sofia Almeida",
           _("can do everything in admin"), is_superuser=True),
)
# fmt: on

#: Key of the partner for which each person files claims, by the part of their address before the @.
PARTNER_OF = {each.email.partition("@")[0]: each.seats[0][0] for each in PEOPLE if each.seats}


def make_partners() -> None:
    """Create the partners with their domains and locations, enrolled in every program [R8]."""
    for name, domain, places in PARTNERS.values():
        partner = Partner.objects.create(name=name)
        PartnerDomain.objects.create(partner=partner, domain=domain)
        for place, code, country, zone in places:
            Location.objects.create(
                partner=partner, name=place, partner_code=code, country=country, time_zone=zone
            )
    # In the current fiscal year and the previous one; a fiscal year ends on 30 June.
    today = dt.datetime.now(dt.UTC).date()
    ends = dt.date(today.year + (today.month > 6), 6, 30)  # noqa: PLR2004 - June
    starts = dt.date(ends.year - 2, 7, 1)
    Enrollment.objects.bulk_create(
        Enrollment(location=location, program=program, starts_on=starts, ends_on=ends)
        for location in Location.objects.all()
        for program in Program.objects.all()
    )


def find_partners() -> dict[str, Partner]:
    """Return the partners by key: found by a Partner ID, since people who try the demo may rename them."""
    codes = {places[0][1]: key for key, (_name, _domain, places) in PARTNERS.items()}
    found = Location.objects.filter(partner_code__in=codes).select_related("partner")
    return {codes[each.partner_code]: each.partner for each in found}


def make_people() -> None:
    """Create everyone who can sign in; after ``make_partners``."""
    groups = {each.name: each for each in Group.objects.all()}
    partners = find_partners()
    for person in PEOPLE:
        user = User.objects.create(
            email=person.email,
            full_name=person.full_name,
            language=person.language,
            password=HASHED,
            is_staff=person.is_superuser or bool(person.groups),
            is_superuser=person.is_superuser,
        )
        confirm_address(user)  # the tour should not start with looking for an email
        user.groups.set(groups[each.name] for each in person.groups)
        for key, role, *places in person.seats:
            member = Membership.objects.create(
                user=user, partner=partners[key], role=role, has_all_locations=not places
            )
            member.locations.set(partners[key].locations.filter(name__in=places))
