"""Long lists: turned to their end by place, counted to a limit, searched by keys."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cpor_site.web import admin_lists, admin_search
from cpor_site.web.admin_lists import PLACE
from cpor_site.web.admin_search import find_matching, split_words
from notifications.models import Message
from partners.admin import inlines
from partners.models import AccessRecord, Enrollment, Location, Membership, Partner, User
from tests import cast

pytestmark = pytest.mark.django_db
ACCESS, EMAILS = "/admin/partners/accessrecord/", "/admin/notifications/message/"


@pytest.fixture
def root(client):
    user = get_user_model().objects.create_superuser("root@northwind.example", "x")
    client.force_login(user)
    return client


@pytest.fixture
def records():
    """More than two pages of the access record, newest last."""
    user = cast.UserFactory()
    rows = [AccessRecord(kind="signed_in", user=user, subject=f"row {n}") for n in range(230)]
    return AccessRecord.objects.bulk_create(rows)


def count(captured):
    """Queries but for the savepoints that stand in for a request's transaction."""
    return len([each for each in captured if "SAVEPOINT" not in each["sql"]])


def listed(page):
    return [each.pk for each in page.context["cl"].result_list]


# --- Pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1000, 5])
def test_a_list_of_the_newest_first_is_turned_to_its_end_and_back(
    root, records, limit, monkeypatch
):
    monkeypatch.setattr(admin_lists, "COUNT_LIMIT", max(limit, 101))
    address, pages = "?", []
    while address:
        page = root.get(ACCESS + address)
        pages.append(listed(page))
        address = page.context["cl"].older_url
    back = root.get(ACCESS + page.context["cl"].newer_url)

    assert [len(each) for each in pages] == [100, 100, 31]  # with the sign-in
    assert [pk for each in pages for pk in each] == list(
        AccessRecord.objects.order_by("-pk").values_list("pk", flat=True)
    )
    assert listed(back) == pages[1]
    assert listed(root.get(ACCESS + back.context["cl"].newer_url)) == pages[0]


def test_filters_and_search_stay_in_the_links(root, records):
    page = root.get(ACCESS, {"kind__exact": "signed_in", "q": "row"})

    older = page.context["cl"].older_url
    assert "kind__exact=signed_in" in older
    assert "q=row" in older
    assert 'rel="next"' in page.content.decode()


@pytest.mark.parametrize("place", ["older-", "older-0x1", "sideways-4", "older-" + "9" * 30, "²"])
def test_a_place_that_is_none_shows_the_newest(root, records, place):
    assert PLACE.fullmatch(place) is None
    assert listed(root.get(ACCESS, {"p": place}))[0] == records[-1].pk


def test_a_place_beyond_the_end_shows_the_newest(root, records):
    assert (
        listed(root.get(ACCESS, {"p": f"older-{AccessRecord.objects.earliest('pk').pk}"}))[0]
        == records[-1].pk
    )


def test_counting_stops_and_the_page_says_so(root, records, monkeypatch):
    monkeypatch.setattr(admin_lists, "COUNT_LIMIT", 120)

    page = root.get(ACCESS).content.decode()

    assert "120 or more" in page


def test_a_long_list_has_one_order_and_a_short_one_is_sorted(root, records):
    assert listed(root.get(ACCESS, {"o": "1"})) == listed(root.get(ACCESS))
    assert "?o=" not in root.get(ACCESS).content.decode()
    cast.make_partner()
    assert "?o=" in root.get("/admin/associations/product/").content.decode()


# --- Search --------------------------------------------------------------------------------------


@pytest.fixture
def members():
    contoso, fabrikam = cast.make_partner("Contoso"), cast.make_partner("Fabrikam")
    for partner, name in ((contoso, "Ana Silva"), (contoso, "Ben Silva"), (fabrikam, "Ana Lima")):
        cast.make_member(partner, full_name=name)
    return Membership.objects.all()


COLUMNS = ("user__email", "user__full_name", "partner__name")


@pytest.mark.parametrize("keys_max", [1000, 1])
@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("silva", {"Ana Silva", "Ben Silva"}),
        ("ana contoso", {"Ana Silva"}),
        ("fabri", {"Ana Lima"}),
        ('"ana lima"', {"Ana Lima"}),
        ("an", {"Ana Silva", "Ana Lima"}),
        ("lv", set()),
        ("nobody", set()),
    ],
)
def test_every_word_is_in_one_of_the_columns(members, monkeypatch, term, found, keys_max):
    monkeypatch.setattr(admin_search, "KEYS_MAX", keys_max)

    matching = find_matching(members, term, COLUMNS)

    assert {each.user.full_name for each in matching} == found


@pytest.mark.parametrize("keys_max", [1000, 0])
def test_what_leads_to_many_rows_finds_each_once(monkeypatch, keys_max):
    monkeypatch.setattr(admin_search, "KEYS_MAX", keys_max)
    partner = cast.make_partner("Contoso")
    cast.LocationFactory(partner=partner, name="Contoso two")
    columns = ("name", "locations__name", "domains__domain", "locations__partner__name")

    found = find_matching(Partner.objects.all(), "contoso", columns)

    assert list(found) == [partner]


