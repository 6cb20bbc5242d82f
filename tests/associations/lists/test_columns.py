"""The columns of the claims list: which are shown, chosen in the address and kept there [R46]."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from associations.lists.columns import USUAL, Column, choose_columns
from associations.models import Claim
from partners.enums import Role
from tests import cast
from tests.associations.lists.test_claims_list import MAX_QUERIES, PAGE_SIZE, URL, make_claims

pytestmark = pytest.mark.django_db
LATE = dt.datetime(2026, 3, 3, 2, 30, tzinfo=dt.UTC)  # the day before in America


@pytest.fixture
def visitor(client, admin):
    client.force_login(admin)
    return client


def find_headers(response):
    return [str(each.label) for each in response.context["columns"]]


def test_the_usual_columns_are_shown_until_others_are_chosen(visitor, partner, admin, tenant):
    make_claims(partner, admin, tenant, 1)

    usual, few, every = (
        visitor.get(URL, {"columns": chosen}) for chosen in ([], ["status"], Column.values)
    )

    assert find_headers(usual) == ["Customer", "Products", "Submitted", "With", "Status"]
    assert find_headers(few) == ["Status"]
    assert len(find_headers(every)) == len(Column)
    assert 'class="column-status"' in few.text
    assert 'class="column-customer"' not in few.text


def test_columns_keep_the_order_of_the_page():
    assert choose_columns(["status", "area", "customer"]) == [
        Column.CUSTOMER,
        Column.AREA,
        Column.STATUS,
    ]
    assert choose_columns([]) == list(USUAL)


def test_the_location_is_a_column_or_a_note(visitor, partner, admin, tenant):
    make_claims(partner, admin, tenant, 1)
    note = f"Location: {partner.locations.first().name}"

    assert note in visitor.get(URL).text
    assert note not in visitor.get(URL, {"columns": ["location"]}).text


@pytest.mark.parametrize("zone, day", [("America/New_York", "2 Mar 2026"), ("UTC", "3 Mar 2026")])
def test_the_day_of_submission_is_the_readers(visitor, partner, admin, tenant, zone, day):
    admin.time_zone = zone
    admin.save()
    make_claims(partner, admin, tenant, 1, submitted_at=LATE)

    response = visitor.get(URL)

    assert f">{day}</time>" in response.text
    assert "Times are shown in" in response.text


def test_what_was_not_submitted_has_no_day(visitor, partner, admin, tenant):
    make_claims(partner, admin, tenant, 1)

    response = visitor.get(URL, {"columns": ["submitted"]})

    assert "<time" not in response.text


@pytest.mark.parametrize("count", [1, 3])
def test_every_column_costs_as_few_queries(client, partner, admin, count):
    place = partner.locations.first()
    for number in range(count):
        cast.make_draft(partner, admin, cast.make_tenant(f"{number}.example", name="Fabrikam"))
    Claim.objects.update(submitted_at=LATE)
    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER, locations=[place]))
    query = {"q": "fabrikam", "deadline": "none", "columns": Column.values}

    with CaptureQueriesContext(connection) as queries:
        response = client.get(URL, query)

    assert len(response.context["page"].rows) == count
    assert len(queries) <= MAX_QUERIES


def test_the_choice_stays_in_pages_tabs_and_forms_and_out_of_exports(
    visitor, partner, admin, tenant
):
    make_claims(partner, admin, tenant, PAGE_SIZE + 1)

    response = visitor.get(f"{URL}?q=row&sort=deadline&columns=status&columns=area")

    assert "columns=status&columns=area" in response.context["older_url"]
    assert all("columns=status&columns=area" in tab["url"] for tab in response.context["tabs"])
    assert response.text.count('<input type="hidden" name="columns" value="status">') == 1
    assert response.context["cleared_query"] == "?columns=status&columns=area"
    assert response.context["export_query"] == "?q=row"


def test_choosing_columns_keeps_filter_search_order_and_place(visitor, partner, admin, tenant):
    make_claims(partner, admin, tenant, PAGE_SIZE + 1)
    older = visitor.get(f"{URL}?q=row&sort=deadline").context["older_url"]

    response = visitor.get(URL + older)

    rest = dict(response.context["rest_of_address"])
    assert rest == {"q": "row", "sort": "deadline", "after": rest["after"]}
    assert len(response.context["page"].rows) == 1


def test_a_column_that_does_not_exist_is_said_and_left_out(visitor, partner, admin, tenant):
    make_claims(partner, admin, tenant, 1)

    response = visitor.get(URL, {"columns": ["status", "bogus"]})

    assert find_headers(response) == [str(each.label) for each in USUAL]
    assert "We ignored a filter we don't recognise:" in response.text.replace("&#x27;", "'")
    assert not response.context["is_filtered"]
