"""A shared cache gives no one the page that another one's cookies made."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from associations.customer import notices
from associations.enums import Status
from tests import cast

#: What differs from page to page by design, and stands in no cached one that is the same for all.
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')


@pytest.fixture
def member(db):
    return cast.make_member(cast.make_partner(key=cast.KEY), language="pt-br")


@pytest.fixture
def link(member):
    draft = cast.make_draft(member.memberships.get().partner, member, cast.make_tenant())
    claim = cast.walk(draft, Status.APPROVED, actor=member, reviewer=cast.make_reviewer())
    return f"/opt-out/{notices.in_force(claim).first().token}/"


@pytest.fixture
def session(member):
    browser = Client()
    browser.force_login(member)
    return browser.cookies["sessionid"].value


PUBLIC = [
    *(
        "/",
        "/about-cpor/",
        "/theme.css",
        "/healthz",
        "/opt-out/never-given-out/",
        "/invitations/no-such-key/",
    ),
    *(
        "/nowhere/",
        "/language/",
        "/accounts/login/",
        "/accounts/password/reset/",
        "/accounts/inactive/",
    ),
    *(
        "/accounts/signup/",
        "/accounts/password/reset/key/1-abc/",
        "/accounts/confirm-email/abc/",
        "/claims/",
        cast.HERE,
    ),
]
COOKIES = [
    ("django_language", "pt-br"),
    ("theme", "dark"),
    ("csrftoken", "x" * 32),
    ("sessionid", ""),
]


@pytest.mark.parametrize("address", [*PUBLIC, "a live link"])
@pytest.mark.parametrize(("cookie", "value"), COOKIES)
def test_a_page_that_a_cookie_changes_says_so(link, session, address, cookie, value):
    address = link if address == "a live link" else address
    plain, other = Client(), Client()
    other.cookies[cookie] = value or session

    without, with_it = plain.get(address), other.get(address)

    if differ(without, with_it):
        assert "Cookie" in without.headers["Vary"]
        assert "Cookie" in with_it.headers["Vary"]


def differ(one, other):
    def read(answer):
        return answer.status_code, answer.headers.get("Location"), TOKEN.sub("", answer.text)

    return read(one) != read(other)


def test_the_pages_that_the_language_cookie_changes_are_found(link):
    """The test above sees differences where there are some, and none on a customer's page."""
    reader = Client()
    reader.cookies["django_language"] = "pt-br"

    assert differ(Client().get("/about-cpor/"), reader.get("/about-cpor/"))
    assert not differ(Client().get(link), reader.get(link))
    assert not differ(Client().get(reverse("theme")), reader.get(reverse("theme")))
    assert "Cookie" not in reader.get(reverse("theme")).headers["Vary"]
