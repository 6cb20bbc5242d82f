"""The search of the header: what it finds, for whom, where it leads, with how many queries [R37], [R43], [R46]."""

import importlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from associations.customer import notice_outcomes, notices
from associations.filing import drafts
from associations.lists import anywhere
from associations.models import ClaimText
from partners.enums import Role
from tests import cast

pytestmark = pytest.mark.django_db
URL = f"{cast.HERE}search/"
MAX_QUERIES = 12


@pytest.fixture
def visitor(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def claim(draft, admin):
    """At Fabrikam, whose contact is Carla Cliente."""
    return drafts.save_facts(draft, actor=admin, name="Northern telephony", now=timezone.now())


def find(client, term, url=URL):
    """What the page shows: claims, customers, contacts and members."""
    results = client.get(url, {"q": term}).context["results"]
    return [
        (
            [each.reference for each in found.claims.rows],
            [str(each) for each in found.customers.rows],
            [each.name for each in found.contacts.rows],
            [str(each.user) for each in found.members.rows],
        )
        for found in results
    ]


# --- what it finds


@pytest.mark.parametrize("term", ["northern", "TELEPHONY north", "teams", "Northern t"])
def test_a_claim_by_its_words(visitor, claim, term):
    assert find(visitor, term) == [([claim.reference], [], [], [])]


@pytest.mark.parametrize("term", ["Fabri", "fabrikam.exa"])
def test_a_customer_by_name_and_domain(visitor, claim, term):
    found = find(visitor, term)

    assert [each[1] for each in found] == [["Fabrikam"]]


@pytest.mark.parametrize("term", ["carla", "Carla Cliente", "carla@fabrikam"])
def test_a_contact_by_name_and_address_once_with_its_newest_claim(
    visitor, claim, partner, admin, tenant, term
):
    newer = cast.make_draft(partner, admin, tenant, codes=["yammer"])

    response = visitor.get(URL, {"q": term})

    (found,) = response.context["results"]
    assert [(each.name, each.claim) for each in found.contacts.rows] == [("Carla Cliente", newer)]
    assert f"{newer.get_absolute_url()}#contacts" in response.text


def test_words_of_two_people_are_no_person(visitor, claim):
    assert find(visitor, "carla paul") == []


def test_a_corrected_contact_is_found_and_the_old_one_no_longer(visitor, approve, admin):
    claim = approve()
    for notice in notices.in_force(claim):
        notice_outcomes.record_failed(notice.pk, failure="550", now=timezone.now())

    cast.correct_contact(claim, admin)

    assert [each[2] for each in find(visitor, "clara")] == [["Clara Cliente"]]
    assert find(visitor, "carla") == []


def test_a_member_by_name_and_address(visitor, partner, admin):
    cast.make_member(partner, Role.INCENTIVES_USER, full_name="Uwe User", email="uwe@x.example")

    assert find(visitor, "uwe") == find(visitor, "uwe@x.example") == [([], [], [], ["Uwe User"])]


@pytest.mark.parametrize("of", ["claim", "product"])
def test_an_exact_reference_leads_straight_to_the_claim(visitor, claim, of):
    reference = claim.reference if of == "claim" else claim.associations.first().reference

    response = visitor.get(URL, {"q": f" {reference.lower()} "})

    assert response.status_code == 302
    assert response["Location"] == claim.get_absolute_url()


def test_the_start_of_a_reference_finds_the_claim(visitor, claim):
    assert [claim.reference] in [each[0] for each in find(visitor, claim.reference[:-1])]


def test_each_group_stops_after_a_few_and_leads_to_the_list(visitor, partner, admin):
    for number in range(anywhere.SHOWN + 1):
        tenant = cast.make_tenant(f"group{number}.example", name=f"Group {number}")
        cast.make_draft(partner, admin, tenant, codes=["teams"])

    response = visitor.get(URL, {"q": "teams"})
    (claims,) = [found.claims for found in response.context["results"]]
    assert (len(claims.rows), claims.has_more) == (anywhere.SHOWN, True)
    assert f'href="{cast.HERE}claims/?q=teams"' in response.text

    (customers,) = [found.customers for found in visitor.get(URL, {"q": "gro"}).context["results"]]
    assert (len(customers.rows), customers.has_more) == (anywhere.SHOWN, True)


@pytest.mark.parametrize(
    ("term", "words"), [("zzz", "Nothing found"), ("", "What are you looking for?")]
)
def test_nothing_found_and_nothing_asked_say_so(visitor, claim, term, words):
    response = visitor.get(URL, {"q": term})

    assert response.context["results"] == []
    assert words in response.text


@pytest.mark.parametrize("term", ["\0", "%", "_", "'", "a" * 300, "{{ term }}", "<b>"])
def test_odd_terms_find_nothing_and_break_nothing(visitor, claim, term):
    response = visitor.get(URL, {"q": term})

    assert response.status_code == 200
    assert "<b>" not in response.text


# --- for whom


def test_nothing_of_another_partner_is_found(visitor, partner):
    other = cast.make_partner("Litware")
    theirs = cast.make_draft(
        other, cast.make_member(other, full_name="Otto"), cast.make_tenant(name="Secret")
    )

    for term in ("secret", "rollout", "otto", "carla", theirs.reference, theirs.reference[:5]):
        assert find(visitor, term) == []


def test_nothing_beyond_the_readers_locations_is_found(client, partner, admin, claim):
    far = cast.LocationFactory(partner=partner)
    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER, locations=[far]))

    for term in ("northern", "fabrikam", "carla", claim.reference):
        assert find(client, term) == []