def test_a_customer_is_found_by_any_way_of_writing_its_id(root):
    tenant = cast.make_tenant()
    cast.make_tenant("other.example")
    for words in (str(tenant.tenant_id), tenant.tenant_id.hex, str(tenant.tenant_id)[:13]):
        page = root.get("/admin/associations/tenant/", {"q": words})
        assert listed(page) == [tenant.pk]


def test_a_search_of_many_words_asks_few_questions(root, records):
    with CaptureQueriesContext(connection) as captured:
        root.get(ACCESS, {"q": "a b c d e f g h i j k l"})

    assert len(captured) <= 13
    assert split_words("a b c d") == ["a", "b", "c d"]


def test_an_email_is_found_by_address_name_or_its_whole_key(root):
    sent = {"kind": "claim_official", "language": "en", "context": {}}
    for state in ("queued", "in-flight", "sent", "failed"):
        Message.objects.create(
            key=f"{state}:1",
            to_address=f"{state}@contoso.example",
            to_name="Ana",
            state=state,
            **sent,
        )

    def keys(words):
        page = root.get(EMAILS, {"q": words})
        return {each.key for each in page.context["cl"].result_list}

    assert len(keys("contoso")) == len(keys("ana")) == 4
    assert keys("flight@") == keys("in-flight:1") == {"in-flight:1"}
    assert keys("flight:1") == set()


def test_emails_are_narrowed_by_the_sites_languages(root):
    for language in ("en", "pt-br"):
        Message.objects.create(
            key=language, kind="x", to_address="a@b.example", language=language, context={}
        )

    page = root.get(EMAILS, {"language": "pt-br"})

    assert [each.language for each in page.context["cl"].result_list] == ["pt-br"]


# --- Pages with rows of other tables -------------------------------------------------------------


def test_a_partners_page_shows_the_first_members_and_leads_to_all(root, monkeypatch):
    monkeypatch.setattr(inlines, "ROWS_SHOWN", 2)
    partner, other = cast.make_partner(), cast.make_partner()
    for each in (partner, partner, partner, other):
        cast.make_member(each)
    address = f"/admin/partners/partner/{partner.pk}/change/"
    root.get(address)

    with CaptureQueriesContext(connection) as captured:
        page = root.get(address).content.decode()

    assert count(captured) <= 12
    assert "memberships-1-id" in page
    assert "memberships-2-id" not in page
    link = re.search(r'href="(/admin/partners/membership/\?partner=\d+)"', page)[1]
    assert len(listed(root.get(link))) == 3


def test_few_members_are_all_shown(root):
    partner = cast.make_partner()
    cast.make_member(partner)

    page = root.get(f"/admin/partners/partner/{partner.pk}/change/").content.decode()

    assert "?partner=" not in page


@pytest.mark.parametrize("value", ["", "x", "0", "9" * 30, "²", "-1"])
def test_a_partner_that_is_none_narrows_nothing(root, value):
    cast.make_member(cast.make_partner())

    assert len(listed(root.get("/admin/partners/membership/", {"partner": value}))) == 1


def test_a_persons_page_asks_the_same_however_many_permissions(root):
    person = cast.UserFactory(is_staff=True)
    address = f"/admin/partners/user/{person.pk}/change/"
    root.get(address)

    with CaptureQueriesContext(connection) as captured:
        root.get(address)

    assert count(captured) <= 12
    assert User.objects.filter(pk=person.pk).exists()


def test_a_location_of_many_enrollments_asks_the_same(root):
    place = Location.objects.get(partner=cast.make_partner())
    program = place.enrollments.first().program
    for year in range(1990, 2010):
        Enrollment.objects.create(
            location=place, program=program, starts_on=f"{year}-07-01", ends_on=f"{year + 1}-06-30"
        )
    address = f"/admin/partners/location/{place.pk}/change/"
    root.get(address)

    with CaptureQueriesContext(connection) as captured:
        root.get(address)

    assert count(captured) <= 12


def test_the_members_page_has_pages_and_a_search(client):
    partner = cast.make_partner(key=cast.KEY)
    ana = cast.make_member(partner, full_name="Ana")
    for number in range(60):
        cast.make_member(partner, full_name=f"Person {number:02}")
    client.force_login(ana)

    first = client.get(f"{cast.HERE}members/")
    second = client.get(f"{cast.HERE}members/" + first.context["members"]["next"])
    found = client.get(f"{cast.HERE}members/", {"q": "person 59"})
    none = client.get(f"{cast.HERE}members/", {"q": "nobody\0"})

    assert [len(each.context["members"]["rows"]) for each in (first, second, found)] == [50, 11, 1]
    assert "Page 2 of 2" in second.content.decode()
    assert "No members match this" in none.content.decode()
