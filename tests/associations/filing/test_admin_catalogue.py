"""Catalogue, time limits, customers and subscriptions in admin: what staff may change [R4]."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from associations.claims.deadlines import Calendar, end_of_business_days
from associations.filing import submission
from associations.filing.catalogue import load_catalogue
from associations.models import Claim, Product, Subscription, Tenant, TimeLimit
from partners.models import Program
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue():
    load_catalogue()


@pytest.fixture
def staff_client(client):
    client.force_login(get_user_model().objects.create_superuser("root@northwind.example", "x"))
    return client


def change(client, thing, data):
    return client.post(address("change", thing), data)


def address(name, thing):
    meta = thing._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=[thing.pk])


PRODUCT = {"name": "Teams Rooms", "position": 99, "is_active": "on"}


def test_a_product_is_added_with_its_code(staff_client):
    data = {**PRODUCT, "code": "teams-rooms", "solution_area": "microsoft-365"}

    staff_client.post(reverse("admin:associations_product_add"), data)

    assert Product.objects.get(code="teams-rooms").is_workload


def test_code_and_area_stay_once_made_and_the_rest_changes(staff_client):
    teams = Product.objects.get(code="teams")
    data = {
        "name": "Teams chat",
        "position": 7,
        "code": "x",
        "solution_area": "business-applications",
    }

    change(staff_client, teams, data)

    teams.refresh_from_db()
    assert (teams.code, teams.solution_area) == ("teams", "microsoft-365")
    assert (teams.name, teams.position, teams.is_active) == ("Teams chat", 7, False)


def test_shipped_products_are_not_deleted(staff_client):
    teams = Product.objects.get(code="teams")

    answer = staff_client.post(address("delete", teams), {"post": "yes"})

    assert answer.status_code == 403
    assert Product.objects.filter(pk=teams.pk).exists()


def test_a_product_in_use_is_not_deleted_and_one_that_is_not_may_go(staff_client):
    used, unused = (
        Product.objects.create(code=code, name=code, solution_area="business-applications")
        for code in ("used", "unused")
    )
    cast.SubscriptionFactory(product=used)

    refused = staff_client.post(address("delete", used), {"post": "yes"})
    staff_client.post(address("delete", unused), {"post": "yes"})

    assert refused.status_code == 403
    assert set(Product.objects.filter(code__in=["used", "unused"])) == {used}


def test_a_programs_code_stays_and_it_is_deactivated_instead_of_deleted(staff_client):
    program = Program.objects.get(code="osa-sell")

    change(staff_client, program, {"name": "OSA Sell 2", "code": "x"})
    answer = staff_client.post(address("delete", program), {"post": "yes"})

    program.refresh_from_db()
    assert (program.code, program.name, program.is_active) == ("osa-sell", "OSA Sell 2", False)
    assert answer.status_code == 403


def submit(number):
    partner = cast.make_partner(f"Partner {number}")
    admin = cast.make_member(partner)
    draft = cast.make_draft(partner, admin, cast.make_tenant(f"c{number}.example"))
    with cast.at(cast.MONDAY):
        return submission.submit_claim(draft, actor=admin, now=timezone.now())


def due(days):
    """The end of this many business days of the operator, from the Monday on."""
    calendar = Calendar("US", "America/Los_Angeles")
    return end_of_business_days(
        cast.MONDAY, days, country=calendar.country, time_zone=calendar.time_zone
    )


def test_a_changed_time_limit_counts_for_later_windows_only(staff_client):
    before = submit(1)
    limit = TimeLimit.objects.get(window="begin-review", program=None)

    change(staff_client, limit, {"days": 2, "day_kind": "business"})
    after = submit(2)

    assert Claim.objects.get(pk=before.pk).due_at == due(5)
    assert after.due_at == due(2)


def test_a_programs_own_limit_comes_before_the_default(staff_client):
    program = Program.objects.get(code="osu-microsoft-365")
    data = {"window": "begin-review", "program": program.pk, "days": 3, "day_kind": "business"}

    staff_client.post(reverse("admin:associations_timelimit_add"), data)

    assert submit(1).due_at == due(3)


def test_a_time_limit_is_at_least_a_day(staff_client):
    limit = TimeLimit.objects.get(window="decide", program=None)

    page = change(staff_client, limit, {"days": 0, "day_kind": "business"})

    limit.refresh_from_db()
    assert "greater than or equal to 1" in page.content.decode()
    assert limit.days == 5


def test_window_and_program_of_a_limit_stay_and_defaults_are_not_deleted(staff_client):
    limit = TimeLimit.objects.get(window="decide", program=None)

    change(staff_client, limit, {"days": 4, "day_kind": "business", "window": "begin-review"})
    answer = staff_client.post(address("delete", limit), {"post": "yes"})

    limit.refresh_from_db()
    assert (limit.window, limit.days) == ("decide", 4)
    assert answer.status_code == 403


def test_a_programs_own_limit_may_go(staff_client):
    program = Program.objects.get(code="osa-sell")
    own = TimeLimit.objects.create(window="decide", program=program, days=9)

    staff_client.post(address("delete", own), {"post": "yes"})

    assert not TimeLimit.objects.filter(pk=own.pk).exists()


def test_a_customer_is_made_with_its_domains(staff_client):
    data = {
        "tenant_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "name": "Fabrikam",
        "country": "BR",
        "time_zone": "America/Sao_Paulo",
        "language": "pt-br",
        "domains-TOTAL_FORMS": 1,
        "domains-INITIAL_FORMS": 0,
        "domains-0-domain": " https://Fabrikam.example/ ",
    }

    staff_client.post(reverse("admin:associations_tenant_add"), data)

    tenant = Tenant.objects.get(tenant_id=data["tenant_id"])
    assert [each.domain for each in tenant.domains.all()] == ["fabrikam.example"]


def test_a_domain_given_twice_in_two_ways_is_refused_with_words(staff_client):
    data = {
        "tenant_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "name": "Fabrikam",
        "country": "BR",
        "time_zone": "America/Sao_Paulo",
        "language": "pt-br",
        "domains-TOTAL_FORMS": 2,
        "domains-INITIAL_FORMS": 0,
        "domains-0-domain": "fabrikam.example",
        "domains-1-domain": "https://fabrikam.example/",
    }

    response = staff_client.post(reverse("admin:associations_tenant_add"), data)

    assert response.status_code == 200
    assert response.context["errors"]
    assert not Tenant.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("country", "ZZ", "Select a valid choice. ZZ is not one of the available choices."),
        ("time_zone", "Mars/Olympus", "Select a valid choice. Mars/Olympus is not one"),
        ("domains-0-domain", "https://x", "Enter a domain such as contoso.com"),
    ],
)
def test_what_no_deadline_could_be_computed_for_is_refused(staff_client, field, value, words):
    data = {
        "tenant_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "name": "Fabrikam",
        "country": "BR",
        "time_zone": "America/Sao_Paulo",
        "language": "en",
        "domains-TOTAL_FORMS": 1,
        "domains-INITIAL_FORMS": 0,
        "domains-0-domain": "fabrikam.example",
        field: value,
    }

    page = staff_client.post(reverse("admin:associations_tenant_add"), data)

    assert words in page.content.decode()
    assert not Tenant.objects.exists()


def test_a_claimed_subscription_keeps_what_its_slot_is_named_by(staff_client):
    partner = cast.make_partner()
    admin = cast.make_member(partner)
    tenant = cast.make_tenant()
    cast.make_draft(partner, admin, tenant, codes=("sales",), activity="presales")
    subscription = Subscription.objects.get()
    other = cast.make_tenant("other.example")
    data = {
        "tenant": other.pk,
        "product": cast.product("finance").pk,
        "channel": "web-direct",
        "state": "grace",
        "sold_seats": 7,
    }

    change(staff_client, subscription, data)
    answer = staff_client.post(address("delete", subscription), {"post": "yes"})

    kept = Subscription.objects.get()
    assert (kept.tenant, kept.product.code) == (tenant, "sales")
    assert (kept.state, kept.sold_seats) == ("grace", 7)
    assert answer.status_code == 403
