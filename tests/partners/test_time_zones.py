"""Instants are shown in the reader's zone, which is named; forms offer places by name [R5], [R6]."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from associations.enums import Status
from associations.models import Tenant
from cpor_site.web import countries
from partners.enums import Role
from partners.models import Location
from partners.staff_groups import PROGRAMME_MANAGER, REVIEWER
from partners.time_zones import ReaderZone
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim():
    """Submitted on 2 March 2026 at 15:00 UTC by an admin whose location is in New York."""
    partner = cast.make_partner()
    admin = cast.make_member(partner, Role.INCENTIVES_ADMIN)
    with time_machine.travel(cast.MONDAY, tick=False):
        draft = cast.make_draft(partner, admin, cast.make_tenant())
        return cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=cast.make_reviewer())


def text(client, address):
    return " ".join(client.get(address).content.decode().split())


def test_a_member_reads_times_of_their_location_until_they_choose(client, claim):
    admin = claim.created_by
    client.force_login(admin)
    page = text(client, claim.get_absolute_url())
    assert "2 Mar 2026, 10:00" in page
    assert "Times are shown in New York time." in page

    client.post(reverse("partners:time-zone"), {"time_zone": "Asia/Tokyo"})

    page = text(client, claim.get_absolute_url())
    assert "3 Mar 2026, 00:00" in page
    assert "Times are shown in Tokyo time." in page
    assert "Los Angeles" in page, "The reviewers' deadline stays in their zone."


def test_a_member_of_two_partners_reads_times_of_the_one_whose_page_it_is(client, claim):
    other = cast.make_partner("Adatum", time_zone="Asia/Tokyo")  # the first by name
    cast.make_member(other, user=claim.created_by)
    client.force_login(claim.created_by)

    assert "Times are shown in New York time." in text(client, claim.get_absolute_url())
    assert "Times are shown in Tokyo time." in text(client, f"{other.get_absolute_url()}access/")


def test_staff_read_the_operators_times_until_they_choose(client, claim):
    reviewer = cast.make_staff(REVIEWER)
    client.force_login(reviewer)
    address = reverse("admin:associations_claim_change", args=[claim.pk])
    assert "2 Mar 2026, 07:00 (Los Angeles)" in text(client, address)

    reviewer.time_zone = "Europe/Lisbon"
    reviewer.save()

    assert "2 Mar 2026, 15:00 (Lisbon)" in text(client, address)


def test_a_zone_that_no_longer_exists_is_the_operators(client, claim):
    type(claim.created_by).objects.update(time_zone="Mars/Olympus")
    client.force_login(claim.created_by)

    assert "Times are shown in Los Angeles time." in text(client, claim.get_absolute_url())


def test_a_page_without_instants_asks_for_no_zone(client, claim, django_assert_num_queries):
    def fail():
        raise AssertionError("No one reads an instant.")

    with timezone.override(ReaderZone(fail)):
        assert timezone.is_aware(timezone.now())


def test_what_is_chosen_is_a_zone_or_nothing(client, claim):
    client.force_login(claim.created_by)
    page = client.post(reverse("partners:time-zone"), {"time_zone": "Mars/Olympus"})
    assert page.status_code == 200
    assert "not one of the available choices" in page.content.decode()

    client.post(reverse("partners:time-zone"), {"time_zone": ""})
    claim.created_by.refresh_from_db()
    assert claim.created_by.time_zone == ""


@pytest.mark.parametrize("hours", range(0, 48, 5))
def test_the_lazy_zone_says_what_the_zone_says(hours):
    zone = ReaderZone(lambda: "America/New_York")
    instant = dt.datetime(2026, 11, 1, tzinfo=dt.UTC) + dt.timedelta(hours=hours)  # clocks go back
    local = instant.astimezone(zone)

    assert local.replace(tzinfo=None) == instant.astimezone(zone.zone).replace(tzinfo=None)
    assert (local.utcoffset(), local.tzname()) == (
        instant.astimezone(zone.zone).utcoffset(),
        instant.astimezone(zone.zone).tzname(),
    )
    assert str(zone) == "America/New_York"


# --- What staff choose from -----------------------------------------------------------------------


@pytest.fixture
def manager(client):
    client.force_login(cast.make_staff(PROGRAMME_MANAGER))
    return client


def customer_form(**fields):
    rows = {f"domains-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return {
        "tenant_id": "0b7c1c1e-6e0f-4a52-9b0e-2d4a4f1f0a11",
        "name": "Fabrikam",
        "country": "GB",
        "country_part": "GB-SCT",
        "time_zone": "Europe/London",
        "language": "en",
        **rows,
        **fields,
    }


def test_a_customers_place_is_chosen_by_name(manager):
    page = text(manager, reverse("admin:associations_tenant_add"))
    assert '<option value="BR">Brazil</option>' in page
    assert '<option value="GB-SCT">Scotland</option>' in page
    assert '<option value="America/Sao_Paulo">São Paulo</option>' in page

    manager.post(reverse("admin:associations_tenant_add"), customer_form())

    tenant = Tenant.objects.get()
    assert (tenant.country, tenant.country_part) == ("GB", "SCT")
    change = text(manager, reverse("admin:associations_tenant_change", args=[tenant.pk]))
    assert '<option value="GB-SCT" selected>Scotland</option>' in change


@pytest.mark.parametrize("name", ["tenant_id"])
def test_a_customer_has_no_made_up_id(manager, name):
    page = manager.get(reverse("admin:associations_tenant_add"))
    assert page.context["adminform"].form[name].value() is None

    answer = manager.post(reverse("admin:associations_tenant_add"), customer_form(**{name: ""}))

    assert "This field is required." in answer.content.decode()
    assert not Tenant.objects.exists()


def test_a_subscription_has_no_made_up_id(manager):
    page = manager.get(reverse("admin:associations_subscription_add"))

    field = page.context["adminform"].form["subscription_id"]
    assert (field.value(), field.field.required) == (None, True)


def test_a_part_of_another_country_is_refused(manager):
    form = customer_form(country_part="BR-SP")

    answer = manager.post(reverse("admin:associations_tenant_add"), form)

    assert "This part belongs to another country." in answer.content.decode()
    assert not Tenant.objects.exists()


def test_a_zone_by_an_older_name_is_kept(manager):
    place = cast.LocationFactory(time_zone="Asia/Calcutta", country="IN")
    address = reverse("admin:partners_location_change", args=[place.pk])
    assert '<option value="Asia/Calcutta" selected' in text(manager, address)
    rows = {f"enrollments-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    form = {"name": "Pune", "country": "IN", "country_part": "", "time_zone": "Asia/Calcutta"}

    manager.post(address, {**form, **rows})

    assert Location.objects.get(pk=place.pk).name == "Pune"


@pytest.mark.parametrize(
    ("language", "first", "name"),
    [("en", "Afghanistan", "Germany"), ("pt-br", "Afeganistão", "Alemanha")],
)
def test_countries_are_named_and_sorted_in_the_readers_language(language, first, name):
    with translation.override(language):
        names = [words for _code, words in countries.list_countries()]

    assert names[0] == first
    assert name in names
    assert len(names) == len(set(names)) == len(countries.list_parts_by_country())
