"""The claims list finds words anywhere in a claim's name and products; only the partner's own claims [R37], [R46]."""

import importlib

import pytest
from django.db import connection
from django.utils import timezone

from associations.enums import Status
from associations.filing import drafts
from associations.lists import search
from associations.models import Claim, ClaimText, Product
from partners.enums import Role
from tests import cast

pytestmark = pytest.mark.django_db
migration = importlib.import_module("associations.migrations.0007_claims_words")


@pytest.fixture
def visitor(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def claim(partner, admin):
    draft = cast.make_draft(partner, admin, cast.make_tenant())
    return rename(draft, "Northern rollout of telephony", admin)


def rename(draft, name, actor):
    return drafts.save_facts(draft, actor=actor, name=name, now=timezone.now())


def find(client, term):
    return [
        each.reference
        for each in client.get(f"{cast.HERE}claims/", {"q": term}).context["page"].rows
    ]


@pytest.mark.parametrize(
    "term",
    [
        "rollout",
        "TELEPHONY",
        "tele",
        "northern telephony",
        "telephony of",
        "exchange",
        "teams north",
    ],
)
def test_words_anywhere_in_name_and_products_are_found(visitor, claim, term):
    assert find(visitor, term) == [claim.reference]


@pytest.mark.parametrize("term", ["southern", "rollout south", "sharepoint", "100%", "_o_"])
def test_other_words_are_not_found(visitor, claim, term):
    assert find(visitor, term) == []


def test_an_edit_changes_what_is_found(visitor, claim, admin):
    rename(Claim.objects.get(pk=claim.pk), "Southern rollout", admin)

    assert find(visitor, "southern") == [claim.reference]
    assert find(visitor, "telephony") == []


def test_products_that_leave_the_claim_are_found_no_more(visitor, claim, admin):
    fresh = Claim.objects.get(pk=claim.pk)
    teams = drafts.Pick(Product.objects.get(code="teams"))

    drafts.choose_products(fresh, [teams], actor=admin, now=timezone.now())

    assert find(visitor, "exchange online") == []
    assert find(visitor, "teams") == [claim.reference]


def test_a_change_of_status_writes_no_words(claim, admin, reviewer, django_assert_num_queries):
    text = ClaimText.objects.get(claim=claim)
    ClaimText.objects.update(text="as it was")

    cast.walk(Claim.objects.get(pk=claim.pk), Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)

    assert ClaimText.objects.get().text == "as it was"
    assert text.text.startswith("Northern rollout")


def test_the_words_of_other_partners_and_places_stay_theirs(visitor, claim, partner, client, admin):
    rival = cast.make_partner("Rival")
    cast.make_draft(
        rival, cast.make_member(rival, Role.INCENTIVES_ADMIN), cast.make_tenant("r.example")
    )
    elsewhere = cast.LocationFactory(partner=partner)
    other = cast.make_member(partner, Role.INCENTIVES_USER, locations=[elsewhere])
    assert find(visitor, "teams") == [claim.reference]

    client.force_login(other)

    assert find(client, "telephony") == []


def test_more_than_the_cap_is_said_and_the_newest_are_shown(
    visitor, claim, partner, admin, monkeypatch
):
    monkeypatch.setattr(search, "CLAIMS_CAP", 1)
    drafts = [
        cast.make_draft(partner, admin, cast.make_tenant(f"{name}.example")) for name in "bcd"
    ]
    newest = [rename(draft, "New telephony", admin) for draft in drafts][-1]

    page = visitor.get(f"{cast.HERE}claims/", {"q": "telephony"})

    assert [each.reference for each in page.context["page"].rows] == [newest.reference]
    assert "More than 1 claims contain these words" in page.text


def test_the_export_finds_the_same_words(visitor, claim):
    content = b"".join(
        visitor.get(f"{cast.HERE}claims/export.csv", {"q": "telephony"}).streaming_content
    )

    assert claim.reference in content.decode()


def test_migrating_gives_words_to_the_claims_that_are_there(claim):
    wanted = set(ClaimText.objects.get().text.split())
    ClaimText.objects.all().delete()

    class Editor:
        connection = connection

        @staticmethod
        def execute(sql):
            if "CREATE INDEX" not in sql:
                connection.cursor().execute(sql)

    migration.fill(None, Editor)

    text = ClaimText.objects.get(claim=claim)
    assert set(text.text.split()) == wanted
    assert text.partner_id == claim.partner_id
