"""Claims from a file: the same rules as the pages, the same words, the same drafts [R47]."""

import pytest
from django.utils import timezone

from associations.enums import Activity, Channel, Status, SubscriptionState
from associations.filing import drafts, submission
from associations.forms.filing.contacts import ContactsForm
from associations.forms.filing.customer import CustomerForm
from associations.forms.filing.products import ProductsForm
from associations.forms.filing.work import WorkForm
from associations.models import Claim, Subscription
from partners.enums import Role
from partners.models import Location
from tests import cast
from tests.associations.imports.made_files import (
    BOSTON,
    FABRIKAM,
    LAMNA,
    SALES,
    SEATTLE,
    good,
    make_csv,
    name_columns,
)
from tests.associations.imports.made_tables import DYNAMICS
from tests.associations.imports.world import World, count, run

pytestmark = pytest.mark.django_db
FIELDS = name_columns("claims")
FINANCE = "5b0d1c2e-3f4a-4b5c-8d6e-7f8091a2b3c4"
REVENUE = DYNAMICS | {
    "activity": "revenue",
    "solution_seller": "Sam Seller",
    "revenue_customer_name": "Fabrikam",
    "isv_product": "Planner",
}


@pytest.fixture
def world():
    return World()


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


SAME_WORDS = {
    "unknown customer": {"customer_domain": "unknown.example"},
    "domain of another customer": {"customer_domain": "lamna.example"},
    "Tenant ID of another customer": {"tenant_id": LAMNA},
    "no domain": {"customer_domain": "fabrikam"},
    "a domain with a space": {"customer_domain": "fab rikam.example"},
    "an IP address": {"customer_domain": "192.0.2.1"},
    "a domain too long": {"customer_domain": "x" * 64 + ".example"},
    "not enrolled": {"partner_id": BOSTON},
    "not enrolled for Dynamics": {"partner_id": BOSTON, **DYNAMICS},
    "name too long": {"name": "x" * 121},
    "no subscription of the product": DYNAMICS | {"products": "finance"},
    "no ID": DYNAMICS | {"subscription_ids": "nonsense"},
    "subscription of nobody": DYNAMICS | {"subscription_ids": LAMNA},
    "subscription of another product": DYNAMICS | {"subscription_ids": FINANCE},
    "customer's name is a link": {"customer_name": "www.contoso.example"},
    "customer's name too long": {"customer_name": "x" * 151},
    "customer's title too long": {"customer_title": "x" * 151},
    "no email": {"customer_email": "rosa"},
    "email at an IP address": {"customer_email": "rosa@[192.0.2.1]"},
    "email with accents": {"customer_email": "rósa@fabrikam.example"},
    "email at localhost": {"customer_email": "rosa@localhost"},
    "two emails": {"customer_email": "a@fabrikam.example b@fabrikam.example"},
    "email of the own company": {"customer_email": "rosa@Contoso.example"},
    "email at a part of the own company": {"customer_email": "rosa@mail.contoso.example"},
    "technical email of the own company": DYNAMICS | {"technical_email": "t@contoso.example"},
    "technical name is a link": DYNAMICS | {"technical_name": "see http://x.example"},
    "partner's contact is the customer's": {
        "customer_email": "R@mail.example",
        "partner_name": "P",
        "partner_email": "r@mail.example",
    },
    "partner's email is none": {"partner_name": "P", "partner_email": "p@"},
    "seller's name is a link": REVENUE | {"solution_seller": "a/b"},
    "ISV product too long": REVENUE | {"isv_product": "x" * 201},
}
#: Refused on both sides, each in its own words: a page names its fields, a report its columns.
OTHER_WORDS = {
    "location of others": {"partner_id": SEATTLE},
    "no location": {"partner_id": "9999999"},
    "empty domain": {"customer_domain": ""},
    "no Tenant ID": {"tenant_id": "x"},
    "empty Tenant ID": {"tenant_id": ""},
    "unknown work": {"activity": "presales"},
    "unknown area": {"solution_area": "azure"},
    "empty name": {"name": ""},
    "no product": {"products": ""},
    "unknown product": {"products": "excel"},
    "product of another area": {"products": "sales"},
    "empty customer's name": {"customer_name": ""},
    "empty title": {"customer_title": ""},
    "empty email": {"customer_email": ""},
    "unknown language": {"customer_language": "de"},
    "empty technical name": DYNAMICS | {"technical_name": ""},
    "empty technical email": DYNAMICS | {"technical_email": ""},
    "empty seller": REVENUE | {"solution_seller": ""},
    "empty ISV product": REVENUE | {"isv_product": ""},
}


@pytest.fixture
def finance(world):
    """A subscription of another product."""
    return cast.SubscriptionFactory(
        subscription_id=FINANCE,
        tenant=world.fabrikam,
        product=cast.product("finance"),
        state="disabled",
    )


@pytest.mark.parametrize("case", SAME_WORDS)
def test_a_wrong_value_gets_the_words_of_the_page(world, case, request):
    if case == "subscription of another product":
        request.getfixturevalue("finance")
    with cast.undone():
        pages = ask_pages(world, **SAME_WORDS[case])

    assert pages == [read_words(world, **SAME_WORDS[case])]


@pytest.mark.parametrize("case", OTHER_WORDS)
def test_what_the_pages_refuse_is_refused(world, case):
    with cast.undone():
        pages = ask_pages(world, **OTHER_WORDS[case])

    assert isinstance(pages, list)
    assert read_words(world, **OTHER_WORDS[case])


