"""The checklist of the decision page: what the proof must show, and what follows from what it does not [R16].

A product whose tick was cleared is left out of an approval. Any cleared tick is a reason to ask for more
[R17], and says in the message to the partner what is missing (``drafting``).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..enums import AssociationStatus, InformationReason, RejectionReason
from ..models import Association


class Fact(models.TextChoices):
    """What the proof must show, beside the products."""

    CUSTOMER = "customer", _("Customer")
    DOMAIN = "domain", _("Domain")
    TENANT = "tenant", _("Tenant ID")
    SERVICE = "service", _("Partner and work")
    DATES = "dates", _("Dates")
    SIGNATURE = "signature", _("Signature")
    SPEAKER = "speaker", _("Who speaks for the customer")
    FILES = "files", _("Files of proof")


#: Why a reviewer asks for more if the proof does not show a fact.
REASON_OF = {
    Fact.CUSTOMER: InformationReason.POE_MISSING,
    Fact.DOMAIN: InformationReason.POE_MISSING,
    Fact.TENANT: InformationReason.POE_MISSING,
    Fact.SERVICE: InformationReason.SERVICE_MISSING,
    Fact.DATES: InformationReason.DATES_MISSING,
    Fact.SIGNATURE: InformationReason.ACKNOWLEDGEMENT_MISSING,
    Fact.SPEAKER: InformationReason.ACKNOWLEDGEMENT_MISSING,
    Fact.FILES: InformationReason.POE_MISSING,
}

ACKNOWLEDGED = {Fact.SIGNATURE, Fact.SPEAKER}


@dataclass(frozen=True)
class Ticks:
    """What is ticked: keys of the products, and facts."""

    products: frozenset[int]
    facts: frozenset[str]


@dataclass(frozen=True)
class Checklist:
    """The products that a claim still asks for, and what of products and facts is ticked."""

    products: tuple[Association, ...]
    ticks: Ticks

    @property
    def kept(self) -> list[Association]:
        return [each for each in self.products if each.pk in self.ticks.products]

    @property
    def missing_products(self) -> list[Association]:
        return [each for each in self.products if each.pk not in self.ticks.products]

    @property
    def missing_facts(self) -> list[Fact]:
        return [each for each in Fact if each not in self.ticks.facts]

    def list_reasons(self) -> list[InformationReason]:
        """Return why to ask for more [R17]; [] if everything is ticked."""
        found = {REASON_OF[each] for each in self.missing_facts}
        if self.missing_products:
            found.add(InformationReason.PRODUCT_MISSING)
        return [each for each in InformationReason if each in found]

    def suggest_rejection(self) -> RejectionReason | None:
        """Return the reason for a rejection that fits what is not ticked; None if everything is."""
        missing = set(self.missing_facts)
        if Fact.FILES in missing:
            return RejectionReason.POE_UNAVAILABLE
        if self.missing_products and not missing:
            return RejectionReason.PRODUCTS_MISSING
        if missing and missing <= ACKNOWLEDGED:
            return RejectionReason.ACKNOWLEDGEMENT_MISSING
        return RejectionReason.INSUFFICIENT_POE if missing else None


def list_proposed(associations: Iterable[Association]) -> tuple[Association, ...]:
    """Return the products that a decision is about."""
    return tuple(each for each in associations if each.status == AssociationStatus.PROPOSED)


def tick_all(products: Iterable[Association], *, has_files: bool) -> Ticks:
    """Return the ticks that a reviewer starts with: everything, but no files where there are none."""
    facts = {each.value for each in Fact}
    if not has_files:
        facts.discard(Fact.FILES)
    return Ticks(frozenset(each.pk for each in products), frozenset(facts))
