"""The message to the partner, drafted from what is not ticked on the checklist, in the active language.

The reviewer edits it before it is sent; nothing here is sent by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..display.sentences import join_products
from ..models import Claim
from .checklist import Checklist, Fact

#: What the proof does not show, for the partner; each can name the claim's own facts.
SENTENCES = {
    Fact.CUSTOMER: gettext_lazy("The proof doesn't name the customer, %(customer)s."),
    Fact.DOMAIN: gettext_lazy("The proof doesn't name the customer's domain, %(domain)s."),
    Fact.TENANT: gettext_lazy("The proof doesn't name the customer's Tenant ID, %(tenant_id)s."),
    Fact.SERVICE: gettext_lazy("The proof doesn't say what you did for the customer."),
    Fact.DATES: gettext_lazy(
        "The proof doesn't say when the work was done, or the work is older than 12 months."
    ),
    Fact.SIGNATURE: gettext_lazy("The customer hasn't signed or acknowledged the proof."),
    Fact.SPEAKER: gettext_lazy(
        "We can't tell from the proof whether %(contact)s can decide for the customer."
    ),
    Fact.FILES: gettext_lazy("The files of proof are missing, or can't be read."),
}


@dataclass(frozen=True)
class Given:
    """What a draft is made of: the claim, its checklist, the name of the customer's contact.

    ``typed`` is what the reviewer has chosen in the form so far.
    """

    claim: Claim
    checklist: Checklist
    contact: str
    typed: Mapping[str, Any] = field(default_factory=dict)


def draft_request(given: Given) -> str:
    """Draft a request for information; "" if everything is ticked."""
    lines = _list_missing(given)
    return _join(_("Please add or correct the following:"), lines)


def draft_rejection(given: Given) -> str:
    """Draft why the claim is rejected, or a dispute is; "" if everything is ticked."""
    lines = _list_missing(given)
    return _join(_("We can't approve this claim, for these reasons:"), lines)


def draft_approval(given: Given) -> str:
    """Draft which products were left out; "" if all are kept, or none."""
    checklist = given.checklist
    if not checklist.missing_products or not checklist.kept:
        return ""
    return _(
        "We approved the claim without %(products)s, because the proof doesn't show that work."
    ) % {"products": join_products(checklist.missing_products)}


def _list_missing(given: Given) -> list[str]:
    claim, checklist = given.claim, given.checklist
    names = {
        "customer": claim.tenant,
        "domain": claim.customer_domain,
        "tenant_id": claim.tenant.tenant_id if claim.tenant else "",
        "contact": given.contact,
    }
    lines = [str(SENTENCES[each]) % names for each in checklist.missing_facts]
    if checklist.missing_products:
        words = _("The proof doesn't show your work for %(products)s.")
        lines.insert(0, words % {"products": join_products(checklist.missing_products)})
    return lines


def _join(start: str, lines: list[str]) -> str:
    return "\n".join([start, "", *(f"- {each}" for each in lines)]) if lines else ""