DRAFTS = {
    "workloads": {"products": "teams exchange-online"},
    "Dynamics": DYNAMICS | {"technical_title": "Engineer"},
    "both activities": DYNAMICS | {"activity": Activity.PRESALES_AND_USAGE.value},
    "revenue": REVENUE,
    "another contact of the partner": {
        "partner_name": "Bea",
        "partner_email": "BEA@contoso.example",
    },
    "as people paste": {
        "customer_domain": "https://Fabrikam.example/",
        "tenant_id": "{" + FABRIKAM.upper() + "}",
        "name": "Teams\u200b  rollout",
        "customer_email": " rosa@FABRIKAM.example",
    },
}


def describe(claim):
    """Everything a draft says."""
    columns = (
        *("partner_id", "location_id", "tenant_id", "customer_domain", "solution_area", "activity"),
        *("name", "status", "solution_seller", "revenue_customer_name", "isv_product"),
        *("created_by_id", "typed", "revision"),
    )
    contacts = claim.contacts.values_list("role", "name", "title", "email", "language")
    products = claim.associations.values_list("product__code", "subscription_id", "slot_key")
    return {
        **{name: getattr(claim, name) for name in columns},
        "programs": sorted(claim.programs.values_list("code", flat=True)),
        "products": sorted(products),
        "contacts": sorted(contacts),
        "events": claim.events.count(),
    }


@pytest.mark.parametrize("case", DRAFTS)
def test_a_draft_from_a_row_equals_one_from_the_pages(world, case):
    cast.make_member(world.contoso, email="bea@contoso.example", language="pt-br")
    with cast.undone():
        pages = describe(ask_pages(world, **DRAFTS[case]))

    load(world, good("claims", **DRAFTS[case]))

    assert describe(Claim.objects.get()) == pages


def test_what_belongs_to_others_is_told_apart_from_nothing_by_no_word(world):
    """A stranger's Partner ID, customer or subscription gets the answer of one that does not exist."""
    theirs = cast.SubscriptionFactory(tenant=world.lamna, product=cast.product("sales"))
    for there, nowhere in (
        ({"partner_id": SEATTLE}, {"partner_id": "9999999"}),
        ({"tenant_id": LAMNA}, {"tenant_id": SALES}),
        ({"customer_domain": "lamna.example"}, {"customer_domain": "unknown.example"}),
        (
            DYNAMICS | {"subscription_ids": str(theirs.subscription_id)},
            DYNAMICS | {"subscription_ids": FINANCE},
        ),
    ):
        assert read_words(world, **there) == read_words(world, **nowhere)


def test_a_row_for_a_location_beyond_the_role_is_refused(world):
    boston = Location.objects.get(partner_code=BOSTON)
    user = cast.make_member(world.contoso, Role.INCENTIVES_USER, locations=[boston])

    file = run(world, "claims", make_csv("claims", good("claims")), actor=user)

    assert [row.words for row in file.problems.all()] == ["This is not one of your locations."]


def test_the_same_file_twice_makes_no_second_draft(world):
    rows = [good("claims"), good("claims", **DYNAMICS)]
    load(world, *rows)

    again = load(world, *rows[::-1], good("claims", name="Another"))

    assert count(again) == (1, 0, 2, 0)
    assert Claim.objects.count() == 3


def test_a_discarded_draft_is_made_again_and_a_submitted_claim_is_not(world):
    rows = [good("claims"), good("claims", **DYNAMICS)]
    load(world, *rows)
    teams, sales = Claim.objects.order_by("pk")
    drafts.discard_draft(teams, actor=world.admin)
    cast.add_document(sales, world.admin)
    submission.submit_claim(sales, actor=world.admin, now=timezone.now())

    again = load(world, *rows)

    assert count(again) == (1, 0, 1, 0)
    statuses = sorted(Claim.objects.values_list("status", flat=True))
    assert statuses == [Status.EDITING, Status.SUBMITTED]


def test_a_row_of_what_is_claimed_already_names_the_claim(world):
    load(world, good("claims"))
    claim = Claim.objects.get()
    cast.add_document(claim, world.admin)
    submission.submit_claim(claim, actor=world.admin, now=timezone.now())
    with cast.undone():
        pages = ask_pages(world, name="Another")

    assert pages == [read_words(world, name="Another")]
    assert claim.reference in pages[0]


SUBSCRIPTIONS = {
    "bought through a reseller": {"channel": Channel.CSP},
    "not provisioned": {"state": SubscriptionState.NOT_PROVISIONED},
    "over": {"ends_on": "2020-01-01"},
    "no Dynamics product": {"product": None},
}


@pytest.mark.parametrize("case", SUBSCRIPTIONS)
@pytest.mark.parametrize("typed", ["", SALES])
def test_a_subscription_that_cannot_be_claimed_gets_the_words_of_the_page(world, case, typed):
    Subscription.objects.update(**SUBSCRIPTIONS[case])
    changes = DYNAMICS | {"subscription_ids": typed}
    with cast.undone():
        pages = ask_pages(world, **changes)

    assert pages == [read_words(world, **changes)]


def test_of_several_subscriptions_a_row_names_one(world):
    other = cast.SubscriptionFactory(tenant=world.fabrikam, product=cast.product("sales"))
    with cast.undone():
        pages = ask_pages(world, **DYNAMICS)
    assert pages == [read_words(world, **DYNAMICS)]
    both = f"{other.subscription_id} {SALES}"
    words = "Enter at most one subscription ID for each product."
    assert read_words(world, **DYNAMICS, subscription_ids=both) == words

    load(world, good("claims", **DYNAMICS, subscription_ids=str(other.subscription_id).upper()))

    assert Claim.objects.get().associations.get().subscription == other
