"""What the decision page's address or form chooses: what is ticked, and which files are open [R64]."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, QueryDict
from django.utils import translation
from django.utils.translation import get_language_info

from cpor_site.web.query_strings import change_query
from notifications.outbox import Recipient
from notifications.words.blocks import Letter
from notifications.words.rendering import supported_language

from ...enums import ContactRole
from ...filing.contacts import CUSTOMER_ROLES, keep_outside
from ...forms.review import DecisionForm
from ...models import Association, Claim, Contact
from ...review.checklist import Checklist, Fact, Ticks, list_proposed, tick_all
from ...review.drafting import Given

#: The parameters that choose the open files: of the claim, of a rival, and whose rival.
OPEN_FILES = ("document", "rival", "rival_document")


@dataclass(frozen=True)
class Preview:
    """The email about a decision as the partner would read it, and what there is to say about it."""

    letter: Letter
    to: Recipient

    @property
    def language(self) -> str:
        return supported_language(self.to.language)

    @property
    def language_name(self) -> str:
        """Return the name of its language, "" if the reader has chosen the same one."""
        if self.language == translation.get_language():
            return ""
        return str(get_language_info(self.language)["name_translated"])


class Desk:
    """A claim on the decision page, by what the request sent; GET and POST say it in the same fields."""

    def __init__(self, claim: Claim, request: HttpRequest):
        self.claim = claim
        self.sent: QueryDict = request.POST if request.method == "POST" else request.GET
        self.files = {name: self.sent.get(name) or request.GET.get(name, "") for name in OPEN_FILES}

    @cached_property
    def associations(self) -> list[Association]:
        rows = Association.objects.select_related("product", "subscription")
        prefetch_related_objects([self.claim], Prefetch("associations", queryset=rows))
        return list(self.claim.associations.all())

    @cached_property
    def contacts(self) -> list[Contact]:
        """Return the claim's contacts; those outside the customer's domains know it by ``is_outside``."""
        prefetch_related_objects(
            [self.claim], "contacts", "tenant__domains", "tenant__registered_contacts"
        )
        contacts = sorted(self.claim.contacts.all(), key=lambda each: each.pk)
        speakers = [each for each in contacts if each.role in CUSTOMER_ROLES]
        outside = {each.pk for each in keep_outside(self.claim, speakers)}
        for contact in contacts:
            contact.is_outside = contact.pk in outside  # type: ignore[attr-defined]  # for the page
        return contacts

    def find_contact(self, role: ContactRole) -> Contact | None:
        return next((each for each in self.contacts if each.role == role), None)

    # --- The checklist ----------------------------------------------------------------------------

    @cached_property
    def has_files(self) -> bool:
        return self.claim.documents.filter(withdrawn_at=None).exists()

    @cached_property
    def checklist(self) -> Checklist:
        products = list_proposed(self.associations)
        return Checklist(products, self._read_ticks(products) or self._start_ticks(products))

    def _start_ticks(self, products: tuple[Association, ...]) -> Ticks:
        return tick_all(products, has_files=self.has_files)

    def _read_ticks(self, products: tuple[Association, ...]) -> Ticks | None:
        """Return what was sent of the checklist; None if it was not."""
        if "checklist" not in self.sent:
            return None
        sent = set(self.sent.getlist("keep"))
        kept = frozenset(each.pk for each in products if str(each.pk) in sent)
        return Ticks(kept, frozenset(self.sent.getlist("facts")).intersection(Fact.values))

    # --- The message to the partner ---------------------------------------------------------------

    @cached_property
    def recipient(self) -> Recipient | None:
        contact = self.find_contact(ContactRole.PARTNER)
        return Recipient(contact.email, contact.name, contact.language) if contact else None

    def suggest(self, form: type[DecisionForm], typed: dict[str, Any]) -> dict[str, Any]:
        """Return what follows from the checklist for ``form``, its message in the partner's language."""
        language = self.recipient.language if self.recipient else translation.get_language()
        customer = self.find_contact(ContactRole.CUSTOMER)
        contact = customer.name if customer else ""
        with translation.override(supported_language(language or "")):
            return form.suggest(Given(self.claim, self.checklist, contact, typed))

    def preview(self, form: DecisionForm, *, now: dt.datetime) -> Preview | None:
        """Return what the partner would read, or None while that depends on a choice not made yet."""
        if self.recipient is None:
            return None
        letter = form.preview(self.claim, self.checklist, to=self.recipient, now=now)
        return Preview(letter, self.recipient) if letter else None

    # --- Links ------------------------------------------------------------------------------------

    def link(self, **changes: str) -> str:
        """Return the query of a link to this page with other files open; what is ticked goes along."""
        query = QueryDict(mutable=True)
        query.update({name: key for name, key in self.files.items() if key})
        if "checklist" in self.sent:
            query["checklist"] = "1"
            query.setlist("keep", [str(each) for each in sorted(self.checklist.ticks.products)])
            query.setlist("facts", sorted(self.checklist.ticks.facts))
        for name, key in changes.items():
            query[name] = key
        return change_query(query)
