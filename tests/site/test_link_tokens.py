"""A live link works whatever an email program left behind it [R22]."""

from urllib.parse import quote

import pytest
from django.urls import reverse

from associations.customer import notices
from associations.enums import Status
from cpor_site.web.link_tokens import read_token
from notifications.models import Message
from notifications.words.rendering import render
from partners.enums import Role
from partners.people import invitations
from partners.people.seats import Seat
from tests import cast

#: As they travel, percent-encoded or not.
STRAYS = [
    *(")", "%29", ").", "%3E", "%22", "%27", ".", ",", ";", "!", "]", "}", "*", "**", "_", "-"),
    *(
        "%20",
        "+",
        "%09",
        "%0A",
        "%0D%0A",
        "%20and",
        "=",
        "=3D",
        "=20",
        "=0A",
        "%3D%0D%0A",
        "&gt;",
        "%26gt%3B",
    ),
    *(
        "%E2%80%8B",
        "%EF%BB%BF",
        "%E2%80%8E",
        "%C2%A0",
        "%C2%AD",
        "%00",
        "%FF",
        "%2520",
        "%E2%80%9D",
        "|",
        "\\",
    ),
    *("<br>", "</a>", "%3C/a%3E", "&", "&lt;https://x.example/", "%5D(https:", "~", "'s", ":", "@"),
]


@pytest.fixture
def token(db):
    actor = cast.make_member(cast.make_partner())
    draft = cast.make_draft(actor.memberships.get().partner, actor, cast.make_tenant())
    claim = cast.walk(draft, Status.APPROVED, actor=actor, reviewer=cast.make_reviewer())
    return notices.in_force(claim).first().token


@pytest.mark.parametrize(
    "place", ["{token}{stray}", "{token}{stray}/", "{token}/{stray}", "{token}/{stray}/"]
)
def test_a_customers_link_works_with_what_stood_behind_it(client, token, place):
    usual = client.get(f"/opt-out/{token}/")

    found = {}
    for stray in STRAYS:
        answer = client.get("/opt-out/" + place.format(token=token, stray=stray))
        is_usual = answer.content == usual.content and "no-referrer" in str(answer.headers)
        found[stray] = (answer.status_code, is_usual)

    assert found == dict.fromkeys(STRAYS, (200, True))


@pytest.mark.parametrize("place", ["{token}{stray}", "{token}/{stray}"])
def test_an_invitations_link_works_with_what_stood_behind_it(client, db, place):
    invited = invite()

    found = {}
    for stray in STRAYS:
        answer = client.get("/invitations/" + place.format(token=invited, stray=stray))
        found[stray] = (answer.status_code, "full_name" in answer.text)

    assert found == dict.fromkeys(STRAYS, (200, True))


def invite() -> str:
    partner = cast.make_partner()
    admin = cast.make_member(partner)
    invitations.invite_member(
        partner, Seat(Role.INCENTIVES_USER), email="new@fresh.example", language="en", actor=admin
    )
    text = render(Message.objects.get(to_address="new@fresh.example")).text
    return text.partition("/invitations/")[2].partition("/")[0]


@pytest.mark.parametrize("stray", ["", ")", "/)", "/%3E", "=3D"])
def test_the_page_that_ends_an_association_too(client, token, stray):
    """The claim is not official, so the page leads to the link's own."""
    answer = client.get(f"/opt-out/{token}/end{stray}")

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/opt-out/{token}/"


@pytest.mark.parametrize("stray", [")", ".", "%3E", "/)", "/%20"])
@pytest.mark.parametrize(
    "address", ["/accounts/password/reset/key/1-abc-0f", "/accounts/confirm-email/MTA:1abc:x_-y"]
)
def test_links_to_set_a_password_or_confirm_an_address_lose_it_on_the_way(
    client, db, address, stray
):
    answer = client.get(address + stray)

    assert (answer.status_code, answer.headers["Location"]) == (302, f"{address}/")


def test_a_form_sent_to_such_an_address_does_its_work(client, token):
    answer = client.post(f"/opt-out/{token})", {"action": "refuse", "reason": ""})

    assert answer.status_code == 422  # nothing was ticked
    assert "Nothing was changed" in answer.text


@pytest.mark.parametrize("changed", ["x{}", "{}x", "{}xyz)", "{}/end"])
def test_a_token_that_is_another_one_is_dead(client, token, changed):
    address = "/opt-out/" + changed.format(token)
    expected = 302 if changed == "{}/end" else 404

    assert client.get(address).status_code == expected


def test_the_addresses_that_emails_name_stay_as_they_were(token):
    assert reverse("associations:opt-out", args=[token]) == f"/opt-out/{token}/"
    assert reverse("associations:opt-out-end", args=[token]) == f"/opt-out/{token}/end/"
    assert reverse("partners:invitation", args=[token]) == f"/invitations/{token}/"


@pytest.mark.parametrize("token", ["a" * 31 + "-", "_" * 32, "a" * 42 + "-", "never-given-out", ""])
def test_a_token_is_read_whole_with_its_own_hyphens(token):
    assert read_token(token) == token
    assert read_token(quote(token) + ").") == token