def test_members_are_found_by_admins_alone(client, partner, admin):
    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER))

    assert find(client, "Ana Admin") == []


def test_a_person_of_two_partners_finds_there_what_is_of_the_page_and_elsewhere_all(
    visitor, claim, admin
):
    other = cast.make_partner("Adatum")
    cast.make_member(other, user=admin)
    theirs = cast.make_draft(other, admin, cast.make_tenant("other.example", name="Other"))
    drafts.save_facts(theirs, actor=admin, name="Northern lights", now=timezone.now())

    assert [each[0] for each in find(visitor, "northern")] == [[claim.reference]]
    everywhere = find(visitor, "northern", "/search/")
    assert [each[0] for each in everywhere] == [[theirs.reference], [claim.reference]]


def test_who_has_no_partner_has_no_search(client):
    client.force_login(cast.make_reviewer())

    assert client.get("/search/").status_code == 404
    assert "shell-search" not in client.get("/accounts/password/change/").text


# --- the box and its key


def test_the_box_is_on_every_page_and_asks_the_pages_partner(visitor, claim):
    for address in (cast.HERE, claim.get_absolute_url()):
        assert f'action="{URL}" role="search"' in visitor.get(address).text


def test_single_keys_are_on_until_they_are_switched_off(visitor, admin):
    assert 'aria-keyshortcuts="/"' in visitor.get(cast.HERE).text
    assert "search-key.js" in visitor.get(cast.HERE).text

    visitor.post("/accounts/time-zone/", {"time_zone": ""})

    admin.refresh_from_db()
    assert not admin.uses_single_keys
    assert "aria-keyshortcuts" not in visitor.get(cast.HERE).text
    assert "search-key.js" not in visitor.get(cast.HERE).text


# --- queries, and the migration


def test_as_few_queries_for_three_of_each_as_for_one(visitor, partner, admin):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get(URL, {"q": "customer"}).status_code == 200
        return len(queries)

    def add(number):
        tenant = cast.make_tenant(f"customer{number}.example", name=f"Customer {number}")
        claim = cast.make_draft(partner, admin, tenant)
        drafts.save_facts(claim, actor=admin, name=f"Customer {number}", now=timezone.now())
        cast.make_member(partner, full_name=f"Customer {number}")

    add(1)
    one = count()
    add(2)
    add(3)

    assert count() == one <= MAX_QUERIES


def test_the_migration_writes_what_editing_writes(claim):
    written = ClaimText.objects.get(claim=claim).people
    assert "Carla Cliente carla@fabrikam.example" in written
    ClaimText.objects.update(people="")
    migration = importlib.import_module("associations.migrations.0024_contacts_in_search")

    with connection.cursor() as cursor:
        cursor.execute(migration.FILL.format(joined=migration.JOINED[connection.vendor]))

    assert ClaimText.objects.get(claim=claim).people == written
