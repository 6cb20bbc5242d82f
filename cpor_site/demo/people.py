"""The demo's partners, their people, and the operator's staff. All names are invented."""

import datetime as dt
from dataclasses import asdict, dataclass
from functools import cache

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from partners.enums import Role
from partners.models import Enrollment, Location, Membership, Partner, PartnerDomain, Program, User
from partners.sign_in.addresses import confirm_address
from partners.staff_groups import (
    DATA_LOADER,
    PROGRAMME_MANAGER,
    REVIEWER,
    SUPPORT,
    StaffGroup,
    make_staff_groups,
)

# Not a secret: the demo serves only this machine.
PASSWORD = "try-cpor-today"  # noqa: S105 # nosec B105
STAFF = _("staff")

#: Key → name, email domain, locations (name, Partner ID, country, time zone).
PARTNERS = {
    "contoso": (
        "Contoso Consulting",
        "contoso-consulting.example",
        (
            ("New York", "4567001", "US", "America/New_York"),
            ("Berlin", "4567002", "DE", "Europe/Berlin"),
        ),
    ),
    "litware": (
        "Litware Integrators",
        "litware-integrators.example",
        (
            ("Riyadh", "5678001", "SA", "Asia/Riyadh"),
            ("London", "5678002", "GB", "Europe/London"),
        ),
    ),
    "aurora": (
        "Aurora Soluções",
        "aurora-solucoes.example",
        (("São Paulo", "6789001", "BR", "America/Sao_Paulo"),),
    ),
}


@dataclass(frozen=True)
class Person:
    """A person who can sign in; ``seats`` are (partner, role, location names or None for all)."""

    email: str
    full_name: str
    purpose: object  # words, translated
    seats: tuple = ()
    language: str = "en"
    groups: tuple[StaffGroup, ...] = ()
    is_superuser: bool = False

    @property
    def is_staff(self) -> bool:
        return self.is_superuser or bool(self.groups)


@dataclass(frozen=True)
class Invited:
    """A person without an account yet; the link is in the demo's mailbox."""

    email: str
    partner: str
    role: Role
    places: tuple[str, ...]
    by: str


INVITED = Invited(
    "nora@contoso-consulting.example", "contoso", Role.INCENTIVES_USER, ("Berlin",), by="ana"
)

PEOPLE = (
    Person(
        "ana@contoso-consulting.example",
        "Ana Ruiz",
        _("files claims for Contoso and can submit, answer, dispute and withdraw them"),
        (("contoso", Role.INCENTIVES_ADMIN, None),),
    ),
    Person(
        "ben@contoso-consulting.example",
        "Ben Vogel",
        _("sees and drafts only what belongs to Contoso's Berlin office, and cannot submit"),
        (("contoso", Role.INCENTIVES_USER, ("Berlin",)),),
    ),
    Person(
        "lina@litware-integrators.example",
        "Lina Haddad",
        _("files claims for Litware, some of them against Contoso's"),
        (("litware", Role.INCENTIVES_ADMIN, None),),
    ),
    Person(
        "omar@litware-integrators.example",
        "Omar Said",
        _("drafts claims for Litware, and cannot submit them"),
        (("litware", Role.INCENTIVES_USER, None),),
    ),
    Person(
        "beatriz@aurora-solucoes.example",
        "Beatriz Nogueira",
        _("files claims for Aurora, and reads and writes Portuguese"),
        (("aurora", Role.INCENTIVES_ADMIN, None),),
        language="pt-br",
    ),
    Person(
        "sam@freelance.example",
        "Sam Okafor",
        _("works for two partners and switches between them"),
        (
            ("contoso", Role.INCENTIVES_ADMIN, None),
            ("aurora", Role.INCENTIVES_USER, None),
        ),
    ),
    Person(
        "rita@northwind.example",
        "Rita Lindqvist",
        _("reviews claims and loads usage, with no other permissions in admin"),
        groups=(REVIEWER, DATA_LOADER),
    ),
    Person(
        "victor@northwind.example",
        "Victor Stein",
        _("reviews claims, but never Litware's: he is a member there"),
        (("litware", Role.INCENTIVES_USER, None),),
        groups=(REVIEWER,),
    ),
    Person(
        "petra@northwind.example",
        "Petra Nilsson",
        _("maintains the catalogue, time limits, partners and customers, and cannot see claims"),
        groups=(PROGRAMME_MANAGER,),
    ),
    Person(
        "hugo@northwind.example",
        "Hugo Marchand",
        _("answers questions: can read everything in admin but change nothing"),
        groups=(SUPPORT,),
    ),
    Person(
        "sofia@northwind.example",
        "Sofia Almeida",
        _("can do everything in admin"),
        is_superuser=True,
    ),
)


