"""Addresses from before they named the partner lead to it, and do nothing else [R41], [R43]."""

import html
import re
import uuid
from urllib.parse import quote

import pytest

from associations.models import Claim
from partners.models import Invitation, Membership
from tests import cast

pytestmark = pytest.mark.django_db

#: Address from before → the page of a partner it was.
OLD = {
    "/claims/": "claims/",
    "/claims/export.csv": "claims/export.csv",
    "/claims/new/": "claims/new/",
    f"/claims/new/{uuid.UUID(int=1)}/": f"claims/new/{uuid.UUID(int=1)}/",
    "/partners/members/": "members/",
    "/partners/members/leave/": "members/leave/",
    "/partners/members/invite/": "members/invite/",
    f"/partners/members/{uuid.UUID(int=2)}/": f"members/{uuid.UUID(int=2)}/",
    f"/partners/members/{uuid.UUID(int=2)}/remove/": f"members/{uuid.UUID(int=2)}/remove/",
    f"/partners/members/invited/{uuid.UUID(int=2)}/revoke/": (
        f"members/invited/{uuid.UUID(int=2)}/revoke/"
    ),
    "/partners/access/": "access/",
}


@pytest.fixture
def aurora():
    return cast.make_partner("Aurora")


@pytest.fixture
def zephyr():
    return cast.make_partner("Zephyr")


@pytest.fixture
def person(aurora, zephyr):
    """An Incentives admin of both."""
    return cast.make_member(zephyr, user=cast.make_member(aurora, full_name="Ana Both"))


def below(partner, path=""):
    return partner.get_absolute_url() + path


@pytest.mark.parametrize("old", OLD)
def test_an_old_address_leads_to_the_only_partner(client, aurora, old):
    client.force_login(cast.make_member(aurora))

    answer = client.get(f"{old}?q=x%20y&status=official&q=z")

    assert answer.status_code == 302
    assert answer.url == f"{below(aurora, OLD[old])}?q=x%20y&status=official&q=z"
    assert client.get(old).url == below(aurora, OLD[old])


@pytest.mark.parametrize("old", OLD)
def test_an_old_address_is_offered_at_each_of_several(client, aurora, zephyr, person, old):
    client.force_login(person)

    page = client.get(f"{old}?q=x%20y", follow=True)

    assert page.redirect_chain == [(f"/?next={quote(old, safe='')}%3Fq%3Dx%2520y", 302)]
    assert "Choose one." in page.text
    for partner in (aurora, zephyr):
        assert f'href="{below(partner, OLD[old])}?q=x%20y"' in page.text


@pytest.mark.parametrize(
    "wanted",
    [
        *("https://evil.example/claims/", "//evil.example/", "javascript:go()", "http://[::1"),
        *("/nowhere/", "claims/", "/admin/", "/p/zzzzzzzz/", "", "/claims/\0", "9" * 5000),
    ],
)
def test_the_start_leads_nowhere_else(client, aurora, zephyr, person, wanted):
    client.force_login(person)

    page = client.get("/", {"next": wanted})

    addresses = [each["address"].partition("claims/")[0] for each in page.context["choices"]]
    assert addresses == [below(aurora), below(zephyr)]
    assert "evil.example" not in re.sub(r'name="next" value="[^"]*"', "", page.text)


@pytest.mark.parametrize("old", [*OLD, f"/partners/members/invited/{uuid.UUID(int=2)}/resend/"])
def test_a_form_sent_to_an_old_address_does_nothing(client, aurora, person, old):
    only = cast.make_member(aurora)
    typed = {"email": "nora@guests.example", "language": "en", "role": "incentives_user"}
    typed |= {"reach": "all", "location": aurora.locations.get().pk, "action": "leave"}

    for each in (only, person):
        client.force_login(each)
        answer = client.post(old, {**typed, "comment": "Words to keep"})
        assert answer.status_code in (404, 405)
        if answer.status_code == 405:
            assert "Words to keep" in answer.text
    assert not Claim.objects.exists()
    assert not Invitation.objects.exists()
    assert Membership.objects.count() == 3


def test_an_old_address_tells_a_person_of_no_partner_whom_to_ask(client):
    client.force_login(cast.UserFactory())

    page = client.get("/claims/", follow=True)

    assert "you don't belong to a partner" in html.unescape(page.text)
