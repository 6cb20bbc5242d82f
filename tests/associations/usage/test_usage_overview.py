"""The usage overview: what is in it, in which order, for whom; filters, pages, export, record [R36], [R37], [R40]."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from associations.customer import optout
from associations.models import SlotHolding
from associations.usage import overview
from partners.enums import Role
from partners.models import AccessRecord
from tests import cast
from tests.associations.usage.conftest import FALLING, STEADY, UNASSIGNED

pytestmark = pytest.mark.django_db
URL, CSV = f"{cast.HERE}usage/", f"{cast.HERE}usage.csv"
MAX_QUERIES = 13


@pytest.fixture
def visitor(client, admin):
    client.force_login(admin)
    return client


def shown(response):
    return [str(row.association.tenant) for row in response.context["page"].rows]


def exported(response):
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def records():
    return list(
        AccessRecord.objects.filter(kind__startswith="usage_list").values_list("kind", "subject")
    )


def count_queries(visitor, query=None):
    with CaptureQueriesContext(connection) as queries:
        assert visitor.get(URL, query).status_code == 200
    return len(queries)


# --- what it shows


def test_what_needs_attention_comes_first_with_its_figures_and_advice(visitor, make_official):
    make_official("Adatum", STEADY)
    make_official("Fabrikam", FALLING)
    make_official("Contoso", UNASSIGNED, code="sales")
    make_official("Tailspin")

    response = visitor.get(URL)

    assert shown(response) == ["Fabrikam", "Contoso", "Adatum", "Tailspin"]
    fabrikam = response.context["page"].rows[0]
    assert fabrikam.series.latest.active == 60
    assert fabrikam.change.direction == -1
    assert [row.advice and row.advice.code for row in response.context["page"].rows] == [
        "falling",
        "unassigned",
        "steady",
        None,
    ]
    assert response.text.count('<svg class="sparkline"') == 3
    assert "Active users: 80 in" in response.text
    assert fabrikam.association.get_usage_url() in response.text
    assert "no-store" in response.headers["Cache-Control"]


def test_a_partner_without_official_products_learns_what_will_be_here(visitor, draft):
    response = visitor.get(URL)

    assert "Usage will appear here" in response.text
    assert "<table" not in response.text


def test_the_menu_leads_to_it(visitor, partner):
    assert f'href="{URL}" aria-current="page">Usage</a>' in " ".join(visitor.get(URL).text.split())


# --- for whom


def test_only_what_the_partner_holds_now_is_there(visitor, make_official):
    make_official("Fabrikam", STEADY)
    released = make_official("Contoso", STEADY)
    SlotHolding.objects.filter(slot_key=released.slot_key).update(released_at="2026-01-01T00:00Z")
    ended = make_official("Adatum", STEADY)
    notice = ended.claim.notices.first()
    optout.end_associations(notice.token, [ended.reference], at=notice.claim.status_since)

    response = visitor.get(URL)

    assert shown(response) == ["Fabrikam"]
    assert [tab["count"] for tab in response.context["tabs"]] == [1, 0]
    assert [row["Customer"] for row in exported(visitor.get(CSV))] == ["Fabrikam"]


def test_another_partners_products_are_not_there(visitor, make_official):
    other = cast.make_partner("Litware")
    make_official("Fabrikam", FALLING, by=(other, cast.make_member(other)))

    assert shown_or_none(visitor.get(URL)) == []
    assert exported(visitor.get(CSV)) == []
    assert visitor.get(f"/p/{other.key}/usage/").status_code == 404
    assert visitor.get(f"/p/{other.key}/usage.csv").status_code == 404


def shown_or_none(response):
    assert "Fabrikam" not in response.text
    return shown(response)


def test_members_of_chosen_locations_see_those_alone(client, partner, make_official):
    near, far = partner.locations.first(), cast.LocationFactory(partner=partner)
    make_official("Fabrikam", STEADY, location=near)
    make_official("Contoso", STEADY, location=far)
    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER, locations=[near]))

    response = client.get(URL)

    assert shown(response) == ["Fabrikam"]
    assert far.name not in response.text
    assert [row["Location"] for row in exported(client.get(CSV))] == [near.name]
    assert client.get(URL, {"location": far.pk}).context["chosen"] == {}


# --- filters and pages


@pytest.mark.parametrize(
    ("query", "customers"),
    [
        ({"q": "fabr"}, ["Fabrikam"]),
        ({"q": "contoso.exa"}, ["Contoso"]),
        ({"q": "nobody"}, []),
        ({"attention": "yes"}, ["Contoso"]),
        ({"q": "fabr", "attention": "yes"}, []),
        ({"product": "sales"}, ["Contoso"]),
        ({"product": "no such"}, ["Contoso", "Fabrikam"]),
    ],
)
def test_page_and_file_have_what_is_filtered(visitor, make_official, query, customers):
    make_official("Fabrikam", STEADY)
    make_official("Contoso", UNASSIGNED, code="sales")
    if query.get("product") == "sales":
        query = {"product": cast.product("sales").pk}

    assert shown(visitor.get(URL, query)) == customers
    assert [row["Customer"] for row in exported(visitor.get(CSV, query))] == customers


def test_the_tabs_count_what_is_filtered(visitor, make_official):
    make_official("Fabrikam", FALLING)
    make_official("Fabrikam2", STEADY)
    make_official("Contoso", FALLING)

    tabs = visitor.get(URL, {"q": "fabrikam", "attention": "yes"}).context["tabs"]

    assert [(tab["count"], tab["is_current"]) for tab in tabs] == [(2, False), (1, True)]
    assert shown(visitor.get(URL + tabs[0]["url"])) == ["Fabrikam", "Fabrikam2"]


def test_a_walk_visits_each_product_once_in_both_directions(visitor, make_official, monkeypatch):
    monkeypatch.setattr(overview, "PAGE_SIZE", 2)
    for number in range(5):
        make_official(f"Customer{number}", FALLING if number % 2 else STEADY)
    wanted = ["Customer1", "Customer3", "Customer0", "Customer2", "Customer4"]

    seen, url = [], URL
    while url:
        response = visitor.get(url)
        seen += shown(response)
        url = response.context["later_url"] and URL + response.context["later_url"]
    back, url = [], URL + response.context["earlier_url"]
    while url:
        response = visitor.get(url)
        back = shown(response) + back
        url = response.context["earlier_url"] and URL + response.context["earlier_url"]

    assert (seen, back) == (wanted, wanted[:4])


@pytest.mark.parametrize("place", ["gone", "gone~2026-01-01", "a~b", "~~", "gone~99999-01-01"])
def test_a_place_that_is_none_leads_to_the_first_page(visitor, make_official, place):
    make_official("Fabrikam", STEADY)

    response = visitor.get(URL, {"after": place}, follow=True)

    assert shown(response) == ["Fabrikam"]


# --- the export


def test_the_file_has_the_latest_figures_and_the_advice(visitor, make_official, monkeypatch):
    monkeypatch.setattr(overview, "BUFFER", 1)
    make_official("Fabrikam", STEADY)
    sales = make_official("Contoso", UNASSIGNED, code="sales")

    contoso, fabrikam = exported(visitor.get(CSV))

    assert (contoso["Active users or seats"], contoso["Assigned seats"]) == ("60", "70")
    assert (contoso["Paid units or sold seats"], contoso["In use (%)"]) == ("100", "60.0")
    assert contoso["Subscription ID"] == str(sales.subscription.subscription_id)
    assert (contoso["Needs attention"], fabrikam["Needs attention"]) == ("yes", "no")
    assert contoso["What to do"].startswith("30% of the sold seats are unassigned")
    assert fabrikam["Claim"]


# --- what is recorded


def test_each_view_and_each_export_is_recorded_with_its_filter_and_number(visitor, make_official):
    make_official("Fabrikam", FALLING)
    make_official("Contoso", STEADY)

    visitor.get(URL)
    visitor.get(URL, {"q": "fabr", "attention": "yes"})
    visitor.get(CSV, {"product": cast.product("teams").pk})

    assert records() == [
        ("usage_list_exported", "2 products · Teams"),
        ("usage_listed", "1 product · “fabr” · needs attention"),
        ("usage_listed", "2 products"),
    ]


def test_a_refusal_is_not_recorded(client, partner):
    client.force_login(cast.make_member(cast.make_partner("Litware")))

    assert client.get(URL).status_code == 404
    assert records() == []


# --- how many queries


@pytest.mark.parametrize("query", [{}, {"q": "customer", "attention": "yes"}])
def test_as_few_queries_for_three_products_as_for_one(visitor, make_official, query):
    make_official("Customer0", FALLING)
    make_official("CustomerA", UNASSIGNED, code="sales")
    few = count_queries(visitor, query)
    for number in (1, 2):
        make_official(f"Customer{number}", FALLING)
        make_official(f"CustomerB{number}", UNASSIGNED, code="sales")

    assert count_queries(visitor, query) == few <= MAX_QUERIES
