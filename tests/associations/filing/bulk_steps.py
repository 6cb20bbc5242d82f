"""Filing a row: as a file of claims, and through the forms of the pages."""

from django.utils import timezone

from associations.filing import drafts
from associations.forms.filing.contacts import ContactsForm
from associations.forms.filing.customer import CustomerForm
from associations.forms.filing.products import ProductsForm
from associations.forms.filing.work import WorkForm
from associations.models import Claim
from partners.models import Location
from tests.associations.imports.made_files import (
    good,
    make_csv,
    name_columns,
)
from tests.associations.imports.made_tables import DYNAMICS
from tests.associations.imports.world import run

FIELDS = name_columns("claims")
FINANCE = "5b0d1c2e-3f4a-4b5c-8d6e-7f8091a2b3c4"
REVENUE = DYNAMICS | {
    "activity": "revenue",
    "solution_seller": "Sam Seller",
    "revenue_customer_name": "Fabrikam",
    "isv_product": "Planner",
}


def check(world, *rows, is_trial=True):
    return run(world, "claims", make_csv("claims", *rows), is_trial=is_trial, now=timezone.now())


def load(world, *rows):
    return check(world, *rows, is_trial=False)


def read_words(world, **changes):
    """What the report says of a row, without the name of its column."""
    row = check(world, good("claims", **changes)).problems.first()
    return row and (row.words or row.describe())


def ask_pages(world, **changes):
    """Fill in the forms of the pages as a row does; return their first errors, or the draft."""
    fields = dict(zip(FIELDS, good("claims", **changes), strict=True))
    place = Location.objects.filter(partner_code=fields["partner_id"]).first()
    claim, customer = Claim(partner=world.contoso), {}
    steps = (
        (CustomerForm, {"location": place and place.pk} | fields),
        (WorkForm, {"work": f"{fields['solution_area']}/{fields['activity']}"} | fields),
        (ProductsForm, _pick(fields)),
        (ContactsForm, _fill(world, fields)),
    )
    for make, data in steps:
        if make is WorkForm:
            claim = drafts.start_claim(
                partner=world.contoso,
                location=place,
                actor=world.admin,
                now=timezone.now(),
                tenant=customer["tenant"],
                customer_domain=customer["customer_domain"],
            )
        form = make(claim, user=world.admin, data=data)
        if not form.is_valid():
            return [str(words) for errors in form.errors.values() for words in errors]
        if make is CustomerForm:
            customer = form.cleaned_data
        else:
            claim = form.save(revision=None)
    return Claim.objects.get(pk=claim.pk)


def _pick(fields):
    codes = fields["products"].split()
    typed = {f"subscription_{code}": fields["subscription_ids"] for code in codes[:1]}
    return {f"pick_{code}": "on" for code in codes} | typed


def _fill(world, fields):
    """Page 4 begins with the person themselves as the partner's contact."""
    is_named = fields["partner_name"] or fields["partner_email"]
    own = {"customer_language": "en", "technical_language": "en"}
    if not is_named:
        own |= {"partner_name": world.admin.full_name, "partner_email": world.admin.email}
    return {name: value or own.get(name, "") for name, value in fields.items()}
