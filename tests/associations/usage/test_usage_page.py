"""The page and the export: only for the partner that holds the slot now [R36], [R37]."""

import csv
import datetime as dt
import io
import re
from xml.etree import ElementTree as ET

import pytest
from django.urls import reverse
from django.utils import timezone

from associations.customer import optout
from associations.enums import AssociationStatus
from associations.models import Association, SlotHolding
from associations.review import decisions
from partners.enums import Role
from partners.models import AccessRecord, Membership
from tests import cast
from tests.associations.usage_files import (
    add_subscription_usage,
    add_workload_usage,
    months_back,
)

pytestmark = pytest.mark.django_db

ROUTES = ("associations:usage", "associations:usage-export")
SECRET = 731_547


@pytest.fixture
def claim(partner, admin, tenant):
    return cast.make_draft(partner, admin, tenant)


@pytest.fixture
def association(claim, admin, reviewer, tenant):
    """Teams at Fabrikam, official, with figures that must not leak."""
    cast.walk(claim, "official", actor=admin, reviewer=reviewer)
    teams = claim.associations.get(product__code="teams")
    add_workload_usage(tenant, teams.product, [(SECRET - 10, 900_000), (SECRET, 900_000)])
    return teams


def get(client, association, user=None, route="associations:usage"):
    if user:
        client.force_login(user)
    return client.get(reverse(route, args=[association.reference]))


