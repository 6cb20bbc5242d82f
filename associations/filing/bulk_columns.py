"""The columns of a file of claims, and its rows as read, by the fields of the forms [R47]."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partners.enums import Language

from ..enums import Activity, ContactRole, SolutionArea
from ..imports.cells import (
    Fields,
    read_choice,
    read_field,
    read_id,
    read_plain,
    require,
    split_cell,
)
from ..imports.kinds import Column, Row
from ..imports.rows import RowError
from ..models import Claim, Contact, RowReason
from .programs import PROGRAMS_OF

#: A file's rows are the same rows in any other file of the same partner.
ROWS = uuid.UUID("6b0c4f52-8f0e-4a37-9d6c-1f7f1a6c2f10")


PARTS = ("name", "title", "email", "language")
_EXAMPLES = ("Rosa Lima", "CIO", "rosa@fabrikam.example", Language.ENGLISH.value)
_HELP = {
    "title": _("Their job title."),
    "email": _("Their address."),
    "language": _("The language of the notice; the customer's if empty:"),
}


def _make_person(role: str, who: Promise, *, parts: tuple[str, ...] = PARTS) -> tuple[Column, ...]:
    is_example = role == ContactRole.CUSTOMER
    return tuple(
        Column(
            f"{role}_{part}",
            _HELP.get(part, who),
            example if is_example else "",
            is_required=is_example and part != "language",
            is_in_header=is_example and part != "language",
            choices=tuple(Language.values) if part == "language" else (),
        )
        for part, example in zip(PARTS, _EXAMPLES, strict=True)
        if part in parts
    )


COLUMNS = (
    Column("partner_id", _("The Partner ID of your location."), "1234567", is_required=True),
    Column("customer_domain", _("The customer's domain."), "fabrikam.example", is_required=True),
    Column(
        "tenant_id",
        _("The customer's Directory ID: 32 digits and letters from a to f."),
        "8a5c1f0e-3b7d-4e62-9c41-d2f6a7b80913",
        is_required=True,
    ),
    Column(
        "solution_area",
        _("The kind of product:"),
        SolutionArea.MICROSOFT_365,
        is_required=True,
        choices=tuple(SolutionArea.values),
    ),
    Column(
        "activity",
        _("What you did:"),
        Activity.USAGE,
        is_required=True,
        choices=tuple(Activity.values),
    ),
    Column(
        "name",
        _("What to call the claim; only you and the reviewers see it."),
        "Teams rollout 2026",
        is_required=True,
    ),
    Column(
        "products",
        _("Codes of products, separated by spaces."),
        "teams exchange-online",
        is_required=True,
    ),
    Column(
        "subscription_ids",
        _("For Business Applications: subscription IDs, where a product has several."),
        is_in_header=False,
    ),
    *_make_person(ContactRole.CUSTOMER, _("Someone who can decide for the customer.")),
    *_make_person(
        ContactRole.TECHNICAL,
        _("For Business Applications: someone at the customer who knows the subscription."),
        parts=PARTS,
    ),
    *_make_person(
        ContactRole.PARTNER,
        _("The person at your company to contact; you if empty."),
        parts=("name", "email"),
    ),
    Column(
        "solution_seller",
        _("For a revenue association: the Dynamics solution seller."),
        is_in_header=False,
    ),
    Column(
        "revenue_customer_name",
        _("For a revenue association: the customer's name."),
        is_in_header=False,
    ),
    Column("isv_product", _("For a revenue association: your ISV product."), is_in_header=False),
)
REVENUE = ("solution_seller", "revenue_customer_name", "isv_product")

#: Parts of a contact that may stay empty.
OPTIONAL_PARTS: dict[str, tuple[str, ...]] = {ContactRole.TECHNICAL: ("title",)}


@dataclass(frozen=True, slots=True)
class ClaimRow(Row):
    """A claim to draft; ``people`` are by role, each with the parts that were filled in."""

    partner_id: int
    code: str
    domain: str
    tenant_id: uuid.UUID
    area: str
    activity: str
    name: str
    products: tuple[str, ...]
    subscriptions: tuple[str, ...]
    people: Mapping[str, dict[str, str]]
    facts_of_revenue: dict[str, str]

    @property
    def key(self) -> str:
        return str(self.filing_key)

    @property
    def filing_key(self) -> uuid.UUID:
        """Return the key under which its draft is filed once, whatever file the row stands in [R14]."""
        said = [
            *(
                self.partner_id,
                self.code,
                self.domain,
                str(self.tenant_id),
                self.area,
                self.activity,
            ),
            *(self.name, sorted(self.products), sorted(self.subscriptions), dict(self.people)),
            dict(self.facts_of_revenue),
        ]
        return uuid.uuid5(ROWS, json.dumps(said, sort_keys=True))


def read_claim(fields: Fields, *, partner_id: int) -> ClaimRow:
    """Return a row of a file of claims; raise RowError with the words of the form."""
    area = read_choice(fields, "solution_area", SolutionArea)
    activity = read_choice(fields, "activity", Activity)
    if (area, activity) not in PROGRAMS_OF:
        words = _("This activity does not go with this solution area.")
        raise RowError(RowReason.IN_WORDS, column="activity", value=activity, words=str(words))
    return ClaimRow(
        partner_id,
        read_plain(require(fields, "partner_id")),
        _read(fields, "customer_domain"),
        read_id(fields, "tenant_id"),
        area,
        activity,
        _read(fields, "name"),
        tuple(split_cell(fields["products"].lower())),
        tuple(split_cell(fields["subscription_ids"])),
        {role: _read_person(fields, role) for role in _list_roles(area)},
        {name: _read(fields, name) for name in (REVENUE if activity == Activity.REVENUE else ())},
    )


def _list_roles(area: str) -> tuple[str, ...]:
    technical = (ContactRole.TECHNICAL,) if area == SolutionArea.BUSINESS_APPLICATIONS else ()
    return (ContactRole.CUSTOMER, *technical, ContactRole.PARTNER)


def _read_person(fields: Fields, role: str) -> dict[str, str]:
    """Return the parts of a contact; none for a partner's contact who is left out."""
    parts = PARTS if role != ContactRole.PARTNER else ("name", "email")
    if role == ContactRole.PARTNER and not any(fields[f"{role}_{part}"] for part in parts):
        return {}
    person = {part: _read_part(fields, role, part) for part in parts if part != "language"}
    if "language" in parts and fields[f"{role}_language"]:
        person["language"] = read_choice(fields, f"{role}_language", Language)
    return person


def _read_part(fields: Fields, role: str, part: str) -> str:
    column = f"{role}_{part}"
    if part not in OPTIONAL_PARTS.get(role, ()):
        require(fields, column)
    return read_field(fields, column, Contact._meta.get_field(part))


def _read(fields: Fields, column: str) -> str:
    """Return a required value as the claim's column of that name stores it."""
    require(fields, column)
    return read_field(fields, column, Claim._meta.get_field(column))
