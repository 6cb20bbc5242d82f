"""Reloading what only takes a form, and sending a form after the session ended."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from associations.models import Comment
from tests import cast

pytestmark = pytest.mark.django_db

REFERRERS = [
    ("http://testserver/claims/?q=a", "/claims/?q=a"),
    ("https://elsewhere.example/claims/", None),
    ("", None),
]


@pytest.fixture
def ana():
    return cast.make_member(cast.make_partner())


@pytest.fixture
def claim(ana):
    return cast.make_draft(ana.memberships.get().partner, ana, cast.make_tenant())


def comment_address(claim):
    return reverse("associations:claim-comment", args=[claim.reference])


@pytest.mark.parametrize(("referrer", "back"), REFERRERS)
def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(client, claim, referrer, back):
    address = comment_address(claim)

    answer = client.post(address, {"text": "Hello"}, headers={"Referer": referrer})

    assert answer.status_code == 302
    target = urlsplit(answer.headers["Location"])
    assert target.path == reverse("account_login")
    assert parse_qs(target.query) == {"next": [back or address]}
    told = [str(each) for each in get_messages(answer.wsgi_request)]
    assert told == [
        "You were signed out before this was sent: nothing was done. Sign in, then send it again."
    ]
    assert not Comment.objects.exists()


def test_signing_out_says_nothing_of_the_kind(client, ana):
    client.force_login(ana)

    answer = client.post(reverse("account_logout"))

    assert answer.status_code == 302
    assert "before this was sent" not in client.get(answer.headers["Location"]).text


def test_an_address_without_a_page_says_so_and_leads_on(client, ana, claim):
    client.force_login(ana)

    answer = client.get(comment_address(claim))

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "There is no page here" in answer.text
    assert f'href="{reverse("home")}"' in answer.text


def test_programs_get_the_bare_status(client, ana, claim):
    client.force_login(ana)

    answer = client.delete(reverse("home"))

    assert (answer.status_code, answer.content) == (405, b"")
