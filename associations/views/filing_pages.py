"""The pages of filing in their order: what each needs first, how far the claim is."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..claims import visible
from ..enums import ContactRole, InformationReason, Status
from ..filing import completeness, customer_requests
from ..filing.contacts import contacts_outside_tenant
from ..filing.subscriptions import find_unfit
from ..forms.filing import (
    ContactsForm,
    CustomerForm,
    FilingForm,
    ProductsForm,
    ProofForm,
    ReviewForm,
    WorkForm,
)
from ..forms.filing.contacts import describe_outside
from ..models import Claim, Document
from ..proof.documents import find_current
from .access import find_people_who_may, has_role

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def describe_nothing(_request, _claim: Claim) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Page:
    """``describe`` gives what the page shows besides its form, ``action`` what one must be allowed."""

    name: str
    title: str | Promise
    question: str | Promise
    form: type[FilingForm]
    describe: Callable[..., dict[str, Any]] = describe_nothing
    action: str = "edit_claim"


def describe_customer(_request, claim: Claim) -> dict[str, Any]:
    return {"customer_request": customer_requests.find_latest(claim)}


def describe_products(_request, claim: Claim) -> dict[str, Any]:
    return {"contested": list_contested(claim)}


def describe_contacts(_request, claim: Claim) -> dict[str, Any]:
    return {"outside": [describe_outside(each) for each in contacts_outside_tenant(claim)]}


def describe_proof(request, claim: Claim) -> dict[str, Any]:
    documents = find_current(claim)
    may_edit = has_role(request.user, claim, "edit_claim")
    return {
        "documents": documents,
        "older": find_older(claim),
        "may_edit": may_edit,
        "may_remove": may_edit and (claim.is_draft or len(documents) > 1),
    }


def describe_review(request: HttpRequest, claim: Claim) -> dict[str, Any]:
    """All that the check-your-answers page shows, in few queries."""
    may = has_role(request.user, claim, "submit_claim")
    people = {contact.role: contact for contact in claim.contacts.all()}
    missing = find_missing(claim, reader=request.user)
    return {
        "missing": [(page, missing[page.name]) for page in PAGES.values() if page.name in missing],
        "covering": list_covering(claim, reader=request.user) if "products" in missing else [],
        "contested": list_contested(claim),
        "outside": [describe_outside(each) for each in contacts_outside_tenant(claim)],
        "associations": claim.associations.select_related("product", "subscription"),
        "contacts": [
            (str(role), ContactRole(role).label, people.get(role)) for role in claim.roles_needed
        ],
        "documents": find_current(claim),
        "programs": claim.programs.all(),
        "comments": claim.comments.select_related("author"),
        "may_hand_over": may,
        "people_who_may": [] if may else find_people_who_may(claim),
    }


def list_covering(claim: Claim, *, reader) -> list[Claim]:
    """The company's claims that have some of these products already, as far as they may be seen."""
    errors = find_unfit(claim, reader=reader).values()
    return list(dict.fromkeys(each.covering for each in errors if each.covering))


def list_contested(claim: Claim) -> list[str]:
    """Products of the claim that another partner holds or has claimed; never by whom [R13]."""
    rows = claim.associations.select_related("product")
    names = {row.slot_key: str(row.product) for row in rows}
    contested = visible.find_contested_slots(claim.partner_id, list(names))
    return [name for slot, name in names.items() if slot in contested]


def find_older(claim: Claim) -> list[Document]:
    """Versions that a newer one of the same name has replaced."""
    current = {document.pk for document in find_current(claim)}
    return list(claim.documents.filter(withdrawn_at=None).exclude(pk__in=current))


def find_missing(claim: Claim, *, reader) -> "dict[str, StrOrPromise]":
    """What stands between the claim and submission: page → words."""
    if claim.pk is None:
        return {page: "" for page in PAGES if page != "review"}
    return completeness.find_missing(claim, reader=reader)


def list_reasons(claim: Claim) -> "list[StrOrPromise]":
    """What the reviewer asked for, where it is the partner's turn to answer [R17]."""
    if claim.status != Status.ACTION_REQUIRED:
        return []
    return [InformationReason(code).label for code in claim.information_reasons]


def needs_first(page: Page, claim: Claim) -> Page | None:
    """The page that must be right before this one can be asked, or None."""
    if page.name in ("products", "contacts"):
        if claim.tenant_id is None:
            return PAGES["customer"]
        if not claim.solution_area:
            return PAGES["work"]
    return None


def find_next(page: Page) -> str:
    names = list(PAGES)
    return names[names.index(page.name) + 1]


def list_progress(claim: Claim, current: Page, *, user) -> list[dict]:
    """The pages with their state: done, current, to do; open where ``user`` would not be refused."""
    missing = find_missing(claim, reader=user)
    is_complete = not missing
    actions = {each.action for each in PAGES.values()}
    open_for = {each for each in actions if claim.pk is not None and has_role(user, claim, each)}
    return [
        {
            "page": page,
            "is_current": page == current,
            "is_done": page.name not in missing
            and (page.name != "review" or (is_complete and not claim.is_draft)),
            "is_open": page.action in open_for,
        }
        for page in PAGES.values()
    ]


PAGES = {
    page.name: page
    for page in (
        Page("customer", _("Customer"), _("Who is the customer?"), CustomerForm, describe_customer),
        Page("work", _("Work"), _("What did you do?"), WorkForm),
        Page("products", _("Products"), _("Which products?"), ProductsForm, describe_products),
        Page("contacts", _("Contacts"), _("Who are the people?"), ContactsForm, describe_contacts),
        Page(
            "proof", _("Proof"), _("What proves the work?"), ProofForm, describe_proof, "add_proof"
        ),
        Page("review", _("Review"), _("Check your answers"), ReviewForm, describe_review),
    )
}


def read_revision(request: HttpRequest) -> int:
    """The revision the page was shown with; a form without one is treated as stale."""
    value = request.POST.get("revision", "")
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else -1
