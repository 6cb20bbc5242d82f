"""What signed-in people see stays in no cache; visitors' and customers' pages are as they were."""

import pytest
from django.test import Client
from django.urls import reverse

from associations.customer import notices
from associations.enums import Status
from tests import cast

pytestmark = pytest.mark.django_db

KEPT_OUT = "private, no-store"


@pytest.fixture
def admin():
    return cast.make_member(cast.make_partner(key=cast.KEY))


@pytest.fixture
def claim(admin):
    partner = admin.memberships.get().partner
    draft = cast.make_draft(partner, admin, cast.make_tenant())
    return cast.walk(draft, Status.APPROVED, actor=admin, reviewer=cast.make_reviewer())


@pytest.fixture
def pages(claim):
    return [
        reverse("home"),
        cast.HERE,
        f"{cast.HERE}claims/",
        f"{cast.HERE}claims/export.csv",
        claim.get_absolute_url(),
        f"{cast.HERE}claims/new/",
        f"{cast.HERE}members/",
        f"{cast.HERE}members/invite/",
        reverse("account_change_password"),
        "/nowhere/",
    ]


def test_what_a_member_sees_is_kept_in_no_cache(client, admin, pages):
    client.force_login(admin)

    answers = [client.get(page) for page in pages]
    answers.append(client.post(f"{cast.HERE}members/invite/", {}))  # a form with errors
    answers.append(client.post(f"{cast.HERE}claims/", {}))

    assert {answer.headers["Cache-Control"] for answer in answers} == {KEPT_OUT}
    assert [answer.status_code for answer in answers[-3:]] == [404, 400, 405]


def test_an_export_is_still_sent_piece_by_piece(client, admin, pages):
    client.force_login(admin)

    answer = client.get(f"{cast.HERE}claims/export.csv")

    assert answer.streaming
    assert b"".join(answer.streaming_content)


def test_a_refusal_before_the_view_is_kept_in_no_cache_either(client):
    staff = cast.make_reviewer()
    client.force_login(staff)
    cast.forget_second_factor(client)

    answer = client.get("/claims/")

    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == KEPT_OUT


def test_a_views_own_word_stands(client, admin, claim):
    client.force_login(admin)
    token = notices.in_force(claim).first().token

    assert client.get("/theme.css").headers["Cache-Control"] == "max-age=3600, public"
    page = client.get(reverse("associations:opt-out", args=[token]))
    assert page.headers["Cache-Control"] == "no-store"


def test_visitors_and_customers_get_what_they_got(client, claim, django_assert_num_queries):
    token = notices.in_force(claim).first().token
    visitor = Client()

    with django_assert_num_queries(0):
        answers = [visitor.get(page) for page in ("/about-cpor/", "/theme.css", "/nowhere/")]

    assert [answer.headers.get("Cache-Control") for answer in answers] == [
        None,
        "max-age=3600, public",
        None,
    ]
    page = visitor.get(reverse("associations:opt-out", args=[token]))
    assert page.headers["Cache-Control"] == "no-store"
    assert "Cookie" in page.headers["Vary"], "It is in the language that a cookie chose."


def test_an_answer_that_looked_at_no_session_is_left_alone(client, admin, settings):
    """Even to someone with a cookie: what it says is the same for all, and shared by all."""
    settings.STAFF_NEED_SECOND_FACTOR = False
    client.force_login(admin)
    client.cookies["django_language"] = "en"

    answer = client.get("/theme.css")

    assert answer.headers["Cache-Control"] == "max-age=3600, public"
    assert "Cookie" not in answer.headers.get("Vary", "")
