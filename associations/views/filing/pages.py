"""The pages of filing in their order, one class each (section 4)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from ...filing import customer_requests
from ...filing.contacts import contacts_outside_tenant
from ...forms.filing.contacts import ContactsForm, describe_outside
from ...forms.filing.customer import CustomerForm
from ...forms.filing.products import ProductsForm
from ...forms.filing.work import WorkForm
from ...models import Claim
from .base import FilingPage, Pages
from .proof import ProofPage
from .review import ReviewPage, list_contested


class CustomerPage(FilingPage):
    name, title, question = "customer", _("Customer"), _("Who is the customer?")
    form = CustomerForm
    section = "facts"

    @staticmethod
    def is_ready(claim: Claim) -> bool:
        return claim.tenant_id is not None

    def describe(self) -> dict[str, Any]:
        return {"customer_request": customer_requests.find_latest(self.claim)}


class WorkPage(FilingPage):
    name, title, question = "work", _("Work"), _("What did you do?")
    form = WorkForm
    section = "facts"

    @staticmethod
    def is_ready(claim: Claim) -> bool:
        return bool(claim.solution_area)


class ProductsPage(FilingPage):
    name, title, question = "products", _("Products"), _("Which products?")
    form = ProductsForm
    needs = ("customer", "work")

    def describe(self) -> dict[str, Any]:
        return {"contested": list_contested(self.claim)}


class ContactsPage(FilingPage):
    name, title, question = "contacts", _("Contacts"), _("Who are the contacts?")
    form = ContactsForm
    needs = ("customer", "work")

    def describe(self) -> dict[str, Any]:
        return {"outside": [describe_outside(each) for each in contacts_outside_tenant(self.claim)]}


PAGES: Pages = {
    page.name: page
    for page in (CustomerPage, WorkPage, ProductsPage, ContactsPage, ProofPage, ReviewPage)
}