def html(response):
    """The page without its token, whose letters may be any number."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def read_csv(response, delimiter=","):
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def looks():
    """Return the access record of usage, for all users."""
    return AccessRecord.objects.filter(kind__in=("usage_viewed", "usage_exported"))


def refused(client, association, user):
    """Both routes answer 404 and say nothing of the data; nothing is recorded."""
    before = looks().count()
    for route in ROUTES:
        response = get(client, association, user, route)
        assert response.status_code == 404
        # A number of its own: the letters and digits of a token may have it among them.
        assert not re.search(r"(?<!\w)731(?![A-Za-z_])", html(response))
        assert "Fabrikam" not in html(response)
    assert looks().count() == before
    return True


# --- what it shows


def test_the_page_shows_headline_chart_table_and_advice(client, association, admin):
    response = get(client, association, admin)

    page = html(response)
    assert response.status_code == 200
    assert "Usage of Teams at Fabrikam" in page
    assert '<span class="usage-number">731,547</span>' in page
    assert "10 more than in" in page
    assert page.index("usage-number") < page.index('<svg class="chart')
    assert page.index('<svg class="chart') < page.index("<table") < page.index('class="advice ')
    assert "81.3%" in page
    assert reverse("associations:usage-export", args=[association.reference]) in page
    assert "no-store" in response.headers["Cache-Control"]


def test_the_chart_in_the_page_is_valid_xml(client, association, admin, tenant):
    tenant.name = 'Fabrikam <b>"&</b>'
    tenant.save()

    page = html(get(client, association, admin))

    start = page.index('<svg class="chart chart-wide"')
    svg = ET.fromstring(page[start : page.index("</svg>", start) + 6])
    assert 'Fabrikam <b>"&</b>' in svg[0].text


def test_figures_of_other_customers_and_products_are_not_among_them(client, association, admin):
    stranger = cast.make_tenant("tailspin.example")
    add_workload_usage(stranger, association.product, [(424_242, 1)] * 2)
    add_workload_usage(association.tenant, cast.product("yammer"), [(525_252, 1)] * 2)

    assert "424,242" not in html(get(client, association, admin))
    rows = read_csv(get(client, association, admin, "associations:usage-export"))
    assert [row[3] for row in rows[1:]] == [str(SECRET - 10), str(SECRET)]


def test_an_official_association_without_figures_says_so(client, association, admin, claim):
    other = claim.associations.get(product__code="exchange-online")

    response = get(client, other, admin)

    assert response.status_code == 200
    assert "No figures yet" in html(response)
    assert '<svg class="chart' not in html(response)
    assert len(read_csv(get(client, other, admin, "associations:usage-export"))) == 1


def test_a_user_role_sees_it_as_well(client, association, partner):
    member = cast.make_member(partner, Role.INCENTIVES_USER)

    assert get(client, association, member).status_code == 200


@pytest.mark.parametrize("activity", ["usage", "revenue"])
def test_a_subscription_shows_its_seats(client, partner, admin, reviewer, tenant, activity):
    facts = {"solution_seller": "S", "revenue_customer_name": "C", "isv_product": "I"}
    claim = cast.make_draft(
        partner,
        admin,
        tenant,
        codes=["sales"],
        activity=activity,
        **(facts if activity == "revenue" else {}),
    )
    cast.walk(claim, "official", actor=admin, reviewer=reviewer)
    association = claim.associations.get()
    add_subscription_usage(association.subscription, [(400, 240, 200)])

    page = html(get(client, association, admin))
    rows = read_csv(get(client, association, admin, "associations:usage-export"))

    assert "active seats in" in page
    assert "40% of the sold seats are unassigned: 160 of 400." in page
    assert str(association.subscription.subscription_id) in page
    assert rows[0][3:] == [
        "Subscription ID",
        "Active seats",
        "Assigned seats",
        "Sold seats",
        "In use (%)",
    ]
    assert rows[1][4:] == ["200", "240", "400", "50.0"]


def test_older_months_are_folded_away_and_all_are_exported(client, association, admin, tenant):
    add_workload_usage(
        tenant, association.product, [(n, 100) for n in range(38)], last=months_back(3)[0]
    )

    page = html(get(client, association, admin))

    assert "28 earlier months" in page
    assert page.count('<th scope="row">') == 40
    assert len(read_csv(get(client, association, admin, "associations:usage-export"))) == 41


@pytest.mark.parametrize("months", [1, 36])
def test_as_many_queries_for_one_month_as_for_many(
    client, association, admin, tenant, months, django_assert_max_num_queries
):
    add_workload_usage(tenant, association.product, [(1, 2)] * months, last=months_back(3)[0])
    client.force_login(admin)

    with django_assert_max_num_queries(12):
        client.get(reverse("associations:usage", args=[association.reference]))


def test_it_is_official_since_the_day_that_it_was_at_the_claims_location(
    client, association, admin
):
    Association.objects.filter(pk=association.pk).update(
        official_at=dt.datetime(2026, 12, 5, 1, 0, tzinfo=dt.UTC)  # the evening before in New York
    )

    assert "Contoso Consulting, since 4 Dec 2026" in html(get(client, association, admin))


# --- the export


def test_the_export_is_for_spreadsheets_and_runs_no_formula(client, association, admin, tenant):
    tenant.name = "=HYPERLINK(1)"
    tenant.save()

    response = get(client, association, admin, "associations:usage-export")

    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f"usage-{association.reference}.csv" in response.headers["Content-Disposition"]
    rows = read_csv(response)
    assert rows[0] == ["Month", "Customer", "Product", "Active users", "Paid units", "In use (%)"]
    assert rows[2][1:] == ["'=HYPERLINK(1)", "Teams", str(SECRET), "900000", "81.3"]
    assert rows[2][0] == f"{months_back(1)[0]:%Y-%m}"


def test_the_export_in_portuguese_parts_by_semicolons(client, association, admin):
    client.cookies["django_language"] = "pt-br"

    rows = read_csv(get(client, association, admin, "associations:usage-export"), delimiter=";")

    assert rows[2][-1] == "81,3"


# --- who sees nothing


def test_no_one_sees_it_without_signing_in(client, association):
    for route in ROUTES:
        response = get(client, association, route=route)
        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    "status",
    [
        *("editing", "submitted", "under-review", "action-required", "approved"),
        *("rejected", "dispute", "rejected-final", "ended"),
    ],
)
def test_nothing_before_or_after_the_association_is_official(
    client, claim, admin, reviewer, tenant, status
):
    teams = claim.associations.get(product__code="teams")
    add_workload_usage(tenant, teams.product, [(SECRET, 900_000)])
    cast.walk(claim, status, actor=admin, reviewer=reviewer)

    assert refused(client, teams, admin)


def test_nothing_of_what_the_customer_refused(client, claim, admin, reviewer, tenant):
    cast.walk(claim, "approved", actor=admin, reviewer=reviewer)
    teams, exchange = claim.associations.order_by("product__code").reverse()
    optout.opt_out(_token(claim), [teams.reference], reason="", at=timezone.now())
    cast._finalise(claim, admin, reviewer)
    add_workload_usage(tenant, teams.product, [(SECRET, 900_000)])

    assert Association.objects.get(pk=teams.pk).status == AssociationStatus.OPTED_OUT
    assert get(client, exchange, admin).status_code == 200
    assert refused(client, teams, admin)


def test_nothing_of_what_review_excluded(client, claim, admin, reviewer, tenant):
    cast.walk(claim, "under-review", actor=admin, reviewer=reviewer)
    teams = claim.associations.get(product__code="teams")
    decisions.approve_claim(claim, actor=reviewer, exclude=[teams], now=timezone.now())
    cast.deliver_notices(claim)
    cast._finalise(claim, admin, reviewer)
    add_workload_usage(tenant, teams.product, [(SECRET, 900_000)])

    assert Association.objects.get(pk=teams.pk).status == AssociationStatus.EXCLUDED
    assert refused(client, teams, admin)


def test_nothing_from_the_moment_the_customer_ends_it(client, association, admin, claim):
    assert get(client, association, admin).status_code == 200

    optout.end_associations(_token(claim), [association.reference], at=timezone.now())

    assert refused(client, association, admin)


def _token(claim):
    from associations.customer import notices

    return notices.in_force(claim).first().token


def test_nothing_for_another_partner(client, association):
    stranger = cast.make_member(cast.make_partner("Tailspin", country="BR"))

    assert refused(client, association, stranger)


def test_nothing_for_a_member_of_other_locations(client, association, partner):
    elsewhere = cast.LocationFactory(partner=partner)
    member = cast.make_member(partner, locations=[elsewhere])

    assert refused(client, association, member)
    member.memberships.get().locations.add(association.claim.location)
    assert get(client, association, member).status_code == 200


def test_nothing_from_the_moment_a_member_is_removed(client, association, admin):
    assert get(client, association, admin).status_code == 200

    Membership.objects.filter(user=admin).delete()

    assert refused(client, association, admin)


def test_nothing_for_staff(client, association, reviewer):
    assert refused(client, association, reviewer)


def test_nothing_once_the_slot_changed_hands(client, association, admin):
    rival = cast.make_partner("Rival")
    SlotHolding.objects.filter(slot_key=association.slot_key).update(released_at=timezone.now())
    SlotHolding.objects.create(
        slot_key=association.slot_key, partner=rival, held_since=timezone.now()
    )

    assert Association.objects.get(pk=association.pk).status == AssociationStatus.OFFICIAL
    assert refused(client, association, admin)
    assert refused(client, association, cast.make_member(rival))


def test_an_unknown_reference_answers_as_a_strange_one(client, association, admin):
    client.force_login(admin)

    assert client.get("/associations/ZZZZZZZZ/usage/").status_code == 404
    assert client.get("/associations/ZZZZZZZZ/usage.csv").status_code == 404


@pytest.mark.parametrize("route", ROUTES)
def test_nothing_is_posted_here(client, association, admin, route):
    client.force_login(admin)

    assert client.post(reverse(route, args=[association.reference])).status_code == 405


# --- what is recorded


def test_each_look_and_each_export_is_recorded(client, association, admin):
    for route in (*ROUTES, ROUTES[0]):
        get(client, association, admin, route)

    recorded = list(looks().order_by("id"))
    assert [each.kind for each in recorded] == ["usage_viewed", "usage_exported", "usage_viewed"]
    assert {each.user for each in recorded} == {admin}
    assert {each.partner for each in recorded} == {association.partner}
    assert {each.location for each in recorded} == {association.claim.location}
    assert {each.subject for each in recorded} == {f"{association.reference} · Teams · Fabrikam"}
