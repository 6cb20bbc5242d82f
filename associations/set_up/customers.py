"""Customers as a kind of import: one row for each, and one more for each further contact [R57], [R60]."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cpor_site.web.addresses import fold_address
from partners.enums import Language

from ..enums import ImportKind, RowOutcome
from ..filing import customer_requests
from ..imports.cells import Fields, read_choice, read_field, read_id, require_empty
from ..imports.kinds import Column, Kind, Row, Run
from ..imports.rows import Plan, RowError
from ..models import RegisteredContact, RowReason, Tenant, TenantDomain
from .differences import list_changes
from .places import Place, keep_part, read_place
from .several import read_domains

CONTACT = ("contact_name", "contact_title", "contact_email", "contact_language")
COLUMNS = (
    Column(
        "tenant_id",
        gettext_lazy("The customer's Directory ID: 32 digits and letters from a to f."),
        "8a5c1f0e-3b7d-4e62-9c41-d2f6a7b80913",
        is_required=True,
    ),
    Column(
        "name", gettext_lazy("The organisation's name."), "Fabrikam Motors Inc.", is_required=True
    ),
    Column("country", gettext_lazy("Two-letter ISO code."), "US", is_required=True),
    Column(
        "country_part",
        gettext_lazy("The state or region whose holidays count, if any."),
        "CA",
        is_in_header=False,
    ),
    Column(
        "time_zone",
        gettext_lazy("Its name, with the city."),
        "America/Los_Angeles",
        is_required=True,
    ),
    Column(
        "language",
        gettext_lazy("The language of its emails; English if empty:"),
        Language.ENGLISH,
        choices=tuple(Language.values),
    ),
    Column(
        "domains",
        gettext_lazy(
            "Its verified domains, separated by spaces. New ones are added, none is removed."
        ),
        "fabrikam.example",
        is_required=True,
    ),
    Column(
        "contact_name",
        gettext_lazy("A person who speaks for the customer; for another one, repeat the row."),
        "Ana Ruiz",
        is_in_header=False,
    ),
    Column("contact_title", gettext_lazy("Their job title."), "CIO", is_in_header=False),
    Column(
        "contact_email", gettext_lazy("Their address."), "ana@fabrikam.example", is_in_header=False
    ),
    Column(
        "contact_language",
        gettext_lazy("Their language, if it is not the customer's."),
        Language.ENGLISH,
        is_in_header=False,
        choices=tuple(Language.values),
    ),
)


class Person(NamedTuple):
    """A registered contact."""

    name: str
    title: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class CustomerRow(Row):
    tenant_id: uuid.UUID
    name: str
    place: Place
    language: str
    domains: tuple[str, ...]
    person: Person | None

    @property
    def key(self) -> str:
        return f"{self.tenant_id}/{fold_address(self.person.email) if self.person else ''}"

    @property
    def facts(self) -> dict[str, str]:
        return {f"{column}:{self.tenant_id}": value for column, value in self.fields.items()}

    @property
    def holders(self) -> dict[str, str]:
        return {f"domains:{domain}": str(self.tenant_id) for domain in self.domains}

    @property
    def fields(self) -> dict[str, str]:
        """Return the columns of Tenant that the row sets."""
        return {"name": self.name, **self.place._asdict(), "language": self.language}


@dataclass(frozen=True)
class _Known:
    """What is stored about the customers of a batch, and what earlier rows of it add."""

    fields: dict[uuid.UUID, dict[str, str]]
    owners: dict[str, uuid.UUID]
    people: dict[tuple[uuid.UUID, str], Person]


class CustomerKind(Kind):
    code = ImportKind.CUSTOMERS
    about = gettext_lazy("One row for each customer, with its domains and who speaks for it.")
    columns = COLUMNS
    permissions = (
        *("associations.add_tenant", "associations.change_tenant", "associations.add_tenantdomain"),
        *("associations.add_registeredcontact", "associations.change_registeredcontact"),
    )
    view_permissions = ("associations.view_tenant", "associations.view_registeredcontact")
    batch = 200

    def read(self, fields: dict[str, str], run: Run) -> CustomerRow:
        language = read_choice(fields, "language", Language, default=Language.ENGLISH)
        return CustomerRow(
            read_id(fields, "tenant_id"),
            read_field(fields, "name", Tenant._meta.get_field("name")),
            read_place(fields, Tenant),
            language,
            read_domains(fields, "domains", TenantDomain),
            _read_person(fields, language=language),
        )

    def look_up(self, rows: Iterable[CustomerRow], run: Run) -> _Known:  # type: ignore[override]
        rows = list(rows)
        ids = {row.tenant_id for row in rows}
        domains = {domain for row in rows for domain in row.domains}
        owners = TenantDomain.objects.filter(domain__in=domains)
        people = RegisteredContact.objects.filter(tenant__tenant_id__in=ids).select_related(
            "tenant"
        )
        names = ("name", *Place._fields, "language")
        return _Known(
            {
                each.tenant_id: {name: getattr(each, name) for name in names}
                for each in Tenant.objects.filter(tenant_id__in=ids)
            },
            dict(owners.values_list("domain", "tenant__tenant_id")),
            {
                (each.tenant.tenant_id, fold_address(each.email)): Person(
                    each.name, each.title, each.email, each.language
                )
                for each in people
            },
        )

    def place(self, row: CustomerRow, found: _Known, run: Run) -> Plan:  # type: ignore[override]
        _require_own(row, found)
        old = found.fields.get(row.tenant_id)
        row = _keep_left_out(row, found, run.file.columns)
        changes = list_changes(old, row.fields) if old else []
        changes += [("domains", "", each) for each in row.domains if each not in found.owners]
        changes += _compare_person(row, found)
        outcome = RowOutcome.CHANGED if changes else RowOutcome.SAME
        found.fields[row.tenant_id] = row.fields
        found.owners.update(dict.fromkeys(row.domains, row.tenant_id))
        if row.person:
            found.people[row.tenant_id, fold_address(row.person.email)] = row.person
        if old is None:
            return Plan(RowOutcome.NEW, row, title=f"{row.name} ({row.tenant_id})")
        return Plan(outcome, row, title=row.name, changes=changes)

    def save(self, plans: list[Plan], run: Run) -> list[tuple[Plan, RowError]]:
        for plan in plans:
            _save_row(plan.what)
        if plans:
            customer_requests.settle_known(actor=run.file.loaded_by, now=run.now)
        return []


def _read_person(fields: Fields, *, language: str) -> Person | None:
    if not fields["contact_email"]:
        require_empty(fields, CONTACT, without="contact_email")
        return None
    column = RegisteredContact._meta.get_field
    return Person(
        read_field(fields, "contact_name", column("name")),
        read_field(fields, "contact_title", column("title")),
        read_field(fields, "contact_email", column("email")),
        read_choice(fields, "contact_language", Language, default=language),
    )


def _keep_left_out(row: CustomerRow, found: _Known, columns: Collection[str]) -> CustomerRow:
    """Return the row with what is stored where the file has no column, so that it erases nothing."""
    place = keep_part(row.place, found.fields.get(row.tenant_id), columns)
    person = row.person
    known = person and found.people.get((row.tenant_id, fold_address(person.email)))
    if person and known:
        parts = {"title": known.title, "language": known.language}
        kept = {name: value for name, value in parts.items() if f"contact_{name}" not in columns}
        person = person._replace(**kept)
    return replace(row, place=place, person=person)


def _require_own(row: CustomerRow, found: _Known) -> None:
    """Refuse a domain that another customer has verified [R7]."""
    for domain in row.domains:
        owner = found.owners.get(domain, row.tenant_id)
        if owner != row.tenant_id:
            words = _("%(domain)s belongs to the customer with the Tenant ID %(owner)s.")
            words %= {"domain": domain, "owner": owner}
            raise RowError(RowReason.IN_WORDS, column="domains", value=domain, words=words)


def _compare_person(row: CustomerRow, found: _Known) -> list[tuple[str, str, str]]:
    if row.person is None:
        return []
    old = found.people.get((row.tenant_id, fold_address(row.person.email)))
    if old is None:
        return [("contact_email", "", row.person.email)]
    # The address is what the person is found by, so another spelling of it changes nothing.
    new = row.person._replace(email=old.email)
    return [
        (f"contact_{name}", before, after)
        for name, before, after in zip(Person._fields, old, new, strict=True)
        if before != after
    ]


def _save_row(row: CustomerRow) -> None:
    tenant, _is_new = Tenant.objects.update_or_create(tenant_id=row.tenant_id, defaults=row.fields)
    for domain in row.domains:
        TenantDomain.objects.get_or_create(domain=domain, defaults={"tenant": tenant})
    if row.person:
        person = row.person._asdict()
        email = person.pop("email")
        changed = tenant.registered_contacts.filter(email__iexact=email).update(**person)
        if not changed:
            tenant.registered_contacts.create(email=email, **person)


CUSTOMERS = CustomerKind()
