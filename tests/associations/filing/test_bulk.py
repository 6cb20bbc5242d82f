"""Claims from a file: the same rules as the pages, the same words, the same drafts [R47]."""

import pytest

from tests import cast
from tests.associations.imports.made_files import (
    BOSTON,
    LAMNA,
    SEATTLE,
)
from tests.associations.imports.world import World

from .bulk_steps import DYNAMICS, FINANCE, REVENUE, ask_pages, read_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


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