def make_partners() -> dict[str, Partner]:
    """Create the partners with their domains and locations, enrolled in every program [R8]."""
    partners = {}
    for key, (name, domain, places) in PARTNERS.items():
        partner = partners[key] = Partner.objects.create(name=name)
        PartnerDomain.objects.create(partner=partner, domain=domain)
        for place, code, country, zone in places:
            location = Location.objects.create(
                partner=partner, name=place, partner_code=code, country=country, time_zone=zone
            )
            _enroll(location)
    return partners


def find_partner(key: str) -> Partner:
    """Return an existing partner by a Partner ID of its own, since people who try the demo may rename it."""
    code = PARTNERS[key][2][0][1]
    return Location.objects.select_related("partner").get(partner_code=code).partner


def _enroll(location: Location) -> None:
    """Enroll a location in the current fiscal year and the previous one; a fiscal year ends on 30 June."""
    today = dt.datetime.now(dt.UTC).date()
    ends = dt.date(today.year + (today.month > 6), 6, 30)  # noqa: PLR2004 - June
    Enrollment.objects.bulk_create(
        Enrollment(
            location=location,
            program=program,
            starts_on=dt.date(ends.year - 2, 7, 1),
            ends_on=ends,
        )
        for program in Program.objects.all()
    )


def make_people(partners: dict[str, Partner]) -> dict[str, User]:
    """Create everyone who can sign in; return them by the part before the @."""
    make_staff_groups()
    return {each.email.partition("@")[0]: _make_person(each, partners) for each in PEOPLE}


@cache
def hash_password() -> str:
    """Return the hash of the password, one for all: hashing is slow, and this password is printed."""
    return make_password(PASSWORD)


def _make_person(person: Person, partners: dict[str, Partner]) -> User:
    user = User.objects.create(
        email=person.email,
        full_name=person.full_name,
        language=person.language,
        password=hash_password(),
        is_staff=person.is_staff,
        is_superuser=person.is_superuser,
    )
    confirm_address(user)  # the tour should not start with looking for an email
    user.groups.set(Group.objects.get(name=each.name) for each in person.groups)
    for key, role, places in person.seats:
        member = Membership.objects.create(
            user=user, partner=partners[key], role=role, has_all_locations=places is None
        )
        if places:
            member.locations.set(partners[key].locations.filter(name__in=places))
    return user


def describe_sign_ins() -> list[dict]:
    """Return every sign-in for demo.json; a person at two partners appears twice."""
    return [entry for person in PEOPLE for entry in _entries(person)]


def _entries(person: Person) -> list[dict]:
    common = {"email": person.email, "password": PASSWORD, "for": str(person.purpose)}
    seats = [
        {**common, "partner": PARTNERS[key][0], "role": str(role)}
        for key, role, _places in person.seats
    ]
    staff = [{**common, "partner": "", "role": role} for role in staff_roles(person)]
    return staff + seats


def staff_roles(person: Person) -> list[str]:
    """Return a person's staff roles, in lower case; empty for partners' people."""
    return ["superuser"] if person.is_superuser else [each.name.lower() for each in person.groups]


def describe_person(person: Person) -> dict:
    """Return one person for the tour page, with the partners on one line."""
    names = ", ".join(PARTNERS[key][0] for key, _role, _places in person.seats)
    return {**asdict(person), "partners": names or STAFF}
