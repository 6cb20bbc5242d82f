"""The claims list: who sees what, filters, search, keyset pages, counts, number of queries [R46]."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from associations.enums import Activity, SolutionArea, Status
from associations.lists import listing
from associations.lists.listing import PAGE_SIZE, Cursor, Sort
from associations.models import Claim
from partners.enums import Role
from partners.models import Program
from tests import cast

pytestmark = pytest.mark.django_db
URL = f"{cast.HERE}claims/"
MAX_QUERIES = 9


@pytest.fixture
def tenant():
    return cast.make_tenant(name="Fabrikam Industries")


@pytest.fixture
def visitor(client, admin):
    client.force_login(admin)
    return client


def make_claims(partner, actor, tenant, count, **fields):
    """Insert rows only, for tests of pages: no one submitted them."""
    facts = {
        "solution_area": SolutionArea.MICROSOFT_365,
        "activity": Activity.USAGE,
        "status": Status.SUBMITTED,
        "due_time_zone": "America/Sao_Paulo" if fields.get("due_at") else "",
        **fields,
    }
    place = facts.pop("location", None) or partner.locations.first()
    return Claim.objects.bulk_create(
        Claim(
            partner=partner,
            location=place,
            tenant=tenant,
            created_by=actor,
            name=f"Row {n}",
            **facts,
        )
        for n in range(count)
    )


def shown(response):
    return [claim.reference for claim in response.context["page"].rows]


def count_queries(visitor, url=URL):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = visitor.get(url)
    assert response.status_code == 200
    return len(queries)


def test_a_stranger_is_sent_to_sign_in(client):
    response = client.get(URL)

    assert response.status_code == 302
    assert "/accounts/login/" in response["Location"]


def test_staff_find_no_partners_list(client, partner):
    client.force_login(cast.make_reviewer())

    assert client.get(URL).status_code == 404


def test_the_list_asks_as_few_questions_for_three_claims_as_for_one(visitor, partner, admin):
    cast.make_draft(partner, admin, cast.make_tenant("a.example"))
    one = count_queries(visitor)
    for name in ("b.example", "c.example"):
        cast.make_draft(partner, admin, cast.make_tenant(name))

    assert count_queries(visitor) == one <= MAX_QUERIES


def test_a_search_by_a_member_of_one_location_stays_within_the_queries(client, partner, admin):
    place = partner.locations.first()
    user = cast.make_member(partner, Role.INCENTIVES_USER, locations=[place])
    cast.make_draft(partner, admin, cast.make_tenant(name="Fabrikam"))
    client.force_login(user)

    assert count_queries(client, URL + "?q=fabrikam&status=editing&deadline=none") <= MAX_QUERIES


def test_another_partners_claims_are_not_there(visitor, partner, admin, tenant):
    mine = cast.make_draft(partner, admin, tenant)
    other = cast.make_partner("Other")
    other_admin = cast.make_member(other)
    theirs = cast.make_draft(other, other_admin, cast.make_tenant("other.example", name="Secret"))

    response = visitor.get(URL)

    assert shown(response) == [mine.reference]
    assert theirs.reference not in response.text
    assert "Secret" not in response.text
    assert [tab["count"] for tab in response.context["tabs"]] == [1, 1]


def test_members_of_chosen_locations_see_those_alone(client, partner, admin, tenant):
    near, far = partner.locations.first(), cast.LocationFactory(partner=partner)
    make_claims(partner, admin, tenant, 1, location=near)
    hidden = make_claims(partner, admin, tenant, 1, location=far)[0]
    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER, locations=[near]))

    response = client.get(URL)

    assert len(shown(response)) == 1
    assert hidden.reference not in shown(response)
    assert far.name not in response.text


@pytest.mark.parametrize("sort", ["newest", "deadline"])
def test_a_walk_visits_each_claim_once_in_both_directions_while_claims_are_added(
    visitor, partner, admin, tenant, sort
):
    now = timezone.now()
    made = []
    for days in (1, 1, 2, None):  # ties and claims without a deadline on both sides of a page's end
        due = days and now + dt.timedelta(days=days)
        made += make_claims(partner, admin, tenant, PAGE_SIZE - 3, due_at=due, turn="staff")
    wanted = {claim.reference for claim in made}
    later = now + dt.timedelta(days=40)

    seen, url, pages = [], f"{URL}?sort={sort}", []
    while url:
        response = visitor.get(url)
        pages.append(shown(response))
        seen += pages[-1]
        make_claims(partner, admin, tenant, 1, due_at=now if sort == "deadline" else later)
        url = response.context["older_url"] and URL + response.context["older_url"]
    back, url = [], URL + response.context["newer_url"]
    while url:
        response = visitor.get(url)
        back = shown(response) + back
        url = response.context["newer_url"] and URL + response.context["newer_url"]

    assert len(seen) == len(set(seen))
    assert set(seen) == wanted
    assert [ref for ref in back if ref in wanted] == [ref for page in pages[:-1] for ref in page]
    assert len(back) == len(set(back))


def test_the_deadline_order_puts_what_is_due_first_and_rejections_last(
    visitor, partner, admin, tenant
):
    now = timezone.now()
    none = make_claims(partner, admin, tenant, 1)[0]
    past = now - dt.timedelta(days=30)
    missed = make_claims(partner, admin, tenant, 1, due_at=past, status=Status.REJECTED)[0]
    late = make_claims(partner, admin, tenant, 1, due_at=now + dt.timedelta(days=9))[0]
    soon = make_claims(partner, admin, tenant, 1, due_at=now + dt.timedelta(days=1))[0]

    response = visitor.get(URL + "?sort=deadline")

    assert shown(response) == [each.reference for each in (soon, late, none, missed)]


def test_a_place_that_is_gone_leads_to_the_first_page(visitor, partner, admin, tenant):
    make_claims(partner, admin, tenant, 2)

    response = visitor.get(URL + "?q=row&after=GONE99")

    assert response["Location"] == URL + "?q=row"


@pytest.mark.parametrize("text", ["", "~", "A B", "K7QF2~x", "K7QF2~99999999999999999999", "é'--"])
def test_a_broken_cursor_shows_the_first_page(visitor, partner, admin, tenant, text):
    make_claims(partner, admin, tenant, 1)

    assert len(shown(visitor.get(URL, {"after": text}, follow=True))) == 1


def test_a_cursor_survives_its_address():
    cursor = Cursor("K7QF2X", dt.datetime(2026, 11, 28, 3, 0, 0, 17, tzinfo=dt.UTC))

    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize(
    ("term", "is_found"),
    [
        ("{reference}", True),
        ("{lower}", True),
        ("fabri", True),
        ("INDUSTRIES", True),
        ("fabrikam.ex", True),
        ("rollo", True),
        ("nothing like it", False),
        ("%", False),
        ("rol\x00lo", True),  # what no text has is dropped
    ],
)
def test_search_finds_by_reference_name_customer_and_domain(
    visitor, partner, admin, tenant, term, is_found
):
    claim = cast.make_draft(partner, admin, tenant)
    make_claims(partner, admin, cast.make_tenant("elsewhere.example", name="Elsewhere"), 1)
    term = term.format(reference=claim.reference, lower=claim.reference.lower())

    found = shown(visitor.get(URL, {"q": term}))

    assert (claim.reference in found) == is_found
    assert len(found) == int(is_found)


@pytest.fixture
def others_customers(monkeypatch):
    """More customers called zebra than a search looks at, none of them ours; one called yak."""
    monkeypatch.setattr("associations.lists.search.CUSTOMERS_CAP", 3)
    other = cast.make_partner("Other")
    actor = cast.make_member(other)
    for name in ("Zebra One", "Zebra Two", "Zebra Three", "Zebra Four", "Yak"):
        tenant = cast.make_tenant(f"{name.replace(' ', '').lower()}.example", name=name)
        make_claims(other, actor, tenant, 1)


def without_token(response):
    return re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", response.text)


def read_export(visitor, term):
    return b"".join(visitor.get(f"{URL}export.csv", {"q": term}).streaming_content).decode()


@pytest.mark.parametrize("term", ["zebra", "zebraone.ex", "ze"])
def test_a_search_tells_nothing_of_other_partners_customers(visitor, others_customers, term):
    many, few = (visitor.get(URL, {"q": each}) for each in (term, "yak"))

    assert shown(many) == shown(few) == []
    assert not many.context["too_many_customers"]
    assert without_token(many) == without_token(few).replace("yak", term)
    assert read_export(visitor, term) == read_export(visitor, "yak")


def test_one_customer_is_found_among_any_number_of_other_partners(
    visitor, partner, admin, others_customers
):
    own = make_claims(partner, admin, cast.make_tenant("own.example", name="Zebra Own"), 1)[0]

    response = visitor.get(URL, {"q": "zebra"})

    assert shown(response) == [own.reference]
    assert not response.context["too_many_customers"]
    assert own.reference in read_export(visitor, "zebra")


def test_customers_of_locations_that_are_not_ones_own_are_not_counted(
    client, partner, admin, others_customers
):
    near, far = partner.locations.first(), cast.LocationFactory(partner=partner)
    for n in range(5):
        tenant = cast.make_tenant(f"z{n}.example", name=f"Zebra {n}")
        make_claims(partner, admin, tenant, 1, location=far)
    own = make_claims(
        partner, admin, cast.make_tenant("own.example", name="Zebra Own"), 1, location=near
    )[0]
    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER, locations=[near]))

    response = client.get(URL, {"q": "zebra"})

    assert shown(response) == [own.reference]
    assert not response.context["too_many_customers"]


@pytest.mark.parametrize(("count", "is_too_many"), [(3, False), (4, True)])
def test_only_ones_own_customers_can_be_too_many(
    visitor, partner, admin, others_customers, count, is_too_many
):
    for n in range(count):
        make_claims(partner, admin, cast.make_tenant(f"z{n}.example", name=f"Zebra {n}"), 1)

    response = visitor.get(URL, {"q": "zebra"})

    assert len(shown(response)) == 3
    assert ("More than 3 customers match" in response.text) == is_too_many
    assert read_export(visitor, "zebra").count("Zebra") == count


def test_the_filters_narrow_the_list(visitor, partner, admin, tenant):
    sales = cast.make_draft(partner, admin, tenant, codes=("sales",), activity=Activity.PRESALES)
    teams = cast.make_draft(partner, admin, cast.make_tenant("t.example"), codes=("teams",))
    office = cast.LocationFactory(partner=partner)
    far = make_claims(partner, admin, tenant, 1, location=office)[0]
    program = Program.objects.get(code="osa-sell")

    def found(**query):
        return set(shown(visitor.get(URL, query)))

    assert found(program=program.code) == {sales.reference}
    assert found(product=cast.product("teams").pk) == {teams.reference}
    assert found(location=office.pk) == {far.reference}
    assert found(status="submitted") == {far.reference}
    assert found(status="editing", product=cast.product("sales").pk) == {sales.reference}


def test_the_deadline_filter(visitor, partner, admin, tenant):
    now = timezone.now()
    past, week = now - dt.timedelta(hours=1), now + dt.timedelta(days=6)
    overdue = make_claims(partner, admin, tenant, 1, due_at=past)[0]
    soon = make_claims(partner, admin, tenant, 1, due_at=week)[0]
    later = make_claims(partner, admin, tenant, 1, due_at=now + dt.timedelta(days=20))[0]
    none = make_claims(partner, admin, tenant, 1)[0]

    found = {
        name: shown(visitor.get(URL, {"deadline": name})) for name in ("overdue", "week", "none")
    }

    assert found == {
        "overdue": [overdue.reference],
        "week": [soon.reference],
        "none": [none.reference],
    }
    assert later.reference in shown(visitor.get(URL))


def test_a_filter_that_does_not_exist_is_said_and_left_out(visitor, partner, admin, tenant):
    make_claims(partner, admin, tenant, 1)
    other = cast.make_partner("Other").locations.first()

    response = visitor.get(URL, {"location": other.pk, "status": "bogus"})

    assert len(shown(response)) == 1
    assert "We ignored a filter" in response.text
    assert other.name not in response.text


def test_counts_stop_at_the_cap(visitor, partner, admin, tenant, monkeypatch):
    monkeypatch.setattr(listing, "COUNT_CAP", 3)
    monkeypatch.setattr("associations.views.lists.claims.COUNT_CAP", 3)
    make_claims(partner, admin, tenant, 5)
    make_claims(partner, admin, tenant, 2, status=Status.APPROVED)

    tabs = {tab["code"]: tab for tab in visitor.get(URL).context["tabs"]}

    assert listing.count_by_status(Claim.objects.all())[Status.SUBMITTED] == 4
    assert (tabs["submitted"]["count"], tabs["submitted"]["is_capped"]) == (3, True)
    assert (tabs["approved"]["count"], tabs["approved"]["is_capped"]) == (2, False)
    assert tabs[""]["is_capped"]


def test_filters_stay_in_the_addresses_of_tabs_pages_and_export(visitor, partner, admin, tenant):
    make_claims(partner, admin, tenant, PAGE_SIZE + 1)

    response = visitor.get(URL + "?q=row&status=submitted")

    assert re.fullmatch(r"\?q=row&status=submitted&after=\w+", response.context["older_url"])
    assert response.context["export_query"] == "?q=row&status=submitted"
    assert [tab["url"] for tab in response.context["tabs"]] == ["?q=row", "?q=row&status=submitted"]


def test_an_empty_list_teaches_and_a_filter_without_result_says_so(visitor, partner, admin, tenant):
    assert "Your claims will appear here" in visitor.get(URL).text

    make_claims(partner, admin, tenant, 1)

    assert "No claims found" in visitor.get(URL, {"q": "zzzz"}).text


def test_sorting_reads_no_more_than_a_page(partner, admin, tenant):
    make_claims(partner, admin, tenant, 3)

    page = listing.read_page(Claim.objects.all(), reach=Claim.objects.all(), sort=Sort.NEWEST)

    assert (len(page.rows), page.newer, page.older) == (3, None, None)
